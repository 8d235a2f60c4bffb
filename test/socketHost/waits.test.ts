import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Value } from '../../src/common/call.js';
import type { SocketInfo } from '../../src/common/socket.js';
import { type CallName, signatures } from '../../src/common/tables/signatures.js';
import { any, data, flags, loopback, n, TestHost, text } from './testHost.js';

// What each cell expects is what a blocking program gets for the same calls of two threads.

let host: TestHost;
beforeAll(() => {
  host = new TestHost();
});
afterAll(() => host.dispose());

/** Sockets that a test has made, by kind of transport. */
interface Pair {
  reader: number;
  writer: number;
}

const made: number[] = [];
const sock = async (domain: string, type: number, protocol = 0) => {
  const fd = await host.ok('socket', n(domain), type, protocol);
  made.push(fd);
  return fd;
};

/** Its own test's descriptors only: what waits on after a close must not tell on the next. */
beforeEach(async () => {
  for (const fd of made.splice(0)) {
    await host.call('close', fd);
  }
});

async function pair(type: string): Promise<Pair> {
  const record = await host.call('socketpair', n('AF_UNIX'), n(type), 0, any);
  const { items } = record.args[3] as { items: number[] };
  made.push(...items);
  return { reader: items[0]!, writer: items[1]! };
}

const transports = {
  TCP: async (): Promise<Pair> => {
    const { client, peer, server } = await host.tcpPair();
    made.push(client, peer, server);
    return { reader: peer, writer: client };
  },
  'Unix stream': () => pair('SOCK_STREAM'),
  'Unix seqpacket': () => pair('SOCK_SEQPACKET'),
  'Unix dgram': () => pair('SOCK_DGRAM'),
  UDP: async (): Promise<Pair> => {
    const [reader, writer] = [await sock('AF_INET', n('SOCK_DGRAM')), await sock('AF_INET', n('SOCK_DGRAM'))];
    await host.ok('bind', reader, loopback);
    await host.ok('bind', writer, loopback);
    await host.ok('connect', writer, await host.nameOf(reader));
    await host.ok('connect', reader, await host.nameOf(writer));
    return { reader, writer };
  },
  pipe: async (): Promise<Pair> => {
    const record = await host.call('pipe', any);
    const { items } = record.args[0] as { items: number[] };
    made.push(...items);
    return { reader: items[0]!, writer: items[1]! };
  },
} as const;
type Transport = keyof typeof transports;

const struct = (fields: Record<string, Value>): Value => ({
  kind: 'struct',
  fields: Object.entries(fields).map(([name, value]) => ({ name, value })),
});
const list = (...items: Value[]): Value => ({ kind: 'list', items });

type Arguments = (fd: number, flags?: number) => Value[];
const receiving: Partial<Record<CallName, Arguments>> = {
  recv: (fd, how = 0) => [fd, any, 3, how],
  recvfrom: (fd, how = 0) => [fd, any, 3, how, any, any],
  recvmsg: (fd, how = 0) => [
    fd,
    struct({ msg_name: any, msg_iov: list(struct({ iov_base: any, iov_len: 3 })) }),
    how,
  ],
  read: (fd) => [fd, any, 3],
};
const content = (bytes: Uint8Array) => data(bytes);
const sending: Partial<Record<CallName, (fd: number, bytes: Uint8Array, flags?: number) => Value[]>> = {
  send: (fd, bytes, how = 0) => [fd, content(bytes), bytes.length, how],
  sendto: (fd, bytes, how = 0) => [fd, content(bytes), bytes.length, how, null, 0],
  sendmsg: (fd, bytes, how = 0) => [
    fd,
    struct({ msg_iov: list(struct({ iov_base: content(bytes), iov_len: bytes.length })) }),
    how,
  ],
  write: (fd, bytes) => [fd, content(bytes), bytes.length],
};

/** Every call with every transport that it can be made on. */
const cells = (calls: object, names: readonly Transport[]) =>
  Object.keys(calls).flatMap((call) =>
    names
      .filter((transport) => transport !== 'pipe' || call === 'read' || call === 'write')
      .map((transport): [CallName, Transport] => [call as CallName, transport]),
  );
const all = Object.keys(transports) as Transport[];
const streams: Transport[] = ['TCP', 'Unix stream', 'pipe'];

async function bytesOf(seq: number): Promise<string> {
  return new TextDecoder().decode(await host.process.readData({ seq, offset: 0, length: 100 }));
}

function setNonBlocking(fd: number, isOn: boolean): Promise<number> {
  return host.ok('fcntl', fd, n('F_SETFL'), isOn ? n('O_NONBLOCK') : 0);
}

function setTimeout(fd: number, name: string, ms: number): Promise<number> {
  return host.ok(
    'setsockopt',
    fd,
    n('SOL_SOCKET'),
    n(name),
    struct({ tv_sec: Math.floor(ms / 1000), tv_usec: (ms % 1000) * 1000 }),
  );
}

