import { createContext, Script } from 'node:vm';
import type { CallRecord } from '../common/call.js';
import { testFor } from '../common/filter/evaluate.js';
import { RecordRow } from '../common/filter/row.js';
import type { Test } from '../common/filter/tests.js';
import { t } from '../common/l10n.js';
import type { FilterAnswer, FilterRequest } from '../common/protocol/socketHost.js';
import { recordText, type SocketLookup } from '../common/recordText.js';
import type { Platform } from '../common/tables/constants.js';
import type { RecordReader } from './store/recordReader.js';
import { decodeData, type RowCursor } from './store/rowCursor.js';

/** How long a scan holds the process at a time, and how long until it answers with what it has, in ms. */
const sliceMs = 8;
const answerMs = 150;
/** Records between two looks at the clock. */
const stride = 64;
/** A pattern that takes longer than this for one slice will not come to an end, in ms. */
const patternMs = 1000;
const mostSeqs = 20_000;

/** What a scan looks through. */
export interface ScanSource {
  readonly reader: RecordReader;
  readonly cursor: RowCursor;
  readonly sockets: SocketLookup;
  readonly platform: Platform;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** The record of a call that has not ended; undefined for others. */
  running(seq: number): CallRecord | undefined;
  /** The calls from this one on that have not ended, in order. */
  waitingFrom(seq: number): number[];
}

/** Looks through the records, a little at a time: calls and answers go on meanwhile. */
export class RecordFilter {
  private readonly cancelled = new Set<number>();
  private last: { filter: string; test: Test | null | undefined } | undefined;

  constructor(private readonly source: ScanSource) {}

  /** Ends a scan; what it has found is its answer. */
  cancel(id: number): void {
    this.cancelled.add(id);
  }

  /** Looks on from `from`, until so many fit, for a short time, or to the end: `next` says how far. */
  async find(request: FilterRequest): Promise<FilterAnswer> {
    const { id, filter } = request;
    const test = this.testOf(filter);
    const scan = new Scan(this.source, test ?? (() => test === null), request);
    const run = /\bmatches\b/.test(filter) ? limited(() => scan.slice()) : () => scan.slice();
    const end = performance.now() + answerMs;
    this.cancelled.delete(id);
    this.source.cursor.refresh();
    try {
      while (!run() && performance.now() < end && !this.cancelled.has(id)) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
        throw error;
      }
      scan.problem = t('The pattern takes too long at record {0}.', scan.next);
    }
    this.cancelled.delete(id);
    const { seqs, next, problem } = scan;
    return { seqs, next, isDone: next > this.source.lastSeq || problem !== null, problem };
  }

  private testOf(filter: string): Test | null | undefined {
    if (this.last?.filter !== filter) {
      this.last = { filter, test: testFor(filter) };
    }
    return this.last.test;
  }
}

/** One request on its way. */
class Scan {
  readonly seqs: number[] = [];
  problem: string | null = null;
  next: number;
  private waiting: number[] = [];
  private readonly count: number;
  private readonly to: number;

  constructor(
    private readonly source: ScanSource,
    private readonly test: Test,
    { from, to, count }: FilterRequest,
  ) {
    this.next = Math.max(from, source.firstSeq);
    this.to = to ?? Infinity;
    this.count = Math.min(count, mostSeqs);
  }

  /** Looks for a moment; true when there is nothing more to do. */
  slice(): boolean {
    const end = performance.now() + sliceMs;
    this.waiting = this.source.waitingFrom(this.next);
    do {
      for (let round = 0; round < stride; round++) {
        if (this.seqs.length >= this.count || this.next > Math.min(this.to, this.source.lastSeq)) {
          return true;
        }
        this.look();
      }
    } while (performance.now() < end);
    return false;
  }

  private look(): void {
    const { reader, cursor } = this.source;
    const running = this.source.running(this.next);
    if (running ? this.test(this.rowOf(running)) : reader.seek(this.next, cursor) && this.test(cursor)) {
      this.seqs.push(this.next);
    }
    // A call that waits has no row.
    while (this.waiting.length > 0 && this.waiting[0]! <= this.next) {
      this.waiting.shift();
    }
    const following = reader.next(this.next + 1) ?? this.source.lastSeq + 1;
    this.next = Math.min(following, this.waiting[0] ?? Infinity);
  }

  private rowOf(record: CallRecord): RecordRow {
    const { sockets, platform } = this.source;
    return new RecordRow(record, {
      socketOf: (id) => sockets.get(id),
      dataOf: () => new Uint8Array(),
      decode: decodeData,
      textOf: () => recordText(record, sockets, platform),
    });
  }
}

/** The same, ended by force when it takes too long: a pattern may try for longer than anybody lives. */
function limited(run: () => boolean): () => boolean {
  const context = createContext({ run });
  const script = new Script('run()');
  return () => script.runInContext(context, { timeout: patternMs }) as boolean;
}
