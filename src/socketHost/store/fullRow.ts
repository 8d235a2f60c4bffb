import { headerSize } from '../../common/rows/rowLayout.js';
import { type RowRoom, RowWriter } from './rowWriter.js';
import { Segment } from './segments.js';

/** More than the row of a call whose payload is inline takes. */
const size = 512;

/** Memory for the full row that a short one stands for: that of one at a time. */
export class FullRow implements RowRoom {
  readonly segment = new Segment(0, new ArrayBuffer(size));
  /** Where it begins. */
  readonly offset = headerSize;
  private readonly writer = new RowWriter(this, 'linux');

  room(): Segment {
    return this.segment;
  }

  /** False where the short row is damaged. */
  set(from: Segment, offset: number): boolean {
    this.segment.end = 0;
    return this.writer.expand(from, offset);
  }

  /** A copy. */
  get bytes(): Uint8Array {
    return this.segment.bytes.slice(this.offset, this.offset + this.segment.u32[0]!);
  }
}
