import { firstIndex } from '../../common/search.js';

/** Numbers of records in order, 8 bytes each; the first ones may go. */
export class SeqList {
  private values = new Float64Array(256);
  private start = 0;
  private end = 0;

  get count(): number {
    return this.end - this.start;
  }

  at(row: number): number | undefined {
    return row >= 0 && row < this.count ? this.values[this.start + row] : undefined;
  }

  /** The row of a number, −1 when it is not listed. */
  rowOf(seq: number): number {
    const at = this.lowerBound(seq);
    return at < this.end && this.values[at] === seq ? at - this.start : -1;
  }

  /** The row of the first number from this one on. */
  rowFrom(seq: number): number {
    return this.lowerBound(seq) - this.start;
  }

  /** Adds numbers that are larger than all others. */
  append(seqs: readonly number[]): void {
    if (this.end + seqs.length > this.values.length) {
      const larger = new Float64Array(2 * (this.count + seqs.length));
      larger.set(this.values.subarray(this.start, this.end));
      this.end -= this.start;
      this.start = 0;
      this.values = larger;
    }
    this.values.set(seqs, this.end);
    this.end += seqs.length;
  }

  /** Lists a number, or no longer; true where that is new. */
  set(seq: number, isListed: boolean): boolean {
    const at = this.lowerBound(seq);
    const wasListed = at < this.end && this.values[at] === seq;
    if (wasListed === isListed) {
      return false;
    }
    if (isListed) {
      const behind = this.values.slice(at, this.end);
      this.end = at;
      this.append([seq, ...behind]);
    } else {
      this.values.copyWithin(at, at + 1, this.end--);
    }
    return true;
  }

  /** Forgets those below. */
  dropBelow(seq: number): boolean {
    const start = this.lowerBound(seq);
    const isNew = start !== this.start;
    this.start = start;
    return isNew;
  }

  /** Forgets this one and those above. */
  dropFrom(seq: number): void {
    this.end = this.lowerBound(seq);
  }

  clear(): void {
    this.start = 0;
    this.end = 0;
  }

  private lowerBound(wanted: number): number {
    return firstIndex(this.start, this.end, (index) => this.values[index]! >= wanted);
  }
}