const cancelled = { status: 'cancelled', result: null, errno: null };

async function cancel(waiting: { seq: number; returned: Promise<unknown> }): Promise<void> {
  expect(await host.process.cancel({ seq: waiting.seq })).toBe(true);
  expect(await waiting.returned).toMatchObject(cancelled);
}

async function answersAtOnce(call: CallName, args: Value[], expected: object): Promise<void> {
  expect(await host.call(call, ...args)).toMatchObject({ ...expected, hasWaited: false });
}

async function answers(waiting: { returned: Promise<unknown> }, expected: object): Promise<void> {
  expect(await waiting.returned).toMatchObject(expected);
}

describe.each(cells(receiving, all))('%s of %s', (call, transport) => {
  const args = receiving[call]!;
  const connect = transports[transport];

  test('would block', async () => {
    const { reader } = await connect();
    if (call !== 'read') {
      await answersAtOnce(call, args(reader, n('MSG_DONTWAIT')), { errno: 'EAGAIN' });
    }
    await setNonBlocking(reader, true);
    expect(await host.call(call, ...args(reader))).toMatchObject({ errno: 'EAGAIN', hasWaited: false });
  });

  test('waits and returns, several in order, and cancelled ones take nothing', async () => {
    const { reader, writer } = await connect();
    const waiting = [];
    for (let i = 0; i < 4; i++) {
      waiting.push(await host.waits(call, ...args(reader)));
    }
    await cancel(waiting[0]!);
    await cancel(waiting[2]!);
    for (const part of ['abc', 'def', 'ghi']) {
      await host.ok('write', writer, data(part));
    }
    const [first, second] = [await waiting[1]!.returned, await waiting[3]!.returned];
    expect(first).toMatchObject({ status: 'returned', result: 3, hasWaited: true });
    expect([await bytesOf(first.seq), await bytesOf(second.seq)]).toEqual(['abc', 'def']);
    expect(text(await host.call('read', reader, any, 9))).toBe('ghi');
  });

  test('takes what has come, and does not wait for more', async () => {
    const { reader, writer } = await connect();
    const waiting = await host.waits(call, ...args(reader));
    await host.ok('write', writer, data('ab'));
    await answers(waiting, { status: 'returned', result: 2 });
    expect(await bytesOf(waiting.seq)).toBe('ab');
  });

  test('a close does not wake it', async () => {
    const { reader, writer } = await connect();
    const waiting = await host.waits(call, ...args(reader));
    await host.ok('close', reader);
    await host.ok('write', writer, data('abc'));
    expect(await waiting.returned).toMatchObject({ result: 3 });
    expect(await bytesOf(waiting.seq)).toBe('abc');
  });

  test.runIf(transport !== 'pipe')('ends with its time-out', async () => {
    const { reader } = await connect();
    await setTimeout(reader, 'SO_RCVTIMEO', 20);
    const record = await host.call(call, ...args(reader));
    expect(record).toMatchObject({ errno: 'EAGAIN', hasWaited: true });
    expect(record.endNs! - record.startNs).toBeGreaterThanOrEqual(20e6);
  });

  test.runIf(transport !== 'pipe')('a shutdown wakes it with 0', async () => {
    const { reader } = await connect();
    const waiting = [await host.waits(call, ...args(reader)), await host.waits(call, ...args(reader))];
    await host.ok('shutdown', reader, n('SHUT_RD'));
    expect(await waiting[0]!.returned).toMatchObject({ result: 0 });
    expect(await waiting[1]!.returned).toMatchObject({ result: 0 });
  });

  test.runIf(transport !== 'UDP' && transport !== 'Unix dgram')('the end wakes it with 0', async () => {
    const { reader, writer } = await connect();
    const waiting = await host.waits(call, ...args(reader));
    await host.ok('close', writer);
    expect(await waiting.returned).toMatchObject({ result: 0 });
  });

  test.runIf(transport === 'TCP' || transport === 'UDP')('an error wakes it, once', async () => {
    const { reader, writer } = await connect();
    const waiting = await host.waits(call, ...args(reader));
    if (transport === 'TCP') {
      await host.ok(
        'setsockopt',
        writer,
        n('SOL_SOCKET'),
        n('SO_LINGER'),
        struct({ l_onoff: 1, l_linger: 0 }),
      );
      await host.ok('close', writer);
      await answers(waiting, { errno: 'ECONNRESET' });
      await answersAtOnce(call, args(reader), { result: 0 });
      return;
    }
    await host.ok('close', writer);
    await host.ok('send', reader, data('x'));
    expect(await waiting.returned).toMatchObject({ errno: 'ECONNREFUSED' });
    await setNonBlocking(reader, true);
    expect(await host.fails(call, ...args(reader))).toBe('EAGAIN');
  });

  test.runIf(call !== 'read')('MSG_WAITALL', async () => {
    const { reader, writer } = await connect();
    const waiting = await host.waits(call, ...args(reader, n('MSG_WAITALL')));
    await host.ok('write', writer, data('ab'));
    if (!streams.includes(transport)) {
      // A datagram is whole.
      await answers(waiting, { result: 2 });
      return;
    }
    await host.ok('write', writer, data('cd'));
    await waiting.returned;
    expect(await bytesOf(waiting.seq)).toBe('abc');
    // What had come is the result when the time is over, and nothing of it is lost when the call is cancelled.
    await setTimeout(reader, 'SO_RCVTIMEO', 20);
    expect(await host.call(call, ...args(reader, n('MSG_WAITALL')))).toMatchObject({
      result: 1,
      hasWaited: true,
    });
    await setTimeout(reader, 'SO_RCVTIMEO', 0);
    await host.ok('write', writer, data('ef'));
    const last = await host.waits(call, ...args(reader, n('MSG_WAITALL')));
    await cancel(last);
    expect(await bytesOf(last.seq)).toBe('ef');
    const ending = await host.waits(call, ...args(reader, n('MSG_WAITALL')));
    await host.ok('write', writer, data('gh'));
    await host.ok('close', writer);
    expect(await ending.returned).toMatchObject({ result: 2 });
  });
});

