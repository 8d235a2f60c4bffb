import { type CallRecord, endOf as endNsOf } from '../../common/call.js';
import { addressIn } from '../../common/recordText.js';
import { Coverage } from '../../common/ribbon/coverage.js';
import { datagramPlaceOf, DatagramPairs } from '../../common/ribbon/datagramPairs.js';
import { runOf } from '../../common/ribbon/runs.js';
import type { End } from './packet.js';
import type { RecordSource } from './recordSource.js';
import { endOf, type SocketBookOfFacts } from './socketFacts.js';

/** A call that received a datagram. */
export interface Receipt {
  seq: number;
  endNs: number;
  text: string;
  /** Where it came from, where the call says it. */
  source: End | null;
}

/** Datagrams that are read at a time: the queues of sockets have room for far fewer. */
const usualBlock = 1 << 14;

/**
 * Which datagrams that our sockets received are those that others of them sent, whichever of the records are exported. It
 * reads ahead of the export, a block of datagrams at a time: where the two calls are farther apart, they are not found.
 */
export class OwnDatagrams {
  private readonly coverage = new Coverage();
  private readonly pairs = new DatagramPairs(() => this.source.model.sockets, this.coverage);
  private readonly pages: AsyncIterator<CallRecord[]> | undefined;
  /** The receipts of which is not known yet what they are of, by the number of the record. */
  private readonly open = new Map<number, Receipt>();
  /** Those of what is exported next, by the number of the record that sent it. */
  private readonly receipts = new Map<number, Receipt[]>();
  /** Receives that have become a packet with their send, and when they were. */
  private readonly drawn = new Map<number, number>();
  /** When the last call began that was read. */
  private readNs = -Infinity;
  private settledNs = -Infinity;
  private reachedNs = -Infinity;

  /**
   * @param textOf What is told of a call that received one.
   * @param block Datagrams that are read at a time; about twice as many are in memory.
   */
  constructor(
    private readonly source: RecordSource,
    private readonly facts: SocketBookOfFacts,
    private readonly textOf: (record: CallRecord) => string,
    readonly block = usualBlock,
  ) {
    // Nothing is read where nothing can be found.
    this.pages = facts.hasDatagrams ? source.read({}) : undefined;
  }

  /** How many datagrams are kept, and what else is for some. */
  get size(): number {
    return this.pairs.size + this.open.size + this.receipts.size + this.drawn.size;
  }

  /** Finds out about what was sent or received up to a time: what was before the one of the last time is exported. */
  async reach(ns: number): Promise<void> {
    while (this.pages && this.settledNs < ns) {
      const throughNs = this.readNs;
      const isAtEnd = await this.readBlock(this.pages);
      this.forgetDrawn();
      this.settle(isAtEnd ? Infinity : throughNs, isAtEnd ? Infinity : this.readNs);
    }
    this.reachedNs = ns;
  }

  /** Who received what a call sent, as far as that is certain. Asked between {@link reach} for this call and for the next. */
  receiptsOf({ seq }: CallRecord): readonly Receipt[] {
    return this.receipts.get(seq) ?? [];
  }

  /** Notes that there is a packet for these. */
  noteDrawn(receipts: readonly Receipt[]): void {
    receipts.forEach(({ seq, endNs }) => this.drawn.set(seq, endNs));
  }

  /** Whether what a call received has become a packet when it was sent. */
  isDrawn({ seq }: CallRecord): boolean {
    return this.drawn.has(seq);
  }

  /** Whether there was too much in between to find the other call of a datagram. */
  isLost(record: CallRecord): boolean {
    const place = datagramPlaceOf(record, this.source.model.sockets);
    return place !== undefined && this.pairs.isGivenUp(place);
  }

  /** Whether there is nothing behind it. */
  private async readBlock(pages: AsyncIterator<CallRecord[]>): Promise<boolean> {
    for (let count = 0; count < this.block;) {
      const next = await pages.next();
      if (next.done) {
        return true;
      }
      count += next.value.filter((record) => this.take(record)).length;
    }
    return false;
  }

  /** Whether it moved a datagram. */
  private take(record: CallRecord): boolean {
    const { seq, startNs, socketId } = record;
    this.coverage.add(seq);
    this.readNs = Math.max(this.readNs, startNs);
    const isDatagram = this.facts.get(socketId)?.protocol === 'udp';
    const place = isDatagram ? datagramPlaceOf(record, this.source.model.sockets) : undefined;
    if (!place) {
      return false;
    }
    this.pairs.runsFor(place).set(runOf(record, seq));
    if (place.kind === 'datagramReceived') {
      const [text, source] = [this.textOf(record), endOf(addressIn(record))];
      this.open.set(seq, { seq, endNs: endNsOf(record), text, source });
    }
    return true;
  }

  private settle(throughNs: number, seenNs: number): void {
    this.pairs.noteChange();
    this.receipts.clear();
    for (const { send, receive } of this.pairs.settle(throughNs, seenNs)) {
      const receipts = this.receipts.get(send.seq) ?? [];
      receipts.push(this.open.get(receive.seq)!);
      this.receipts.set(send.seq, receipts);
    }
    // At the end nothing is missing.
    if (throughNs < Infinity) {
      this.pairs.giveUp(throughNs);
    }
    for (const { seq, endNs } of this.open.values()) {
      if (endNs <= throughNs) {
        this.open.delete(seq);
      }
    }
    this.settledNs = throughNs;
  }

  private forgetDrawn(): void {
    for (const [seq, endNs] of this.drawn) {
      if (endNs <= this.reachedNs) {
        this.drawn.delete(seq);
      }
    }
  }
}
