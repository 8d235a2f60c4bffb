import type { CallRecord } from '../call.js';
import { addressIn, type SocketLookup } from '../recordText.js';
import { portOf, type SocketId } from '../socket.js';
import type { Coverage } from './coverage.js';
import { matchDatagrams } from './datagrams.js';
import { flagsOf, MSG_OOB, MSG_PEEK, type Run, Runs } from './runs.js';

/** What a datagram is to its two ends, of which this one moved it. */
export type DatagramPlace =
  | {
      id: SocketId;
      kind: 'datagramSent';
      /** Null where the host did not know who gets it: of one to a group, say. Its port, where the call says it, tells a little. */
      peerId: SocketId | null;
      port: number | null;
    }
  | { id: SocketId; kind: 'datagramReceived'; peerId: SocketId };

/** Where a record's datagram belongs; undefined for one that moved none, only looked at it, or has no other end of ours. */
export function datagramPlaceOf(record: CallRecord, sockets: SocketLookup): DatagramPlace | undefined {
  const { socketId, payload, errno, peerId } = record;
  if (socketId === null || payload === null || payload.offset !== null || errno !== null) {
    return undefined;
  }
  const isOut = payload.direction === 'out';
  const isStream = ['SOCK_STREAM', null].includes((sockets.get(socketId)?.type ?? null) as string | null);
  const isLook = !isOut && (flagsOf(record) & (MSG_PEEK | MSG_OOB)) !== 0;
  if (isStream || isLook || record.status !== 'returned') {
    return undefined;
  }
  if (isOut) {
    const port = peerId === null ? (portOf(addressIn(record)) ?? null) : null;
    return { id: socketId, kind: 'datagramSent', peerId, port };
  }
  return peerId === null ? undefined : { id: socketId, kind: 'datagramReceived', peerId };
}

/** What one socket sent to another one, and what that one received from it. */
interface Pair {
  sent: Runs;
  received: Runs;
  /** The number of the last send of which no later receive can be; 0 for none. */
  passed: number;
  /** Whether receives were given up without knowing what they are of. */
  hasLostReceives: boolean;
  found: Match;
  /** The change up to which that was found. */
  change: number;
}

interface Match {
  sendOf: ReadonlyMap<number, Run>;
  receiveOf: ReadonlyMap<number, Run>;
  /** The first that each receive can be of. */
  earliest: ReadonlyMap<number, Run>;
}

/** A datagram that one of our sockets sent and one received. */
export interface OwnDatagram {
  send: Run;
  receive: Run;
}

/** What one socket sent. */
interface Sender {
  pairs: Map<SocketId, Pair>;
  /** Of which nobody knows who gets it, by the port. Each receiver may have got it. */
  toUnknown: Map<number | null, Runs>;
}

/** Which call received the datagram of which other one. */
export class DatagramPairs {
  private readonly senders = new Map<SocketId, Sender>();
  /** Counts what makes them match anew. */
  private change = 0;

  /** @param coverage The records that were seen. */
  constructor(
    private readonly sockets: () => SocketLookup,
    private readonly coverage: Coverage,
  ) {}

  /** Something was added or taken away. */
  noteChange(): void {
    this.change += 1;
  }

  /** How many datagrams are held: sends and receives. */
  get size(): number {
    const all = [...this.senders.values()].flatMap(({ pairs, toUnknown }) => [
      ...toUnknown.values(),
      ...[...pairs.values()].flatMap(({ sent, received }) => [sent, received]),
    ]);
    return all.reduce((sum, runs) => sum + runs.all.length, 0);
  }

  clear(): void {
    this.senders.clear();
  }

  /** Where the datagrams are that have such a place. */
  runsFor(place: DatagramPlace): Runs {
    if (place.kind === 'datagramReceived') {
      return this.pair(place.peerId, place.id).received;
    }
    if (place.peerId !== null) {
      return this.pair(place.id, place.peerId).sent;
    }
    const { toUnknown } = this.sender(place.id);
    const known = toUnknown.get(place.port) ?? new Runs();
    toUnknown.set(place.port, known);
    return known;
  }

  /** What a call received; undefined where that is not certain. */
  sendOf({ id, peerId }: DatagramPlace, receivedSeq: number): Run | undefined {
    return this.match(peerId!, id).sendOf.get(receivedSeq);
  }

  /** Who received what a call sent, as far as that is certain, in the order of the calls. */
  receivesOf({ id, peerId }: DatagramPlace, sentSeq: number): Run[] {
    const receivers = peerId === null ? [...(this.senders.get(id)?.pairs.keys() ?? [])] : [peerId];
    return receivers
      .flatMap((receiver) => this.match(id, receiver).receiveOf.get(sentSeq) ?? [])
      .sort((a, b) => a.seq - b.seq);
  }

  /**
   * What is certain of the datagrams that were sent or received up to a time; those that this decides, and those of which no
   * later receive can be, are held no longer.
   * @param seenNs Everything that was sent before has been added.
   */
  settle(throughNs: number, seenNs: number): OwnDatagram[] {
    const found: OwnDatagram[] = [];
    for (const [from, { pairs }] of this.senders) {
      for (const [to, pair] of pairs) {
        this.settlePair(pair, this.match(from, to), throughNs, seenNs, found);
      }
    }
    this.noteChange();
    return found;
  }

