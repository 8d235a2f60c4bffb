import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { type CallRecord, previewLength } from '../../src/common/call.js';
import { refusalOf } from '../../src/common/errors.js';
import type { Automation, SocketId, SocketInfo } from '../../src/common/socket.js';
import { untilTestEnds } from '../support/disposal.js';
import { nextEvent } from '../support/events.js';
import { Peer, startListener, startNcat } from '../support/peers.js';
import { data, loopback, n, TestHost, text, unixPath } from './testHost.js';

const plain: Automation = { mode: 'receive', accepted: null, isRecorded: true, isBatched: false };
const echoServer: Automation = { ...plain, mode: 'accept', accepted: 'echo' };

/** A listener that the host serves by itself. */
async function automaticListener(host: TestHost, automation: Automation, backlog = 128) {
  const { fd, address } = await host.listener(backlog);
  await host.process.automate({ socketId: idOf(host, fd), automation });
  return { fd, port: (address as { port: number }).port };
}

function idOf(host: TestHost, fd: number): SocketId {
  const socket = [...host.sockets.values()].find((info) => info.fd === fd && info.state !== 'closed');
  if (!socket) {
    throw new Error(`Nothing is known of fd ${fd}.`);
  }
  return socket.id;
}

/** All records, once one of them is as expected. */
async function recordsUntil(host: TestHost, what: string, holds: (record: CallRecord) => boolean) {
  let records: CallRecord[] = [];
  await expect
    .poll(
      async () => {
        records = await host.readRecords({ from: 1, count: 10_000 });
        return records.some(holds);
      },
      { message: what },
    )
    .toBe(true);
  return records;
}

function of(records: CallRecord[], fd: number, ...names: string[]) {
  return records.filter((record) => record.fd === fd && names.includes(record.name));
}

it('serves ncat as an echo server by one act, each call a record with its bytes', async () => {
  const host = TestHost.start();
  const { fd, port } = await automaticListener(host, echoServer);
  const ncat = untilTestEnds(await startNcat(port));
  ncat.write('hello\n');
  await ncat.waitForText(/hello\n/);
  // Longer than what a row holds itself.
  const long = `${'again '.repeat(60)}\n`;
  ncat.write(long);
  await ncat.waitForText(/again \n/);
  ncat.endInput();
  // The server closes at the end of the stream, and ncat ends.
  expect(await ncat.waitForEnd()).toBe(0);

  const records = await recordsUntil(host, 'close', ({ name }) => name === 'close');
  const [accept] = of(records, fd, 'accept');
  const [id] = accept!.createdIds;
  const mine = records.filter(({ socketId }) => socketId === id);
  expect(mine.map(({ name, result }) => `${name} ${result}`)).toEqual([
    'recv 6',
    'send 6',
    'recv 361',
    'send 361',
    'recv 0',
    'close 0',
  ]);
  expect(mine.slice(0, 4).map(text)).toEqual([
    'hello\n',
    'hello\n',
    long.slice(0, previewLength),
    long.slice(0, previewLength),
  ]);
  expect(mine.map(({ madeBy }) => madeBy)).toEqual([
    'auto-echo',
    'auto-echo',
    'auto-echo',
    'auto-echo',
    'auto-echo',
    'auto-echo',
  ]);
  expect(mine[2]!.payload).toEqual({ direction: 'in', length: 361, captured: 361, offset: 6 });
  expect(mine[0]!.args.slice(2)).toEqual([65536, 0]);
  for (const { seq } of mine.slice(2, 4)) {
    const data = await host.process.readData({ seq, offset: 0, length: 1000 });
    expect(new TextDecoder().decode(data)).toBe(long);
  }
  // In the order in which they were made.
  const seqs = records.map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
  expect(mine.every(({ startNs, endNs }) => endNs !== null && endNs >= startNs)).toBe(true);
});

it('shows the mode on listener and accepted sockets, and ends it when asked', async () => {
  const host = TestHost.start();
  const { fd, port } = await automaticListener(host, echoServer);
  const listenerId = idOf(host, fd);
  await host.until('the listener', () => host.sockets.get(listenerId)?.automatic?.mode === 'accept');
  const ncat = untilTestEnds(await startNcat(port));
  const echoes = (sockets: SocketInfo[]) => sockets.filter(({ automatic }) => automatic?.mode === 'echo');
  await host.until('an echo', (sockets) => echoes(sockets).length === 1);
  const [accepted] = echoes([...host.sockets.values()]);
  expect(accepted).toMatchObject({
    role: 'accepted',
    listenerId,
    automatic: { held: null, isRecorded: true },
  });

  await host.process.automate({ socketId: accepted!.id, automation: null });
  await host.until('no echo', (sockets) => echoes(sockets).length === 0);
  ncat.write('unheard\n');
  // The bytes stay with the kernel: a call by hand gets them.
  expect(text(await host.call('recv', accepted!.fd, { kind: 'any' }, 100, 0))).toBe('unheard\n');
});

