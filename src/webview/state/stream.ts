import { signal } from '@preact/signals';
import type { CallRecord } from '../../common/call.js';
import type { FilterAnswer, FilterRequest } from '../../common/protocol/socketHost.js';
import type { SocketId } from '../../common/socket.js';

export interface StreamContext {
  range: { readonly firstSeq: number; readonly lastSeq: number };
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

/** What went over one socket in both directions, in the order of its calls. */
export class StreamModel {
  private next = 1;
  private limit = partsAtOnce;
  private isReading = false;
  private isAskedAgain = false;
  private generation = 0;

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
    const ids = [this.socketId, ...this.copies];
    const anyOf = (field: string) => ids.map((id) => `${field} == ${id}`).join(' || ');
    while (this.next <= range.lastSeq && this.parts.peek().length < this.limit) {
      const { seqs, next } = await this.context.find({
        id: searchId,
        // Most calls of the other end name this one as theirs.
        filter: `(${anyOf('stream')}) && len > 0 && !(${anyOf('peer')})`,
        from: Math.max(this.next, range.firstSeq),
        count: this.limit - this.parts.peek().length,
      });
      const parts = await Promise.all(seqs.map((seq) => this.part(seq)));
      if (generation !== this.generation) {
        return;
      }
      this.parts.value = [...this.parts.peek(), ...parts.filter((part) => part !== null)];
      const isFurther = next > this.next;
      this.next = next;
      if (!isFurther) {
        break;
      }
    }
    this.hasMore.value = this.next <= range.lastSeq && this.parts.peek().length >= this.limit;
  }

  private async part(seq: number): Promise<StreamPart | null> {
    const record = await this.context.load(seq);
    if (record?.socketId == null || ![this.socketId, ...this.copies].includes(record.socketId)) {
      return null;
    }
    const length = Math.min(shownBytes, record.payload?.captured ?? 0);
    return record.payload ? { record, bytes: await this.context.readData({ seq, offset: 0, length }) } : null;
  }
}
