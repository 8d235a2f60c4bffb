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
  /** Position of `first + i`; −1 when there is none. */
  private positions = new Float64Array(1024);
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
      return seq < this.end ? this.positions[seq - this.first]! : -1;
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
    while (next < this.end && this.positions[next - this.first]! < 0) {
      next++;
    }
    return late ?? (next < this.end ? next : undefined);
  }

  set(seq: number, position: number): void {
    if (seq < this.first) {
      this.late.set(seq, position);
      return;
    }
    const at = seq - this.first;
    if (at >= this.positions.length) {
      const larger = new Float64Array(Math.max(2 * this.positions.length, at + 1));
      larger.set(this.positions);
      this.positions = larger;
    }
    if (seq > this.end) {
      this.positions.fill(-1, this.end - this.first, at);
    }
    this.positions[at] = position;
    if (seq >= this.end) {
      this.end = seq + 1;
    }
  }

  /** Moves the beginning to the first `seq` whose position is still held. */
  trim(isHeld: (position: number) => boolean): void {
    for (const [seq, position] of this.late) {
      if (!isHeld(position)) {
        this.late.delete(seq);
      }
    }
    const count = this.end - this.first;
    let gone = 0;
    while (gone < count && (this.positions[gone]! < 0 || !isHeld(this.positions[gone]!))) {
      gone++;
    }
    this.positions.copyWithin(0, gone, count);
    this.first += gone;
  }

  clear(): void {
    this.late.clear();
    this.first = this.end;
  }
}
