import type { CallRecord } from '../../common/call.js';
import type { SocketId, SocketInfo } from '../../common/socket.js';
import { unlessDamaged } from '../../common/rows/bytes.js';
import { headerSize, place, sizeOf } from '../../common/rows/rowLayout.js';
import { FullRow } from './fullRow.js';
import { isShortAt } from './shortRow.js';
import type { RowCursor } from './rowCursor.js';
import type { RowPacker } from './rowPacker.js';
import type { RowReader, StoredRow } from '../../common/rows/rowReader.js';
import { offsetOf, type Segment, segmentOf } from './segments.js';
import type { SeqLookup } from './seqIndex.js';
import { decodeSocket } from './socketCodec.js';

/** Segments by their id. */
export interface SegmentSource {
  find(id: number): Segment | undefined;
  has(id: number): boolean;
}

/** A row's header has a negative `seq` where it is none of a record, but what is known of a socket: now, and in version 1. */
export const socketSeq = -2;
const oldSocketSeq = -1;
export const isSocketSeq = (seq: number) => seq === socketSeq || seq === oldSocketSeq;

const noBytes = new Uint8Array();

/** Records, payload and sockets by their ids, out of segments of whatever kind. */
export class RecordReader {
  private readonly full = new FullRow();

  constructor(
    private readonly rows: SegmentSource,
    private readonly payload: SegmentSource,
    private readonly index: SeqLookup,
    private readonly sockets: SeqLookup,
    private readonly reader: RowReader,
  ) {}

  /** The first `seq` whose row may still be held, and the last. */
  get firstSeq(): number {
    return this.index.firstSeq;
  }

  get lastSeq(): number {
    return this.index.lastSeq;
  }

  /** The first `seq` from this one on that has a row. */
  next(seq: number): number | undefined {
    return this.index.next(seq);
  }

  /** The row of a record; undefined when there is none, or it is forgotten. */
  row(seq: number): StoredRow | undefined {
    const position = this.index.get(seq);
    if (position < 0) {
      return undefined;
    }
    const segment = this.rows.find(segmentOf(position));
    const offset = offsetOf(position);
    const bytes = segment?.body(offset, seq);
    if (!bytes) {
      return undefined;
    }
    const header = offset - headerSize;
    const socketId = segment!.u32[(header >> 2) + 1]!;
    const startNs = segment!.f64[(header >> 3) + 2]!;
    if (!isShortAt(segment!, offset)) {
      return { bytes, socketId, seq, startNs };
    }
    const { full } = this;
    return full.set(segment!, offset) ? { bytes: full.bytes, socketId, seq, startNs } : undefined;
  }

  /**
   * Copies the row of a record, and those of the next ones that lie behind it, `most` at most. Gives how many it were;
   * 0 where the first has none.
   */
  copy(seq: number, most: number, packer: RowPacker): number {
    const position = this.index.get(seq);
    const segment = position < 0 ? undefined : this.rows.find(segmentOf(position));
    if (!segment?.body(offsetOf(position), seq)) {
      return 0;
    }
    const start = offsetOf(position) - headerSize;
    let end = start;
    let count = 0;
    while (count < most && end + headerSize <= segment.end && segment.seqAt(end) === seq + count) {
      const next = end + sizeOf(segment.u32[end >> 2]!);
      if (next > segment.end) {
        break;
      }
      end = next;
      count++;
    }
    packer.copy(segment, start, end, (id) => this.payload.has(id));
    return count;
  }

  /** Lets a cursor look at the row of a record; false when there is none. */
  seek(seq: number, cursor: RowCursor): boolean {
    const position = this.index.get(seq);
    const segment = position < 0 ? undefined : this.rows.find(segmentOf(position));
    return segment !== undefined && cursor.set(segment, offsetOf(position), seq);
  }

  /** The record as it ended; undefined when it has not, is forgotten, or cannot be read. */
  read(seq: number): CallRecord | undefined {
    const row = this.row(seq);
    return row && unlessDamaged(() => this.decode(row));
  }

  decode(row: StoredRow): CallRecord {
    const record = this.reader.read(row);
    const { segment } = this.reader.placeOf(row);
    if (record.payload && segment !== place.inline && !this.payload.has(segment)) {
      record.payload.captured = 0;
    }
    return record;
  }

  /** What is held of the payload of a row. Valid until something else is read. */
  dataOf(row: StoredRow): Uint8Array {
    const { segment, offset } = this.reader.placeOf(row);
    if (segment === place.inline) {
      return this.reader.inlineData(row);
    }
    return this.payloadAt(segment, offset, row.socketId, row.seq);
  }

  /** What is held of the payload that lies there. */
  payloadAt(segment: number, offset: number, socketId: number, seq: number): Uint8Array {
    const found = segment < 0 ? undefined : this.payload.find(segment);
    return found?.payload(offset, socketId, seq) ?? noBytes;
  }

  /** A copy of the captured payload of a record. */
  readData(seq: number, offset: number, length: number): Uint8Array {
    const row = this.row(seq);
    const bytes = row && unlessDamaged(() => this.dataOf(row));
    return bytes?.slice(offset, offset + length) ?? new Uint8Array();
  }

  /** What was last noted of a socket. */
  socket(id: SocketId): SocketInfo | undefined {
    const position = this.sockets.get(id);
    const segment = position < 0 ? undefined : this.rows.find(segmentOf(position));
    for (const seq of [socketSeq, oldSocketSeq]) {
      const bytes = segment?.body(offsetOf(position), seq);
      const socket = bytes && unlessDamaged(() => decodeSocket(bytes, seq === oldSocketSeq));
      if (socket) {
        const ns = segment!.timeOf(offsetOf(position));
        return socket.isLost && ns > 0 ? { ...socket, lost: { seq: this.lastSeq, ns } } : socket;
      }
    }
    return undefined;
  }

  /** All sockets that something is noted of. */
  *allSockets(): Generator<SocketInfo> {
    for (let id = this.sockets.next(0); id !== undefined; id = this.sockets.next(id + 1)) {
      const socket = this.socket(id);
      if (socket) {
        yield socket;
      }
    }
  }
}
