import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { CallRecord } from '../../src/common/call.js';
import type { PanelChange } from '../../src/common/protocol/panel.js';
import type { FilterAnswer, FilterRequest } from '../../src/common/protocol/socketHost.js';
import { FilterModel } from '../../src/webview/state/filter.js';
import { RecordModel, type RecordReader } from '../../src/webview/state/records.js';
import { recordOf } from '../support/records.js';

let frames: FrameRequestCallback[];
let stored: Map<number, CallRecord>;
let reads: { from: number; count: number }[];
let each: number[][];
let model: RecordModel;

function record(seq: number, more: Partial<CallRecord> = {}): CallRecord {
  return recordOf('send', [], {
    seq,
    result: 1,
    startNs: seq * 1000,
    endNs: seq * 1000 + 10,
    fd: 20,
    socketId: 1,
    ...more,
  });
}

function change(firstSeq: number, lastSeq: number, changedSeqs: number[] = []): PanelChange {
  return {
    sockets: [],
    removed: [],
    firstSeq,
    lastSeq,
    changedSeqs,
    droppedBytes: 0,
    droppedRecords: 0,
    recordingFault: null,
  };
}

async function settle(): Promise<void> {
  for (let round = 0; round < 10; round++) {
    await Promise.resolve();
  }
  for (const frame of frames.splice(0)) {
    frame(0);
  }
}

beforeEach(() => {
  frames = [];
  reads = [];
  stored = new Map();
  vi.stubGlobal('requestAnimationFrame', (callback: FrameRequestCallback) => frames.push(callback));
  each = [];
  const sorted = () => [...stored.values()].sort((a, b) => a.seq - b.seq);
  model = new RecordModel({
    read: ({ from, count }) => {
      reads.push({ from, count });
      const found = sorted().filter(({ seq }) => seq >= from);
      return Promise.resolve(found.slice(0, count));
    },
    readEach: ({ seqs }) => {
      each.push(seqs);
      return Promise.resolve(sorted().filter(({ seq }) => seqs.includes(seq)));
    },
  });
});

/** Of records that follow each other only. */
function readerOf(read: RecordReader['read']): RecordReader {
  return { read, readEach: () => Promise.reject(new Error('not asked for')) };
}

function store(...seqs: number[]): void {
  for (const seq of seqs) {
    stored.set(seq, record(seq));
  }
}

