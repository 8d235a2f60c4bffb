/** Finds the lines of a text again in another state of it: those above and below what was changed. Lines count from 1. */
export class TextShift {
  private readonly above: number;
  private readonly below: number;
  private readonly countThen: number;
  private readonly countNow: number;

  constructor(then: string, now: string) {
    const a = then.split(/\r?\n/);
    const b = now.split(/\r?\n/);
    const most = Math.min(a.length, b.length);
    let above = 0;
    while (above < most && a[above] === b[above]) {
      above++;
    }
    let below = 0;
    while (below < most - above && a[a.length - 1 - below] === b[b.length - 1 - below]) {
      below++;
    }
    this.above = above;
    this.below = below;
    this.countThen = a.length;
    this.countNow = b.length;
  }

  /** Where a line of the earlier text stands now; undefined where it was changed. */
  toNow(line: number): number | undefined {
    return shift(line, this.above, this.below, this.countThen, this.countNow);
  }

  /** Where a line of the later text stood then; undefined where it did not. */
  toThen(line: number): number | undefined {
    return shift(line, this.above, this.below, this.countNow, this.countThen);
  }
}

function shift(line: number, above: number, below: number, from: number, to: number): number | undefined {
  if (line <= above) {
    return line;
  }
  return line > from - below && line <= from ? line - from + to : undefined;
}
