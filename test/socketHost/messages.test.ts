import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  type CallRecord,
  fieldOf,
  type ListValue,
  type StructValue,
  type Value,
} from '../../src/common/call.js';
import type { SocketAddress } from '../../src/common/socket.js';
import { untilTestEnds } from '../support/disposal.js';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { abstract, any, data, inOut, loopback, n, TestHost, text } from './testHost.js';

const struct = (fields: Record<string, Value>): StructValue => ({
  kind: 'struct',
  fields: Object.entries(fields).map(([name, value]) => ({ name, value })),
});
const list = (...items: Value[]): ListValue => ({ kind: 'list', items });
const part = (bytes: string, length = bytes.length): StructValue =>
  struct({ iov_base: data(bytes), iov_len: length });
const room = (...lengths: number[]): ListValue =>
  list(...lengths.map((length) => struct({ iov_base: any, iov_len: length })));
const control = (level: string, type: string, value: Value): StructValue =>
  struct({ cmsg_level: n(level), cmsg_type: n(type), cmsg_data: value });
const rights = (...fds: number[]): StructValue => control('SOL_SOCKET', 'SCM_RIGHTS', list(...fds));

/** The fields of the message that a call received. */
function message({ args }: CallRecord): Record<string, Value> {
  return fieldsOf(args[1]!);
}

function fieldsOf(value: Value): Record<string, Value> {
  return Object.fromEntries((value as StructValue).fields.map((field) => [field.name, field.value]));
}

/** Type and data of each control message that came. */
function controls(record: CallRecord): [number, Value][] {
  return ((message(record)['msg_control'] as ListValue | undefined)?.items ?? []).map((item) => {
    const fields = fieldsOf(item);
    return [fields['cmsg_type'] as number, fields['cmsg_data'] ?? null];
  });
}

async function unixPair(host: TestHost, type = 'SOCK_STREAM'): Promise<[number, number]> {
  const { args } = await host.call('socketpair', n('AF_UNIX'), n(type), 0);
  return (args[3] as ListValue).items as [number, number];
}

const send = (host: TestHost, fd: number, bytes: string, ...parts: StructValue[]) =>
  host.call('sendmsg', fd, struct({ msg_iov: list(part(bytes)), msg_control: list(...parts) }), 0);

const receive = (host: TestHost, fd: number, fields: Record<string, Value> = {}, flags = 0) =>
  host.call('recvmsg', fd, struct({ msg_iov: room(100), msg_control: any, ...fields }), flags);

