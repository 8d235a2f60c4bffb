import { type CallRecord, endOf } from '../../common/call.js';
import type { SocketLookup } from '../../common/recordText.js';
import { isDissolving } from '../../common/ribbon/links.js';
import type { SocketId, SocketInfo, TcpState } from '../../common/socket.js';
import { receivingCalls } from '../../common/socketCalls.js';
import { constantValue } from '../../common/tables/constants.js';
import { parameterIndex } from '../../common/tables/signatures.js';
import { protocolName, socketTone, type SocketTone } from '../../common/socketText.js';
import { isBoundBySending } from '../state/laneStates.js';
import { afterReceiving, Endings } from './endings.js';
import { endedByPeer, isSaidIn, type StateChange, StateChanges } from './stateChanges.js';

const [SHUT_WR, SHUT_RDWR] = [1, 2];
const MSG_ERRQUEUE = constantValue('MSG_ERRQUEUE', 'linux')!;

/**
 * The states that each socket went through, as far as the page has seen: from the records that it has read, and from
 * what the kernel said of the sockets that it showed. A few entries a socket; they stay when the records go.
 */
export class StateHistory {
  private readonly changes = new StateChanges();
  private readonly endings: Endings;
  /** Descriptors of one file, by each of them. */
  private readonly files = new Map<SocketId, Set<SocketId>>();
  /** What the kernel said last: only what is new has been asked for since. */
  private readonly said = new Map<SocketId, TcpState>();
  /** When a receiving call had found nothing last: until then the other end had ended nothing. */
  private readonly quiet = new Map<SocketId, number>();
  /** When bind(2) gave datagram sockets their names: those stay when a connection is dissolved. */
  private readonly boundAt = new Map<SocketId, number>();

  /** @param hasUnread Whether bytes waited at a socket that nobody will read any more. */
  constructor(
    private readonly sockets: () => SocketLookup,
    hasUnread: (id: SocketId, at: { ns: number; seq: number }) => boolean,
  ) {
    this.endings = new Endings({
      changes: this.changes,
      sockets,
      isTcp: (id) => this.isTcp(id),
      copiesOf: (id) => this.copiesOf(id),
      hasUnread,
    });
  }

  /** A record was read, or has changed. */
  add(record: CallRecord): void {
    const { name, seq, status, errno, socketId, startNs } = record;
    if (name === 'connect' && socketId !== null && this.isTcp(socketId) && !isDissolving(record)) {
      const isOnItsWay =
        status === 'waiting' || record.hasWaited || errno === 'EINPROGRESS' || errno === null;
      if (isOnItsWay) {
        this.changes.note(socketId, { ns: startNs, seq, source: 'call', state: 'SYN_SENT' });
      }
    }
    if (status !== 'returned') {
      return;
    }
    const endNs = endOf(record);
    const at = { ns: endNs, seq };
    if (socketId !== null && (record.hasWaited || errno === 'EAGAIN') && this.isReceive(record)) {
      this.quiet.set(socketId, Math.max(this.quiet.get(socketId) ?? startNs, startNs));
    }
    if (errno !== null) {
      if (socketId !== null && this.isTcp(socketId) && this.endsConnection(record)) {
        this.changes.note(socketId, { ...at, source: 'call', state: 'CLOSE' });
      }
      return;
    }
    for (const id of record.createdIds) {
      const isConnected = name === 'accept' || name === 'accept4' || name === 'socketpair' || name === 'pipe';
      // Another number of the same socket.
      const isCopy = socketId !== null && (name === 'dup' || name === 'fcntl');
      const original = isCopy ? this.changes.lastBefore(socketId, endNs) : undefined;
      if (isCopy) {
        const file = this.files.get(socketId) ?? new Set([socketId]);
        this.files.set(socketId, file.add(id)).set(id, file);
      }
      if (socketId !== null && (isCopy || name === 'accept' || name === 'accept4')) {
        this.endings.inherit(id, socketId, at, isCopy);
      }
      const state = original?.state ?? (isConnected && this.isTcp(id) ? 'ESTABLISHED' : null);
      const tone = original?.tone ?? (isConnected ? 'open' : 'none');
      this.changes.note(id, { ...at, source: 'call', state, tone });
    }
    if (socketId !== null) {
      this.addCall(record, socketId, endNs);
      const peer = this.sockets().get(socketId)?.peerId ?? null;
      if (record.payload?.direction === 'out' && peer !== null) {
        [peer, ...this.copiesOf(peer)].forEach((id) => this.endings.judgeAgain(id));
      }
    }
  }

