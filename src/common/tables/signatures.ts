/** What an argument is: decides its form field, how its value is printed and parsed, and how the host passes it. */
export type ParameterType =
  | 'fd'
  | 'domain'
  | 'socktype'
  | 'protocol'
  | 'backlog'
  | 'how'
  | 'level'
  | 'optname'
  | 'msgflags'
  | 'sockflags'
  | 'fcntlcmd'
  | 'fcntlarg'
  | 'ioctlrequest'
  | 'timeout'
  | 'nfds'
  /** Length of the data, or of the buffer to receive into. */
  | 'size'
  /** Bytes passed to the kernel. */
  | 'data'
  /** Bytes the kernel writes. */
  | 'buffer'
  /** Address passed to the kernel, and its length. */
  | 'sockaddr'
  | 'socklen'
  /** Address the kernel writes, and its value-result length. */
  | 'sockaddrOut'
  | 'socklenInOut'
  | 'optval'
  | 'optvalOut'
  | 'msghdr'
  | 'msghdrOut'
  | 'pollfds'
  | 'ioctlarg'
  | 'fdpair'
  | 'path';

/** One parameter of a call, as the SYNOPSIS of its manual page has it. */
export interface Parameter {
  /** The man page's name. */
  name: string;
  type: ParameterType;
  /** May be left out at the end of the call; the host and the printer fill in the obvious value. */
  isOptional?: boolean;
}

/** A call of the vocabulary: the page of its name in section 2 of the manual. */
export interface Signature {
  name: string;
  parameters: readonly Parameter[];
  /** What a non-negative result means. */
  returns: 'zero' | 'fd' | 'count' | 'value';
  /** A call that sleeps in a program until the kernel has something to say. */
  canWait: boolean;
}

const fd: Parameter = { name: 'sockfd', type: 'fd' };
const flags: Parameter = { name: 'flags', type: 'msgflags', isOptional: true };
const data: readonly Parameter[] = [
  { name: 'buf', type: 'data' },
  { name: 'len', type: 'size', isOptional: true },
];
const buffer: readonly Parameter[] = [
  { name: 'buf', type: 'buffer' },
  { name: 'len', type: 'size' },
];
const address: readonly Parameter[] = [
  { name: 'addr', type: 'sockaddr' },
  { name: 'addrlen', type: 'socklen', isOptional: true },
];
const addressOut: readonly Parameter[] = [
  { name: 'addr', type: 'sockaddrOut', isOptional: true },
  { name: 'addrlen', type: 'socklenInOut', isOptional: true },
];

