/** A call as strace and the transcript show it. */
export interface PrintedCall {
  name: string;
  args: string[];
  /** `5`, `-1 EAGAIN` */
  result: string;
}

export interface KernelCall extends PrintedCall {
  /** The thread. */
  pid: number;
}

/** Reads what `strace -f -o FILE` wrote, in the order in which the calls returned. */
export function readTrace(text: string): KernelCall[] {
  const calls: KernelCall[] = [];
  const unfinished = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, pid, rest] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (pid === undefined || rest === undefined) {
      continue;
    }
    if (rest.endsWith('<unfinished ...>')) {
      unfinished.set(pid, rest.slice(0, -'<unfinished ...>'.length).trimEnd());
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    const call = readCall(resumed ? `${unfinished.get(pid) ?? ''}${resumed[1]!}` : rest);
    if (call) {
      calls.push({ pid: Number(pid), ...call });
    }
  }
  return calls;
}

/** Reads what the command line wrote with `--strace`. */
export function readTranscript(text: string): PrintedCall[] {
  return text
    .split('\n')
    .map((line) => readCall(line.replace(/^\[[^\]]+\] /, '')))
    .filter((call) => call !== undefined);
}

function readCall(line: string): PrintedCall | undefined {
  const match = /^(\w+)\((.*)\) += (0x[\da-f]+|-?\d+|\?)(.*)$/.exec(line);
  if (!match) {
    return undefined;
  }
  const [, name, args, value, remark] = match as unknown as [string, string, string, string, string];
  const errno = /^ (E\w+)/.exec(remark)?.[1];
  return {
    name,
    // What poll has found stands behind its result.
    args: [...splitArguments(args), ...(name === 'poll' && remark.startsWith(' ([') ? [remark.trim()] : [])],
    result: errno ? `${value} ${errno}` : value,
  };
}

/** The arguments, split at the commas that stand in no brackets and no string. */
function splitArguments(text: string): string[] {
  const args: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') {
      for (at++; at < text.length && text[at] !== '"'; at++) {
        at += text[at] === '\\' ? 1 : 0;
      }
    } else if ('([{'.includes(character)) {
      depth++;
    } else if (')]}'.includes(character)) {
      depth--;
    } else if (character === ',' && depth === 0) {
      args.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  return text === '' ? [] : [...args, text.slice(start).trim()];
}

/** The calls of the socket hosts in the trace of who started them, in the order in which they were started. */
export function callsOnOwnSockets(trace: readonly KernelCall[]): KernelCall[][] {
  const processes = processesOf(trace);
  const hosts = new Map<number, KernelCall[]>();
  for (const call of trace) {
    const pid = processes.get(call.pid) ?? call.pid;
    if (isFirstMessage(call)) {
      hosts.set(pid, []);
    } else {
      hosts.get(pid)?.push(call);
    }
  }
  return [...hosts.values()].map(callsOfHost);
}

/**
 * The calls in the trace of one socket host: those that make descriptors, each call on these, and those that were told
 * EBADF. A dup that the host makes for itself, at the top of the range, counts as the descriptor that it is of.
 */
export function callsOfHost(trace: readonly KernelCall[]): KernelCall[] {
  const own = new Map<string, string>();
  const calls: KernelCall[] = [];
  let received: ReadonlySet<string> = new Set();
  let last: KernelCall | undefined;
  for (const call of trace) {
    const { name, args, result } = call;
    const fd = own.get(args[0] ?? '');
    const isRefused = result === '-1 EBADF' && !ownBusiness.has(name);
    if (received.has(args[0] ?? '') && isQuestion(call)) {
      continue;
    }
    if (isLook(call, last) || !(makers.has(name) || fd !== undefined || isRefused)) {
      continue;
    }
    if (name === 'fcntl' && args[1] === 'F_DUPFD_CLOEXEC' && Number(args[2]) >= ownRange) {
      own.set(result, fd!);
      continue;
    }
    received = new Set(name === 'recvmsg' ? madeBy(call) : []);
    last = call;
    for (const made of madeBy(call)) {
      own.set(made, made);
    }
    if (name === 'close') {
      own.delete(args[0]!);
    }
    const isDup = fd !== undefined && fd !== args[0];
    if (!(isDup && name === 'close')) {
      calls.push(isDup ? { ...call, args: [fd, ...args.slice(1)] } : call);
    }
  }
  return calls;
}

/** Below it are the user's: the host's own dups begin far above. */
const ownRange = 500;

/** Calls that are on no descriptor, or on several. */
const makers: ReadonlySet<string> = new Set(['socket', 'socketpair', 'pipe2', 'poll', 'unlink']);

/** What the host asks about a descriptor that has just arrived. */
function isQuestion({ name, args }: KernelCall): boolean {
  switch (name) {
    case 'fcntl':
      return args[1] === 'F_GETFL' || args[1] === 'F_SETFL';
    case 'getsockopt':
      return ['SO_DOMAIN', 'SO_TYPE', 'SO_PROTOCOL', 'SO_ACCEPTCONN'].includes(args[2] ?? '');
    default:
      return name === 'getpeername';
  }
}

/**
 * How the host finds out what it has received: whether it is another descriptor of a file that it has already, whether what
 * was short ended before urgent data, and where an urgent byte was that it took.
 */
function isLook({ name, args }: KernelCall, last: KernelCall | undefined): boolean {
  return (
    name === 'fstat' ||
    name === 'statx' ||
    (name === 'ioctl' &&
      args[1] === 'SIOCATMARK' &&
      args[0] === last?.args[0] &&
      last?.args.some((argument) => argument.includes('MSG_WAITALL')) === true) ||
    (name === 'ioctl' &&
      args[1] === 'FIONREAD' &&
      args[0] === last?.args[0] &&
      last?.args.includes('MSG_OOB') === true) ||
    (name === 'fcntl' && /^(F_DUPFD_QUERY|0x403\b)/.test(args[1] ?? ''))
  );
}

/** The descriptors that a call has made. */
function madeBy({ name, args, result }: KernelCall): string[] {
  if (!(Number.parseInt(result, 10) >= 0)) {
    return [];
  }
  switch (name) {
    case 'socket':
    case 'accept4':
      return [result];
    case 'fcntl':
      return args[1] === 'F_DUPFD_CLOEXEC' ? [result] : [];
    case 'recvmsg':
      return [...(args[1] ?? '').matchAll(/cmsg_type=SCM_RIGHTS, cmsg_data=\[([^\]]*)\]/g)].flatMap(
        ([, made]) => made!.match(/\d+/g) ?? [],
      );
    case 'socketpair':
    case 'pipe2':
      return args[name === 'pipe2' ? 0 : 3]!.match(/\d+/g) ?? [];
    default:
      return [];
  }
}

/** The process of each thread. */
function processesOf(trace: readonly KernelCall[]): Map<number, number> {
  const processes = new Map<number, number>();
  for (const { pid, name, args, result } of trace) {
    if (name.startsWith('clone') && args.join().includes('CLONE_THREAD')) {
      processes.set(Number(result), processes.get(pid) ?? pid);
    }
  }
  return processes;
}

/** The parent's first message to a socket host on the pipe between them. */
function isFirstMessage({ name, args, result }: KernelCall): boolean {
  return name === 'recvmsg' && Number(result) > 0 && /\\"\\6method\\"\\5start/.test(args[1] ?? '');
}

/** What Node and the host do with descriptors of their own. */
const ownBusiness: ReadonlySet<string> = new Set([
  'dup3',
  'epoll_ctl',
  'epoll_pwait',
  'epoll_wait',
  'fstat',
  'recvmsg',
]);
