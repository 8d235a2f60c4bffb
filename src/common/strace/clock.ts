import type { LinePrefix, TimeKind } from './line.js';

/** How exact the times of a log are. */
export interface LogTiming {
  kind: TimeKind;
  /** Digits behind the second. */
  digits: number;
  /** Whether the log says how long calls took (`-T`). */
  hasDurations: boolean;
}

const billion = 1_000_000_000;
const dayNs = 86_400 * billion;
/** A clock may be set back, as at the end of summer time: times that are earlier by more than this are of the next day. */
const mostSetBackNs = 2 * 3600 * billion;

/** Times of the day, in order: a log may go on past midnight, where they begin anew. */
export class Midnights {
  private days = 0;
  private last = 0;

  /** The next time, in ns, with the days that have passed since the first. */
  pass(ns: number): number {
    if (ns < this.last - mostSetBackNs) {
      this.days += 1;
    }
    this.last = ns;
    return ns + this.days * dayNs;
  }
}

/**
 * Makes times of a log into nanoseconds since its first line. Lines with the same time, and all lines of a log without
 * times, are a nanosecond apart: they stay in order.
 */
export class LogClock {
  readonly timing: LogTiming = { kind: 'none', digits: 0, hasDurations: false };
  private last = 0;
  /** Of `-r`: the sum of all so far. */
  private sum = 0;
  private readonly midnights = new Midnights();
  private origin: { seconds: number; nanoseconds: number } | null;

  /** @param originMs The clock's time that times count from, in ms since 1970; the first line's where it is left out. */
  constructor(originMs?: number) {
    this.origin =
      originMs === undefined
        ? null
        : { seconds: Math.floor(originMs / 1000), nanoseconds: Math.round((originMs % 1000) * 1e6) };
  }

  /** The time of day, or since 1970, at the first line, in ms; null where the log does not say. */
  get originMs(): number | null {
    return this.origin && this.timing.kind !== 'relative'
      ? this.origin.seconds * 1000 + this.origin.nanoseconds / 1e6
      : null;
  }

  /** When something ended that had begun before; null where the log's times are too coarse to tell. */
  endOf(startNs: number, resumedNs: number | null): number | null {
    const { kind, digits } = this.timing;
    const isTold = kind !== 'none' && resumedNs !== null && resumedNs - startNs >= 10 ** (9 - digits);
    return isTold ? resumedNs : null;
  }

  /** When a line was printed. Never before the one before it. */
  read(prefix: LinePrefix): number {
    const time = this.timeOf(prefix);
    this.last = Math.max(time, this.last + 1);
    return this.last;
  }

  private timeOf({ timeKind, seconds, nanoseconds, digits }: LinePrefix): number {
    if (timeKind === 'none') {
      return this.last + 1;
    }
    this.timing.kind = timeKind;
    this.timing.digits = Math.max(this.timing.digits, digits);
    if (timeKind === 'relative') {
      this.origin ??= { seconds: 0, nanoseconds: 0 };
      this.sum += seconds * billion + nanoseconds;
      return this.sum;
    }
    this.origin ??= { seconds, nanoseconds };
    const since = (seconds - this.origin.seconds) * billion + nanoseconds - this.origin.nanoseconds;
    if (timeKind === 'epoch') {
      return since;
    }
    return this.midnights.pass(since);
  }
}
