import { signal } from '@preact/signals';
import { parseFilter } from '../../common/filter/parser.js';
import type { FilterError } from '../../common/filter/scanner.js';
import type { FilterAnswer, FilterRequest } from '../../common/protocol/socketHost.js';
import { SeqList } from './seqList.js';

export interface FilterContext {
  /** The records that there are. */
  range: { readonly firstSeq: number; readonly lastSeq: number };
  find(request: FilterRequest): Promise<FilterAnswer>;
  /** Lets a request answer at once. */
  cancel(id: number): void;
}

const mostMatches = 20_000;

/**
 * The records that the display filter fits. The host looks through all of them once when the filter changes, then
 * through what is new or has changed. What is typed and makes no sense leaves the last filter in place.
 */
export class FilterModel {
  private readonly matches = new SeqList();
  private readonly applying = signal('');
  private scanned = 0;
  /** The last record that there was when the filter was set. */
  private setAt = 0;
  private lastId = 0;
  /** The request that the scan waits for. */
  private scanId = 0;
  private generation = 0;
  /** Records that have changed beyond what is scanned: the answer under way may tell of them as they were. */
  private changedAhead: number[] = [];
  /** From which record on all is to be looked through again. */
  private again = Infinity;

  readonly text = signal('');
  readonly errors = signal<readonly FilterError[]>([]);
  /** Counts the updates: whoever reads rows depends on it. */
  readonly version = signal(0);
  readonly isBusy = signal(false);
  /** The user has ended the scan before its end. */
  readonly isStopped = signal(false);
  /** Why the scan could not go on. */
  readonly problem = signal<string | null>(null);

  constructor(private readonly context: FilterContext) {}

  private get applied(): string {
    return this.applying.value;
  }

  get isActive(): boolean {
    return this.applied !== '';
  }

  /** The text that the records fit: the last one without errors. */
  get shown(): string {
    return this.applied;
  }

  get count(): number {
    return this.matches.count;
  }

  /** How much has been looked through, from 0 to 1. */
  get progress(): number {
    const { firstSeq, lastSeq } = this.context.range;
    const total = lastSeq - firstSeq + 1;
    return total <= 0 ? 1 : Math.min(1, Math.max(0, this.scanned - firstSeq + 1) / total);
  }

  /** How many records have come since the filter was set that it does not fit, of those looked at. */
  get hiddenNew(): number {
    const first = Math.max(this.setAt, this.context.range.firstSeq - 1);
    const shown = this.matches.count - Math.max(0, this.matches.rowFrom(first + 1));
    return Math.max(0, this.scanned - first - shown);
  }

  seqAt(row: number): number | undefined {
    return this.matches.at(row);
  }

  rowOf(seq: number): number {
    return this.matches.rowOf(seq);
  }

  /** The row of the first record from this one on. */
  rowFrom(seq: number): number {
    return this.matches.rowFrom(seq);
  }

  set(text: string): void {
    this.text.value = text;
    const { errors } = parseFilter(text);
    this.errors.value = errors;
    const wanted = text.trim();
    if (errors.length === 0 && wanted !== this.applied) {
      this.applying.value = wanted;
      this.restart();
    }
  }

  /** Ends the scan; what was found stays. */
  stop(): void {
    if (this.isBusy.value) {
      this.end();
      this.isStopped.value = true;
    }
  }

  /**
   * Looks at what has changed; without a filter there is nothing to do.
   * @param from The first record of a socket of which more is known now: its records may fit for that.
   */
  update(changedSeqs: readonly number[], from = Infinity): void {
    if (!this.isActive) {
      return;
    }
    this.again = Math.min(this.again, from);
    if (this.matches.dropBelow(this.context.range.firstSeq)) {
      this.version.value++;
    }
    if (this.isBusy.value) {
      this.changedAhead.push(...changedSeqs.filter((seq) => seq > this.scanned));
    }
    this.lookAgain(changedSeqs);
    if (!this.isStopped.value) {
      void this.scan();
    }
  }

  /** Reads everything anew: another filter, or the store was cleared. */
  restart(): void {
    this.end();
    this.matches.clear();
    this.scanned = 0;
    this.setAt = this.context.range.lastSeq;
    this.isStopped.value = false;
    this.problem.value = null;
    this.version.value++;
    void this.scan();
  }

  private end(): void {
    this.generation++;
    this.changedAhead = [];
    this.again = Infinity;
    if (this.isBusy.value) {
      this.context.cancel(this.scanId);
      this.isBusy.value = false;
    }
  }

  private async scan(): Promise<void> {
    if (this.isBusy.value || !this.isActive || this.problem.value !== null) {
      return;
    }
    const { generation } = this;
    this.isBusy.value = true;
    try {
      for (this.takeAgain(); this.scanned < this.context.range.lastSeq; this.takeAgain()) {
        const asking = this.ask({ from: this.scanned + 1, count: mostMatches });
        this.scanId = this.lastId;
        const answer = await asking;
        if (generation !== this.generation) {
          return;
        }
        const isFurther = answer.next > this.scanned + 1;
        // What was found there before stays until now, so that no row goes and comes back.
        this.matches.dropFrom(this.scanned + 1);
        this.matches.append(answer.seqs);
        this.scanned = Math.max(this.scanned, answer.next - 1);
        this.problem.value = answer.problem;
        this.version.value++;
        const changed = this.changedAhead;
        this.changedAhead = changed.filter((seq) => seq > this.scanned);
        this.lookAgain(changed);
        // Not where the host says that this is all: there may be more since it answered.
        if (!isFurther || answer.problem !== null) {
          break;
        }
      }
    } catch {
      // The host is gone: what it had not told is not found.
    }
    if (generation === this.generation) {
      this.isBusy.value = false;
    }
  }

  private takeAgain(): void {
    this.scanned = Math.min(this.scanned, this.again - 1);
    this.again = Infinity;
  }

  private lookAgain(changedSeqs: readonly number[]): void {
    const known = changedSeqs.filter((seq) => seq <= this.scanned);
    if (known.length > 0) {
      void this.look(known);
    }
  }

  /** Looks again at records that have changed. */
  private async look(seqs: readonly number[]): Promise<void> {
    const { generation } = this;
    for (const seq of seqs) {
      const answer = await this.ask({ from: seq, to: seq, count: 1 }).catch(() => undefined);
      if (!answer || generation !== this.generation) {
        return;
      }
      if (this.matches.set(seq, answer.seqs.includes(seq))) {
        this.version.value++;
      }
    }
  }

  private ask(request: Omit<FilterRequest, 'id' | 'filter'>): Promise<FilterAnswer> {
    return this.context.find({ ...request, id: ++this.lastId, filter: this.applied });
  }
}
