import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { roleOf } from '../../common/system/processRole.js';
import type { ProcessInfo, ProcessRole, SocketHolder } from '../../common/system/systemSocket.js';

/** How long looking may hold the process at a time, in ms. */
const sliceMs = 4;
/** Descriptors of one process between two looks at the clock. */
const linksALook = 64;
/** Of a longer command line the beginning. */
const longestCommandLine = 4096;

const AT_CLKTCK = 17;

/** Who holds which socket, by its inode. */
export interface HoldersByInode {
  holders: ReadonlyMap<number, SocketHolder[]>;
  /** Processes whose descriptors may not be looked at. */
  hiddenProcesses: number;
}

/**
 * Looks through `/proc` for the processes that hold sockets, in slices between which the process does its other
 * work. Every file is opened and closed at once: a descriptor that stayed open would take a number of the user's.
 * @param wanted The inodes that are looked for; all sockets where left out. A socket may have several holders.
 */
export async function findHolders(wanted?: ReadonlySet<number>): Promise<HoldersByInode> {
  const holders = new Map<number, SocketHolder[]>();
  let hiddenProcesses = 0;
  if (wanted?.size === 0) {
    return { holders, hiddenProcesses };
  }
  let sliceEnd = performance.now() + sliceMs;
  const rest = async () => {
    if (performance.now() >= sliceEnd) {
      await nextTurn();
      sliceEnd = performance.now() + sliceMs;
    }
  };
  for (const pid of processIds()) {
    const fds = descriptorsOf(pid);
    if (fds === undefined) {
      hiddenProcesses++;
    }
    let looked = 0;
    for (const fd of fds ?? []) {
      const inode = socketInode(pid, fd);
      if (inode !== undefined && (!wanted || wanted.has(inode))) {
        const known = holders.get(inode);
        if (known) {
          known.push({ pid, fd: Number(fd) });
        } else {
          holders.set(inode, [{ pid, fd: Number(fd) }]);
        }
      }
      if (++looked % linksALook === 0) {
        await rest();
      }
    }
    await rest();
  }
  return { holders, hiddenProcesses };
}

/** What is known of these processes, in slices; those that have ended are left out. */
export async function describeProcesses(pids: Iterable<number>): Promise<ProcessInfo[]> {
  const found: ProcessInfo[] = [];
  const ancestors = new Set(ancestorsOf(process.pid));
  let sliceEnd = performance.now() + sliceMs;
  for (const pid of pids) {
    const info = describeProcess(pid, ancestors);
    if (info) {
      found.push(info);
    }
    if (performance.now() >= sliceEnd) {
      await nextTurn();
      sliceEnd = performance.now() + sliceMs;
    }
  }
  return found;
}

/** Undefined when there is no such process. */
export function describeProcess(
  pid: number,
  ancestors: ReadonlySet<number> = new Set(ancestorsOf(process.pid)),
): ProcessInfo | undefined {
  const stat = readStat(pid);
  if (!stat) {
    return undefined;
  }
  // Reading a command line waits for the process's memory; one that sleeps uninterruptibly may keep that locked.
  const commandLine = stat.state === 'D' ? null : readCommandLine(pid);
  return {
    pid,
    name: stat.name,
    commandLine,
    directory: orNull(() => readlinkSync(`/proc/${pid}/cwd`)),
    uid: orNull(() => statSync(`/proc/${pid}`).uid),
    startTicks: stat.startTicks,
    startTime: startTimeOf(stat.startTicks),
    role: roleIn(pid, commandLine, ancestors),
  };
}

/** In clock ticks since boot; null when there is no such process, or nothing is left of it but its exit status. */
export function startTicksOf(pid: number): number | null {
  const stat = readStat(pid);
  return stat && stat.state !== 'Z' && stat.state !== 'X' ? stat.startTicks : null;
}

function roleIn(
  pid: number,
  commandLine: readonly string[] | null,
  ancestors: ReadonlySet<number>,
): ProcessRole | null {
  if (pid === process.pid) {
    return 'socketHost';
  }
  return roleOf(commandLine) ?? (ancestors.has(pid) ? 'ancestor' : null);
}

interface Stat {
  name: string;
  state: string;
  parent: number;
  startTicks: number;
}

/** `/proc/PID/stat`: the name is in brackets and may hold brackets itself. */
function readStat(pid: number): Stat | undefined {
  const text = orNull(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (text === null) {
    return undefined;
  }
  const end = text.lastIndexOf(')');
  const fields = text.slice(end + 2).split(' ');
  return {
    name: text.slice(text.indexOf('(') + 1, end),
    state: fields[0]!,
    parent: Number(fields[1]),
    startTicks: Number(fields[19]),
  };
}

function ancestorsOf(pid: number): number[] {
  const found: number[] = [];
  for (let stat = readStat(pid); stat && stat.parent > 0; stat = readStat(stat.parent)) {
    found.push(stat.parent);
  }
  return found;
}

function readCommandLine(pid: number): string[] | null {
  const bytes = orNull(() => readFileSync(`/proc/${pid}/cmdline`));
  const text = bytes?.subarray(0, longestCommandLine).toString('utf8').replace(/\0+$/, '');
  return text === undefined ? null : text === '' ? [] : text.split('\0');
}

function processIds(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Undefined where they may not be looked at. */
function descriptorsOf(pid: number): string[] | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`);
  } catch (error) {
    // It has ended meanwhile.
    return ['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '') ? [] : undefined;
  }
}

function socketInode(pid: number, fd: string): number | undefined {
  const target = orNull(() => readlinkSync(`/proc/${pid}/fd/${fd}`));
  return target?.startsWith('socket:[') ? Number(target.slice(8, -1)) : undefined;
}

let clock: { bootTime: number; ticks: number } | undefined;

function startTimeOf(startTicks: number): number | null {
  clock ??= orNull(readClock) ?? undefined;
  return clock ? clock.bootTime + (startTicks / clock.ticks) * 1000 : null;
}

/** When the machine was started, in ms since 1970, and the kernel's ticks a second, which it tells every program. */
function readClock(): { bootTime: number; ticks: number } {
  const bootTime = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]) * 1000;
  const auxv = readFileSync('/proc/self/auxv');
  for (let at = 0; at + 16 <= auxv.length; at += 16) {
    if (auxv.readBigUInt64LE(at) === BigInt(AT_CLKTCK)) {
      return { bootTime, ticks: Number(auxv.readBigUInt64LE(at + 8)) };
    }
  }
  return { bootTime, ticks: 100 };
}

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
