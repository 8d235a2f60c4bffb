import { type SegmentKind, segmentSize, slotsFor } from './fileFormat.js';
import type { FilePlace, RecordingFile } from './recordingFile.js';
import { sizeOf } from '../../common/rows/rowLayout.js';
import { forEachHeader, Segment } from './segments.js';

export interface StoreLimits {
  /** Bytes of segments in memory, and in the file. */
  memory: number;
  disk: number;
}

/** What of a socket's was in a segment that has gone. */
export interface Loss {
  records: number;
  bytes: number;
}

export interface StoreObserver {
  /** A segment has gone, from memory and file. Id 0 stands for no socket of ours. */
  didDrop(kind: SegmentKind, losses: ReadonlyMap<number, Loss>): void;
  /** The file cannot be written any more; the store goes on in memory. */
  didFail(error: Error): void;
}

/** A segment in memory, in the file, or in both. */
interface Entry<S extends Segment> {
  readonly kind: SegmentKind;
  readonly id: number;
  readonly size: number;
  /** Null when it is in the file only, or has gone. */
  segment: S | null;
  place: FilePlace | null;
  isSealed: boolean;
  isWriting: boolean;
  hasGone: boolean;
  /** Bytes in use, and what they hold; known once it has left memory. */
  end: number;
  losses: Map<number, Loss> | null;
}

/** Writes at the same time. */
const mostWrites = 4;
/**
 * Memory for what the file has as well: the limit is for what waits to be written. Memory that serves again soon costs no
 * page faults, and is still in the processor's caches.
 */
const mostWritten = 16 * segmentSize;
/** Segments read back from the file and kept, by kind. */
const mostCached = 8;
/** Memory of dropped segments that is kept for new ones. */
const mostSpare = 8;
/** How long what is not yet a whole segment may stay unwritten, in ms. */
const flushDelay = 250;

/** The segments of one kind, the oldest first. */
export class SegmentList<S extends Segment> {
  readonly entries: Entry<S>[] = [];
  /** Those in memory, the oldest first: of all there may be a thousand. */
  readonly inMemory: Entry<S>[] = [];
  readonly spare: S[] = [];
  /** Segments that were read back, the latest last. */
  readonly cache = new Map<number, Segment>();
  nextId = 0;
  memory = 0;
  inFile = 0;
  private tail: S | undefined;

  constructor(
    private readonly store: SegmentStore,
    readonly kind: SegmentKind,
    readonly create: (id: number, buffer: ArrayBuffer) => S,
  ) {}

  /** The segment with room for a body of up to `length` bytes at `nextBody`; good until the next call. */
  room(length: number): S {
    const { tail } = this;
    if (tail && tail.end + sizeOf(length) <= tail.bytes.length) {
      return tail;
    }
    this.tail = this.store.grow(this, Math.max(segmentSize, sizeOf(length)));
    return this.tail;
  }

  /** Whether a body of up to `length` bytes needs no further segment. */
  fits(length: number): boolean {
    return this.tail !== undefined && this.tail.end + sizeOf(length) <= this.tail.bytes.length;
  }

  /** The segment of this id, read back where it is in the file only; undefined when it has gone. */
  find(id: number): Segment | undefined {
    const entry = this.entry(id);
    return entry && (entry.segment ?? this.store.load(this, entry));
  }

  has(id: number): boolean {
    const entry = this.entry(id);
    return entry !== undefined && !entry.hasGone;
  }

  entry(id: number): Entry<S> | undefined {
    const [first] = this.entries;
    return first && this.entries[id - first.id];
  }

  forget(): void {
    this.entries.length = 0;
    this.inMemory.length = 0;
    this.cache.clear();
    this.memory = 0;
    this.inFile = 0;
    this.tail = undefined;
  }
}

/**
 * Rows and payload in segments: in memory up to one limit, behind it in the file up to another. The oldest goes
 * first, payload before rows as long as it is more than half.
 */
export class SegmentStore {
  private readonly lists: SegmentList<Segment>[] = [];
  private writes = 0;
  private timer: NodeJS.Timeout | undefined;
  private file: RecordingFile | null;
  private hasFailed = false;

  /** @param openFile Makes an empty file; null where there is to be none. */
  constructor(
    private readonly limits: StoreLimits,
    private readonly openFile: (() => RecordingFile) | null,
    private readonly observer: StoreObserver,
  ) {
    this.file = this.open();
  }

  add<S extends Segment>(kind: SegmentKind, create: (id: number, buffer: ArrayBuffer) => S): SegmentList<S> {
    const list = new SegmentList(this, kind, create);
    this.lists.push(list);
    return list;
  }

