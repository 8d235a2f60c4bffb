import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, test } from 'vitest';
import { any, data, n, TestHost, text } from './testHost.js';

/** The hosts of this file inherit this limit of descriptors. The machine's own may be a million. */
beforeAll(() => {
  execFileSync('prlimit', ['--pid', String(process.pid), '--nofile=512:512']);
});

/** Opens sockets until there is no descriptor left. */
async function fill(host: TestHost): Promise<number[]> {
  const opened: number[] = [];
  for (;;) {
    const calls = Array.from({ length: 500 }, () => host.call('socket', n('AF_UNIX'), n('SOCK_DGRAM'), 0));
    const records = await Promise.all(calls);
    opened.push(...records.filter(({ result }) => result! >= 0).map(({ result }) => result!));
    if (records.some(({ errno }) => errno === 'EMFILE')) {
      return opened;
    }
  }
}

describe('where every descriptor is taken', () => {
  test('a close while a call waits does not need one', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    const recv = await host.waits('recv', peer, any, 10);
    await fill(host);
    await host.ok('close', peer);
    await host.ok('send', client, data('x'));
    expect(text(await recv.returned)).toBe('x');
  });

  test('accept says EMFILE, and works again after one close', async () => {
    const host = TestHost.start();
    const { fd, address } = await host.listener();
    const client = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    await host.ok('connect', client, address);
    const opened = await fill(host);
    expect(await host.fails('accept', fd)).toBe('EMFILE');
    await host.ok('close', opened[0]!);
    expect(await host.ok('accept', fd)).toBe(opened[0]);
  });

  test('views do without what only another descriptor can tell, until there is one', async () => {
    const host = TestHost.start();
    const server = await host.ok('socket', n('AF_UNIX'), n('SOCK_STREAM'), 0);
    await host.ok('bind', server, { family: 'AF_UNIX', name: new Uint8Array(), isAbstract: false });
    await host.ok('listen', server, 5);
    const client = await host.ok('socket', n('AF_UNIX'), n('SOCK_STREAM'), 0);
    await host.ok('connect', client, await host.nameOf(server));
    const opened = await fill(host);
    const [lowest] = opened;
    await host.ok('close', lowest!);
    await host.process.watch({ socketIds: [1] });
    expect(await host.ok('socket', n('AF_UNIX'), n('SOCK_DGRAM'), 0)).toBe(lowest);
    await Promise.all(opened.slice(-16).map((fd) => host.ok('close', fd)));
    await host.until('the queue', () => host.sockets.get(1)?.acceptQueue === 1);
  });
});