/** The vocabulary: names, order and argument names are the man pages'. A further call is a row. */
const rows = [
  {
    name: 'socket',
    parameters: [
      { name: 'domain', type: 'domain' },
      { name: 'type', type: 'socktype' },
      { name: 'protocol', type: 'protocol', isOptional: true },
    ],
    returns: 'fd',
    canWait: false,
  },
  {
    name: 'socketpair',
    parameters: [
      { name: 'domain', type: 'domain' },
      { name: 'type', type: 'socktype' },
      { name: 'protocol', type: 'protocol', isOptional: true },
      { name: 'sv', type: 'fdpair', isOptional: true },
    ],
    returns: 'zero',
    canWait: false,
  },
  { name: 'bind', parameters: [fd, ...address], returns: 'zero', canWait: false },
  { name: 'listen', parameters: [fd, { name: 'backlog', type: 'backlog' }], returns: 'zero', canWait: false },
  { name: 'accept', parameters: [fd, ...addressOut], returns: 'fd', canWait: true },
  {
    name: 'accept4',
    parameters: [fd, ...addressOut, { name: 'flags', type: 'sockflags', isOptional: true }],
    returns: 'fd',
    canWait: true,
  },
  { name: 'connect', parameters: [fd, ...address], returns: 'zero', canWait: true },
  { name: 'send', parameters: [fd, ...data, flags], returns: 'count', canWait: true },
  {
    name: 'sendto',
    parameters: [
      fd,
      ...data,
      flags,
      { name: 'dest_addr', type: 'sockaddr', isOptional: true },
      { name: 'addrlen', type: 'socklen', isOptional: true },
    ],
    returns: 'count',
    canWait: true,
  },
  {
    name: 'sendmsg',
    parameters: [fd, { name: 'msg', type: 'msghdr' }, flags],
    returns: 'count',
    canWait: true,
  },
  { name: 'recv', parameters: [fd, ...buffer, flags], returns: 'count', canWait: true },
  {
    name: 'recvfrom',
    parameters: [
      fd,
      ...buffer,
      flags,
      { name: 'src_addr', type: 'sockaddrOut', isOptional: true },
      { name: 'addrlen', type: 'socklenInOut', isOptional: true },
    ],
    returns: 'count',
    canWait: true,
  },
  {
    name: 'recvmsg',
    parameters: [fd, { name: 'msg', type: 'msghdrOut' }, flags],
    returns: 'count',
    canWait: true,
  },
  {
    name: 'read',
    parameters: [
      { name: 'fd', type: 'fd' },
      { name: 'buf', type: 'buffer' },
      { name: 'count', type: 'size' },
    ],
    returns: 'count',
    canWait: true,
  },
  {
    name: 'write',
    parameters: [
      { name: 'fd', type: 'fd' },
      { name: 'buf', type: 'data' },
      { name: 'count', type: 'size', isOptional: true },
    ],
    returns: 'count',
    canWait: true,
  },
  { name: 'shutdown', parameters: [fd, { name: 'how', type: 'how' }], returns: 'zero', canWait: false },
  { name: 'close', parameters: [{ name: 'fd', type: 'fd' }], returns: 'zero', canWait: false },
  { name: 'getsockname', parameters: [fd, ...addressOut], returns: 'zero', canWait: false },
  { name: 'getpeername', parameters: [fd, ...addressOut], returns: 'zero', canWait: false },
  {
    name: 'getsockopt',
    parameters: [
      fd,
      { name: 'level', type: 'level' },
      { name: 'optname', type: 'optname' },
      { name: 'optval', type: 'optvalOut', isOptional: true },
      { name: 'optlen', type: 'socklenInOut', isOptional: true },
    ],
    returns: 'zero',
    canWait: false,
  },
  {
    name: 'setsockopt',
    parameters: [
      fd,
      { name: 'level', type: 'level' },
      { name: 'optname', type: 'optname' },
      { name: 'optval', type: 'optval' },
      { name: 'optlen', type: 'socklen', isOptional: true },
    ],
    returns: 'zero',
    canWait: false,
  },
  {
    name: 'fcntl',
    parameters: [
      { name: 'fd', type: 'fd' },
      { name: 'cmd', type: 'fcntlcmd' },
      { name: 'arg', type: 'fcntlarg', isOptional: true },
    ],
    returns: 'value',
    canWait: false,
  },
  {
    name: 'ioctl',
    parameters: [
      { name: 'fd', type: 'fd' },
      { name: 'request', type: 'ioctlrequest' },
      { name: 'argp', type: 'ioctlarg', isOptional: true },
    ],
    returns: 'value',
    canWait: false,
  },
  {
    name: 'poll',
    parameters: [
      { name: 'fds', type: 'pollfds' },
      { name: 'nfds', type: 'nfds', isOptional: true },
      { name: 'timeout', type: 'timeout', isOptional: true },
    ],
    returns: 'count',
    canWait: true,
  },
  { name: 'dup', parameters: [{ name: 'oldfd', type: 'fd' }], returns: 'fd', canWait: false },
  {
    name: 'pipe',
    parameters: [{ name: 'pipefd', type: 'fdpair', isOptional: true }],
    returns: 'zero',
    canWait: false,
  },
  { name: 'unlink', parameters: [{ name: 'pathname', type: 'path' }], returns: 'zero', canWait: false },
] as const satisfies readonly Signature[];

export type CallName = (typeof rows)[number]['name'];

export const signatures: ReadonlyMap<string, Signature & { name: CallName }> = new Map(
  rows.map((row) => [row.name, row]),
);

/** The signature of a call of the vocabulary. */
export function signatureOf(name: CallName): Signature & { name: CallName } {
  return signatures.get(name)!;
}

/** Whether this is a call that can be made. */
export function isCallName(name: string): name is CallName {
  return signatures.has(name);
}

/** The index of the first parameter of a type in a call, −1 when it has none. */
export function parameterIndex(name: CallName, type: ParameterType): number {
  return signatureOf(name).parameters.findIndex((parameter) => parameter.type === type);
}
