import { type Framing, type Message, messageFlag, mostLength, overhead } from './framing.js';

/** How far a {@link Framer} has come: all that it needs to go on. */
export interface FramerState {
  /** The first byte of the stream that it has not seen. */
  position: number;
  /** Where the message that has begun begins, and its number. */
  start: number;
  number: number;
  /** Where it ends; null while that is not known. */
  end: number | null;
  flags: number;
  /** What has come of its length. */
  head: number[];
  /** The byte before {@link position} is a CR. */
  isAfterCR: boolean;
  /** Where messages can no longer be told apart; null as long as they can. */
  lostAt: number | null;
}

export const firstState: FramerState = {
  position: 0,
  start: 0,
  number: 1,
  end: null,
  flags: 0,
  head: [],
  isAfterCR: false,
  lostAt: null,
};

const [CR, LF] = [13, 10];

/**
 * Cuts a stream into messages, whatever the pieces are in which its bytes come. It holds no bytes but those of one
 * length, and goes on over bytes that were not kept where that can be done.
 */
export class Framer {
  private readonly current: FramerState;
  private found: Message[] = [];

  constructor(
    private readonly framing: Framing,
    state: FramerState = firstState,
  ) {
    this.current = { ...state, head: [...state.head] };
  }

  get state(): FramerState {
    return { ...this.current, head: [...this.current.head] };
  }

  /**
   * Takes bytes from `offset` of the stream on: those that were seen are passed over, and those between are a gap.
   * @param length Where it is more than there are bytes, the rest was not kept.
   */
  push(offset: number, bytes: Uint8Array, length = bytes.length): Message[] {
    this.found = [];
    const { current } = this;
    if (offset > current.position) {
      this.skip(offset);
    }
    const seen = Math.min(bytes.length, Math.max(0, current.position - offset));
    this.take(bytes.subarray(seen));
    if (offset + length > current.position) {
      this.skip(offset + length);
    }
    return this.found;
  }

  private take(bytes: Uint8Array): void {
    const { current, framing } = this;
    const base = current.position;
    let at = 0;
    while (at < bytes.length && current.lostAt === null) {
      switch (framing.kind) {
        case 'line':
          at = this.takeLine(bytes, at, base, framing.ending === 'CRLF');
          break;
        case 'fixed':
          current.end = current.start + framing.length;
          at = this.takeBody(bytes.length, at, base);
          break;
        case 'length':
          if (current.end === null) {
            current.head.push(bytes[at]!);
            at++;
            this.readLength(base + at, framing);
          } else {
            at = this.takeBody(bytes.length, at, base);
          }
      }
    }
    current.position = base + bytes.length;
  }

  private takeLine(bytes: Uint8Array, at: number, base: number, needsCR: boolean): number {
    const end = bytes.indexOf(LF, at);
    if (end < 0) {
      this.current.isAfterCR = bytes.at(-1) === CR;
      return bytes.length;
    }
    const isAfterCR = end > 0 ? bytes[end - 1] === CR : this.current.isAfterCR;
    this.current.isAfterCR = false;
    if (isAfterCR || !needsCR) {
      this.finish(base + end + 1);
    }
    return end + 1;
  }

  private takeBody(length: number, at: number, base: number): number {
    const end = this.current.end!;
    if (base + length < end) {
      return length;
    }
    this.finish(end);
    return Math.max(at, end - base);
  }

  /** Reads the length once its bytes are here. */
  private readLength(position: number, framing: Framing & { kind: 'length' }): void {
    const { current } = this;
    const { width, before, isLittleEndian, isWhole } = framing;
    const headLength = overhead(framing).head;
    // Of what lies before the length nothing is needed.
    const have = position - current.start;
    if (current.head.length > width || have <= before) {
      current.head.shift();
    }
    if (have < headLength) {
      return;
    }
    const digits = isLittleEndian ? current.head.toReversed() : current.head;
    const value = digits.reduce((sum, byte) => sum * 256 + byte, 0);
    const length = isWhole ? value : headLength + value;
    current.head = [];
    if (length < headLength || length > mostLength) {
      current.flags |= messageFlag.isImpossible;
      this.finish(position);
      current.lostAt = current.start;
    } else if (length === headLength) {
      this.finish(position);
    } else {
      current.end = current.start + length;
    }
  }

  /** Goes over bytes that were not kept. */
  private skip(to: number): void {
    const { current, framing } = this;
    const isAtStart = current.position === current.start;
    current.isAfterCR = false;
    if (current.lostAt !== null) {
      current.position = to;
      return;
    }
    switch (framing.kind) {
      case 'line':
        current.flags |= messageFlag.hasGap;
        break;
      case 'fixed': {
        const { length } = framing;
        if (to >= current.start + length) {
          if (!isAtStart) {
            current.flags |= messageFlag.hasGap;
            this.finish(current.start + length);
          }
          const gone = Math.floor((to - current.start) / length);
          current.start += gone * length;
          current.number += gone;
        }
        if (to > current.start) {
          current.flags |= messageFlag.hasGap;
        }
        current.end = null;
        break;
      }
      case 'length':
        // The length of a message is known, or it lies in the gap and what comes can no longer be told apart.
        current.flags |= messageFlag.hasGap;
        if (current.end === null || to > current.end) {
          if (current.end !== null) {
            this.finish(current.end);
          }
          current.lostAt = current.start;
        } else if (to === current.end) {
          this.finish(current.end);
        }
    }
    current.position = to;
  }

  private finish(end: number): void {
    const { current } = this;
    const { number, start, flags } = current;
    this.found.push({ number, start, end, flags });
    current.number++;
    current.start = end;
    current.end = null;
    current.flags = 0;
    current.head = [];
  }
}