/** Fills the way from the writer to the reader. */
async function fill(fd: number, size: number): Promise<void> {
  await setNonBlocking(fd, true);
  const bytes = data(new Uint8Array(size));
  while ((await host.call('write', fd, bytes)).errno === null) {
    // Until nothing more fits.
  }
  await setNonBlocking(fd, false);
}

async function drain(fd: number): Promise<void> {
  await setNonBlocking(fd, true);
  while (((await host.call('read', fd, any, 1 << 20)).result ?? -1) > 0) {
    // Until nothing is left.
  }
  await setNonBlocking(fd, false);
}

// A UDP socket over loopback always has room: what the receiver has none for is dropped.
describe.each(
  cells(
    sending,
    all.filter((transport) => transport !== 'UDP'),
  ),
)('%s to %s', (call, transport) => {
  const args = sending[call]!;
  const isStream = streams.includes(transport);
  const size = isStream ? 64 * 1024 : 1000;
  const bytes = new Uint8Array(isStream ? 4 << 20 : size).fill(98);
  const connect = async (): Promise<Pair> => {
    const ends = await transports[transport]();
    if (transport !== 'pipe') {
      await host.ok('setsockopt', ends.writer, n('SOL_SOCKET'), n('SO_SNDBUF'), 16_384);
    }
    if (transport === 'TCP') {
      await host.ok('setsockopt', ends.reader, n('SOL_SOCKET'), n('SO_RCVBUF'), 16_384);
    }
    return ends;
  };

  test('would block, waits its turn, and a cancelled one sends nothing', async () => {
    const { reader, writer } = await connect();
    await fill(writer, size);
    if (call !== 'write') {
      await answersAtOnce(call, args(writer, bytes, n('MSG_DONTWAIT')), { errno: 'EAGAIN' });
    }
    await setNonBlocking(writer, true);
    expect(await host.call(call, ...args(writer, bytes))).toMatchObject({
      errno: 'EAGAIN',
      hasWaited: false,
    });
    await setNonBlocking(writer, false);
    const letters = [65, 66, 67].map((letter) => new Uint8Array(10).fill(letter));
    const waiting = [];
    for (const part of letters) {
      waiting.push(await host.waits(call, ...args(writer, part)));
    }
    await cancel(waiting[1]!);
    await drain(reader);
    expect(await waiting[0]!.returned).toMatchObject({ result: 10, hasWaited: true });
    expect(await waiting[2]!.returned).toMatchObject({ result: 10 });
    await host.ok('close', writer);
  });

  test.runIf(transport !== 'pipe')('ends with its time-out', async () => {
    const { writer } = await connect();
    await fill(writer, size);
    await setTimeout(writer, 'SO_SNDTIMEO', 20);
    expect(await host.call(call, ...args(writer, bytes))).toMatchObject({
      errno: 'EAGAIN',
      hasWaited: true,
    });
  });

  test.runIf(isStream)('a part has gone when the peer ends: that is the result', async () => {
    const { reader, writer } = await connect();
    const waiting = await host.waits(call, ...args(writer, bytes));
    await host.ok('close', reader);
    const { result } = await waiting.returned;
    expect(result).toBeGreaterThan(0);
    expect(result).toBeLessThan(bytes.length);
    const next = await host.fails(call, ...args(writer, bytes));
    expect(next).toBe(transport === 'TCP' ? 'ECONNRESET' : 'EPIPE');
    if (transport === 'Unix stream') {
      await answersAtOnce('recv', [writer, any, 1], { result: 0 });
    }
  });

  test.runIf(isStream)(
    'a part has gone when it is cancelled: that is told, and nothing more goes',
    async () => {
      const { reader, writer } = await connect();
      const waiting = await host.waits(call, ...args(writer, bytes));
      await cancel(waiting);
      const gone = (await host.process.readData({ seq: waiting.seq, offset: 0, length: bytes.length }))
        .length;
      expect(gone).toBeGreaterThan(0);
      expect(gone).toBeLessThan(bytes.length);
      await host.ok('close', writer);
      let received = 0;
      for (let count = 1; count > 0; received += count) {
        count = await host.ok('read', reader, any, 1 << 20);
      }
      expect(received).toBe(gone);
    },
  );

  test('nothing has gone when the peer ends: the error is the result', async () => {
    const { reader, writer } = await connect();
    await fill(writer, size);
    const waiting = await host.waits(call, ...args(writer, bytes));
    await host.ok('close', reader);
    const expected = {
      TCP: 'ECONNRESET',
      'Unix stream': 'ECONNRESET',
      'Unix seqpacket': 'ECONNRESET',
      'Unix dgram': 'ECONNREFUSED',
      pipe: 'EPIPE',
      UDP: '',
    }[transport];
    expect(await waiting.returned).toMatchObject({ errno: expected });
    if (transport === 'Unix stream') {
      // The error has been told.
      await answersAtOnce('recv', [writer, any, 1], { result: 0 });
    }
  });

  test.runIf(transport !== 'pipe')('a shutdown wakes it with EPIPE', async () => {
    const { writer } = await connect();
    await fill(writer, size);
    const waiting = [
      await host.waits(call, ...args(writer, bytes)),
      await host.waits(call, ...args(writer, bytes)),
    ];
    await host.ok('shutdown', writer, n('SHUT_WR'));
    expect(await waiting[0]!.returned).toMatchObject({ errno: 'EPIPE' });
    expect(await waiting[1]!.returned).toMatchObject({ errno: 'EPIPE' });
  });

  test.runIf(transport === 'Unix stream' || transport === 'Unix seqpacket')(
    'so does the peer’s',
    async () => {
      const { reader, writer } = await connect();
      await fill(writer, size);
      const waiting = await host.waits(call, ...args(writer, bytes));
      await host.ok('shutdown', reader, n('SHUT_RD'));
      expect(await waiting.returned).toMatchObject({ errno: 'EPIPE' });
    },
  );

  test('a close does not wake it, and the bytes still go', async () => {
    const { reader, writer } = await connect();
    await fill(writer, size);
    const waiting = await host.waits(call, ...args(writer, new Uint8Array(10)));
    await host.ok('close', writer);
    await drain(reader);
    expect(await waiting.returned).toMatchObject({ result: 10 });
  });
});

