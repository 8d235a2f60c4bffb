import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import type { SocketAddress } from '../../src/common/socket.js';
import { abstract, any, data, n, TestHost } from './testHost.js';

/** A listener, socket 1, and a connection to it: the client is socket 2, what `accept` gave 3. */
async function watchedConnection() {
  const host = TestHost.start();
  await host.process.start();
  await host.process.watch({ socketIds: 'all' });
  const { fd, address } = await host.listener();
  const client = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
  await host.ok('connect', client, address);
  return { host, address, client, peer: await host.ok('accept', fd) };
}

describe('watched sockets', () => {
  test('show addresses, states and queues as the kernel has them', async () => {
    const host = TestHost.start();
    await host.process.start();
    await host.process.watch({ socketIds: 'all' });
    const { fd, address } = await host.listener();
    const client = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    await host.ok('connect', client, address);
    await host.until(
      'the queue of the listener',
      ([server]) => server?.acceptQueue === 1 && server.tcpState === 'LISTEN',
    );
    const peer = await host.ok('accept', fd);
    await host.ok('send', client, data('Hello'));
    await host.until('the bytes', () => host.sockets.get(3)?.receiveQueue === 5);
    // Each end is asked about in its own turn.
    await expect
      .poll(() => host.sockets.get(2))
      .toMatchObject({
        tcpState: 'ESTABLISHED',
        remote: address,
        peerId: 3,
        sendQueue: 0,
      });
    await expect
      .poll(() => host.sockets.get(3))
      .toMatchObject({
        local: address,
        remote: host.sockets.get(2)!.local,
        peerId: 2,
      });
    await host.until('the empty queue', () => host.sockets.get(1)?.acceptQueue === 0);
    expect(host.sockets.get(1)).toMatchObject({ local: address, remote: null, receiveQueue: null });
    await host.ok('shutdown', client, n('SHUT_WR'));
    await host.until('the half-close', () => host.sockets.get(2)?.tcpState === 'FIN_WAIT2');
    await host.until('its other end', () => host.sockets.get(3)?.tcpState === 'CLOSE_WAIT');
    await host.ok('close', peer);
    await host.until('its end', () => host.sockets.get(3)?.state === 'closed');
  });

  test('are told with their other end, also where only one of the two is watched', async () => {
    const host = TestHost.start();
    await host.process.start();
    const { client, peer } = await host.tcpPair();
    await host.process.watch({ socketIds: [3] });
    await host.until('the other end', () => host.sockets.get(3)?.peerId === 2);
    expect((await host.call('send', client, data('x'))).peerId).toBe(3);
    expect((await host.call('recv', peer, any, 10)).peerId).toBe(2);
  });

  test('are told with what is left in their queues once a call has taken from them', async () => {
    const { host, client, peer } = await watchedConnection();
    for (let round = 1; round <= 5; round++) {
      await host.ok('send', client, data('Hello'));
      await host.until('the bytes', () => host.sockets.get(3)?.receiveQueue === 5);
      await host.ok('recv', peer, any, 5);
      await host.until('what was received', () => host.sockets.get(3)?.bytesReceived === 5 * round);
      expect(host.sockets.get(3)!.receiveQueue).toBe(0);
      expect(await host.process.inspect({ socketId: 3 })).toMatchObject({ socket: { receiveQueue: 0 } });
    }
  });

  test('keep their addresses when they are closed, however short they were open', async () => {
    const { host, address, client, peer } = await watchedConnection();
    await host.ok('close', peer);
    // From now on the kernel does not say any more who was there.
    await host.ok('shutdown', client, n('SHUT_WR'));
    await host.ok('close', client);
    await host.until('their ends', () => [2, 3].every((id) => host.sockets.get(id)?.state === 'closed'));
    const [first, second] = [host.sockets.get(2)!, host.sockets.get(3)!];
    expect([first.remote, second.local]).toEqual([address, address]);
    expect(second.remote).toEqual(first.local);
    expect(first.local).toMatchObject({ address: '127.0.0.1' });
  });

  test('are asked before they are closed though no view has been able to say that it shows them', async () => {
    const host = TestHost.start();
    const fd = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    // At every address: only the kernel knows at which one it accepts.
    await host.ok('listen', fd, 5);
    await host.process.watch({ socketIds: [1] });
    const { port } = (await host.nameOf(fd)) as { port: number };
    const client = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    await host.ok('connect', client, { family: 'AF_INET', address: '127.0.0.1', port });
    await host.ok('close', await host.ok('accept', fd));
    await host.ok('close', client);
    await host.until('their ends', () => [2, 3].every((id) => host.sockets.get(id)?.state === 'closed'));
    const [first, second] = [host.sockets.get(2)!, host.sockets.get(3)!];
    expect(second.local).toEqual(first.remote);
    expect(first.local).toEqual(second.remote);
    expect(first.local).toMatchObject({ address: '127.0.0.1' });
  });

  test('that nobody has asked are where their listener is, as long as they are connected', async () => {
    const host = TestHost.start();
    const { server, peer } = await host.tcpPair();
    await host.until('the accepted one', () => host.sockets.get(3)?.state === 'connected');
    expect(host.sockets.get(3)!.local).toEqual(await host.nameOf(server));
    // AF_UNSPEC dissolves the connection.
    await host.ok('connect', peer, { family: 'raw', bytes: new Uint8Array(16) });
    await host.until('its end', () => host.sockets.get(3)?.state === 'open');
    expect(host.sockets.get(3)!.local).toBeNull();
  });

  test('that are asked first once both ends have sent FIN are told with the end that connect made certain', async () => {
    const host = TestHost.start();
    await host.process.start();
    const { fd, address } = await host.listener();
    const client = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    await host.ok('connect', client, address);
    const peer = await host.ok('accept', fd, any, any);
    await host.ok('shutdown', peer, n('SHUT_WR'));
    await host.ok('shutdown', client, n('SHUT_WR'));
    await host.process.watch({ socketIds: 'all' });
    await expect
      .poll(() => host.sockets.get(2))
      .toMatchObject({ tcpState: 'CLOSE', remote: address, peerId: 3 });
    expect(host.sockets.get(3)!.peerId).toBe(2);
  });

  test('find each other also where the accepted one is closed before the client is asked', async () => {
    const host = TestHost.start();
    await host.process.start();
    const { fd, address } = await host.listener();
    await host.process.watch({ socketIds: [1] });
    const other = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    await host.ok('connect', other, address);
    const client = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    await host.ok('connect', client, address);
    await host.ok('accept', fd);
    await host.ok('close', await host.ok('accept', fd));
    await host.process.watch({ socketIds: 'all' });
    await expect.poll(() => [2, 3, 4, 5].map((id) => host.sockets.get(id)?.peerId)).toEqual([4, 5, 2, 3]);
    expect(host.sockets.get(5)).toMatchObject({ state: 'closed', remote: host.sockets.get(3)!.local });
  });

  test('that nobody has asked say of their other end only what connect made certain', async () => {
    const host = TestHost.start();
    await host.process.start();
    const { address } = await host.listener();
    const { port } = address as { port: number };
    const anywhere = { family: 'AF_INET', address: '0.0.0.0', port } as const;
    const [name, cut] = [`truth-${process.pid}-names`, `truth-${process.pid}`];
    const named = await host.ok('socket', n('AF_UNIX'), n('SOCK_DGRAM'), 0);
    await host.ok('bind', named, abstract(cut));
    const connected = async (to: SocketAddress, length?: number) => {
      const isUnix = to.family === 'AF_UNIX';
      const fd = await host.ok('socket', n(isUnix ? 'AF_UNIX' : 'AF_INET'), n('SOCK_DGRAM'), 0);
      const rest = length === undefined ? [] : [length];
      const { socketId } = (await host.call('connect', fd, to, ...rest)) as { socketId: number };
      await host.ok('close', fd);
      await host.until('its end', () => host.sockets.get(socketId)?.state === 'closed');
      return host.sockets.get(socketId)!.remote;
    };
    expect(await connected(address)).toEqual(address);
    expect(await connected(anywhere)).toBeNull();
    // Two bytes of the family, and the NUL of an abstract name.
    expect(await connected(abstract(name), 3 + cut.length)).toEqual(abstract(cut));
  });

  test.each(['SOCK_STREAM', 'SOCK_SEQPACKET'])(
    'of AF_UNIX %s know their other end, name or not',
    async (type) => {
      const host = TestHost.start();
      await host.process.start();
      await host.process.watch({ socketIds: 'all' });
      const server = await host.ok('socket', n('AF_UNIX'), n(type), 0);
      await host.ok('bind', server, { family: 'AF_UNIX', name: new Uint8Array(), isAbstract: false });
      await host.ok('listen', server, 5);
      const clients = [
        await host.ok('socket', n('AF_UNIX'), n(type), 0),
        await host.ok('socket', n('AF_UNIX'), n(type), 0),
      ];
      for (const client of clients) {
        await host.ok('connect', client, await host.nameOf(server));
      }
      await host.until('the queue', () => host.sockets.get(1)?.acceptQueue === 2);
      await host.ok('accept', server);
      await host.ok('accept', server);
      await expect.poll(() => [2, 3, 4, 5].map((id) => host.sockets.get(id)?.peerId)).toEqual([4, 5, 2, 3]);
      expect((await host.call('send', clients[0]!, data('x'))).peerId).toBe(4);
      await host.until('the empty queue', () => host.sockets.get(1)?.acceptQueue === 0);
    },
  );

  test('are never told in a new state with what the kernel said of the one before', async () => {
    const host = TestHost.start();
    await host.process.start();
    const told: string[] = [];
    host.process.onDidChange(({ sockets }) =>
      told.push(...sockets.map(({ id, state, tcpState }) => `${id} ${state} ${tcpState}`)),
    );
    await host.process.watch({ socketIds: 'all' });
    const server = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    const client = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    await host.until('the first answers', () => host.sockets.get(2)?.tcpState === 'CLOSE');
    await host.ok('listen', server, 1);
    await host.until('the listener', () => host.sockets.get(1)?.state === 'listening');
    await host.ok('connect', client, await host.nameOf(server));
    await host.until('the client', () => host.sockets.get(2)?.state === 'connected');
    expect(new Set(told.filter((one) => /listening|connected/.test(one)))).toEqual(
      new Set(['1 listening LISTEN', '2 connected ESTABLISHED']),
    );
    expect(host.sockets.get(2)!.local).toMatchObject({ address: '127.0.0.1' });
  });

  test('others are not asked about', async () => {
    const host = TestHost.start();
    const { address } = await host.listener();
    const client = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    await host.ok('connect', client, address);
    await host.process.watch({ socketIds: [2] });
    await host.until('the sample', () => host.sockets.get(2)?.tcpState === 'ESTABLISHED');
    // The listener’s address is known from the call that asked for it.
    expect(host.sockets.get(1)).toMatchObject({ tcpState: null, acceptQueue: null, local: address });
    await host.process.watch({ socketIds: [] });
  });

  test('the other end is found through the user’s own calls', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    expect((await host.call('send', client, data('x'))).peerId).toBeNull();
    await host.nameOf(client);
    expect((await host.call('send', client, data('x'))).peerId).toBe(3);
    expect((await host.call('recv', peer, any, 10)).peerId).toBe(2);
  });
});

