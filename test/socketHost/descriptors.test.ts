import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { ListValue, StructValue, Value } from '../../src/common/call.js';
import type { SocketInfo } from '../../src/common/socket.js';
import { tempDir, untilTestEnds } from '../support/disposal.js';
import { abstract, any, data, flags, loopback, n, TestHost, text, unixPath } from './testHost.js';

/** The two descriptors that a call made. */
async function pair(
  host: TestHost,
  name: 'socketpair' | 'pipe',
  ...args: Value[]
): Promise<[number, number]> {
  const record = await host.call(name, ...args);
  expect(record).toMatchObject({ result: 0, errno: null });
  expect(record.createdIds).toHaveLength(2);
  return (record.args.at(-1) as ListValue).items as [number, number];
}

const unixPair = (host: TestHost, type = 'SOCK_STREAM') => pair(host, 'socketpair', n('AF_UNIX'), n(type), 0);

const byFd = (host: TestHost, fd: number): SocketInfo | undefined =>
  [...host.sockets.values()].find((socket) => socket.fd === fd && socket.state !== 'closed');

async function known(host: TestHost, ...fds: number[]): Promise<SocketInfo[]> {
  await host.until(`fd ${fds.join()}`, () => fds.every((fd) => byFd(host, fd)));
  return fds.map((fd) => byFd(host, fd)!);
}

const struct = (fields: Record<string, Value>): StructValue => ({
  kind: 'struct',
  fields: Object.entries(fields).map(([name, value]) => ({ name, value })),
});
const list = (...items: Value[]): ListValue => ({ kind: 'list', items });

describe('socketpair', () => {
  test.each(['SOCK_STREAM', 'SOCK_DGRAM', 'SOCK_SEQPACKET'])(
    'makes two ends of each other: %s',
    async (type) => {
      const host = TestHost.start();
      const [a, b] = await unixPair(host, type);
      const [first, second] = await known(host, a, b);
      expect(first).toMatchObject({ kind: 'socket', role: 'pair', state: 'connected', peerId: second!.id });
      expect(second).toMatchObject({ domain: 'AF_UNIX', type, peerId: first!.id, sharedWith: [] });
      expect(await host.ok('write', a, data('to b'))).toBe(4);
      expect(text(await host.call('read', b, any, 10))).toBe('to b');
      const send = await host.call('send', b, data('to a'));
      expect(send.peerId).toBe(first!.id);
      expect(await host.call('recv', a, any, 10)).toMatchObject({ result: 4, peerId: second!.id });
    },
  );

  test('has the names of its maker and the bits of the user', async () => {
    const host = TestHost.start();
    const type = flags('SOCK_STREAM', 'SOCK_NONBLOCK', 'SOCK_CLOEXEC');
    const { args } = await host.request({
      call: { name: 'socketpair', args: [n('AF_UNIX'), type, 0] },
      socketName: ['left', 'right'],
    });
    const [a, b] = (args[3] as ListValue).items as number[];
    const [left, right] = await known(host, a!, b!);
    expect(left).toMatchObject({ name: 'left', isNonBlocking: true, isCloseOnExec: true });
    expect(right).toMatchObject({ name: 'right', isNonBlocking: true, isCloseOnExec: true });
    expect(await host.fails('read', a!, any, 1)).toBe('EAGAIN');
  });

  test('is refused by the kernel in its own words, and NULL is EFAULT', async () => {
    const host = TestHost.start();
    expect(await host.fails('socketpair', n('AF_INET'), n('SOCK_STREAM'), 0)).toBe('EOPNOTSUPP');
    const before = host.descriptorCount;
    expect(await host.fails('socketpair', n('AF_UNIX'), n('SOCK_STREAM'), 0, null)).toBe('EFAULT');
    expect(await host.fails('pipe', null)).toBe('EFAULT');
    expect(host.descriptorCount).toBe(before);
  });
});