describe('sendmsg and recvmsg', () => {
  test('tell how much is left behind what was received', async ({ skip }) => {
    const host = TestHost.start();
    const [a, b] = await unixPair(host);
    const set = await host.call('setsockopt', b, n('SOL_SOCKET'), n('SO_INQ'), 1);
    skip(set.errno === 'ENOPROTOOPT', 'SO_INQ is younger than this kernel');
    await send(host, a, 'abcdef');
    expect(controls(await receive(host, b, { msg_iov: room(2) }))).toEqual([[n('SCM_INQ'), list(4)]]);
  });

  test('gather from several buffers and scatter into several', async () => {
    const host = TestHost.start();
    const [a, b] = await unixPair(host);
    const sent = await host.call(
      'sendmsg',
      a,
      struct({ msg_iov: list(part('ab'), part(''), part('cdef')) }),
      0,
    );
    expect(sent).toMatchObject({ result: 6, payload: { direction: 'out', length: 6, offset: 0 } });
    const record = await host.call('recvmsg', b, struct({ msg_iov: room(1, 0, 3, 10) }), 0);
    expect(record).toMatchObject({ result: 6, payload: { direction: 'in', length: 6, captured: 6 } });
    const parts = (message(record)['msg_iov'] as ListValue).items.map((item) => fieldsOf(item)['iov_base']);
    expect(parts).toEqual([data('a'), data(''), data('bcd'), data('ef')]);
    const bytes = await host.process.readData({ seq: record.seq, offset: 0, length: 100 });
    expect(Buffer.from(bytes).toString()).toBe('abcdef');
  });

  test('tell where a datagram came from, and that it was cut', async () => {
    const host = TestHost.start();
    const make = async () => {
      const fd = await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
      await host.ok('bind', fd, loopback);
      return { fd, address: await host.nameOf(fd) };
    };
    const [from, to] = [await make(), await make()];
    const out = struct({ msg_name: to.address, msg_iov: list(part('hello')) });
    expect(await host.call('sendmsg', from.fd, out, 0)).toMatchObject({ result: 5 });
    const record = await host.call('recvmsg', to.fd, struct({ msg_name: any, msg_iov: room(2) }), 0);
    expect(record).toMatchObject({ result: 2 });
    expect(message(record)).toMatchObject({
      msg_name: from.address,
      msg_namelen: { value: 128, result: 16 },
      msg_flags: n('MSG_TRUNC'),
    });
    await host.call('sendmsg', from.fd, out, 0);
    // Less room for the name than it has.
    const short = struct({ msg_name: any, msg_namelen: inOut(4), msg_iov: room(9) });
    expect(message(await host.call('recvmsg', to.fd, short, 0))).toMatchObject({
      msg_name: { family: 'raw', bytes: { length: 4 } },
      msg_namelen: { value: 4, result: 16 },
    });
  });

  test('go on, wait and end as send and recv do', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    const half = 'x'.repeat(4 << 20);
    const sending = await host.waits('sendmsg', client, struct({ msg_iov: list(part(half), part(half)) }), 0);
    const size = 2 * half.length;
    const whole = host.call('recvmsg', peer, struct({ msg_iov: room(1000, size - 1000) }), n('MSG_WAITALL'));
    expect(await whole).toMatchObject({ result: size, payload: { length: size } });
    expect(await sending.returned).toMatchObject({ result: size, hasWaited: true });
    const waiting = await host.waits('recvmsg', peer, struct({ msg_iov: room(10) }), 0);
    await host.process.cancel({ seq: waiting.seq });
    expect(await waiting.returned).toMatchObject({ status: 'cancelled' });
    const last = await host.waits('recvmsg', peer, struct({ msg_iov: room(10) }), 0);
    await host.ok('close', client);
    expect(await last.returned).toMatchObject({ result: 0 });
  });

  test('NULL and what does not fit', async () => {
    const host = TestHost.start();
    const [a, b] = await unixPair(host);
    expect(await host.fails('sendmsg', a, null, 0)).toBe('EFAULT');
    expect(await host.fails('recvmsg', b, null, 0)).toBe('EFAULT');
    expect(
      await host.fails('recvmsg', b, struct({ msg_name: any, msg_namelen: -1, msg_iov: room(1) }), 0),
    ).toBe('EINVAL');
    const many = list(...Array.from({ length: 1025 }, () => part('x')));
    expect(await host.fails('sendmsg', a, struct({ msg_iov: many }), 0)).toBe('EMSGSIZE');
    for (const wrong of [
      any,
      struct({ msg_nothing: 1 }),
      struct({ msg_iov: 5 }),
      struct({ msg_iov: list(part('abc', 4)) }),
      struct({ msg_iov: list(part('abc', -2)) }),
      struct({ msg_iov: list(part('abc')), msg_iovlen: 2 }),
      struct({ msg_iov: list(), msg_control: list(rights(1)), msg_controllen: 4096 }),
      struct({ msg_iov: list(), msg_control: list(struct({ cmsg_level: 1 })) }),
      struct({ msg_iov: list(), msg_control: 7 }),
    ]) {
      expect(await host.refused('sendmsg', a, wrong, 0)).toMatchObject({ argument: 1 });
    }
    expect(await host.refused('recvmsg', b, struct({ msg_iov: room(2 ** 30) }), 0)).toMatchObject({
      argument: 1,
    });
    expect(
      await host.refused(
        'recvmsg',
        b,
        struct({ msg_iov: room(1), msg_control: any, msg_controllen: 2 ** 30 }),
        0,
      ),
    ).toMatchObject({ argument: 1 });
    // A length in a control message that is more than there is.
    const lying = struct({ cmsg_len: 100, cmsg_level: 1, cmsg_type: 1, cmsg_data: list(a) });
    const lied = await send(host, a, 'x', lying);
    expect(lied).toMatchObject({ errno: 'EINVAL' });
    // It is no message as it is passed: its bytes are told.
    expect(fieldOf(lied.args[1], 'msg_control')).toMatchObject({ kind: 'data', length: 24 });
    const size = await send(host, a, 'x', struct({ cmsg_len: -1, cmsg_level: 1, cmsg_type: 1 }));
    expect(fieldOf(size.args[1], 'msg_control')).toMatchObject({
      bytes: Uint8Array.of(...Array.from({ length: 8 }, () => 255), 1, 0, 0, 0, 1, 0, 0, 0),
    });
    // Without a buffer the kernel is told a length, too.
    const control = struct({ msg_iov: list(), msg_control: null, msg_controllen: 100 });
    const received = await host.call('recvmsg', a, control, n('MSG_DONTWAIT'));
    expect(fieldOf(received.args[1], 'msg_controllen')).toBe(100);
  });
});

