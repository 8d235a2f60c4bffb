/** A list of numbers that grows. */
export class NumberList {
  private values = new Float64Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Float64Array(2 * this.length);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }

  get array(): Float64Array {
    return this.values.subarray(0, this.length);
  }
}

/** What is sorted at once at the beginning, and merged between two looks at the clock. */
const runLength = 2048;

/**
 * Sorts places by their keys, a little at a time: a million of them take longer than the host may stand still.
 * Places of the same key keep their order.
 */
export class MergeSort {
  private from: Uint32Array;
  private into: Uint32Array;
  /** Length of the runs that are in order; 0 before the first round. */
  private width = 0;
  /** How far this round has come, and the next place of either run that is being merged. */
  private at = 0;
  private left = 0;
  private right = 0;

  constructor(private readonly keys: Float64Array) {
    this.from = Uint32Array.from({ length: keys.length }, (_, index) => index);
    this.into = new Uint32Array(keys.length);
  }

  /** The places in order, once {@link slice} has said so. */
  get places(): Uint32Array {
    return this.from;
  }

  /** From 0 to 1. */
  get progress(): number {
    const { keys, width, at } = this;
    const rounds = 1 + Math.max(0, Math.ceil(Math.log2(keys.length / runLength)));
    const done = width === 0 ? 0 : 1 + Math.log2(width / runLength);
    return Math.min(1, (done + at / Math.max(1, keys.length)) / rounds);
  }

  /** Goes on for so many ms; true when all is sorted. */
  slice(ms: number): boolean {
    const end = performance.now() + ms;
    do {
      if (this.width >= this.keys.length) {
        return true;
      }
      if (this.width === 0) {
        this.sortRun();
      } else {
        this.merge();
      }
      if (this.at >= this.keys.length) {
        this.beginRound();
      }
    } while (performance.now() < end);
    return this.width >= this.keys.length;
  }

  private beginRound(): void {
    if (this.width > 0) {
      [this.from, this.into] = [this.into, this.from];
    }
    this.width = this.width === 0 ? runLength : 2 * this.width;
    this.at = 0;
    this.beginMerge();
  }

  private beginMerge(): void {
    this.left = this.at;
    this.right = this.at + this.width;
  }

  private sortRun(): void {
    const { keys } = this;
    const stop = Math.min(this.at + runLength, keys.length);
    this.from.subarray(this.at, stop).sort((a, b) => keys[a]! - keys[b]! || a - b);
    this.at = stop;
  }

  /** Merges on; the two runs end where twice their length ends. */
  private merge(): void {
    const { keys, from, into, width } = this;
    const { length } = keys;
    const start = Math.floor(this.at / (2 * width)) * 2 * width;
    const middle = Math.min(start + width, length);
    const end = Math.min(start + 2 * width, length);
    const stop = Math.min(this.at + runLength, end);
    let { at, left, right } = this;
    while (at < stop) {
      const takesLeft = left < middle && (right >= end || keys[from[left]!]! <= keys[from[right]!]!);
      into[at++] = from[takesLeft ? left++ : right++]!;
    }
    this.at = at;
    this.left = left;
    this.right = right;
    if (at === end) {
      this.beginMerge();
    }
  }
}
