import { signal } from '@preact/signals';
import type { FilterAnswer, FilterRequest } from '../../common/protocol/socketHost.js';
import type { SocketId } from '../../common/socket.js';
import { notFailures } from '../../common/tables/explanations.js';

export interface ErrorsContext {
  /** The records that there are. */
  range: { readonly firstSeq: number; readonly lastSeq: number };
  find(request: FilterRequest): Promise<FilterAnswer>;
}

/** As many are listed. */
const most = 10;
/** Records that are looked through in one piece, and back from the end in all. */
const piece = 20_000;
const farthest = 200_000;
/** How often new records are looked through, in ms. */
const interval = 300;
/** Apart from those of the display filter. */
const firstId = 1_000_000_000;

/** The failed calls of the socket that the inspector shows, the latest first, as far back as a look costs little. */
export class SocketErrors {
  private id: SocketId | null = null;
  private generation = 0;
  private lastId = firstId;
  /** What was looked through: from here to there. */
  private from = 1;
  private to = 0;
  private readonly stale = new Set<number>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  readonly seqs = signal<readonly number[]>([]);

  constructor(private readonly context: ErrorsContext) {}

  /** The filter that shows them all. */
  get filter(): string {
    return filterOf(this.id ?? 0);
  }

  /** Looks at the calls of this socket from now on; of none with null. */
  follow(id: SocketId | null): void {
    if (id === this.id) {
      return;
    }
    this.id = id;
    this.restart();
  }

  /** Records are new, or have changed. */
  update(changedSeqs: readonly number[]): void {
    if (this.id === null) {
      return;
    }
    for (const seq of changedSeqs) {
      if (seq >= this.from && seq <= this.to) {
        this.stale.add(seq);
      }
    }
    this.timer ??= setTimeout(() => void this.look(), interval);
  }

  /** The store was cleared, or another socket is looked at. */
  restart(): void {
    this.generation++;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.stale.clear();
    this.seqs.value = [];
    this.to = this.context.range.lastSeq;
    this.from = this.to + 1;
    if (this.id !== null) {
      this.timer = setTimeout(() => void this.look(), 0);
    }
  }

  /** What is new, what has changed, and then further back. */
  private async look(): Promise<void> {
    const { generation } = this;
    try {
      const stale = [...this.stale];
      this.stale.clear();
      for (const seq of stale) {
        await this.scan(seq, seq, generation);
      }
      while (this.to < this.context.range.lastSeq && generation === this.generation) {
        const to = Math.min(this.to + piece, this.context.range.lastSeq);
        if (await this.scan(this.to + 1, to, generation)) {
          this.to = to;
        }
      }
      const end = Math.max(this.context.range.firstSeq, this.to - farthest);
      while (this.from > end && this.seqs.value.length < most && generation === this.generation) {
        const from = Math.max(end, this.from - piece);
        if (await this.scan(from, this.from - 1, generation)) {
          this.from = from;
        }
      }
    } catch {
      // The host is gone: what it had not told is not found.
    }
    if (generation === this.generation) {
      this.timer = undefined;
      if (this.stale.size > 0 || this.to < this.context.range.lastSeq) {
        this.update([]);
      }
    }
  }

  /** False where another socket is looked at meanwhile. */
  private async scan(from: number, to: number, generation: number): Promise<boolean> {
    let next = from;
    while (next <= to) {
      const request = { id: ++this.lastId, filter: this.filter, from: next, to, count: piece };
      const answer = await this.context.find(request);
      if (generation !== this.generation) {
        return false;
      }
      if (answer.seqs.length > 0) {
        const found = new Set([...answer.seqs, ...this.seqs.value]);
        this.seqs.value = [...found].sort((a, b) => b - a).slice(0, most);
      }
      if (answer.isDone || answer.next <= next) {
        break;
      }
      next = answer.next;
    }
    return true;
  }
}

function filterOf(id: SocketId): string {
  return `socketid == ${id} && errno && !(errno in {${[...notFailures].join(' ')}})`;
}