describe('pipe', () => {
  test('is two descriptors that are no sockets', async () => {
    const host = TestHost.start();
    const [r, w] = await pair(host, 'pipe');
    const [reader, writer] = await known(host, r, w);
    expect(reader).toMatchObject({
      kind: 'pipe',
      role: 'reader',
      domain: null,
      type: null,
      peerId: writer!.id,
    });
    expect(writer).toMatchObject({ kind: 'pipe', role: 'writer', protocol: null, peerId: reader!.id });
    expect(await host.fails('send', w, data('x'))).toBe('ENOTSOCK');
    expect(await host.fails('write', r, data('x'))).toBe('EBADF');
    expect(await host.ok('write', w, data('hello'))).toBe(5);
    await host.process.watch({ socketIds: 'all' });
    await host.until('the queue', () => byFd(host, r)?.receiveQueue === 5);
    expect(text(await host.call('read', r, any, 10))).toBe('hello');
    expect(byFd(host, r)).toMatchObject({ sendQueue: null, local: null, tcpState: null });
    const inspection = await host.process.inspect({ socketId: reader!.id });
    expect(inspection).toMatchObject({ kernelDomain: null, levels: [], flags: ['O_RDONLY'], tcpInfo: null });
  });

  test('a read waits for bytes, and says 0 when nobody can write any more', async () => {
    const host = TestHost.start();
    const [r, w] = await pair(host, 'pipe');
    const read = await host.waits('read', r, any, 10);
    await host.ok('write', w, data('now'));
    expect(text(await read.returned)).toBe('now');
    const last = await host.waits('read', r, any, 10);
    await host.ok('close', w);
    expect(await last.returned).toMatchObject({ result: 0 });
  });

  test('a write goes on until everything is in it, and is short when the reader goes', async () => {
    const host = TestHost.start();
    const [r, w] = await pair(host, 'pipe');
    const size = 1 << 20;
    const write = await host.waits('write', w, data(new Uint8Array(size).fill(1)));
    let read = 0;
    while (read < size / 2) {
      read += await host.ok('read', r, any, 65536);
    }
    await host.ok('close', r);
    const { result, payload } = await write.returned;
    expect(result).toBeGreaterThanOrEqual(read);
    expect(result).toBeLessThan(size);
    expect(payload?.length).toBe(result);
    expect(await host.fails('write', w, data('x'))).toBe('EPIPE');
  });

  test('tells and sets its size', async () => {
    const host = TestHost.start();
    const [r] = await pair(host, 'pipe');
    expect(await host.ok('fcntl', r, n('F_SETPIPE_SZ'), 8192)).toBe(8192);
    expect(await host.ok('fcntl', r, n('F_GETPIPE_SZ'))).toBe(8192);
  });
});

