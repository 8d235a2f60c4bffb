import { segmentOf } from './segments.js';

/** Positions by `seq`. */
export interface SeqLookup {
  /** The first `seq` that may have a position. */
  readonly firstSeq: number;
  /** The last `seq` that has one, or the one before the first. */
  readonly lastSeq: number;
  /** −1 when there is none. */
  get(seq: number): number;
  /** The first `seq` from this one on that has a position. */
  next(seq: number): number | undefined;
}

/** Positions by `seq` in the order in which they come, one number each: 8 bytes a record. */
export class SeqIndex implements SeqLookup {
  /** Position of `first + i` at `begin + i`; −1 when there is none. */
  private positions = new Float64Array(1024);
  private begin = 0;
  private first: number;
  private end: number;
  /** Rows of calls that waited so long that the index has gone beyond them. */
  private readonly late = new Map<number, number>();

  constructor(firstSeq: number) {
    this.first = firstSeq;
    this.end = firstSeq;
  }

  get firstSeq(): number {
    let first = this.first;
    for (const seq of this.late.keys()) {
      first = Math.min(first, seq);
    }
    return first;
  }

  get lastSeq(): number {
    return this.end - 1;
  }

  get(seq: number): number {
    if (seq >= this.first) {
      return seq < this.end ? this.positions[this.begin + seq - this.first]! : -1;
    }
    return this.late.get(seq) ?? -1;
  }

  next(seq: number): number | undefined {
    let late: number | undefined;
    if (seq < this.first) {
      for (const candidate of this.late.keys()) {
        if (candidate >= seq && candidate < (late ?? Infinity)) {
          late = candidate;
        }
      }
    }
    let next = Math.max(seq, this.first);
    while (next < this.end && this.positions[this.begin + next - this.first]! < 0) {
      next++;
    }
    return late ?? (next < this.end ? next : undefined);
  }

  set(seq: number, position: number): void {
    if (seq < this.first) {
      this.late.set(seq, position);
      return;
    }
    if (this.begin + seq - this.first >= this.positions.length) {
      this.makeRoom(seq - this.first + 1);
    }
    const at = this.begin + seq - this.first;
    if (seq > this.end) {
      this.positions.fill(-1, this.begin + this.end - this.first, at);
    }
    this.positions[at] = position;
    if (seq >= this.end) {
      this.end = seq + 1;
    }
  }

  /** Moves the beginning to the first `seq` whose position is in a segment that is still held. */
  trim(isHeld: (segment: number) => boolean): void {
    for (const [seq, position] of this.late) {
      if (!isHeld(segmentOf(position))) {
        this.late.delete(seq);
      }
    }
    const { positions, begin } = this;
    const end = begin + this.end - this.first;
    let at = begin;
    // Of very many in a row the segment is the same: it is asked for once.
    let gone = -1;
    for (; at < end; at++) {
      const segment = segmentOf(positions[at]!);
      if (segment >= 0 && segment !== gone) {
        if (isHeld(segment)) {
          break;
        }
        gone = segment;
      }
    }
    this.begin = at;
    this.first += at - begin;
  }

  clear(): void {
    this.late.clear();
    this.first = this.end;
    this.begin = 0;
  }

  /** Room for so many positions: what has been trimmed away gives it, where it is half of all. */
  private makeRoom(count: number): void {
    const { positions, begin } = this;
    const end = begin + this.end - this.first;
    if (2 * count > positions.length) {
      this.positions = new Float64Array(Math.max(2 * positions.length, count));
      this.positions.set(positions.subarray(begin, end));
    } else {
      positions.copyWithin(0, begin, end);
    }
    this.begin = 0;
  }
}
