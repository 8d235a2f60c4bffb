import { signal } from '@preact/signals';
import type { PanelSortAnswer } from '../../common/protocol/panel.js';
import type { SortKey, SortRequest } from '../../common/protocol/socketHost.js';
import { Reading, step, type Step } from './reading.js';

export interface SortContext {
  range: { readonly lastSeq: number };
  sort(request: SortRequest): Promise<PanelSortAnswer>;
  cancel(id: number): void;
}

export interface SortOrder {
  by: SortKey;
  isDescending: boolean;
}

/** The numbers of filters are below. */
const firstId = 2 ** 32;
/** Up to so many records are sorted again by themselves when there are more, at most this often. */
const quicklySorted = 20_000;
const againMs = 500;

/**
 * The records in another order. The host sorts them; here are only their numbers, 4 bytes each. It is the order of one
 * moment: what came later is in it when it is sorted again.
 */
export class SortModel {
  private base = 0;
  /** Distances to {@link base}. */
  private order = new Uint32Array();
  private filter = '';
  private lastId = firstId;
  /** They are to be sorted however many they are. */
  private isDue = false;
  private lastRow = { seq: -1, row: -1 };

  /** What was asked for; null for the order in which the calls were made. */
  readonly wanted = signal<SortOrder | null>(null);
  /** Counts the updates: whoever reads rows depends on it. */
  readonly version = signal(0);
  readonly isBusy = signal(false);
  /** From 0 to 1. */
  readonly progress = signal(0);
  /** Why they could not be sorted, for people. */
  readonly problem = signal<string | null>(null);
  /** There is an order; while another one is made, it goes on to be shown. */
  readonly isSorted = signal(false);
  /** The last record that there was when they were sorted. */
  readonly through = signal(0);
  /** Some of those records have changed since. */
  readonly hasChanged = signal(false);

  private readonly reading = new Reading({
    isRead: () => true,
    next: (changed) => this.next(changed),
    rest: () => {
      this.isBusy.value = false;
    },
    restMs: againMs,
  });

  constructor(private readonly context: SortContext) {}

  get count(): number {
    return this.order.length;
  }

  seqAt(row: number): number | undefined {
    const distance = this.order[row];
    return distance === undefined ? undefined : this.base + distance;
  }

  rowOf(seq: number): number {
    if (this.lastRow.seq !== seq) {
      this.lastRow = { seq, row: this.order.indexOf(seq - this.base) };
    }
    return this.lastRow.row;
  }

  /** Sorts by this: from the smallest on, asked for again from the largest, and the third time not at all. */
  toggle(by: SortKey): void {
    const { value } = this.wanted;
    const isOther = value?.by !== by;
    this.set(isOther ? { by, isDescending: false } : value.isDescending ? null : { by, isDescending: true });
  }

  set(order: SortOrder | null): void {
    this.wanted.value = order;
    this.restart();
  }

  /** The records are those that another filter fits. */
  setFilter(filter: string): void {
    if (filter !== this.filter) {
      this.filter = filter;
      this.restart();
    }
  }

  /** There are more records, or these have changed. */
  update(changedSeqs: readonly number[]): void {
    if (this.wanted.value !== null) {
      this.reading.update(changedSeqs);
    }
  }

  /** Sorts what there is now. */
  restart(): void {
    if (this.isBusy.value) {
      this.context.cancel(this.lastId);
      this.isBusy.value = false;
    }
    this.reading.reset();
    this.problem.value = null;
    this.isDue = this.wanted.value !== null;
    if (this.isDue) {
      this.reading.update();
    } else {
      this.forget();
    }
  }

  /** The records were cleared. */
  clear(): void {
    this.forget();
    this.restart();
  }

  private forget(): void {
    this.order = new Uint32Array();
    this.lastRow = { seq: -1, row: -1 };
    this.isSorted.value = false;
    this.version.value++;
  }

  private next(changed: readonly number[]): Step | null {
    const order = this.wanted.value;
    const through = this.context.range.lastSeq;
    const isQuick = this.isSorted.value && this.order.length <= quicklySorted;
    const hasNews = changed.length > 0 || through > this.through.value;
    if (!order || !(this.isDue || (isQuick && hasNews))) {
      return changed.length > 0 ? this.leave(changed) : null;
    }
    const request = { id: ++this.lastId, filter: this.filter, ...order };
    this.isBusy.value = true;
    this.progress.value = 0;
    return step({
      changed,
      ask: async (isLeft) => {
        for (;;) {
          const answer = await this.context.sort(request);
          if (isLeft() || answer.seqs !== null || answer.problem !== null) {
            return answer;
          }
          this.progress.value = answer.progress;
        }
      },
      take: ({ seqs, problem }) => {
        this.isDue = false;
        this.problem.value = problem;
        if (seqs) {
          this.show(seqs, through);
        }
        return false;
      },
    });
  }

  /** So many are not sorted again before somebody asks for it: it is only said. */
  private leave(changed: readonly number[]): Step {
    return step({
      changed,
      ask: () => Promise.resolve(),
      take: () => {
        this.hasChanged.value ||= this.isSorted.value && changed.some((seq) => seq <= this.through.value);
        return false;
      },
    });
  }

  private show(bytes: Uint8Array, through: number): void {
    const seqs = new Float64Array(Uint8Array.from(bytes).buffer);
    // A million of them must not take longer than a frame.
    let base = Infinity;
    for (const seq of seqs) {
      base = Math.min(base, seq);
    }
    const order = new Uint32Array(seqs.length);
    for (let row = 0; row < order.length; row++) {
      order[row] = seqs[row]! - base;
    }
    this.base = base;
    this.order = order;
    this.lastRow = { seq: -1, row: -1 };
    this.through.value = through;
    this.hasChanged.value = false;
    this.isSorted.value = true;
    this.version.value++;
  }
}
