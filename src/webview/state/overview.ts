import { signal } from '@preact/signals';
import type { SurveyAnswer, SurveyRequest } from '../../common/protocol/socketHost.js';
import { askEach, Reading, spansOf, step, type Step } from './reading.js';

export interface OverviewContext {
  range: { readonly firstSeq: number; readonly lastSeq: number };
  survey(request: SurveyRequest): Promise<SurveyAnswer>;
}

/** Groups that are kept: where there are more, two become one. */
const mostBins = 1024;
/** What is known of all records is looked at anew so often at most, however fast they come, in ms. */
export const restMs = 150;

/**
 * Where among all records calls failed and bytes moved. The host counts, each record once; here are a thousand groups
 * of them, which grow with the number of records.
 */
export class OverviewModel {
  private bins = new Map<number, { failures: number; bytes: number }>();
  /** The first record that was not counted, nor is known to wait. */
  private counted = 1;
  /** Records that were not counted because they had not ended. */
  private readonly waiting = new Set<number>();
  private viewers = 0;
  private readonly reading: Reading;

  /** Records in a group: a power of two. */
  width = 1;
  /** Counts the updates. */
  readonly version = signal(0);

  constructor(private readonly context: OverviewContext) {
    this.reading = new Reading({
      isRead: (seq) => this.waiting.has(seq),
      next: (changed) => this.next(changed),
      restMs,
    });
  }

  /** Counts what is new, and what has ended since it was passed over. */
  update(changedSeqs: readonly number[]): void {
    const { firstSeq } = this.context.range;
    for (const key of this.bins.keys()) {
      if ((key + 1) * this.width > firstSeq) {
        break;
      }
      this.bins.delete(key);
    }
    this.reading.update(changedSeqs);
  }

  /** It is shown until the function that this gives is called: what nobody sees is not counted. */
  show(): () => void {
    this.viewers++;
    this.reading.update();
    return () => this.viewers--;
  }

  /** Counts anew: the store was cleared. */
  reset(): void {
    this.reading.reset();
    this.bins.clear();
    this.waiting.clear();
    this.counted = 1;
    this.width = 1;
    this.version.value++;
    this.reading.update();
  }

  /** Whether any of the records that were counted is of a failed call. */
  get hasFailures(): boolean {
    // Asked with every frame: without a copy of them.
    for (const { failures } of this.bins.values()) {
      if (failures > 0) {
        return true;
      }
    }
    return false;
  }

  /** Tells of each group: its first record, how many calls failed and how many bytes moved. */
  forEach(tell: (from: number, failures: number, bytes: number) => void): void {
    this.bins.forEach(({ failures, bytes }, key) => tell(key * this.width, failures, bytes));
  }

  private next(ended: readonly number[]): Step | null {
    if (this.viewers === 0) {
      return null;
    }
    return ended.length > 0 ? this.countEnded(ended) : this.countNew();
  }

  private countNew(): Step | null {
    const { lastSeq } = this.context.range;
    const { counted: from } = this;
    if (from > lastSeq) {
      return null;
    }
    this.widen();
    return step({
      ask: () => this.context.survey({ from, width: this.width, count: mostBins }),
      take: (answer) => {
        this.counted = Math.max(from, answer.next);
        this.add(answer);
        // More that has come since the host answered is looked at after a rest.
        return !answer.isDone && answer.next > from;
      },
    });
  }

  /** Counts what had not ended when it was passed over, and has changed since. */
  private countEnded(changed: readonly number[]): Step {
    return step({
      changed,
      ask: (isLeft) =>
        askEach(spansOf(changed, 0), isLeft, (span) =>
          this.context.survey({ ...span, width: this.width, count: mostBins }),
        ),
      take: (answers) => {
        changed.forEach((seq) => this.waiting.delete(seq));
        answers.forEach((answer) => this.add(answer));
        return true;
      },
    });
  }

  private add({ firstBin, failures, bytes, waiting }: SurveyAnswer): void {
    for (const seq of waiting) {
      this.waiting.add(seq);
    }
    failures.forEach((count, index) => {
      const key = firstBin + index;
      const bin = this.bins.get(key) ?? { failures: 0, bytes: 0 };
      bin.failures += count;
      bin.bytes += bytes[index] ?? 0;
      this.bins.set(key, bin);
    });
    this.version.value++;
  }

  /** Makes the groups large enough for all records that there are. */
  private widen(): void {
    const { firstSeq, lastSeq } = this.context.range;
    while ((lastSeq - firstSeq + 1) / this.width > mostBins) {
      this.width *= 2;
      const bins = new Map<number, { failures: number; bytes: number }>();
      for (const [key, { failures, bytes }] of this.bins) {
        const half = Math.floor(key / 2);
        const bin = bins.get(half) ?? { failures: 0, bytes: 0 };
        bins.set(half, { failures: bin.failures + failures, bytes: bin.bytes + bytes });
      }
      this.bins = bins;
    }
  }
}
