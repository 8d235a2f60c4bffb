import { firstIndex } from '../search.js';

/** Which records have been seen: ranges of their numbers. */
export class Coverage {
  /** Sorted, not touching, both ends included. */
  private readonly ranges: { from: number; to: number }[] = [];

  add(seq: number): void {
    const at = this.firstFrom(seq);
    const range = this.ranges[at];
    const before = this.ranges[at - 1];
    if (range && range.from <= seq) {
      return;
    }
    if (before?.to === seq - 1) {
      before.to = seq;
      if (range?.from === seq + 1) {
        before.to = range.to;
        this.ranges.splice(at, 1);
      }
    } else if (range?.from === seq + 1) {
      range.from = seq;
    } else {
      this.ranges.splice(at, 0, { from: seq, to: seq });
    }
  }

  remove(seq: number): void {
    const at = this.firstFrom(seq);
    const range = this.ranges[at];
    if (!range || range.from > seq) {
      return;
    }
    if (range.from === range.to) {
      this.ranges.splice(at, 1);
    } else if (range.from === seq) {
      range.from = seq + 1;
    } else if (range.to === seq) {
      range.to = seq - 1;
    } else {
      this.ranges.splice(at, 0, { from: range.from, to: seq - 1 });
      range.from = seq + 1;
    }
  }

  clear(): void {
    this.ranges.length = 0;
  }

  /** Whether all records between the two were seen, both included. */
  covers(from: number, to: number): boolean {
    const range = this.ranges[this.firstFrom(from)];
    return range !== undefined && range.from <= from && range.to >= to;
  }

  /** The first range that ends at `seq` or behind it. */
  private firstFrom(seq: number): number {
    return firstIndex(0, this.ranges.length, (index) => this.ranges[index]!.to >= seq);
  }
}
