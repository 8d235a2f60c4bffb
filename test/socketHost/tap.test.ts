import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket as NetSocket } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import type { CallRecord } from '../../src/common/call.js';
import { refusalOf } from '../../src/common/errors.js';
import type { SocketAddress } from '../../src/common/socket.js';
import { type DirectionFaults, noFaults, parseFaults, type TapFaults } from '../../src/common/tap/faults.js';
import type { TapInfo, TapRequest } from '../../src/common/tap/tap.js';
import { tempDir, untilTestEnds } from '../support/disposal.js';
import { freePort, Peer, startPythonServer } from '../support/peers.js';
import { abstract, loopback, loopback6, TestHost, unixPath } from './testHost.js';

const run = promisify(execFile);

function portOf(address: SocketAddress): number {
  return 'port' in address ? address.port : 0;
}

function at(port: number): SocketAddress {
  return { family: 'AF_INET', address: '127.0.0.1', port };
}

async function tap(host: TestHost, request: Partial<TapRequest>): Promise<TapInfo & { port: number }> {
  const info = await host.process.startTap({
    kind: 'stream',
    listen: loopback,
    target: loopback,
    faults: noFaults,
    ...request,
  });
  return { ...info, port: portOf(info.listen) };
}

function deferred<T>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** All records, in the order of their numbers. */
async function records(host: TestHost): Promise<CallRecord[]> {
  return host.readRecords({ from: 1, count: 100_000 });
}

/** A server of Node's on loopback, which the test's end closes with all its connections. */
async function serve(
  onConnection: (socket: NetSocket) => void,
  options = {},
): Promise<Server & { port: number }> {
  const open = new Set<NetSocket>();
  const server = createServer(options, (socket) => {
    open.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    open.forEach((socket) => socket.destroy());
    server.close();
    await once(server, 'close');
  });
  return Object.assign(server, { port: (server.address() as AddressInfo).port });
}

/** A client of Node's, which the test's end destroys. */
async function join(port: number, options: { allowHalfOpen?: boolean } = {}): Promise<NetSocket> {
  const socket = connect({ port, host: '127.0.0.1', ...options });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Until it is over, by whatever end. */
async function closing(socket: NetSocket): Promise<void> {
  socket.on('error', () => {});
  await new Promise((resolve) => {
    socket.once('close', resolve);
  });
}

/** All that comes, while the other direction stays as it is. */
async function readAll(socket: NetSocket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'end');
  return Buffer.concat(chunks);
}

function injected(list: readonly CallRecord[]): string[] {
  return list.flatMap(({ name, madeBy }) =>
    madeBy?.includes('injected') ? [`${name}: ${madeBy.split('; ')[1]}`] : [],
  );
}

it('curl gets from a Python server what it would get without it, and every byte is recorded on both sides', async () => {
  const host = TestHost.start();
  const folder = untilTestEnds(await tempDir()).path;
  writeFileSync(path.join(folder, 'page.txt'), 'hello tap\n'.repeat(20_000));
  const server = untilTestEnds(await startPythonServer(folder));
  const { port } = await tap(host, { target: at(server.port) });
  const [direct, tapped] = await Promise.all(
    [server.port, port].map((each) =>
      run('curl', ['-s', `http://127.0.0.1:${each}/page.txt`], { maxBuffer: 1 << 24 }),
    ),
  );
  expect(tapped!.stdout).toBe(direct!.stdout);
  await host.until('the connections to be closed', (sockets) =>
    ['client', 'server'].every((side) =>
      sockets.some(({ tap: of, state }) => of?.side === side && state === 'closed'),
    ),
  );
  const [client, upstream] = ['client', 'server'].map((side) =>
    [...host.sockets.values()].find(({ tap: of }) => of?.side === side),
  );
  expect(client!.bytesReceived).toBe(upstream!.bytesSent);
  expect(upstream!.bytesReceived).toBe(client!.bytesSent);
  expect(client!.tap).toMatchObject({ otherId: upstream!.id, target: at(server.port) });
  expect(upstream!.tap).toMatchObject({ otherId: client!.id });
  const all = await records(host);
  expect(new Set(all.map(({ madeBy }) => madeBy))).toEqual(new Set([`tap 127.0.0.1:${server.port}`]));
  const sent = all.filter(({ fd, name }) => name === 'send' && fd === client!.fd);
  const bytes = await Promise.all(
    sent.map(({ seq, payload }) => host.process.readData({ seq, offset: 0, length: payload!.length })),
  );
  expect(Buffer.concat(bytes).toString()).toContain(direct!.stdout);
});

