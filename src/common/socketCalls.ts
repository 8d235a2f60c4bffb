import type { SocketInfo, WaitingCall } from './socket.js';
import { protocolName } from './socketText.js';
import type { CallName } from './tables/signatures.js';
import { isConnectionSocket, isOpenSocket } from './usualArguments.js';

/** What programs do with anything that is open. */
const anyFile: readonly CallName[] = ['fcntl', 'ioctl', 'poll', 'dup', 'close'];

/** What they do with any socket in any state. */
const always: readonly CallName[] = ['getsockname', 'getsockopt', 'setsockopt', ...anyFile];

/** The calls that programs usually make on a socket in this state. Others are as allowed: the kernel answers. */
export function expectedCalls(socket: SocketInfo): ReadonlySet<CallName> {
  if (!isOpenSocket(socket)) {
    return new Set();
  }
  return new Set([...ownCalls(socket), ...(socket.kind === 'socket' ? always : anyFile)]);
}

function ownCalls(socket: SocketInfo): CallName[] {
  switch (socket.kind) {
    case 'pipe':
      return [socket.role === 'writer' ? 'write' : 'read'];
    case 'file':
      return ['read', 'write'];
    case 'socket':
      return isConnectionSocket(socket) ? connectionCalls(socket) : datagramCalls(socket);
  }
}

function connectionCalls({ state, isShutdownRead, isShutdownWrite }: SocketInfo): CallName[] {
  switch (state) {
    case 'open':
      return ['bind', 'connect', 'listen'];
    case 'bound':
      return ['listen', 'connect'];
    case 'listening':
      return ['accept', 'accept4'];
    case 'connecting':
      return ['connect', 'getpeername'];
    case 'connected':
      return [
        ...(isShutdownWrite ? [] : (['send', 'sendmsg', 'write'] as const)),
        ...(isShutdownRead ? [] : (['recv', 'recvmsg', 'read'] as const)),
        'shutdown',
        'getpeername',
      ];
    case 'closed':
      return [];
  }
}

function datagramCalls({ state }: SocketInfo): CallName[] {
  switch (state) {
    case 'open':
      return ['bind', 'connect', 'sendto', 'sendmsg'];
    case 'connected':
      return [
        'send',
        'recv',
        'sendto',
        'recvfrom',
        'sendmsg',
        'recvmsg',
        'write',
        'read',
        'shutdown',
        'connect',
        'getpeername',
      ];
    default:
      return ['sendto', 'recv', 'recvfrom', 'sendmsg', 'recvmsg', 'read', 'connect'];
  }
}

/** The calls on a descriptor, in the order of a socket's life. */
const callGroups: readonly (readonly CallName[])[] = [
  ['bind', 'listen', 'accept', 'accept4', 'connect'],
  ['send', 'recv', 'sendto', 'recvfrom', 'sendmsg', 'recvmsg', 'write', 'read'],
  ['shutdown', 'close'],
  ['getsockname', 'getpeername', 'getsockopt', 'setsockopt', 'fcntl', 'ioctl', 'poll', 'dup'],
];

const free: readonly CallName[] = ['socket', 'socketpair', 'pipe', 'poll', 'unlink'];

/** The calls that are made on no descriptor, or on several. */
export function freeCalls(): CallName[] {
  return [...free];
}

/** Every call that can be made on a descriptor, in groups: in every state each has its place, so that nobody hits another one. */
export function allCalls(): CallName[][] {
  return callGroups.map((group) => [...group]);
}

/** The call that programs usually make next on what is in this state. */
export function usualCall(socket: SocketInfo): CallName {
  if (socket.kind !== 'socket') {
    return socket.role === 'writer' ? 'write' : 'read';
  }
  switch (socket.state) {
    case 'open':
      return 'bind';
    case 'bound':
      return isConnectionSocket(socket) ? 'listen' : 'recvfrom';
    case 'listening':
      return 'accept';
    case 'connecting':
      return 'connect';
    case 'connected':
      return isReceivable(socket) || (socket.isShutdownWrite && !socket.isShutdownRead)
        ? 'recv'
        : socket.isShutdownWrite
          ? 'close'
          : 'send';
    case 'closed':
      return 'getsockname';
  }
}