it('receives from socat until the end and leaves the socket to the user', async () => {
  const host = TestHost.start();
  const socat = untilTestEnds(await startListener());
  const fd = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
  await host.ok('connect', fd, { ...loopback, port: socat.port } as typeof loopback);
  await host.until('connected', (sockets) => sockets.some(({ state }) => state === 'connected'));
  await host.process.automate({ socketId: idOf(host, fd), automation: plain });
  socat.write('one\n');
  await recordsUntil(host, 'one', (record) => record.name === 'recv' && record.result === 4);
  socat.endInput();
  const records = await recordsUntil(host, 'the end', ({ name, result }) => name === 'recv' && result === 0);
  expect(of(records, fd, 'recv').map(({ result }) => result)).toEqual([4, 0]);
  await host.until('no mode', (sockets) =>
    sockets.every(({ automatic, bytesReceived }) => automatic === null && bytesReceived === 4),
  );
  expect([...host.sockets.values()]).toMatchObject([{ state: 'connected' }]);
  expect(await host.ok('close', fd)).toBe(0);
});

it('discards, counts what it does not record, and records what fails', async () => {
  const host = TestHost.start();
  const { fd, port } = await automaticListener(host, {
    ...echoServer,
    accepted: 'discard',
    isRecorded: false,
  });
  const client = await connected(port);
  client.write(Buffer.alloc(300_000));
  await expect
    .poll(async () => {
      const accepted = [...host.sockets.values()].find(({ listenerId }) => listenerId === idOf(host, fd));
      const inspection = accepted && (await host.process.inspect({ socketId: accepted.id }));
      return inspection?.socket.bytesReceived;
    })
    .toBe(300_000);
  client.resetAndDestroy();
  const records = await recordsUntil(host, 'the reset', ({ errno }) => errno === 'ECONNRESET');
  // Of the received blocks none, of the failure one.
  expect(records.filter(({ name }) => name === 'recv').map(({ result }) => result)).toEqual([-1]);
  await recordsUntil(host, 'close', ({ name }) => name === 'close');
});

it('tells nothing while it records nothing and no view shows the socket', async () => {
  const host = TestHost.start();
  const { port } = await automaticListener(host, { ...echoServer, isRecorded: false });
  const client = await connected(port);
  await host.until('the accepted socket', (sockets) => sockets.some(({ listenerId }) => listenerId !== null));
  await host.process.ping();
  let told = 0;
  host.process.onDidChange(() => told++);
  for (let round = 0; round < 500; round++) {
    client.write('x');
    await once(client, 'data');
  }
  await host.process.ping();
  // The accept may have been told of in two parts, the second with the next frame; the bytes are not.
  expect(told).toBeLessThan(2);
});

it('stops receiving while the peer does not take the echo, and goes on when it does', async () => {
  const host = TestHost.start();
  const { port } = await automaticListener(host, echoServer);
  const client = await connected(port);
  client.pause();
  const total = 24_000_000;
  client.write(Buffer.alloc(total, 'x'));
  const isHeld = ({ automatic, waiting }: SocketInfo) =>
    automatic?.held === 'send' && waiting.some(({ name }) => name === 'send');
  await host.until('the echo to be held', (sockets) => sockets.some(isHeld));
  const held = [...host.sockets.values()].find(isHeld)!;
  const queues = await host.process.inspect({ socketId: held.id });
  // The kernel's own back-pressure: what the host does not receive waits in the socket's queue.
  expect(queues!.socket.sendQueue).toBeGreaterThan(0);
  expect(queues!.socket.bytesReceived).toBeLessThan(total);

  let received = 0;
  client.on('data', (chunk) => (received += chunk.length));
  client.resume();
  client.end();
  await once(client, 'close');
  expect(received).toBe(total);
  const records = await recordsUntil(host, 'close', ({ name }) => name === 'close');
  const sum = (name: string) =>
    records.filter((record) => record.name === name).reduce((bytes, { result }) => bytes + (result ?? 0), 0);
  expect(sum('recv')).toBe(total);
  expect(sum('send')).toBe(total);
  expect(records.some(({ name, hasWaited }) => name === 'send' && hasWaited)).toBe(true);
  expect(records.every(({ errno }) => errno === null)).toBe(true);
});

