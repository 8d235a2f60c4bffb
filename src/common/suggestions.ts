import { type Call, type CallRecord, type DataValue, dataValue, isAddress, type Value } from './call.js';
import type { SocketAddress, SocketId, SocketInfo } from './socket.js';
import { constantValue, type Platform } from './tables/constants.js';
import { type CallName, parameterIndex } from './tables/signatures.js';
import { encodeUtf8 } from './utf8.js';

/** A call that is usual next, filled in. `socketId` is our socket behind its descriptor; null for `socket`. */
export interface Suggestion {
  socketId: SocketId | null;
  call: Call;
}

/** What suggestions are made from. */
export interface SuggestionContext {
  sockets: ReadonlyMap<SocketId, SocketInfo>;
  platform: Platform;
}

/** Something to send that is seen to arrive. */
export function greeting(): DataValue {
  return dataValue(encodeUtf8('hello\n'));
}

export const defaultBacklog = 128;
export const defaultReceiveLength = 4096;

/** Sockets that still hold a descriptor. */
export function isOpenSocket(socket: SocketInfo): boolean {
  return socket.state !== 'closed' && !socket.isLost;
}

/** Whether the socket carries a stream or a sequence of packets over a connection. */
export function isConnectionSocket({ type }: SocketInfo): boolean {
  return type === 'SOCK_STREAM' || type === 'SOCK_SEQPACKET';
}

const always: readonly CallName[] = ['getsockname', 'getsockopt', 'setsockopt', 'close'];

/** The calls that programs usually make on a socket in this state. Others are as allowed: the kernel answers. */
export function expectedCalls(socket: SocketInfo): ReadonlySet<CallName> {
  if (!isOpenSocket(socket)) {
    return new Set();
  }
  return new Set([
    ...(isConnectionSocket(socket) ? connectionCalls(socket) : datagramCalls(socket)),
    ...always,
  ]);
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
        ...(isShutdownWrite ? [] : (['send'] as const)),
        ...(isShutdownRead ? [] : (['recv'] as const)),
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
      return ['bind', 'connect', 'sendto'];
    case 'connected':
      return ['send', 'recv', 'sendto', 'recvfrom', 'shutdown', 'connect', 'getpeername'];
    default:
      return ['sendto', 'recvfrom', 'connect'];
  }
}

/** A socket address on this machine that a program would bind first: a free port, or a path of its own. */
export function defaultBindAddress(socket: SocketInfo): SocketAddress {
  switch (socket.domain) {
    case 'AF_INET6':
      return { family: 'AF_INET6', address: '::1', port: 0 };
    case 'AF_UNIX':
      return unixAddress(`/tmp/playground-${socket.id}.sock`);
    default:
      return { family: 'AF_INET', address: '127.0.0.1', port: 0 };
  }
}

export function unixAddress(path: string): SocketAddress {
  return { family: 'AF_UNIX', name: encodeUtf8(path), isAbstract: false };
}

/** Whether an address can be connected or sent to: not a port that is still to be chosen, not an unnamed socket. */
export function isReachable(address: SocketAddress | null): address is SocketAddress {
  if (!address) {
    return false;
  }
  switch (address.family) {
    case 'AF_INET':
    case 'AF_INET6':
      return address.port !== 0;
    case 'AF_UNIX':
      return address.name.length > 0;
    default:
      return true;
  }
}

/** The address that reaches a socket of ours from this machine: a wildcard address becomes loopback. */
export function reachableAddress({ local }: SocketInfo): SocketAddress | null {
  if (!isReachable(local)) {
    return null;
  }
  if (local.family === 'AF_INET' && local.address === '0.0.0.0') {
    return { ...local, address: '127.0.0.1' };
  }
  if (local.family === 'AF_INET6' && local.address === '::') {
    return { ...local, address: '::1' };
  }
  return local;
}

