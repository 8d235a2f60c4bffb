import type { CallRecord } from '../common/call.js';
import { previewLength } from '../common/call.js';
import { Memory } from './sys/memory.js';
import type { MovedRow } from './store/movedRow.js';
import { movedById, place } from './store/rowLayout.js';
import { RowReader, type StoredRow } from './store/rowReader.js';
import { RowWriter } from './store/rowWriter.js';
import { headerSize, headersOf, type Position, Segment, SegmentList, unpacked } from './store/segments.js';
import { SeqIndex } from './store/seqIndex.js';

export interface CaptureLimits {
  /** Bytes of payload kept. */
  payload: number;
  /** Bytes of rows kept. */
  rows: number;
}

const defaultLimits: CaptureLimits = { payload: 64 << 20, rows: 32 << 20 };
const segmentSize = 1 << 20;

/** A segment that the kernel can write into. */
export class PayloadSegment extends Segment {
  readonly memory = new Memory(this.bytes);
}

/** Room in a segment that has been reserved and not yet committed. */
export interface Reservation {
  segment: PayloadSegment;
  /** Where the body begins. */
  offset: number;
}

/**
 * The record store. Rows and payload are appended to segments of their own: payload is large and goes
 * first, a row stays with its preview. Nothing is kept as an object.
 */
export class Capture {
  private readonly payload: SegmentList<PayloadSegment>;
  private readonly rows: SegmentList;
  private readonly index: SeqIndex;
  private readonly writer: RowWriter;
  private readonly reader = new RowReader('linux');
  private dropped = 0;

  constructor(firstSeq: number, changedLimits: Partial<CaptureLimits> = {}) {
    const limits = { ...defaultLimits, ...changedLimits };
    this.index = new SeqIndex(firstSeq);
    this.payload = new SegmentList(
      (id, buffer) => new PayloadSegment(id, buffer),
      segmentSize,
      limits.payload,
      (segment) => {
        for (const { length } of headersOf(segment)) {
          this.dropped += length;
        }
      },
    );
    this.rows = new SegmentList(
      (id, buffer) => new Segment(id, buffer),
      segmentSize,
      limits.rows,
      (segment) => {
        for (const { seq } of headersOf(segment)) {
          this.index.delete(seq);
        }
        this.index.trim();
      },
    );
    this.writer = new RowWriter(this.rows, 'linux');
  }

  /** The first `seq` whose row may still be held. */
  get firstSeq(): number {
    return this.index.firstSeq;
  }

  /** Payload bytes that had to go to stay within the limit. */
  get droppedBytes(): number {
    return this.dropped;
  }

  /** Memory for the kernel to write payload into. Valid until the next reservation. */
  reserve(length: number): Reservation {
    const segment = this.payload.room(length);
    return { segment, offset: segment.nextBody };
  }

  /** Like {@link reserve}, without an object: the room begins at `nextBody` of the segment. */
  room(length: number): PayloadSegment {
    return this.payload.room(length);
  }

  /** Keeps the first `length` bytes of a reservation as the payload of a record. */
  commit({ segment }: Reservation, length: number, seq: number, time: number): void {
    segment.commit(length, 0, seq, time);
  }

  /** Keeps bytes as the payload of a record. */
  appendPayload(bytes: Uint8Array, seq: number, time: number): Position {
    return this.copyPayload(bytes, 0, seq, time);
  }

  /** Keeps a record that has ended. */
  append(record: CallRecord, payload: Position | null): void {
    const { seq, socketId } = record;
    this.index.set(seq, this.writer.write(record, payload));
    const segment = payload && socketId !== null ? this.payload.find(payload.segment) : undefined;
    if (segment) {
      segment.u32[((payload!.offset - headerSize) >> 2) + 1] = socketId!;
    }
  }

  /**
   * Keeps a call that moved payload, without an object for it. What is short goes into the row.
   * @param bytes Holds the data of the call from `start` on: for a receiving call what came, for a sending one
   *   what it was given, of which the first `row.result` bytes went.
   * @param room The segment that {@link room} gave and whose room `bytes` and `start` are; null where they are
   *   elsewhere, and are copied.
   */
  appendMoved(
    row: MovedRow,
    bytes: Uint8Array,
    start: number,
    length: number,
    room: PayloadSegment | null,
  ): void {
    const sent = row.result > 0 ? row.result : 0;
    const captured = movedById[row.call]!.isOut ? sent : length;
    let [segment, offset] = inlinePlace;
    if (captured > previewLength) {
      if (room) {
        segment = room.id;
        offset = room.nextBody;
        room.commit(captured, row.socketId, row.seq, row.startNs);
      } else {
        const copied = this.copyPayload(
          bytes.subarray(start, start + captured),
          row.socketId,
          row.seq,
          row.startNs,
        );
        segment = copied.segment;
        offset = copied.offset;
      }
    }
    this.index.set(row.seq, this.writer.writeMoved(row, bytes, start, length, segment, offset));
  }

  /** The record as it ended; undefined when it has not, or is forgotten. */
  read(seq: number): CallRecord | undefined {
    const row = this.row(seq);
    if (!row) {
      return undefined;
    }
    const record = this.reader.read(row);
    const { segment } = this.reader.placeOf(row);
    if (record.payload && segment >= 0 && !this.payload.has(segment)) {
      record.payload.captured = 0;
    }
    return record;
  }

  /** A copy of the captured payload of a record. */
  readData(seq: number, offset: number, length: number): Uint8Array {
    const row = this.row(seq);
    return (row && this.payloadOf(row))?.slice(offset, offset + length) ?? new Uint8Array();
  }

  /** Forgets everything that has ended. */
  clear(): void {
    this.payload.clear();
    this.rows.clear();
    this.index.clear();
  }

  private payloadOf(row: StoredRow): Uint8Array | undefined {
    const { segment, offset } = this.reader.placeOf(row);
    return segment === place.inline ? this.reader.inlineData(row) : this.payload.read(segment, offset);
  }

  private row(seq: number): StoredRow | undefined {
    const position = this.index.get(seq);
    if (position < 0) {
      return undefined;
    }
    const { segment: id, offset } = unpacked(position);
    const segment = this.rows.find(id)!;
    const header = offset - headerSize;
    return {
      bytes: segment.bytes.subarray(offset, offset + segment.u32[header >> 2]!),
      socketId: segment.u32[(header >> 2) + 1]!,
      seq,
      startNs: segment.f64[(header >> 3) + 2]!,
    };
  }

  private copyPayload(bytes: Uint8Array, socketId: number, seq: number, time: number): Position {
    const segment = this.payload.room(bytes.length);
    const offset = segment.nextBody;
    segment.bytes.set(bytes, offset);
    segment.commit(bytes.length, socketId, seq, time);
    return { segment: segment.id, offset };
  }
}

const inlinePlace: readonly [number, number] = [place.inline, 0];
