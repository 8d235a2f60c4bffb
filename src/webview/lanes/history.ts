import { type CallRecord, endOf, fieldOf } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import type { SocketLookup } from '../../common/recordText.js';
import type { SocketId, SocketInfo, TcpState } from '../../common/socket.js';
import { firstIndex } from '../../common/search.js';
import { receivingCalls } from '../../common/socketCalls.js';
import { constantValue } from '../../common/tables/constants.js';
import { parameterIndex } from '../../common/tables/signatures.js';
import { protocolName, socketTone, type SocketTone, tcpTones } from '../../common/socketText.js';

/** Who says that a socket came into a state. */
type StateSource =
  /** A call made it so, or has found it so. */
  | 'call'
  /** It follows from a call on the other end: the kernel was not asked. */
  | 'inferred'
  /** The kernel said so when it was asked, and no call of ours made it so. */
  | 'sampled'
  /** The process that owned the socket has ended: nothing of it can be known any more. */
  | 'lost';

/** A socket came into a state. */
export interface StateChange {
  ns: number;
  /** The record that it belongs to; of a sample the last one there was. */
  seq: number;
  source: StateSource;
  tone: SocketTone;
  /** What TCP calls it; null for other sockets. */
  state: TcpState | null;
  isEnd: boolean;
}

/** Whether no record tells of it. */
function isTold({ source }: StateChange): boolean {
  return source === 'sampled' || source === 'lost';
}

/** What is said beside the life-line; null where a state has no name. */
export function stateName({ state, source }: StateChange): string | null {
  return source === 'lost' ? t('lost') : state;
}

/** A call has ended the stream of a socket. */
interface Ending {
  ns: number;
  seq: number;
  hasWaited: boolean;
  isReset: boolean;
}

/** What FIN does to the end that sends it, and to the end that gets it. Its acknowledgement may take a while. */
const afterSending: Partial<Record<TcpState, TcpState>> = {
  ESTABLISHED: 'FIN_WAIT1',
  CLOSE_WAIT: 'LAST_ACK',
};
const afterReceiving: Partial<Record<TcpState, TcpState>> = {
  ESTABLISHED: 'CLOSE_WAIT',
  FIN_WAIT1: 'TIME_WAIT',
  FIN_WAIT2: 'TIME_WAIT',
};

/** States in which the kernel tells the other end of a connection that is given up: in others both have sent FIN, or it is over. */
const resettable: ReadonlySet<TcpState> = new Set(['ESTABLISHED', 'CLOSE_WAIT', 'FIN_WAIT1', 'FIN_WAIT2']);
const none: readonly StateChange[] = [];
/** What comes from the other end: before, a receiving call can find nothing and wait; afterwards it is answered. */
const endedByPeer: ReadonlySet<TcpState> = new Set(['CLOSE_WAIT', 'TIME_WAIT', 'CLOSE']);

const [SHUT_WR, SHUT_RDWR] = [1, 2];
const MSG_ERRQUEUE = constantValue('MSG_ERRQUEUE', 'linux')!;
const [SOL_SOCKET, SO_LINGER] = ['SOL_SOCKET', 'SO_LINGER'].map((name) => constantValue(name, 'linux'));

/**
 * The states that each socket went through, as far as the page has seen: from the records that it has read, and from
 * what the kernel said of the sockets that it showed. A few entries a socket; they stay when the records go.
 */
export class StateHistory {
  private readonly changes = new Map<SocketId, StateChange[]>();
  /** Descriptors of one file, by each of them. */
  private readonly files = new Map<SocketId, Set<SocketId>>();
  /** Whether close(2) resets the connection: SO_LINGER is on, with no time. By the records that said so, in order of time. */
  private readonly lingers = new Map<SocketId, { seq: number; ns: number; isAbortive: boolean }[]>();
  /** What the kernel said last: only what is new has been asked for since. */
  private readonly said = new Map<SocketId, TcpState>();
  /** When a receiving call had found nothing last: until then the other end had ended nothing. */
  private readonly quiet = new Map<SocketId, number>();
  /** Ends of streams whose other end is not known yet, by their records: the kernel has told it all the same. */
  private readonly untold = new Map<SocketId, Map<number, Ending>>();

