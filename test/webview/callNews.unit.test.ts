import { signal } from '@preact/signals';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CallNews } from '../../src/webview/state/callNews.js';
import { recordOf } from '../support/records.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The news of records, all of which are the page's own with an odd number over 100. */
function newsOf(madeBy: (seq: number) => string | null, waiting = new Set<number>()) {
  const said: string[] = [];
  const read: number[] = [];
  const announcement = signal('');
  const say = (text: string) => {
    announcement.value = text;
  };
  const news = new CallNews({
    announcement,
    isOwn: (seq) => seq > 100 && seq % 2 === 1,
    load: async (seq) => {
      read.push(seq);
      const status = waiting.has(seq) ? 'waiting' : 'returned';
      return { ...recordOf('getsockname', [3]), seq, status, madeBy: madeBy(seq) };
    },
    sentenceOf: ({ seq, status }) => `${seq} ${status}.`,
  });
  announcement.subscribe((text) => text !== '' && said.push(text));
  const tell = (lastSeq: number, lastTold: number, changedSeqs: number[] = []) =>
    news.follow({ lastSeq, changedSeqs }, lastTold);
  return { said, read, tell, waiting, say };
}

it('tells that a wait has ended also when very many records came with its end', async () => {
  const { said, tell, waiting } = newsOf(() => null, new Set([1]));
  tell(1, 0);
  await vi.advanceTimersByTimeAsync(600);
  waiting.clear();
  tell(500, 1, [1]);
  await vi.advanceTimersByTimeAsync(600);
  expect(said).toEqual(['1 waiting.', 'New records: 499, up to record 500.']);
  await vi.advanceTimersByTimeAsync(4000);
  expect(said.slice(2)).toEqual(['1 returned.']);
});

it('leaves time for what the page says besides', async () => {
  const { said, tell, say } = newsOf(() => null);
  tell(1, 0);
  await vi.advanceTimersByTimeAsync(400);
  say('The oldest was dropped.');
  await vi.advanceTimersByTimeAsync(2900);
  tell(2, 1);
  expect(said).toEqual(['The oldest was dropped.']);
  await vi.advanceTimersByTimeAsync(200);
  expect(said.slice(1)).toEqual(['1 returned. 2 returned.']);
});

it('tells of each call that was made by hand beside the form, and again when its wait has ended', async () => {
  const { said, tell, waiting } = newsOf(() => null, new Set([2]));
  tell(1, 0);
  await vi.advanceTimersByTimeAsync(600);
  tell(2, 1);
  await vi.advanceTimersByTimeAsync(600);
  expect(said).toEqual(['1 returned.', '2 waiting.']);
  waiting.clear();
  tell(2, 2, [2]);
  await vi.advanceTimersByTimeAsync(600);
  expect(said.slice(2)).toEqual(['2 returned.']);
  // What the page made it has told of.
  tell(101, 100);
  await vi.advanceTimersByTimeAsync(600);
  tell(112, 103);
  await vi.advanceTimersByTimeAsync(600);
  expect(said.slice(3)).toEqual(['New records: 5, up to record 112.']);
});

it('tells from time to time how many calls a mode has made, and nothing of scenarios', async () => {
  const { said, read, tell } = newsOf((seq) => (seq % 2 === 0 ? 'auto-echo' : 'x.sockets'));
  for (let seq = 1; seq <= 60; seq++) {
    tell(seq, seq - 1);
    await vi.advanceTimersByTimeAsync(100);
  }
  await vi.advanceTimersByTimeAsync(5000);
  expect(said.length).toBeLessThanOrEqual(3);
  expect(said.at(-1)).toMatch(/^Automatic calls: \d+, up to record 60\.$/);
  // Of very many none is read for it.
  read.length = 0;
  tell(10_060, 60);
  await vi.advanceTimersByTimeAsync(5000);
  expect(said.at(-1)).toBe('New records: 10000, up to record 10060.');
  expect(read).toEqual([]);
});