it('goes on when its own sends have returned, though one of the user still waits then', async () => {
  const host = TestHost.start();
  const { port } = await automaticListener(host, echoServer);
  const client = await connected(port);
  client.pause();
  const [echoed, sent] = [24_000_000, 12_000_000];
  client.write(Buffer.alloc(echoed, 'x'));
  const isHeld = ({ automatic }: SocketInfo) => automatic?.held === 'send';
  await host.until('the echo to be held', (sockets) => sockets.some(isHeld));
  const { fd, id } = [...host.sockets.values()].find(isHeld)!;
  const own = host.call('send', fd, data(Buffer.alloc(sent, 'y')), sent, 0);
  await host.until('two sends that wait', () => host.sockets.get(id)!.waiting.length === 2);

  let received = 0;
  client.on('data', (chunk) => (received += chunk.length));
  client.resume();
  client.end();
  await once(client, 'close');
  expect(received).toBe(echoed + sent);
  expect((await own).result).toBe(sent);
});

it('serves a connection that an accept of the user takes, which waited before the mode began', async () => {
  const host = TestHost.start();
  const { fd, address } = await host.listener();
  const { returned } = await host.waits('accept', fd);
  await host.process.automate({ socketId: idOf(host, fd), automation: echoServer });
  const ncat = untilTestEnds(await startNcat((address as { port: number }).port));
  ncat.write('hello\n');
  await ncat.waitForText(/hello\n/);
  const [id] = (await returned).createdIds;
  const records = await recordsUntil(host, 'the echo', ({ name }) => name === 'send');
  const mine = records.filter(({ socketId }) => socketId === id);
  expect(mine.map(({ name, madeBy }) => `${name} ${madeBy}`)).toEqual(['recv auto-echo', 'send auto-echo']);
});

it('receives no more than the records can hold, and goes on when they are cleared', async () => {
  const host = TestHost.start({ memory: 4 << 20 });
  const { port } = await automaticListener(host, { ...echoServer, accepted: 'receive' });
  const client = await connected(port);
  client.write(Buffer.alloc(20_000_000, 'x'));
  let dropped = 0;
  const subscription = host.process.onDidChange(({ droppedBytes, droppedRecords }) => {
    dropped += droppedBytes + droppedRecords;
  });
  const heldBeyond = async (bytes: number) => {
    const isHeld = (info: SocketInfo) => info.automatic?.held === 'records' && info.bytesReceived > bytes;
    await host.until('the records to be full', (sockets) => sockets.some(isHeld));
    return [...host.sockets.values()].find(isHeld)!.bytesReceived;
  };
  const first = await heldBeyond(0);
  const records = await host.readRecords({ from: 1, count: 10_000 });
  const received = records.filter(({ name }) => name === 'recv');
  // Nothing had to go for it: every byte is there.
  expect(received.reduce((sum, { payload }) => sum + payload!.captured, 0)).toBe(first);
  expect(first).toBeLessThan(4 << 20);

  await host.process.clearRecords();
  await heldBeyond(first);
  expect(dropped).toBe(0);
  subscription.dispose();
  client.destroy();
});

