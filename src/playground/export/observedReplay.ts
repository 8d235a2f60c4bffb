import { type CallRecord, isAddress, isOfKind, type Value } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import type { Named, SocketId, SocketInfo } from '../../common/socket.js';
import { constantValue } from '../../common/tables/constants.js';
import type { CallName } from '../../common/tables/signatures.js';
import type { FullRecord } from './recordSource.js';
import { type Given, numberOf, ReplayCalls } from './replayCalls.js';
import { ReplayFailures } from './replayFailures.js';
import { ReplayNotes } from './replayNotes.js';
import { ReplayPeers } from './replayPeers.js';
import { ReplaySockets } from './replaySockets.js';
import { ReplayTransfers } from './replayTransfers.js';

/** What another program did, as calls that can be made here. */
export interface Replay {
  records: CallRecord[];
  /** What was changed or left out, a sentence each. */
  notes: string[];
}

const number = (name: string) => constantValue(name, 'linux')!;
const [AF_INET, AF_INET6, AF_UNIX] = [number('AF_INET'), number('AF_INET6'), number('AF_UNIX')];
const [SOCK_STREAM, SOCK_DGRAM, typeMask] = [1, 2, 0xf];
const SHUT_RD = 0;
const usualBacklog = 128;
const IPV6_V6ONLY = number('IPV6_V6ONLY');
const IPPROTO_IPV6 = number('IPPROTO_IPV6');

const sends: ReadonlySet<CallName> = new Set(['send', 'sendto', 'sendmsg', 'write']);
const receives: ReadonlySet<CallName> = new Set(['recv', 'recvfrom', 'recvmsg', 'read']);
/** Calls that others notice, beside those that move bytes. */
const lasting: ReadonlySet<CallName> = new Set([
  'bind',
  'listen',
  'accept',
  'accept4',
  'connect',
  'shutdown',
]);
/** What the kernel says of `socket` by its arguments alone. */
const unknownKinds: ReadonlySet<Named> = new Set([
  'EAFNOSUPPORT',
  'EPROTONOSUPPORT',
  'ESOCKTNOSUPPORT',
  'EINVAL',
]);

/**
 * Makes of what strace has seen calls that do the same here: on sockets that block, on loopback, at ports that the kernel
 * chooses. A stream's receive asks for exactly the bytes that came. The end of a connection that was not traced becomes a
 * thread that plays its bytes. What failed fails here too, where the reason is in the log.
 */
export class ObservedReplay {
  private readonly calls = new ReplayCalls();
  private readonly notes = new ReplayNotes();
  private readonly sockets: ReplaySockets;
  private readonly peers: ReplayPeers;
  private readonly failures: ReplayFailures;
  private readonly transfers: ReplayTransfers;
  private readonly remade = new Set<SocketId>();

  constructor(
    private readonly all: readonly FullRecord[],
    infos: ReadonlyMap<SocketId, SocketInfo>,
  ) {
    const { calls, notes } = this;
    this.sockets = new ReplaySockets(
      all.map(({ record }) => record),
      infos,
    );
    this.peers = new ReplayPeers(this.sockets, calls, notes);
    this.transfers = new ReplayTransfers(this.sockets, calls, this.peers, notes);
    this.failures = new ReplayFailures(this.sockets, calls, this.peers, notes);
  }

  make(): Replay {
    for (const full of this.all) {
      this.take(full);
    }
    return { records: this.calls.records, notes: this.notes.sentences };
  }

  private take({ record, payload }: FullRecord): void {
    const { name, status, errno, result, socketId } = record;
    if (status !== 'returned' || result === null) {
      this.notes.leave(record, t('its return is not in the log'));
      return;
    }
    const id = socketId === null ? null : this.sockets.nameFor(socketId);
    if (socketId !== null && id === null) {
      if (sends.has(name) || receives.has(name) || lasting.has(name)) {
        this.notes.leave(record, t('its socket was made before the log begins'));
      } else {
        this.notes.count(record);
      }
      return;
    }
    if (id !== null) {
      this.makeEarlier(id);
    }
    const isOnItsWay = errno === 'EINPROGRESS' && id !== null && this.sockets.hasConnected(id);
    if (name === 'socket') {
      this.open(record);
    } else if (errno !== null && !isOnItsWay) {
      this.failures.take(record, id);
    } else if (id !== null && !this.sockets.isPlayed(id)) {
      this.notes.count(record);
    } else if (sends.has(name) && id !== null) {
      this.transfers.send(record, id, payload ?? new Uint8Array());
    } else if (receives.has(name) && id !== null) {
      this.transfers.receive(record, id, payload ?? new Uint8Array());
    } else {
      this.control(record, id);
    }
  }

  /** Makes a socket that was there before the log begins, when it is first used. */
  private makeEarlier(id: SocketId): void {
    const takesConnections = this.sockets.takesConnections(id);
    if (takesConnections === undefined || this.remade.has(id)) {
      return;
    }
    this.remade.add(id);
    const isUnix = this.peers.kindOf(id)[0] === AF_UNIX;
    const like = { fd: numberOf(id), thread: null };
    const text = this.sockets.titleOf(id);
    this.notes.notePeer(t('It was there before the log begins, and is made first: the socket of {0}.', text));
    this.calls.add(like, 'socket', this.peers.kindOf(id), given([id]));
    if (takesConnections) {
      this.peers.publish(like, id, isUnix);
      this.calls.add(like, 'listen', [like.fd, usualBacklog], { id });
    } else if (this.sockets.isConnectionBased(id)) {
      const connect = (to: Value) => this.calls.add(like, 'connect', [like.fd, to], { id });
      this.peers.listenFor(id, like, isUnix, connect);
      this.failures.noteConnected(id);
    }
  }