describe('dup', () => {
  test('is another number of the same socket', async () => {
    const host = TestHost.start();
    const [a, b] = await unixPair(host);
    const d = await host.ok('dup', a);
    const [socket, dup, peer] = await known(host, a, d, b);
    expect(dup).toMatchObject({ sharedWith: [socket!.id], state: 'connected', peerId: peer!.id });
    await host.ok('fcntl', d, n('F_SETFL'), n('O_NONBLOCK'));
    expect(await host.fails('recv', a, any, 1)).toBe('EAGAIN');
    await host.ok('fcntl', a, n('F_SETFL'), 0);
    await host.ok('send', d, data('1'));
    await host.ok('send', a, data('2'));
    await host.until(
      'both to have sent',
      () => byFd(host, a)?.bytesSent === 2 && byFd(host, d)?.bytesSent === 2,
    );
    // The connection lives as long as one of them, and the other end keeps its peer.
    await host.ok('close', a);
    await host.until(
      'the rest',
      () => byFd(host, b)?.peerId === dup!.id && byFd(host, d)?.sharedWith.length === 0,
    );
    expect(text(await host.call('recv', b, any, 10))).toBe('12');
    const end = await host.waits('recv', b, any, 10);
    await host.ok('close', d);
    expect(await end.returned).toMatchObject({ result: 0 });
  });

  test('calls that wait on either are served in order', async () => {
    const host = TestHost.start();
    const [a, b] = await unixPair(host, 'SOCK_DGRAM');
    const d = await host.ok('dup', a);
    const first = await host.waits('recv', a, any, 10);
    const second = await host.waits('recv', d, any, 10);
    const third = await host.waits('recv', a, any, 10);
    // A close does not end the waits of its descriptor.
    await host.ok('close', a);
    for (const letter of ['1', '2', '3']) {
      await host.ok('send', b, data(letter));
    }
    const records = await Promise.all([first, second, third].map(({ returned }) => returned));
    expect(records.map(text)).toEqual(['1', '2', '3']);
    expect(await host.fails('recv', a, any, 1)).toBe('EBADF');
  });

  test('shares what was set: time-outs, and a lingering close of the last only', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    const d = await host.ok('dup', client);
    await host.ok(
      'setsockopt',
      client,
      n('SOL_SOCKET'),
      n('SO_RCVTIMEO'),
      struct({ tv_sec: 0, tv_usec: 20_000 }),
    );
    expect(await host.call('recv', d, any, 1)).toMatchObject({ errno: 'EAGAIN', hasWaited: true });
    await host.ok(
      'setsockopt',
      client,
      n('SOL_SOCKET'),
      n('SO_LINGER'),
      struct({ l_onoff: 1, l_linger: 10 }),
    );
    await host.ok('send', client, data(new Uint8Array(32 << 20)), 32 << 20, n('MSG_DONTWAIT'));
    expect(await host.call('close', client)).toMatchObject({ result: 0, hasWaited: false });
    const close = await host.waits('close', d);
    await host.ok('close', peer);
    expect(await close.returned).toMatchObject({ hasWaited: true });
  });

  test('of a listener accepts too', async () => {
    const host = TestHost.start();
    const { fd, address } = await host.listener();
    const d = await host.ok('fcntl', fd, n('F_DUPFD'), 100);
    expect(d).toBe(100);
    await host.ok('close', fd);
    const client = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    await host.ok('connect', client, address);
    const accepted = await host.ok('accept', d);
    const [listener, peer] = await known(host, d, accepted);
    expect(peer!.listenerId).toBe(listener!.id);
    expect(listener).toMatchObject({ state: 'listening', role: 'listener', backlog: 5 });
  });

  test('leaves no descriptor behind', async () => {
    const host = TestHost.start();
    await host.process.start();
    const before = host.descriptorCount;
    const [r, w] = await pair(host, 'pipe');
    const [a, b] = await unixPair(host);
    const all = [r, w, a, await host.ok('dup', r), await host.ok('dup', a), await host.ok('dup', a)];
    const waiting = await host.waits('read', a, any, 1);
    for (const fd of all) {
      await host.ok('close', fd);
    }
    expect(host.descriptorCount).toBe(before + 2);
    await host.process.cancel({ seq: waiting.seq });
    await waiting.returned;
    await host.ok('close', b);
    expect(host.descriptorCount).toBe(before);
  });
});

