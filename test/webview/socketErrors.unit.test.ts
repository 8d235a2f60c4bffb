import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseFilter } from '../../src/common/filter/parser.js';
import type { FilterAnswer, FilterRequest } from '../../src/common/protocol/socketHost.js';
import { SocketErrors } from '../../src/webview/state/socketErrors.js';

let range: { firstSeq: number; lastSeq: number };
/** The records that failed. */
let failed: Set<number>;
let requests: FilterRequest[];
/** How many records one answer gets through. */
let pace: number;
let errors: SocketErrors;

function find(request: FilterRequest): Promise<FilterAnswer> {
  requests.push(request);
  const to = Math.min(request.to ?? range.lastSeq, request.from + pace - 1);
  const seqs = [...failed].filter((seq) => seq >= request.from && seq <= to).sort((a, b) => a - b);
  return Promise.resolve({ seqs, socketIds: [], next: to + 1, isDone: to >= range.lastSeq, problem: null });
}

beforeEach(() => {
  vi.useFakeTimers();
  range = { firstSeq: 1, lastSeq: 50_000 };
  failed = new Set([3, 20_500, 49_999]);
  requests = [];
  pace = 100_000;
  errors = new SocketErrors({ range, find });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the errors of a socket', () => {
  it('are found from the end back to the beginning, with a filter that has no errors', async () => {
    errors.follow(7);
    await vi.runAllTimersAsync();
    expect(errors.seqs.value).toEqual([49_999, 20_500, 3]);
    expect(requests.map(({ from, to }) => [from, to])).toEqual([
      [30_001, 50_000],
      [10_001, 30_000],
      [1, 10_000],
    ]);
    expect(parseFilter(errors.filter).errors).toEqual([]);
    expect(errors.filter).toContain('socketid == 7');
  });

  it('are found although an answer gets through a part only', async () => {
    pace = 7000;
    errors.follow(7);
    await vi.runAllTimersAsync();
    expect(errors.seqs.value).toEqual([49_999, 20_500, 3]);
  });

  it('are ten, and further back is not looked', async () => {
    failed = new Set(Array.from({ length: 30 }, (_, index) => 49_900 + index));
    errors.follow(7);
    await vi.runAllTimersAsync();
    expect(errors.seqs.value).toEqual(Array.from({ length: 10 }, (_, index) => 49_929 - index));
    expect(requests).toHaveLength(1);
  });

  it('are looked for a good way back, not through everything', async () => {
    Object.assign(range, { lastSeq: 5_000_000 });
    errors.follow(7);
    await vi.runAllTimersAsync();
    expect(requests.at(-1)!.from).toBe(4_800_000);
    expect(errors.seqs.value).toEqual([]);
  });

  it('come with new records, and with a wait that ends', async () => {
    errors.follow(7);
    await vi.runAllTimersAsync();
    requests = [];
    failed.add(30_000).add(50_010);
    range.lastSeq = 50_010;
    errors.update([30_000, 50_010]);
    errors.update([]);
    await vi.runAllTimersAsync();
    expect(errors.seqs.value).toEqual([50_010, 49_999, 30_000, 20_500, 3]);
    expect(requests.map(({ from, to }) => [from, to])).toEqual([
      [30_000, 30_000],
      [50_001, 50_010],
    ]);
  });

  it('are those of the socket that is looked at, and of none when nobody looks', async () => {
    errors.follow(7);
    await vi.runAllTimersAsync();
    errors.follow(8);
    expect(errors.seqs.value).toEqual([]);
    errors.follow(null);
    requests = [];
    errors.update([1]);
    await vi.runAllTimersAsync();
    expect(requests).toEqual([]);
  });

  it('are all found when another socket is chosen while those of the first are looked for', async () => {
    const answers: (() => void)[] = [];
    const late = new SocketErrors({
      range,
      find: (request) =>
        new Promise((resolve) => {
          answers.push(() => void find(request).then(resolve));
        }),
    });
    late.follow(7);
    await vi.advanceTimersByTimeAsync(1);
    late.follow(8);
    await vi.advanceTimersByTimeAsync(1);
    while (answers.length > 0) {
      answers.shift()!();
      await vi.advanceTimersByTimeAsync(1);
    }
    expect(late.seqs.value).toEqual([49_999, 20_500, 3]);
    expect(requests.slice(1).map(({ from, to }) => [from, to])).toEqual([
      [30_001, 50_000],
      [10_001, 30_000],
      [1, 10_000],
    ]);
  });

  it('are looked for anew when the records were cleared', async () => {
    errors.follow(7);
    await vi.runAllTimersAsync();
    Object.assign(range, { firstSeq: 50_001, lastSeq: 50_000 });
    errors.restart();
    await vi.runAllTimersAsync();
    expect(errors.seqs.value).toEqual([]);
  });
});
