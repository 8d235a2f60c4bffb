import { createContext, Script } from 'node:vm';
import { testFor } from '../common/filter/evaluate.js';
import type { Test } from '../common/filter/tests.js';
import { t } from '../common/l10n.js';
import type { FilterAnswer, FilterRequest } from '../common/protocol/socketHost.js';
import type { SocketId } from '../common/socket.js';
import { type RecordSource, RecordWalk } from './recordWalk.js';

/** How long until a request is answered with what there is, in ms. */
export const answerMs = 150;
/** A pattern that takes longer than this for one slice will not come to an end, in ms. */
const patternMs = 1000;
const mostSeqs = 20_000;

/** Looks through the records, a little at a time: calls and answers go on meanwhile. */
export class RecordFilter {
  private readonly cancelled = new Set<number>();
  private last: { filter: string; test: Test | null | undefined } | undefined;

  constructor(private readonly source: RecordSource) {}

  /** Ends a scan; what it has found is its answer. */
  cancel(id: number): void {
    this.cancelled.add(id);
  }

  /** Looks on from `from`, until so many fit, for a short time, or to the end: `next` says how far. */
  async find({ id, filter, from, to = Infinity, count }: FilterRequest): Promise<FilterAnswer> {
    const test = this.testOf(filter);
    const most = Math.min(count, mostSeqs);
    const seqs: number[] = [];
    const socketIds = new Set<SocketId>();
    const walk = new RecordWalk(this.source, from, to, (row) => {
      if (test(row)) {
        seqs.push(row.seq);
        row.ownIds.forEach((id) => socketIds.add(id));
      }
      return seqs.length < most;
    });
    const problem = await this.run(id, filter, walk);
    const isDone = walk.next > this.source.lastSeq || problem !== null;
    return { seqs, socketIds: [...socketIds], next: walk.next, isDone, problem };
  }

  /** The test that a filter stands for: one with errors fits nothing, an empty one everything. */
  testOf(filter: string): Test {
    if (this.last?.filter !== filter) {
      this.last = { filter, test: testFor(filter) };
    }
    const { test } = this.last;
    return test ?? (() => test === null);
  }

  /** Walks for a short time; gives why it cannot go on. */
  async run(id: number, filter: string, walk: RecordWalk): Promise<string | null> {
    const run = /\bmatches\b/.test(filter) ? limited(() => walk.slice()) : () => walk.slice();
    const end = performance.now() + answerMs;
    this.cancelled.delete(id);
    try {
      while (!run() && performance.now() < end && !this.cancelled.has(id)) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
        throw error;
      }
      return t('The pattern takes too long at record {0}.', walk.next);
    } finally {
      this.cancelled.delete(id);
    }
    return null;
  }
}

/** The same, ended by force when it takes too long: a pattern may try for longer than anybody lives. */
function limited(run: () => boolean): () => boolean {
  const context = createContext({ run });
  const script = new Script('run()');
  return () => script.runInContext(context, { timeout: patternMs }) as boolean;
}