  /** Calls that move no bytes. */
  private control(record: CallRecord, id: SocketId | null): void {
    const { name, args, fd, createdIds } = record;
    switch (name) {
      case 'socketpair': {
        const [domain, type, protocol] = args;
        const plain = typeof type === 'number' ? type & typeMask : 0;
        const pair: Value = { kind: 'list', items: createdIds.map(numberOf) };
        this.calls.add(record, 'socketpair', [domain!, plain, protocol ?? 0, pair], { created: createdIds });
        createdIds.forEach((made) => this.failures.noteConnected(made));
        return;
      }
      case 'bind':
        this.bind(record, id!);
        return;
      case 'listen':
        this.calls.add(record, 'listen', [fd, args[1] ?? 0], { id });
        return;
      case 'accept':
      case 'accept4':
        this.accept(record, id!);
        return;
      case 'connect':
        this.connect(record, id!);
        return;
      case 'shutdown':
        this.calls.add(record, 'shutdown', [fd, args[1] ?? 0], { id });
        if (args[1] !== SHUT_RD) {
          this.transfers.noteEnded(id!);
          this.failures.noteEnded(id!);
        }
        return;
      case 'dup':
      case 'fcntl':
        if (createdIds.length === 0) {
          this.notes.count(record);
        } else {
          this.calls.add(record, 'dup', [fd], { id, ...given(createdIds) });
        }
        return;
      case 'close':
        if (this.sockets.isLastClose(record)) {
          this.transfers.noteEnded(id!);
          this.calls.add(record, 'close', [fd], { id });
          this.failures.noteClosed(id!);
        } else {
          this.notes.count(record);
        }
        return;
      case 'setsockopt':
        this.setOption(record, id!);
        return;
      default:
        this.notes.count(record);
    }
  }

  private open(record: CallRecord): void {
    const [domain, type, protocol] = record.args;
    const [made] = record.createdIds;
    if (record.errno !== null) {
      if (unknownKinds.has(record.errno)) {
        this.calls.add(record, 'socket', record.args, { errno: record.errno });
      } else {
        this.failures.take(record, null);
      }
      return;
    }
    if (made !== undefined && !this.sockets.isPlayed(made)) {
      this.notes.count(record);
      return;
    }
    const isKnown = domain === AF_INET || domain === AF_INET6 || domain === AF_UNIX;
    const plain = typeof type === 'number' ? type & typeMask : 0;
    if (
      made === undefined ||
      !isKnown ||
      (plain !== SOCK_STREAM && plain !== SOCK_DGRAM && domain !== AF_UNIX)
    ) {
      this.sockets.leave(made);
      this.notes.leave(record, t('sockets of this kind are not played'));
      return;
    }
    const family = domain === AF_INET6 && this.sockets.meetsIPv4(made) ? AF_INET : domain;
    const args = [family, plain, family === domain ? (protocol ?? 0) : 0];
    this.calls.add(record, 'socket', args, given([made]));
  }

  private bind(record: CallRecord, id: SocketId): void {
    const [, address] = record.args;
    if (isAddress(address)) {
      this.peers.publish(record, id, address.family === 'AF_UNIX');
    } else {
      this.notes.leave(record, t('its address is not in the log'));
    }
  }

  private accept(record: CallRecord, id: SocketId): void {
    const { createdIds } = record;
    const [made] = createdIds;
    if (made !== undefined && this.sockets.peerOf(made) === null) {
      this.peers.connectTo(id, made, record);
    }
    this.calls.add(record, 'accept', [record.fd], { id, ...given(createdIds) });
    createdIds.forEach((each) => this.failures.noteConnected(each));
  }

  private connect(record: CallRecord, id: SocketId): void {
    const [, address] = record.args;
    if (!isAddress(address) || address.family === 'raw') {
      this.notes.leave(record, t('its address is not in the log'));
      return;
    }
    const connect = (to: Value) => this.calls.add(record, 'connect', [record.fd, to], { id });
    this.failures.noteConnected(id);
    if (!this.sockets.isConnectionBased(id)) {
      connect(this.peers.reach(record, id, address));
      return;
    }
    const listener = this.sockets.listenerOf(id, address);
    const target = listener === null ? undefined : this.peers.addressOf(listener);
    if (target) {
      connect(target);
    } else {
      this.peers.listenFor(id, record, address.family === 'AF_UNIX', connect);
    }
  }

  private setOption(record: CallRecord, id: SocketId): void {
    const [, level, option, value] = record.args;
    const isAnyValue = isOfKind(value, 'any');
    const isOfOther = level === IPPROTO_IPV6 && (option === IPV6_V6ONLY || this.sockets.meetsIPv4(id));
    if (isAnyValue || isOfOther) {
      this.notes.count(record);
      return;
    }
    this.calls.add(record, 'setsockopt', [record.fd, level!, option!, value!], { id });
  }
}

/** A call that makes a descriptor here. */
function given(created: SocketId[]): Given {
  const [first] = created;
  return { created, result: first === undefined ? 0 : numberOf(first) };
}