describe('fcntl', () => {
  test('tells and sets the user’s bits, of each descriptor and of the open file', async () => {
    const host = TestHost.start();
    const fd = await host.ok('socket', n('AF_INET'), flags('SOCK_STREAM', 'SOCK_CLOEXEC'), 0);
    expect(await host.ok('fcntl', fd, n('F_GETFD'))).toBe(1);
    expect(await host.ok('fcntl', fd, n('F_GETFL'))).toBe(n('O_RDWR'));
    const dup = await host.ok('dup', fd);
    expect(await host.ok('fcntl', dup, n('F_GETFD'))).toBe(0);
    const kept = await host.ok('fcntl', fd, n('F_DUPFD_CLOEXEC'), 0);
    expect(await host.ok('fcntl', kept, n('F_GETFD'))).toBe(1);
    await host.ok('fcntl', fd, n('F_SETFD'), 0);
    expect(await host.ok('fcntl', fd, n('F_GETFD'))).toBe(0);
    await host.ok('fcntl', dup, n('F_SETFL'), flags('O_NONBLOCK', 'O_ASYNC'));
    expect(await host.ok('fcntl', fd, n('F_GETFL'))).toBe(flags('O_RDWR', 'O_NONBLOCK', 'O_ASYNC'));
    await host.ok('ioctl', fd, n('FIONBIO'), list(0));
    expect(await host.ok('fcntl', dup, n('F_GETFL'))).toBe(flags('O_RDWR', 'O_ASYNC'));
    await host.ok('ioctl', fd, n('FIOCLEX'));
    expect(await host.ok('fcntl', fd, n('F_GETFD'))).toBe(1);
    await host.ok('ioctl', fd, n('FIONCLEX'));
    expect(await host.ok('fcntl', fd, n('F_GETFD'))).toBe(0);
  });

  test('signals of a socket do not end the host', async () => {
    const host = TestHost.start();
    const [a, b] = await unixPair(host);
    expect(await host.ok('fcntl', a, n('F_GETOWN'))).toBe(0);
    await host.ok('fcntl', a, n('F_SETOWN'), host.pid);
    expect(await host.ok('fcntl', a, n('F_GETOWN'))).toBe(host.pid);
    await host.ok('fcntl', a, n('F_SETFL'), n('O_ASYNC'));
    await host.ok('send', b, data('x'));
    expect(text(await host.call('recv', a, any, 1))).toBe('x');
    expect(await host.refused('fcntl', a, n('F_SETOWN'), process.pid)).toMatchObject({ argument: 2 });
    expect(await host.refused('fcntl', a, n('F_SETSIG'), 9)).toMatchObject({ argument: 2 });
    expect(await host.refused('fcntl', a, n('F_SETSIG'), 64)).toMatchObject({ argument: 2 });
    for (const none of [65, -1]) {
      expect(await host.call('fcntl', a, n('F_SETSIG'), none)).toMatchObject({ errno: 'EINVAL' });
    }
    expect(await host.refused('ioctl', a, n('FIOSETOWN'), list(1))).toMatchObject({ argument: 2 });
  });

  test('takes structures, and no pointers', async () => {
    const host = TestHost.start();
    const fd = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    const lock = struct({ l_type: n('F_WRLCK'), l_whence: 0, l_start: 5, l_len: 10 });
    const told = async (name: string, argument: Value) => {
      const { result, args } = await host.call('fcntl', fd, n(name), argument);
      expect(result).toBe(0);
      return Object.fromEntries(
        (args[2] as StructValue).fields.map(({ name: field, value }) => [field, value]),
      );
    };
    expect(await told('F_GETLK', lock)).toEqual({
      l_type: { kind: 'inout', value: n('F_WRLCK'), result: n('F_UNLCK') },
      l_whence: 0,
      l_start: 5,
      l_len: 10,
      l_pid: 0,
    });
    expect(await told('F_SETLK', lock)).toEqual({ l_type: 1, l_whence: 0, l_start: 5, l_len: 10 });
    const wider = struct({ l_type: n('F_RDLCK'), l_whence: 0, l_start: 0, l_len: 0 });
    expect(await told('F_OFD_GETLK', wider)).toEqual({
      l_type: { kind: 'inout', value: n('F_RDLCK'), result: n('F_WRLCK') },
      l_whence: 0,
      l_start: { kind: 'inout', value: 0, result: 5 },
      l_len: { kind: 'inout', value: 0, result: 10 },
      l_pid: host.pid,
    });
    expect(await host.fails('fcntl', fd, n('F_OFD_SETLK'), wider)).toBe('EAGAIN');
    expect(await host.fails('fcntl', fd, n('F_SETLK'), struct({ l_whence: 7 }))).toBe('EINVAL');
    expect(await host.fails('fcntl', fd, n('F_GETLK'), null)).toBe('EFAULT');
    expect(await host.fails('fcntl', -1, n('F_SETLKW'), lock)).toBe('EBADF');
    for (const wrong of [0x400000, struct({ l_type: 0x10000 }), struct({ nothing: 1 }), data('short')]) {
      expect(await host.refused('fcntl', fd, n('F_SETLK'), wrong)).toMatchObject({ argument: 2 });
    }
    expect(await host.refused('fcntl', fd, 4711, 5)).toMatchObject({ argument: 2 });
    expect(await host.fails('fcntl', fd, 4711)).toBe('EINVAL');
    expect(await host.fails('fcntl', fd, n('F_DUPFD'), -1)).toBe('EINVAL');
  });
});

