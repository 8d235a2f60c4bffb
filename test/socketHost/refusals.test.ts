import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Value } from '../../src/common/call.js';
import type { CallRequest } from '../../src/common/protocol/socketHost.js';
import type { SocketAddress } from '../../src/common/socket.js';
import type { CallName } from '../../src/common/tables/signatures.js';
import { any, data, loopback, loopback6, n, TestHost, unixPath, text } from './testHost.js';

const inet = (address: string, port = 0): SocketAddress => ({ family: 'AF_INET', address, port });

describe('refused before the kernel is asked', () => {
  test('descriptors that are no int', async () => {
    const host = TestHost.start();
    await host.process.start();
    for (const fd of [NaN, Infinity, 1.5, 2 ** 53, 2 ** 32 + 1, -(2 ** 31) - 1, null, any]) {
      expect(await host.refused('listen', fd, 5)).toMatchObject({ reason: 'invalid', argument: 0 });
    }
  });

  test('descriptors of the host’s own', async () => {
    const host = TestHost.start();
    const user = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    const own = readdirSync(`/proc/${host.pid}/fd`)
      .map(Number)
      .filter((fd) => fd !== user);
    expect(own.length).toBeGreaterThan(10);
    for (const fd of own) {
      expect(await host.refused('close', fd)).toMatchObject({ reason: 'own-descriptor', argument: 0 });
    }
    expect(await host.ok('close', user)).toBe(0);
    expect(host.descriptorCount).toBe(own.length);
  });

  test('ports, addresses and names that are none', async () => {
    const host = TestHost.start();
    const fd = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    for (const port of [65536, -1, NaN, 1.5, Infinity]) {
      expect(await host.refused('bind', fd, inet('127.0.0.1', port))).toMatchObject({
        reason: 'invalid',
        argument: 1,
      });
    }
    for (const address of ['127.0.0.256', '127.1', 'localhost', '', '127.0.0.1\0', '::1']) {
      const { message } = await host.refused('connect', fd, inet(address));
      expect(message).toContain('IPv4');
    }
    for (const scopeId of ['no-such-interface', 2 ** 32, 'lo\0']) {
      expect((await host.refused('bind', fd, { ...loopback6, scopeId } as SocketAddress)).argument).toBe(1);
    }
    const nul: SocketAddress = {
      family: 'AF_UNIX',
      name: new Uint8Array([0x61, 0, 0x62]),
      isAbstract: false,
    };
    expect((await host.refused('bind', fd, nul)).argument).toBe(1);
    expect((await host.refused('bind', fd, { family: 'AF_INET' } as SocketAddress)).argument).toBe(1);
    expect(await host.ok('bind', fd, loopback)).toBe(0);
  });

  test('lengths beyond the data or the cap', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    expect(await host.refused('send', client, data('abc'), 4)).toMatchObject({
      argument: 2,
      reason: 'limit',
    });
    expect((await host.refused('send', client, data('abc'), 4)).message).toContain('3');
    expect(await host.refused('recv', peer, any, 10 ** 9)).toMatchObject({ argument: 2, reason: 'limit' });
    expect((await host.refused('recv', peer, any, 10 ** 9)).message).toContain(String(64 << 20));
    for (const length of [1.5, NaN, 2n ** 64n]) {
      expect(await host.refused('recv', peer, any, length)).toMatchObject({ argument: 2 });
    }
    expect(
      await host.refused('getsockopt', client, 1, 2, any, { kind: 'inout', value: 2 ** 30, result: null }),
    ).toMatchObject({
      argument: 4,
      reason: 'limit',
    });
    // Entries are no bytes.
    const entry: Value = { kind: 'struct', fields: [{ name: 'fd', value: client }] };
    const refused = await host.refused('poll', { kind: 'list', items: [entry] }, 2, 0);
    expect(refused).toMatchObject({ argument: 1, message: 'nfds is at most 1 here, not 2.' });
    expect(await host.refused('setsockopt', client, 1, 2, 1, 2 ** 30)).toMatchObject({
      argument: 4,
      reason: 'limit',
    });
    expect(await host.ok('send', client, data('abc'), 2)).toBe(2);
  });

  test('negative lengths that the kernel would cut to one beyond the buffer; it refuses those of read and write itself', async () => {
    const host = TestHost.start();
    const { peer: reader, client: writer } = await host.tcpPair();
    await host.ok('send', writer, data('abc'));
    for (const length of [-1, -(2 ** 40), 2n ** 64n - 1n]) {
      const refused = await host.refused('recv', reader, any, length);
      expect(refused).toMatchObject({ argument: 2, reason: 'limit' });
      expect(refused.message).toContain(`is ${BigInt.asUintN(64, BigInt(length))} for the kernel`);
      expect(await host.refused('send', writer, data('abc'), length)).toMatchObject({
        argument: 2,
        reason: 'limit',
      });
      expect(await host.call('read', reader, any, length)).toMatchObject({
        errno: 'EFAULT',
        args: [reader, any, BigInt.asUintN(64, BigInt(length))],
      });
      expect(await host.fails('write', writer, data('abc'), length)).toBe('EFAULT');
      expect(await host.fails('write', -1, data('abc'), length)).toBe('EBADF');
    }
    expect(text(await host.call('recv', reader, any, 10))).toBe('abc');
  });

  test('arguments of another kind, too many and too few', async () => {
    const host = TestHost.start();
    const fd = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    expect((await host.refused('bind', fd, 5)).argument).toBe(1);
    expect((await host.refused('send', fd, 5)).argument).toBe(1);
    expect(
      (await host.refused('send', fd, { kind: 'data', bytes: new Uint8Array(1), length: 2 })).argument,
    ).toBe(1);
    expect((await host.refused('listen', fd)).argument).toBe(1);
    expect((await host.refused('listen', fd, 5, 6)).argument).toBe(2);
    expect((await host.refused('socket', n('AF_INET'), 1.5)).argument).toBe(1);
    expect((await host.refused('setsockopt', fd, 1, 2, loopback)).argument).toBe(3);
    for (const value of [NaN, 1.5, Infinity]) {
      const list = { kind: 'list' as const, items: [value] };
      expect((await host.refused('setsockopt', fd, 1, 2, value)).argument).toBe(3);
      expect((await host.refused('setsockopt', fd, 1, 2, list)).argument).toBe(3);
    }
  });

  test('calls that the host does not make', async () => {
    const host = TestHost.start();
    expect(await host.refused('constructor' as 'bind')).toMatchObject({ reason: 'unsupported' });
  });

  test('refused calls leave no record', async () => {
    const host = TestHost.start();
    await host.refused('close', NaN);
    expect(await host.call('socket', n('AF_INET'), n('SOCK_STREAM'), 0)).toMatchObject({ seq: 1 });
  });
});

