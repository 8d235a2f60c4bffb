import { describe, expect, test } from 'vitest';
import type { SortKey } from '../../src/common/protocol/socketHost.js';
import { MergeSort } from '../../src/socketHost/mergeSort.js';
import { any, data, n, TestHost } from './testHost.js';

const numbersOf = (bytes: Uint8Array) => [...new Float64Array(Uint8Array.from(bytes).buffer)];

/** The records in order, asked for as a panel does. */
async function sorted(host: TestHost, filter: string, by: SortKey, isDescending = false): Promise<number[]> {
  for (;;) {
    const answer = await host.process.sortRecords({ id: 7, filter, by, isDescending });
    if (answer.problem !== null) {
      throw new Error(answer.problem);
    }
    if (answer.seqs) {
      return numbersOf(answer.seqs);
    }
  }
}

/** Two sends, one recv, a failed recv and a waiting one on a pair. */
async function traffic(host: TestHost) {
  const { client, peer } = await host.tcpPair();
  const short = await host.call('send', client, data('GET / HTTP/1.1\r\n'));
  const long = await host.call('send', client, data(new Uint8Array(5000)));
  const got = await host.call('recv', peer, any, 100);
  const failed = await host.call('recv', client, any, 10, n('MSG_DONTWAIT'));
  const broken = await host.call('bind', client, { family: 'AF_INET', address: '127.0.0.1', port: 0 });
  const waits = await host.waits('recv', client, any, 10);
  return { client, peer, short, long, got, failed, broken, waits };
}

describe('sorting in the host', () => {
  test('orders by length, duration, call, descriptor and result, those without a value last', async () => {
    const host = TestHost.start();
    const { client, short, long, got, failed, broken, waits } = await traffic(host);
    const moved = `fd == ${client} && (call == send || call == recv) || call == recv`;
    const seqs = (...records: { seq: number }[]) => records.map(({ seq }) => seq);
    expect(await sorted(host, moved, 'len')).toEqual(seqs(short, got, long, failed, waits));
    expect(await sorted(host, moved, 'len', true)).toEqual(seqs(long, got, short, failed, waits));
    expect(await sorted(host, moved, 'call')).toEqual(seqs(got, failed, waits, short, long));
    expect((await sorted(host, '', 'took')).at(-1)).toBe(waits.seq);
    const byResult = await sorted(host, '', 'result');
    expect(new Set(byResult.slice(0, 2))).toEqual(new Set(seqs(failed, broken)));
    expect(await sorted(host, '', 'time', true)).toEqual((await sorted(host, '', 'time')).toReversed());
    const { keys } = await host.process.sortRecords({ id: 8, filter: moved, by: 'len', isDescending: true });
    expect(keys === null ? [] : numbersOf(keys)).toEqual([-5000, -100, -16, Infinity, Infinity]);
    const all = await sorted(host, '', 'fd');
    expect(all).toHaveLength(waits.seq);
    await host.process.cancel({ seq: waits.seq });
  });

  test('is given up by a cancel, and another one begins anew', async () => {
    const host = TestHost.start();
    await traffic(host);
    await host.process.sortRecords({ id: 1, filter: '', by: 'len', isDescending: false });
    await host.process.cancelFilter({ id: 1 });
    expect(await sorted(host, 'call == send', 'len')).toHaveLength(2);
    await host.process.cancelFilter({ id: 99 });
  });

  test('keeps the order of equal keys over many rounds of merging', () => {
    const keys = Float64Array.from({ length: 50_001 }, (_, index) => (index * 7919) % 101);
    const sort = new MergeSort(keys);
    const shares: number[] = [];
    while (!sort.slice(0)) {
      shares.push(sort.progress);
    }
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.length).toBeGreaterThan(20);
    const expected = [...keys.keys()].sort((a, b) => keys[a]! - keys[b]! || a - b);
    expect([...sort.places]).toEqual(expected);
    expect(new MergeSort(new Float64Array()).slice(0)).toBe(true);
  });
});

describe('the survey of the host', () => {
  test('counts failures and bytes in groups, and names what has not ended', async () => {
    const host = TestHost.start();
    const { short, long, got, failed, broken, waits } = await traffic(host);
    const answer = await host.process.surveyRecords({ from: 1, width: 4, count: 1000 });
    expect(answer).toMatchObject({ firstBin: 0, next: waits.seq + 1, isDone: true, waiting: [waits.seq] });
    const failures = answer.failures.map((count, bin) => [bin, count]).filter(([, count]) => count! > 0);
    // EAGAIN is an answer, no failure.
    expect(failures).toEqual([[Math.floor(broken.seq / 4), 1]]);
    expect(failed.errno).toBe('EAGAIN');
    const moved = [short, long, got].reduce((sum, { payload }) => sum + payload!.length, 0);
    expect(answer.bytes.reduce((sum, bytes) => sum + bytes)).toBe(moved);
    // A few groups at a time, each whole.
    const first = await host.process.surveyRecords({ from: 1, width: 4, count: 1 });
    expect(first).toMatchObject({ next: 4, isDone: false });
    expect(first.failures).toHaveLength(1);
    await host.process.cancel({ seq: waits.seq });
  });
});
