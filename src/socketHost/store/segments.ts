import { headerSize, sizeOf } from '../../common/rows/rowLayout.js';

/** Where a body lies among the segments of one kind. */
export interface Position {
  segment: number;
  offset: number;
}

const offsets = 2 ** 32;

/** A position as one number, for an index without objects. */
export function packed(segment: number, offset: number): number {
  return segment * offsets + offset;
}

/** The number of the segment that a position lies in. */
export function segmentOf(position: number): number {
  return Math.floor(position / offsets);
}

/** Where in its segment a position lies. */
export function offsetOf(position: number): number {
  return position % offsets;
}

/**
 * One piece of memory that records are appended to. It never moves, so the kernel may write into it. Each
 * record is a header of 24 bytes (see `common/rows/rowLayout.ts`) and a body, aligned to 8 bytes.
 */
export class Segment {
  readonly bytes: Uint8Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  readonly f64: Float64Array;
  end = 0;

  constructor(
    /** Another one when the memory serves again. */
    public id: number,
    buffer: ArrayBuffer,
  ) {
    this.bytes = new Uint8Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.f64 = new Float64Array(buffer);
  }

  /** Where the body of the next record begins. */
  get nextBody(): number {
    return this.end + headerSize;
  }

  /** Makes the first `length` bytes from {@link nextBody} on a record. */
  commit(length: number, socketId: number, seq: number, time: number): void {
    const header = this.end;
    this.u32[header >> 2] = length;
    this.u32[(header >> 2) + 1] = socketId;
    this.f64[(header >> 3) + 1] = seq;
    this.f64[(header >> 3) + 2] = time;
    this.end = header + sizeOf(length);
  }

  /** The `seq` of the header that begins there. */
  seqAt(header: number): number {
    return this.f64[(header >> 3) + 1]!;
  }

  /** The time of the record whose body begins there. */
  timeOf(offset: number): number {
    return this.f64[((offset - headerSize) >> 3) + 2]!;
  }

  /** The body at an offset; undefined where none of this length and `seq` is there. */
  body(offset: number, seq: number): Uint8Array | undefined {
    const header = offset - headerSize;
    if (header < 0 || offset % 8 !== 0 || offset > this.end || this.seqAt(header) !== seq) {
      return undefined;
    }
    const length = this.u32[header >> 2]!;
    return offset + length <= this.end ? this.bytes.subarray(offset, offset + length) : undefined;
  }

  /** The payload at an offset: the record's own, or what it sent back of an earlier one of its socket, which is kept once. */
  payload(offset: number, socketId: number, seq: number): Uint8Array | undefined {
    const header = offset - headerSize;
    const isShared = this.seqAt(header) < seq && this.u32[(header >> 2) + 1] === socketId;
    return this.body(offset, isShared ? this.seqAt(header) : seq);
  }
}

/** Tells the headers of a segment, oldest first, without an object for each; ends early where they make no sense. */
export function forEachHeader(
  { u32, f64, end }: Segment,
  tell: (socketId: number, seq: number, length: number) => void,
): void {
  for (let at = 0; at + headerSize <= end;) {
    const length = u32[at >> 2]!;
    const next = at + sizeOf(length);
    if (next > end) {
      return;
    }
    tell(u32[(at >> 2) + 1]!, f64[(at >> 3) + 1]!, length);
    at = next;
  }
}

/** The header of a record in a segment. */
export interface BodyHeader {
  offset: number;
  length: number;
  socketId: number;
  seq: number;
}

/** The headers of a segment, oldest first; ends early where they make no sense. */
export function* headersOf(segment: Segment): Generator<BodyHeader> {
  for (let at = 0; at + headerSize <= segment.end;) {
    const length = segment.u32[at >> 2]!;
    const end = at + sizeOf(length);
    if (end > segment.end) {
      return;
    }
    const seq = segment.f64[(at >> 3) + 1]!;
    yield { offset: at + headerSize, length, socketId: segment.u32[(at >> 2) + 1]!, seq };
    at = end;
  }
}