describe('a lock that another descriptor has', () => {
  test('is waited for, cancelled, and got when it is given up', async () => {
    const host = TestHost.start();
    const [a] = await unixPair(host);
    const lock = struct({ l_type: n('F_WRLCK'), l_whence: 0, l_start: 0, l_len: 0 });
    await host.ok('fcntl', a, n('F_SETLK'), lock);
    const stopped = await host.waits('fcntl', a, n('F_OFD_SETLKW'), lock);
    expect(await host.process.cancel({ seq: stopped.seq })).toBe(true);
    expect(await stopped.returned).toMatchObject({ status: 'cancelled', result: null });
    const waiting = await host.waits('fcntl', a, n('F_OFD_SETLKW'), lock);
    // Readiness is no answer to it, and neither waits the other calls on the socket.
    expect(await host.ok('send', a, data('x'))).toBe(1);
    await host.ok('fcntl', a, n('F_SETLK'), struct({ l_type: n('F_UNLCK') }));
    expect(await waiting.returned).toMatchObject({ status: 'returned', result: 0, hasWaited: true });
    expect(await host.fails('fcntl', a, n('F_SETLK'), lock)).toBe('EAGAIN');
  });
});

describe('the owner of a socket', () => {
  test('is told by kind, and is nobody but the host', async () => {
    const host = TestHost.start();
    const [a] = await unixPair(host);
    const owner = (type: string, pid: number) => struct({ type: n(type), pid });
    await host.ok('fcntl', a, n('F_SETOWN_EX'), owner('F_OWNER_PID', host.pid));
    const { args } = await host.call('fcntl', a, n('F_GETOWN_EX'));
    expect(args[2]).toEqual(owner('F_OWNER_PID', host.pid));
    for (const wrong of [owner('F_OWNER_PID', process.pid), owner('F_OWNER_PGRP', host.pid)]) {
      expect(await host.refused('fcntl', a, n('F_SETOWN_EX'), wrong)).toMatchObject({ argument: 2 });
    }
    await host.ok('fcntl', a, n('F_SETOWN_EX'), owner('F_OWNER_PID', 0));
    expect(await host.fails('fcntl', a, n('F_SETOWN_EX'), null)).toBe('EFAULT');
  });
});

