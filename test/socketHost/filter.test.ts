import { describe, expect, test } from 'vitest';
import type { CallRecord } from '../../src/common/call.js';
import { nextEvent } from '../support/events.js';
import { any, data, n, TestHost } from './testHost.js';

/** All that a filter finds, asked for as a panel does. */
async function found(host: TestHost, filter: string): Promise<number[]> {
  const seqs: number[] = [];
  for (let from = 1; ;) {
    const answer = await host.process.filterRecords({ id: 1, filter, from, count: 1000 });
    seqs.push(...answer.seqs);
    if (answer.problem !== null) {
      throw new Error(answer.problem);
    }
    if (answer.isDone) {
      return seqs;
    }
    from = answer.next;
  }
}

describe('the display filter in the host', () => {
  test('looks at rows, sockets, payload and what waits', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    host.process.onDidChange(() => {});
    const sent = await host.call('send', client, data('GET / HTTP/1.1\r\n'));
    const large = await host.call('send', client, data(new Uint8Array(5000).fill(65)));
    const got = await host.call('recv', peer, any, 16);
    const failed = await host.call('recv', client, any, 10, n('MSG_DONTWAIT'));
    const waits = await host.waits('recv', client, any, 10);
    const seqs = (...records: Pick<CallRecord, 'seq'>[]) => records.map(({ seq }) => seq);
    expect(await found(host, 'data contains "GET"')).toEqual(seqs(sent, got));
    expect(await found(host, 'data matches /^A{5000}$/')).toEqual(seqs(large));
    expect(await found(host, `fd == ${client} && (errno || call == send)`)).toEqual(
      seqs(sent, large, failed),
    );
    expect(await found(host, 'len > 100')).toEqual(seqs(large));
    expect(await found(host, 'status == waiting')).toEqual(seqs(waits));
    expect(await found(host, 'errno == EAGAIN')).toEqual(seqs(failed));
    expect(await found(host, 'recv EAGAIN')).toEqual(seqs(failed));
    expect(await found(host, 'call == accept || call == accept4')).toHaveLength(1);
    expect(await found(host, 'socket == server && call == listen')).toHaveLength(1);
    const watched = nextEvent(host.process.onDidChange, ({ sockets }) =>
      sockets.some(({ fd, remote }) => fd === client && remote !== null),
    );
    await host.process.watch({ socketIds: 'all' });
    await watched;
    expect(await found(host, 'remote.addr == 127.0.0.1 && call == send')).toEqual(seqs(sent, large));
    await host.process.cancel({ seq: waits.seq });
    expect(await found(host, 'status == cancelled')).toEqual(seqs(waits));
    // One with an error fits nothing.
    expect(await found(host, 'fd ==')).toEqual([]);
    expect(await found(host, '')).not.toEqual([]);
  });

  test('says whose the records are that fit', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    const sent = await host.call('send', client, data('x'));
    await host.call('recv', peer, any, 16);
    const idsOf = async (filter: string) =>
      (await host.process.filterRecords({ id: 1, filter, from: 1, count: 1000 })).socketIds;
    expect(await idsOf('call == send')).toEqual([sent.socketId]);
    const { socketId, createdIds } = (await host.readRecords({ from: 1, count: 100 })).find(({ name }) =>
      name.startsWith('accept'),
    )!;
    expect(new Set(await idsOf('call == accept || call == accept4'))).toEqual(
      new Set([socketId, ...createdIds]),
    );
  });

  test('gives up on a pattern without end, and the host goes on', async () => {
    const host = TestHost.start();
    const { client } = await host.tcpPair();
    await host.call('send', client, data(`${'a'.repeat(40)}b`));
    const answer = await host.process.filterRecords({
      id: 1,
      filter: 'data matches /^(a+)+$/',
      from: 1,
      count: 100,
    });
    expect(answer.problem).toMatch(/too long/);
    expect(await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0)).toBeGreaterThan(0);
  });
});