const listeners = {
  TCP: async () => {
    const { fd, address } = await host.listener(0);
    made.push(fd);
    return { fd, address, client: () => sock('AF_INET', n('SOCK_STREAM')) };
  },
  'Unix stream': () => unixListener('SOCK_STREAM'),
  'Unix seqpacket': () => unixListener('SOCK_SEQPACKET'),
};

async function unixListener(type: string) {
  const fd = await sock('AF_UNIX', n(type));
  await host.ok('bind', fd, { family: 'AF_UNIX', name: new Uint8Array(), isAbstract: false });
  await host.ok('listen', fd, 0);
  return { fd, address: await host.nameOf(fd), client: () => sock('AF_UNIX', n(type)) };
}

type Kind = keyof typeof listeners;
const kinds = Object.keys(listeners) as Kind[];

describe.each(
  (['accept', 'accept4'] as const).flatMap((call) => kinds.map((kind): [typeof call, Kind] => [call, kind])),
)('%s of %s', (call, kind) => {
  const args = (fd: number): Value[] => (call === 'accept' ? [fd] : [fd, any, any, 0]);

  test('would block', async () => {
    const { fd } = await listeners[kind]();
    await setNonBlocking(fd, true);
    expect(await host.call(call, ...args(fd))).toMatchObject({ errno: 'EAGAIN', hasWaited: false });
  });

  test('waits and returns, in order, and a cancelled one takes nothing', async () => {
    const { fd, address, client } = await listeners[kind]();
    const waiting = [];
    for (let i = 0; i < 3; i++) {
      waiting.push(await host.waits(call, ...args(fd)));
    }
    await cancel(waiting[0]!);
    const first = await client();
    await host.ok('connect', first, address);
    const accepted = await waiting[1]!.returned;
    await host.ok('connect', await client(), address);
    made.push(accepted.result!, (await waiting[2]!.returned).result!);
    // The first that came is the first that was taken.
    await host.ok('send', first, data('abc'));
    expect(text(await host.call('recv', accepted.result, any, 10))).toBe('abc');
  });

  test('ends with its time-out', async () => {
    const { fd } = await listeners[kind]();
    await setTimeout(fd, 'SO_RCVTIMEO', 20);
    expect(await host.call(call, ...args(fd))).toMatchObject({ errno: 'EAGAIN', hasWaited: true });
  });

  test('a shutdown wakes it with EINVAL, and a close does not wake it', async () => {
    const { fd, address, client } = await listeners[kind]();
    const waiting = [await host.waits(call, ...args(fd)), await host.waits(call, ...args(fd))];
    await host.ok('shutdown', fd, n('SHUT_RDWR'));
    expect(await waiting[0]!.returned).toMatchObject({ errno: 'EINVAL' });
    expect(await waiting[1]!.returned).toMatchObject({ errno: 'EINVAL' });
    expect(await host.fails('connect', await client(), address)).toBe('ECONNREFUSED');
    const other = await listeners[kind]();
    const left = await host.waits(call, ...args(other.fd));
    await host.ok('close', other.fd);
    await host.ok('connect', await other.client(), other.address);
    made.push((await left.returned).result!);
  });
});

