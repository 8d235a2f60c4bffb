import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Value } from '../../src/common/call.js';
import type { CallRequest } from '../../src/common/protocol/socketHost.js';
import type { SocketAddress } from '../../src/common/socket.js';
import { type CallName, signatures } from '../../src/common/tables/signatures.js';
import { isMade } from '../../src/socketHost/calls/table.js';
import { any, data, loopback, loopback6, n, TestHost, unixPath } from './testHost.js';

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
    for (const length of [-1, 1.5, NaN]) {
      expect(await host.refused('recv', peer, any, length)).toMatchObject({ argument: 2, reason: 'invalid' });
    }
    expect(
      await host.refused('getsockopt', client, 1, 2, any, { kind: 'inout', value: 2 ** 30, result: null }),
    ).toMatchObject({
      argument: 4,
      reason: 'limit',
    });
    expect(await host.refused('setsockopt', client, 1, 2, 1, 2 ** 30)).toMatchObject({
      argument: 4,
      reason: 'limit',
    });
    expect(await host.ok('send', client, data('abc'), 2)).toBe(2);
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

  test('the table of signatures says which those are', () => {
    const supported = [...signatures.values()].filter(({ isSupported }) => isSupported);
    expect([...signatures.keys()].filter((name) => isMade(name as CallName))).toEqual(
      supported.map(({ name }) => name),
    );
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
    for (const [domain, type] of [
      [n('AF_PACKET'), n('SOCK_RAW')],
      [n('AF_INET'), 10],
    ] as const) {
      expect(
        await host.refusedRequest({ call: { name: 'socket', args: [domain, type, 0] }, loopbackOnly: true }),
      ).toMatchObject({ reason: 'not-loopback', argument: 0 });
    }
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
