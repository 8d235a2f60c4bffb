import { type Call, type CallRecord, isAddress } from './call.js';
import type { SocketId, SocketInfo } from './socket.js';
import { isReceivable } from './socketCalls.js';
import { constantValue } from './tables/constants.js';
import { type CallName, parameterIndex } from './tables/signatures.js';
import {
  counterpartOf,
  defaultCall,
  defaultSocketCall,
  isConnectionSocket,
  isOpenSocket,
  isReachable,
  type SuggestionContext,
} from './usualArguments.js';

/** A call that is usual next, filled in. `socketId` is our socket behind its descriptor; null for `socket`. */
export interface Suggestion {
  socketId: SocketId | null;
  call: Call;
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
  const subject = record.name === 'recvmsg' ? record.socketId : (record.createdIds[0] ?? record.socketId);
  const socket = openSocket(subject, context);
  return socket ? afterSuccess(record, socket, context) : afterClose(record, context);
}

function afterSuccess(record: CallRecord, socket: SocketInfo, context: SuggestionContext): Suggestion | null {
  const on = (name: CallName, target = socket) => suggestion(name, target, context);
  switch (record.name) {
    case 'socket':
      return on(firstCall(socket, context));
    case 'socketpair':
      return on('send');
    case 'pipe': {
      const writer = openSocket(record.createdIds[1] ?? null, context);
      return writer ? on('write', writer) : null;
    }
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
    case 'read':
      if (socket.kind !== 'socket') {
        const writer = openSocket(socket.peerId, context);
        return record.result === 0 || !writer ? on('close') : on('write', writer);
      }
      return afterReceive(record, socket, context);
    case 'recv':
      return afterReceive(record, socket, context);
    case 'recvmsg': {
      const received = openSocket(record.createdIds[0] ?? null, context);
      return received ? onReceived(received, context) : afterReceive(record, socket, context);
    }
    case 'recvfrom':
      return answerTo(record, socket, context);
    case 'shutdown':
      return on(socket.isShutdownRead ? 'close' : 'recv');
    default:
      return null;
  }
}

/** A listener of ours that waits for just this socket, else an address of its own; a raw socket needs none. */
function firstCall(socket: SocketInfo, context: SuggestionContext): CallName {
  if (isConnectionSocket(socket)) {
    return counterpartOf(socket, context) ? 'connect' : 'bind';
  }
  const isRaw = socket.type === 'SOCK_RAW' && (socket.domain === 'AF_INET' || socket.domain === 'AF_INET6');
  return isRaw ? 'sendto' : 'bind';
}

function afterReceive(record: CallRecord, socket: SocketInfo, context: SuggestionContext): Suggestion | null {
  if (isReceivable(socket) && leavesBytes(record, context)) {
    return suggestion(record.name, socket, context);
  }
  const isEnd = record.result === 0 && isConnectionSocket(socket);
  const name = isEnd ? 'close' : socket.isShutdownWrite ? 'recv' : 'send';
  if (!isEnd && !isConnectionSocket(socket) && socket.state !== 'connected') {
    return suggestion('sendto', socket, context);
  }
  return suggestion(name, socket, context);
}

/** Whether a receive may have left something of what waited: it only looked, or filled all the room that it had. */
function leavesBytes({ name, args, result }: CallRecord, { platform }: SuggestionContext): boolean {
  const flags = args[parameterIndex(name, 'msgflags')];
  const isPeek = typeof flags === 'number' && (flags & (constantValue('MSG_PEEK', platform) ?? 0)) !== 0;
  return isPeek || (result !== 0 && result === args[parameterIndex(name, 'size')]);
}

/** What arrived over SCM_RIGHTS works like any other descriptor: that is worth seeing at once. */
function onReceived(received: SocketInfo, context: SuggestionContext): Suggestion {
  const call: CallName =
    received.kind !== 'socket'
      ? received.role === 'writer'
        ? 'write'
        : 'read'
      : received.state === 'listening'
        ? 'accept'
        : received.state === 'connected'
          ? 'send'
          : 'getsockname';
  return suggestion(call, received, context);
}

/** The other end, where it is ours, has something to receive now; otherwise an answer is awaited here. */
function afterSend(record: CallRecord, socket: SocketInfo, context: SuggestionContext): Suggestion | null {
  const peer = openSocket(record.peerId ?? socket.peerId, context);
  const target = peer ?? socket;
  const isWaiting = target.waiting.length > 0;
  return suggestion(receivingCall(record, target), isWaiting ? socket : target, context);
}

/** Control messages are received with recvmsg only. */
function receivingCall({ name }: CallRecord, target: SocketInfo): CallName {
  if (target.kind !== 'socket') {
    return 'read';
  }
  if (name === 'sendmsg') {
    return 'recvmsg';
  }
  return isConnectionSocket(target) || target.state === 'connected' ? 'recv' : 'recvfrom';
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
  // The last one, where nothing is going on: not one after the other of what is still in use.
  const [rest, ...others] = [...context.sockets.values()].filter(isOpenSocket);
  return rest && others.length === 0 && rest.waiting.length === 0
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
        typeof name === 'string' ? constantValue(name, platform) : name;
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
