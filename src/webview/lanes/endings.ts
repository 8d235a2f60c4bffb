import { type CallRecord, fieldOf } from '../../common/call.js';
import type { SocketLookup } from '../../common/recordText.js';
import type { SocketId, TcpState } from '../../common/socket.js';
import { constantValue } from '../../common/tables/constants.js';
import type { StateChanges } from './stateChanges.js';

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
export const afterReceiving: Partial<Record<TcpState, TcpState>> = {
  ESTABLISHED: 'CLOSE_WAIT',
  FIN_WAIT1: 'TIME_WAIT',
  FIN_WAIT2: 'TIME_WAIT',
};

/** What both ends come to by FIN. */
const byFin: ReadonlySet<TcpState | null> = new Set([
  ...Object.values(afterSending),
  ...Object.values(afterReceiving),
]);

/** Linux waits so long for the FIN of the other end when nobody has a descriptor: net.ipv4.tcp_fin_timeout, where it was left alone. */
const finTimeoutNs = 60e9;

/** States in which the kernel tells the other end of a connection that is given up: in others both have sent FIN, or it is over. */
const resettable: ReadonlySet<TcpState> = new Set(['ESTABLISHED', 'CLOSE_WAIT', 'FIN_WAIT1', 'FIN_WAIT2']);

const [SOL_SOCKET, SO_LINGER] = ['SOL_SOCKET', 'SO_LINGER'].map((name) => constantValue(name, 'linux'));

export interface EndingsContext {
  changes: StateChanges;
  sockets: () => SocketLookup;
  isTcp(id: SocketId): boolean;
  /** The other descriptors of a socket's file. */
  copiesOf(id: SocketId): SocketId[];
  /** Whether bytes waited at a socket that nobody will read any more. */
  hasUnread(id: SocketId, at: { ns: number; seq: number }): boolean;
}

/** What a call that ends a stream does to both ends of it: it sends FIN, or RST. */
export class Endings {
  /** Whether close(2) resets the connection: SO_LINGER is on, with no time. By the records that said so, in order of time. */
  private readonly lingers = new Map<SocketId, { seq: number; ns: number; isAbortive: boolean }[]>();
  /** Ends of streams whose other end is not known yet, by their records: the kernel has told it all the same. */
  private readonly untold = new Map<SocketId, Map<number, Ending>>();

  /** Connections that were closed with FIN, as far as the records tell that are read. */
  private readonly gentle = new Map<SocketId, { record: CallRecord; ns: number }>();

  constructor(private readonly context: EndingsContext) {}

  /** The last descriptor of a connection was closed. */
  close(id: SocketId, record: CallRecord, ns: number): void {
    if (this.isReset(id, record, ns)) {
      this.sendReset(id, record, ns);
    } else {
      this.sendFin(id, record, ns);
      this.gentle.set(id, { record, ns });
    }
  }

  /** A record was read that may tell that a close reset its connection: bytes that it left, or an option of its socket. */
  judgeAgain(id: SocketId): void {
    const close = this.gentle.get(id);
    if (!close || !this.isReset(id, close.record, close.ns)) {
      return;
    }
    const { record, ns } = close;
    this.gentle.delete(id);
    this.untold.get(id)?.delete(record.seq);
    const peer = this.context.sockets().get(id)?.peerId ?? null;
    for (const end of peer === null ? [id] : [id, peer]) {
      this.context.changes.takeBack(end, (change) => change.ns >= ns && byFin.has(change.state));
    }
    this.sendReset(id, record, ns);
  }

  /** A call on one end has made the kernel send FIN to the other. */
  sendFin(id: SocketId, { seq, hasWaited }: CallRecord, ns: number): void {
    const next = afterSending[this.context.changes.lastBefore(id, ns)?.state ?? 'ESTABLISHED'];
    if (next) {
      this.context.changes.note(id, { ns, seq, source: 'call', state: next });
    }
    this.tellPeer(id, { ns, seq, hasWaited, isReset: false });
  }

  /** The other end of a socket is known now. */
  tellUntold(id: SocketId): void {
    this.untold.get(id)?.forEach((ending) => this.tellPeer(id, ending));
    this.untold.delete(id);
  }

  noteLinger(id: SocketId, { seq, args: [, level, option, value] }: CallRecord, ns: number): void {
    if (level === SOL_SOCKET && option === SO_LINGER) {
      const isAbortive = Number(fieldOf(value, 'l_onoff')) !== 0 && Number(fieldOf(value, 'l_linger')) === 0;
      [id, ...this.context.copiesOf(id)].forEach((one) => this.setLinger(one, { seq, ns }, isAbortive));
    }
  }