it('sends datagrams back to where they came from, one by one and in batches', async () => {
  const host = TestHost.start();
  for (const isBatched of [false, true]) {
    const fd = await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
    await host.ok('bind', fd, loopback);
    const { port } = (await host.nameOf(fd)) as { port: number };
    await host.until('bound', (sockets) => sockets.some((info) => info.fd === fd && info.state === 'bound'));
    const id = idOf(host, fd);
    await host.process.automate({ socketId: id, automation: { ...plain, mode: 'echo', isBatched } });
    const client = createSocket('udp4');
    untilTestEnds({ dispose: () => new Promise<void>((resolve) => client.close(() => resolve())) });
    const answers: string[] = [];
    client.on('message', (message, from) => answers.push(`${String(message)} ${from.port === port}`));
    const sizes = [1, 64, 0, 2000];
    for (const size of sizes) {
      client.send(Buffer.alloc(size, 'a'), port, '127.0.0.1');
    }
    await expect.poll(() => answers.length).toBe(sizes.length);
    expect(answers).toEqual(sizes.map((size) => `${'a'.repeat(size)} true`));
    const records = await recordsUntil(
      host,
      'the last',
      (record) => record.socketId === id && record.name === 'sendto' && record.result === 2000,
    );
    const from = { family: 'AF_INET', address: '127.0.0.1', port: client.address().port };
    const mine = records.filter(({ socketId }) => socketId === id);
    const received = of(mine, fd, 'recvfrom');
    expect(received.map(({ result, args }) => [result, args[4], args[5]])).toEqual(
      sizes.map((size) => [size, from, { kind: 'inout', value: 128, result: 16 }]),
    );
    expect(of(mine, fd, 'sendto').map(({ result, args }) => [result, args[4], args[5]])).toEqual(
      sizes.map((size) => [size, from, 16]),
    );
    expect(received[3]!.payload).toEqual({ direction: 'in', length: 2000, captured: 2000, offset: null });
    const data = await host.process.readData({ seq: received[3]!.seq, offset: 0, length: 5000 });
    expect(data.length).toBe(2000);
    await host.ok('close', fd);
    // The next socket has the same number.
    await host.until('closed', () => host.sockets.get(id)!.state === 'closed');
  }
});

it('echoes on Unix sockets: a stream with socat, datagrams with a name', async () => {
  const host = TestHost.start();
  const { server } = await host.unixPair('SOCK_SEQPACKET');
  await host.process.automate({ socketId: idOf(host, server), automation: echoServer });
  const name = await host.nameOf(server);
  const client = await host.ok('socket', n('AF_UNIX'), n('SOCK_SEQPACKET'), 0);
  await host.ok('connect', client, name);
  await host.ok('send', client, { kind: 'data', bytes: new Uint8Array([1, 2, 3]), length: 3 }, 3, 0);
  const { returned } = { returned: host.call('recv', client, { kind: 'any' }, 100, 0) };
  expect((await returned).result).toBe(3);

  const folder = `/tmp/socket-playground-${process.pid}-${Date.now()}`;
  const dgram = await host.ok('socket', n('AF_UNIX'), n('SOCK_DGRAM'), 0);
  await host.ok('bind', dgram, unixPath(`${folder}.a`));
  const other = await host.ok('socket', n('AF_UNIX'), n('SOCK_DGRAM'), 0);
  await host.ok('bind', other, unixPath(`${folder}.b`));
  await host.until('both', (sockets) => sockets.filter(({ state }) => state === 'bound').length >= 2);
  await host.process.automate({ socketId: idOf(host, dgram), automation: { ...plain, mode: 'echo' } });
  await host.ok(
    'sendto',
    other,
    { kind: 'data', bytes: new Uint8Array([9]), length: 1 },
    1,
    0,
    unixPath(`${folder}.a`),
  );
  const answer = await host.call('recvfrom', other, { kind: 'any' }, 10, 0, { kind: 'any' });
  expect(answer).toMatchObject({ result: 1, args: [other, {}, 10, 0, unixPath(`${folder}.a`), {}] });
  const records = await recordsUntil(
    host,
    'its records',
    (record) => record.fd === dgram && record.name === 'sendto',
  );
  expect(of(records, dgram, 'sendto')[0]!.args[4]).toEqual(unixPath(`${folder}.b`));
});