describe('ioctl', () => {
  test('lists the interfaces, into the room that it is given', async () => {
    const host = TestHost.start();
    const fd = await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
    const ask = async (argument: Value) => {
      const { result, args } = await host.call('ioctl', fd, n('SIOCGIFCONF'), argument);
      expect(result).toBe(0);
      const [length, buffer] = (args[2] as StructValue).fields.map(({ value }) => value);
      return { length, buffer };
    };
    const lo = struct({ ifr_name: data('lo'), ifr_addr: loopback });
    const all = await ask(any);
    const { items } = all.buffer as ListValue;
    expect(items[0]).toEqual(lo);
    expect(all.length).toEqual({ kind: 'inout', value: 2560, result: 40 * items.length });
    expect(await ask(struct({ ifc_len: 40 }))).toEqual({
      length: { kind: 'inout', value: 40, result: 40 },
      buffer: list(lo),
    });
    expect(await ask(struct({ ifc_len: 39 }))).toMatchObject({ buffer: list() });
    expect(await ask(struct({ ifc_buf: null }))).toEqual({
      length: { kind: 'inout', value: 0, result: 40 * items.length },
      buffer: null,
    });
    expect(await host.fails('ioctl', fd, n('SIOCGIFCONF'), null)).toBe('EFAULT');
    for (const wrong of [struct({ ifc_len: -1 }), struct({ ifc_len: 1 << 30 }), 5, list(1)]) {
      expect(await host.refused('ioctl', fd, n('SIOCGIFCONF'), wrong)).toMatchObject({ argument: 2 });
    }
  });

  test('tells facts of interfaces', async () => {
    const host = TestHost.start();
    const fd = await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
    const ask = async (request: string, fields: Record<string, Value>) => {
      const { result, args } = await host.call('ioctl', fd, n(request), struct(fields));
      expect(result).toBe(0);
      return Object.fromEntries((args[2] as StructValue).fields.map(({ name, value }) => [name, value]));
    };
    const lo = { ifr_name: data('lo') };
    expect(await ask('SIOCGIFINDEX', lo)).toEqual({ ...lo, ifr_ifindex: 1 });
    expect(await ask('SIOCGIFNAME', { ifr_ifindex: 1 })).toEqual({ ...lo, ifr_ifindex: 1 });
    expect(await ask('SIOCGIFADDR', lo)).toEqual({ ...lo, ifr_addr: loopback });
    expect(Number((await ask('SIOCGIFFLAGS', lo))['ifr_flags']) & 0x9).toBe(0x9);
    expect(await ask('SIOCGIFMTU', lo)).toMatchObject({ ifr_mtu: expect.any(Number) as number });
    expect(await ask('SIOCGIFHWADDR', lo)).toMatchObject({
      ifr_hwfamily: 772,
      ifr_hwaddr: data(new Uint8Array(6)),
    });
    expect(await host.fails('ioctl', fd, n('SIOCGIFINDEX'), struct({ ifr_name: data('nope') }))).toBe(
      'ENODEV',
    );
    expect(
      await host.refused('ioctl', fd, n('SIOCGIFINDEX'), struct({ ifr_name: data('a'.repeat(17)) })),
    ).toMatchObject({ argument: 2 });
    expect(await host.refused('ioctl', fd, n('SIOCGIFINDEX'), struct({ nothing: 1 }))).toMatchObject({
      argument: 2,
    });
  });

  test('tells when the last datagram came', async () => {
    const host = TestHost.start();
    const fd = await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
    await host.ok('bind', fd, loopback);
    await host.ok('sendto', fd, data('x'), 1, 0, await host.nameOf(fd));
    await host.ok('recv', fd, any, 1);
    await host.call('ioctl', fd, n('SIOCGSTAMP'));
    await host.ok('sendto', fd, data('x'), 1, 0, await host.nameOf(fd));
    await host.ok('recv', fd, any, 1);
    const { args } = await host.call('ioctl', fd, n('SIOCGSTAMPNS'));
    const [seconds] = (args[2] as StructValue).fields;
    expect(Math.abs(Number(seconds!.value) - Date.now() / 1000)).toBeLessThan(600);
  });

  test('an unknown request gets room of zeros, and nothing else', async () => {
    const host = TestHost.start();
    const fd = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    expect(await host.fails('ioctl', fd, 0xc0ffee)).toBe('ENOTTY');
    expect(await host.refused('ioctl', fd, 0xc0ffee, list(1))).toMatchObject({ argument: 2 });
    expect(await host.fails('ioctl', fd, n('FIONREAD'), null)).toBe('EFAULT');
    // What belongs to a network device of that name, which the kernel looks up in the zeros.
    expect(await host.fails('ioctl', fd, n('SIOCGIFSLAVE'))).toBe('ENODEV');
    // A 0 that stands there is what is passed.
    expect(await host.fails('ioctl', fd, n('SIOCGIFSLAVE'), 0)).toBe('EFAULT');
  });

  test('requests that change the machine are refused', async () => {
    const host = TestHost.start();
    const fd = await host.ok('socket', n('AF_INET6'), n('SOCK_DGRAM'), 0);
    for (const name of [
      'SIOCSIFFLAGS',
      'SIOCADDRT',
      'SIOCDELRT',
      'SIOCDIFADDR',
      'SIOCSIFNAME',
      'SIOCETHTOOL',
    ]) {
      expect(await host.refused('ioctl', fd, n(name))).toMatchObject({ argument: 1, reason: 'invalid' });
    }
  });
});