test('an IPv4 client of an IPv6 listener is found too', async () => {
  const host = TestHost.start();
  const server = await host.ok('socket', n('AF_INET6'), n('SOCK_STREAM'), 0);
  await host.ok('bind', server, { family: 'AF_INET6', address: '::', port: 0 });
  await host.ok('listen', server, 1);
  const address = await host.nameOf(server);
  const port = address.family === 'AF_INET6' ? address.port : 0;
  const client = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
  await host.ok('connect', client, { family: 'AF_INET', address: '127.0.0.1', port });
  await host.nameOf(client);
  const peer = await host.call('accept', server);
  expect(peer.args[1]).toMatchObject({ address: '::ffff:127.0.0.1' });
  expect((await host.call('send', peer.result, data('x'))).peerId).toBe(2);
});

describe('the other end of a datagram', () => {
  const here4 = { family: 'AF_INET', address: '127.0.0.1', port: 0 } as const;
  const here6 = { family: 'AF_INET6', address: '::1', port: 0 } as const;
  const any4 = { family: 'AF_INET', address: '0.0.0.0', port: 0 } as const;
  const any6 = { family: 'AF_INET6', address: '::', port: 0 } as const;
  const to4 = (address: SocketAddress) => ({ ...here4, port: (address as { port: number }).port });
  const to6 = (address: SocketAddress) => ({ ...here6, port: (address as { port: number }).port });

  /** A host whose sockets all are watched; `udp` makes one, bound where it is said, with these options set. */
  async function watchedHost() {
    const host = TestHost.start();
    await host.process.start();
    await host.process.watch({ socketIds: 'all' });
    const udp = async (bound?: SocketAddress, options: [level: string, name: string][] = []) => {
      const domain = bound?.family ?? 'AF_INET';
      const fd = await host.ok('socket', n(domain), n('SOCK_DGRAM'), 0);
      for (const [level, name] of options) {
        await host.ok('setsockopt', fd, n(level), n(name), 1);
      }
      if (bound) {
        await host.ok('bind', fd, bound);
      }
      return fd;
    };
    const sent = async (fd: number, to: SocketAddress, flag = 0) =>
      (await host.call('sendto', fd, data('hello'), 5, flag, to)).peerId;
    return { host, udp, sent };
  }

  test('is the socket that the kernel bound at its first send, at every address', async () => {
    const { host, udp, sent } = await watchedHost();
    const a = await udp(here4);
    const b = await udp();
    expect(await sent(b, await host.nameOf(a))).toBe(1);
    const first = await host.call('recvfrom', a, any, 100);
    expect(first).toMatchObject({ peerId: 2, args: [a, {}, 100, 0, { address: '127.0.0.1' }, {}] });
    const source = first.args[4] as SocketAddress;
    expect(await sent(a, source)).toBe(2);
    expect(await host.call('recvfrom', b, any, 100)).toMatchObject({ peerId: 1 });
    await host.until('its state', () => host.sockets.get(2)?.state === 'bound');
    expect(host.sockets.get(2)!.local).toEqual({ ...source, address: '0.0.0.0' });
  });

  test('is at every address of this machine, and at no other', async () => {
    const { host, udp, sent } = await watchedHost();
    const { port } = (await host.nameOf(await udp(any4))) as { port: number };
    const sender = await udp();
    expect(await sent(sender, { ...here4, port })).toBe(1);
    expect(await sent(sender, { ...here4, address: '127.9.8.7', port })).toBe(1);
    expect(await sent(sender, { ...any4, port })).toBe(1);
    const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    for (const { address } of own.filter(({ family }) => family === 'IPv4')) {
      expect(await sent(sender, { ...here4, address, port }), address).toBe(1);
    }
    // The flag keeps it on this machine.
    expect(await sent(sender, { ...here4, address: '192.0.2.1', port }, n('MSG_DONTROUTE'))).toBeNull();
    expect(await sent(sender, { ...here4, port: port === 65535 ? 1 : port + 1 })).toBeNull();
  });

  test('of IPv6 takes IPv4 too, unless it was told not to', async () => {
    const { host, udp, sent } = await watchedHost();
    const both = await host.nameOf(await udp(any6));
    const only = await host.nameOf(await udp(any6, [['IPPROTO_IPV6', 'IPV6_V6ONLY']]));
    const [four, six] = [await udp(here4), await udp(here6)];
    expect(await sent(four, to4(both))).toBe(1);
    expect(await sent(six, to6(both))).toBe(1);
    expect(await sent(six, { ...any6, port: to6(both).port })).toBe(1);
    expect(await sent(four, to4(only))).toBeNull();
    expect(await sent(six, to6(only))).toBe(2);
  });

  test('is at its address before one that is at every address', async () => {
    const { host, udp, sent } = await watchedHost();
    const reuse: [string, string][] = [['SOL_SOCKET', 'SO_REUSEADDR']];
    const { port } = (await host.nameOf(await udp(any4, reuse))) as { port: number };
    const exact = await udp({ ...here4, port }, reuse);
    const sender = await udp(here4);
    expect(await sent(sender, { ...here4, port })).toBe(2);
    expect(await host.call('recv', exact, any, 100, n('MSG_DONTWAIT'))).toMatchObject({ result: 5 });
    expect(await sent(sender, { ...here4, address: '127.0.0.2', port })).toBe(1);
    // Either may have sent what has this source.
    await sent(exact, await host.nameOf(sender));
    expect((await host.call('recvfrom', sender, any, 100)).peerId).toBeNull();
  });

  test('is not the socket that was at every address before it was connected elsewhere', async () => {
    const host = TestHost.start();
    const udp = () => host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
    const [moved, other, sender] = [await udp(), await udp(), await udp()];
    await host.ok('bind', moved, any4);
    const address = to4(await host.nameOf(moved));
    await host.ok('bind', other, here4);
    await host.ok('connect', moved, await host.nameOf(other));
    expect(await host.call('sendto', sender, data('x'), 1, 0, address)).toMatchObject({
      result: 1,
      peerId: null,
    });
    expect(await host.call('recv', moved, any, 10, n('MSG_DONTWAIT'))).toMatchObject({ errno: 'EAGAIN' });
  });

  test('is none of UDP-Lite, which has ports of its own', async () => {
    const { host, sent, udp } = await watchedHost();
    const lite = await host.call('socket', n('AF_INET'), n('SOCK_DGRAM'), n('IPPROTO_UDPLITE'));
    if (lite.result === null || lite.result < 0) {
      // A kernel without it.
      return;
    }
    await host.ok('bind', lite.result, here4);
    expect(await sent(await udp(), await host.nameOf(lite.result))).toBeNull();
  });

  test('stays unknown where one of the two is bound to another device', async () => {
    const { host, sent, udp } = await watchedHost();
    const device = Object.keys(networkInterfaces()).find((name) => name !== 'lo');
    if (device === undefined) {
      return;
    }
    const bind = async (name: string) => {
      const fd = await udp();
      await host.ok('setsockopt', fd, n('SOL_SOCKET'), n('SO_BINDTODEVICE'), data(`${name}\0`));
      await host.ok('bind', fd, any4);
      return to4(await host.nameOf(fd));
    };
    const sender = await udp();
    expect(await sent(sender, await bind('lo'))).toBe(2);
    // It does not hear this one.
    expect(await sent(sender, await bind(device))).toBeNull();
  });

  test('stays unknown where two sockets have one address', async () => {
    const { host, udp, sent } = await watchedHost();
    const reuse: [string, string][] = [['SOL_SOCKET', 'SO_REUSEPORT']];
    const { port } = (await host.nameOf(await udp(any4, reuse))) as { port: number };
    await udp({ ...any4, port }, reuse);
    expect(await sent(await udp(), { ...here4, port })).toBeNull();
  });

  test('hears only the one that it is connected to', async () => {
    const { host, udp, sent } = await watchedHost();
    const reuse: [string, string][] = [['SOL_SOCKET', 'SO_REUSEADDR']];
    const server = await udp(here4, reuse);
    const address = await host.nameOf(server);
    const [one, two] = [await udp(here4), await udp(here4)];
    const own = await udp(address, reuse);
    await host.ok('connect', own, await host.nameOf(one));
    expect(await sent(one, address)).toBe(4);
    expect(await sent(two, address)).toBe(1);
    expect(await host.call('recv', own, any, 100, n('MSG_DONTWAIT'))).toMatchObject({ result: 5 });
    expect(await host.call('recv', server, any, 100, n('MSG_DONTWAIT'))).toMatchObject({ result: 5 });
  });
});
