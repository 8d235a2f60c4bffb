import { setImmediate } from 'node:timers/promises';
import type { CallRecord } from '../../common/call.js';
import { dataOf } from '../../common/messageText.js';
import type { SocketId } from '../../common/socket.js';
import type { Playground } from '../playground.js';
import { runsOf } from '../runs.js';

/** The part of the model that records are read from. */
export type RecordModel = Pick<
  Playground,
  | 'firstSeq'
  | 'lastSeq'
  | 'originTime'
  | 'platform'
  | 'sockets'
  | 'readRecords'
  | 'readData'
  | 'filterRecords'
>;

/** Which records: all that fit every one of these. */
export interface RecordScope {
  /** A display filter without errors. */
  filter?: string;
  /** Records of these sockets, and those that made them. */
  socketIds?: ReadonlySet<SocketId>;
}

export interface ReadOptions {
  signal?: AbortSignal;
  /** Told how much has been looked through, from 0 to 1. */
  onDidProgress?: (share: number) => void;
}

/** A record with all that is kept of its payload. */
export interface FullRecord {
  record: CallRecord;
  payload: Uint8Array | undefined;
}

/** Records read at a time. */
const pageSize = 500;
/** How long others may have to wait for a turn while records are looked at, in ms. */
const turn = 10;
/** Payload that is read at a time: what is written of it is in memory meanwhile. */
const payloadAtATime = 8 << 20;

/** Reads the records of a model in pages, in order of `seq`; what comes after the beginning is left out. */
export class RecordSource {
  private lastFilterId = 0;
  private restedAt = performance.now();

  constructor(
    readonly model: RecordModel,
    private readonly options: ReadOptions = {},
  ) {}

  /** The same for what is read beside the records that are written: no progress is told of it. */
  get aside(): RecordSource {
    const { signal } = this.options;
    return new RecordSource(this.model, signal ? { signal } : {});
  }

  /** @throws what the signal was aborted with. */
  async *read({ filter = '', socketIds }: RecordScope): AsyncGenerator<CallRecord[]> {
    const fits = ({ socketId, createdIds }: CallRecord) =>
      !socketIds ||
      (socketId !== null && socketIds.has(socketId)) ||
      createdIds.some((id) => socketIds.has(id));
    for await (const page of filter === '' ? this.all() : this.matching(filter)) {
      yield socketIds ? page.filter(fits) : page;
    }
    this.options.onDidProgress?.(1);
  }

  /**
   * Gives each record what is kept of its payload, many at a time. Whatever is done with them, the rest of the process has
   * its turns.
   */
  async *withPayload(pages: AsyncIterable<CallRecord[]>): AsyncGenerator<FullRecord> {
    for await (const page of pages) {
      for (const group of groupsOf(page)) {
        for (const full of await this.readPayloads(group)) {
          yield full;
          if (this.isRestDue) {
            await this.rest();
          }
        }
      }
    }
  }

  /** Whether the rest of the process has waited long enough for a turn. */
  get isRestDue(): boolean {
    return performance.now() - this.restedAt > turn;
  }

  /**
   * Gives the rest of the process a turn.
   * @throws what the signal was aborted with.
   */
  async rest(): Promise<void> {
    await setImmediate();
    this.restedAt = performance.now();
    this.options.signal?.throwIfAborted();
  }

  /** Each of some records with what is kept of its payload. */
  readPayloads(records: readonly CallRecord[]): Promise<FullRecord[]> {
    this.options.signal?.throwIfAborted();
    return Promise.all(records.map(async (record) => ({ record, payload: await this.payloadOf(record) })));
  }

  /** The host is asked only for what the record does not carry. */
  private async payloadOf(record: CallRecord): Promise<Uint8Array | undefined> {
    const captured = record.payload?.captured ?? 0;
    if (captured === 0) {
      return undefined;
    }
    const carried = dataOf(record)?.bytes.subarray(0, captured);
    return carried?.length === captured
      ? carried
      : this.answered(this.model.readData(record.seq, 0, captured));
  }

  private async *all(): AsyncGenerator<CallRecord[]> {
    const { firstSeq, lastSeq } = this.model;
    for (let from = firstSeq; from <= lastSeq;) {
      this.tell(from, firstSeq, lastSeq);
      const page = await this.answered(this.model.readRecords(from, Math.min(pageSize, lastSeq - from + 1)));
      const last = page.at(-1);
      if (!last) {
        break;
      }
      yield page.filter(({ seq }) => seq <= lastSeq);
      from = last.seq + 1;
    }
  }

  private async *matching(filter: string): AsyncGenerator<CallRecord[]> {
    const { firstSeq, lastSeq } = this.model;
    for (let from = firstSeq; from <= lastSeq;) {
      this.tell(from, firstSeq, lastSeq);
      const id = --this.lastFilterId;
      const answer = await this.answered(
        this.model.filterRecords({ id, filter, from, to: lastSeq, count: pageSize }),
      );
      for (const run of runsOf(answer.seqs)) {
        const wanted = new Set(run);
        const page = await this.answered(this.model.readRecords(run[0]!, run.at(-1)! - run[0]! + 1));
        yield page.filter(({ seq }) => wanted.has(seq));
      }
      if (answer.problem !== null) {
        throw new Error(answer.problem);
      }
      if (answer.isDone || answer.next <= from) {
        break;
      }
      from = answer.next;
    }
  }

  /** What the host answers, unless it is given up meanwhile: a host that is stuck answers late, or never. */
  private async answered<T>(answer: Promise<T>): Promise<T> {
    const { signal } = this.options;
    let giveUp = () => {};
    const givenUp = new Promise<never>((_, reject) => {
      giveUp = () => reject(signal?.reason as Error);
      signal?.addEventListener('abort', giveUp, { once: true });
      // It tells of it once: whoever writes the records may have waited then.
      if (signal?.aborted) {
        giveUp();
      }
    });
    try {
      return await Promise.race([answer, givenUp]);
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  private tell(at: number, first: number, last: number): void {
    this.options.signal?.throwIfAborted();
    this.options.onDidProgress?.((at - first) / (last - first + 1));
  }
}

/** Records whose payload is read at a time. */
function* groupsOf(page: readonly CallRecord[]): Generator<CallRecord[]> {
  let group: CallRecord[] = [];
  let size = 0;
  for (const record of page) {
    group.push(record);
    size += record.payload?.captured ?? 0;
    if (size >= payloadAtATime) {
      yield group;
      group = [];
      size = 0;
    }
  }
  yield group;
}