  /** The kernel was asked about a socket. */
  sample(socket: SocketInfo, seq: number, ns: number): void {
    const { id, tcpState, peerId } = socket;
    if (peerId !== null) {
      this.endings.tellUntold(id);
    }
    const isNews = tcpState !== null && tcpState !== this.said.get(id);
    if (!isNews) {
      return;
    }
    this.said.set(id, tcpState);
    if (isSaidIn(this.changes.latest(id)?.state ?? null, tcpState)) {
      return;
    }
    // A socket that was never connected is in that state, too.
    const isUnused = tcpState === 'CLOSE' && (this.changes.latest(id)?.state ?? null) === null;
    if (!isUnused) {
      this.changes.note(id, { ns, seq, source: 'sampled', state: tcpState });
    }
  }

  /** The process that owned a socket has ended, and with it all its descriptors. What the kernel had said last is known still. */
  lose(socket: SocketInfo, { seq, ns }: NonNullable<SocketInfo['lost']>): void {
    const { id, tcpState } = socket;
    // What the other end did no record may tell.
    if (tcpState !== null && endedByPeer.has(tcpState)) {
      this.sample(socket, seq, ns);
    }
    this.changes.note(id, { ns, seq, source: 'lost', state: null, isEnd: true });
  }

  /** Forgets sockets. */
  forget(ids: readonly SocketId[]): void {
    for (const id of ids) {
      this.changes.forget(id);
      this.endings.forget(id);
      this.said.delete(id);
      this.quiet.delete(id);
      this.boundAt.delete(id);
      this.files.get(id)?.delete(id);
      this.files.delete(id);
    }
  }

  clear(): void {
    this.changes.clear();
    this.endings.clear();
    this.files.clear();
    this.quiet.clear();
  }

  /** All that is known of a socket's states, in order. */
  of(id: SocketId): readonly StateChange[] {
    return this.changes.of(id);
  }

  /** When the connection of a socket came into TIME_WAIT, where it did: the kernel keeps it there, whatever the socket does. */
  timeWaitOf(id: SocketId): StateChange | undefined {
    return this.changes.timeWaitOf(id);
  }

  /** When states came that no record tells of, of the sockets whose lanes say so, in order. */
  toldBetween(from: number, to: number, isSaid: (id: SocketId) => boolean): number[] {
    return this.changes.toldBetween(from, to, isSaid);
  }

  /** When a socket was last known to be in another state than it was sampled in: the kernel does not say when it changed. */
  lastKnownOtherwise(id: SocketId, { ns, state }: StateChange): number | undefined {
    const before = this.of(id).findLast((change) => change.ns <= ns && change.state !== state)?.ns;
    const quiet = this.quiet.get(id);
    return before !== undefined && quiet !== undefined && quiet <= ns && endedByPeer.has(state ?? 'LISTEN')
      ? Math.max(before, quiet)
      : before;
  }

  /** The other descriptors of a socket's file, also those that are closed. */
  copiesOf(id: SocketId): SocketId[] {
    const all = new Set([...(this.files.get(id) ?? []), ...(this.sockets().get(id)?.sharedWith ?? [])]);
    all.delete(id);
    return [...all];
  }

  /** Whether a socket had been made and not been closed, as far as records tell. */
  isOpenAt(id: SocketId, ns: number): boolean {
    const changes = this.of(id);
    return (changes[0]?.ns ?? 0) <= ns && !changes.some((change) => change.isEnd && change.ns <= ns);
  }

  /** Whether a socket had been closed under all its numbers. */
  isOverAt(id: SocketId, ns: number): boolean {
    return this.of(id).some((change) => change.isEnd && change.ns <= ns) && !this.hasCopies(id, ns);
  }

  /** The colour that a socket had at a time. */
  toneAt(id: SocketId, ns: number): SocketTone {
    const before = this.changes.lastBefore(id, ns);
    if (before) {
      return before.tone;
    }
    const [first] = this.of(id);
    const socket = this.sockets().get(id);
    // Of what was before nothing is known but what the first change tells of it.
    return first ? (first.tone === 'closing' ? 'open' : 'none') : socket ? socketTone(socket) : 'none';
  }