it('passes a DNS-like exchange of datagrams on, each client to its own socket', async () => {
  const host = TestHost.start();
  const server = untilTestEnds(await Peer.start('python3', ['-u', '-c', answerer, 'AF_INET']));
  const [, port] = await server.waitForText(/port (\d+)/);
  const info = await tap(host, { kind: 'datagram', target: at(Number(port)) });
  const ask = (name: string) => run('python3', ['-c', asker, 'AF_INET', String(info.port), name]);
  const answers = await Promise.all([ask('a.example'), ask('b.example')]);
  expect(answers.map(({ stdout }) => stdout.trim()).sort()).toEqual(['A.EXAMPLE', 'B.EXAMPLE']);
  await host.until(
    'a socket for each client',
    (sockets) => sockets.filter(({ tap: of }) => of?.side === 'server').length === 2,
  );
  expect((await records(host)).filter(({ name, errno }) => name === 'sendto' && errno === null)).toHaveLength(
    2,
  );
});

it.each(['path', 'abstract'])(
  'curl reaches an HTTP server through a tap of Unix sockets: %s',
  async (form) => {
    const host = TestHost.start();
    const folder = untilTestEnds(await tempDir()).path;
    const file = path.join(folder, 'server.sock');
    const server = untilTestEnds(await Peer.start('python3', ['-u', '-c', unixServer, file], folder));
    await server.waitForText(/ready/);
    writeFileSync(path.join(folder, 'page.txt'), 'over a file\n');
    const name = form === 'path' ? path.join(folder, 'tap.sock') : `sp-tap-${process.pid}`;
    const listen = form === 'path' ? unixPath(name) : abstract(name);
    const info = await tap(host, { listen, target: unixPath(file) });
    const option = form === 'path' ? '--unix-socket' : '--abstract-unix-socket';
    const { stdout } = await run('curl', ['-s', option, name, 'http://localhost/page.txt']);
    expect(stdout).toBe('over a file\n');
    await host.process.stopTap({ id: info.id });
    expect(existsSync(path.join(folder, 'tap.sock'))).toBe(false);
  },
);

it('passes datagrams of Unix sockets on, with the answers to whoever has an address', async () => {
  const host = TestHost.start();
  const folder = untilTestEnds(await tempDir()).path;
  const server = untilTestEnds(await Peer.start('python3', ['-u', '-c', answerer, 'AF_UNIX', `${folder}/s`]));
  await server.waitForText(/port/);
  await tap(host, { kind: 'datagram', listen: unixPath(`${folder}/tap`), target: unixPath(`${folder}/s`) });
  const { stdout } = await run('python3', ['-c', asker, 'AF_UNIX', `${folder}/tap`, 'hello', `${folder}/c`]);
  expect(stdout.trim()).toBe('HELLO');
});

it('passes 50 MB on unchanged, both ways at once, over IPv6 to IPv4', async () => {
  const host = TestHost.start();
  const size = 50 << 20;
  const block = Buffer.alloc(1 << 20, 'tap and tap again ');
  const echo = await serve((socket) => socket.pipe(socket));
  const info = await tap(host, { listen: loopback6, target: at(echo.port) });
  const client = connect({ port: info.port, host: '::1', allowHalfOpen: true });
  onTestFinished(() => void client.destroy());
  const [out, back] = [createHash('sha256'), createHash('sha256')];
  let received = 0;
  client.on('data', (chunk: Buffer) => {
    back.update(chunk);
    received += chunk.length;
  });
  const ended = once(client, 'end');
  for (let sent = 0; sent < size; sent += block.length) {
    block.writeUInt32BE(sent, 0);
    out.update(block);
    if (!client.write(Buffer.from(block))) {
      await once(client, 'drain');
    }
  }
  client.end();
  await ended;
  expect(received).toBe(size);
  expect(back.digest('hex')).toBe(out.digest('hex'));
});

it('lets a slow reader be felt by the sender, and holds no more than the kernel does', async () => {
  const host = TestHost.start();
  let reader: NetSocket | undefined;
  const server = await serve((socket) => {
    reader = socket;
    socket.pause();
  });
  const { port } = await tap(host, { target: at(server.port) });
  const client = await join(port);
  const chunk = Buffer.alloc(1 << 20);
  let accepted = 0;
  const total = 64 << 20;
  const fill = () => {
    while (accepted < total && client.write(chunk)) {
      accepted += chunk.length;
    }
  };
  client.on('drain', fill);
  fill();
  await host.until('a send to wait', (sockets) =>
    sockets.some(
      ({ tap: of, waiting }) => of?.side === 'server' && waiting.some(({ name }) => name === 'send'),
    ),
  );
  // Nothing is received while what was received last cannot be sent.
  const [blocked, source] = ['server', 'client'].map((side) =>
    [...host.sockets.values()].find(({ tap: of }) => of?.side === side)!,
  );
  expect(source!.waiting.filter(({ name }) => name === 'recv')).toEqual([]);
  expect(source!.bytesReceived - blocked!.bytesSent).toBeLessThanOrEqual(65_536);
  reader!.resume();
  client.end();
  await once(reader!, 'end');
});

