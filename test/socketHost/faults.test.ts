import { existsSync, readdirSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Value } from '../../src/common/call.js';
import type { SocketAddress } from '../../src/common/socket.js';
import { type CallName, signatures } from '../../src/common/tables/signatures.js';
import { Heartbeat, interval, look } from '../../src/playground/heartbeat.js';
import { untilTestEnds } from '../support/disposal.js';
import { abstract, any, data, loopback, n, TestHost, type Waiting } from './testHost.js';

const made = [...signatures.values()];

describe('a malformed address', () => {
  const raw = (...bytes: number[]): SocketAddress => ({ family: 'raw', bytes: new Uint8Array(bytes) });
  const padded = (family: number, length: number): SocketAddress =>
    raw(family & 0xff, family >> 8, ...Array.from({ length: length - 2 }, () => 0));

  test.each<[CallName, Value[]]>([
    ['bind', []],
    ['connect', []],
    ['sendto', [data('x'), 1, 0]],
  ])('gets the kernel’s answer from %s', async (name, between) => {
    const host = TestHost.start();
    const udp = await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
    const fails = (address: SocketAddress, ...rest: Value[]) =>
      host.fails(name, udp, ...between, address, ...rest);
    for (const length of [2, 3, 8, 15]) {
      expect(await fails(padded(n('AF_INET'), length))).toBe('EINVAL');
    }
    expect(await fails(raw(2), 1)).toBe('EINVAL');
    expect(await fails(padded(n('AF_INET'), 200))).toBe('EINVAL');
    for (const length of [129, 0x7fffffff, -1]) {
      expect(await fails(loopback, length)).toBe('EINVAL');
    }
    expect(await fails(padded(999, 16))).toBe('EAFNOSUPPORT');
    expect(await fails(padded(n('AF_INET6'), 28))).toBe('EAFNOSUPPORT');
    expect(await host.ok('close', udp)).toBe(0);
  });
});

describe('a descriptor', () => {
  const withDescriptor = made.filter(({ parameters }) => parameters[0]?.type === 'fd');
  /** Arguments that are in order, so that only the descriptor is not. */
  const usual: Partial<Record<string, Value>> = {
    sockaddr: loopback,
    data: data('x'),
    size: 1,
    msghdr: { kind: 'struct', fields: [] },
    msghdrOut: { kind: 'struct', fields: [] },
    fcntlcmd: n('F_GETFL'),
    ioctlrequest: n('FIONREAD'),
    buffer: any,
    optvalOut: any,
    ioctlarg: any,
  };
  const rest = ({ parameters }: (typeof made)[number]) =>
    parameters
      .slice(1)
      .filter(({ isOptional }) => !isOptional)
      .map(({ type }) => usual[type] ?? 1);

  /** Why the calls are refused, each reason once. */
  async function refusals(host: TestHost, fds: number[]): Promise<string[]> {
    const calls = withDescriptor.flatMap((each) => fds.map((fd) => ({ each, fd })));
    const found = await Promise.all(calls.map(({ each, fd }) => host.refused(each.name, fd, ...rest(each))));
    return [...new Set(found.map(({ reason, argument }) => `${reason} ${argument}`))];
  }

  test('that is no int is refused by every call', async () => {
    const host = TestHost.start();
    await host.process.start();
    expect(await refusals(host, [NaN, Infinity, 1.5, 2 ** 53, 2 ** 32 + 1])).toEqual(['invalid 0']);
  });

  test('of the host’s own is refused by every call', async () => {
    const host = TestHost.start();
    await host.process.start();
    const own = readdirSync(`/proc/${host.pid}/fd`).map(Number);
    expect(await refusals(host, own)).toEqual(['own-descriptor 0']);
    expect(readdirSync(`/proc/${host.pid}/fd`).map(Number)).toEqual(own);
  });

  test('that is nobody’s gets EBADF from every call', async () => {
    const host = TestHost.start();
    for (const each of withDescriptor) {
      for (const fd of [-1, 400, 0x7fffffff]) {
        expect([each.name, await host.fails(each.name, fd, ...rest(each))]).toEqual([each.name, 'EBADF']);
      }
    }
  });
});

/** How each call that can wait is brought to it. */
const waits: Partial<Record<CallName, (host: TestHost) => Promise<Waiting>>> = {
  accept: async (host) => host.waits('accept', (await host.listener()).fd),
  accept4: async (host) => host.waits('accept4', (await host.listener()).fd),
  connect: async (host) => {
    const server = await host.ok('socket', n('AF_UNIX'), n('SOCK_STREAM'), 0);
    await host.ok('bind', server, abstract(`sp-test-faults-${process.pid}`));
    await host.ok('listen', server, 0);
    const address = await host.nameOf(server);
    const make = () => host.ok('socket', n('AF_UNIX'), n('SOCK_STREAM'), 0);
    await host.ok('connect', await make(), address);
    return host.waits('connect', await make(), address);
  },
  send: async (host) => host.waits('send', (await host.tcpPair()).client, data(much)),
  sendto: async (host) => host.waits('sendto', (await host.tcpPair()).client, data(much)),
  sendmsg: async (host) => host.waits('sendmsg', (await host.tcpPair()).client, message(data(much))),
  write: async (host) => host.waits('write', (await host.tcpPair()).client, data(much)),
  recv: async (host) => host.waits('recv', (await host.tcpPair()).peer, any, 10),
  recvfrom: async (host) => host.waits('recvfrom', (await host.tcpPair()).peer, any, 10),
  recvmsg: async (host) => host.waits('recvmsg', (await host.tcpPair()).peer, message(any, 10)),
  read: async (host) => host.waits('read', (await host.tcpPair()).peer, any, 10),
  poll: async (host) => {
    const { peer } = await host.tcpPair();
    const fields = [
      { name: 'fd', value: peer },
      { name: 'events', value: n('POLLIN') },
    ];
    return host.waits('poll', { kind: 'list', items: [{ kind: 'struct', fields }] }, 1, -1);
  },
};
const much = new Uint8Array(8 << 20);

