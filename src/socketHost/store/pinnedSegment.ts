import { Memory } from '../sys/memory.js';
import { Segment } from './segments.js';

/** A segment that the kernel can write into. */
export class PinnedSegment extends Segment {
  readonly memory = new Memory(this.bytes);

  constructor(size: number) {
    super(0, new ArrayBuffer(size));
  }
}
