import type { CallRecord } from '../call.js';
import type { SocketLookup } from '../recordText.js';
import type { SocketId } from '../socket.js';
import { Coverage } from './coverage.js';
import { type DatagramPlace, datagramPlaceOf, DatagramPairs } from './datagramPairs.js';
import { SocketLinks } from './links.js';
import { type RibbonPiece, type WaitingSegment, wholePiece } from './piece.js';
import { isSame, type Run, runOf, Runs } from './runs.js';

/** What one descriptor has moved of streams, by the position in the stream. */
interface Ends {
  sent: Runs;
  received: Runs;
}

/**
 * Which call received the bytes of which other call, where both ends are ours. It holds what it was told with
 * {@link add} and says nothing of what is not certain from that: such bytes belong to no piece.
 *
 * Of a stream the positions of the bytes decide, and the bytes that the records hold must agree. Datagrams have no
 * positions: see `datagrams.ts`. One that went to a group several may have received.
 */
export class ByteRibbon {
  private readonly ends = new Map<SocketId, Ends>();
  private readonly coverage = new Coverage();
  private readonly links: SocketLinks;
  /** Where the bytes of each record that is held lie. */
  private readonly places = new Map<number, Place>();
  private readonly datagrams: DatagramPairs;

  constructor(private readonly sockets: () => SocketLookup) {
    this.links = new SocketLinks(sockets);
    this.datagrams = new DatagramPairs(sockets, this.coverage);
  }

  /** Notes a record, or what has become of it. */
  add(record: CallRecord): void {
    this.coverage.add(record.seq);
    this.links.learn(record);
    this.datagrams.noteChange();
    const place = placeOf(record, this.sockets());
    if (place) {
      this.places.set(record.seq, place);
      this.runsFor(place).set(runOf(record, place.offset));
    }
  }

  /** Forgets a record. */
  remove(seq: number): void {
    this.coverage.remove(seq);
    this.datagrams.noteChange();
    const place = this.places.get(seq);
    if (place) {
      this.places.delete(seq);
      this.runsFor(place).remove({ seq, offset: place.offset });
    }
  }

  clear(): void {
    this.ends.clear();
    this.coverage.clear();
    this.links.clear();
    this.places.clear();
    this.datagrams.clear();
  }

  /** Where the bytes of a receiving call come from, in their order. */
  piecesInto(record: CallRecord): RibbonPiece[] {
    const place = placeOf(record, this.sockets());
    if (place?.kind === 'received') {
      const sent = this.runsOf(this.links.peersOf(record), 'sent');
      return piecesOf(runOf(record, place.offset), sent, true, certainEnd(sent));
    }
    if (place?.kind === 'datagramReceived') {
      const send = this.datagrams.sendOf(place, record.seq);
      return send ? [wholePiece(send, runOf(record, 0))] : [];
    }
    return [];
  }

  /** Which calls received the bytes of a sending call, in their order; of a datagram to a group each of them all. */
  piecesFrom(record: CallRecord): RibbonPiece[] {
    const place = placeOf(record, this.sockets());
    if (place?.kind === 'sent') {
      const received = this.runsOf(this.links.peersOf(record), 'received');
      const sent = this.runsOf(this.links.sameFile(place.id), 'sent');
      return piecesOf(runOf(record, place.offset), received, false, certainEnd(sent));
    }
    if (place?.kind === 'datagramSent') {
      const send = runOf(record, 0);
      return this.datagrams.receivesOf(place, record.seq).map((receive) => wholePiece(send, receive));
    }
    return [];
  }

  /**
   * The bytes of a stream that were sent to a socket and not received by then, the oldest first: those of which that is certain.
   * @param seq The last record that had begun by then.
   */
  waitingFor(socketId: SocketId, ns: number, seq: number): WaitingSegment[] {
    const received = this.runsOf(this.links.sameFile(socketId), 'received');
    const sent = this.runsOf(this.links.peersOfSocket(socketId), 'sent');
    const taken = this.takenBy(received, { socketId, ns, seq });
    if (taken === null) {
      return [];
    }
    const segments: WaitingSegment[] = [];
    const runs = sent
      .flatMap((list) => list.overlapping(taken, certainEnd(sent)))
      .filter(({ startNs }) => startNs <= ns)
      .sort((a, b) => a.offset - b.offset);
    let next = taken;
    for (const { seq, offset, length } of runs) {
      if (offset > next) {
        segments.push({ sentSeq: null, sentAt: 0, length: offset - next });
      }
      const from = Math.max(offset, next);
      next = Math.max(next, offset + length);
      if (next > from) {
        segments.push({ sentSeq: seq, sentAt: from - offset, length: next - from });
      }
    }
    return segments;
  }