it('passes a half-close on, and the answer that comes after it', async () => {
  const host = TestHost.start();
  const server = await serve(
    (socket) => {
      void readAll(socket).then((all) => socket.end(`got ${all.length}`));
    },
    { allowHalfOpen: true },
  );
  const { port } = await tap(host, { target: at(server.port) });
  const client = await join(port, { allowHalfOpen: true });
  client.end('12345');
  expect((await readAll(client)).toString()).toBe('got 5');
});

it.each(['client', 'server'] as const)('passes a reset on as a reset: from the %s', async (from) => {
  const host = TestHost.start();
  const seen = deferred<NetSocket>();
  const server = await serve((socket) => seen.resolve(socket));
  const { port } = await tap(host, { target: at(server.port) });
  const client = await join(port);
  client.write('x');
  const peer = await seen.promise;
  await once(peer, 'data');
  const [one, other] = from === 'client' ? [client, peer] : [peer, client];
  const failed = once(other, 'error');
  one.resetAndDestroy();
  const [error] = (await failed) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ECONNRESET');
  await host.until('both to be closed', (sockets) =>
    sockets.filter(({ tap: of }) => of && of.side !== 'listener').every(({ state }) => state === 'closed'),
  );
});

it('shows that the server refuses, and closes the client', async () => {
  const host = TestHost.start();
  const { port } = await tap(host, { target: at(await freePort()) });
  const client = connect({ port, host: '127.0.0.1' });
  onTestFinished(() => void client.destroy());
  const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ECONNRESET');
  const refused = (await records(host)).find(({ name }) => name === 'connect');
  expect(refused).toMatchObject({ errno: 'ECONNREFUSED', madeBy: expect.stringMatching(/^tap /) as string });
});

it('stops with all of its sockets, and frees its port', async () => {
  const host = TestHost.start();
  const server = await serve(() => {});
  const info = await tap(host, { target: at(server.port) });
  const client = await join(info.port);
  await host.until('the connection to the server', (sockets) =>
    sockets.some(({ tap: of, state }) => of?.side === 'server' && state === 'connected'),
  );
  const closed = closing(client);
  await host.process.stopTap({ id: info.id });
  await closed;
  await host.until('every socket to be closed', (sockets) =>
    sockets.every(({ state }) => state === 'closed'),
  );
  const again = await tap(host, { listen: at(info.port), target: at(server.port) });
  expect(again.port).toBe(info.port);
  const unknown = await host.process.stopTap({ id: info.id }).catch((error: unknown) => refusalOf(error));
  expect(unknown).toMatchObject({ kind: 'refused' });
});

it('ends with all of its sockets when its accept is cancelled', async () => {
  const host = TestHost.start();
  const info = await tap(host, {});
  await host.until('the tap to accept', (sockets) => sockets.some(({ waiting }) => waiting.length > 0));
  const [listener] = [...host.sockets.values()];
  await host.process.cancel({ seq: listener!.waiting[0]!.seq });
  await host.until('the socket to be closed', (sockets) => sockets.every(({ state }) => state === 'closed'));
  const ended = await host.process.stopTap({ id: info.id }).catch((error: unknown) => refusalOf(error));
  expect(ended).toMatchObject({ kind: 'refused' });
});

it('does not connect to itself', async () => {
  const host = TestHost.start();
  const port = await freePort();
  const everywhere = { family: 'AF_INET', address: '0.0.0.0', port } as const;
  for (const listen of [at(port), everywhere]) {
    const refused = await tap(host, { listen, target: at(port) }).catch((error: unknown) => refusalOf(error));
    expect(refused).toMatchObject({ message: 'This tap would connect to itself.' });
  }
  await host.until('the sockets to be closed', (sockets) => sockets.every(({ state }) => state === 'closed'));
});