  /**
   * A call has made a socket: a copy has what its file has, and what is accepted what its listener had at the handshake.
   */
  inherit(id: SocketId, from: SocketId, at: { seq: number; ns: number }, isCopy: boolean): void {
    this.setLinger(id, at, this.isAbortive(from, isCopy ? at.ns : this.handshakeOf(id, at.ns)));
  }

  forget(id: SocketId): void {
    this.untold.delete(id);
    this.gentle.delete(id);
    this.lingers.delete(id);
  }

  clear(): void {
    this.untold.clear();
    this.gentle.clear();
    // What options sockets have does not change when the records of it are cleared.
  }

  private tellPeer(id: SocketId, ending: Ending): void {
    const peer = this.context.sockets().get(id)?.peerId ?? null;
    if (peer === null) {
      this.untold.set(id, (this.untold.get(id) ?? new Map<number, Ending>()).set(ending.seq, ending));
      return;
    }
    const { ns, seq, hasWaited, isReset } = ending;
    if ((this.context.sockets().get(peer)?.openedSeq ?? 0) > seq) {
      // It was accepted after that: what it has been since then only the kernel can say.
      return;
    }
    if (!hasWaited) {
      this.context.changes.putSamplesBehind(peer, seq, ns);
    }
    const { changes } = this.context;
    const before = changes.of(peer).findLast((change) => change.ns <= ns && !change.isEnd);
    const state = isReset ? 'CLOSE' : afterReceiving[before?.state ?? 'ESTABLISHED'];
    if (!state || !this.context.isTcp(peer)) {
      return;
    }
    if (!changes.lastBefore(peer, ns)?.isEnd) {
      changes.note(peer, { ns, seq, source: 'inferred', state });
    } else if (state === 'TIME_WAIT' && this.isFinTaken(id, peer, { ns, seq })) {
      changes.noteLeft(peer, { ns, seq });
    }
  }

  /** Whether the end that a closed descriptor has left still waits for FIN: any more bytes before it are answered by RST. */
  private isFinTaken(id: SocketId, peer: SocketId, at: { ns: number; seq: number }): boolean {
    const until = (one: SocketId) => this.context.changes.of(one).filter(({ ns }) => ns <= at.ns);
    const sender = until(id).findLast(({ isEnd }) => !isEnd);
    const left = until(peer).find(({ isEnd }) => isEnd);
    const waits = left === undefined || at.ns - left.ns < finTimeoutNs;
    return waits && sender?.state !== 'CLOSE' && !this.context.hasUnread(peer, at);
  }

  private setLinger(id: SocketId, at: { seq: number; ns: number }, isAbortive: boolean): void {
    const known = this.lingers.get(id) ?? [];
    if (known.some(({ seq }) => seq === at.seq)) {
      // The record was read again.
      return;
    }
    known.splice(known.findLastIndex(({ ns }) => ns <= at.ns) + 1, 0, { ...at, isAbortive });
    this.lingers.set(id, known);
    this.judgeAgain(id);
  }

  /** Whether a close has discarded bytes, or was wanted so. */
  private isReset(id: SocketId, { seq }: CallRecord, ns: number): boolean {
    return this.isAbortive(id, ns) || this.context.hasUnread(id, { ns, seq });
  }

  private isAbortive(id: SocketId, ns: number): boolean {
    return this.lingers.get(id)?.findLast((one) => one.ns <= ns)?.isAbortive ?? false;
  }

  /** When the other end of what was accepted began to connect; where that is none of ours the accept is all that is known. */
  private handshakeOf(id: SocketId, acceptedNs: number): number {
    const peer = this.context.sockets().get(id)?.peerId ?? null;
    const changes = peer === null ? [] : this.context.changes.of(peer);
    return changes.findLast(({ state, ns }) => state === 'SYN_SENT' && ns <= acceptedNs)?.ns ?? acceptedNs;
  }

  /** Bytes that nobody reads are answered by RST, and so is whatever comes where the user wanted it so. */
  private sendReset(id: SocketId, { seq, hasWaited }: CallRecord, ns: number): void {
    const before = this.context.changes.of(id).findLast((change) => change.ns <= ns && !change.isEnd);
    if (resettable.has(before?.state ?? 'ESTABLISHED')) {
      this.tellPeer(id, { ns, seq, hasWaited, isReset: true });
    }
  }
}
