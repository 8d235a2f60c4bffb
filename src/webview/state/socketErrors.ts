import { signal } from '@preact/signals';
import type { FilterAnswer, FilterRequest } from '../../common/protocol/socketHost.js';
import type { SocketId } from '../../common/socket.js';
import { askEach, Reading, type Span, spansOf, step, type Step } from './reading.js';
import { notFailures } from '../../common/failure.js';

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
/** New records are looked through so often at most, in ms. */
const restMs = 300;
/** Apart from those of the display filter. */
const firstId = 1_000_000_000;

/** The failed calls of the socket that the inspector shows, the latest first, as far back as a look costs little. */
export class SocketErrors {
  private id: SocketId | null = null;
  private lastId = firstId;
  /** What was looked through: from here to there. */
  private from = 1;
  private to = 0;
  private readonly reading = new Reading({
    isRead: (seq) => seq >= this.from && seq <= this.to,
    next: (changed) => this.next(changed),
    restMs,
  });

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
    if (this.id !== null) {
      this.reading.update(changedSeqs);
    }
  }

  /** The store was cleared, or another socket is looked at. */
  restart(): void {
    this.reading.reset();
    this.seqs.value = [];
    this.to = this.context.range.lastSeq;
    this.from = this.to + 1;
    this.update([]);
  }

  /** What has changed, what is new, and then further back. */
  private next(changed: readonly number[]): Step | null {
    if (changed.length > 0) {
      return this.look(spansOf(changed, piece), () => {}, changed);
    }
    const { firstSeq, lastSeq } = this.context.range;
    if (this.to < lastSeq) {
      const to = Math.min(this.to + piece, lastSeq);
      return this.look([{ from: this.to + 1, to }], () => (this.to = to));
    }
    const end = Math.max(firstSeq, this.to - farthest);
    if (this.from <= end || this.seqs.value.length >= most) {
      return null;
    }
    const from = Math.max(end, this.from - piece);
    return this.look([{ from, to: this.from - 1 }], () => (this.from = from));
  }

  private look(spans: readonly Span[], note: () => void, changed: readonly number[] = []): Step {
    return step({
      changed,
      ask: (isLeft) =>
        askEach(spans, isLeft, (span) =>
          this.context.find({ id: ++this.lastId, filter: this.filter, ...span, count: piece }),
        ),
      take: (answers) => {
        note();
        const seqs = answers.flatMap((answer) => answer.seqs);
        if (seqs.length > 0) {
          const found = new Set([...seqs, ...this.seqs.value]);
          this.seqs.value = [...found].sort((a, b) => b - a).slice(0, most);
        }
        return true;
      },
    });
  }
}

function filterOf(id: SocketId): string {
  return `socketid == ${id} && errno && !(errno in {${[...notFailures].join(' ')}})`;
}
