import type { SeqLookup } from './seqIndex.js';

/** Positions by `seq` as a file has them: whatever its numbers are, they cost no more than their count. */
export class SortedIndex implements SeqLookup {
  private seqs = new Float64Array(1024);
  private positions = new Float64Array(1024);
  private isSorted = true;
  count = 0;

  get firstSeq(): number {
    return this.count > 0 ? this.seqs[0]! : 1;
  }

  get lastSeq(): number {
    return this.count > 0 ? this.seqs[this.count - 1]! : 0;
  }

  /** Where a `seq` comes twice, the later one counts. Call {@link finish} after the last one. */
  add(seq: number, position: number): void {
    if (this.count === this.seqs.length) {
      this.resize(2 * this.count);
    }
    this.isSorted &&= this.count === 0 || seq > this.seqs[this.count - 1]!;
    this.seqs[this.count] = seq;
    this.positions[this.count++] = position;
  }

  finish(): void {
    if (!this.isSorted) {
      const { seqs, positions } = this;
      const order = Uint32Array.from({ length: this.count }, (_, index) => index);
      order.sort((a, b) => seqs[a]! - seqs[b]! || a - b);
      const latest = order.filter((at, rank) => seqs[order[rank + 1] ?? -1] !== seqs[at]);
      this.seqs = Float64Array.from(latest, (at) => seqs[at]!);
      this.positions = Float64Array.from(latest, (at) => positions[at]!);
      this.count = latest.length;
    }
  }

  get(seq: number): number {
    const at = this.lowerBound(seq);
    return at < this.count && this.seqs[at] === seq ? this.positions[at]! : -1;
  }

  next(seq: number): number | undefined {
    const at = this.lowerBound(seq);
    return at < this.count ? this.seqs[at] : undefined;
  }

  private lowerBound(wanted: number): number {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.seqs[middle]! < wanted) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private resize(size: number): void {
    const [seqs, positions] = [new Float64Array(size), new Float64Array(size)];
    seqs.set(this.seqs);
    positions.set(this.positions);
    this.seqs = seqs;
    this.positions = positions;
  }
}