  /**
   * Holds no longer what was sent or received up to a time, after {@link settle} has said what is certain of it. A later
   * receive may be of such a send: where it may, nothing is certain from then on.
   */
  giveUp(throughNs: number): void {
    for (const { pairs, toUnknown } of this.senders.values()) {
      for (const pair of pairs.values()) {
        giveUp(pair.sent, ({ startNs }) => startNs > throughNs);
        const lost = giveUp(pair.received, ({ endNs }) => endNs! > throughNs);
        pair.hasLostReceives ||= lost;
      }
      for (const runs of toUnknown.values()) {
        giveUp(runs, ({ startNs }) => startNs > throughNs);
      }
    }
    this.noteChange();
  }

  /** Whether what a datagram is at its other end can no longer be known because of what was given up. */
  isGivenUp(place: DatagramPlace): boolean {
    const { id, peerId } = place;
    if (peerId === null) {
      return false;
    }
    const [from, to] = place.kind === 'datagramSent' ? [id, peerId] : [peerId, id];
    const pair = this.senders.get(from)?.pairs.get(to);
    return pair !== undefined && this.hasGaps(from, to, pair);
  }

  private settlePair(
    pair: Pair,
    { sendOf, earliest }: Match,
    throughNs: number,
    seenNs: number,
    found: OwnDatagram[],
  ): void {
    const receives = pair.received.all;
    // What is still to come may be received by a call that returned later.
    const open = receives.findIndex(({ endNs }) => endNs === null || endNs >= seenNs);
    const ready = open < 0 ? receives : receives.slice(0, open);
    const isDue = ({ seq, endNs }: Run) =>
      endNs! <= throughNs || (earliest.get(seq)?.startNs ?? Infinity) <= throughNs;
    const due = ready.findLastIndex(isDue);
    for (const receive of receives.slice(0, due + 1)) {
      const send = sendOf.get(receive.seq);
      if (send) {
        found.push({ send, receive });
      }
      pair.passed = earliest.get(receive.seq)?.seq ?? pair.passed;
    }
    const next = receives.slice(due + 1).find(({ seq }) => earliest.has(seq));
    if (next) {
      pair.passed = earliest.get(next.seq)!.seq - 1;
    }
    pair.received.takeTo(receives[due]?.offset ?? 0);
    pair.sent.takeTo(pair.passed);
    pair.found = nothing;
  }

  private match(from: SocketId, to: SocketId): Match {
    const [sender, receiver] = [this.sockets().get(from), this.sockets().get(to)];
    const pair = this.senders.get(from)?.pairs.get(to);
    if (!pair) {
      return nothing;
    }
    if (pair.change === this.change) {
      return pair.found;
    }
    pair.change = this.change;
    const others = this.toUnknown(from, to).flatMap(({ all }) => all.filter(({ seq }) => seq > pair.passed));
    const sends = others.length === 0 ? pair.sent.all : sorted([...pair.sent.all, ...others]);
    const receives = pair.received.all;
    const [firstSend, lastReceive] = [sends[0], receives.at(-1)];
    // A datagram of which no record is here could be taken for another one with the same bytes.
    const isWhole =
      sender !== undefined &&
      receiver !== undefined &&
      firstSend !== undefined &&
      lastReceive !== undefined &&
      this.coverage.covers(Math.max(sender.openedSeq, receiver.openedSeq), lastReceive.seq) &&
      !this.hasGaps(from, to, pair);
    // What was certain stays so when records are forgotten by which it was.
    if (isWhole) {
      const isReliable = receiver.domain === 'AF_UNIX' && others.length === 0;
      const { certain: sendOf, earliest } = matchDatagrams(sends, receives, isReliable);
      const receiveOf = new Map<number, Run>();
      for (const receive of receives) {
        const send = sendOf.get(receive.seq);
        if (send) {
          receiveOf.set(send.seq, receive);
        }
      }
      pair.found = { sendOf, receiveOf, earliest };
    }
    return pair.found;
  }

  /** Whether something was given up that one of a pair's later receives may be of. */
  private hasGaps(from: SocketId, to: SocketId, { sent, passed, hasLostReceives }: Pair): boolean {
    const openedSeq = this.sockets().get(to)?.openedSeq ?? 0;
    return (
      hasLostReceives ||
      [sent, ...this.toUnknown(from, to)].some(
        ({ givenUpTo }) => givenUpTo > passed && givenUpTo >= openedSeq,
      )
    );
  }

  /** What a socket may have got of that at its port; at any port where that is not known. */
  private toUnknown(from: SocketId, to: SocketId): Runs[] {
    const port = portOf(this.sockets().get(to)?.local) ?? null;
    const all = [...(this.senders.get(from)?.toUnknown ?? [])];
    return all.filter(([at]) => at === null || port === null || at === port).map(([, runs]) => runs);
  }

  private pair(from: SocketId, to: SocketId): Pair {
    const { pairs } = this.sender(from);
    let pair = pairs.get(to);
    if (!pair) {
      pair = {
        sent: new Runs(),
        received: new Runs(),
        passed: 0,
        hasLostReceives: false,
        found: nothing,
        change: -1,
      };
      pairs.set(to, pair);
    }
    return pair;
  }

  private sender(id: SocketId): Sender {
    let sender = this.senders.get(id);
    if (!sender) {
      sender = { pairs: new Map(), toUnknown: new Map() };
      this.senders.set(id, sender);
    }
    return sender;
  }
}

const nothing: Match = { sendOf: new Map(), receiveOf: new Map(), earliest: new Map() };

function sorted(runs: Run[]): Run[] {
  return runs.sort((a, b) => a.seq - b.seq);
}

/** Whether there were any. */
function giveUp(runs: Runs, isLater: (run: Run) => boolean): boolean {
  const last = runs.all[runs.firstWhere(isLater) - 1];
  if (last) {
    runs.takeTo(last.offset);
    runs.givenUpTo = last.offset;
  }
  return last !== undefined;
}