describe('with loopback only', () => {
  const refused = (host: TestHost, name: 'bind' | 'connect', fd: number, address: SocketAddress) =>
    host.refusedRequest({ call: { name, args: [fd, address] }, loopbackOnly: true });

  test('addresses that others can reach are refused', async () => {
    const host = TestHost.start();
    const fd = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    const raw: SocketAddress = {
      family: 'raw',
      bytes: new Uint8Array([2, 0, 0, 80, 10, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0]),
    };
    const short: SocketAddress = { family: 'raw', bytes: new Uint8Array([2, 0, 0, 80]) };
    for (const address of [
      inet('0.0.0.0'),
      inet('10.1.2.3'),
      { ...loopback6, address: '::' } as SocketAddress,
      raw,
    ]) {
      expect(await refused(host, 'bind', fd, address)).toMatchObject({ reason: 'not-loopback', argument: 1 });
    }
    // With a length that covers it, the zeros behind a short structure are an address: every interface.
    expect(
      await host.refusedRequest({ call: { name: 'bind', args: [fd, short, 16] }, loopbackOnly: true }),
    ).toMatchObject({
      reason: 'not-loopback',
    });
    for (const address of [inet('192.0.2.1', 9), { ...loopback6, address: '2001:db8::1' } as SocketAddress]) {
      expect(await refused(host, 'connect', fd, address)).toMatchObject({ reason: 'not-loopback' });
    }
    expect(
      await host.refusedRequest({ call: { name: 'listen', args: [fd, 5] }, loopbackOnly: true }),
    ).toMatchObject({
      reason: 'not-loopback',
    });
  });

  test('bytes that the kernel reads as an Internet address all the same are refused', async () => {
    const host = TestHost.start();
    const hex = (text: string): SocketAddress => ({
      family: 'raw',
      bytes: new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex')),
    });
    const stream = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    const udp = await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
    const udp6 = await host.ok('socket', n('AF_INET6'), n('SOCK_DGRAM'), 0);
    const send = (fd: number, address: SocketAddress): CallRequest => ({
      call: { name: 'sendto', args: [fd, data('x'), 1, 0, address] },
      loopbackOnly: true,
    });
    // AF_UNSPEC is the address of every interface here, and AF_INET there.
    expect(await refused(host, 'bind', stream, hex('0000 0000 00000000 0000000000000000'))).toMatchObject({
      reason: 'not-loopback',
    });
    expect(await host.refusedRequest(send(udp, hex('0000 0035 c0000201 0000000000000000')))).toMatchObject({
      reason: 'not-loopback',
      argument: 4,
    });
    expect(
      await host.refusedRequest(send(udp6, hex('0000 0035 7f000001 20010db8000000000000000000000001'))),
    ).toMatchObject({ reason: 'not-loopback' });
    // A sockaddr_in6 without its scope.
    const short = hex('0a00 0035 00000000 20010db8000000000000000000000001');
    expect(await host.refusedRequest(send(udp6, short))).toMatchObject({ reason: 'not-loopback' });
    expect(await refused(host, 'connect', udp6, short)).toMatchObject({ reason: 'not-loopback' });
    expect(await refused(host, 'bind', udp6, hex(`0a00 0000 00000000 ${'00'.repeat(16)}`))).toMatchObject({
      reason: 'not-loopback',
    });
  });

  test('a connection is dissolved', async () => {
    const host = TestHost.start();
    const udp = await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
    await host.ok('connect', udp, inet('127.0.0.1', 9));
    const unspecified: SocketAddress = { family: 'raw', bytes: new Uint8Array(16) };
    expect(
      await host.request({ call: { name: 'connect', args: [udp, unspecified] }, loopbackOnly: true }),
    ).toMatchObject({ result: 0 });
    expect(await host.fails('getpeername', udp)).toBe('ENOTCONN');
  });

  test('options and sockets that get round addresses are refused', async () => {
    const host = TestHost.start();
    const udp = await host.ok('socket', n('AF_INET6'), n('SOCK_DGRAM'), 0);
    const set = (level: string, name: string, value: Value): CallRequest => ({
      call: { name: 'setsockopt', args: [udp, n(level), n(name), value] },
      loopbackOnly: true,
    });
    for (const [level, name] of [
      ['SOL_SOCKET', 'SO_BINDTODEVICE'],
      ['SOL_SOCKET', 'SO_BINDTOIFINDEX'],
      ['IPPROTO_IP', 'IP_ADD_MEMBERSHIP'],
      ['IPPROTO_IP', 'IP_MULTICAST_IF'],
      ['IPPROTO_IP', 'IP_OPTIONS'],
      ['IPPROTO_IPV6', 'IPV6_ADD_MEMBERSHIP'],
      ['IPPROTO_IPV6', 'IPV6_JOIN_GROUP'],
    ] as const) {
      expect(await host.refusedRequest(set(level, name, data('')))).toMatchObject({
        reason: 'not-loopback',
        argument: 2,
      });
    }
    expect(await host.request(set('IPPROTO_IP', 'IP_TTL', 3))).toMatchObject({ result: 0 });
    for (const args of [
      [n('AF_PACKET'), n('SOCK_RAW'), 0x300],
      [n('AF_PACKET'), 10, 0],
      [n('AF_INET'), 10, 0],
    ]) {
      expect(await host.refusedRequest({ call: { name: 'socket', args }, loopbackOnly: true })).toMatchObject(
        { reason: 'not-loopback', argument: 0 },
      );
    }
  });

  test('multicast by lo only is allowed, and only while it stays there', async () => {
    const host = TestHost.start();
    const make = (domain: string) => host.ok('socket', n(domain), n('SOCK_DGRAM'), 0);
    const request = (name: CallName, ...args: Value[]) =>
      host.request({ call: { name, args }, loopbackOnly: true });
    const refusedCall = async (name: CallName, ...args: Value[]) =>
      (await host.refusedRequest({ call: { name, args }, loopbackOnly: true })).reason;
    const group = inet('239.192.0.77', 0);
    const ip = n('IPPROTO_IP');
    const join = data(Uint8Array.of(239, 192, 0, 77, 127, 0, 0, 1));
    const joinElsewhere = data(Uint8Array.of(239, 192, 0, 77, 0, 0, 0, 0));

    const receiver = await make('AF_INET');
    expect(await refusedCall('bind', receiver, group)).toBe('not-loopback');
    await request('setsockopt', receiver, ip, n('IP_MULTICAST_ALL'), 0);
    expect(await request('bind', receiver, group)).toMatchObject({ result: 0 });
    expect(await refusedCall('setsockopt', receiver, ip, n('IP_MULTICAST_ALL'), 1)).toBe('not-loopback');
    expect(await refusedCall('setsockopt', receiver, ip, n('IP_ADD_MEMBERSHIP'), joinElsewhere)).toBe(
      'not-loopback',
    );
    // With the index of an interface the address does not count.
    const byIndex = data(Uint8Array.of(239, 192, 0, 77, 127, 0, 0, 1, 2, 0, 0, 0));
    expect(await refusedCall('setsockopt', receiver, ip, n('IP_ADD_MEMBERSHIP'), byIndex)).toBe(
      'not-loopback',
    );
    expect(await request('setsockopt', receiver, ip, n('IP_ADD_MEMBERSHIP'), join)).toMatchObject({
      result: 0,
    });

    const sender = await make('AF_INET');
    const address = await host.nameOf(receiver);
    const send = ['sendto', sender, data('x'), 1, 0, address] as const;
    expect(await refusedCall(...send)).toBe('not-loopback');
    await request('setsockopt', sender, ip, n('IP_MULTICAST_IF'), data(Uint8Array.of(127, 0, 0, 1)));
    expect(await request(...send)).toMatchObject({ result: 1 });
    expect(await host.call('recv', receiver, any, 10)).toMatchObject({ result: 1 });
    expect(await refusedCall('setsockopt', sender, ip, n('IP_MULTICAST_IF'), data(new Uint8Array(4)))).toBe(
      'not-loopback',
    );
    // Allowed by the person it leaves, and from then on the address is asked about again.
    await host.ok('setsockopt', sender, ip, n('IP_MULTICAST_IF'), data(new Uint8Array(4)));
    expect(await refusedCall(...send)).toBe('not-loopback');

    const sender6 = await make('AF_INET6');
    const to = (scopeId: number): SocketAddress =>
      ({ ...loopback6, address: 'ff12::77', port: 9, scopeId }) as SocketAddress;
    const send6 = (scopeId: number) => ['sendto', sender6, data('x'), 1, 0, to(scopeId)] as const;
    expect(await refusedCall(...send6(1))).toBe('not-loopback');
    await request('setsockopt', sender6, n('IPPROTO_IPV6'), n('IPV6_MULTICAST_IF'), 1);
    expect(await refusedCall(...send6(2))).toBe('not-loopback');
    expect((await request(...send6(1))).status).toBe('returned');
  });

  test.runIf(process.geteuid?.() === 0)('a packet socket may be bound to lo', async () => {
    const host = TestHost.start();
    const request = (name: CallName, ...args: Value[]) =>
      host.request({ call: { name, args }, loopbackOnly: true });
    const packet = (await request('socket', n('AF_PACKET'), n('SOCK_DGRAM'), 0)).result!;
    const on = (name: string | number): SocketAddress => ({
      family: 'AF_PACKET',
      interface: name,
      protocol: 'ETH_P_ALL',
    });
    // Sending, the kernel looks at the interface whatever the family says.
    const disguised: SocketAddress = {
      family: 'raw',
      bytes: Uint8Array.of(1, 0, 0, 8, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    };
    for (const call of [
      { name: 'bind' as const, args: [packet, on(0)] },
      { name: 'bind' as const, args: [packet, on(2)] },
      { name: 'sendto' as const, args: [packet, data('x'), 1, 0, disguised] },
      {
        name: 'setsockopt' as const,
        args: [
          packet,
          n('SOL_PACKET'),
          1,
          data(Uint8Array.of(2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
        ],
      },
    ]) {
      expect(await host.refusedRequest({ call, loopbackOnly: true })).toMatchObject({
        reason: 'not-loopback',
      });
    }
    expect(await request('bind', packet, on('lo'))).toMatchObject({ result: 0 });
    const udp = await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
    await host.ok('sendto', udp, data('seen'), 4, 0, inet('127.0.0.1', 9));
    expect(await host.call('recv', packet, any, 100)).toMatchObject({ status: 'returned', errno: null });
  });

  test('this machine’s own are not', async () => {
    const host = TestHost.start();
    const make = () => host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    const request = (
      name: 'bind' | 'connect' | 'listen',
      ...args: Parameters<TestHost['call']> extends [unknown, ...infer A] ? A : never
    ) => host.request({ call: { name, args }, loopbackOnly: true });
    const server = await make();
    expect(await request('bind', server, inet('127.1.2.3'))).toMatchObject({ result: 0 });
    expect(await request('listen', server, 5)).toMatchObject({ result: 0 });
    expect(await request('connect', await make(), await host.nameOf(server))).toMatchObject({ result: 0 });
    expect(await request('connect', await make(), inet('0.0.0.0', 9))).toMatchObject({
      errno: 'ECONNREFUSED',
    });
    const unix = await host.ok('socket', n('AF_UNIX'), n('SOCK_STREAM'), 0);
    expect(await request('connect', unix, unixPath('/nowhere'))).toMatchObject({ errno: 'ENOENT' });
    const mapped: SocketAddress = { ...loopback6, address: '::ffff:127.0.0.1' } as SocketAddress;
    const v6 = await host.ok('socket', n('AF_INET6'), n('SOCK_STREAM'), 0);
    expect(await request('bind', v6, mapped)).toMatchObject({ result: 0 });
  });
});
