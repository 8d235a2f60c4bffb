/** Room in a segment that has been reserved and not yet committed. */
export interface Reservation {
  segment: Segment;
  /** Where the body begins. */
  offset: number;
}

/** Where a body lies in a {@link SegmentList}. */
export interface Position {
  segment: number;
  offset: number;
}

/**
 * One piece of memory that records are appended to. It never moves, so the kernel may write into it. Each
 * record is a header of 24 bytes (body length u32, tag u32, seq f64, time f64) and a body, aligned to 8 bytes.
 */
export class Segment {
  readonly bytes: Uint8Array;
  readonly u32: Uint32Array;
  readonly f64: Float64Array;
  end = 0;

  constructor(
    readonly id: number,
    size: number,
  ) {
    const buffer = new ArrayBuffer(size);
    this.bytes = new Uint8Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.f64 = new Float64Array(buffer);
  }
}

const headerSize = 24;

function align(length: number): number {
  return (length + 7) & ~7;
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
    private readonly create: (id: number, size: number) => S,
    private readonly segmentSize: number,
    private readonly limit: number,
    private readonly onDrop: (segment: S) => void,
  ) {}

  /** Room for a body of up to `length` bytes. Valid until the next reservation; commit it or leave it. */
  reserve(length: number): { segment: S; offset: number } {
    const size = headerSize + align(length);
    let tail = this.segments.at(-1);
    if (!tail || tail.end + size > tail.bytes.length) {
      tail = this.grow(Math.max(this.segmentSize, size));
    }
    return { segment: tail, offset: tail.end + headerSize };
  }

  /** Makes the first `length` bytes of a reservation a record. */
  commit(reservation: Reservation, length: number, tag: number, seq: number, time: number): void {
    const { segment, offset } = reservation;
    const header = offset - headerSize;
    segment.u32[header >> 2] = length;
    segment.u32[(header >> 2) + 1] = tag;
    segment.f64[(header >> 3) + 1] = seq;
    segment.f64[(header >> 3) + 2] = time;
    segment.end = offset + align(length);
  }

  /** Appends a body that is complete. */
  append(body: Uint8Array, tag: number, seq: number, time: number): Position {
    const reservation = this.reserve(body.length);
    reservation.segment.bytes.set(body, reservation.offset);
    this.commit(reservation, body.length, tag, seq, time);
    return { segment: reservation.segment.id, offset: reservation.offset };
  }

  /** The body at a position; undefined when its segment has gone. */
  read(segmentId: number, offset: number): Uint8Array | undefined {
    const segment = this.find(segmentId);
    return segment?.bytes.subarray(offset, offset + segment.u32[(offset - headerSize) >> 2]!);
  }

  has(segmentId: number): boolean {
    return this.find(segmentId) !== undefined;
  }

  /** The headers of a segment, oldest first. */
  *headers(segment: Segment): Generator<{ length: number; tag: number; seq: number }> {
    for (let at = 0; at < segment.end;) {
      const length = segment.u32[at >> 2]!;
      yield { length, tag: segment.u32[(at >> 2) + 1]!, seq: segment.f64[(at >> 3) + 1]! };
      at += headerSize + align(length);
    }
  }

  clear(): void {
    this.segments.length = 0;
    this.held = 0;
  }

  private find(id: number): S | undefined {
    const first = this.segments[0];
    return first && this.segments[id - first.id];
  }

  private grow(size: number): S {
    while (this.segments.length > 0 && this.held + size > this.limit) {
      const oldest = this.segments[0]!;
      this.onDrop(oldest);
      this.segments.shift();
      this.held -= oldest.bytes.length;
    }
    const segment = this.create(this.nextId++, size);
    this.segments.push(segment);
    this.held += size;
    return segment;
  }
}
