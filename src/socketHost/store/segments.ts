/** Where a body lies in a {@link SegmentList}. */
export interface Position {
  segment: number;
  offset: number;
}

const offsets = 2 ** 32;

/** A position as one number, for an index without objects. */
export function packed(segment: number, offset: number): number {
  return segment * offsets + offset;
}

export function unpacked(position: number): Position {
  return { segment: Math.floor(position / offsets), offset: position % offsets };
}

export const headerSize = 24;

function align(length: number): number {
  return (length + 7) & ~7;
}

/**
 * One piece of memory that records are appended to. It never moves, so the kernel may write into it. Each
 * record is a header of 24 bytes (body length u32, socket id u32, seq f64, time f64) and a body, aligned to 8 bytes.
 */
export class Segment {
  readonly bytes: Uint8Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  readonly f64: Float64Array;
  end = 0;

  constructor(
    readonly id: number,
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
    this.end = header + headerSize + align(length);
  }
}

/** The headers of a segment, oldest first. */
export function* headersOf(segment: Segment): Generator<{
  offset: number;
  length: number;
  socketId: number;
  seq: number;
}> {
  for (let at = 0; at < segment.end;) {
    const length = segment.u32[at >> 2]!;
    const seq = segment.f64[(at >> 3) + 1]!;
    yield { offset: at + headerSize, length, socketId: segment.u32[(at >> 2) + 1]!, seq };
    at += headerSize + align(length);
  }
}

/** An append-only store of records in segments, bounded by memory: the oldest segment goes first. */
export class SegmentList<S extends Segment = Segment> {
  private readonly segments: S[] = [];
  private nextId = 0;
  private held = 0;

  /**
   * @param limit Bytes of all segments together, at least one segment.
   * @param onDrop Told of a segment before it goes.
   */
  constructor(
    private readonly create: (id: number, buffer: ArrayBuffer) => S,
    private readonly segmentSize: number,
    private readonly limit: number,
    private readonly onDrop: (segment: S) => void,
  ) {}

  /** The segment with room for a body of up to `length` bytes at `nextBody`; good until the next call. */
  room(length: number): S {
    const size = headerSize + align(length);
    const tail = this.segments.at(-1);
    return tail && tail.end + size <= tail.bytes.length ? tail : this.grow(Math.max(this.segmentSize, size));
  }

  /** The segment of this id; undefined when it has gone. */
  find(id: number): S | undefined {
    const first = this.segments[0];
    return first && this.segments[id - first.id];
  }

  /** The body at a position; undefined when its segment has gone. */
  read(segmentId: number, offset: number): Uint8Array | undefined {
    const segment = this.find(segmentId);
    return segment?.bytes.subarray(offset, offset + segment.u32[(offset - headerSize) >> 2]!);
  }

  has(segmentId: number): boolean {
    return this.find(segmentId) !== undefined;
  }

  clear(): void {
    this.segments.length = 0;
    this.held = 0;
  }

  private grow(size: number): S {
    while (this.segments.length > 0 && this.held + size > this.limit) {
      const oldest = this.segments[0]!;
      this.onDrop(oldest);
      this.segments.shift();
      this.held -= oldest.bytes.length;
    }
    const segment = this.create(this.nextId++, new ArrayBuffer(size));
    this.segments.push(segment);
    this.held += size;
    return segment;
  }
}
