import { type CallRecord, isAddress, isData, isOfKind, type Value } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import type { Named, SocketId } from '../../common/socket.js';
import { endpointText } from '../../common/socketText.js';
import type { CallName } from '../../common/tables/signatures.js';
import type { ReplayCalls } from './replayCalls.js';
import type { ReplayNotes } from './replayNotes.js';
import type { ReplayPeers } from './replayPeers.js';
import { isOfNameService, isRefusal, type ReplaySockets } from './replaySockets.js';

/** No socket here has it: where a port is named, its number counts from 1. */
const highestPort = 0xffff;
/** Waiting, and being early, which sockets that block are not. */
const early: ReadonlySet<Named> = new Set(['EAGAIN', 'EALREADY', 'EINTR', 'EINPROGRESS']);

/** What the kernel says of the arguments and of what the program has done with its socket: the same each time. */
const ofState: Partial<Record<CallName, readonly Named[]>> = {
  listen: ['EOPNOTSUPP', 'EINVAL', 'EDESTADDRREQ'],
  accept: ['EOPNOTSUPP', 'EINVAL'],
  accept4: ['EOPNOTSUPP', 'EINVAL'],
  bind: ['EINVAL'],
  connect: ['EISCONN'],
  shutdown: ['ENOTCONN', 'EINVAL'],
  getpeername: ['ENOTCONN'],
  send: ['EPIPE', 'ENOTCONN', 'EDESTADDRREQ'],
  sendto: ['EPIPE', 'ENOTCONN'],
  sendmsg: ['EPIPE', 'ENOTCONN', 'EDESTADDRREQ'],
  write: ['EPIPE', 'ENOTCONN', 'EDESTADDRREQ'],
  recv: ['ENOTCONN'],
  recvfrom: ['ENOTCONN'],
  recvmsg: ['ENOTCONN'],
  read: ['ENOTCONN'],
  setsockopt: ['ENOPROTOOPT', 'EINVAL', 'EDOM'],
};

/** Calls that failed, and fail here for the same reason. */
export class ReplayFailures {
  /** Sockets that were connected at some time, and those that have ended what they send. */
  private readonly connected = new Set<SocketId>();
  private readonly ended = new Set<SocketId>();
  private readonly closed = new Set<SocketId>();

  constructor(
    private readonly sockets: ReplaySockets,
    private readonly calls: ReplayCalls,
    private readonly peers: ReplayPeers,
    private readonly notes: ReplayNotes,
  ) {}

  noteConnected(id: SocketId): void {
    this.connected.add(this.sockets.fileOf(id));
  }

  noteEnded(id: SocketId): void {
    this.ended.add(this.sockets.fileOf(id));
  }

  noteClosed(id: SocketId): void {
    this.closed.add(this.sockets.fileOf(id));
  }

  /** Takes a call that has failed. */
  take(record: CallRecord, id: SocketId | null): void {
    const { name, args } = record;
    const errno = record.errno!;
    const isPlayed = id === null || this.sockets.isPlayed(id);
    const refused = id !== null && errno === 'EINPROGRESS' ? this.sockets.outcomeOf(id) : undefined;
    if (id !== null && isPlayed && name === 'connect' && isRefusal(refused ?? errno, args)) {
      this.refuse(record, id, refused ?? errno);
    } else if (early.has(errno) || (!isPlayed && (name !== 'connect' || isOfNameService(args)))) {
      this.notes.count(record);
    } else if (id !== null && name === 'bind' && errno === 'EADDRINUSE') {
      this.bindTwice(record, id);
    } else if (id !== null && this.isOfState(record, id)) {
      this.calls.add(record, ...this.callLike(record, id), { id, errno });
    } else {
      this.notes.leave(record, t('it failed, for a reason that is not here'));
    }
  }

  /** Nobody is at the address: here, nobody is at one that is held for it. */
  private refuse(record: CallRecord, id: SocketId, errno: Named): void {
    const address = record.args.find(isAddress)!;
    const isMissing = address.family === 'AF_UNIX';
    const to = isMissing ? this.peers.unixName(errno === 'ECONNREFUSED') : this.peers.hold(id, address);
    this.notes.notePeer(
      t('Nobody listened at {0}: nobody does so at the address in its place.', endpointText(address)),
    );
    this.calls.add(record, 'connect', [record.fd, to], { id, errno });
  }

  /** The address is another one's: a socket's of the log, else of one that is made for it. */
  private bindTwice(record: CallRecord, id: SocketId): void {
    const address = record.args.find(isAddress);
    if (!address || address.family === 'AF_UNIX') {
      this.notes.leave(record, t('it failed, for a reason that is not here'));
      return;
    }
    const owner = this.sockets.boundAt(address);
    const known = owner === null || this.closed.has(owner) ? undefined : this.peers.addressOf(owner);
    if (!known) {
      this.notes.notePeer(
        t('Somebody who is not in the log had {0}: a socket is made that has it.', endpointText(address)),
      );
    }
    const taken = known ?? this.peers.hold(id, address);
    this.calls.add(record, 'bind', [record.fd, taken], { id, errno: record.errno });
  }

  private isOfState({ name, errno, args }: CallRecord, id: SocketId): boolean {
    const file = this.sockets.fileOf(id);
    switch (errno) {
      case 'ENOTCONN':
        return !this.connected.has(file) && isListed(name, errno);
      case 'EPIPE':
        return (this.ended.has(file) || !this.connected.has(file)) && isListed(name, errno);
      case 'EISCONN':
        // A Unix socket is told before that nobody listens at another address.
        return isListed(name, errno) && !isUnix(args);
      default:
        // An option's value that the log does not have cannot be set again.
        return isListed(name, errno!) && (name !== 'setsockopt' || !args.some((arg) => isOfKind(arg, 'any')));
    }
  }

  /** The same call, with as much of its data as is kept. */
  private callLike({ name, fd, args }: CallRecord, id: SocketId): [CallName, Value[]] {
    switch (name) {
      case 'send':
      case 'sendto':
      case 'sendmsg':
      case 'write': {
        const data = args.find(isData);
        const bytes = data && data.bytes.length > 0 ? data.bytes : Uint8Array.of(0x2e);
        return ['send', [fd, { kind: 'data', bytes, length: bytes.length }, bytes.length, 0]];
      }
      case 'recv':
      case 'recvfrom':
      case 'recvmsg':
      case 'read':
        return ['recv', [fd, { kind: 'any' }, 1, 0]];
      case 'bind':
        return [name, [fd, isUnix(args) ? this.peers.unixName() : this.peers.freeAddress(id, 0)]];
      case 'connect':
        return [name, [fd, this.peers.freeAddress(id, highestPort)]];
      case 'accept':
      case 'accept4':
        return ['accept', [fd]];
      case 'getpeername':
        return [name, [fd]];
      default:
        return [name, [fd, ...args.slice(1)]];
    }
  }
}

function isListed(name: CallName, errno: Named): boolean {
  return ofState[name]?.includes(errno) ?? false;
}

function isUnix(args: readonly Value[]): boolean {
  return args.find(isAddress)?.family === 'AF_UNIX';
}