describe.each(kinds)('connect to %s', (kind) => {
  /** A listener whose queue is full, so that the next connect has to wait. */
  async function full() {
    const { fd, address, client: another } = await listeners[kind]();
    await host.ok('connect', await another(), address);
    return { fd, address, client: await another(), another };
  }
  const isTcp = kind === 'TCP';

  test('would block', async () => {
    const { address, client } = await full();
    await setNonBlocking(client, true);
    const errno = isTcp ? 'EINPROGRESS' : 'EAGAIN';
    expect(await host.call('connect', client, address)).toMatchObject({ errno, hasWaited: false });
  });

  test.runIf(isTcp)('goes on where another address is none', async () => {
    const { address, client } = await full();
    await setNonBlocking(client, true);
    const { socketId } = await host.call('connect', client, address);
    expect(await host.fails('connect', client, address, 1)).toBe('EINVAL');
    expect((await host.process.inspect({ socketId: socketId! }))?.socket.state).toBe('connecting');
  });

  test('ends with its time-out', async () => {
    const { address, client } = await full();
    await setTimeout(client, 'SO_SNDTIMEO', 20);
    const errno = isTcp ? 'EINPROGRESS' : 'EAGAIN';
    expect(await host.call('connect', client, address)).toMatchObject({ errno, hasWaited: true });
  });

  test('is cancelled', async () => {
    const { address, client } = await full();
    const waiting = await host.waits('connect', client, address);
    expect(await host.process.cancel({ seq: waiting.seq })).toBe(true);
    expect(await waiting.returned).toMatchObject(cancelled);
  });

  test('a second one on the same socket waits for the same', async () => {
    const { fd, address, client } = await full();
    const waiting = [
      await host.waits('connect', client, address),
      await host.waits('connect', client, address),
    ];
    made.push(await host.ok('accept', fd));
    expect(await waiting[0]!.returned).toMatchObject({ result: 0 });
    if (!isTcp) {
      // A program's second call notices when there is room for it.
      made.push(await host.ok('accept', fd));
    }
    expect(await waiting[1]!.returned).toMatchObject(isTcp ? { result: 0 } : { errno: 'EISCONN' });
  });

  test.runIf(!isTcp)('several get in as they came', async () => {
    // The kernel chose the name, so the host waits as it does at a listener of another process: it is not told of room.
    const { fd, address, another } = await full();
    const waiting = new Map<number, Promise<{ seq: number }>>();
    for (let i = 0; i < 6; i++) {
      const { seq, returned } = await host.waits('connect', await another(), address);
      waiting.set(seq, returned);
    }
    const came = [...waiting.keys()];
    const gotIn: number[] = [];
    while (waiting.size > 0) {
      made.push(await host.ok('accept', fd));
      const { seq } = await Promise.race(waiting.values());
      gotIn.push(seq);
      waiting.delete(seq);
    }
    expect(gotIn).toEqual(came);
  });

  test('a close does not wake it', async () => {
    const { fd, address, client } = await full();
    const waiting = await host.waits('connect', client, address);
    await host.ok('close', client);
    made.push(await host.ok('accept', fd));
    expect(await waiting.returned).toMatchObject({ result: 0 });
  });

  test.runIf(isTcp).each(['SHUT_RD', 'SHUT_WR', 'SHUT_RDWR'])('%s ends it with ECONNRESET', async (how) => {
    const { address, client } = await full();
    const waiting = await host.waits('connect', client, address);
    const joined = await host.waits('connect', client, address);
    await host.ok('shutdown', client, n(how));
    expect(await waiting.returned).toMatchObject({ errno: 'ECONNRESET' });
    // The first one has taken the error.
    expect(await joined.returned).toMatchObject({ errno: 'EPIPE' });
    await host.until('the state', (told) =>
      told.some(({ fd, state, isShutdownRead }) => fd === client && state === 'open' && !isShutdownRead),
    );
    // The socket is as new.
    await cancel(await host.waits('connect', client, address));
  });

  test.runIf(!isTcp)('the end of the listener ends it with ECONNREFUSED', async () => {
    const { fd, address, client } = await full();
    const waiting = await host.waits('connect', client, address);
    await host.ok('close', fd);
    expect(await waiting.returned).toMatchObject({ errno: 'ECONNREFUSED' });
  });
});

