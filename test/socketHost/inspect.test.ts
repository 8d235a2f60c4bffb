import { describe, expect, test } from 'vitest';
import { any, data, loopback, n, TestHost } from './testHost.js';

const everyLevel = ['SOL_SOCKET', 'IPPROTO_TCP', 'IPPROTO_UDP', 'IPPROTO_IP', 'IPPROTO_IPV6', 'SOL_NETLINK'];

async function inspected(host: TestHost, socketId: number, levels: string[] = everyLevel) {
  const inspection = await host.process.inspect({ socketId, levels });
  if (!inspection) {
    throw new Error('The socket is gone.');
  }
  const options = inspection.levels.flatMap((reading) => reading.options ?? []);
  return { inspection, options, option: (name: string) => options.find((row) => row.name === name) };
}

/** The number that getsockopt gives of an option of SOL_SOCKET. */
async function optionOf(host: TestHost, fd: number, name: string): Promise<unknown> {
  const { args } = await host.call('getsockopt', fd, n('SOL_SOCKET'), n(name));
  return (args[3] as { items: unknown[] }).items[0];
}

describe('inspect', () => {
  test('asks everything about a TCP socket', async () => {
    const host = TestHost.start();
    const { client } = await host.tcpPair();
    await host.ok('setsockopt', client, n('SOL_SOCKET'), n('SO_PRIORITY'), 3);
    const { inspection, options, option } = await inspected(host, 2);
    expect(inspection).toMatchObject({
      pid: host.pid,
      uid: process.getuid?.(),
      flags: ['O_RDWR'],
      kernelDomain: 'AF_INET',
      kernelType: 'SOCK_STREAM',
      kernelProtocol: 'IPPROTO_TCP',
      socket: { id: 2, tcpState: 'ESTABLISHED', peerId: 3 },
      mark: 0,
      unsentQueue: 0,
      peer: null,
      tcpInfo: { tcpi_state: 1, tcpi_ca_state: 0, tcpi_backoff: 0 },
    });
    expect(inspection.inode).toBeGreaterThan(0);
    expect(inspection.receiveBuffer).toBeGreaterThan(0);
    expect(inspection.memory['SNDBUF']).toBe(inspection.sendBuffer);
    expect(inspection.cookie).toBe(BigInt((await optionOf(host, client, 'SO_COOKIE')) as number));
    expect(inspection.congestion).toMatch(/^[a-z0-9]+$/);
    expect(inspection.levels.map(({ level }) => level)).toEqual(['SOL_SOCKET', 'IPPROTO_TCP', 'IPPROTO_IP']);
    expect(option('TCP_NODELAY')).toEqual({
      name: 'TCP_NODELAY',
      text: '0',
      value: 0,
      meaning: null,
      errno: null,
    });
    expect(option('SO_PRIORITY')!.value).toBe(3);
    expect(option('SO_TYPE')).toMatchObject({ value: 1, meaning: 'SOCK_STREAM' });
    expect(option('SO_PROTOCOL')).toMatchObject({ value: 6, meaning: 'IPPROTO_TCP' });
    expect(option('SO_LINGER')).toMatchObject({ text: '{l_onoff=0, l_linger=0}', value: null });
    expect(option('TCP_CONGESTION')!.text).toMatch(/^"[a-z0-9]+/);
    expect(option('SO_ERROR')).toBeUndefined();
    for (const row of options) {
      expect(row.text === null, row.name).toBe(row.errno !== null);
    }
  });

  test('gives all of TCP_INFO that the kernel has', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    await host.ok('send', client, data('Hello'));
    await host.call('recv', peer, any, 5);
    const { inspection } = await inspected(host, 3);
    expect(inspection.tcpInfo).toMatchObject({ tcpi_bytes_received: 5, tcpi_data_segs_in: 1 });
    const record = await host.call('getsockopt', peer, n('IPPROTO_TCP'), n('TCP_INFO'));
    const { fields } = record.args[3] as { fields: { name: string }[] };
    const named = fields.map(({ name }) => name).filter((name) => name !== 'rest');
    expect(Object.keys(inspection.tcpInfo!)).toEqual(named);
    expect(named.length).toBeGreaterThan(50);
  });

  test('counts what was never sent', async () => {
    const host = TestHost.start();
    const { client } = await host.tcpPair();
    const sent = await host.ok('send', client, data(new Uint8Array(8 << 20)), 8 << 20, n('MSG_DONTWAIT'));
    const { inspection } = await inspected(host, 2);
    const { unsentQueue, socket } = inspection;
    expect(unsentQueue).toBeGreaterThan(0);
    expect(unsentQueue).toBeLessThanOrEqual(socket.sendQueue!);
    expect(socket.sendQueue).toBeLessThanOrEqual(sent);
  });

  test('reads the options of the levels that were asked for, and no others', async () => {
    const host = TestHost.start();
    await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    const { inspection } = await inspected(host, 1, ['IPPROTO_IP']);
    expect(inspection.levels.map(({ level, options }) => [level, options !== null])).toEqual([
      ['SOL_SOCKET', false],
      ['IPPROTO_TCP', false],
      ['IPPROTO_IP', true],
    ]);
    const none = await host.process.inspect({ socketId: 1 });
    expect(none!.levels.every(({ options }) => options === null)).toBe(true);
  });

  test('does not take a pending error away', async () => {
    const host = TestHost.start();
    const quiet = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    await host.ok('bind', quiet, loopback);
    const client = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM') | n('SOCK_NONBLOCK'), 0);
    await host.fails('connect', client, await host.nameOf(quiet));
    await inspected(host, 2);
    expect(await host.fails('recv', client, any, 1)).toBe('ECONNREFUSED');
  });

  test('opens no descriptor', async () => {
    const host = TestHost.start();
    await host.unixPair('SOCK_STREAM');
    // The first look keeps a netlink socket, by which Unix sockets know their other end.
    await inspected(host, 2);
    const before = host.descriptorCount;
    await inspected(host, 2);
    expect(host.descriptorCount).toBe(before);
  });

  test.each([
    ['AF_INET6', 'SOCK_STREAM', 'IPV6_V6ONLY', ['SOL_SOCKET', 'IPPROTO_TCP', 'IPPROTO_IPV6', 'IPPROTO_IP']],
    ['AF_INET', 'SOCK_DGRAM', 'IP_TTL', ['SOL_SOCKET', 'IPPROTO_UDP', 'IPPROTO_IP']],
    ['AF_UNIX', 'SOCK_SEQPACKET', 'SO_RCVBUF', ['SOL_SOCKET']],
    ['AF_NETLINK', 'SOCK_RAW', 'NETLINK_LIST_MEMBERSHIPS', ['SOL_SOCKET', 'SOL_NETLINK']],
  ])('%s %s has its options', async (domain, type, name, levels) => {
    const host = TestHost.start();
    await host.ok('socket', n(domain), n(type), 0);
    const { inspection, option } = await inspected(host, 1);
    expect(option(name)!.errno).toBeNull();
    expect(inspection.kernelType).toBe(type);
    expect(inspection.levels.map(({ level }) => level)).toEqual(levels);
  });

  test('says of UDP and Unix sockets only what is true of them', async () => {
    const host = TestHost.start();
    await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
    const notTcp = { tcpInfo: null, tcpInfoRest: null, congestion: null, unsentQueue: null };
    expect((await inspected(host, 1)).inspection).toMatchObject({ ...notTcp, peer: null });
    await host.unixPair('SOCK_STREAM');
    const credentials = { pid: host.pid, uid: process.getuid?.(), gid: process.getgid?.() };
    // The listener has no peer, whatever credentials it keeps for those who come.
    expect((await inspected(host, 2)).inspection).toMatchObject({ ...notTcp, peer: null });
    expect((await inspected(host, 3)).inspection).toMatchObject({ ...notTcp, peer: credentials });
  });

  test('of a socket that is gone is null', async () => {
    const host = TestHost.start();
    await host.ok('close', await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0));
    expect(await host.process.inspect({ socketId: 1 })).toBeNull();
    expect(await host.process.inspect({ socketId: 99 })).toBeNull();
  });
});