  /** See {@link toldBetween}; null when it may have changed. */
  private told: number[] | null = null;

  /** @param hasUnread Whether bytes waited at a socket that nobody will read any more. */
  constructor(
    private readonly sockets: () => SocketLookup,
    private readonly hasUnread: (id: SocketId, ns: number) => boolean,
  ) {}

  /** A record was read, or has changed. */
  add(record: CallRecord): void {
    const { name, seq, status, errno, socketId, startNs } = record;
    if (name === 'connect' && socketId !== null && this.isTcp(socketId)) {
      const isOnItsWay =
        status === 'waiting' || record.hasWaited || errno === 'EINPROGRESS' || errno === null;
      if (isOnItsWay) {
        this.note(socketId, { ns: startNs, seq, source: 'call', state: 'SYN_SENT' });
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
        this.note(socketId, { ...at, source: 'call', state: 'CLOSE' });
      }
      return;
    }
    for (const id of record.createdIds) {
      const isConnected = name === 'accept' || name === 'accept4' || name === 'socketpair' || name === 'pipe';
      // Another number of the same socket.
      const isCopy = socketId !== null && (name === 'dup' || name === 'fcntl');
      const original = isCopy ? this.lastBefore(socketId, endNs) : undefined;
      if (isCopy) {
        const file = this.files.get(socketId) ?? new Set([socketId]);
        this.files.set(socketId, file.add(id)).set(id, file);
      }
      if (socketId !== null && (isCopy || name === 'accept' || name === 'accept4')) {
        // It is the file's, and what is accepted has what its listener had at the handshake.
        this.setLinger(id, at, this.isAbortive(socketId, isCopy ? endNs : this.handshakeOf(id, endNs)));
      }
      const state = original?.state ?? (isConnected && this.isTcp(id) ? 'ESTABLISHED' : null);
      const tone = original?.tone ?? (isConnected ? 'open' : 'none');
      this.note(id, { ...at, source: 'call', state, tone });
    }
    if (socketId !== null) {
      this.addCall(record, socketId, endNs);
    }
  }

  /** The kernel was asked about a socket. */
  sample(socket: SocketInfo, seq: number, ns: number): void {
    const { id, tcpState, peerId } = socket;
    if (peerId !== null) {
      this.untold.get(id)?.forEach((ending) => this.tellPeer(id, ending));
      this.untold.delete(id);
    }
    const isNews = tcpState !== null && tcpState !== this.said.get(id);
    if (!isNews) {
      return;
    }
    this.said.set(id, tcpState);
    if (tcpState === this.latest(id)?.state) {
      return;
    }
    // A socket that was never connected is in that state, too.
    const isUnused = tcpState === 'CLOSE' && (this.latest(id)?.state ?? null) === null;
    if (!isUnused) {
      this.note(id, { ns, seq, source: 'sampled', state: tcpState });
    }
  }

  /** The process that owned a socket has ended, and with it all its descriptors. */
  lose(id: SocketId, { seq, ns }: NonNullable<SocketInfo['lost']>): void {
    this.note(id, { ns, seq, source: 'lost', state: null, isEnd: true });
  }

  /** Forgets sockets. */
  forget(ids: readonly SocketId[]): void {
    this.told = null;
    for (const id of ids) {
      this.changes.delete(id);
      this.said.delete(id);
      this.quiet.delete(id);
      this.untold.delete(id);
      this.lingers.delete(id);
      this.files.get(id)?.delete(id);
      this.files.delete(id);
    }
  }

  clear(): void {
    this.told = null;
    this.changes.clear();
    this.files.clear();
    this.quiet.clear();
    this.untold.clear();
    // What options sockets have does not change when the records of it are cleared.
  }

  /** All that is known of a socket's states, in order. */
  of(id: SocketId): readonly StateChange[] {
    return this.changes.get(id) ?? none;
  }

