import { signal } from '@preact/signals';
import type { CallRecord } from '../../common/call.js';
import type { FilterAnswer, FilterRequest } from '../../common/protocol/socketHost.js';
import type { SocketId, SocketInfo } from '../../common/socket.js';

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
export const partsAtOnce = 200;
/** Bytes of a call that are shown. */
export const shownBytes = 4096;

const searchId = 2 ** 33 + 1;

/**
 * What went over one socket in both directions, in the order in which its calls returned: a recv may have waited for the
 * answer to a later send.
 */
export class StreamModel {
  private next = 1;
  private limit = partsAtOnce;
  private isReading = false;
  private isAskedAgain = false;
  private generation = 0;
  /** Calls that waited when they were passed: their bytes come later. */
  private readonly passed = new Set<number>();

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
  async update(): Promise<void> {
    if (this.isReading) {
      this.isAskedAgain = true;
      return;
    }
    this.isReading = true;
    try {
      do {
        this.isAskedAgain = false;
        await this.read();
      } while (this.isAskedAgain);
    } catch {
      // The host is gone: what was read stays.
    } finally {
      this.isReading = false;
    }
  }

  showMore(): void {
    this.limit += partsAtOnce;
    void this.update();
  }

  dispose(): void {
    this.generation++;
  }

  private async read(): Promise<void> {
    const { generation } = this;
    const { range } = this.context;
    const ids = this.ids();
    const anyOf = (field: string) => ids.map((id) => `${field} == ${id}`).join(' || ');
    while (this.next <= range.lastSeq && this.parts.peek().length < this.limit) {
      const waiting = this.waiting();
      const { seqs, next } = await this.context.find({
        id: searchId,
        // Most calls of the other end name this one as theirs.
        filter: `(${anyOf('stream')}) && len > 0 && !(${anyOf('peer')})`,
        from: Math.max(this.next, range.firstSeq),
        count: this.limit - this.parts.peek().length,
      });
      await this.show(seqs);
      if (generation !== this.generation) {
        return;
      }
      for (const seq of [...waiting, ...this.waiting()]) {
        if (seq < next) {
          this.passed.add(seq);
        }
      }
      const isFurther = next > this.next;
      this.next = next;
      if (!isFurther) {
        break;
      }
    }
    const waiting = new Set(this.waiting());
    const returned = [...this.passed].filter((seq) => !waiting.has(seq));
    returned.forEach((seq) => this.passed.delete(seq));
    await this.show(returned);
    if (generation === this.generation) {
      this.hasMore.value = this.next <= range.lastSeq && this.parts.peek().length >= this.limit;
    }
  }

  private ids(): SocketId[] {
    return [this.socketId, ...this.copies];
  }

  private waiting(): number[] {
    return this.ids().flatMap((id) => this.context.socket(id)?.waiting.map(({ seq }) => seq) ?? []);
  }

  private async show(seqs: readonly number[]): Promise<void> {
    const { generation } = this;
    const isShown = new Set(this.parts.peek().map(({ record }) => record.seq));
    const found = await Promise.all(seqs.filter((seq) => !isShown.has(seq)).map((seq) => this.part(seq)));
    const parts = found.filter((part) => part !== null);
    if (generation === this.generation && parts.length > 0) {
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