test('recv and send wait while their socket is being connected, and another connect for that connection', async () => {
  const { fd, address, client: make } = await listeners.TCP();
  await host.ok('connect', await make(), address);
  const client = await make();
  const connect = await host.waits('connect', client, address);
  const { fd: second, address: other } = await host.listener();
  made.push(second);
  const later = await host.waits('connect', client, other);
  const recv = await host.waits('recv', client, any, 1);
  const send = await host.waits('send', client, data('x'));
  made.push(await host.ok('accept', fd));
  expect(await connect.returned).toMatchObject({ result: 0 });
  expect(await later.returned).toMatchObject({ result: 0 });
  expect(await send.returned).toMatchObject({ result: 1 });
  await cancel(recv);
  await host.ok('close', client);
  const last = (told: Iterable<SocketInfo>) => [...told].findLast(({ fd: one }) => one === client);
  await host.until('the close', (told) => last(told)?.state === 'closed');
  expect(last(host.sockets.values())?.remote).toEqual(address);
});

test('a connection is with whom the connect began it, also where another one finds it made', async () => {
  const { fd: listener, address } = await host.listener();
  const { fd: second, address: other } = await host.listener();
  made.push(listener, second);
  const client = await host.ok('socket', n('AF_INET'), flags('SOCK_STREAM', 'SOCK_NONBLOCK'), 0);
  expect(await host.fails('connect', client, address)).toBe('EINPROGRESS');
  const { socketId, result } = await host.call('send', client, data('x'));
  expect(result).toBe(1);
  await host.ok('connect', client, other);
  await host.ok('close', client);
  await host.until('the close', () => host.sockets.get(socketId!)?.state === 'closed');
  expect(host.sockets.get(socketId!)?.remote).toEqual(address);
});

describe.each(all)('poll of %s', (transport) => {
  const polled = (fd: number, revents?: number): Value =>
    list(struct({ fd, events: n('POLLIN'), ...(revents === undefined ? {} : { revents }) }));

  test('looks, waits and returns, is cancelled, and ends with its time-out', async () => {
    const { reader, writer } = await transports[transport]();
    expect(await host.call('poll', polled(reader), 1, 0)).toMatchObject({ result: 0, hasWaited: false });
    expect(await host.call('poll', polled(reader), 1, 20)).toMatchObject({ result: 0, hasWaited: true });
    await cancel(await host.waits('poll', polled(reader), 1, -1));
    // All that look see it, and nothing is taken.
    const waiting = [
      await host.waits('poll', polled(reader), 1, -1),
      await host.waits('poll', polled(reader), 1, -1),
    ];
    await host.ok('write', writer, data('abc'));
    for (const { returned } of waiting) {
      expect(await returned).toMatchObject({ result: 1, args: [polled(reader, n('POLLIN')), 1, -1] });
    }
    expect(text(await host.call('read', reader, any, 10))).toBe('abc');
  });

  test('a close does not wake it, and what comes then finds the number closed', async () => {
    const { reader, writer } = await transports[transport]();
    const waiting = await host.waits('poll', polled(reader), 1, -1);
    await host.ok('close', reader);
    // Longer than until the host asks again for what it is not told of.
    await host.ok('poll', null, 0, 30);
    expect(await host.readRecords({ from: waiting.seq, count: 1 })).toMatchObject([{ status: 'waiting' }]);
    await host.ok('write', writer, data('abc'));
    expect(await waiting.returned).toMatchObject({
      result: 1,
      args: [polled(reader, n('POLLNVAL')), 1, -1],
    });
  });

  test.runIf(transport === 'TCP')('an error wakes it and stays to be told', async () => {
    const { reader, writer } = await transports[transport]();
    const waiting = await host.waits('poll', polled(reader), 1, -1);
    await host.ok('setsockopt', writer, n('SOL_SOCKET'), n('SO_LINGER'), struct({ l_onoff: 1, l_linger: 0 }));
    await host.ok('close', writer);
    const revents = flags('POLLIN', 'POLLERR', 'POLLHUP');
    await answers(waiting, { result: 1, args: [polled(reader, revents), 1, -1] });
    expect(await host.fails('recv', reader, any, 1)).toBe('ECONNRESET');
  });

  test('tells of those that are ready, not of the others', async () => {
    const first = await transports[transport]();
    const second = await transports[transport]();
    const fds = (...revents: number[]) =>
      list(
        ...[first.reader, second.reader].map((fd, index) =>
          struct({
            fd,
            events: n('POLLIN'),
            ...(revents.length === 0 ? {} : { revents: revents[index]! }),
          }),
        ),
      );
    const waiting = await host.waits('poll', fds(), 2, -1);
    await host.ok('write', second.writer, data('abc'));
    expect(await waiting.returned).toMatchObject({ result: 1, args: [fds(0, n('POLLIN')), 2, -1] });
  });

  test.runIf(transport !== 'pipe')('a shutdown wakes it', async () => {
    const { reader } = await transports[transport]();
    const waiting = await host.waits('poll', polled(reader), 1, -1);
    await host.ok('shutdown', reader, n('SHUT_RD'));
    expect(await waiting.returned).toMatchObject({ result: 1 });
  });
});

