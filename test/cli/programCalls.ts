import { isSame } from './comparison.js';
import { type KernelCall, type PrintedCall, readTrace, readTranscript } from './kernelView.js';
import { withoutPythonHabits } from './pythonHabits.js';

/** Calls by the name of their thread, in the order in which the thread made them. */
export type ThreadCalls = Map<string, PrintedCall[]>;

/** What an exported program may do beyond the calls of its lines. */
export interface ProgramHabits {
  /** Python looks at a descriptor that becomes a socket object. */
  isPython: boolean;
}

/** The socket calls of a program under `strace -f`; its threads have the names in the order in which they were started. */
export function programCalls(
  trace: string,
  names: readonly string[],
  { isPython }: ProgramHabits,
): ThreadCalls {
  const told = readTrace(trace);
  const calls = isPython ? withoutPythonHabits(told) : told;
  const threads = [...new Set(calls.map(({ pid }) => pid))].sort((a, b) => a - b);
  const own = new Set<string>();
  const kept: KernelCall[] = [];
  const adopted = new Map<number, string[]>();
  for (const call of calls) {
    const made = madeBy(call);
    const isLook =
      isPython && call.name === 'getsockname' && adopted.get(call.pid)?.includes(call.args[0] ?? '') === true;
    const isRefused = call.result === '-1 EBADF' && call.name !== 'fcntl';
    const isOwn = isRefused || makers.has(call.name) || own.has(call.args[0] ?? '') || call.name === 'poll';
    made.forEach((fd) => own.add(fd));
    if (isOwn && !isLook) {
      kept.push(call);
    }
    if (isOwn && !isLook) {
      adopted.set(call.pid, becomesObject.has(call.name) ? made : []);
    }
    if (call.name === 'close') {
      own.delete(call.args[0] ?? '');
    }
  }
  return byThread(kept, ({ pid }) => names[threads.indexOf(pid)] ?? String(pid));
}

/** A call that the command line tells of. */
export interface ToldCall extends PrintedCall {
  thread: string;
  line: number;
}

/** What the command line tells of one of several files with `--strace --json`. */
export function readTold(json: string, file: string): ToldCall[] {
  return json.split('\n').flatMap((text) => {
    if (text === '') {
      return [];
    }
    const record = JSON.parse(text) as { file: string; thread: string; line: number; text: string };
    const { thread, line } = record;
    return record.file === file ? readTranscript(record.text).map((each) => ({ ...each, thread, line })) : [];
  });
}

/** The calls of a run, without those of lines that a program leaves out. */
export function transcriptCalls(told: readonly ToldCall[], omitted: ReadonlySet<number>): ThreadCalls {
  return byThread(
    told,
    ({ thread }) => thread,
    ({ line }) => !omitted.has(line),
  );
}

/** What only one side has, or has otherwise. */
export function threadDifferences(program: ThreadCalls, told: ThreadCalls): string[] {
  const found: string[] = [];
  for (const thread of new Set([...program.keys(), ...told.keys()])) {
    const [made, expected] = [program.get(thread) ?? [], told.get(thread) ?? []];
    const count = Math.max(made.length, expected.length);
    for (let index = 0; index < count; index++) {
      const [a, b] = [made[index], expected[index]];
      // The programs remove the files of their sockets at the end.
      const isEnd = b === undefined && a?.name === 'unlink';
      if (!isEnd && !(a && b && isSame(a, b))) {
        found.push(`[${thread}] program: ${write(a)} scenario: ${write(b)}`);
      }
    }
  }
  return found;
}

function write(call: PrintedCall | undefined): string {
  return call ? `${call.name}(${call.args.join(', ')}) = ${call.result}` : 'nothing';
}

const makers: ReadonlySet<string> = new Set(['socket', 'socketpair', 'pipe', 'pipe2', 'unlink']);

/** Calls whose descriptor Python makes an object of. */
const becomesObject: ReadonlySet<string> = new Set(['accept4', 'fcntl', 'recvmsg', 'socketpair']);

/** The descriptors that a call has made. */
function madeBy({ name, args, result }: PrintedCall): string[] {
  if (!(Number.parseInt(result, 10) >= 0)) {
    return [];
  }
  switch (name) {
    case 'socket':
    case 'accept':
    case 'accept4':
    case 'dup':
      return [result];
    case 'fcntl':
      return args[1]?.startsWith('F_DUPFD') ? [result] : [];
    case 'socketpair':
      return args[3]!.match(/\d+/g) ?? [];
    case 'pipe':
    case 'pipe2':
      return args[0]!.match(/\d+/g) ?? [];
    case 'recvmsg':
      return [...(args[1] ?? '').matchAll(/cmsg_type=SCM_RIGHTS, cmsg_data=\[([^\]]*)\]/g)].flatMap(
        ([, made]) => made!.match(/\d+/g) ?? [],
      );
    default:
      return [];
  }
}

