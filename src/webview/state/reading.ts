/** A request to the host, and what becomes of its answer. */
export interface Step<Answer = unknown> {
  /** Changed records that the answer tells of as they are then. */
  changed?: readonly number[];
  /** @param isLeft Nobody waits for the answer any more. */
  ask(isLeft: () => boolean): Promise<Answer>;
  /** False where nothing more is to be asked before something is told of. */
  take(answer: Answer): boolean;
}

export interface ReadingContext {
  /** Whether an answer has told of a record. If not, its change comes with what is read next. */
  isRead(seq: number): boolean;
  /** @param changed Records that have changed since an answer told of them. */
  next(changed: readonly number[]): Step | null;
  /** Nothing is asked just now. */
  rest?(): void;
  /** For so long, in ms, nothing is asked after a rest has begun. */
  restMs?: number;
}

/** A step whose answers are of the type that it takes. */
export function step<Answer>(one: Step<Answer>): Step {
  return one;
}

/**
 * Reads through the records of the host, and again those that have changed: one request at a time, so that no answer comes
 * before an older one. The host answers with what it has then. What is told of meanwhile may be in the answer as it was, so
 * it is asked for once more; and what was asked for and had no answer, when something is told of again.
 */
export class Reading {
  private readonly changed = new Set<number>();
  private isUnderWay = false;
  /** Something was told of since the last request. */
  private isBehind = false;
  private generation = 0;
  private restedAt = -Infinity;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly context: ReadingContext) {}

  /** There is more to read, or these have changed. */
  update(changedSeqs: readonly number[] = []): void {
    for (const seq of changedSeqs) {
      this.changed.add(seq);
    }
    this.isBehind = true;
    this.begin();
  }

  /** Forgets what was told of, and leaves the answer that is under way. */
  reset(): void {
    this.generation++;
    this.changed.clear();
    this.isUnderWay = false;
    this.isBehind = false;
    this.restedAt = -Infinity;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private begin(): void {
    if (this.isUnderWay || this.timer !== undefined) {
      return;
    }
    const left = this.restedAt + this.restMs - performance.now();
    if (left > 0) {
      this.timer = setTimeout(() => {
        this.timer = undefined;
        void this.run();
      }, left);
    } else {
      void this.run();
    }
  }

  private async run(): Promise<void> {
    const { generation } = this;
    const isLeft = () => generation !== this.generation;
    this.isUnderWay = true;
    for (let one = this.take(); one; one = this.take()) {
      const goesOn = await this.make(one, isLeft);
      if (isLeft()) {
        return;
      }
      if (!goesOn && (!this.isBehind || this.restMs > 0)) {
        break;
      }
    }
    this.isUnderWay = false;
    this.restedAt = performance.now();
    this.context.rest?.();
    if (this.isBehind) {
      this.begin();
    }
  }

  private get restMs(): number {
    return this.context.restMs ?? 0;
  }

  private async make(one: Step, isLeft: () => boolean): Promise<boolean> {
    const { changed = [] } = one;
    changed.forEach((seq) => this.changed.delete(seq));
    let answer: unknown;
    try {
      answer = await one.ask(isLeft);
    } catch {
      // The host is gone, maybe to come back.
      if (!isLeft()) {
        changed.forEach((seq) => this.changed.add(seq));
      }
      return false;
    }
    return !isLeft() && one.take(answer);
  }

  private take(): Step | null {
    this.isBehind = false;
    for (const seq of this.changed) {
      if (!this.context.isRead(seq)) {
        this.changed.delete(seq);
      }
    }
    return this.context.next([...this.changed]);
  }
}

/** Records from one to another, both included. */
export interface Span {
  from: number;
  to: number;
}

/** The fewest spans that have these records, with no more than so many others between two of them. */
export function spansOf(seqs: readonly number[], between: number): Span[] {
  const spans: Span[] = [];
  for (const seq of [...seqs].sort((a, b) => a - b)) {
    const last = spans.at(-1);
    if (last && seq - last.to - 1 <= between) {
      last.to = seq;
    } else {
      spans.push({ from: seq, to: seq });
    }
  }
  return spans;
}

/** The answers that tell of all records of some spans, one request after the other: one may tell of a part. */
export async function askEach<Answer extends { next: number }>(
  spans: readonly Span[],
  isLeft: () => boolean,
  ask: (span: Span) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const { from, to } of spans) {
    for (let next = from; next <= to && !isLeft();) {
      const answer = await ask({ from: next, to });
      answers.push(answer);
      if (answer.next <= next) {
        break;
      }
      next = answer.next;
    }
  }
  return answers;
}