describe('poll', () => {
  const entry = (fd: number, ...events: string[]): StructValue => struct({ fd, events: flags(...events) });
  const revents = ({ args }: { args: Value[] }) =>
    (args[0] as ListValue).items.map(
      (item) => (item as StructValue).fields.find(({ name }) => name === 'revents')?.value,
    );

  test('waits on sockets and pipes together, and leaves what it found', async () => {
    const host = TestHost.start();
    const [r, w] = await pair(host, 'pipe');
    const [a, b] = await unixPair(host);
    const { fd } = await host.listener();
    const fds = list(entry(r, 'POLLIN'), entry(a, 'POLLIN'), entry(fd, 'POLLIN'), entry(-1, 'POLLIN'));
    const poll = await host.waits('poll', fds, 4, -1);
    await host.until('the wait to be told', () => byFd(host, r)?.waiting[0]?.name === 'poll');
    expect(byFd(host, fd)?.waiting).toHaveLength(1);
    await host.ok('write', w, data('x'));
    const record = await poll.returned;
    expect(record).toMatchObject({ result: 1, hasWaited: true, fd: null });
    expect(revents(record)).toEqual([n('POLLIN'), 0, 0, 0]);
    expect(text(await host.call('read', r, any, 10))).toBe('x');
    await host.until('the end of the wait', () => byFd(host, fd)?.waiting.length === 0);
    const again = await host.waits('poll', fds, 4, 3_600_000);
    await host.ok('send', b, data('y'));
    expect(revents(await again.returned)).toEqual([0, n('POLLIN'), 0, 0]);
    // All that wait see it.
    await host.ok('recv', a, any, 1);
    const both = [await host.waits('poll', fds, 4, -1), await host.waits('poll', fds, 4, -1)];
    await host.ok('close', b);
    for (const { returned } of both) {
      expect(revents(await returned)).toEqual([0, flags('POLLIN', 'POLLHUP'), 0, 0]);
    }
  });

  test('times out, is cancelled, and does not wait with 0', async () => {
    const host = TestHost.start();
    const [a] = await unixPair(host);
    const fds = list(entry(a, 'POLLIN'));
    const late = await host.call('poll', fds, 1, 30);
    expect(late).toMatchObject({ result: 0, hasWaited: true });
    expect(late.endNs! - late.startNs).toBeGreaterThanOrEqual(30e6);
    expect(await host.call('poll', fds, 1, 0)).toMatchObject({ result: 0, hasWaited: false });
    const poll = await host.waits('poll', fds);
    expect(await host.process.cancel({ seq: poll.seq })).toBe(true);
    expect(await poll.returned).toMatchObject({ status: 'cancelled', result: null });
    expect(await host.call('poll', null, 0, 20)).toMatchObject({ result: 0, hasWaited: true });
    expect(await host.fails('poll', null, 1, 0)).toBe('EFAULT');
    expect(await host.refused('poll', fds, 2, 0)).toMatchObject({ argument: 1, reason: 'limit' });
    expect(await host.refused('poll', list(entry(0, 'POLLIN')), 1, 0)).toMatchObject({
      reason: 'own-descriptor',
    });
  });

  test('tells a descriptor that is closed while it waits, once something happens', async () => {
    const host = TestHost.start();
    const [a, b] = await unixPair(host);
    const poll = await host.waits('poll', list(entry(a, 'POLLIN')), 1, -1);
    await host.ok('close', a);
    await host.ok('send', b, data('x'));
    expect(revents(await poll.returned)).toEqual([n('POLLNVAL')]);
    // Nothing is held any longer.
    expect(await host.fails('send', b, data('x'))).toBe('EPIPE');
  });

  test('sees urgent data, and room for a datagram at the other end', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    const urgent = await host.waits('poll', list(entry(peer, 'POLLPRI')), 1, -1);
    await host.ok('send', client, data('!'), 1, n('MSG_OOB'));
    expect(revents(await urgent.returned)).toEqual([n('POLLPRI')]);
    const [a, b] = await unixPair(host, 'SOCK_DGRAM');
    await host.ok('fcntl', a, n('F_SETFL'), n('O_NONBLOCK'));
    while ((await host.call('send', a, data('x'))).result === 1) {
      // Until the queue of the other end is full.
    }
    const room = await host.waits('poll', list(entry(a, 'POLLOUT')), 1, -1);
    while ((await host.call('recv', b, any, 1, n('MSG_DONTWAIT'))).result === 1) {
      // Until it is empty.
    }
    expect(revents(await room.returned)).toEqual([n('POLLOUT')]);
  });
});

