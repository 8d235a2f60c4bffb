import { expect, test } from 'vitest';
import { n, TestHost } from './testHost.js';

const names = (host: TestHost) =>
  [...host.sockets.values()].filter(({ state }) => state !== 'closed').map(({ name }) => name);

const stream = (host: TestHost) => host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);

/** A listener, and two clients of it that were accepted. */
async function conversation(host: TestHost) {
  const { fd: server, address } = await host.listener();
  const fds = [server];
  for (let i = 0; i < 2; i++) {
    const client = await stream(host);
    await host.ok('connect', client, address);
    fds.push(client, await host.ok('accept', server));
  }
  return { fds, address };
}

test('calls each after what it does, and no two the same', async () => {
  const host = TestHost.start();
  await stream(host);
  await expect.poll(() => names(host)).toEqual([null]);
  const first = await conversation(host);
  await expect
    .poll(() => names(host))
    .toEqual([null, 'server', 'client', 'server_peer', 'client2', 'server_peer2']);
  const second = await conversation(host);
  const of2 = ['server2', 'client3', 'server2_peer', 'client4', 'server2_peer2'];
  await expect
    .poll(() => names(host))
    .toEqual([null, 'server', 'client', 'server_peer', 'client2', 'server_peer2', ...of2]);
  for (const fd of [...first.fds, ...second.fds]) {
    await host.ok('close', fd);
  }
  await conversation(host);
  await expect
    .poll(() => names(host))
    .toEqual([null, 'server', 'client', 'server_peer', 'client2', 'server_peer2']);
});

test('puts a number behind a name that is wished, but not behind those of a text', async () => {
  const host = TestHost.start();
  const call = {
    name: 'socket',
    args: [n('AF_INET'), n('SOCK_STREAM'), 0],
  } as const;
  for (const isNameFixed of [true, true, false, false]) {
    await host.request({
      call: { ...call, args: [...call.args] },
      socketName: 'server',
      isNameFixed,
    });
  }
  await expect.poll(() => names(host)).toEqual(['server', 'server', 'server2', 'server3']);
});

test('has names for copies, pairs and pipes', async () => {
  const host = TestHost.start();
  const udp = await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
  await host.ok('dup', udp);
  await host.ok('dup', udp);
  await host.call('socketpair', n('AF_UNIX'), n('SOCK_STREAM'), 0);
  await host.call('socketpair', n('AF_UNIX'), n('SOCK_STREAM'), 0);
  await host.call('pipe');
  const pairs = ['left', 'right', 'left2', 'right2'];
  await expect
    .poll(() => names(host))
    .toEqual(['datagram', 'datagram_copy', 'datagram_copy2', ...pairs, 'reader', 'writer']);
});

test('calls what an automatic mode accepts after its listener, by the name that it has then', async () => {
  const host = TestHost.start();
  const { address } = await conversation(host);
  await expect
    .poll(() => names(host))
    .toEqual(['server', 'client', 'server_peer', 'client2', 'server_peer2']);
  const socketId = [...host.sockets.keys()][0]!;
  await host.process.rename({ socketId, name: 'web' });
  const automation = {
    mode: 'accept',
    accepted: null,
    isRecorded: true,
    isBatched: false,
  } as const;
  await host.process.automate({ socketId, automation });
  for (let i = 0; i < 2; i++) {
    await host.ok('connect', await stream(host), address);
  }
  await expect.poll(() => names(host)).toContain('web_peer2');
  expect(new Set(names(host)).size).toBe(9);
});