describe('records', () => {
  it('are read when they come into view, once', async () => {
    store(1, 2, 3);
    model.apply(change(1, 3));
    await settle();
    expect(reads).toEqual([]);
    model.want(1, 3);
    await settle();
    expect(model.get(2)).toEqual(record(2));
    model.want(2, 3);
    await settle();
    expect(reads).toEqual([{ from: 1, count: 3 }]);
  });

  it('that are new are read without those before', async () => {
    store(1, 2);
    model.apply(change(1, 2));
    model.want(1, 100);
    await settle();
    store(3, 4);
    model.apply(change(1, 4));
    await settle();
    expect(reads).toEqual([
      { from: 1, count: 2 },
      { from: 3, count: 2 },
    ]);
    expect(model.count.value).toBe(4);
  });

  it('of which any may have changed are read again, also those that were read before they were told of', async () => {
    const waiting = (seq: number) => record(seq, { status: 'waiting', result: null, endNs: null });
    [1, 2, 3, 4].forEach((seq) => stored.set(seq, waiting(seq)));
    model.apply(change(1, 3));
    model.want(1, 100);
    await settle();
    await model.load(4);
    expect(model.get(4)).toEqual(waiting(4));
    store(1, 2, 3, 4);
    const told = { ...change(1, 4, [1]), changedFrom: 3 };
    expect(model.changedBy(told)).toEqual([1, 3, 4]);
    model.apply({ ...told, changedSeqs: model.changedBy(told) });
    await settle();
    expect([1, 3, 4].map((seq) => model.get(seq)?.status)).toEqual(['returned', 'returned', 'returned']);
    expect(model.changedBy(change(1, 4, [2]))).toEqual([2]);
  });

  it('that come with the news of them are not read', async () => {
    store(1, 2, 3);
    model.want(1, 100);
    model.apply({
      ...change(1, 3),
      pages: [{ lost: [1, 2, 3].map((seq) => record(seq)), rows: null, facts: [] }],
    });
    expect([1, 2, 3].map((seq) => model.get(seq))).toEqual([1, 2, 3].map((seq) => record(seq)));
    const ended = record(2, { result: 7 });
    model.apply({ ...change(1, 3, [2]), pages: [{ lost: [ended], rows: null, facts: [] }] });
    await settle();
    expect(model.get(2)).toEqual(ended);
    expect(reads).toEqual([]);
  });

  it('that come with the news of them are read again after a read that had begun before', async () => {
    store(1, 2);
    model.apply(change(1, 2));
    model.want(1, 2);
    const ended = record(2, { result: 7 });
    stored.set(2, ended);
    // The read that goes on has the answer of before.
    reads.length = 0;
    model.apply({ ...change(1, 2, [2]), pages: [{ lost: [ended], rows: null, facts: [] }] });
    await settle();
    expect(model.get(2)).toEqual(ended);
    expect(reads).toEqual([{ from: 2, count: 1 }]);
  });

  it.each(['load', 'loadEach'] as const)(
    'that have ended stay so where %s had begun before and answers afterwards',
    async (way) => {
      const waits = record(1, { status: 'waiting', result: null, endNs: null });
      const ended = record(1, { result: 7 });
      let answer!: (records: CallRecord[]) => void;
      const answers = new Promise<CallRecord[]>((resolve) => {
        answer = resolve;
      });
      model = new RecordModel({ read: () => answers, readEach: () => answers });
      const tell = (one: CallRecord) =>
        model.apply({ ...change(1, 1, [1]), pages: [{ lost: [one], rows: null, facts: [] }] });
      tell(waits);
      const loading = way === 'load' ? model.load(1) : model.loadEach([1]).then(() => model.get(1));
      tell(ended);
      answer([waits]);
      expect(await loading).toEqual(ended);
      expect(model.get(1)).toEqual(ended);
    },
  );

  it('that have changed are read again', async () => {
    store(1, 2);
    stored.set(1, record(1, { status: 'waiting', result: null, endNs: null }));
    model.apply(change(1, 2));
    model.want(1, 2);
    await settle();
    expect(model.get(1)?.status).toBe('waiting');
    stored.set(1, record(1));
    model.apply(change(1, 2, [1]));
    await settle();
    expect(model.get(1)?.status).toBe('returned');
  });

  it('that were forgotten leave no row', async () => {
    store(2, 6);
    model.apply(change(2, 6));
    model.want(2, 6);
    await settle();
    expect(model.count.value).toBe(2);
    expect(model.seqAt(1)).toBe(6);
  });

  it('are told of at most once a frame', async () => {
    const { version } = model;
    for (let last = 1; last <= 50; last++) {
      model.apply(change(1, last));
    }
    expect(frames).toHaveLength(1);
    const before = version.value;
    await settle();
    expect(version.value).toBe(before + 1);
  });

  it('that came with an answer are not read', async () => {
    model.put(record(1));
    model.apply(change(1, 1));
    model.want(1, 1);
    await settle();
    expect(reads).toEqual([]);
  });

  it('are told to whoever follows them, also when they go', async () => {
    const here = new Set<number>();
    const followed = new RecordModel(
      readerOf(({ from }) => Promise.resolve([...stored.values()].filter(({ seq }) => seq >= from))),
      [
        {
          add: ({ seq }) => here.add(seq),
          remove: (seq) => here.delete(seq),
          clear: () => here.clear(),
        },
      ],
    );
    store(1, 300);
    followed.apply(change(1, 300));
    followed.want(1, 300);
    await settle();
    expect([...here]).toEqual([1, 300]);
    followed.put(record(301));
    expect(here.has(301)).toBe(true);
    followed.apply(change(257, 301));
    expect([...here]).toEqual([300, 301]);
    followed.reset();
    expect(here.size).toBe(0);
  });

  it('that are read while the store is cleared are not kept, but for one that still waits', async () => {
    const waiting = record(2, { status: 'waiting', result: null, endNs: null });
    const answers: (() => void)[] = [];
    const cleared = new RecordModel(
      readerOf(({ from, count }) => {
        const found = [...stored.values()].filter(({ seq }) => seq >= from).slice(0, count);
        return new Promise((resolve) => answers.push(() => resolve(found)));
      }),
    );
    store(1);
    stored.set(2, waiting);
    cleared.apply(change(1, 2));
    const loads = [cleared.load(1), cleared.load(2)];
    stored.delete(1);
    cleared.apply(change(2, 2));
    cleared.reset();
    while (answers.length > 0) {
      answers.splice(0).forEach((answer) => answer());
      await settle();
    }
    expect(await Promise.all(loads)).toEqual([undefined, waiting]);
    expect([cleared.get(1), cleared.get(2)]).toEqual([undefined, waiting]);
  });

  it('are read with one request where they follow each other, and ahead in the direction of scrolling', async () => {
    store(...Array.from({ length: 2000 }, (_, index) => index + 1));
    model.apply(change(1, 2000));
    model.want(300, 450);
    await settle();
    expect(reads).toEqual([{ from: 256, count: 256 }]);
    model.want(310, 460);
    await settle();
    expect(reads.splice(0)).toEqual([
      { from: 256, count: 256 },
      { from: 512, count: 128 },
    ]);
    model.want(305, 455);
    await settle();
    expect(reads).toEqual([{ from: 128, count: 128 }]);
    // What has been read ahead does not lead on by itself.
    model.want(305, 455);
    await settle();
    expect(reads).toHaveLength(1);
  });

  it('that do not follow each other are read with one request', async () => {
    store(5, 700, 90_000);
    model.apply(change(1, 100_000));
    model.wantEach([90_000, 5, 700, 6]);
    await settle();
    expect(each).toEqual([[5, 6, 700, 90_000]]);
    expect([90_000, 5, 700].map((seq) => model.get(seq)?.seq)).toEqual([90_000, 5, 700]);
    // The one that is missing was forgotten.
    expect([model.rowOf(6), model.count.value]).toEqual([-1, 99_999]);
    stored.set(700, record(700, { result: 7 }));
    model.apply(change(1, 100_000, [700]));
    await settle();
    expect(each.slice(1)).toEqual([[700]]);
    expect([model.get(700)?.result, reads]).toEqual([7, []]);
  });

  it('are kept by their number, however far they lie apart: those that were wanted last', async () => {
    const followers = new Set<number>();
    const kept = new RecordModel(
      readerOf(({ from, count }) =>
        Promise.resolve(Array.from({ length: count }, (_, index) => record(from + index))),
      ),
      [
        {
          add: ({ seq }) => followers.add(seq),
          remove: (seq) => followers.delete(seq),
          clear: () => followers.clear(),
        },
      ],
      () => 7,
      (seq) => [seq + 300],
    );
    kept.apply(change(1, 1_000_000));
    for (let from = 1; from < 6000; from += 64) {
      kept.want(from, from + 63);
      await settle();
    }
    // The one that is selected is looked at wherever the view is.
    // And so does what explains it.
    expect([7, 64, 307, 5900].map((seq) => kept.get(seq)?.seq)).toEqual([7, undefined, 307, 5900]);
    expect(followers.size).toBeGreaterThan(4000);
    expect(followers.size).toBeLessThan(4400);

    // Of a receive that thousands of sends explain, the first ones.
    const all = new RecordModel(
      readerOf(({ from, count }) =>
        Promise.resolve(Array.from({ length: count }, (_, index) => record(from + index))),
      ),
      [],
      () => 20_000,
      () => Array.from({ length: 19_999 }, (_, index) => index + 1),
    );
    all.apply(change(1, 1_000_000));
    await all.load(20_000);
    for (let from = 1; from < 40_000; from += 640) {
      all.want(from, from + 639);
      await settle();
    }
    const here = Array.from({ length: 40_000 }, (_, index) => index).filter((seq) => all.get(seq));
    expect(here.length).toBeLessThan(9500);
    expect([1, 3000, 20_000].map((seq) => here.includes(seq))).toEqual([true, true, true]);

    const apart = Array.from({ length: 600 }, (_, index) => 1 + index * 1000);
    store(...apart);
    model.apply(change(1, 1_000_000));
    for (let first = 0; first < apart.length; first += 60) {
      model.wantEach(apart.slice(first, first + 60));
      await settle();
    }
    expect(apart.filter((seq) => model.get(seq) === undefined)).toEqual([]);
  });

  it('that have changed are read again outside of the view where one of them is selected', async () => {
    store(...Array.from({ length: 300 }, (_, index) => index + 1));
    stored.set(7, record(7, { status: 'waiting', result: null, endNs: null }));
    const looked = new RecordModel(
      {
        read: ({ from, count }) =>
          Promise.resolve([...stored.values()].filter(({ seq }) => seq >= from).slice(0, count)),
        readEach: ({ seqs }) => Promise.resolve(seqs.map((seq) => stored.get(seq)!)),
      },
      [],
      () => 7,
      (seq) => [seq + 300],
    );
    looked.apply(change(1, 300));
    await looked.load(7);
    looked.want(250, 300);
    await settle();
    expect(looked.get(7)?.status).toBe('waiting');
    stored.set(7, record(7));
    looked.apply(change(1, 300, [7]));
    await settle();
    expect(looked.get(7)?.status).toBe('returned');
  });

  it('are asked for in the order in which they are wanted, the latest first where others were passed', async () => {
    const answers: (() => void)[] = [];
    const asked: number[] = [];
    const slow = new RecordModel(
      readerOf(
        ({ from }) =>
          new Promise((resolve) => {
            asked.push(from);
            answers.push(() => resolve([record(from)]));
          }),
      ),
    );
    slow.apply(change(1, 100_000));
    for (let from = 6400; from <= 64_000; from += 6400) {
      slow.want(from, from + 40);
    }
    expect(asked).toEqual([6400, 12_800, 19_200]);
    answers[0]!();
    await settle();
    expect(asked.slice(3)).toEqual([64_000]);
  });

  it('stay unread while the host is gone', async () => {
    const failing = new RecordModel(readerOf(() => Promise.reject(new Error('gone'))));
    failing.apply(change(1, 2));
    failing.want(1, 2);
    await settle();
    expect(failing.get(1)).toBeUndefined();
  });
});