test('a null pointer among the buffers is one for the kernel too', async () => {
  const host = TestHost.start();
  const [a, b] = await unixPair(host);
  const nothing = (length: number) => struct({ iov_base: null, iov_len: length });
  const sent = struct({ msg_iov: list(part('ab'), nothing(1)) });
  expect(await host.call('sendmsg', a, sent, 0)).toMatchObject({ errno: 'EFAULT' });
  await host.ok('sendmsg', a, struct({ msg_iov: list(nothing(0), part('ab')) }), 0);
  const into = struct({ msg_iov: list(nothing(5)) });
  expect(await host.call('recvmsg', b, into, 0)).toMatchObject({ errno: 'EFAULT' });
  const received = await host.call('recvmsg', b, struct({ msg_iov: list(nothing(0), part('', 9)) }), 0);
  expect(message(received)['msg_iov']).toEqual(list(nothing(0), part('ab', 9)));
});

test('a packet socket gets no flags that it would refuse', async ({ skip }) => {
  const host = TestHost.start();
  const { result } = await host.call('socket', n('AF_PACKET'), n('SOCK_DGRAM'), 0xb588);
  skip(result === -1, 'needs root');
  const fd = result as number;
  const lo: SocketAddress = { family: 'AF_PACKET', interface: 'lo', protocol: 'ETH_P_802_EX1' };
  await host.ok('bind', fd, lo);
  await host.ok('sendto', fd, data('frame'), 5, 0, lo);
  expect(await receive(host, fd)).toMatchObject({ result: 5 });
  expect(await host.call('recvmsg', fd, struct({ msg_iov: room(9) }), n('MSG_CMSG_CLOEXEC'))).toMatchObject({
    errno: 'EINVAL',
  });
});