  private addCall(record: CallRecord, id: SocketId, ns: number): void {
    const { name, seq, result, payload } = record;
    const isTcp = this.isTcp(id);
    if (isTcp && (name === 'shutdown' || name === 'close') && !record.hasWaited) {
      this.changes.putSamplesBehind(id, seq, ns);
    }
    const at = { ns, seq, source: 'call' as const };
    switch (name) {
      case 'listen':
        this.changes.note(id, { ...at, state: isTcp ? 'LISTEN' : null, tone: 'listen' });
        return;
      case 'bind':
        if (this.isDatagram(id)) {
          this.noteBound(id, at);
          this.noteBind(id, ns);
        }
        return;
      case 'connect':
        if (isDissolving(record)) {
          const isBound = (this.boundAt.get(id) ?? Infinity) < ns;
          const after = isTcp
            ? { state: 'CLOSE' as const }
            : { tone: isBound ? ('listen' as const) : ('none' as const) };
          this.changes.note(id, { ...at, state: null, ...after, isDissolved: true });
          return;
        }
        if (this.isDatagram(id)) {
          this.changes.dropBindingAfter(id, ns);
        }
        this.changes.note(id, { ...at, state: isTcp ? 'ESTABLISHED' : null, tone: 'open' });
        return;
      case 'setsockopt':
        this.endings.noteLinger(id, record, ns);
        return;
      case 'shutdown':
        if (isTcp && (record.args[1] === SHUT_WR || record.args[1] === SHUT_RDWR)) {
          this.endings.sendFin(id, record, ns);
        }
        return;
      case 'close':
        if (this.of(id).some(({ isEnd }) => isEnd)) {
          // The record was read again.
          return;
        }
        if (isTcp && !this.hasCopies(id, ns) && !this.isHeldBehind(id, seq)) {
          this.endings.close(id, record, ns);
        }
        this.changes.note(id, { ...at, state: null, tone: 'none', isEnd: true });
        return;
      default:
        if (payload?.direction === 'out' && this.bindsBySending(id)) {
          if ((this.changes.lastBefore(id, ns)?.tone ?? 'none') === 'none') {
            this.noteBound(id, at);
          }
          return;
        }
        if (isTcp && payload?.direction === 'in' && result === 0 && this.roomOf(record) > 0) {
          // The end of the stream: the other end has sent FIN, and where the call had waited for it, just then.
          if (record.hasWaited) {
            this.changes.unsample(id, record.startNs, ns);
          }
          const before = this.changes.lastBefore(id, ns);
          const next = afterReceiving[before?.state ?? 'ESTABLISHED'];
          if (next) {
            this.changes.note(id, { ...at, state: next });
          } else if (
            before?.source === 'sampled' &&
            before.state === 'CLOSE' &&
            this.hadSentFin(id, before)
          ) {
            this.changes.noteLeft(id, at);
          }
        }
    }
  }

  /** Whether calls wait on a socket behind its close: the kernel sends nothing then, and says when it does. */
  private isHeldBehind(id: SocketId, closeSeq: number): boolean {
    const socket = this.sockets().get(id);
    return socket?.heldBy !== undefined || (socket?.waiting ?? []).some(({ seq }) => seq < closeSeq);
  }

  private noteBound(id: SocketId, at: Pick<StateChange, 'ns' | 'seq' | 'source'>): void {
    this.changes.dropBindingAfter(id, at.ns);
    this.changes.note(id, { ...at, state: null, tone: 'listen' });
  }

  private noteBind(id: SocketId, ns: number): void {
    this.boundAt.set(id, ns);
    // Their records may have been read first.
    for (const change of this.of(id)) {
      if (change.isDissolved && change.ns > ns) {
        change.tone = 'listen';
      }
    }
  }

  private isDatagram(id: SocketId): boolean {
    return this.sockets().get(id)?.role === 'datagram';
  }

  /** Whether the kernel gives a socket without a name a port with its first send: one of AF_UNIX stays without. */
  private bindsBySending(id: SocketId): boolean {
    const socket = this.sockets().get(id);
    return socket !== undefined && isBoundBySending(socket);
  }

  private endsConnection({ name, errno }: CallRecord): boolean {
    return (
      (name === 'connect' && errno !== 'EINPROGRESS' && errno !== 'EALREADY' && errno !== 'EISCONN') ||
      errno === 'ECONNRESET' ||
      errno === 'ETIMEDOUT'
    );
  }

  private isTcp(id: SocketId): boolean {
    const socket = this.sockets().get(id);
    return socket?.kind === 'socket' && protocolName(socket) === 'TCP';
  }

  /** Whether another descriptor of the same file was open then: a record may be read when all are closed. */
  private hasCopies(id: SocketId, ns: number): boolean {
    return this.copiesOf(id).some((copy) => this.isOpenAt(copy, ns));
  }

  /** One of what the other end sends: the queue of errors says nothing of that. */
  private isReceive({ name, args }: CallRecord): boolean {
    const flags = args[parameterIndex(name, 'msgflags')];
    return receivingCalls.has(name) && !(typeof flags === 'number' && (flags & MSG_ERRQUEUE) !== 0);
  }

  /** Whether this end had sent FIN when the kernel said that it is closed. */
  private hadSentFin(id: SocketId, { ns }: StateChange): boolean {
    const before = this.of(id).findLast((change) => change.ns < ns);
    return before?.state === 'FIN_WAIT1' || before?.state === 'FIN_WAIT2';
  }

  /** Of a receiving call with a buffer of no bytes 0 says nothing. */
  private roomOf({ args }: CallRecord): number {
    return typeof args[2] === 'number' ? args[2] : 1;
  }
}