it.each([true, false])(
  'says which of our sockets a datagram came from and went to: batched %s',
  async (isBatched) => {
    const host = TestHost.start();
    const bound = async () => {
      const { result, createdIds } = await host.call('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
      const [fd, id] = [result as number, createdIds[0]!];
      await host.ok('bind', fd, loopback);
      return { fd, id, address: await host.nameOf(fd) };
    };
    const [server, one, other] = [await bound(), await bound(), await bound()];
    await host.process.automate({ socketId: server.id, automation: { ...plain, mode: 'echo', isBatched } });
    const body = 'x'.repeat(100);
    const roundTrip = async ({ fd }: { fd: number }) => {
      await host.ok('sendto', fd, data(body), body.length, 0, server.address);
      return host.call('recvfrom', fd, { kind: 'any' }, 200, 0, { kind: 'any' });
    };
    for (const client of [one, other, one, one]) {
      expect((await roundTrip(client)).peerId).toBe(server.id);
    }
    // Who is gone is no peer any more, and neither is who has its number.
    await host.ok('sendto', other.fd, data(body), body.length, 0, server.address);
    await host.ok('close', other.fd);
    const ends = (records: CallRecord[], name: string) =>
      of(records, server.fd, name).map(({ peerId }) => peerId);
    const records = await recordsUntil(host, 'the last', () => true);
    expect(ends(records, 'recvfrom').slice(0, 4)).toEqual([one.id, other.id, one.id, one.id]);
    expect(ends(records, 'sendto').slice(0, 4)).toEqual([one.id, other.id, one.id, one.id]);
    const again = await bound();
    await roundTrip(again);
    expect(ends(await recordsUntil(host, 'the last', () => true), 'sendto').at(-1)).toBe(again.id);
  },
);

it('waits when no descriptor is left, without trying again and again, and accepts after a close', async () => {
  const host = TestHost.start();
  const { port, fd } = await automaticListener(host, { ...echoServer, accepted: null });
  const taker = untilTestEnds(await Peer.start('prlimit', [`--pid=${host.pid}`, `--nofile=${fd + 3}:20000`]));
  expect(await taker.waitForEnd()).toBe(0);
  const clients: Socket[] = [];
  for (let i = 0; i < 4; i++) {
    clients.push(await connected(port));
  }
  await host.until('the listener to wait', (sockets) =>
    sockets.some((info) => info.fd === fd && info.automatic?.held === 'descriptors'),
  );
  const failures = async () =>
    of(await host.readRecords({ from: 1, count: 10_000 }), fd, 'accept').filter(({ errno }) => errno);
  expect((await failures()).map(({ errno }) => errno)).toEqual(['EMFILE']);
  const accepted = [...host.sockets.values()].find(
    ({ role, state }) => role === 'accepted' && state !== 'closed',
  );
  // While this process works, one that tries again and again has as much of the processor.
  const before = host.processorTime;
  const start = process.cpuUsage();
  while (process.cpuUsage(start).user < 200_000);
  expect(host.processorTime - before).toBeLessThan(50);
  expect((await failures()).length).toBe(1);

  await host.ok('close', accepted!.fd);
  await recordsUntil(
    host,
    'an accept after the failure',
    ({ name, errno, result, seq, fd: on }) =>
      name === 'accept' && on === fd && errno === null && result !== null && seq > accepted!.openedSeq + 3,
  );
  clients.forEach((client) => client.destroy());
});

it('refuses what does not fit', async () => {
  const host = TestHost.start();
  const { fd } = await host.listener();
  const open = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
  await host.until('both', (sockets) => sockets.length === 2);
  const refused = async (on: number, automation: Automation) =>
    refusalOf(
      await host.process.automate({ socketId: idOf(host, on), automation }).catch((error: unknown) => error),
    )?.message;
  expect(await refused(fd, plain)).toMatch(/can only accept/);
  expect(await refused(open, echoServer)).toMatch(/cannot accept/);
  expect(await refused(open, { ...plain, mode: 'echo' })).toMatch(/not connected/);
  expect(
    refusalOf(
      await host.process.automate({ socketId: 99, automation: plain }).catch((error: unknown) => error),
    ),
  ).toBeDefined();
});

it('tells of traffic with counters only', async () => {
  const host = TestHost.start();
  const { port } = await automaticListener(host, echoServer);
  const told: { sockets: number; traffic: number }[] = [];
  const client = await connected(port);
  await host.until('accepted', (sockets) => sockets.some(({ role }) => role === 'accepted'));
  const accepted = [...host.sockets.values()].find(({ role }) => role === 'accepted')!;
  await host.process.watch({ socketIds: [accepted.id] });
  let received = 0;
  const subscription = host.process.onDidChange(({ sockets, traffic = [] }) =>
    told.push({ sockets: sockets.length, traffic: traffic.length }),
  );
  const counted = nextEvent(host.process.onDidChange, ({ traffic = [] }) =>
    traffic.some(
      ({ id, bytesReceived, bytesSent }) => id === accepted.id && bytesReceived === 640 && bytesSent === 640,
    ),
  );
  client.on('data', (chunk) => {
    received += chunk.length;
    if (received < 640) {
      client.write(Buffer.alloc(64));
    }
  });
  client.write(Buffer.alloc(64));
  await counted;
  subscription.dispose();
  expect(told.every(({ traffic }) => traffic <= 1)).toBe(true);
  client.destroy();
});

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  untilTestEnds({
    dispose: async () => {
      if (!socket.closed) {
        const closed = once(socket, 'close');
        socket.destroy();
        await closed;
      }
    },
  });
  await once(socket, 'connect');
  return socket;
}
