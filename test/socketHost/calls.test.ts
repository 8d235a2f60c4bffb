import { describe, expect, test } from 'vitest';
import type { SocketAddress } from '../../src/common/socket.js';
import { unmetNeed } from '../../src/playground/needs.js';
import { tempDir, untilTestEnds } from '../support/disposal.js';
import {
  abstract,
  any,
  data,
  flags,
  inOut,
  loopback,
  loopback6,
  n,
  TestHost,
  text,
  unixPath,
} from './testHost.js';

test('a datagram socket is bound as soon as the kernel has told the port that sendto chose', async () => {
  const host = TestHost.start();
  const [receiver, sender] = [
    await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0),
    await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0),
  ];
  await host.ok('bind', receiver, loopback);
  const state = () => host.sockets.get(2)?.state;
  await host.nameOf(sender);
  await host.until('the port 0', () => host.sockets.get(2)?.local != null);
  expect(state()).toBe('open');
  await host.ok('sendto', sender, data('x'), 1, 0, await host.nameOf(receiver));
  await host.nameOf(sender);
  await host.until('its port', () => state() === 'bound');
});

describe('a TCP connection', () => {
  test('is made, used and closed one call at a time', async () => {
    const host = TestHost.start();
    const server = await host.call('socket', n('AF_INET'), n('SOCK_STREAM'));
    expect(server).toMatchObject({
      seq: 1,
      args: [2, 1, 0],
      errno: null,
      fd: null,
      createdIds: [1],
      status: 'returned',
    });
    const fd = server.result!;
    expect(await host.call('bind', fd, loopback)).toMatchObject({
      result: 0,
      args: [fd, loopback, 16],
      fd,
      socketId: 1,
    });
    expect(await host.call('listen', fd, 5)).toMatchObject({ result: 0, args: [fd, 5] });
    const name = await host.call('getsockname', fd);
    expect(name).toMatchObject({
      result: 0,
      args: [fd, { family: 'AF_INET', address: '127.0.0.1' }, { kind: 'inout', value: 128, result: 16 }],
    });
    const client = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    expect(await host.ok('connect', client, name.args[1]!)).toBe(0);
    const accepted = await host.call('accept', fd);
    expect(accepted).toMatchObject({ socketId: 1, createdIds: [3], hasWaited: false });
    expect(accepted.args[1]).toEqual(await host.nameOf(client));
    const peer = accepted.result!;

    const sent = await host.call('send', client, data('Hello'));
    expect(sent).toMatchObject({
      result: 5,
      args: [client, { kind: 'data', length: 5 }, 5, 0],
      payload: { direction: 'out', length: 5, captured: 5, offset: 0 },
    });
    const received = await host.call('recv', peer, any, 1024, 0);
    expect(text(received)).toBe('Hello');
    expect(received).toMatchObject({
      result: 5,
      payload: { direction: 'in', length: 5, captured: 5, offset: 0 },
    });
    expect(await host.ok('getpeername', client)).toBe(0);
    expect(await host.ok('shutdown', client, n('SHUT_WR'))).toBe(0);
    expect(await host.call('recv', peer, any, 10)).toMatchObject({
      result: 0,
      args: [peer, { kind: 'data', length: 0 }, 10, 0],
      payload: { length: 0, offset: 5 },
    });
    for (const end of [client, peer, fd]) {
      expect(await host.ok('close', end)).toBe(0);
    }
    expect(await host.fails('send', client, data('x'))).toBe('EBADF');
  });

  test('records the times in order, within the clock', async () => {
    const host = TestHost.start();
    const before = Number(process.hrtime.bigint() - host.process.originNs);
    const record = await host.call('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    const after = Number(process.hrtime.bigint() - host.process.originNs);
    expect(record.startNs).toBeGreaterThanOrEqual(before);
    expect(record.endNs!).toBeGreaterThan(record.startNs);
    expect(record.endNs!).toBeLessThanOrEqual(after);
  });

  test('is made by sendto with MSG_FASTOPEN', async () => {
    const host = TestHost.start();
    const { fd, address } = await host.listener();
    const client = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    expect(await host.ok('sendto', client, data('early'), 5, n('MSG_FASTOPEN'), address)).toBe(5);
    expect(text(await host.call('recv', await host.ok('accept', fd), any, 10))).toBe('early');
  });

  test.skipIf(unmetNeed(['ipv6']))('of IPv6', async () => {
    const host = TestHost.start();
    const server = await host.ok('socket', n('AF_INET6'), n('SOCK_STREAM'), 0);
    await host.ok('bind', server, loopback6);
    await host.ok('listen', server, 1);
    const address = await host.nameOf(server);
    expect(address).toMatchObject({ family: 'AF_INET6', address: '::1' });
    const client = await host.ok('socket', n('AF_INET6'), n('SOCK_STREAM'), 0);
    await host.ok('connect', client, address);
    const { args } = await host.call('accept', server);
    expect(args[1]).toEqual(await host.nameOf(client));
  });

  test('accept4 gives the user’s SOCK_NONBLOCK', async () => {
    const host = TestHost.start();
    const { fd, address } = await host.listener();
    const client = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    await host.ok('connect', client, address);
    const accepted = await host.call('accept4', fd, null, null, n('SOCK_NONBLOCK'));
    expect(accepted.args).toEqual([fd, null, null, n('SOCK_NONBLOCK')]);
    expect(await host.fails('recv', accepted.result, any, 10)).toBe('EAGAIN');
    expect(await host.fails('accept4', fd, null, null, 1)).toBe('EINVAL');
  });
});

describe('datagrams', () => {
  test('over UDP, to and from an address', async () => {
    const host = TestHost.start();
    const [a, b] = [
      await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM')),
      await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM')),
    ];
    await host.ok('bind', a, loopback);
    await host.ok('bind', b, loopback);
    const [addressA, addressB] = [await host.nameOf(a), await host.nameOf(b)];
    const sent = await host.call('sendto', a, data('ping'), 4, 0, addressB);
    expect(sent).toMatchObject({
      result: 4,
      args: [a, { length: 4 }, 4, 0, addressB, 16],
      peerId: 2,
      payload: { offset: null },
    });
    const received = await host.call('recvfrom', b, any, 100);
    expect(received).toMatchObject({
      result: 4,
      args: [b, { length: 4 }, 100, 0, addressA, { value: 128, result: 16 }],
      peerId: 1,
    });
    expect(await host.call('send', await connected(host, a, addressB), data(''))).toMatchObject({
      result: 0,
      peerId: 2,
    });
    expect(await host.call('recv', b, any, 100)).toMatchObject({ result: 0, payload: { length: 0 } });
  });

  test('that are cut keep the count of what was kept', async () => {
    const host = TestHost.start();
    const b = await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'));
    await host.ok('bind', b, loopback);
    const a = await connected(
      host,
      await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM')),
      await host.nameOf(b),
    );
    await host.ok('send', a, data('0123456789'));
    const cut = await host.call('recv', b, any, 4, n('MSG_TRUNC'));
    expect(cut).toMatchObject({
      result: 10,
      args: [b, { length: 4 }, 4, n('MSG_TRUNC')],
      payload: { length: 4, captured: 4 },
    });
    expect(text(cut)).toBe('0123');
  });

  test('of the largest size pass, larger ones fail', async () => {
    const host = TestHost.start();
    const b = await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'));
    await host.ok('bind', b, loopback);
    const a = await connected(
      host,
      await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM')),
      await host.nameOf(b),
    );
    expect(await host.ok('send', a, data(new Uint8Array(65507)))).toBe(65507);
    expect(await host.fails('send', a, data(new Uint8Array(65508)))).toBe('EMSGSIZE');
    expect(await host.ok('recv', b, any, 70_000)).toBe(65507);
  });
});

async function connected(host: TestHost, fd: number, address: SocketAddress): Promise<number> {
  await host.ok('connect', fd, address);
  return fd;
}

describe('AF_UNIX', () => {
  test.each(['SOCK_STREAM', 'SOCK_SEQPACKET'])('%s connects over an abstract name', async (type) => {
    const host = TestHost.start();
    const { client, peer } = await host.unixPair(type);
    await host.ok('send', client, data('one'));
    await host.ok('send', client, data('two'));
    const expected = type === 'SOCK_STREAM' ? 'onetwo' : 'one';
    expect(text(await host.call('recv', peer, any, 100))).toBe(expected);
  });

  test('datagrams name their sender', async () => {
    const host = TestHost.start();
    const name = `sp-test-${process.pid}`;
    const [a, b] = [
      await host.ok('socket', n('AF_UNIX'), n('SOCK_DGRAM')),
      await host.ok('socket', n('AF_UNIX'), n('SOCK_DGRAM')),
    ];
    await host.ok('bind', a, abstract(`${name}-a`));
    await host.ok('bind', b, abstract(`${name}-b`));
    expect((await host.call('sendto', a, data('x'), 1, 0, abstract(`${name}-b`))).args[5]).toBe(
      3 + name.length + 2,
    );
    expect((await host.call('recvfrom', b, any, 10)).args[4]).toEqual(abstract(`${name}-a`));
  });

  test('an unnamed sender writes no address', async () => {
    const host = TestHost.start();
    const name = abstract(`sp-test-unnamed-${process.pid}`);
    const b = await host.ok('socket', n('AF_UNIX'), n('SOCK_DGRAM'));
    await host.ok('bind', b, name);
    const a = await host.ok('socket', n('AF_UNIX'), n('SOCK_DGRAM'));
    await host.ok('sendto', a, data('x'), 1, 0, name);
    expect((await host.call('recvfrom', b, any, 10)).args.slice(4)).toEqual([
      any,
      { kind: 'inout', value: 128, result: 0 },
    ]);
  });

  test('a path of 108 bytes is bound, a longer one is refused by the kernel', async () => {
    const host = TestHost.start();
    const { path } = untilTestEnds(await tempDir());
    const longest = unixPath(path + '/'.padEnd(108 - path.length, 'p'));
    const fd = await host.ok('socket', n('AF_UNIX'), n('SOCK_STREAM'), 0);
    const tooLong = unixPath(path + '/'.padEnd(109 - path.length, 'p'));
    expect((await host.call('bind', fd, tooLong)).errno).toBe('EINVAL');
    expect(await host.call('bind', fd, longest)).toMatchObject({ result: 0, args: [fd, longest, 110] });
    expect((await host.call('getsockname', fd)).args).toEqual([
      fd,
      longest,
      { kind: 'inout', value: 128, result: 111 },
    ]);
  });
});

describe('addresses are passed as written', () => {
  test('a length that is too short, too long or negative gets the kernel’s answer', async () => {
    const host = TestHost.start();
    const fd = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    expect(await host.fails('bind', fd, loopback, 15)).toBe('EINVAL');
    expect(await host.fails('bind', fd, loopback, -1)).toBe('EINVAL');
    expect(await host.fails('bind', fd, loopback, 1_000_000)).toBe('EINVAL');
    expect(
      await host.fails('bind', fd, { family: 'raw', bytes: new Uint8Array([0xff, 0x7f, 0, 0]) }, 16),
    ).toBe('EAFNOSUPPORT');
    expect(await host.fails('bind', fd, null, 16)).toBe('EFAULT');
    expect(await host.ok('bind', fd, loopback, 128)).toBe(0);
  });

  test('value-result lengths', async () => {
    const host = TestHost.start();
    const { fd, address } = await host.listener();
    for (let i = 0; i < 4; i++) {
      const client = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
      await host.ok('connect', client, address);
    }
    const cut = await host.call('accept', fd, any, inOut(4));
    expect(cut.args[1]).toMatchObject({ family: 'raw', bytes: { length: 4 } });
    expect(cut.args[2]).toEqual({ kind: 'inout', value: 4, result: 16 });
    expect((await host.call('accept', fd, any, inOut(2000))).args[2]).toEqual({
      kind: 'inout',
      value: 2000,
      result: 16,
    });
    expect((await host.call('accept', fd, null)).args).toEqual([fd, null, null]);
    expect((await host.call('accept', fd, any, null)).errno).toBe('EFAULT');
    expect(await host.fails('getsockname', fd, any, inOut(-1))).toBe('EINVAL');
  });
});

describe('options', () => {
  test('are set and read with their usual lengths', async () => {
    const host = TestHost.start();
    const fd = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    expect(await host.call('setsockopt', fd, n('SOL_SOCKET'), n('SO_REUSEADDR'), 1)).toMatchObject({
      result: 0,
      args: [fd, 1, n('SO_REUSEADDR'), { kind: 'list', items: [1] }, 4],
    });
    expect((await host.call('getsockopt', fd, n('SOL_SOCKET'), n('SO_REUSEADDR'))).args.slice(3)).toEqual([
      { kind: 'list', items: [1] },
      { kind: 'inout', value: 4, result: 4 },
    ]);
    const linger = {
      kind: 'struct' as const,
      fields: [
        { name: 'l_onoff', value: 1 },
        { name: 'l_linger', value: 7 },
      ],
    };
    await host.ok('setsockopt', fd, n('SOL_SOCKET'), n('SO_LINGER'), linger);
    expect((await host.call('getsockopt', fd, n('SOL_SOCKET'), n('SO_LINGER'))).args[3]).toEqual(linger);
    await host.ok('setsockopt', fd, n('IPPROTO_TCP'), n('TCP_CONGESTION'), data('reno'));
    const { args } = await host.call('getsockopt', fd, n('IPPROTO_TCP'), n('TCP_CONGESTION'));
    expect(Buffer.from((args[3] as { bytes: Uint8Array }).bytes).toString('latin1')).toMatch(/^reno/);
    expect(await host.ok('getsockopt', fd, n('IPPROTO_TCP'), n('TCP_INFO'))).toBe(0);
  });

  test('an explicit length is the kernel’s to judge', async () => {
    const host = TestHost.start();
    const fd = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    const reuse = [fd, n('SOL_SOCKET'), n('SO_REUSEADDR')] as const;
    expect(await host.fails('setsockopt', ...reuse, 1, 0)).toBe('EINVAL');
    expect(await host.fails('setsockopt', ...reuse, null, 4)).toBe('EFAULT');
    expect(await host.ok('setsockopt', ...reuse, 1, 4096)).toBe(0);
    expect((await host.call('getsockopt', ...reuse, any, inOut(1))).args.at(-1)).toEqual({
      kind: 'inout',
      value: 1,
      result: 1,
    });
    expect(await host.fails('getsockopt', ...reuse, any, inOut(-1))).toBe('EINVAL');
    expect(await host.fails('getsockopt', fd, n('SOL_SOCKET'), -1)).toBe('ENOPROTOOPT');
    expect(await host.fails('setsockopt', fd, n('SOL_SOCKET'), 9999, 1)).toBe('ENOPROTOOPT');
  });
});

describe('any number goes to the kernel', () => {
  test('families, types and protocols', async () => {
    const host = TestHost.start();
    expect(await host.fails('socket', 9999, 1, 0)).toBe('EAFNOSUPPORT');
    expect(await host.fails('socket', n('AF_INET'), 7, 0)).toBe('ESOCKTNOSUPPORT');
    expect(await host.fails('socket', n('AF_INET'), n('SOCK_STREAM'), n('IPPROTO_UDP'))).toBe(
      'EPROTONOSUPPORT',
    );
    expect(await host.fails('socket', -1, -1, -1)).toBe('EINVAL');
  });

  test('descriptors that are nobody’s', async () => {
    const host = TestHost.start();
    for (const fd of [-1, 400, 0x7fffffff]) {
      expect(await host.fails('listen', fd, 5)).toBe('EBADF');
      expect(await host.fails('close', fd)).toBe('EBADF');
      expect(await host.fails('recv', fd, any, 10)).toBe('EBADF');
    }
  });

  test('flags', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    await host.ok('send', client, data('ab'), 2, flags('MSG_NOSIGNAL', 'MSG_DONTWAIT'));
    expect(await host.ok('recv', peer, any, 10, n('MSG_PEEK'))).toBe(2);
    expect(await host.call('recv', peer, any, 10, n('MSG_PEEK'))).toMatchObject({
      payload: { offset: null },
    });
    expect(await host.call('recv', peer, any, 10)).toMatchObject({ result: 2, payload: { offset: 0 } });
    expect(await host.fails('recv', peer, any, 10, n('MSG_OOB'))).toBe('EINVAL');
    expect(await host.fails('recv', peer, any, 10, n('MSG_ERRQUEUE'))).toBe('EAGAIN');
  });
});

test('descriptors are the lowest free ones', async () => {
  const host = TestHost.start();
  const make = () => host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
  const [first, second, third] = [await make(), await make(), await make()];
  await host.ok('close', first);
  expect(await host.fails('close', first)).toBe('EBADF');
  expect(await make()).toBe(first);
  expect([second, third]).toEqual([first + 1, first + 2]);
  await host.ok('close', first);
  expect(await make()).toBe(first);
  expect(await make()).toBe(third + 1);
});