it.each([
  [{ listen: { family: 'AF_INET', address: '192.0.2.1', port: 0 } as const }, /EADDRNOTAVAIL/],
  [
    { target: { family: 'AF_INET', address: '192.0.2.1', port: 80 } as const, loopbackOnly: true },
    /loopback/,
  ],
  [{ listen: { family: 'AF_NETLINK', pid: 0, groups: 0 } as const }, /TCP, UDP or Unix/],
  [{ faults: { ...noFaults, toServer: { drop: 10 } } }, /datagrams/],
  [{ faults: { ...noFaults, toClient: { delay: -1 } } }, /from 0 to/],
  [{ faults: { ...noFaults, toClient: { delay: Number.NaN } } }, /from 0 to/],
  [{ faults: { ...noFaults, seed: 1.5 } }, /seed/],
  [{ faults: { ...noFaults, toServer: JSON.parse('{"nonsense":1}') as DirectionFaults } }, /no fault/],
])('refuses %j, and leaves no socket behind', async (request, message) => {
  const host = TestHost.start();
  await host.process.start();
  const before = host.descriptorCount;
  const refused = await tap(host, request).catch((error: unknown) => refusalOf(error));
  expect(refused).toMatchObject({ kind: 'refused', message: expect.stringMatching(message) as string });
  expect(host.descriptorCount).toBe(before);
});

/** What a server sees of `data`, and how the records tell it. */
async function throughFaults(faults: TapFaults, data: string) {
  const host = TestHost.start();
  const all = deferred<Buffer | null>();
  const server = await serve(
    (socket) => {
      void readAll(socket).then(all.resolve, () => all.resolve(null));
      socket.on('end', () => socket.end());
    },
    { allowHalfOpen: true },
  );
  const { port } = await tap(host, { target: at(server.port), faults });
  const client = await join(port, { allowHalfOpen: true });
  const closed = closing(client);
  client.end(data);
  client.resume();
  const received = await all.promise;
  await closed;
  return { host, received: received?.toString() ?? null, list: await records(host) };
}

it('slices a stream at the same places for the same seed, and marks it', async () => {
  const text = 'abcdefghij'.repeat(20);
  const faults = parseFaults('to-server.slice=30 seed=5', 'stream');
  const [one, two, other] = [
    await throughFaults(faults, text),
    await throughFaults(faults, text),
    await throughFaults({ ...faults, seed: 6 }, text),
  ];
  const lengths = (list: readonly CallRecord[]) =>
    list.filter(({ name }) => name === 'send').map(({ result }) => result);
  expect(one.received).toBe(text);
  expect(lengths(one.list).length).toBeGreaterThan(5);
  expect(lengths(one.list)).toEqual(lengths(two.list));
  expect(lengths(other.list)).not.toEqual(lengths(one.list));
  expect(injected(one.list)).toContain('send: injected slice');
});

it('delays a stream, and says by how much', async () => {
  const { received, list } = await throughFaults(
    parseFaults('to-server.delay=120 jitter=1', 'stream'),
    'late',
  );
  expect(received).toBe('late');
  const [came, went] = ['recv', 'send'].map((name) => list.find((each) => each.name === name)!);
  expect(went!.madeBy).toMatch(/; injected delay 12[01] ms$/);
  expect(went!.startNs - came!.endNs!).toBeGreaterThanOrEqual(119e6);
});

it('collects what comes within a time', async () => {
  const host = TestHost.start();
  const all = deferred<Buffer>();
  const server = await serve((socket) => void readAll(socket).then(all.resolve));
  const { port } = await tap(host, {
    target: at(server.port),
    faults: parseFaults('coalesce=60000', 'stream'),
  });
  const client = await join(port);
  client.setNoDelay(true);
  for (const text of ['one ', 'two ', 'three']) {
    client.write(text);
    const sum = client.bytesWritten;
    await host.until('it to be received', (sockets) =>
      sockets.some(({ tap: of, bytesReceived }) => of?.side === 'client' && bytesReceived === sum),
    );
  }
  client.end();
  expect((await all.promise).toString()).toBe('one two three');
  const sends = (await records(host)).filter(({ name }) => name === 'send');
  expect(sends).toMatchObject([
    { result: 13, madeBy: expect.stringContaining('injected coalesce') as string },
  ]);
});

it('resets after so many bytes', async () => {
  const { received, list } = await throughFaults(parseFaults('to-server.reset=4', 'stream'), 'abcdefgh');
  // Where data and reset come at a time, Node may take the reset for the end of the stream.
  expect([null, 'abcd']).toContain(received);
  expect(injected(list)).toEqual([
    'recv: injected reset',
    // The one of the other direction, which the reset ends.
    'recv: injected reset',
    'send: injected reset',
    'setsockopt: injected reset',
    'close: injected reset',
    'setsockopt: injected reset',
    'close: injected reset',
  ]);
  expect(list.find(({ name }) => name === 'send')!.result).toBe(4);
  const cancelled = list.filter(({ status }) => status === 'cancelled');
  expect(cancelled.map(({ name }) => name)).toEqual(['recv']);
  expect(injected(cancelled)).toEqual(['recv: injected reset']);
});

