import { signal } from '@preact/signals';
import type { CallRecord } from '../../common/call.js';
import type { FilterAnswer, FilterRequest } from '../../common/protocol/socketHost.js';
import type { SocketId, SocketInfo } from '../../common/socket.js';
import { Reading, step, type Step } from './reading.js';

export interface StreamContext {
  range: { readonly firstSeq: number; readonly lastSeq: number };
  socket(id: SocketId): SocketInfo | undefined;
  find(request: FilterRequest): Promise<FilterAnswer>;
  load(seq: number): Promise<CallRecord | undefined>;
  readData(request: { seq: number; offset: number; length: number }): Promise<Uint8Array>;
}

/** Bytes that one call of the socket moved. */
export interface StreamPart {
  record: CallRecord;
  /** Its beginning. */
  bytes: Uint8Array;
}

/** Calls that are shown at first, and that are added when more are asked for. */
const partsAtOnce = 200;
/** Bytes of a call that are shown. */
const shownBytes = 4096;

const searchId = 2 ** 33 + 1;

/**
 * What went over one socket in both directions, in the order in which its calls returned: a recv may have waited for the
 * answer to a later send.
 */
export class StreamModel {
  private next = 1;
  private limit = partsAtOnce;
  /** Calls that waited when they were passed: their bytes come later. */
  private readonly passed = new Set<number>();
  private readonly reading = new Reading({
    isRead: () => false,
    next: () => this.ask(),
    rest: () => {
      this.hasMore.value = this.next <= this.context.range.lastSeq && this.parts.peek().length >= this.limit;
    },
  });

  readonly parts = signal<readonly StreamPart[]>([]);
  /** There are more calls than are shown. */
  readonly hasMore = signal(false);

  constructor(
    private readonly context: StreamContext,
    readonly socketId: SocketId,
    /** Other descriptors of the same open file: their calls move bytes of the same stream. */
    private readonly copies: readonly SocketId[] = [],
  ) {}

  /** Reads what is new, as far as it is shown. */
  update(): void {
    this.reading.update();
  }

  showMore(): void {
    this.limit += partsAtOnce;
    this.update();
  }

  dispose(): void {
    this.reading.reset();
  }

  private ask(): Step | null {
    const waiting = new Set(this.waiting());
    const returned = [...this.passed].filter((seq) => !waiting.has(seq));
    if (returned.length > 0) {
      return step({
        ask: () => this.read(returned),
        take: (parts) => {
          returned.forEach((seq) => this.passed.delete(seq));
          this.show(parts);
          return true;
        },
      });
    }
    const { lastSeq, firstSeq } = this.context.range;
    const count = this.limit - this.parts.peek().length;
    if (this.next > lastSeq || count <= 0) {
      return null;
    }
    const from = Math.max(this.next, firstSeq);
    const anyOf = (field: string) =>
      this.ids()
        .map((id) => `${field} == ${id}`)
        .join(' || ');
    // Most calls of the other end name this one as theirs.
    const filter = `(${anyOf('stream')}) && len > 0 && !(${anyOf('peer')})`;
    return step({
      ask: async () => {
        // Not further than the calls are known that wait.
        const { seqs, next } = await this.context.find({ id: searchId, filter, from, to: lastSeq, count });
        return { parts: await this.read(seqs), next };
      },
      take: ({ parts, next }) => {
        this.show(parts);
        for (const seq of waiting) {
          if (seq < next) {
            this.passed.add(seq);
          }
        }
        this.next = Math.max(this.next, next);
        return next > from;
      },
    });
  }

  private ids(): SocketId[] {
    return [this.socketId, ...this.copies];
  }

  private waiting(): number[] {
    return this.ids().flatMap((id) => this.context.socket(id)?.waiting.map(({ seq }) => seq) ?? []);
  }

  private async read(seqs: readonly number[]): Promise<StreamPart[]> {
    const isShown = new Set(this.parts.peek().map(({ record }) => record.seq));
    const found = await Promise.all(seqs.filter((seq) => !isShown.has(seq)).map((seq) => this.part(seq)));
    return found.filter((part) => part !== null);
  }

  private show(parts: readonly StreamPart[]): void {
    if (parts.length > 0) {
      const ended = ({ record }: StreamPart) => record.endNs ?? Infinity;
      this.parts.value = [...this.parts.peek(), ...parts].sort((a, b) => ended(a) - ended(b));
    }
  }

  private async part(seq: number): Promise<StreamPart | null> {
    const record = await this.context.load(seq);
    if (record?.socketId == null || !this.ids().includes(record.socketId)) {
      return null;
    }
    const length = Math.min(shownBytes, record.payload?.captured ?? 0);
    return record.payload ? { record, bytes: await this.context.readData({ seq, offset: 0, length }) } : null;
  }
}
