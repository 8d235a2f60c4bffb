import type { CallRecord } from '../../common/call.js';

/** Told of every record that is here, again when it has changed, and of each that is here no longer. */
export interface RecordSink {
  add(record: CallRecord): void;
  remove(seq: number): void;
  clear(): void;
}

/** Records from one to another, both included. */
export interface Span {
  from: number;
  to: number;
}

export interface Page {
  records: Map<number, CallRecord>;
  /** Records that have changed since they were read. */
  stale: Set<number>;
  isReading: boolean;
}

/** About as many records as are in view: what a fast drag passes is not worth reading. */
const pageSize = 64;
/**
 * Records that are kept with those in view. A garbage collection goes through all of them, in the midst of a frame: to read
 * them again takes less.
 */
const maxKept = 4096;
/** Pages that stay with the record that is looked at: the first ones, where more than these explain it. */
const maxHeld = maxKept / pageSize;

/** The records that are here, in pages: those that were used last are the last ones. */
export class RecordPages {
  private readonly pages = new Map<number, Page>();
  /** Records in all of them. */
  private kept = 0;

  constructor(private readonly sinks: readonly RecordSink[]) {}

  get(key: number): Page | undefined {
    return this.pages.get(key);
  }

  /** The page, made where it is not here, as the one that was used last. */
  take(key: number): Page {
    const page = this.pages.get(key) ?? { records: new Map(), stale: new Set(), isReading: false };
    this.pages.delete(key);
    this.pages.set(key, page);
    return page;
  }

  keep(record: CallRecord): void {
    const key = pageOf(record.seq);
    const { records } = this.pages.get(key) ?? this.take(key);
    const known = records.get(record.seq);
    if (known && known.status !== 'waiting' && record.status === 'waiting') {
      // Its end was told while this was read.
      return;
    }
    this.kept += known ? 0 : 1;
    records.set(record.seq, record);
    this.sinks.forEach((sink) => sink.add(record));
  }

  /** The numbers of those that are here, from one on. */
  seqsFrom(from: number): number[] {
    const pages = [...this.pages].filter(([key]) => key >= pageOf(from));
    return pages.flatMap(([, { records }]) => [...records.keys()]).filter((seq) => seq >= from);
  }

  clear(): void {
    this.pages.clear();
    this.kept = 0;
    this.sinks.forEach((sink) => sink.clear());
  }

  /** Forgets the pages of which every record is gone. */
  deleteBefore(firstSeq: number): void {
    for (const key of this.pages.keys()) {
      if ((key + 1) * pageSize < firstSeq) {
        this.delete(key);
      }
    }
  }

  /**
   * Forgets the pages that were not used for the longest time, where there are too many records.
   * @param looked The record that is looked at, and those that explain it.
   */
  trim(looked: () => readonly number[], isWanted: (key: number) => boolean): void {
    if (this.kept <= maxKept) {
      return;
    }
    const held = new Set([...new Set(looked().map(pageOf))].slice(0, maxHeld));
    for (const key of this.pages.keys()) {
      if (this.kept <= maxKept) {
        return;
      }
      if (!held.has(key) && !isWanted(key)) {
        this.delete(key);
      }
    }
  }

  private delete(key: number): void {
    const records = this.pages.get(key)?.records ?? new Map<number, CallRecord>();
    for (const seq of records.keys()) {
      this.sinks.forEach((sink) => sink.remove(seq));
    }
    this.kept -= records.size;
    this.pages.delete(key);
  }
}

/** The page of a record. */
export function pageOf(seq: number): number {
  return Math.floor(seq / pageSize);
}

/** The records of a page. */
export function whole(key: number): Span {
  return { from: key * pageSize, to: (key + 1) * pageSize - 1 };
}
