import type { CallRecord } from '../../common/call.js';
import type { PackedRows } from '../../common/rows/packedRows.js';
import { at, headerSize, place, sizeOf } from '../../common/rows/rowLayout.js';
import type { Platform } from '../../common/tables/constants.js';
import { RowWriter } from './rowWriter.js';
import { isShortAt } from './shortRow.js';
import { type Position, Segment } from './segments.js';

const usualSize = 64 * 1024;
/** Of a payload that is held somewhere: whoever reads packed rows asks for it by the record's number. */
const held: Position = { segment: 0, offset: 0 };

/** Puts rows together for one answer. The memory is kept for the next one. */
export class RowPacker {
  private page = new Segment(0, new ArrayBuffer(usualSize));
  private readonly writer: RowWriter;
  /** Rows so far. */
  count = 0;

  constructor(private readonly platform: Platform) {
    this.writer = new RowWriter(this, platform);
  }

  /** Begins an answer, whatever became of the last one. */
  begin(): this {
    this.count = 0;
    this.page.end = 0;
    return this;
  }

  /** A record that is no row yet, or one of another file. */
  add(record: CallRecord): void {
    this.writer.write(record, held);
    this.count++;
  }

  /**
   * Rows as they lie in a segment, in full. Of payload that is gone they say so afterwards.
   * @param hasPayload Whether the payload's segment of this id is held.
   */
  copy(from: Segment, start: number, end: number, hasPayload: (id: number) => boolean): void {
    let full = start;
    for (let row = start, next = start; row < end; row = next) {
      next += sizeOf(from.u32[row >> 2]!);
      if (isShortAt(from, row + headerSize)) {
        this.copyFull(from, full, row, hasPayload);
        this.writer.expand(from, row + headerSize);
        full = next;
      }
      this.count++;
    }
    this.copyFull(from, full, end, hasPayload);
  }

  private copyFull(from: Segment, start: number, end: number, hasPayload: (id: number) => boolean): void {
    if (start === end) {
      return;
    }
    const page = this.room(end - start);
    const first = page.end;
    page.bytes.set(from.bytes.subarray(start, end), first);
    page.end += end - start;
    let [known, isHeld] = [-1, false];
    for (let row = first; row < page.end; row += sizeOf(page.u32[row >> 2]!)) {
      const word = (row + headerSize + at.payloadSegment) >> 2;
      const segment = page.i32[word]!;
      if (segment >= 0) {
        if (segment !== known) {
          [known, isHeld] = [segment, hasPayload(segment)];
        }
        if (!isHeld) {
          page.i32[word] = place.none;
        }
      }
    }
  }
  /** What was put together. */
  take(): PackedRows {
    const rows = { platform: this.platform, bytes: this.page.bytes.slice(0, this.page.end) };
    this.begin();
    if (this.page.bytes.length > 16 * usualSize) {
      this.page = new Segment(0, new ArrayBuffer(usualSize));
    }
    return rows;
  }

  /** For the writer. */
  room(length: number): Segment {
    const { page } = this;
    const needed = page.end + sizeOf(length);
    if (needed > page.bytes.length) {
      this.page = new Segment(0, new ArrayBuffer(Math.max(2 * page.bytes.length, sizeOf(needed))));
      this.page.bytes.set(page.bytes.subarray(0, page.end));
      this.page.end = page.end;
    }
    return this.page;
  }
}
