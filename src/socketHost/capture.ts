import { deserialize, serialize } from 'node:v8';
import type { CallRecord } from '../common/call.js';
import { Memory } from './sys/memory.js';
import { type Position, type Reservation, Segment, SegmentList } from './segments.js';

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

/** Where a record's payload lies; `segment` is −1 when nothing of it was captured. */
interface Row {
  record: CallRecord;
  segment: number;
  offset: number;
}

/**
 * The record store. Rows and payload are appended to segments of their own: payload is large and goes
 * first, a row stays with its preview. Nothing is kept as an object.
 */
export class Capture {
  private readonly payload: SegmentList<PayloadSegment>;
  private readonly rows: SegmentList;
  /** Position of the row of `firstIndexed + i`: segment id and offset; −1 when there is none. */
  private index = new Float64Array(2 * 1024);
  private firstIndexed: number;
  private endIndexed: number;
  /** Rows of calls that waited so long that the index has gone beyond them. */
  private readonly late = new Map<number, Position>();
  private dropped = 0;

  constructor(firstSeq: number, changedLimits: Partial<CaptureLimits> = {}) {
    const limits = { ...defaultLimits, ...changedLimits };
    this.firstIndexed = firstSeq;
    this.endIndexed = firstSeq;
    this.payload = new SegmentList(
      (id, size) => new PayloadSegment(id, size),
      segmentSize,
      limits.payload,
      (segment) => {
        for (const { length } of this.payload.headers(segment)) {
          this.dropped += length;
        }
      },
    );
    this.rows = new SegmentList(
      (id, size) => new Segment(id, size),
      segmentSize,
      limits.rows,
      (segment) => {
        for (const { seq } of this.rows.headers(segment)) {
          if (!this.late.delete(seq)) {
            this.index[2 * (seq - this.firstIndexed)] = -1;
          }
        }
        this.trim();
      },
    );
  }

  /** The first `seq` whose row may still be held. */
  get firstSeq(): number {
    return Math.min(this.firstIndexed, ...this.late.keys());
  }

  /** Payload bytes that had to go to stay within the limit. */
  get droppedBytes(): number {
    return this.dropped;
  }

  /** Memory for the kernel to write payload into. Valid until the next reservation. */
  reserve(length: number): Reservation & { segment: PayloadSegment } {
    return this.payload.reserve(length);
  }

  /** Keeps the first `length` bytes of a reservation as the payload of a record. */
  commit(reservation: Reservation, length: number, seq: number, time: number): void {
    this.payload.commit(reservation, length, 0, seq, time);
  }

  /** Keeps bytes as the payload of a record. */
  appendPayload(bytes: Uint8Array, seq: number, time: number): Position {
    return this.payload.append(bytes, 0, seq, time);
  }

  /** Keeps a record that has ended. */
  append(record: CallRecord, payload: Position | null): void {
    const row: Row = { record, segment: payload?.segment ?? -1, offset: payload?.offset ?? 0 };
    const body = serialize(row);
    this.remember(record.seq, this.rows.append(body, 0, record.seq, record.startNs));
  }

  /** The record as it ended; undefined when it has not, or is forgotten. */
  read(seq: number): CallRecord | undefined {
    const row = this.row(seq);
    if (!row) {
      return undefined;
    }
    const { record } = row;
    if (record.payload && row.segment >= 0 && !this.payload.has(row.segment)) {
      return { ...record, payload: { ...record.payload, captured: 0 } };
    }
    return record;
  }

  /** A copy of the captured payload of a record. */
  readData(seq: number, offset: number, length: number): Uint8Array {
    const row = this.row(seq);
    const bytes = row && row.segment >= 0 ? this.payload.read(row.segment, row.offset) : undefined;
    return bytes?.slice(offset, offset + length) ?? new Uint8Array();
  }

  /** Forgets everything that has ended. */
  clear(): void {
    this.payload.clear();
    this.rows.clear();
    this.late.clear();
    this.index.fill(-1);
    this.firstIndexed = this.endIndexed;
  }

  private row(seq: number): Row | undefined {
    const position = this.late.get(seq) ?? this.indexed(seq);
    const body = position && this.rows.read(position.segment, position.offset);
    return body && (deserialize(body) as Row);
  }

  private indexed(seq: number): Position | undefined {
    if (seq < this.firstIndexed || seq >= this.endIndexed) {
      return undefined;
    }
    const at = 2 * (seq - this.firstIndexed);
    const segment = this.index[at]!;
    return segment < 0 ? undefined : { segment, offset: this.index[at + 1]! };
  }

  private remember(seq: number, { segment, offset }: Position): void {
    if (seq < this.firstIndexed) {
      this.late.set(seq, { segment, offset });
      return;
    }
    const at = 2 * (seq - this.firstIndexed);
    if (at + 2 > this.index.length) {
      const larger = new Float64Array(Math.max(2 * this.index.length, at + 2));
      larger.set(this.index);
      this.index = larger;
    }
    this.index.fill(-1, 2 * (this.endIndexed - this.firstIndexed), at);
    this.index[at] = segment;
    this.index[at + 1] = offset;
    this.endIndexed = Math.max(this.endIndexed, seq + 1);
  }

  /** Whatever is older than the oldest row that is held cannot be asked for any more. */
  private trim(): void {
    const count = this.endIndexed - this.firstIndexed;
    let gone = 0;
    while (gone < count && this.index[2 * gone]! < 0) {
      gone++;
    }
    this.index.copyWithin(0, 2 * gone, 2 * count);
    this.firstIndexed += gone;
  }
}