// A lock is got or not: there is nothing of it in part. Of one process only locks of the other kind are in the way.
describe.each([
  { call: 'F_SETLKW', once: 'F_SETLK', other: 'F_OFD_SETLK' },
  { call: 'F_OFD_SETLKW', once: 'F_OFD_SETLK', other: 'F_SETLK' },
])('fcntl $call', ({ call, once, other }) => {
  const lock = struct({ l_type: n('F_WRLCK'), l_whence: 0, l_start: 0, l_len: 0 });
  const unlock = struct({ l_type: n('F_UNLCK'), l_whence: 0, l_start: 0, l_len: 0 });

  /** A socket with a lock of the other kind, and a second descriptor of it. */
  async function locked(): Promise<{ fd: number; dup: number }> {
    const { reader: fd } = await pair('SOCK_STREAM');
    const dup = await host.ok('dup', fd);
    made.push(dup);
    await host.ok('fcntl', dup, n(other), lock);
    return { fd, dup };
  }

  test('would block', async () => {
    const { fd } = await locked();
    expect(await host.call('fcntl', fd, n(once), lock)).toMatchObject({ errno: 'EAGAIN', hasWaited: false });
  });

  test('waits with O_NONBLOCK too, and several get it when it is given up', async () => {
    const { fd, dup } = await locked();
    await setNonBlocking(fd, true);
    const waiting = [
      await host.waits('fcntl', fd, n(call), lock),
      await host.waits('fcntl', fd, n(call), lock),
    ];
    await host.ok('fcntl', dup, n(other), unlock);
    for (const each of waiting) {
      await answers(each, { status: 'returned', result: 0, hasWaited: true });
    }
    expect(await host.fails('fcntl', dup, n(other), lock)).toBe('EAGAIN');
  });

  test('a cancelled one takes nothing', async () => {
    const { fd, dup } = await locked();
    await cancel(await host.waits('fcntl', fd, n(call), lock));
    await host.ok('fcntl', dup, n(other), unlock);
    expect(await host.ok('fcntl', dup, n(other), lock)).toBe(0);
  });

  test('what is wrong is an error at once', async () => {
    const { fd } = await locked();
    const wrong = struct({ l_type: n('F_WRLCK'), l_whence: 7 });
    expect(await host.fails('fcntl', fd, n(call), wrong)).toBe('EINVAL');
    expect(await host.fails('fcntl', fd, n(call), null)).toBe('EFAULT');
    expect(await host.fails('fcntl', -1, n(call), lock)).toBe('EBADF');
  });

  test('a close does not wake it; a lock for a number that is closed by then is given back', async () => {
    const { fd, dup } = await locked();
    const waiting = await host.waits('fcntl', fd, n(call), lock);
    await host.ok('close', fd);
    // The close has given up the locks of the process, and none of the open file.
    await host.ok('fcntl', dup, n(other), unlock);
    const isOfProcess = call === 'F_SETLKW';
    await answers(waiting, isOfProcess ? { result: -1, errno: 'EBADF' } : { result: 0, hasWaited: true });
    const expected = isOfProcess ? { result: 0 } : { errno: 'EAGAIN' };
    expect(await host.call('fcntl', dup, n(other), lock)).toMatchObject(expected);
  });
});

