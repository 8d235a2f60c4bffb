import { slotsFor } from './fileFormat.js';
import type { FilePlace, RecordingFile } from './recordingFile.js';
import { type Entry, isUnwritten, type SegmentList } from './segmentList.js';

/** Whom what is written belongs to. */
export interface WrittenStore {
  readonly lists: readonly SegmentList[];
  listOf(entry: Entry): SegmentList;
  /** Drops the oldest segment that is in the file; false when there is none that could go. */
  dropFromFile(): boolean;
  /** The file cannot be written any more. */
  didFail(error: Error): void;
}

/** Writes at the same time. */
const mostWrites = 4;
/** How long what is not yet a whole segment may stay unwritten, in ms. */
const flushDelay = 250;

/** Writes segments into the recording's file while others are filled. Where that fails, nothing more is written. */
export class WriteBehind {
  private readonly writes = new Set<Promise<void>>();
  private hasEnded = false;
  private timer: NodeJS.Timeout | undefined;
  private file: RecordingFile | null = null;
  private hasFailed = false;

  /** @param openFile Makes an empty file; null where there is to be none. */
  constructor(
    private readonly store: WrittenStore,
    private readonly openFile: (() => RecordingFile) | null,
  ) {
    this.open();
  }

  /** Whether there is a file that can be written. */
  get isWorking(): boolean {
    return this.file !== null && !this.hasFailed;
  }

  /** Whether one more segment takes the place of another in the file. */
  get isFull(): boolean {
    return this.isWorking && this.file!.isFull;
  }

  /** Bytes in memory that are not in the file. */
  get unwrittenBytes(): number {
    let sum = 0;
    for (const { inMemory } of this.store.lists) {
      for (const { segment, place } of inMemory) {
        sum += segment!.end - (place?.written ?? 0);
      }
    }
    return sum;
  }

  /** Something was appended: it is written before long. */
  touch(): void {
    if (this.timer === undefined && this.isWorking && !this.hasEnded) {
      this.timer = setTimeout(() => {
        this.timer = undefined;
        this.pump(true);
      }, flushDelay);
      this.timer.unref();
    }
  }

  /** Writes what is whole, and with `isAll` what is not. */
  pump(isAll = false): void {
    if (this.hasEnded) {
      return;
    }
    for (const list of this.store.lists) {
      for (const entry of [...list.inMemory]) {
        if (this.writes.size >= mostWrites) {
          return;
        }
        if (!entry.isWriting && (isAll || entry.isSealed) && isUnwritten(entry)) {
          this.begin(entry);
        }
      }
    }
  }

  /** The first bytes of what was written there; false when they cannot be had any more. */
  read(place: FilePlace, into: Uint8Array, length: number): boolean {
    try {
      this.file!.read(place, into, length);
      return true;
    } catch (error) {
      this.fail(error as Error);
      return false;
    }
  }

  /** What is in this place is not needed any more. */
  release(place: FilePlace): void {
    this.file?.release(place);
  }

  /** Begins a new file, and removes the old one. */
  clear(): void {
    const { file } = this;
    this.file = null;
    this.hasFailed = false;
    try {
      file?.abandon(true);
    } catch (error) {
      this.fail(error as Error);
      return;
    }
    this.open();
  }

  /**
   * Writes the rest: the process ends. At once what nothing is under way of; the rest of a segment that is being written once
   * that is done, for a write that waits for its thread would go over ours.
   */
  async end(): Promise<void> {
    this.hasEnded = true;
    clearTimeout(this.timer);
    this.writeNow();
    await Promise.all(this.writes);
    this.writeNow();
  }

  private writeNow(): void {
    const { file } = this;
    // A copy: to find a place for one, another may be dropped.
    const entries = this.store.lists.flatMap(({ inMemory }) => inMemory);
    try {
      for (const entry of entries) {
        const segment = entry.segment;
        if (file && segment && !entry.isWriting && isUnwritten(entry) && this.place(entry)) {
          file.appendNow(entry.place!, entry.kind, entry.id, segment.bytes, segment.end);
        }
      }
    } catch {
      // What could not be written is missing in the recording, which its reader counts.
    }
  }

  private begin(entry: Entry): void {
    const { file } = this;
    if (!file || !this.place(entry)) {
      return;
    }
    entry.isWriting = true;
    const writing = this.write(file, entry).then(() => {
      entry.isWriting = false;
      this.writes.delete(writing);
      this.pump();
      if (this.unwrittenBytes > 0) {
        this.touch();
      }
    });
    this.writes.add(writing);
  }

  private async write(file: RecordingFile, entry: Entry): Promise<void> {
    try {
      const { bytes, end } = entry.segment!;
      await file.append(entry.place!, entry.kind, entry.id, bytes, end);
    } catch (error) {
      if (file === this.file) {
        this.fail(error as Error);
      }
    }
  }

  /** Gives a segment a place in the file; false when there is none to be had. */
  private place(entry: Entry): boolean {
    const { file, store } = this;
    const slots = slotsFor(entry.size);
    if (this.hasFailed || !file?.canHold(slots)) {
      return false;
    }
    while (!entry.place) {
      entry.place = file.allocate(slots) ?? null;
      if (entry.place) {
        store.listOf(entry).inFile += slots;
      } else if (!store.dropFromFile()) {
        return false;
      }
    }
    return true;
  }

  private open(): void {
    try {
      this.hasFailed = false;
      this.file = this.openFile?.() ?? null;
    } catch (error) {
      this.fail(error as Error);
    }
  }

  /** What is in the file can still be read. */
  private fail(error: Error): void {
    if (!this.hasFailed) {
      this.hasFailed = true;
      clearTimeout(this.timer);
      this.timer = undefined;
      this.store.didFail(error);
    }
  }
}
