import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { CallRecord } from '../../src/common/call.js';
import type { PanelChange } from '../../src/common/protocol/panel.js';
import { FilterModel } from '../../src/webview/state/filter.js';
import { RecordModel } from '../../src/webview/state/records.js';

let frames: FrameRequestCallback[];
let stored: Map<number, CallRecord>;
let reads: { from: number; count: number }[];
let model: RecordModel;

function record(seq: number, more: Partial<CallRecord> = {}): CallRecord {
  return {
    seq,
    name: 'send',
    args: [],
    status: 'returned',
    result: 1,
    errno: null,
    startNs: seq * 1000,
    endNs: seq * 1000 + 10,
    hasWaited: false,
    fd: 20,
    socketId: 1,
    createdIds: [],
    peerId: null,
    payload: null,
    thread: null,
    madeBy: null,
    resolution: null,
    ...more,
  };
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
  model = new RecordModel(({ from, count }) => {
    reads.push({ from, count });
    const found = [...stored.values()].filter(({ seq }) => seq >= from).sort((a, b) => a.seq - b.seq);
    return Promise.resolve(found.slice(0, count));
  });
});

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

  it('stay unread while the host is gone', async () => {
    const failing = new RecordModel(() => Promise.reject(new Error('gone')));
    failing.apply(change(1, 2));
    failing.want(1, 2);
    await settle();
    expect(failing.get(1)).toBeUndefined();
  });
});

describe('the filter', () => {
  const textOf = ({ name, seq, errno }: CallRecord) => `#${seq} ${name} ${String(errno)}`.toLowerCase();

  it('finds the records that hold every word, new ones included', async () => {
    store(1, 2, 3);
    stored.set(2, record(2, { errno: 'ECONNREFUSED', result: -1 }));
    model.apply(change(1, 3));
    const filter = new FilterModel(model, textOf);
    filter.set('SEND econn');
    await vi.waitFor(() => expect(filter.count).toBe(1));
    expect(filter.seqAt(0)).toBe(2);
    expect(filter.rowOf(2)).toBe(0);
    expect(filter.rowOf(3)).toBe(-1);
    stored.set(4, record(4, { errno: 'ECONNRESET', result: -1 }));
    model.apply(change(1, 4));
    filter.update([]);
    await vi.waitFor(() => expect(filter.count).toBe(2));
  });

  it('looks again at what has changed', async () => {
    stored.set(1, record(1, { status: 'waiting', result: null }));
    model.apply(change(1, 1));
    const filter = new FilterModel(model, textOf);
    filter.set('epipe');
    await vi.waitFor(() => expect(filter.isBusy.value).toBe(false));
    expect(filter.count).toBe(0);
    stored.set(1, record(1, { errno: 'EPIPE', result: -1 }));
    filter.update([1]);
    await vi.waitFor(() => expect(filter.count).toBe(1));
  });

  it('without words lets everything through', () => {
    const filter = new FilterModel(model, textOf);
    filter.set('  ');
    expect(filter.isActive).toBe(false);
  });
});
