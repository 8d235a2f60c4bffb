import { sizeOf } from '../../common/rows/rowLayout.js';
import { type SegmentKind, segmentSize } from './fileFormat.js';
import type { PinnedSegment } from './pinnedSegment.js';
import type { FilePlace } from './recordingFile.js';
import { forEachHeader, type Segment } from './segments.js';

/** What of a socket's was in a segment that has gone. */
export interface Loss {
  records: number;
  bytes: number;
}

/** A segment in memory, in the file, or in both. */
export interface Entry {
  readonly kind: SegmentKind;
  readonly id: number;
  readonly size: number;
  /** Null when it is in the file only, or has gone. */
  segment: PinnedSegment | null;
  place: FilePlace | null;
  isSealed: boolean;
  isWriting: boolean;
  hasGone: boolean;
  /** Bytes in use, and what they hold; known once it has left memory. */
  end: number;
  losses: Map<number, Loss> | null;
}

/** What gives a list its memory. */
export interface SegmentSupply {
  grow(list: SegmentList, size: number): PinnedSegment;
  /** Reads back what is in the file only; undefined when it cannot be had. */
  load(list: SegmentList, entry: Entry): Segment | undefined;
}

/** The segments of one kind, the oldest first. */
export class SegmentList {
  readonly entries: Entry[] = [];
  /** Those in memory, the oldest first: of all there may be a thousand. */
  readonly inMemory: Entry[] = [];
  /** Segments that were read back, the latest last. */
  readonly cache = new Map<number, Segment>();
  /** Bytes of segments in memory, and slots of the file. */
  memory = 0;
  inFile = 0;
  private nextId = 0;
  private tail: PinnedSegment | undefined;

  constructor(
    private readonly supply: SegmentSupply,
    readonly kind: SegmentKind,
  ) {}

  /** The segment with room for a body of up to `length` bytes at `nextBody`; good until the next call. */
  room(length: number): PinnedSegment {
    const { tail } = this;
    if (tail !== undefined && tail.end + sizeOf(length) <= tail.bytes.length) {
      return tail;
    }
    this.tail = this.supply.grow(this, Math.max(segmentSize, sizeOf(length)));
    return this.tail;
  }

  /** Whether a body of up to `length` bytes needs no further segment. */
  fits(length: number): boolean {
    return this.tail !== undefined && this.tail.end + sizeOf(length) <= this.tail.bytes.length;
  }

  /** The segment of this id, read back where it is in the file only; undefined when it has gone. */
  find(id: number): Segment | undefined {
    const entry = this.entry(id);
    return entry && (entry.segment ?? this.supply.load(this, entry));
  }

  has(id: number): boolean {
    const entry = this.entry(id);
    return entry !== undefined && !entry.hasGone;
  }

  /** The last one gets no more. */
  seal(): void {
    const last = this.entries.at(-1);
    if (last) {
      last.isSealed = true;
    }
  }

  /** An empty segment becomes the last one. */
  add(segment: PinnedSegment): void {
    const id = this.nextId++;
    const size = segment.bytes.length;
    segment.id = id;
    segment.end = 0;
    const entry: Entry = {
      kind: this.kind,
      id,
      size,
      segment,
      place: null,
      isSealed: false,
      isWriting: false,
      hasGone: false,
      end: 0,
      losses: null,
    };
    this.entries.push(entry);
    this.inMemory.push(entry);
    this.memory += size;
  }

  /** The oldest that can leave memory. */
  get nextToLeave(): Entry | undefined {
    return this.inMemory.find(({ isSealed, isWriting }) => isSealed && !isWriting);
  }

  /** The oldest whose place in the file can serve another. */
  get oldestInFile(): Entry | undefined {
    return this.entries.find(({ place, isWriting, isSealed }) => place && !isWriting && isSealed);
  }

  /** The segment of an entry leaves memory; it may serve again. */
  unload(entry: Entry): PinnedSegment {
    const segment = entry.segment!;
    entry.losses = lossesOf(segment, this.kind);
    entry.end = segment.end;
    entry.segment = null;
    this.inMemory.splice(this.inMemory.indexOf(entry), 1);
    this.memory -= entry.size;
    return segment;
  }

  /** What an entry held is nowhere any more. */
  remove(entry: Entry): void {
    entry.hasGone = true;
    this.cache.delete(entry.id);
    while (this.entries[0]?.hasGone) {
      this.entries.shift();
    }
  }

  forget(): void {
    this.entries.forEach((entry) => (entry.hasGone = true));
    this.entries.length = 0;
    this.inMemory.length = 0;
    this.cache.clear();
    this.memory = 0;
    this.inFile = 0;
    this.tail = undefined;
  }

  private entry(id: number): Entry | undefined {
    const [first] = this.entries;
    return first && this.entries[id - first.id];
  }
}

/** Whether something of a segment is only in memory. */
export function isUnwritten({ segment, place }: Entry): boolean {
  return segment !== null && segment.end > (place?.written ?? 0);
}

/** Whether all of it is in the file. */
export function isWritten(entry: Entry): boolean {
  return entry.place !== null && !isUnwritten(entry);
}

/** What a segment holds of each socket. */
function lossesOf(segment: Segment, kind: SegmentKind): Map<number, Loss> {
  const losses = new Map<number, Loss>();
  // Of several in a row the socket is often the same: it is looked up once.
  let latest = -1;
  let loss: Loss = { records: 0, bytes: 0 };
  forEachHeader(segment, (socketId, seq, length) => {
    if (seq < 0) {
      return;
    }
    if (socketId !== latest) {
      latest = socketId;
      const known = losses.get(socketId);
      loss = known ?? { records: 0, bytes: 0 };
      if (!known) {
        losses.set(socketId, loss);
      }
    }
    if (kind === 'rows') {
      loss.records++;
    } else {
      loss.bytes += length;
    }
  });
  return losses;
}
