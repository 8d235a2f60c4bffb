import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CallRecord } from '../../src/common/call.js';
import { firstState } from '../../src/common/framing/framer.js';
import type {
  FilterAnswer,
  FilterRequest,
  FrameAnswer,
  FrameRequest,
  SurveyAnswer,
  SurveyRequest,
} from '../../src/common/protocol/socketHost.js';
import type { SocketInfo } from '../../src/common/socket.js';
import { FilterModel } from '../../src/webview/state/filter.js';
import { FramingModel } from '../../src/webview/state/framing.js';
import { OverviewModel } from '../../src/webview/state/overview.js';
import { SocketErrors } from '../../src/webview/state/socketErrors.js';
import { SortModel } from '../../src/webview/state/sorting.js';
import { StreamModel } from '../../src/webview/state/stream.js';
import { recordOf } from '../support/records.js';

/** Requests that wait for their answers. */
class Asked<Request, Answer> {
  readonly open: { request: Request; answer: (answer: Answer) => void; fail: () => void }[] = [];

  readonly ask = (request: Request): Promise<Answer> =>
    new Promise((answer, reject) =>
      this.open.push({ request, answer, fail: () => reject(new Error('The host is gone.')) }),
    );

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
    await asked.answer(() => ({ seqs: [4], socketIds: [], next: 5, isDone: true, problem: null }));
    const second = await asked.answer(() => ({
      seqs: [6],
      socketIds: [],
      next: 7,
      isDone: true,
      problem: null,
    }));
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
    await asked.answer(() => ({ seqs: [], socketIds: [], next: 5, isDone: true, problem: null }));
    const second = await asked.answer(() => ({
      seqs: [4],
      socketIds: [],
      next: 5,
      isDone: true,
      problem: null,
    }));
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
    await asked.answer(() => ({ seqs: [2, 5, 8], socketIds: [], next: 10, isDone: true, problem: null }));
    await vi.waitFor(() => expect(filter.isBusy.value).toBe(false));
    filter.update([], 4);
    expect(seqs()).toEqual([2, 5, 8]);
    const second = await asked.answer(() => ({
      seqs: [5, 6, 9],
      socketIds: [],
      next: 10,
      isDone: true,
      problem: null,
    }));
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
    await vi.waitFor(() => expect(binsOf(overview).map(({ bytes }) => bytes)).toEqual([5, 5, 5]));
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
    sort.update([1]);
    await asked.answer(() => orderOf(1));
    await asked.answer(() => orderOf(2, 1));
    await vi.waitFor(() => expect(sort.count).toBe(2));
  });

  it('by the order of a sorted table, when a host has not answered', async () => {
    vi.useFakeTimers();
    const asked = new Asked<unknown, { progress: number; problem: null; seqs: Uint8Array }>();
    const sort = new SortModel({ range: { lastSeq: 1 }, sort: asked.ask, cancel: () => {} });
    sort.set({ by: 'took', isDescending: false });
    asked.open.shift()!.fail();
    await vi.advanceTimersByTimeAsync(1000);
    expect(sort.isBusy.value).toBe(false);
    sort.update([]);
    const seqs = new Uint8Array(Float64Array.of(1).buffer);
    await asked.answer(() => ({ progress: 1, problem: null, seqs }));
    await vi.waitFor(() => expect(sort.count).toBe(1));
  });

  it('by the order of many records, which says it and waits', async () => {
    vi.useFakeTimers();
    const asked = new Asked<unknown, { progress: number; problem: null; seqs: Uint8Array }>();
    const sort = new SortModel({ range: { lastSeq: 20_001 }, sort: asked.ask, cancel: () => {} });
    const seqs = new Uint8Array(Float64Array.from({ length: 20_001 }, (_, row) => row + 1).buffer);
    sort.set({ by: 'took', isDescending: false });
    sort.update([7]);
    await asked.answer(() => ({ progress: 1, problem: null, seqs }));
    await vi.waitFor(() => expect(sort.hasChanged.value).toBe(true));
    sort.update([20_002]);
    await vi.advanceTimersByTimeAsync(2000);
    expect(asked.open).toEqual([]);
    sort.restart();
    await asked.answer(() => ({ progress: 1, problem: null, seqs }));
    await vi.advanceTimersByTimeAsync(2000);
    expect(sort.hasChanged.value).toBe(false);
    sort.update([20_002]);
    await vi.advanceTimersByTimeAsync(2000);
    expect(sort.hasChanged.value).toBe(false);
  });

  it('by the bytes of a stream: a call that has returned, although its record was not had at first', async () => {
    const asked = new Asked<FilterRequest, FilterAnswer>();
    const records = new Asked<number, CallRecord>();
    const range = { firstSeq: 1, lastSeq: 4 };
    let waiting = [{ seq: 2 }];
    const stream = new StreamModel(
      {
        range,
        socket: () => ({ waiting }) as SocketInfo,
        find: asked.ask,
        load: records.ask,
        readData: () => Promise.resolve(new Uint8Array(1)),
      },
      1,
    );
    stream.update();
    // It may have begun since: the host would tell of it, and the page could not know that it waits.
    expect(
      await asked.answer(() => ({ seqs: [], socketIds: [], next: 5, isDone: true, problem: null })),
    ).toMatchObject({
      from: 1,
      to: 4,
    });
    waiting = [];
    await vi.waitUntil(() => records.open.length > 0);
    records.open.shift()!.fail();
    const payload = { direction: 'in', offset: 0, length: 1, captured: 1 } as const;
    await vi.waitUntil(() => {
      stream.update();
      return records.open.length > 0;
    });
    await records.answer((seq) => recordOf('recv', [], { seq, socketId: 1, payload }));
    await vi.waitFor(() => expect(stream.parts.value.map(({ record }) => record.seq)).toEqual([2]));
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

/** A host in which record 2 of four has not ended, and a model that reads them. What it has found is a list of records. */
interface Read<Request extends { from: number }, Answer> {
  asked: Asked<Request, Answer>;
  /** Made of records that the answer tells of. */
  answerOf(request: Request, ...seqs: number[]): Answer;
  update(changedSeqs: number[]): void;
  /** Begins anew. */
  restart(): void;
  found(): number[];
}

const range = { firstSeq: 1, lastSeq: 4 };

function readByFilter(): Read<FilterRequest, FilterAnswer> {
  const asked = new Asked<FilterRequest, FilterAnswer>();
  const filter = new FilterModel({ range, find: asked.ask, cancel: () => {} });
  filter.set('errno');
  return {
    asked,
    answerOf: ({ to = 4 }, ...seqs) => ({ seqs, socketIds: [], next: to + 1, isDone: true, problem: null }),
    update: (changedSeqs) => filter.update(changedSeqs),
    restart: () => filter.restart(),
    found: () => Array.from({ length: filter.count }, (_, row) => filter.seqAt(row)!),
  };
}

function readByErrors(): Read<FilterRequest, FilterAnswer> {
  const asked = new Asked<FilterRequest, FilterAnswer>();
  const errors = new SocketErrors({ range, find: asked.ask });
  errors.follow(1);
  return {
    asked,
    answerOf: ({ to = 4 }, ...seqs) => ({ seqs, socketIds: [], next: to + 1, isDone: true, problem: null }),
    update: (changedSeqs) => errors.update(changedSeqs),
    restart: () => errors.restart(),
    found: () => [...errors.seqs.value].sort((a, b) => a - b),
  };
}

function readByOverview(): Read<SurveyRequest, SurveyAnswer> {
  const asked = new Asked<SurveyRequest, SurveyAnswer>();
  const overview = new OverviewModel({ range, survey: asked.ask });
  overview.show();
  return {
    asked,
    answerOf: ({ from, to = 4 }, ...seqs) => ({
      firstBin: from,
      failures: Array.from({ length: to - from + 1 }, (_, bin) => (seqs.includes(from + bin) ? 1 : 0)),
      bytes: [],
      waiting: from <= 2 && to >= 2 && !seqs.includes(2) ? [2] : [],
      next: to + 1,
      isDone: true,
    }),
    update: (changedSeqs) => overview.update(changedSeqs),
    restart: () => overview.reset(),
    found: () => binsOf(overview).flatMap(({ from, failures }) => Array<number>(failures).fill(from)),
  };
}

function binsOf(overview: OverviewModel): { from: number; failures: number; bytes: number }[] {
  const bins: ReturnType<typeof binsOf> = [];
  overview.forEach((from, failures, bytes) => bins.push({ from, failures, bytes }));
  return bins;
}

function readByFraming(): Read<FrameRequest, FrameAnswer> {
  const asked = new Asked<FrameRequest, FrameAnswer>();
  const framing = new FramingModel({ range, frame: asked.ask, sockets: () => new Map(), keep: () => {} }, [
    { of: 1, framing: { kind: 'fixed', length: 1 } },
  ]);
  const payload = (seq: number) => ({ direction: 'in', offset: seq, length: 1, captured: 1 }) as const;
  const record = (seq: number) => recordOf('recv', [], { seq, socketId: 1, payload: payload(seq) });
  framing.framesOf(record(1));
  return {
    asked,
    answerOf: (_, ...seqs) => ({
      messages: new Uint8Array(Float64Array.from(seqs.flatMap((seq) => [seq, seq, seq + 1, 0])).buffer),
      state: { ...firstState, position: 5, start: 5 },
      next: 5,
      again: seqs.includes(2) ? null : 2,
      isDone: true,
    }),
    update: (changedSeqs) => framing.update(changedSeqs),
    restart: () => {
      framing.choose(1, { kind: 'fixed', length: 2 });
      framing.framesOf(record(1));
    },
    found: () => [1, 2, 3, 4].filter((seq) => framing.framesOf(record(seq))?.messages.length),
  };
}

describe.each([
  ['the filter', readByFilter],
  ['the errors of a socket', readByErrors],
  ['the overview', readByOverview],
  ['the messages of a stream', readByFraming],
] as unknown as [string, () => Read<{ from: number; to?: number }, unknown>][])('Read by %s', (_, make) => {
  let model: Read<{ from: number; to?: number }, unknown>;
  const settle = () => vi.advanceTimersByTimeAsync(2000);
  /** Waits for the one request that is open. */
  const open = async () => {
    await settle();
    expect(model.asked.open).toHaveLength(1);
    return model.asked.open.pop()!;
  };
  const answer = async (...seqs: number[]) => {
    const { request, answer: give } = await open();
    give(model.answerOf(request, ...seqs));
    await settle();
    return request;
  };
  const isOf2 = ({ from, to = 4 }: { from: number; to?: number }) => from === 2 && to >= 2;

  beforeEach(() => {
    vi.useFakeTimers();
    model = make();
  });

  it('is asked for once more what has changed while an answer was under way', async () => {
    await vi.waitUntil(() => model.asked.open.length > 0);
    model.update([2]);
    await answer();
    expect(isOf2(await answer(2))).toBe(true);
    expect(model.found()).toEqual([2]);
    expect(model.asked.open).toEqual([]);
  });

  it('is asked for once more what has changed again meanwhile', async () => {
    await answer();
    model.update([2]);
    const { request, answer: give } = await open();
    expect(isOf2(request)).toBe(true);
    model.update([2]);
    give(model.answerOf(request));
    expect(isOf2(await answer(2))).toBe(true);
    expect(model.found()).toEqual([2]);
    expect(model.asked.open).toEqual([]);
  });

  it('is kept what has changed until a host answers', async () => {
    await answer();
    model.update([2]);
    (await open()).fail();
    await settle();
    expect(model.asked.open).toEqual([]);
    model.update([]);
    expect(isOf2(await answer(2))).toBe(true);
    expect(model.found()).toEqual([2]);
  });

  it('is read from a host that has come back what the one before did not answer', async () => {
    const before = await open();
    model.update([2]);
    before.fail();
    // What was told of meanwhile is asked for at once: nothing else may be told of.
    const { request, fail } = await open();
    expect(request.from).toBe(1);
    fail();
    await settle();
    expect(model.asked.open).toEqual([]);
    model.update([]);
    expect((await answer(2, 4)).from).toBe(1);
    expect(model.found()).toEqual([2, 4]);
  });

  it('is left the answer that comes after the one to a newer request', async () => {
    const before = await open();
    model.restart();
    await answer(2, 4);
    before.answer(model.answerOf(before.request, 1, 3));
    await settle();
    expect(model.found()).toEqual([2, 4]);
    expect(model.asked.open).toEqual([]);
  });
});