function message(base: Value, length?: number): Value {
  const part: Value = {
    kind: 'struct',
    fields: [
      { name: 'iov_base', value: base },
      ...(length === undefined ? [] : [{ name: 'iov_len', value: length }]),
    ],
  };
  return { kind: 'struct', fields: [{ name: 'msg_iov', value: { kind: 'list', items: [part] } }] };
}

describe('stop', () => {
  const waiting = made.filter(({ canWait }) => canWait).map(({ name }) => name);

  test.each(waiting)('during a waiting %s ends the call at once and leaves no descriptor', async (name) => {
    const host = TestHost.start();
    const { seq, returned } = await waits[name]!(host);
    const before = host.descriptorCount;
    expect(await host.process.cancel({ seq })).toBe(true);
    expect(await returned).toMatchObject({ status: 'cancelled', result: null, errno: null });
    expect(host.descriptorCount).toBe(before);
    for (const { fd } of [...host.sockets.values()].filter(({ state }) => state !== 'closed')) {
      await host.ok('close', fd);
    }
  });

  test('of the host ends it while every kind of call waits', async () => {
    const host = TestHost.start();
    const returned = [];
    for (const name of waiting) {
      returned.push((await waits[name]!(host)).returned);
    }
    const ends = Promise.allSettled(returned);
    const { pid } = host;
    await host.process.end();
    expect(existsSync(`/proc/${pid}`)).toBe(false);
    expect((await ends).map(({ status }) => status)).toEqual(waiting.map(() => 'rejected'));
  });
});

describe('a call that waits for a minute', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test('is no reason for alarm', async () => {
    const host = TestHost.start();
    const { fd } = await host.listener();
    const accept = await host.waits('accept', fd);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const told: boolean[] = [];
    let pings = 0;
    let pinged = Promise.resolve();
    const heartbeat = new Heartbeat({
      ping: () => {
        pings++;
        pinged = host.process.ping();
        return pinged;
      },
      isBusy: () => false,
      onDidChange: (isResponsive) => told.push(isResponsive),
    });
    heartbeat.start();
    for (let ms = 0; ms < 60_000; ms += look) {
      vi.advanceTimersByTime(look);
      await pinged;
      await new Promise((resolve) => setImmediate(resolve));
    }
    heartbeat.dispose();
    expect(pings).toBe(60_000 / interval);
    expect(told).toEqual([]);
    await host.process.cancel({ seq: accept.seq });
    expect((await accept.returned).status).toBe('cancelled');
  });
});

describe('a slow reader', () => {
  test('holds send up; over 1 GB memory stays flat, and every byte that is not kept is counted', async () => {
    let pause = () => {};
    let resume = () => {};
    let received = 0;
    const server = createServer((socket) => {
      socket.pause();
      pause = () => socket.pause();
      resume = () => socket.resume();
      socket.on('data', ({ length }) => (received += length));
    }).listen(0, '127.0.0.1');
    untilTestEnds({ dispose: () => new Promise<void>((resolve) => server.close(() => resolve())) });
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const host = TestHost.start({ memory: 8 << 20 });
    let dropped = 0;
    let droppedOfSocket = 0;
    host.process.onDidChange(({ droppedBytes, drops }) => {
      dropped = droppedBytes;
      droppedOfSocket += drops.reduce((sum, { bytes }) => sum + bytes, 0);
    });
    const fd = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    await host.ok('connect', fd, { family: 'AF_INET', address: '127.0.0.1', port });
    const size = 8 << 20;
    const count = 128;
    const block = data(new Uint8Array(size));
    const first = await host.waits('send', fd, block);
    const record = await host.readRecords({ from: first.seq, count: 1 });
    // What fits into the kernel's buffers has gone, and is told.
    expect(record[0]!.payload!.length).toBeGreaterThan(0);
    expect(record[0]!.payload!.length).toBeLessThan(size);
    resume();
    expect(await first.returned).toMatchObject({ result: size, hasWaited: true });
    const memory: number[] = [];
    for (let i = 1; i < count; i++) {
      pause();
      const sent = host.ok('send', fd, block);
      resume();
      expect(await sent).toBe(size);
      memory.push(Number.parseInt(host.processStatus('VmRSS')));
    }
    await host.ok('close', fd);
    await expect.poll(() => received).toBe(count * size);
    // 8 MiB are kept; without an end it would be all of the 1024 MiB that went through.
    expect(Math.max(...memory) - Math.min(...memory)).toBeLessThan(256 << 10);
    const records = await host.readRecords({ from: first.seq, count: count + 1 });
    const kept = records.reduce((sum, { payload }) => sum + (payload?.captured ?? 0), 0);
    expect(kept).toBeLessThanOrEqual(size);
    await expect.poll(() => dropped + kept).toBe(count * size);
    await expect.poll(() => droppedOfSocket).toBe(dropped);
  }, 90_000);
});
