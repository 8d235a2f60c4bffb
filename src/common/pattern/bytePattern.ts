import { PatternParser, PatternSyntaxError } from './patternParser.js';
import { op, type PatternProgram } from './patternProgram.js';

/** What is wrong with a pattern, and where: an offset in UTF-16 units. */
export interface PatternProblem {
  message: string;
  offset: number;
}

/**
 * A regular expression over bytes. It is run by simulating all of its alternatives at once (Thompson, Pike), so that
 * its time grows with the data times the pattern, never beyond: there is no pattern that makes it hang. That leaves out
 * back-references and look-around, which nobody can run so.
 *
 * Text in the pattern is its UTF-8 bytes. `.` is any byte but a line feed; `^` and `$` are the ends of the data. `(?i)` at
 * its beginning lets ASCII letters of both cases match, `(?s)` lets `.` match a line feed too.
 */
export class BytePattern {
  private readonly lists: readonly [ThreadList, ThreadList];
  private readonly stack: number[] = [];
  private steps = 0;

  private constructor(private readonly program: PatternProgram) {
    const slots = 2 * (program.groupCount + 1);
    this.lists = [new ThreadList(program.size, slots), new ThreadList(program.size, slots)];
  }

  /** @param pattern As a person writes it. */
  static parse(pattern: string): BytePattern | PatternProblem {
    try {
      return new BytePattern(new PatternParser(pattern).parse());
    } catch (error) {
      if (error instanceof PatternSyntaxError) {
        return { message: error.message, offset: error.offset };
      }
      throw error;
    }
  }

  get groupCount(): number {
    return this.program.groupCount;
  }

  /**
   * The leftmost match: all of it, then its groups, empty where a group took no part. Null where there is none.
   * @param budget Steps that may be taken; undefined comes back where they do not suffice.
   */
  match(bytes: Uint8Array, budget: number): Uint8Array[] | null | undefined {
    const found = this.run(bytes, budget);
    return (
      found &&
      Array.from({ length: this.groupCount + 1 }, (_, group) => {
        const [start, end] = [found[2 * group]!, found[2 * group + 1]!];
        return start < 0 || end < start ? new Uint8Array(0) : bytes.subarray(start, end);
      })
    );
  }

  private run(bytes: Uint8Array, budget: number): Int32Array | null | undefined {
    const { operations, operands, sets } = this.program;
    let [now, next] = this.lists;
    now.clear();
    this.steps = budget;
    let found: Int32Array | null = null;
    const unset = new Int32Array(2 * (this.groupCount + 1)).fill(-1);
    for (let at = 0; at <= bytes.length; at++) {
      if (!found && (at === 0 || !this.program.isAnchored)) {
        this.add(now, 0, at, bytes, unset);
      }
      if (now.count === 0 && (found || this.program.isAnchored)) {
        break;
      }
      next.clear();
      for (let index = 0; index < now.count; index++) {
        const pc = now.pcs[index]!;
        if (operations[pc] === op.match) {
          // What comes after it in the list is less wanted.
          found = now.slotsAt(index).slice();
          break;
        }
        if (at < bytes.length && sets[operands[2 * pc]!]![bytes[at]!] === 1) {
          this.add(next, pc + 1, at + 1, bytes, now.slotsAt(index));
        }
      }
      if (this.steps < 0) {
        return undefined;
      }
      [now, next] = [next, now];
    }
    return found;
  }

  /** Adds the places that are reached from here without a byte, the most wanted first. */
  private add(list: ThreadList, start: number, at: number, bytes: Uint8Array, slots: Int32Array): void {
    const { operations, operands } = this.program;
    const { stack } = this;
    const { work } = list;
    work.set(slots);
    stack.push(start);
    while (stack.length > 0) {
      const entry = stack.pop()!;
      if (entry < 0) {
        // Behind what a group led to, its slot is what it was.
        work[-entry - 1] = stack.pop()!;
        continue;
      }
      if (list.has(entry)) {
        continue;
      }
      this.steps--;
      list.mark(entry);
      const [first, second] = [operands[2 * entry]!, operands[2 * entry + 1]!];
      switch (operations[entry]) {
        case op.jump:
          stack.push(first);
          break;
        case op.split:
          stack.push(second, first);
          break;
        case op.save:
          stack.push(work[first]!, -first - 1, entry + 1);
          work[first] = at;
          break;
        case op.start:
          if (at === 0) {
            stack.push(entry + 1);
          }
          break;
        case op.end:
          if (at === bytes.length) {
            stack.push(entry + 1);
          }
          break;
        case op.wordBoundary:
          if ((isWord(bytes[at - 1]) !== isWord(bytes[at])) === (first === 1)) {
            stack.push(entry + 1);
          }
          break;
        default:
          list.push(entry);
      }
    }
  }
}

function isWord(byte: number | undefined): boolean {
  return byte !== undefined && /\w/.test(String.fromCharCode(byte));
}

/** The places of a program that are alive at one byte, each once, with what its groups hold. */
class ThreadList {
  readonly pcs: Int32Array;
  /** While places are added. */
  readonly work: Int32Array;
  count = 0;
  private readonly slots: Int32Array;
  private readonly marks: Int32Array;
  private generation = 1;

  constructor(
    size: number,
    private readonly width: number,
  ) {
    this.pcs = new Int32Array(size);
    this.work = new Int32Array(width);
    this.slots = new Int32Array(size * width);
    this.marks = new Int32Array(size);
  }

  clear(): void {
    this.count = 0;
    this.generation++;
  }

  has(pc: number): boolean {
    return this.marks[pc] === this.generation;
  }

  mark(pc: number): void {
    this.marks[pc] = this.generation;
  }

  push(pc: number): void {
    this.slots.set(this.work, this.count * this.width);
    this.pcs[this.count++] = pc;
  }

  slotsAt(index: number): Int32Array {
    return this.slots.subarray(index * this.width, (index + 1) * this.width);
  }
}
