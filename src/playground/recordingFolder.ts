import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';

/** The ending of a recording's name. */
export const recordingExtension = '.sockrec';
/** Of another machine nobody can tell whether its window still lives: its recordings stay so long, in ms. */
const foreignAge = 7 * 24 * 3600_000;

const namePattern = /^(\d+)-([0-9a-f]+)-(\d+)-(\d+)\.sockrec$/;

/** A recording, by what its name says: when it was begun, and by which process of which machine. */
interface Entry {
  file: string;
  created: number;
  machine: string;
  pid: number;
  /** When the process started, as the kernel counts it: numbers of processes are used again. */
  startTime: string;
}

/** Whether a window has begun it by itself. */
export function isOfWindow(file: string): boolean {
  return namePattern.test(path.basename(file));
}

/**
 * The recordings of the windows of one storage: those of the window that has ended last are kept, and those of windows that
 * live. A window has one of each socket host that it had.
 */
export class RecordingFolder {
  private lastCreated = 0;

  constructor(private readonly folder: string) {}

  /** A name for a new recording of this process; older ones that nobody needs are removed. */
  newFile(): string {
    void this.prune();
    this.lastCreated = Math.max(Date.now(), this.lastCreated + 1);
    const parts = [this.lastCreated, machineId(), process.pid, startTimeOf(process.pid) ?? '0'];
    return path.join(this.folder, `${parts.join('-')}${recordingExtension}`);
  }

  /** The recordings of the window that has ended last, oldest first. */
  async ofLastWindow(): Promise<Pick<Entry, 'file' | 'created'>[]> {
    const ended = (await this.entries()).filter(hasEnded);
    return ended.filter((entry) => isOfSameWindow(entry, ended.at(-1)!));
  }

  /** Removes those of windows that have ended, but for the one that has ended last. */
  async prune(): Promise<void> {
    const ended = (await this.entries()).filter(hasEnded);
    const old = ended.filter((entry) => !isOfSameWindow(entry, ended.at(-1)!));
    // One that cannot be removed now, as the file system is read only, is so another time.
    await Promise.allSettled(old.map(({ file }) => rm(file, { force: true })));
  }

  /** All recordings, oldest first. */
  private async entries(): Promise<Entry[]> {
    const names = await readdir(this.folder).catch(() => []);
    return names
      .map((name) => this.parse(name))
      .filter((entry) => entry !== undefined)
      .sort((a, b) => a.created - b.created);
  }

  private parse(name: string): Entry | undefined {
    const match = namePattern.exec(name);
    if (!match) {
      return undefined;
    }
    const [, created, machine, pid, startTime] = match as unknown as [string, string, string, string, string];
    const file = path.join(this.folder, name);
    return { file, created: Number(created), machine, pid: Number(pid), startTime };
  }
}

function hasEnded({ machine, pid, startTime, created }: Entry): boolean {
  return machine === machineId() ? startTimeOf(pid) !== startTime : Date.now() - created > foreignAge;
}

function isOfSameWindow(one: Entry, other: Entry): boolean {
  return one.machine === other.machine && one.pid === other.pid && one.startTime === other.startTime;
}

/** A container has another name, and other processes behind the same numbers. */
function machineId(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
}

/** When a process started, in clock ticks since the machine did; undefined when there is none of this number. */
function startTimeOf(pid: number): string | undefined {
  try {
    // The name may hold spaces and brackets; what follows the last one does not.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return isAlive(pid) ? '0' : undefined;
  }
}

/** Where there is no `/proc`. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