/** The latest socket of ours that this one could talk to: a listener for a stream, a bound socket for datagrams. */
export function counterpartOf(socket: SocketInfo, { sockets }: SuggestionContext): SocketInfo | undefined {
  const wanted = isConnectionSocket(socket) ? 'listening' : 'bound';
  return [...sockets.values()]
    .reverse()
    .find(
      (other) =>
        other.id !== socket.id &&
        isOpenSocket(other) &&
        other.domain === socket.domain &&
        other.type === socket.type &&
        other.state === wanted &&
        reachableAddress(other) !== null,
    );
}

/** The address to connect or send to, by what else is open; a port of the user's choice otherwise. */
export function defaultPeerAddress(socket: SocketInfo, context: SuggestionContext): SocketAddress {
  const counterpart = counterpartOf(socket, context);
  const known = (counterpart && reachableAddress(counterpart)) ?? socket.remote;
  if (isReachable(known)) {
    return known;
  }
  switch (socket.domain) {
    case 'AF_INET6':
      return { family: 'AF_INET6', address: '::1', port: 8080 };
    case 'AF_UNIX':
      return unixAddress('/tmp/playground.sock');
    default:
      return { family: 'AF_INET', address: '127.0.0.1', port: 8080 };
  }
}

/** `socket(AF_INET, SOCK_STREAM, 0)`. */
export function defaultSocketCall(platform: Platform): Call {
  return {
    name: 'socket',
    args: [constantValue('AF_INET', platform)!, constantValue('SOCK_STREAM', platform)!, 0],
  };
}

/** A call on a socket with the arguments that a person would most likely choose. */
export function defaultCall(name: CallName, socket: SocketInfo, context: SuggestionContext): Call {
  if (name === 'socket') {
    return defaultSocketCall(context.platform);
  }
  return { name, args: [socket.fd, ...defaultArguments(name, socket, context)] };
}

function defaultArguments(name: CallName, socket: SocketInfo, context: SuggestionContext): Value[] {
  const constant = (text: string) => constantValue(text, context.platform) ?? 0;
  const hello = greeting();
  switch (name) {
    case 'bind':
      return [defaultBindAddress(socket)];
    case 'listen':
      return [defaultBacklog];
    case 'connect':
      return [defaultPeerAddress(socket, context)];
    case 'send':
      return [hello, hello.length, 0];
    case 'sendto':
      return [hello, hello.length, 0, defaultPeerAddress(socket, context)];
    case 'recv':
    case 'recvfrom':
      return [{ kind: 'any' }, defaultReceiveLength, 0];
    case 'shutdown':
      return [constant('SHUT_WR')];
    case 'getsockopt':
      return [constant('SOL_SOCKET'), constant('SO_RCVBUF')];
    case 'setsockopt':
      return [constant('SOL_SOCKET'), constant('SO_REUSEADDR'), 1];
    default:
      return [];
  }
}

/**
 * The usual next call after a record: `socket` → `bind` → `listen` → `accept`; `socket` → `connect` where a
 * listener of ours waits; `send` and `recv` in turns; after the end of file, `close`. Null when there is
 * nothing better than what the user has before them (a failed call can be corrected and made again).
 */
export function suggestNext(record: CallRecord, context: SuggestionContext): Suggestion | null {
  if (record.status === 'waiting') {
    return afterWait(record, context);
  }
  // What failed stays in the form, for the user to correct.
  if (record.status !== 'returned' || record.errno !== null) {
    return null;
  }
  const socket = openSocket(record.createdIds[0] ?? record.socketId, context);
  return socket ? afterSuccess(record, socket, context) : afterClose(record, context);
}

function afterSuccess(record: CallRecord, socket: SocketInfo, context: SuggestionContext): Suggestion | null {
  const on = (name: CallName, target = socket) => suggestion(name, target, context);
  switch (record.name) {
    case 'socket':
      return on(counterpartOf(socket, context) && isConnectionSocket(socket) ? 'connect' : 'bind');
    case 'bind':
      return isConnectionSocket(socket)
        ? on('listen')
        : on(counterpartOf(socket, context) ? 'sendto' : 'recvfrom');
    case 'listen':
      return on('accept');
    case 'accept':
    case 'accept4':
      return on('recv');
    case 'connect':
      return on('send');
    case 'send':
    case 'sendto':
    case 'sendmsg':
    case 'write':
      return afterSend(record, socket, context);
    case 'recv':
    case 'read':
    case 'recvmsg':
      if (record.result === 0 && isConnectionSocket(socket)) {
        return on('close');
      }
      return on(socket.isShutdownWrite ? 'recv' : 'send');
    case 'recvfrom':
      return answerTo(record, socket, context);
    case 'shutdown':
      return on(socket.isShutdownRead ? 'close' : 'recv');
    default:
      return null;
  }
}

