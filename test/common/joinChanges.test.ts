import { expect, it } from 'vitest';
import { joinChanges } from '../../src/common/protocol/joinChanges.js';
import type { PanelChange } from '../../src/common/protocol/panel.js';
import type { RecordPage } from '../../src/common/rows/recordPage.js';
import { socket } from '../support/sockets.js';

const change = (told: Partial<PanelChange> = {}): PanelChange => ({
  sockets: [],
  removed: [],
  firstSeq: 1,
  lastSeq: 9,
  changedSeqs: [],
  droppedBytes: 0,
  droppedRecords: 0,
  recordingFault: null,
  ...told,
});
const page = (seq: number): RecordPage => ({
  lost: [],
  rows: null,
  facts: [[seq, { kind: 'none' } as never]],
});

it('keeps the latest of each socket, and the last that is known of the records', () => {
  const joined = joinChanges(
    change({ sockets: [socket({ id: 1, bytesReceived: 1 }), socket({ id: 2 })], changedSeqs: [4] }),
    change({
      sockets: [socket({ id: 1, bytesReceived: 2 })],
      lastSeq: 12,
      changedSeqs: [4, 8],
      droppedBytes: 7,
      recordingFault: 'full',
    }),
  );
  expect(joined.sockets).toEqual([socket({ id: 1, bytesReceived: 2 }), socket({ id: 2 })]);
  expect(joined).toMatchObject({ lastSeq: 12, changedSeqs: [4, 8], droppedBytes: 7, recordingFault: 'full' });
  expect(joined.passed).toBeUndefined();
});

it('tells of the states between, once each and in their order, whichever changes are joined first', () => {
  const told = ['ESTABLISHED', 'ESTABLISHED', 'CLOSE_WAIT', 'LAST_ACK'] as const;
  const [a, b, c, d] = told.map((tcpState, at) =>
    change({ sockets: [socket({ id: 1, tcpState, bytesReceived: at })] }),
  );
  const joined = joinChanges(joinChanges(joinChanges(a!, b!), c!), d!);
  expect(joined.passed?.map(({ tcpState, bytesReceived }) => [tcpState, bytesReceived])).toEqual([
    ['ESTABLISHED', 1],
    ['CLOSE_WAIT', 2],
  ]);
  expect(joined.sockets).toEqual(d!.sockets);
  expect(joinChanges(joinChanges(a!, b!), joinChanges(c!, d!))).toEqual(joined);
});

it('forgets what was removed, unless it came back', () => {
  const known = change({ sockets: [socket({ id: 1 }), socket({ id: 2 })], removed: [7, 8] });
  const joined = joinChanges(known, change({ removed: [1], sockets: [socket({ id: 7 })] }));
  expect(joined.removed).toEqual([8, 1]);
  expect(joined.sockets.map(({ id }) => id)).toEqual([2, 7]);
});

it('brings records along while both tell of all theirs', () => {
  const first = change({ pages: [page(9)] });
  const second = change({ lastSeq: 10, changedSeqs: [9], pages: [page(9), page(10)] });
  expect(joinChanges(first, second).pages).toEqual([page(9), page(9), page(10)]);
  // Only sockets have changed.
  expect(joinChanges(first, change({ pages: [] })).pages).toEqual([page(9)]);
});

it.each([
  { what: 'one has changed', told: { changedSeqs: [9], pages: [] } },
  { what: 'there are more', told: { lastSeq: 500 } },
])('has the page read the records where $what and does not come along', ({ told }) => {
  expect(joinChanges(change({ pages: [page(9)] }), change(told)).pages).toEqual([]);
});

it('does not grow without end before a page that takes nothing', () => {
  let joined = change({ lastSeq: 0 });
  for (let seq = 1; seq <= 1000; seq++) {
    joined = joinChanges(joined, change({ lastSeq: seq, pages: [page(seq)] }));
  }
  expect(joined.pages!.length).toBeLessThanOrEqual(64);
  expect(joined.lastSeq).toBe(1000);
});

it('tells of as many changed records, however many there are, and leaves none out', () => {
  const seqs = Array.from({ length: 20_000 }, (_, at) => 1 + ((at * 7919) % 20_000));
  let joined = change();
  for (let at = 0; at < seqs.length; at += 250) {
    const told = { lastSeq: 20_000, changedSeqs: seqs.slice(at, at + 250), pages: [page(seqs[at]!)] };
    joined = joinChanges(joined, change(told));
    expect(joined.changedSeqs.length).toBeLessThanOrEqual(4096);
  }
  const { changedSeqs, changedFrom = Infinity } = joined;
  expect(changedFrom).toBeLessThan(5000);
  expect(changedSeqs.toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: changedFrom - 1 }, (_, at) => at + 1),
  );
  // Before a change that has nothing of its own, and behind one, it is told as well.
  expect(joinChanges(joined, change()).changedFrom).toBe(changedFrom);
  expect(joinChanges(change({ pages: [page(9)] }), joined)).toMatchObject({ changedFrom, pages: [] });
});
