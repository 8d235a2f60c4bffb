import { afterEach, describe, expect, it, vi } from 'vitest';
import { firstState } from '../../src/common/framing/framer.js';
import type {
  FilterAnswer,
  FilterRequest,
  FrameAnswer,
  FrameRequest,
  SurveyAnswer,
  SurveyRequest,
} from '../../src/common/protocol/socketHost.js';
import { FilterModel } from '../../src/webview/state/filter.js';
import { FramingModel } from '../../src/webview/state/framing.js';
import { OverviewModel } from '../../src/webview/state/overview.js';
import { SortModel } from '../../src/webview/state/sorting.js';
import { recordOf } from '../support/records.js';

/** Requests that wait for their answers. */
class Asked<Request, Answer> {
  private readonly open: { request: Request; answer: (answer: Answer) => void }[] = [];

  readonly ask = (request: Request): Promise<Answer> =>
    new Promise((answer) => this.open.push({ request, answer }));

  /** Waits for the next request and answers it. */
  async answer(make: (request: Request) => Answer): Promise<Request> {
    await vi.waitUntil(() => this.open.length > 0);
    const { request, answer } = this.open.shift()!;
    answer(make(request));
    return request;
  }
}

afterEach(() => {
  vi.useRealTimers();
});

// The host answers with what it has; the page may have been told of more by the time the answer is here.
describe('What comes while an answer is under way is not forgotten', () => {
  it('by the filter: new records', async () => {
    const asked = new Asked<FilterRequest, FilterAnswer>();
    const range = { firstSeq: 1, lastSeq: 4 };
    const filter = new FilterModel({ range, find: asked.ask, cancel: () => {} });
    filter.set('call == accept');
    range.lastSeq = 6;
    filter.update([]);
    await asked.answer(() => ({ seqs: [4], next: 5, isDone: true, problem: null }));
    const second = await asked.answer(() => ({ seqs: [6], next: 7, isDone: true, problem: null }));
    expect(second.from).toBe(5);
    await vi.waitFor(() => expect(filter.count).toBe(2));
  });

  it('by the filter: a call that has returned', async () => {
    const asked = new Asked<FilterRequest, FilterAnswer>();
    const filter = new FilterModel({
      range: { firstSeq: 1, lastSeq: 4 },
      find: asked.ask,
      cancel: () => {},
    });
    filter.set('errno');
    filter.update([4]);
    await asked.answer(() => ({ seqs: [], next: 5, isDone: true, problem: null }));
    const second = await asked.answer(() => ({ seqs: [4], next: 5, isDone: true, problem: null }));
    expect(second).toMatchObject({ from: 4, to: 4 });
    await vi.waitFor(() => expect(filter.count).toBe(1));
  });

  it('by the filter: whose the other end of a connection is', async () => {
    const asked = new Asked<FilterRequest, FilterAnswer>();
    const filter = new FilterModel({
      range: { firstSeq: 1, lastSeq: 9 },
      find: asked.ask,
      cancel: () => {},
    });
    const seqs = () => Array.from({ length: filter.count }, (_, row) => filter.seqAt(row));
    filter.set('stream == 3');
    await asked.answer(() => ({ seqs: [2, 5, 8], next: 10, isDone: true, problem: null }));
    await vi.waitFor(() => expect(filter.isBusy.value).toBe(false));
    filter.update([], 4);
    expect(seqs()).toEqual([2, 5, 8]);
    const second = await asked.answer(() => ({ seqs: [5, 6, 9], next: 10, isDone: true, problem: null }));
    expect(second.from).toBe(4);
    await vi.waitFor(() => expect(seqs()).toEqual([2, 5, 6, 9]));
  });

  it('by the overview', async () => {
    const asked = new Asked<SurveyRequest, SurveyAnswer>();
    const range = { firstSeq: 1, lastSeq: 2 };
    vi.useFakeTimers();
    const overview = new OverviewModel({ range, survey: asked.ask });
    overview.show();
    const one = { firstBin: 1, failures: [0], bytes: [5], isDone: true };
    await asked.answer(() => {
      range.lastSeq = 3;
      overview.update([2]);
      return { ...one, waiting: [2], next: 3 };
    });
    const seconds = [
      await asked.answer(({ from }) => ({ ...one, firstBin: from, waiting: [], next: from + 1 })),
      await asked.answer(({ from }) => ({ ...one, firstBin: from, waiting: [], next: from + 1 })),
    ];
    expect(seconds.map(({ from }) => from)).toEqual([2, 3]);
    await vi.waitFor(() => expect([...overview.all()].map(({ bytes }) => bytes)).toEqual([5, 5, 5]));
  });

  it('by the order of a sorted table', async () => {
    vi.useFakeTimers();
    const asked = new Asked<unknown, { progress: number; problem: null; seqs: Uint8Array }>();
    const sort = new SortModel({ range: { lastSeq: 1 }, sort: asked.ask, cancel: () => {} });
    const orderOf = (...seqs: number[]) => ({
      progress: 1,
      problem: null,
      seqs: new Uint8Array(Float64Array.from(seqs).buffer),
    });
    sort.set({ by: 'took', isDescending: false });
    sort.update();
    await asked.answer(() => orderOf(1));
    await asked.answer(() => orderOf(2, 1));
    await vi.waitFor(() => expect(sort.count).toBe(2));
  });

  it('by the messages of a stream', async () => {
    const asked = new Asked<FrameRequest, FrameAnswer>();
    const range = { firstSeq: 1, lastSeq: 4 };
    const framing = new FramingModel({ range, frame: asked.ask, sockets: () => new Map(), keep: () => {} }, [
      { of: 1, framing: { kind: 'line', ending: 'LF' } },
    ]);
    const payload = { direction: 'in', offset: 0, length: 1, captured: 1 } as const;
    framing.framesOf(recordOf('recv', [], { seq: 1, socketId: 1, payload }));
    range.lastSeq = 5;
    framing.update([4]);
    const none = { messages: new Uint8Array(), state: firstState, isDone: true };
    await asked.answer(() => ({ ...none, next: 5, again: 4 }));
    // From the record that has changed on, and with it what is new.
    const second = await asked.answer(() => ({ ...none, next: 6, again: null }));
    expect(second.from).toBe(4);
  });
});
