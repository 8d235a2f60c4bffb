/**
 * Numbers that look random and are the same for the same seeds (mulberry32).
 * @param seeds Of what the numbers are: the tap's seed, the connection, the direction.
 */
export class Random {
  private state: number;

  constructor(seeds: readonly number[]) {
    this.state = seeds.reduce((hash, seed) => Math.imul(hash ^ seed, 0x9e3779b1) ^ (hash >>> 15), 0x2545f491);
  }

  /** At least 0, less than 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 to `largest`. */
  upTo(largest: number): number {
    return Math.floor(this.next() * (largest + 1));
  }

  /** Whether something happens that does in so many of a hundred cases. */
  happens(percent: number): boolean {
    return this.next() * 100 < percent;
  }
}