/** The other end, where it is ours, has something to receive now; otherwise an answer is awaited here. */
function afterSend(record: CallRecord, socket: SocketInfo, context: SuggestionContext): Suggestion | null {
  const peer = openSocket(record.peerId ?? socket.peerId, context);
  const target = peer ?? socket;
  const isWaiting = target.waiting.length > 0;
  return suggestion(
    isConnectionSocket(target) || target.state === 'connected' ? 'recv' : 'recvfrom',
    isWaiting ? socket : target,
    context,
  );
}

/** A datagram is answered to the address that it came from. */
function answerTo(record: CallRecord, socket: SocketInfo, context: SuggestionContext): Suggestion | null {
  const next = suggestion('sendto', socket, context);
  const source = record.args[parameterIndex('recvfrom', 'sockaddrOut')];
  if (isAddress(source) && isReachable(source)) {
    next.call.args[parameterIndex('sendto', 'sockaddr')] = source;
  }
  return next;
}

function afterClose(record: CallRecord, context: SuggestionContext): Suggestion | null {
  if (record.name !== 'close') {
    return null;
  }
  const closed = record.socketId === null ? undefined : context.sockets.get(record.socketId);
  const peer = openSocket(record.peerId ?? closed?.peerId ?? null, context);
  if (peer) {
    return suggestion('recv', peer, context);
  }
  const rest = [...context.sockets.values()].filter(isOpenSocket).at(-1);
  return rest
    ? suggestion('close', rest, context)
    : { socketId: null, call: defaultSocketCall(context.platform) };
}

/** While an `accept` waits, a client is what is missing; while a receive waits, its other end has to send. */
function afterWait(record: CallRecord, context: SuggestionContext): Suggestion | null {
  const socket = openSocket(record.socketId, context);
  if (!socket) {
    return null;
  }
  switch (record.name) {
    case 'accept':
    case 'accept4': {
      const { platform } = context;
      const number = (name: SocketInfo['domain']) =>
        typeof name === 'number' ? name : constantValue(name, platform);
      return {
        socketId: null,
        call: { name: 'socket', args: [number(socket.domain) ?? 0, number(socket.type) ?? 0, 0] },
      };
    }
    case 'recv':
    case 'recvfrom': {
      const peer = openSocket(socket.peerId, context);
      return peer && peer.state === 'connected' ? suggestion('send', peer, context) : null;
    }
    default:
      return null;
  }
}

function suggestion(name: CallName, socket: SocketInfo, context: SuggestionContext): Suggestion {
  return { socketId: socket.id, call: defaultCall(name, socket, context) };
}

function openSocket(id: SocketId | null, { sockets }: SuggestionContext): SocketInfo | undefined {
  const socket = id === null ? undefined : sockets.get(id);
  return socket && isOpenSocket(socket) ? socket : undefined;
}

/** The calls on a descriptor, in the order of a socket's life. */
export const callGroups: readonly (readonly CallName[])[] = [
  ['bind', 'listen', 'accept', 'connect'],
  ['send', 'recv', 'sendto', 'recvfrom'],
  ['getsockname', 'getpeername', 'getsockopt', 'setsockopt'],
  ['shutdown', 'close'],
];

/** The calls that a socket's buttons offer: those with an address for each datagram only where they are usual. */
export function offeredCalls(socket: SocketInfo): CallName[][] {
  const isStream = isConnectionSocket(socket);
  return callGroups.map((group) =>
    group.filter((name) => !isStream || (name !== 'sendto' && name !== 'recvfrom')),
  );
}