it('ends one direction after so many bytes, and the other goes on', async () => {
  const { received, list } = await throughFaults(parseFaults('to-server.half-close=4', 'stream'), 'abcdefgh');
  expect(received).toBe('abcd');
  expect(injected(list).slice(0, 2)).toEqual(['recv: injected half-close', 'send: injected half-close']);
});

/** Sends so many datagrams through a tap to a socket of the host's; what arrived, and the records. */
async function datagrams(faults: TapFaults, count: number) {
  const host = TestHost.start();
  const sink = await host.ok('socket', 2, 2, 0);
  await host.ok('bind', sink, loopback);
  const target = await host.nameOf(sink);
  const info = await tap(host, { kind: 'datagram', target, faults });
  const client = await host.ok('socket', 2, 2, 0);
  await host.ok('connect', client, info.listen);
  const arrived: string[] = [];
  const texts = Array.from({ length: count }, (_, index) => new TextEncoder().encode(String(index)));
  const size = texts.reduce((sum, { length }) => sum + length, 0);
  // Without a pause between them.
  await Promise.all(
    texts.map((bytes) => host.ok('send', client, { kind: 'data', bytes, length: bytes.length })),
  );
  // The last one is the end: it goes without a fault.
  await host.until('all to be received', (sockets) =>
    sockets.some(({ tap: of, bytesReceived }) => of?.side === 'listener' && bytesReceived === size),
  );
  await host.process.setTapFaults({ id: info.id, faults: noFaults });
  const end = new TextEncoder().encode('end');
  await host.ok('send', client, { kind: 'data', bytes: end, length: 3 });
  while (arrived.at(-1) !== 'end') {
    const record = await host.call('recv', sink, { kind: 'any' }, 100);
    arrived.push(new TextDecoder().decode((record.args[1] as { bytes: Uint8Array }).bytes));
  }
  return { arrived, list: await records(host) };
}

it.each(['drop=50 seed=3', 'duplicate=50 seed=3', 'reorder=50 seed=3'])(
  'does to datagrams the same for the same seed, each marked: %s',
  async (text) => {
    const faults = parseFaults(text, 'datagram');
    const [one, two] = [await datagrams(faults, 12), await datagrams(faults, 12)];
    expect(one.arrived).toEqual(two.arrived);
    const plain = [...Array.from({ length: 12 }, (_, index) => String(index)), 'end'];
    expect(one.arrived).not.toEqual(plain);
    const marks = injected(one.list);
    expect(marks.length).toBeGreaterThan(0);
    const difference = one.arrived.length - plain.length;
    expect(difference).toBe(
      text.startsWith('drop') ? -marks.length : text.startsWith('dup') ? marks.length : 0,
    );
  },
);

it('finds what was injected by a filter', async () => {
  const { host } = await throughFaults(parseFaults('to-server.slice=2', 'stream'), 'abcdef');
  const find = (filter: string) => host.process.filterRecords({ id: 1, filter, from: 1, count: 1000 });
  const [any, slices, drops] = [
    await find('injected'),
    await find('injected == slice && call == send'),
    await find('injected == drop'),
  ];
  expect(any.seqs.length).toBe(slices.seqs.length + 1);
  expect(slices.seqs.length).toBeGreaterThanOrEqual(3);
  expect(drops.seqs).toEqual([]);
});

const answerer = `
import socket, sys
s = socket.socket(getattr(socket, sys.argv[1]), socket.SOCK_DGRAM)
s.bind(sys.argv[2] if len(sys.argv) > 2 else ('127.0.0.1', 0))
print('port', s.getsockname()[1])
while True:
    data, client = s.recvfrom(512)
    s.sendto(data.upper(), client)
`;

const asker = `
import socket, sys
family, where, name = sys.argv[1:4]
s = socket.socket(getattr(socket, family), socket.SOCK_DGRAM)
s.settimeout(20)
if family == 'AF_UNIX':
    s.bind(sys.argv[4])
s.sendto(name.encode(), where if family == 'AF_UNIX' else ('127.0.0.1', int(where)))
print(s.recv(512).decode())
`;

const unixServer = `
import http.server, socketserver, sys
class Handler(http.server.SimpleHTTPRequestHandler):
    def address_string(self):
        return 'unix'
class Server(socketserver.UnixStreamServer):
    def get_request(self):
        request, _ = super().get_request()
        return request, ('unix', 0)
server = Server(sys.argv[1], Handler)
print('ready', flush=True)
server.serve_forever()
`;
