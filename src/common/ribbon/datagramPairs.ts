import type { SocketLookup } from '../recordText.js';
import { portOf, type SocketId } from '../socket.js';
import type { Coverage } from './coverage.js';
import { matchDatagrams } from './datagrams.js';
import { type Run, Runs } from './runs.js';

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

/** What one socket sent to another one, and what that one received from it. */
interface Pair {
  sent: Runs;
  received: Runs;
  found: Match;
  /** The change up to which that was found. */
  change: number;
}

interface Match {
  sendOf: ReadonlyMap<number, Run>;
  receiveOf: ReadonlyMap<number, Run>;
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
    const others = this.sentToUnknown(from, portOf(receiver?.local) ?? null);
    const sends = others.length === 0 ? pair.sent.all : sorted([...pair.sent.all, ...others]);
    const receives = pair.received.all;
    const [firstSend, lastReceive] = [sends[0], receives.at(-1)];
    // A datagram of which no record is here could be taken for another one with the same bytes.
    const isWhole =
      sender !== undefined &&
      receiver !== undefined &&
      firstSend !== undefined &&
      lastReceive !== undefined &&
      this.coverage.covers(Math.max(sender.openedSeq, receiver.openedSeq), lastReceive.seq);
    // What was certain stays so when records are forgotten by which it was.
    if (isWhole) {
      const isReliable = receiver.domain === 'AF_UNIX' && others.length === 0;
      const sendOf = matchDatagrams(sends, receives, isReliable);
      const receiveOf = new Map<number, Run>();
      for (const receive of receives) {
        const send = sendOf.get(receive.seq);
        if (send) {
          receiveOf.set(send.seq, receive);
        }
      }
      pair.found = { sendOf, receiveOf };
    }
    return pair.found;
  }

  /** What a socket at a port may have got of that; at any port where that is not known. */
  private sentToUnknown(from: SocketId, port: number | null): Run[] {
    const all = [...(this.senders.get(from)?.toUnknown ?? [])];
    return all.filter(([to]) => to === null || port === null || to === port).flatMap(([, runs]) => runs.all);
  }

  private pair(from: SocketId, to: SocketId): Pair {
    const { pairs } = this.sender(from);
    let pair = pairs.get(to);
    if (!pair) {
      pair = { sent: new Runs(), received: new Runs(), found: nothing, change: -1 };
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

const nothing: Match = { sendOf: new Map(), receiveOf: new Map() };

function sorted(runs: Run[]): Run[] {
  return runs.sort((a, b) => a.seq - b.seq);
}