describe('MSG_WAITALL of a Unix stream', () => {
  const message = (control?: Value) =>
    struct({
      msg_iov: list(struct({ iov_base: any, iov_len: 6 })),
      ...(control === undefined ? {} : { msg_control: control }),
    });
  const credentials = (pid: number) =>
    struct({
      msg_iov: list(struct({ iov_base: data('def'), iov_len: 3 })),
      msg_control: list(
        struct({
          cmsg_level: n('SOL_SOCKET'),
          cmsg_type: n('SCM_CREDENTIALS'),
          cmsg_data: struct({ pid, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }),
        }),
      ),
    });

  // Only root may say that another process has written.
  test.runIf(process.geteuid?.() === 0).each<[CallName, Value[]]>([
    ['recv', [any, 6]],
    ['recvmsg', [message(any)]],
    ['recvmsg', [message()]],
  ])('%s does not join what two processes wrote, with SO_PASSCRED', async (call, args) => {
    for (const isWaiting of [false, true]) {
      const { reader, writer } = await pair('SOCK_STREAM');
      await host.ok('setsockopt', reader, n('SOL_SOCKET'), n('SO_PASSCRED'), 1);
      const early = isWaiting ? await host.waits(call, reader, ...args, n('MSG_WAITALL')) : undefined;
      await host.ok('send', writer, data('abc'));
      await host.ok('sendmsg', writer, credentials(process.pid), 0);
      const record = await (early?.returned ?? host.call(call, reader, ...args, n('MSG_WAITALL')));
      expect(record).toMatchObject({ result: 3 });
      expect(text(await host.call('recv', reader, any, 9))).toBe('def');
      expect(await bytesOf(record.seq)).toBe('abc');
    }
  });

  test('joins what one process wrote, with SO_PASSCRED', async () => {
    const { reader, writer } = await pair('SOCK_STREAM');
    await host.ok('setsockopt', reader, n('SOL_SOCKET'), n('SO_PASSCRED'), 1);
    const waiting = await host.waits('recvmsg', reader, message(any), n('MSG_WAITALL'));
    await host.ok('send', writer, data('abc'));
    await host.ok('send', writer, data('def'));
    expect(await waiting.returned).toMatchObject({ result: 6 });
  });

  test('ends with descriptors that there is no room for', async () => {
    const { reader, writer } = await pair('SOCK_STREAM');
    const rights = struct({
      msg_iov: list(struct({ iov_base: data('abc'), iov_len: 3 })),
      msg_control: list(
        struct({ cmsg_level: n('SOL_SOCKET'), cmsg_type: n('SCM_RIGHTS'), cmsg_data: list(writer) }),
      ),
    });
    await host.ok('sendmsg', writer, rights, 0);
    expect(await host.call('recvmsg', reader, message(), n('MSG_WAITALL'))).toMatchObject({ result: 3 });
  });

  test('with MSG_PEEK gives what is there', async () => {
    const { reader, writer } = await pair('SOCK_STREAM');
    const waiting = await host.waits('recv', reader, any, 6, flags('MSG_PEEK', 'MSG_WAITALL'));
    await host.ok('send', writer, data('abc'));
    expect(await waiting.returned).toMatchObject({ result: 3 });
  });
});

test('without a connection a shutdown fails, and yet wakes a recv of UDP', async () => {
  const fd = await sock('AF_INET', n('SOCK_DGRAM'));
  await host.ok('bind', fd, loopback);
  const waiting = await host.waits('recv', fd, any, 1);
  expect(await host.fails('shutdown', fd, n('SHUT_RD'))).toBe('ENOTCONN');
  expect(await waiting.returned).toMatchObject({ result: 0 });
});

test('MSG_PEEK together with MSG_WAITALL of a datagram gives what is there', async () => {
  const { reader, writer } = await transports['Unix dgram']();
  await host.ok('send', writer, data('ab'));
  expect(await host.call('recv', reader, any, 5, flags('MSG_PEEK', 'MSG_WAITALL'))).toMatchObject({
    result: 2,
    hasWaited: false,
  });
});

test('a datagram waits for room in the queue of a receiver that is not connected back', async () => {
  const receiver = await sock('AF_UNIX', n('SOCK_DGRAM'));
  await host.ok('bind', receiver, { family: 'AF_UNIX', name: new Uint8Array(), isAbstract: false });
  const sender = await sock('AF_UNIX', n('SOCK_DGRAM'));
  await host.ok('connect', sender, await host.nameOf(receiver));
  // As many as net.unix.max_dgram_qlen lets in.
  await fill(sender, 1);
  const room: Value = list(struct({ fd: sender, events: n('POLLOUT') }));
  expect(await host.call('poll', room, 1, 0)).toMatchObject({ result: 0 });
  const poll = await host.waits('poll', room, 1, -1);
  await host.ok('recv', receiver, any, 1);
  await answers(poll, { result: 1 });
  await fill(sender, 1);
  const send = await host.waits('send', sender, data('x'));
  await host.ok('recv', receiver, any, 1);
  await answers(send, { result: 1, hasWaited: true });
});

test('every call that can wait is among these', () => {
  const tried = [...Object.keys(receiving), ...Object.keys(sending), 'accept', 'accept4', 'connect', 'poll'];
  const canWait = [...signatures.values()].filter((signature) => signature.canWait).map(({ name }) => name);
  expect(tried.sort()).toEqual(canWait.sort());
});

test('where a connection of MPTCP is dissolved, a recv that waits ends without an error', async () => {
  const stream = [n('AF_INET'), n('SOCK_STREAM'), n('IPPROTO_MPTCP')] as const;
  const server = await host.call('socket', ...stream);
  if (server.errno !== null) {
    // A kernel without it, or where it is switched off.
    return;
  }
  const [listener, client] = [server.result!, await host.ok('socket', ...stream)];
  made.push(listener, client);
  await host.ok('bind', listener, loopback);
  await host.ok('listen', listener, 1);
  await host.ok('connect', client, await host.nameOf(listener));
  const { returned } = await host.waits('recv', client, any, 3, 0);
  await host.ok('connect', client, { family: 'raw', bytes: new Uint8Array(16) });
  expect(await returned).toMatchObject({ result: 0, errno: null });
});