  /** A new last segment of a list. */
  grow<S extends Segment>(list: SegmentList<S>, size: number): S {
    const last = list.entries.at(-1);
    if (last) {
      last.isSealed = true;
      this.pump();
    }
    this.makeRoom(size);
    const id = list.nextId++;
    const segment = (size === segmentSize && list.spare.pop()) || list.create(id, new ArrayBuffer(size));
    segment.id = id;
    segment.end = 0;
    const entry: Entry<S> = {
      kind: list.kind,
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
    list.entries.push(entry);
    list.inMemory.push(entry);
    list.memory += size;
    return segment;
  }

  /** Bytes in memory that are not in the file. */
  get unwrittenBytes(): number {
    let sum = 0;
    for (const { inMemory } of this.lists) {
      for (const { segment, place } of inMemory) {
        sum += segment!.end - (place?.written ?? 0);
      }
    }
    return sum;
  }

  /** Whether a further segment can be had without one being dropped for it. */
  get hasRoom(): boolean {
    const { file, hasFailed, limits } = this;
    if (this.memory + segmentSize <= limits.memory) {
      return !file || hasFailed || !file.isFull;
    }
    const next = this.nextToLeave();
    return file !== null && !hasFailed && !file.isFull && next !== undefined && isWritten(next.entry);
  }

  /** Something was appended: it is written before long. */
  touch(): void {
    if (!this.timer && this.file && !this.hasFailed) {
      this.timer = setTimeout(() => {
        this.timer = undefined;
        this.pump(true);
      }, flushDelay);
      this.timer.unref();
    }
  }

  load<S extends Segment>(list: SegmentList<S>, entry: Entry<S>): Segment | undefined {
    const cached = list.cache.get(entry.id);
    if (cached || !entry.place || !this.file) {
      return cached;
    }
    const segment = new Segment(entry.id, new ArrayBuffer(entry.size));
    segment.end = entry.end;
    try {
      this.file.read(entry.place, segment.bytes, entry.end);
    } catch (error) {
      this.drop(list, entry);
      this.fail(error as Error);
      return undefined;
    }
    keepNewest(list.cache, entry.id, segment, mostCached);
    return segment;
  }

  /** Everything that is held, oldest first, for a copy; segments that go meanwhile are left out. */
  *held(): Generator<{ kind: SegmentKind; id: number; bytes: Uint8Array }> {
    for (const list of this.lists) {
      for (const { id } of [...list.entries]) {
        const segment = list.find(id);
        if (segment) {
          yield { kind: list.kind, id, bytes: segment.bytes.subarray(0, segment.end) };
        }
      }
    }
  }

  /** Forgets everything and begins a new file. */
  clear(): void {
    for (const list of this.lists) {
      list.entries.forEach((entry) => (entry.hasGone = true));
      list.forget();
    }
    const { file } = this;
    this.file = null;
    this.hasFailed = false;
    try {
      file?.abandon(true);
    } catch (error) {
      this.fail(error as Error);
      return;
    }
    this.file = this.open();
  }

  /** Writes the rest at once: the process ends. */
  end(): void {
    clearTimeout(this.timer);
    const { file } = this;
    try {
      for (const list of this.lists) {
        // A copy: to find a place for one, another may be dropped.
        for (const entry of [...list.inMemory]) {
          // What is being written may lack the header that says so.
          const isDue = entry.isWriting || isUnwritten(entry);
          const segment = entry.segment!;
          if (file && isDue && this.place(entry)) {
            file.appendNow(entry.place!, entry.kind, entry.id, segment.bytes, segment.end);
          }
        }
      }
    } catch {
      // What could not be written is missing in the recording, which its reader counts.
    }
  }

  /** Writes what is whole, and with `isAll` what is not. */
  private pump(isAll = false): void {
    for (const list of this.lists) {
      for (const entry of [...list.inMemory]) {
        if (this.writes >= mostWrites) {
          return;
        }
        if (!entry.isWriting && (isAll || entry.isSealed) && isUnwritten(entry)) {
          void this.write(entry);
        }
      }
    }
  }

  private async write(entry: Entry<Segment>): Promise<void> {
    const { file } = this;
    if (!file || !this.place(entry)) {
      return;
    }
    entry.isWriting = true;
    this.writes++;
    try {
      const { bytes, end } = entry.segment!;
      await file.append(entry.place!, entry.kind, entry.id, bytes, end);
    } catch (error) {
      if (file === this.file) {
        this.fail(error as Error);
      }
    }
    entry.isWriting = false;
    this.writes--;
    this.pump();
    if (this.unwrittenBytes > 0) {
      this.touch();
    }
  }

  /** Gives a segment a place in the file; false when there is none to be had. */
  private place(entry: Entry<Segment>): boolean {
    const { file } = this;
    const slots = slotsFor(entry.size);
    if (this.hasFailed || !file?.canHold(slots)) {
      return false;
    }
    while (!entry.place) {
      entry.place = file.allocate(slots) ?? null;
      if (entry.place) {
        this.listOf(entry.kind).inFile += slots;
      } else if (!this.dropFromFile()) {
        return false;
      }
    }
    return true;
  }

  /** Drops the oldest segment that is in the file; false when there is none that could go. */
  private dropFromFile(): boolean {
    for (const list of this.byShare(({ inFile }) => inFile)) {
      const oldest = list.entries.find(({ place, isWriting, isSealed }) => place && !isWriting && isSealed);
      if (oldest) {
        this.drop(list, oldest);
        return true;
      }
    }
    return false;
  }

  private makeRoom(size: number): void {
    while (this.memory + size > this.limits.memory) {
      if (!this.leaveMemory()) {
        return;
      }
    }
    for (let next = this.nextToLeave(); next && this.memory + size > mostWritten; next = this.nextToLeave()) {
      if (!isWritten(next.entry)) {
        return;
      }
      this.leaveMemory();
    }
  }

  private get memory(): number {
    return this.lists.reduce((sum, { memory }) => sum + memory, 0);
  }

  /** The oldest segment in memory goes: to the file where it is written, else for good. */
  private leaveMemory(): boolean {
    const next = this.nextToLeave();
    if (!next) {
      return false;
    }
    const { list, entry } = next;
    if (isWritten(entry)) {
      entry.losses = lossesOf(entry.segment!, list.kind);
      this.unload(list, entry);
    } else {
      this.drop(list, entry);
    }
    return true;
  }

  private nextToLeave(): { list: SegmentList<Segment>; entry: Entry<Segment> } | undefined {
    for (const list of this.byShare(({ memory }) => memory)) {
      const entry = list.inMemory.find(({ isSealed, isWriting }) => isSealed && !isWriting);
      if (entry) {
        return { list, entry };
      }
    }
    return undefined;
  }

  private unload(list: SegmentList<Segment>, entry: Entry<Segment>): void {
    const segment = entry.segment!;
    entry.end = segment.end;
    entry.segment = null;
    list.inMemory.splice(list.inMemory.indexOf(entry), 1);
    list.memory -= entry.size;
    if (entry.size === segmentSize && list.spare.length < mostSpare) {
      list.spare.push(segment);
    }
  }

  private drop<S extends Segment>(list: SegmentList<S>, entry: Entry<S>): void {
    const losses = entry.segment ? lossesOf(entry.segment, list.kind) : entry.losses;
    entry.hasGone = true;
    list.cache.delete(entry.id);
    if (entry.segment) {
      this.unload(list, entry);
    }
    if (entry.place) {
      list.inFile -= entry.place.slots;
      this.file?.release(entry.place);
      entry.place = null;
    }
    while (list.entries[0]?.hasGone) {
      list.entries.shift();
    }
    this.observer.didDrop(list.kind, losses ?? new Map());
  }

  /** The lists, the one first whose turn it is to give something up. */
  private byShare(share: (list: SegmentList<Segment>) => number): SegmentList<Segment>[] {
    const [rows, payload] = [this.listOf('rows'), this.listOf('payload')];
    return share(payload) > share(rows) ? [payload, rows] : [rows, payload];
  }

  private listOf(kind: SegmentKind): SegmentList<Segment> {
    return this.lists.find((list) => list.kind === kind)!;
  }

  private open(): RecordingFile | null {
    try {
      this.hasFailed = false;
      return this.openFile?.() ?? null;
    } catch (error) {
      this.fail(error as Error);
      return null;
    }
  }

  /** Nothing more is written; what is in the file can still be read. */
  private fail(error: Error): void {
    if (!this.hasFailed) {
      this.hasFailed = true;
      clearTimeout(this.timer);
      this.timer = undefined;
      this.observer.didFail(error);
    }
  }
}

function isUnwritten({ segment, place }: Entry<Segment>): boolean {
  return segment !== null && segment.end > (place?.written ?? 0);
}

/** Whether all of it is in the file. */
function isWritten(entry: Entry<Segment>): boolean {
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

/** Adds to a map that keeps the newest few. */
export function keepNewest<K, V>(map: Map<K, V>, key: K, value: V, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > most) {
    map.delete(map.keys().next().value!);
  }
}
