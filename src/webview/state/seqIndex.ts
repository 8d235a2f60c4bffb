/**
 * Which record is on which row when every record is shown: a range of `seq` without those that the store has
 * forgotten in its middle (a cleared record before a waiting one). What is forgotten is learnt while reading.
 */
export class SeqIndex {
  private first = 1;
  private last = 0;
  /** Sorted, not touching, both ends included. */
  private gaps: [from: number, to: number][] = [];

  get count(): number {
    return Math.max(0, this.last - this.first + 1) - this.gapped(this.last);
  }

  get firstSeq(): number {
    return this.first;
  }

  get lastSeq(): number {
    return this.last;
  }

  setRange(first: number, last: number): void {
    this.first = first;
    this.last = last;
    this.gaps = this.gaps
      .map(([from, to]): [number, number] => [Math.max(from, first), to])
      .filter(([from, to]) => from <= to);
  }

  /** Forgets what is known of gaps: after the store was cleared. */
  reset(): void {
    this.gaps = [];
  }

  /** Notes that these records do not exist any more. */
  addGap(from: number, to: number): void {
    let [low, high] = [Math.max(from, this.first), Math.min(to, this.last)];
    if (low > high) {
      return;
    }
    const rest: [number, number][] = [];
    for (const gap of this.gaps) {
      if (gap[1] + 1 < low || gap[0] > high + 1) {
        rest.push(gap);
      } else {
        low = Math.min(low, gap[0]);
        high = Math.max(high, gap[1]);
      }
    }
    this.gaps = [...rest, [low, high] satisfies [number, number]].sort((a, b) => a[0] - b[0]);
  }

  has(seq: number): boolean {
    if (seq < this.first || seq > this.last) {
      return false;
    }
    for (const gap of this.gaps) {
      if (seq >= gap[0] && seq <= gap[1]) {
        return false;
      }
    }
    return true;
  }

  /** The record on a row, undefined beyond the last one. */
  seqAt(row: number): number | undefined {
    if (row < 0) {
      return undefined;
    }
    let seq = this.first + row;
    for (const [from, to] of this.gaps) {
      if (from > seq) {
        break;
      }
      seq += to - from + 1;
    }
    return seq <= this.last ? seq : undefined;
  }

  /** The row of a record, −1 when it has none. */
  rowOf(seq: number): number {
    return this.has(seq) ? seq - this.first - this.gapped(seq) : -1;
  }

  /** The row of the first record from this one on. */
  rowFrom(seq: number): number {
    const gap = this.gaps.find(([from, to]) => seq >= from && seq <= to);
    const at = Math.max(this.first, gap ? gap[1] + 1 : seq);
    return Math.min(this.count, at - this.first - this.gapped(at));
  }

  private gapped(upTo: number): number {
    let sum = 0;
    for (const [from, to] of this.gaps) {
      if (from <= upTo) {
        sum += Math.min(to, upTo) - from + 1;
      }
    }
    return sum;
  }
}
