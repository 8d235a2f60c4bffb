import { firstIndex } from '../../common/search.js';

/** The height of a row that is not known yet, and of every row at least. */
export const lineHeight = 24;

/** Which record is on which row. */
export interface LaneRows {
  readonly count: number;
  seqAt(row: number): number | undefined;
  rowOf(seq: number): number;
}

/**
 * Where each row lies when rows have different heights: of most nothing is known but that they have one line. What rows
 * have beyond that is kept by record, so that it stays right when records before it are forgotten.
 */
export class RowHeights {
  private seqs: number[] = [];
  private extras: number[] = [];
  /** The sum of all extras before each of them; as many as are right. */
  private sums: number[] = [];

  /** Notes how much higher than a line a row is. Whether that is new. */
  set(seq: number, extra: number): boolean {
    const at = this.lowerBound(seq);
    const known = this.seqs[at] === seq ? this.extras[at]! : 0;
    if (known === extra) {
      return false;
    }
    if (this.seqs[at] !== seq) {
      this.seqs.splice(at, 0, seq);
      this.extras.splice(at, 0, extra);
    } else if (extra === 0) {
      this.seqs.splice(at, 1);
      this.extras.splice(at, 1);
    } else {
      this.extras[at] = extra;
    }
    this.sums.length = Math.min(this.sums.length, at + 1);
    return true;
  }

  /** Forgets the rows of records below. */
  dropBelow(seq: number): void {
    const count = this.lowerBound(seq);
    if (count > 0) {
      this.seqs.splice(0, count);
      this.extras.splice(0, count);
      this.sums = [];
    }
  }

  clear(): void {
    this.seqs = [];
    this.extras = [];
    this.sums = [];
  }

  total({ count }: LaneRows): number {
    return count * lineHeight + this.before(Infinity);
  }

  topOf(rows: LaneRows, row: number): number {
    const seq = rows.seqAt(row);
    return row * lineHeight + this.before(seq ?? Infinity);
  }

  heightOf(seq: number): number {
    const at = this.lowerBound(seq);
    return lineHeight + (this.seqs[at] === seq ? this.extras[at]! : 0);
  }

  /** The row at a position: the first or last one beyond them. */
  rowAt(rows: LaneRows, top: number): number {
    // No row is lower than a line, and all of them together are so much higher as is known.
    const most = within(Math.floor(top / lineHeight) + 1, rows.count);
    const least = within(Math.floor((top - this.before(Infinity)) / lineHeight) + 1, most);
    return firstIndex(least, most, (row) => this.topOf(rows, row) > top) - 1;
  }

  private before(seq: number): number {
    const at = this.lowerBound(seq);
    if (this.sums.length === 0) {
      this.sums.push(0);
    }
    for (let known = this.sums.length; known <= at; known++) {
      this.sums.push(this.sums[known - 1]! + this.extras[known - 1]!);
    }
    return this.sums[at]!;
  }

  /** Asked for each row of each frame: without a function for each of them. */
  private lowerBound(wanted: number): number {
    const { seqs } = this;
    let first = 0;
    let end = seqs.length;
    while (first < end) {
      const middle = (first + end) >>> 1;
      if (seqs[middle]! >= wanted) {
        end = middle;
      } else {
        first = middle + 1;
      }
    }
    return first;
  }
}

function within(row: number, most: number): number {
  return Math.max(1, Math.min(row, most));
}