describe('SCM_RIGHTS', () => {
  test('a descriptor arrives as another of the same open file, with the user’s close-on-exec', async () => {
    const host = TestHost.start();
    const [a, b] = await unixPair(host);
    const { client, peer } = await host.tcpPair();
    const { args: pipe } = await host.call('pipe');
    const [r, w] = (pipe[0] as ListValue).items as [number, number];
    await host.ok('fcntl', client, n('F_SETFL'), n('O_NONBLOCK'));
    expect(await send(host, a, 'x', rights(client, w))).toMatchObject({ result: 1 });
    await host.ok('close', client);
    const record = await receive(host, b, {}, n('MSG_CMSG_CLOEXEC'));
    const [[type, got]] = controls(record) as [[number, ListValue]];
    const [socket, writer] = got.items as [number, number];
    expect(type).toBe(n('SCM_RIGHTS'));
    expect(record.createdIds).toHaveLength(2);
    await host.until('both to be told', (all) =>
      record.createdIds.every((id) => all.some((each) => each.id === id)),
    );
    const [first, second] = record.createdIds.map((id) => host.sockets.get(id)!);
    // The connection was closed under its first number only.
    expect(first).toMatchObject({
      fd: socket,
      kind: 'socket',
      domain: 'AF_INET',
      isNonBlocking: true,
      state: 'connected',
    });
    expect(first).toMatchObject({ isCloseOnExec: true, openedSeq: record.seq });
    expect(second).toMatchObject({ fd: writer, kind: 'pipe', role: 'writer' });
    expect(second!.sharedWith).toHaveLength(1);
    await host.ok('send', socket, data('over'));
    expect(text(await host.call('recv', peer, any, 10))).toBe('over');
    await host.ok('write', writer, data('pipe'));
    expect(text(await host.call('read', r, any, 10))).toBe('pipe');
    expect(await host.ok('fcntl', writer, n('F_GETFD'))).toBe(1);
  });

  test('what was only in the message for a while is what it was', async () => {
    const host = TestHost.start();
    const [a, b] = await unixPair(host);
    const [p, q] = await unixPair(host);
    const { args: pipe } = await host.call('pipe');
    const [r, w] = (pipe[0] as ListValue).items as [number, number];
    await host.ok('write', p, data('12345'));
    expect(text(await host.call('read', q, any, 3))).toBe('123');
    await send(host, a, 'x', rights(q, r));
    await host.ok('close', q);
    await host.ok('close', r);
    const { createdIds } = await receive(host, b);
    await host.until('both', (all) => createdIds.every((id) => all.some((each) => each.id === id)));
    const [socket, reader] = createdIds.map((id) => host.sockets.get(id)!);
    expect(socket).toMatchObject({ role: 'pair', bytesReceived: 3, isNonBlocking: false, sharedWith: [] });
    expect(reader).toMatchObject({ kind: 'pipe', role: 'reader', isNonBlocking: false });
    expect(await host.ok('fcntl', socket!.fd, n('F_GETFL'))).toBe(n('O_RDWR'));
    const read = await host.waits('read', reader!.fd, any, 9);
    await host.ok('write', w, data('late'));
    expect(text(await read.returned)).toBe('late');
  });

  test('without room nothing leaks', async () => {
    const host = TestHost.start();
    const [a, b] = await unixPair(host);
    const before = host.descriptorCount;
    await send(host, a, 'x', rights(a, b, a));
    const none = await host.call('recvmsg', b, struct({ msg_iov: room(9) }), 0);
    expect(message(none)['msg_flags']).toBe(n('MSG_CTRUNC'));
    expect(none.createdIds).toEqual([]);
    await send(host, a, 'y', rights(a, b, a));
    // Room for one: the others are dropped by the kernel.
    const one = await receive(host, b, { msg_controllen: 20 });
    expect(one).toMatchObject({ result: 1, createdIds: [expect.any(Number)] });
    expect(message(one)['msg_flags']).toBe(n('MSG_CTRUNC'));
    expect(host.descriptorCount).toBe(before + 1);
  });

  test('what is looked at twice arrives twice, and a WAITALL ends with descriptors', async () => {
    const host = TestHost.start();
    const [a, b] = await unixPair(host);
    await send(host, a, 'x', rights(a));
    const peek = await receive(host, b, {}, n('MSG_PEEK'));
    const taken = await receive(host, b, {}, n('MSG_WAITALL'));
    expect([peek, taken].map(({ createdIds }) => createdIds.length)).toEqual([1, 1]);
    expect(taken).toMatchObject({ result: 1, hasWaited: false });
  });

  test('descriptors of the host’s own are not passed on, as numbers or as bytes', async () => {
    const host = TestHost.start();
    const [a, b] = await unixPair(host);
    const own = readdirSync(`/proc/${host.pid}/fd`)
      .map(Number)
      .find((fd) => fd !== a && fd !== b)!;
    const bytes = new Uint8Array(24);
    const view = new DataView(bytes.buffer);
    [20, 0, 1, 1, own].forEach((value, index) => view.setUint32(4 * index, value, true));
    for (const value of [list(rights(own)), data(bytes)]) {
      const refused = host.refused('sendmsg', a, struct({ msg_iov: list(part('x')), msg_control: value }), 0);
      expect(await refused).toMatchObject({ reason: 'own-descriptor', argument: 1 });
    }
    expect(await send(host, a, 'x', rights(4000))).toMatchObject({ errno: 'EBADF' });
  });

  test('what another program sends is looked up in the kernel, and is left as it was', async () => {
    const host = TestHost.start();
    const server = await host.ok('socket', n('AF_UNIX'), n('SOCK_STREAM'), 0);
    const name = `sp-test-rights-${process.pid}`;
    await host.ok('bind', server, abstract(name));
    await host.ok('listen', server, 1);
    const program = `
import socket, os, sys, fcntl
c = socket.socket(socket.AF_UNIX); c.connect('\\0${name}')
l = socket.socket(); l.bind(('127.0.0.1', 0)); l.listen(3)
u = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); r, w = os.pipe(); f = open('/dev/null')
socket.send_fds(c, [b'x'], [l.fileno(), u.fileno(), r, f.fileno()])
c.recv(1)
print(fcntl.fcntl(l.fileno(), fcntl.F_GETFL) & os.O_NONBLOCK)`;
    const python = spawn('python3', ['-c', program]);
    untilTestEnds({
      dispose: () => {
        python.kill();
        return Promise.resolve();
      },
    });
    const connection = await host.ok('accept', server);
    const record = await receive(host, connection);
    const ids = record.createdIds;
    await host.until('all four', (all) => ids.every((id) => all.some((each) => each.id === id)));
    const [listener, udp, reader, file] = ids.map((id) => host.sockets.get(id)!);
    expect(listener).toMatchObject({
      kind: 'socket',
      domain: 'AF_INET',
      type: 'SOCK_STREAM',
      protocol: 'IPPROTO_TCP',
      role: 'received',
      state: 'listening',
    });
    expect(udp).toMatchObject({
      domain: 'AF_INET6',
      type: 'SOCK_DGRAM',
      state: 'open',
      isNonBlocking: false,
    });
    expect(reader).toMatchObject({ kind: 'pipe', role: 'reader', domain: null });
    expect(file).toMatchObject({ kind: 'file', role: 'received', type: null });
    expect(await host.ok('read', file!.fd, any, 10)).toBe(0);
    const accept = await host.waits('accept', listener!.fd);
    const client = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    await host.ok('connect', client, await host.nameOf(listener!.fd));
    expect(await accept.returned).toMatchObject({ errno: null });
    expect(await host.refused('ioctl', file!.fd, 0xc0045877)).toMatchObject({ argument: 1 });
    // Its open file is non-blocking only as long as we have it.
    await host.ok('close', listener!.fd);
    const [output] = (await Promise.all([
      once(python.stdout, 'data'),
      host.ok('send', connection, data('.')),
    ])) as [[Buffer], number];
    expect(String(output[0]).trim()).toBe('0');
  });
});