/**
 * The calls with descriptors and ports by names that another run has too: descriptors by the thread that made them,
 * ports in the order of the calls.
 */
function byThread<C extends PrintedCall>(
  calls: readonly C[],
  threadOf: (call: C) => string,
  isKept: (call: C) => boolean = () => true,
): ThreadCalls {
  const descriptors = new Map<string, string>();
  const counts = new Map<string, number>();
  const threads = new Map<string, PrintedCall[]>();
  for (const call of calls.filter(isKept)) {
    const thread = threadOf(call);
    const plain = translate(call);
    const named = plain.args.map((arg, index) => nameDescriptors(plain.name, arg, index, descriptors));
    const made = madeBy(call);
    for (const fd of made) {
      const count = (counts.get(thread) ?? 0) + 1;
      counts.set(thread, count);
      descriptors.set(fd, `${thread}#${count}`);
    }
    const isPair = call.name === 'socketpair' || call.name.startsWith('pipe');
    // Python has no number any more of what is closed.
    const args = isPair
      ? [...named.filter((arg) => !arg.startsWith('[')), 'pair']
      : plain.result === '-1 EBADF'
        ? ['closed']
        : named;
    const result = made.length > 0 && !isPair ? 'made' : plain.result;
    threads.set(thread, [...(threads.get(thread) ?? []), { name: plain.name, args, result }]);
  }
  const ports = new Map<string, string>();
  for (const [, list] of [...threads].sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const call of list) {
      call.args = call.args.map((arg) =>
        arg.replaceAll(/htons\((\d{4,})\)/g, (_, port: string) => {
          const name = ports.get(port) ?? `port${ports.size}`;
          ports.set(port, name);
          return `htons(${name})`;
        }),
      );
    }
  }
  return threads;
}

/** The same call under the same name: addresses that nobody asked for and the programs' close-on-exec are left out. */
function translate({ name, args, result }: PrintedCall): PrintedCall {
  switch (name) {
    case 'socket':
    case 'socketpair':
      return { name, args: args.map((arg, index) => (index === 1 ? withoutCloseOnExec(arg) : arg)), result };
    case 'send':
      return { name: 'sendto', args: [...args, 'NULL', '0'], result };
    case 'recv':
    case 'recvfrom':
      // The header of an IP packet has an identification of its own each time.
      return {
        name: 'recvfrom',
        args: args.slice(0, 4).map((arg) => (arg.startsWith('"E\\0') ? '"packet"' : arg)),
        result,
      };
    case 'recvmsg':
      return {
        name,
        args: args.map((arg) =>
          arg
            .replace(/msg_name=(\{[^}]*\}|[^,]*), msg_namelen=[^,]*, /, '')
            .replace(/msg_control=\[.*\], /, '')
            .replace(/msg_controllen=\d+/, ''),
        ),
        result,
      };
    case 'accept':
      return { name, args: args.slice(0, 1), result };
    case 'accept4':
      return { name: 'accept', args: args.slice(0, 1), result };
    case 'getsockname':
    case 'getpeername':
      // A name that the kernel has chosen.
      return {
        name,
        args: args.slice(0, 2).map((arg) => arg.replace(/@"[0-9a-f]{5}"/, '@"chosen"')),
        result,
      };
    case 'pipe2':
      return { name: 'pipe', args: args.slice(0, 1), result };
    case 'fcntl':
      return args[1] === 'F_DUPFD_CLOEXEC' && args[2] === '0'
        ? { name: 'dup', args: args.slice(0, 1), result }
        : { name, args, result };
    default:
      return { name, args, result };
  }
}

function withoutCloseOnExec(flags: string): string {
  return flags
    .split('|')
    .filter((flag) => flag !== 'SOCK_CLOEXEC')
    .join('|');
}

function nameDescriptors(
  call: string,
  arg: string,
  index: number,
  descriptors: ReadonlyMap<string, string>,
): string {
  if (call === 'poll' || call === 'recvmsg' || call === 'sendmsg') {
    const inside = arg
      .replaceAll(/\bfd=(\d+)/g, (_, fd: string) => `fd=${descriptors.get(fd) ?? fd}`)
      .replaceAll(/cmsg_data=\[[^\]]*\]/g, 'cmsg_data=[]');
    return index === 0 ? (descriptors.get(inside) ?? inside) : inside;
  }
  return index === 0 ? (descriptors.get(arg) ?? arg) : arg;
}
