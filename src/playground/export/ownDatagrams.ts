import type { CallRecord } from '../../common/call.js';
import { addressIn } from '../../common/recordText.js';
import { ByteRibbon } from '../../common/ribbon/byteRibbon.js';
import type { End } from './packet.js';
import type { RecordSource } from './recordSource.js';
import { endOf, type SocketBookOfFacts } from './socketFacts.js';

/** A call that received a datagram. */
export interface Receipt {
  text: string;
  /** Where it came from, where the call says it. */
  source: End | null;
}

/** Which datagrams that our sockets received are those that others of them sent, whichever of the records are exported. */
export class OwnDatagrams {
  private readonly ribbon: ByteRibbon;
  private readonly receipts = new Map<number, Receipt>();
  private readonly drawn = new Set<number>();

  /** @param textOf What is told of a call that received one. */
  static async read(
    source: RecordSource,
    facts: SocketBookOfFacts,
    textOf: (record: CallRecord) => string,
  ): Promise<OwnDatagrams> {
    const own = new OwnDatagrams(source);
    // Nothing is read where nothing can be found.
    if (facts.hasDatagrams) {
      for await (const page of source.read({})) {
        page.forEach((record) => own.take(record, facts, textOf));
      }
    }
    return own;
  }

  private constructor({ model }: RecordSource) {
    this.ribbon = new ByteRibbon(() => model.sockets);
  }

  /** Notes that a datagram has become a packet. Who received it, as far as that is certain. */
  send(record: CallRecord): Receipt[] {
    const pieces = this.ribbon.piecesFrom(record);
    if (pieces.length > 0) {
      this.drawn.add(record.seq);
    }
    return pieces.map(({ receivedSeq }) => this.receipts.get(receivedSeq)!);
  }

  /** Whether what a call received has become a packet when it was sent. */
  isDrawn(record: CallRecord): boolean {
    return this.ribbon.piecesInto(record).some(({ sentSeq }) => this.drawn.has(sentSeq));
  }

  private take(record: CallRecord, facts: SocketBookOfFacts, textOf: (record: CallRecord) => string): void {
    const isDatagram = record.payload !== null && facts.get(record.socketId)?.protocol === 'udp';
    // Of the others it is to know only that they are here: the bytes of streams need not be kept.
    this.ribbon.add(isDatagram ? record : { ...record, payload: null });
    if (isDatagram && record.payload?.direction === 'in' && record.peerId !== null) {
      this.receipts.set(record.seq, { text: textOf(record), source: endOf(addressIn(record)) });
    }
  }
}