describe('control messages', () => {
  test('credentials', async () => {
    const host = TestHost.start();
    const [a, b] = await unixPair(host, 'SOCK_DGRAM');
    await host.ok('setsockopt', b, n('SOL_SOCKET'), n('SO_PASSCRED'), 1);
    const [uid, gid] = [process.getuid!(), process.getgid!()];
    const mine = struct({ pid: host.pid, uid, gid });
    await send(host, a, 'x', control('SOL_SOCKET', 'SCM_CREDENTIALS', mine));
    expect(controls(await receive(host, b))).toEqual([[n('SCM_CREDENTIALS'), mine]]);
  });

  test('where a datagram was sent to, its time to live, its class and its time', async () => {
    const host = TestHost.start();
    const fd = await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
    await host.ok('bind', fd, loopback);
    const options: [string, string][] = [
      ['SOL_SOCKET', 'SO_TIMESTAMPNS'],
      ['IPPROTO_IP', 'IP_PKTINFO'],
      ['IPPROTO_IP', 'IP_RECVTTL'],
      ['IPPROTO_IP', 'IP_RECVTOS'],
    ];
    for (const [level, name] of options) {
      await host.ok('setsockopt', fd, n(level), n(name), 1);
    }
    const to = await host.nameOf(fd);
    const out = {
      msg_name: to,
      msg_iov: list(part('x')),
      msg_control: list(
        control('IPPROTO_IP', 'IP_TTL', list(7)),
        control('IPPROTO_IP', 'IP_TOS', list(0x10)),
      ),
    };
    expect(await host.call('sendmsg', fd, struct(out), 0)).toMatchObject({ result: 1 });
    const got = new Map(controls(await receive(host, fd)));
    expect(got.get(n('IP_TTL'))).toEqual(list(7));
    expect(got.get(n('IP_TOS'))).toEqual(list(0x10));
    expect(fieldsOf(got.get(n('IP_PKTINFO'))!)).toMatchObject({ ipi_ifindex: 1 });
    const { tv_sec: seconds } = fieldsOf(got.get(n('SCM_TIMESTAMPNS'))!);
    expect(Math.abs(Number(seconds) - Date.now() / 1000)).toBeLessThan(600);
  });

  test('of IPv6', async () => {
    const host = TestHost.start();
    const fd = await host.ok('socket', n('AF_INET6'), n('SOCK_DGRAM'), 0);
    const any6: SocketAddress = { family: 'AF_INET6', address: '::1', port: 0 };
    await host.ok('bind', fd, any6);
    await host.ok('setsockopt', fd, n('IPPROTO_IPV6'), n('IPV6_RECVPKTINFO'), 1);
    await host.ok('setsockopt', fd, n('IPPROTO_IPV6'), n('IPV6_RECVHOPLIMIT'), 1);
    await host.ok('sendto', fd, data('x'), 1, 0, await host.nameOf(fd));
    const got = new Map(controls(await receive(host, fd)));
    expect(fieldsOf(got.get(n('IPV6_PKTINFO'))!)).toMatchObject({ ipi6_ifindex: 1 });
    expect(got.get(n('IPV6_HOPLIMIT'))).toEqual(list(64));
  });

  test('the error queue tells what an ICMP message said', async () => {
    const host = TestHost.start();
    const gone = await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
    await host.ok('bind', gone, loopback);
    const to = await host.nameOf(gone);
    await host.ok('close', gone);
    const fd = await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
    await host.ok('setsockopt', fd, n('IPPROTO_IP'), n('IP_RECVERR'), 1);
    await host.ok('connect', fd, to);
    await host.ok('send', fd, data('ping'));
    await host.ok('poll', list(struct({ fd, events: 0 })), 1, -1);
    const record = await receive(host, fd, { msg_name: any }, n('MSG_ERRQUEUE'));
    expect(record).toMatchObject({ result: 4 });
    expect(message(record)).toMatchObject({ msg_flags: n('MSG_ERRQUEUE'), msg_name: to });
    const [[type, error]] = controls(record) as [[number, Value]];
    expect(type).toBe(n('IP_RECVERR'));
    expect(fieldsOf(error)).toMatchObject({ ee_errno: 111, ee_origin: 2, ee_type: 3, ee_code: 3 });
    expect(fieldsOf(error)['offender']).toMatchObject({ family: 'AF_INET', address: '127.0.0.1' });
  });

  test('that lead elsewhere are refused with loopback only', async () => {
    const host = TestHost.start();
    const fd = await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
    await host.ok('bind', fd, loopback);
    const to = await host.nameOf(fd);
    const outside: SocketAddress = { family: 'AF_INET', address: '192.0.2.1', port: 9 };
    const request = (fields: Record<string, Value>) => ({
      call: { name: 'sendmsg' as const, args: [fd, struct({ msg_iov: list(part('x')), ...fields }), 0] },
      loopbackOnly: true,
    });
    const info = (index: number) => list(control('IPPROTO_IP', 'IP_PKTINFO', struct({ ipi_ifindex: index })));
    for (const fields of [{ msg_name: outside as Value }, { msg_name: to, msg_control: info(77) }]) {
      expect(await host.refusedRequest(request(fields))).toMatchObject({
        reason: 'not-loopback',
        argument: 1,
      });
    }
    expect(await host.request(request({ msg_name: to, msg_control: info(1) }))).toMatchObject({ result: 1 });
  });
});

