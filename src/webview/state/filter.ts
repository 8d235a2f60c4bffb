import { signal } from '@preact/signals';
import { parseFilter } from '../../common/filter/parser.js';
import type { FilterError } from '../../common/filter/scanner.js';
import type { FilterAnswer, FilterRequest } from '../../common/protocol/socketHost.js';
import type { SocketId } from '../../common/socket.js';
import { askEach, Reading, spansOf, step, type Step } from './reading.js';
import { SeqList } from './seqList.js';

export interface FilterContext {
  /** The records that there are. */
  range: { readonly firstSeq: number; readonly lastSeq: number };
  find(request: FilterRequest): Promise<FilterAnswer>;
  /** Lets a request answer at once. */
  cancel(id: number): void;
}

const mostMatches = 20_000;
/** Rather than to ask twice, the host looks at so many between two records that have changed. */
const fewRecords = 1000;

/**
 * The records that the display filter fits. The host looks through all of them once when the filter changes, then
 * through what is new or has changed. What is typed and makes no sense leaves the last filter in place.
 */
export class FilterModel {
  private readonly matches = new SeqList();
  private readonly applying = signal('');
  /** Whose records those are, as far as that was told. */
  private found: ReadonlySet<SocketId> = new Set();
  /** All records that there were when the filter was set have been looked through. */
  private isWhole = false;
  /** A record fits no longer that did. */
  private isStale = false;
  private scanned = 0;
  /** The last record that there was when the filter was set. */
  private setAt = 0;
  private lastId = 0;
  /** The request that the scan waits for. */
  private scanId = 0;
  /** From which record on all is to be looked through again. */
  private again = Infinity;
  private readonly reading: Reading;

  readonly text = signal('');
  readonly errors = signal<readonly FilterError[]>([]);
  /** Counts the updates: whoever reads rows depends on it. */
  readonly version = signal(0);
  readonly isBusy = signal(false);
  /** The user has ended the scan before its end. */
  readonly isStopped = signal(false);
  /** Why the scan could not go on. */
  readonly problem = signal<string | null>(null);

  constructor(private readonly context: FilterContext) {
    this.reading = new Reading({
      isRead: (seq) => seq <= this.scanned,
      next: (changed) => this.next(changed),
      rest: () => {
        this.isBusy.value = false;
      },
    });
  }

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

  /**
   * The sockets that have a record which fits; null where there is no filter, or not all of them are known. Where many records
   * fit, one may be among them whose record does no longer.
   */
  get socketIds(): ReadonlySet<SocketId> | null {
    return this.isActive && this.isWhole ? this.found : null;
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

  /** Whether it has looked at a record, and does not show it. */
  leavesOut(seq: number): boolean {
    return seq <= this.scanned && this.matches.rowOf(seq) < 0;
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
      this.isStopped.value = true;
      this.cancel();
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
    this.reading.update(changedSeqs);
  }

  /** Reads everything anew: another filter, or the store was cleared. */
  restart(): void {
    this.cancel();
    this.reading.reset();
    this.matches.clear();
    this.found = new Set();
    this.isWhole = false;
    this.isStale = false;
    this.scanned = 0;
    this.again = Infinity;
    this.setAt = this.context.range.lastSeq;
    this.isStopped.value = false;
    this.problem.value = null;
    this.version.value++;
    this.reading.update();
  }

  /** What is under way answers with what it has found so far. */
  private cancel(): void {
    if (this.isBusy.value) {
      this.context.cancel(this.scanId);
      this.isBusy.value = false;
    }
  }

  private next(changed: readonly number[]): Step | null {
    if (!this.isActive) {
      return null;
    }
    if (changed.length > 0) {
      return this.look(changed);
    }
    const scan = this.isStopped.value || this.problem.value !== null ? null : this.scan();
    return scan ?? this.findAnew();
  }

  private scan(): Step | null {
    this.scanned = Math.min(this.scanned, this.again - 1);
    this.again = Infinity;
    const from = this.scanned + 1;
    if (from > this.context.range.lastSeq) {
      return null;
    }
    this.isBusy.value = true;
    return step({
      ask: () => {
        const asking = this.ask({ from, count: mostMatches });
        this.scanId = this.lastId;
        return asking;
      },
      take: ({ seqs, socketIds, next, problem }) => {
        // What was found there before stays until now, so that no row goes and comes back.
        this.matches.dropFrom(from);
        this.matches.append(seqs);
        this.find(socketIds);
        this.scanned = Math.max(this.scanned, next - 1);
        this.isWhole ||= this.scanned >= this.setAt && problem === null;
        this.problem.value = problem;
        this.version.value++;
        return next > from;
      },
    });
  }

  /** Looks again at records that have changed. */
  private look(changed: readonly number[]): Step {
    return step({
      changed,
      ask: (isLeft) =>
        askEach(spansOf(changed, fewRecords), isLeft, (span) => this.ask({ ...span, count: mostMatches })),
      take: (answers) => {
        const found = new Set(answers.flatMap(({ seqs }) => seqs));
        this.find(answers.flatMap(({ socketIds }) => socketIds));
        const news = changed.filter((seq) => this.matches.set(seq, found.has(seq)));
        this.isStale ||= news.some((seq) => !found.has(seq));
        if (news.length > 0) {
          this.version.value++;
        }
        return true;
      },
    });
  }

  /** Asks whose records fit, where they are so few that this costs little. */
  private findAnew(): Step | null {
    if (!this.isStale || this.matches.count > fewRecords) {
      return null;
    }
    const listed = Array.from({ length: this.matches.count }, (_, row) => this.matches.at(row)!);
    return step({
      ask: (isLeft) =>
        askEach(spansOf(listed, fewRecords), isLeft, (span) => this.ask({ ...span, count: mostMatches })),
      take: (answers) => {
        this.isStale = false;
        this.found = new Set(answers.flatMap(({ socketIds }) => socketIds));
        this.version.value++;
        return true;
      },
    });
  }

  private find(socketIds: readonly SocketId[]): void {
    if (socketIds.some((id) => !this.found.has(id))) {
      this.found = new Set([...this.found, ...socketIds]);
    }
  }

  private ask(request: Omit<FilterRequest, 'id' | 'filter'>): Promise<FilterAnswer> {
    return this.context.find({ ...request, id: ++this.lastId, filter: this.applied });
  }
}