  /** When states came that no record tells of, of all sockets, in order. */
  toldBetween(from: number, to: number): number[] {
    this.told ??= [...this.changes.values()]
      .flatMap((changes) => changes.filter(isTold))
      .map(({ ns }) => ns)
      .sort((one, other) => one - other);
    const { told } = this;
    const firstFrom = (ns: number) => firstIndex(0, told.length, (index) => told[index]! >= ns);
    return told.slice(firstFrom(from), firstFrom(to));
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
    const before = this.lastBefore(id, ns);
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
      this.putSamplesBehind(id, seq, ns);
    }
    const at = { ns, seq, source: 'call' as const };
    switch (name) {
      case 'listen':
        this.note(id, { ...at, state: isTcp ? 'LISTEN' : null, tone: 'listen' });
        return;
      case 'bind':
        if (this.sockets().get(id)?.role === 'datagram') {
          this.note(id, { ...at, state: null, tone: 'listen' });
        }
        return;
      case 'connect':
        this.note(id, { ...at, state: isTcp ? 'ESTABLISHED' : null, tone: 'open' });
        return;
      case 'setsockopt':
        this.noteLinger(id, record, ns);
        return;
      case 'shutdown':
        if (isTcp && (record.args[1] === SHUT_WR || record.args[1] === SHUT_RDWR)) {
          this.sendFin(id, record, ns);
        }
        return;
      case 'close':
        if (this.of(id).some(({ isEnd }) => isEnd)) {
          // The record was read again.
          return;
        }
        if (isTcp && !this.hasCopies(id, ns)) {
          if (this.isAbortive(id, ns) || this.hasUnread(id, ns)) {
            this.sendReset(id, record, ns);
          } else {
            this.sendFin(id, record, ns);
          }
        }
        this.note(id, { ...at, state: null, tone: 'none', isEnd: true });
        return;
      default:
        if (isTcp && payload?.direction === 'in' && result === 0 && this.roomOf(record) > 0) {
          // The end of the stream: the other end has sent FIN, and where the call had waited for it, just then.
          if (record.hasWaited) {
            this.unsample(id, record.startNs, ns);
          }
          const next = afterReceiving[this.lastBefore(id, ns)?.state ?? 'ESTABLISHED'];
          if (next) {
            this.note(id, { ...at, state: next });
          }
        }
    }
  }

  /** A call on one end has made the kernel send FIN to the other. */
  private sendFin(id: SocketId, { seq, hasWaited }: CallRecord, ns: number): void {
    const next = afterSending[this.lastBefore(id, ns)?.state ?? 'ESTABLISHED'];
    if (next) {
      this.note(id, { ns, seq, source: 'call', state: next });
    }
    this.tellPeer(id, { ns, seq, hasWaited, isReset: false });
  }

  private tellPeer(id: SocketId, ending: Ending): void {
    const peer = this.sockets().get(id)?.peerId ?? null;
    if (peer === null) {
      this.untold.set(id, (this.untold.get(id) ?? new Map<number, Ending>()).set(ending.seq, ending));
      return;
    }
    const { ns, seq, hasWaited, isReset } = ending;
    if ((this.sockets().get(peer)?.openedSeq ?? 0) > seq) {
      // It was accepted after that: what it has been since then only the kernel can say.
      return;
    }
    if (!hasWaited) {
      this.putSamplesBehind(peer, seq, ns);
    }
    const before = this.lastBefore(peer, ns);
    const state = isReset ? 'CLOSE' : afterReceiving[before?.state ?? 'ESTABLISHED'];
    if (state && !before?.isEnd && this.isTcp(peer)) {
      this.note(peer, { ns, seq, source: 'inferred', state });
    }
  }

  private noteLinger(id: SocketId, { seq, args: [, level, option, value] }: CallRecord, ns: number): void {
    if (level === SOL_SOCKET && option === SO_LINGER) {
      const isAbortive = Number(fieldOf(value, 'l_onoff')) !== 0 && Number(fieldOf(value, 'l_linger')) === 0;
      [id, ...this.copiesOf(id)].forEach((one) => this.setLinger(one, { seq, ns }, isAbortive));
    }
  }

  private setLinger(id: SocketId, at: { seq: number; ns: number }, isAbortive: boolean): void {
    const known = this.lingers.get(id) ?? [];
    if (known.some(({ seq }) => seq === at.seq)) {
      // The record was read again.
      return;
    }
    known.splice(known.findLastIndex(({ ns }) => ns <= at.ns) + 1, 0, { ...at, isAbortive });
    this.lingers.set(id, known);
  }

  private isAbortive(id: SocketId, ns: number): boolean {
    return this.lingers.get(id)?.findLast((one) => one.ns <= ns)?.isAbortive ?? false;
  }

  /** When the other end of what was accepted began to connect; where that is none of ours the accept is all that is known. */
  private handshakeOf(id: SocketId, acceptedNs: number): number {
    const peer = this.sockets().get(id)?.peerId ?? null;
    const changes = peer === null ? [] : this.of(peer);
    return changes.findLast(({ state, ns }) => state === 'SYN_SENT' && ns <= acceptedNs)?.ns ?? acceptedNs;
  }

  /** Bytes that nobody reads are answered by RST, and so is whatever comes where the user wanted it so. */
  private sendReset(id: SocketId, { seq, hasWaited }: CallRecord, ns: number): void {
    if (resettable.has(this.lastBefore(id, ns)?.state ?? 'ESTABLISHED')) {
      this.tellPeer(id, { ns, seq, hasWaited, isReset: true });
    }
  }

  private endsConnection({ name, errno }: CallRecord): boolean {
    return (
      (name === 'connect' && errno !== 'EINPROGRESS' && errno !== 'EALREADY' && errno !== 'EISCONN') ||
      errno === 'ECONNRESET' ||
      errno === 'ETIMEDOUT'
    );
  }

  private note(
    id: SocketId,
    change: Pick<StateChange, 'ns' | 'seq' | 'source' | 'state'> & Partial<StateChange>,
  ): void {
    const { state } = change;
    const full: StateChange = { tone: state === null ? 'none' : tcpTones[state], isEnd: false, ...change };
    let list = this.changes.get(id);
    if (!list) {
      list = [];
      this.changes.set(id, list);
    }
    if (list.some((one) => one.seq === full.seq && one.source === full.source && one.state === state)) {
      return;
    }
    const end = list.at(-1);
    if (end?.isEnd && full.ns > end.ns) {
      // A descriptor has no state after its end.
      return;
    }
    const cut = full.isEnd ? list.splice(list.findLastIndex(({ ns }) => ns <= full.ns) + 1) : [];
    let at = list.length;
    while (at > 0 && (list[at - 1]!.ns > full.ns || list[at - 1]!.isEnd)) {
      at -= 1;
    }
    list.splice(at, 0, full);
    // The kernel was asked before the record was read that made it so.
    const next = list[at + 1];
    if (next?.source === 'sampled' && next.state === state) {
      cut.push(...list.splice(at + 1, 1));
    }
    if (isTold(full) || cut.some(isTold)) {
      this.told = null;
    }
  }

  /** The page's clock, which dates samples, is not the host's: what was told after a call was not so before it. */
  private putSamplesBehind(id: SocketId, seq: number, ns: number): void {
    const list = this.changes.get(id) ?? [];
    const early = list.filter(
      (change) => change.source === 'sampled' && change.seq >= seq && change.ns <= ns,
    );
    if (early.length > 0) {
      this.told = null;
      early.forEach((change) => (change.ns = ns + 1));
      list.sort((one, other) => Number(one.isEnd) - Number(other.isEnd) || one.ns - other.ns);
    }
  }

  /** A record tells the moment better than the sample did. */
  private unsample(id: SocketId, fromNs: number, toNs: number): void {
    const list = this.changes.get(id) ?? [];
    const index = list.findIndex(({ ns, source, state }) => {
      return source === 'sampled' && ns >= fromNs && ns <= toNs && endedByPeer.has(state ?? 'LISTEN');
    });
    if (index >= 0) {
      this.told = null;
      list.splice(index, 1);
    }
  }

  private latest(id: SocketId): StateChange | undefined {
    return this.of(id).at(-1);
  }

  private lastBefore(id: SocketId, ns: number): StateChange | undefined {
    return this.of(id).findLast((change) => change.ns <= ns);
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

  /** Of a receiving call with a buffer of no bytes 0 says nothing. */
  private roomOf({ args }: CallRecord): number {
    return typeof args[2] === 'number' ? args[2] : 1;
  }
}
