import { type SegmentKind, segmentSize } from './fileFormat.js';
import { PinnedSegment } from './pinnedSegment.js';
import type { RecordingFile } from './recordingFile.js';
import { type Entry, isWritten, type Loss, SegmentList, type SegmentSupply } from './segmentList.js';
import { Segment } from './segments.js';
import { WriteBehind, type WrittenStore } from './writeBehind.js';

export interface StoreLimits {
  /** Bytes of segments in memory, and in the file. */
  memory: number;
  disk: number;
}

export interface StoreObserver {
  /** A segment has gone, from memory and file. Id 0 stands for no socket of ours. */
  didDrop(kind: SegmentKind, losses: ReadonlyMap<number, Loss>): void;
  /** The file cannot be written any more; the store goes on in memory. */
  didFail(error: Error): void;
}

/**
 * Memory for what the file has as well: the limit is for what waits to be written. Memory that serves again soon costs no
 * page faults, and is still in the processor's caches.
 */
const mostWritten = 16 * segmentSize;
/** Segments read back from the file and kept, by kind. */
const mostCached = 8;

/**
 * Rows and payload in segments: in memory up to one limit, behind it in the file up to another. The oldest goes
 * first, payload before rows as long as it is more than half.
 */
export class SegmentStore implements SegmentSupply, WrittenStore {
  readonly payload = new SegmentList(this, 'payload');
  readonly rows = new SegmentList(this, 'rows');
  readonly lists = [this.payload, this.rows];
  /**
   * Memory of segments that have left, for new ones: the latest is taken first. As much as the limit leaves room for, so
   * that a queue of writes that grows and shrinks costs no page faults.
   */
  private readonly spare: PinnedSegment[] = [];
  private readonly behind: WriteBehind;

  /** @param openFile Makes an empty file; null where there is to be none. */
  constructor(
    private readonly limits: StoreLimits,
    openFile: (() => RecordingFile) | null,
    private readonly observer: StoreObserver,
  ) {
    this.behind = new WriteBehind(this, openFile);
  }

  /** A new last segment of a list. */
  grow(list: SegmentList, size: number): PinnedSegment {
    list.seal();
    this.behind.pump();
    this.makeRoom(size);
    const segment = (size === segmentSize && this.spare.pop()) || new PinnedSegment(size);
    this.limitSpare(size);
    list.add(segment);
    return segment;
  }

  /** Bytes in memory that are not in the file. */
  get unwrittenBytes(): number {
    return this.behind.unwrittenBytes;
  }

  /** Whether a further segment can be had without one being dropped for it. */
  get hasRoom(): boolean {
    const { behind } = this;
    if (behind.isFull) {
      return false;
    }
    if (this.memory + segmentSize <= this.limits.memory) {
      return true;
    }
    const next = this.nextToLeave();
    return behind.isWorking && next !== undefined && isWritten(next.entry);
  }

  /** Something was appended: it is written before long. */
  touch(): void {
    this.behind.touch();
  }

  load(list: SegmentList, entry: Entry): Segment | undefined {
    const cached = list.cache.get(entry.id);
    if (cached || !entry.place) {
      return cached;
    }
    const segment = new Segment(entry.id, new ArrayBuffer(entry.size));
    segment.end = entry.end;
    if (!this.behind.read(entry.place, segment.bytes, entry.end)) {
      this.drop(list, entry);
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
    this.lists.forEach((list) => list.forget());
    this.behind.clear();
  }

  /** Writes the rest: the process ends. */
  end(): Promise<void> {
    return this.behind.end();
  }

  dropFromFile(): boolean {
    for (const list of this.byShare(({ inFile }) => inFile)) {
      const oldest = list.oldestInFile;
      if (oldest) {
        this.drop(list, oldest);
        return true;
      }
    }
    return false;
  }

  didFail(error: Error): void {
    this.observer.didFail(error);
  }

  listOf({ kind }: Entry): SegmentList {
    return this[kind];
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
    return this.payload.memory + this.rows.memory;
  }

  /** The oldest segment in memory goes: to the file where it is written, else for good. */
  private leaveMemory(): boolean {
    const next = this.nextToLeave();
    if (!next) {
      return false;
    }
    const { list, entry } = next;
    if (isWritten(entry)) {
      this.unload(list, entry);
    } else {
      this.drop(list, entry);
    }
    return true;
  }

  private nextToLeave(): { list: SegmentList; entry: Entry } | undefined {
    for (const list of this.byShare(({ memory }) => memory)) {
      const entry = list.nextToLeave;
      if (entry) {
        return { list, entry };
      }
    }
    return undefined;
  }

  private unload(list: SegmentList, entry: Entry): void {
    const segment = list.unload(entry);
    if (entry.size === segmentSize) {
      this.spare.push(segment);
    }
  }

  /** What is kept for later and what is in use, with `size` more, stay within the limit. */
  private limitSpare(size: number): void {
    const most = Math.floor((this.limits.memory - this.memory - size) / segmentSize);
    this.spare.splice(Math.max(0, most));
  }

  private drop(list: SegmentList, entry: Entry): void {
    if (entry.segment) {
      this.unload(list, entry);
    }
    if (entry.place) {
      list.inFile -= entry.place.slots;
      this.behind.release(entry.place);
      entry.place = null;
    }
    list.remove(entry);
    this.observer.didDrop(list.kind, entry.losses ?? new Map());
  }

  /** The lists, the one first whose turn it is to give something up. */
  private byShare(share: (list: SegmentList) => number): SegmentList[] {
    const { rows, payload } = this;
    return share(payload) > share(rows) ? [payload, rows] : [rows, payload];
  }
}

/** Adds to a map that keeps the newest few. */
export function keepNewest<K, V>(map: Map<K, V>, key: K, value: V, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > most) {
    map.delete(map.keys().next().value!);
  }
}
