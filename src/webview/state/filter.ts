import { signal } from '@preact/signals';
import type { CallRecord } from '../../common/call.js';
import type { RecordModel } from './records.js';

/** The text that the filter looks through, in lower case. */
export type RecordText = (record: CallRecord) => string;

/**
 * The records that hold every word of the filter. The whole store is read once when the words change, then
 * only what is new or has changed.
 */
export class FilterModel {
  private matches: number[] = [];
  private words: string[] = [];
  private scanned = 0;
  private generation = 0;
  private isScanning = false;

  readonly text = signal('');
  /** Counts the updates: whoever reads rows depends on it. */
  readonly version = signal(0);
  readonly isBusy = signal(false);

  constructor(
    private readonly records: RecordModel,
    private readonly textOf: RecordText,
  ) {}

  get isActive(): boolean {
    return this.words.length > 0;
  }

  get count(): number {
    return this.matches.length;
  }

  seqAt(row: number): number | undefined {
    return this.matches[row];
  }

  rowOf(seq: number): number {
    const row = lowerBound(this.matches, seq);
    return this.matches[row] === seq ? row : -1;
  }

  set(text: string): void {
    this.text.value = text;
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.join(' ') !== this.words.join(' ')) {
      this.words = words;
      this.restart();
    }
  }

  /** Looks at what has changed; without words there is nothing to do. */
  update(changedSeqs: readonly number[]): void {
    if (!this.isActive) {
      return;
    }
    for (const seq of changedSeqs) {
      if (seq <= this.scanned) {
        void this.look(seq, this.generation);
      }
    }
    void this.scan();
  }

  /** Reads everything anew: other words, or the store was cleared. */
  restart(): void {
    this.generation++;
    this.matches = [];
    this.scanned = 0;
    this.isScanning = false;
    this.version.value++;
    void this.scan();
  }

  private async scan(): Promise<void> {
    if (this.isScanning || !this.isActive) {
      this.isBusy.value = this.isScanning;
      return;
    }
    const { generation } = this;
    const isCancelled = () => generation !== this.generation;
    this.isScanning = true;
    this.isBusy.value = true;
    try {
      for await (const records of this.records.scan(this.scanned + 1, isCancelled)) {
        for (const record of records) {
          if (this.isMatch(record)) {
            this.matches.push(record.seq);
          }
        }
        this.scanned = records.at(-1)!.seq;
        this.version.value++;
      }
    } catch {
      // The host is gone: what it had not told is not found.
    }
    if (!isCancelled()) {
      this.isScanning = false;
      this.isBusy.value = false;
    }
  }

  private async look(seq: number, generation: number): Promise<void> {
    const record = await this.records.load(seq).catch(() => undefined);
    if (!record || generation !== this.generation) {
      return;
    }
    const row = lowerBound(this.matches, seq);
    const isListed = this.matches[row] === seq;
    if (this.isMatch(record) !== isListed) {
      this.matches.splice(row, isListed ? 1 : 0, ...(isListed ? [] : [seq]));
      this.version.value++;
    }
  }

  private isMatch(record: CallRecord): boolean {
    const text = this.textOf(record);
    return this.words.every((word) => text.includes(word));
  }
}

/** The first place whose value is not below the wanted one. */
function lowerBound(values: readonly number[], wanted: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < wanted) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