describe('unlink', () => {
  test('removes socket files and nothing else', async () => {
    const host = TestHost.start();
    const { path } = untilTestEnds(await tempDir());
    const fd = await host.ok('socket', n('AF_UNIX'), n('SOCK_STREAM'), 0);
    await host.ok('bind', fd, unixPath(`${path}/s.sock`));
    expect(await host.ok('unlink', data(`${path}/s.sock`))).toBe(0);
    expect(existsSync(`${path}/s.sock`)).toBe(false);
    expect(await host.fails('unlink', data(`${path}/s.sock`))).toBe('ENOENT');
    await writeFile(`${path}/file`, 'kept');
    expect(await host.refused('unlink', data(`${path}/file`))).toMatchObject({ argument: 0 });
    expect(await host.refused('unlink', data(path))).toMatchObject({ argument: 0 });
    expect(await host.refused('unlink', data('a\0b'))).toMatchObject({ argument: 0 });
    expect(await host.refused('unlink', null)).toMatchObject({ argument: 0 });
    expect(existsSync(`${path}/file`)).toBe(true);
  });
});

test('read and write of sockets obey what recv and send obey', async () => {
  const host = TestHost.start();
  const server = await host.ok('socket', n('AF_UNIX'), n('SOCK_STREAM'), 0);
  await host.ok('bind', server, abstract(`sp-test-rw-${process.pid}`));
  await host.ok('listen', server, 1);
  expect(await host.fails('read', server, any, 1)).toBe('EINVAL');
  const { client, peer } = await host.tcpPair();
  const size = 4 << 20;
  const write = await host.waits('write', client, data(new Uint8Array(size)));
  let received = 0;
  while (received < size) {
    received += await host.ok('read', peer, any, 1 << 20);
  }
  expect(await write.returned).toMatchObject({ result: size, payload: { length: size } });
  await host.ok(
    'setsockopt',
    peer,
    n('SOL_SOCKET'),
    n('SO_RCVTIMEO'),
    struct({ tv_sec: 0, tv_usec: 10_000 }),
  );
  expect(await host.fails('read', peer, any, 1)).toBe('EAGAIN');
  expect(await host.ok('read', peer, any, 0)).toBe(0);
});