describe('the filter', () => {
  const requests: FilterRequest[] = [];
  const cancelled: number[] = [];
  let matching: Set<number>;
  let answer: (request: FilterRequest) => Promise<FilterAnswer>;

  /** As the host does it: at most two matches an answer. */
  const find = ({ from, to = Infinity }: FilterRequest): Promise<FilterAnswer> => {
    const seqs: number[] = [];
    let next = from;
    for (; next <= Math.min(to, model.lastSeq) && seqs.length < 2; next++) {
      if (matching.has(next)) {
        seqs.push(next);
      }
    }
    const socketIds = seqs.map((seq) => 100 + seq);
    return Promise.resolve({ seqs, socketIds, next, isDone: next > model.lastSeq, problem: null });
  };

  function filterOf(): FilterModel {
    return new FilterModel({
      range: model,
      find: (request) => {
        requests.push(request);
        return answer(request);
      },
      cancel: (id) => cancelled.push(id),
    });
  }

  beforeEach(() => {
    requests.length = 0;
    cancelled.length = 0;
    matching = new Set();
    answer = find;
  });

  it('asks until the end, and for what is new', async () => {
    matching = new Set([2, 3, 5, 8]);
    model.apply(change(1, 9));
    const filter = filterOf();
    filter.set('fd == 7');
    await vi.waitFor(() => expect(filter.isBusy.value).toBe(false));
    expect([0, 1, 2, 3, 4].map((row) => filter.seqAt(row))).toEqual([2, 3, 5, 8, undefined]);
    expect([filter.rowOf(5), filter.rowOf(4)]).toEqual([2, -1]);
    expect(filter.progress).toBe(1);
    matching.add(11);
    model.apply(change(1, 12));
    filter.update([]);
    await vi.waitFor(() => expect(filter.count).toBe(5));
    expect(new Set(requests.map(({ filter: text }) => text))).toEqual(new Set(['fd == 7']));
  });

  it('looks again at what has changed, and forgets what is gone', async () => {
    matching = new Set([1, 4]);
    model.apply(change(1, 5));
    const filter = filterOf();
    filter.set('errno');
    await vi.waitFor(() => expect(filter.count).toBe(2));
    matching = new Set([1, 3]);
    filter.update([3, 4]);
    await vi.waitFor(() => expect([filter.seqAt(0), filter.seqAt(1), filter.count]).toEqual([1, 3, 2]));
    model.apply(change(2, 5));
    filter.update([]);
    expect([filter.seqAt(0), filter.count]).toEqual([3, 1]);
  });

  it('knows whose the records are that fit, once it has looked at all', async () => {
    matching = new Set([1, 2, 4]);
    model.apply(change(1, 5));
    const filter = filterOf();
    expect(filter.socketIds).toBeNull();
    filter.set('status == waiting');
    expect(filter.socketIds).toBeNull();
    await vi.waitFor(() => expect(filter.socketIds).toEqual(new Set([101, 102, 104])));
    // Of the first answer not all is known.
    expect(requests).toHaveLength(2);
    matching = new Set([2, 5, 6]);
    model.apply(change(1, 6));
    filter.update([1, 4, 5]);
    await vi.waitFor(() => expect(filter.socketIds).toEqual(new Set([102, 105, 106])));
    filter.set('');
    expect(filter.socketIds).toBeNull();
  });

  it('keeps the last filter while the text makes no sense, and says where', async () => {
    matching = new Set([1]);
    model.apply(change(1, 2));
    const filter = filterOf();
    filter.set('fd == 7');
    await vi.waitFor(() => expect(filter.count).toBe(1));
    filter.set('fd == 7 && len >');
    expect(filter.errors.value).toMatchObject([{ from: 15, to: 16 }]);
    expect([filter.isActive, filter.count]).toEqual([true, 1]);
    filter.set('  ');
    expect([filter.isActive, filter.count, filter.errors.value]).toEqual([false, 0, []]);
  });

  it('is stopped, and then waits for another filter', async () => {
    model.apply(change(1, 100));
    answer = () => new Promise(() => {});
    const filter = filterOf();
    filter.set('slow');
    expect(filter.isBusy.value).toBe(true);
    filter.stop();
    expect(cancelled).toEqual([requests[0]!.id]);
    expect([filter.isBusy.value, filter.isStopped.value]).toEqual([false, true]);
    filter.update([]);
    expect(requests).toHaveLength(1);
    answer = find;
    filter.set('other');
    await vi.waitFor(() => expect(filter.progress).toBe(1));
    expect(filter.isStopped.value).toBe(false);
  });

  it('takes no answer of a filter before', async () => {
    model.apply(change(1, 3));
    const open: ((found: FilterAnswer) => void)[] = [];
    answer = () => new Promise((resolve) => open.push(resolve));
    const filter = filterOf();
    filter.set('one');
    filter.set('two');
    open[0]!({ seqs: [1, 2, 3], socketIds: [], next: 4, isDone: true, problem: null });
    open[1]!({ seqs: [2], socketIds: [], next: 4, isDone: true, problem: null });
    await vi.waitFor(() => expect(filter.count).toBe(1));
  });

  it('tells what keeps it from going on', async () => {
    model.apply(change(1, 3));
    answer = () => Promise.resolve({ seqs: [1], socketIds: [], next: 2, isDone: true, problem: 'too long' });
    const filter = filterOf();
    filter.set('data matches /x/');
    await vi.waitFor(() => expect(filter.problem.value).toBe('too long'));
    filter.update([]);
    expect(requests).toHaveLength(1);
  });
});