/** How many bytes wait for just this call: where it is not the usual one, or receives nothing, for none. */
export function bytesFor(name: CallName, socket: SocketInfo): number {
  return receivingCalls.has(name) && usualCall(socket) === name ? (socket.receiveQueue ?? 0) : 0;
}

/** How much of what such a call takes waits on a socket: bytes to receive, or connections to accept. Zero where nothing is known. */
export function waitsFor(name: CallName, socket: SocketInfo): number {
  if (receivingCalls.has(name)) {
    return isReceivable(socket) ? socket.receiveQueue! : 0;
  }
  return acceptingCalls.has(name) ? (socket.acceptQueue ?? 0) : 0;
}

/** Whether bytes waited in the receive queue when the kernel was asked last. */
export function isReceivable({ receiveQueue, isShutdownRead }: SocketInfo): boolean {
  return (receiveQueue ?? 0) > 0 && !isShutdownRead;
}

/** Calls that make sense on what is no socket; the others say ENOTSOCK. */
const fileCalls: ReadonlySet<CallName> = new Set(['read', 'write', ...anyFile]);

/** Calls that people seldom make on such a descriptor, whatever its state: one press further away than the others. */
export function specialCalls(socket: SocketInfo): ReadonlySet<CallName> {
  if (socket.kind !== 'socket') {
    return new Set(callGroups.flat().filter((name) => !fileCalls.has(name)));
  }
  const special: CallName[] = ['accept4', 'read', 'write', 'fcntl', 'ioctl', 'poll', 'dup'];
  if (isConnectionSocket(socket)) {
    // A connection needs no address for each message.
    special.push('sendto', 'recvfrom');
  } else {
    special.push('listen', 'accept');
  }
  if (socket.domain !== 'AF_UNIX') {
    // They pass descriptors between processes, and there is more use for that than for all else they do.
    special.push('sendmsg', 'recvmsg');
  }
  return new Set(special);
}

/** Those that take what has come. */
export const receivingCalls: ReadonlySet<string> = new Set(['recv', 'recvfrom', 'recvmsg', 'read']);
const acceptingCalls: ReadonlySet<string> = new Set(['accept', 'accept4']);
const sendingCalls: ReadonlySet<string> = new Set(['send', 'sendto', 'sendmsg', 'write']);

/** The call that waits on a socket for the same as this one would: what comes is given to one of them only. */
export function waitingLike(name: CallName, { waiting }: SocketInfo): WaitingCall | undefined {
  const alike = [receivingCalls, acceptingCalls, sendingCalls].find((names) => names.has(name));
  return waiting.find((one) => one.name === name || alike?.has(one.name));
}

/** The call of a socket that waits for somebody to come: a client of a listener, or a sender of datagrams that can be one of any program. */
export function waitingForOther(socket: SocketInfo): WaitingCall | undefined {
  const isTaken = socket.isLost || socket.automatic !== null || Boolean(socket.tap);
  const isServer = isConnectionSocket(socket)
    ? socket.state === 'listening'
    : socket.state === 'bound' &&
      socket.type === 'SOCK_DGRAM' &&
      ['UDP', 'Unix'].includes(protocolName(socket));
  const names = isConnectionSocket(socket) ? acceptingCalls : receivingCalls;
  return isServer && !isTaken ? socket.waiting.find(({ name }) => names.has(name)) : undefined;
}

/** The call of a connection that waits for room for what it sends. */
export function waitingForRoom(socket: SocketInfo): WaitingCall | undefined {
  const isSending = isConnectionSocket(socket) && socket.state === 'connected';
  return isSending ? socket.waiting.find(({ name }) => sendingCalls.has(name)) : undefined;
}
