import { signal } from '@preact/signals';
import type { SurveyAnswer, SurveyRequest } from '../../common/protocol/socketHost.js';

export interface OverviewContext {
  range: { readonly firstSeq: number; readonly lastSeq: number };
  survey(request: SurveyRequest): Promise<SurveyAnswer>;
}

/** What is known of a group of records. */
export interface OverviewBin {
  /** Its first record. */
  from: number;
  failures: number;
  bytes: number;
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
  private next = 1;
  /** Records that were not counted because they had not ended. */
  private readonly waiting = new Set<number>();
  private isReading = false;
  /** Records that have changed while answers were under way, which may tell of them as they were. */
  private changedMeanwhile: number[] = [];
  /** Something has happened since what is being read was asked for. */
  private isBehind = false;
  private readAt = -Infinity;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private viewers = 0;
  private generation = 0;

  /** Records in a group: a power of two. */
  width = 1;
  /** Counts the updates. */
  readonly version = signal(0);

  constructor(private readonly context: OverviewContext) {}

  /** Counts what is new, and what has ended since it was passed over. */
  update(changedSeqs: readonly number[]): void {
    const { firstSeq } = this.context.range;
    for (const key of this.bins.keys()) {
      if ((key + 1) * this.width > firstSeq) {
        break;
      }
      this.bins.delete(key);
    }
    if (this.isReading) {
      this.changedMeanwhile.push(...changedSeqs);
    } else {
      this.countEnded(changedSeqs);
    }
    this.follow();
  }

  /** It is shown until the function that this gives is called: what nobody sees is not counted. */
  show(): () => void {
    this.viewers++;
    this.follow();
    return () => this.viewers--;
  }

  /** Counts anew: the store was cleared. */
  reset(): void {
    this.generation++;
    this.isReading = false;
    this.bins.clear();
    this.waiting.clear();
    this.changedMeanwhile = [];
    this.next = 1;
    this.width = 1;
    this.version.value++;
    this.readAt = -Infinity;
    this.follow();
  }

  *all(): Generator<OverviewBin> {
    for (const [key, { failures, bytes }] of this.bins) {
      yield { from: key * this.width, failures, bytes };
    }
  }

  /** There is more to count. */
  private follow(): void {
    this.isBehind = true;
    if (this.viewers > 0 && !this.isReading) {
      const rest = Math.max(0, this.readAt + restMs - performance.now());
      this.timer ??= setTimeout(() => {
        this.timer = undefined;
        void this.read();
      }, rest);
    }
  }

  private async read(): Promise<void> {
    if (this.isReading) {
      return;
    }
    this.isReading = true;
    this.isBehind = false;
    const { generation } = this;
    try {
      while (this.next <= this.context.range.lastSeq) {
        this.widen();
        const { width } = this;
        const answer = await this.context.survey({ from: this.next, width, count: mostBins });
        if (generation !== this.generation) {
          return;
        }
        const isFurther = answer.next > this.next;
        this.next = Math.max(this.next, answer.next);
        this.add(answer, width);
        this.countEnded(this.changedMeanwhile.splice(0));
        // More that has come since the host answered is looked at after a rest.
        if (answer.isDone || !isFurther) {
          break;
        }
      }
    } catch {
      // The host is gone: what was not counted is not shown.
    }
    if (generation === this.generation) {
      this.isReading = false;
      this.readAt = performance.now();
      if (this.isBehind) {
        this.follow();
      }
    }
  }

  private countEnded(changedSeqs: readonly number[]): void {
    const ended = changedSeqs.filter((seq) => this.waiting.delete(seq));
    if (ended.length > 0) {
      void this.readAgain(ended);
    }
  }

  private async readAgain(seqs: readonly number[]): Promise<void> {
    const { generation } = this;
    for (const seq of seqs) {
      const { width } = this;
      const answer = await this.context
        .survey({ from: seq, to: seq, width, count: 1 })
        .catch(() => undefined);
      if (!answer || generation !== this.generation) {
        return;
      }
      this.add(answer, width);
    }
  }

  /** The groups were counted with a width that may have been doubled since. */
  private add({ firstBin, failures, bytes, waiting }: SurveyAnswer, width: number): void {
    for (const seq of waiting) {
      this.waiting.add(seq);
    }
    failures.forEach((count, index) => {
      const key = Math.floor(((firstBin + index) * width) / this.width);
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