  /** How far a stream was read by then at most; null where nothing is known of it. */
  private takenBy(
    received: readonly Runs[],
    { socketId, ns, seq }: { socketId: SocketId; ns: number; seq: number },
  ): number | null {
    let before = -1;
    let lastSeq = 0;
    let behind = Infinity;
    for (const runs of received) {
      const at = runs.firstWhere(({ endNs }) => (endNs ?? Infinity) > ns);
      const last = runs.all[at - 1];
      if (last && last.offset + last.length > before) {
        before = last.offset + last.length;
        lastSeq = last.seq;
      }
      behind = Math.min(behind, runs.all[at]?.offset ?? Infinity);
    }
    if (before >= 0 && this.coverage.covers(lastSeq, seq)) {
      return before;
    }
    // What the next call finds, those before it have left, also those that are not here: some of them by then, maybe.
    const next = behind < Infinity ? behind : (this.sockets().get(socketId)?.bytesReceived ?? -1);
    const taken = Math.max(before, next);
    return taken < 0 ? null : taken;
  }

  private runsOf(ids: readonly SocketId[], kind: 'sent' | 'received'): Runs[] {
    return ids.flatMap((id) => this.ends.get(id)?.[kind] ?? []);
  }

  private runsFor(place: Place): Runs {
    const { id, kind } = place;
    if (kind === 'datagramSent' || kind === 'datagramReceived') {
      return this.datagrams.runsFor(place);
    }
    let ends = this.ends.get(id);
    if (!ends) {
      ends = { sent: new Runs(), received: new Runs() };
      this.ends.set(id, ends);
    }
    return ends[kind];
  }
}

type Place = { id: SocketId; kind: keyof Ends; offset: number } | (DatagramPlace & { offset: number });

/** Where the bytes of a record belong; undefined for one that moved none, only looked at them, or has no other end of ours. */
function placeOf(record: CallRecord, sockets: SocketLookup): Place | undefined {
  const { seq, socketId, payload, errno } = record;
  if (socketId === null || payload === null || errno !== null) {
    return undefined;
  }
  if (payload.offset === null) {
    const datagram = datagramPlaceOf(record, sockets);
    return datagram && { ...datagram, offset: seq };
  }
  const kind = payload.direction === 'out' ? 'sent' : 'received';
  return payload.length === 0 ? undefined : { id: socketId, kind, offset: payload.offset };
}

/** The pieces that `own`, a receive or a send, shares with the runs of the other end, in the order of its bytes. */
function piecesOf(own: Run, others: readonly Runs[], isReceive: boolean, certainTo: number): RibbonPiece[] {
  const end = Math.min(own.offset + own.length, certainTo);
  const pieces: RibbonPiece[] = [];
  const runs = others.flatMap((list) => list.overlapping(own.offset, end));
  let next = own.offset;
  for (const run of runs.sort((a, b) => a.offset - b.offset)) {
    const [send, receive] = isReceive ? [run, own] : [own, run];
    const from = Math.max(run.offset, own.offset);
    const length = Math.min(run.offset + run.length, end) - from;
    if (from < next) {
      // Bytes with two origins: the positions are those of different connections.
      return [];
    }
    next = from + length;
    const [sentAt, receivedAt] = [from - send.offset, from - receive.offset];
    const isPossible = send.startNs <= (receive.endNs ?? Infinity);
    if (isPossible && isSame(send, sentAt, receive, receivedAt, length)) {
      pieces.push({ sentSeq: send.seq, sentAt, receivedSeq: receive.seq, receivedAt, length });
    }
  }
  return pieces;
}

function certainEnd(sent: readonly Runs[]): number {
  return Math.min(...sent.map(({ certainTo }) => certainTo));
}