test('one sender reaches many receivers: a group, and a broadcast', async () => {
  const host = TestHost.start();
  const make = async () => {
    const fd = await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
    await host.ok('setsockopt', fd, n('SOL_SOCKET'), n('SO_REUSEADDR'), 1);
    return fd;
  };
  const address = (host: string, port: number): SocketAddress => ({ family: 'AF_INET', address: host, port });
  const first = await make();
  await host.ok('bind', first, address('0.0.0.0', 0));
  const { port } = (await host.nameOf(first)) as { port: number };
  const receivers = [first];
  for (let i = 0; i < 2; i++) {
    const fd = await make();
    await host.ok('bind', fd, address('0.0.0.0', port));
    receivers.push(fd);
  }
  const group = struct({
    imr_multiaddr: data(new Uint8Array([239, 7, 7, 7])),
    imr_interface: data(new Uint8Array([127, 0, 0, 1])),
  });
  for (const fd of receivers) {
    await host.ok('setsockopt', fd, n('IPPROTO_IP'), n('IP_ADD_MEMBERSHIP'), group);
  }
  const sender = await make();
  await host.ok(
    'setsockopt',
    sender,
    n('IPPROTO_IP'),
    n('IP_MULTICAST_IF'),
    struct({ s_addr: data(new Uint8Array([127, 0, 0, 1])) }),
  );
  await host.ok('sendto', sender, data('all'), 3, 0, address('239.7.7.7', port));
  for (const fd of receivers) {
    expect(text(await host.call('recv', fd, any, 10))).toBe('all');
  }
  await host.ok('setsockopt', first, n('IPPROTO_IP'), n('IP_DROP_MEMBERSHIP'), group);
  expect(await host.fails('setsockopt', first, n('IPPROTO_IP'), n('IP_DROP_MEMBERSHIP'), group)).toBe(
    'EADDRNOTAVAIL',
  );
  expect(await host.fails('sendto', sender, data('x'), 1, 0, address('127.255.255.255', port))).toBe(
    'EACCES',
  );
  await host.ok('setsockopt', sender, n('SOL_SOCKET'), n('SO_BROADCAST'), 1);
  await host.ok('sendto', sender, data('every'), 5, 0, address('127.255.255.255', port));
  for (const fd of receivers) {
    expect(text(await host.call('recv', fd, any, 10))).toBe('every');
  }
});
