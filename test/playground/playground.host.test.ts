import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Call, type CallRecord, dataValue } from '../../src/common/call.js';
import { stateText } from '../../src/common/socketText.js';
import { subjectThen } from '../../src/common/recordText.js';
import { explain } from '../../src/common/tables/explanations.js';
import { HostLostError } from '../../src/playground/callHandle.js';
import type { Playground } from '../../src/playground/playground.js';
import type { SocketHostProcess } from '../../src/playground/socketHostProcess.js';
import { nextEvent, waitUntil } from '../support/events.js';
import { hostedPlayground } from './hostedPlayground.js';

let host: SocketHostProcess;
let playground: Playground;

beforeEach(() => {
  ({ host, playground } = hostedPlayground());
});

const streamSocket: Call = { name: 'socket', args: [2, 1, 0] };
const anyLoopback = { family: 'AF_INET', address: '127.0.0.1', port: 0 } as const;

async function made(call: Call): Promise<number> {
  return (await playground.call(call).returned).result!;
}

describe('with a real host', () => {
  it('a host name is resolved for the family of a socket that was made a moment ago', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const fd = await made(streamSocket);
    const record = await playground.call(
      { name: 'connect', args: [fd, { kind: 'any' }] },
      { hostName: { host: 'localhost', port } },
    ).returned;
    expect(record).toMatchObject({ result: 0, resolution: { host: 'localhost' } });
    expect(record.args[1]).toEqual({ family: 'AF_INET', address: '127.0.0.1', port });
    server.close();
  });

  it('what a call did is known once it is asked for', async () => {
    const record = await playground.call(streamSocket, { socketName: 'mine' }).returned;
    await playground.whenKnown(record.seq);
    expect(playground.openSockets).toMatchObject([
      { id: record.createdIds[0], fd: record.result, name: 'mine', role: 'new', state: 'open', local: null },
    ]);
    const closed = await playground.call({ name: 'close', args: [record.result] }).returned;
    await playground.whenKnown(closed.seq);
    expect(playground.openSockets).toEqual([]);
  });

  it('knows what a call had moved that waited when the host was killed', async () => {
    const pair = await playground.call({ name: 'socketpair', args: [1, 1, 0, { kind: 'any' }] }).returned;
    const [fd, other] = (pair.args[3] as { items: number[] }).items as [number, number];
    const send = playground.call({ name: 'send', args: [fd, dataValue(new Uint8Array(4 << 20))] });
    const moved = () => playground.sockets.get(pair.createdIds[0]!)?.waiting[0]?.moved ?? 0;
    await waitUntil(playground.onDidChange, () => moved() > 0);
    const before = moved();
    // It goes on, and that is told too.
    await made({ name: 'recv', args: [other, { kind: 'any' }, 1 << 20] });
    await waitUntil(playground.onDidChange, () => moved() > before);
    const known = moved();
    const { status } = host;
    process.kill(status.kind === 'running' ? status.host.pid : NaN, 'SIGKILL');
    const error = await send.returned.catch((reason: unknown) => reason);
    const { record } = error as HostLostError;
    expect(record).toMatchObject({
      status: 'lost',
      payload: { direction: 'out', captured: 0, offset: null },
    });
    expect(record!.payload!.length).toBeGreaterThanOrEqual(known);
  });

  it('closes a tap among the others, which closes its own sockets', async () => {
    const fd = await made(streamSocket);
    await made({ name: 'bind', args: [fd, anyLoopback] });
    await made({ name: 'listen', args: [fd, 5] });
    const named = await playground.call({ name: 'getsockname', args: [fd] }).returned;
    const faults = { seed: 1, toServer: {}, toClient: {} };
    const target = named.args[1] as typeof anyLoopback;
    const tap = await playground.startTap({ kind: 'stream', listen: anyLoopback, target, faults });
    const client = await made(streamSocket);
    await made({ name: 'connect', args: [client, tap.listen] });
    await made({ name: 'accept', args: [fd] });
    const sides = () => playground.openSockets.flatMap((socket) => socket.tap?.side ?? []);
    await waitUntil(playground.onDidChange, () => sides().length === 3);
    expect(playground.hasTap).toBe(true);
    const records = await playground.closeAll();
    expect(records.map(({ name, errno }) => [name, errno])).toEqual([
      ['close', null],
      ['close', null],
      ['close', null],
    ]);
    await waitUntil(playground.onDidChange, () => playground.openCount === 0);
    expect(playground.hasTap).toBe(false);
    const closes = (await playground.readRecords(1, 1000)).filter(({ name }) => name === 'close');
    expect(closes.map(({ errno }) => errno)).toEqual(Array(6).fill(null));
  });

  it('a wait that ends is known too', async () => {
    const fd = await made(streamSocket);
    await made({ name: 'bind', args: [fd, anyLoopback] });
    await made({ name: 'listen', args: [fd, 5] });
    const handle = playground.call({ name: 'accept', args: [fd] });
    const start = await handle.started;
    expect(start.kind).toBe('waiting');
    const seq = start.kind === 'waiting' ? start.seq : 0;
    await waitUntil(
      playground.onDidChange,
      () => playground.socketOfFd(fd)?.waiting.some((waiting) => waiting.seq === seq) ?? false,
    );
    expect(await playground.readRecord(seq)).toMatchObject({ status: 'waiting', name: 'accept' });
    expect(await playground.cancel(seq)).toBe(true);
    const record = await handle.returned;
    expect(record).toMatchObject({ seq, status: 'cancelled', result: null });
    await playground.whenKnown(seq);
    expect(playground.socketOfFd(fd)!.waiting).toEqual([]);
    expect(await playground.cancel(seq)).toBe(false);
  });

  it('only what a view shows is asked for its address', async () => {
    const fd = await made(streamSocket);
    const record = await playground.call({ name: 'bind', args: [fd, anyLoopback] }).returned;
    await playground.whenKnown(record.seq);
    const { id } = playground.socketOfFd(fd)!;
    expect(playground.socketOfFd(fd)!.local).toBeNull();
    const watcher = playground.createWatcher();
    watcher.watch([id]);
    await waitUntil(playground.onDidChange, () => playground.socketOfFd(fd)?.local !== null);
    expect(playground.socketOfFd(fd)!.local).toMatchObject({ family: 'AF_INET', address: '127.0.0.1' });
    watcher.dispose();
    expect(await playground.inspect(id)).toMatchObject({
      kernelDomain: 'AF_INET',
      kernelType: 'SOCK_STREAM',
    });
  });

  it('sockets of a host that was killed are lost, and the next call goes on with fresh numbers', async () => {
    const fd = await made(streamSocket);
    await made({ name: 'bind', args: [fd, anyLoopback] });
    await made({ name: 'listen', args: [fd, 5] });
    const handle = playground.call({ name: 'accept', args: [fd] });
    const start = await handle.started;
    await waitUntil(playground.onDidChange, () => (playground.socketOfFd(fd)?.waiting.length ?? 0) > 0);
    const lost = nextEvent(playground.onDidChangeStatus, ({ kind }) => kind === 'lost');
    host.stop();
    await lost;
    const error: unknown = await handle.returned.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(HostLostError);
    const [socket] = playground.sockets.values();
    expect(socket).toMatchObject({ fd, isLost: true, waiting: [] });
    const next = await playground.call(streamSocket).returned;
    expect(next.seq).toBeGreaterThan(start.kind === 'waiting' ? start.seq : 0);
    expect(next.createdIds[0]).toBeGreaterThan(socket!.id);
    const names = (await playground.readRecords(1, 100)).map(({ name, status }) => `${name} ${status}`);
    expect(names).toEqual([
      'socket returned',
      'bind returned',
      'listen returned',
      'accept lost',
      'socket returned',
    ]);
    await playground.clear();
    await waitUntil(playground.onDidChange, () => !playground.sockets.has(socket!.id));
  });

  it('numbers go on behind those of a killed host in which calls of an automatic mode had waited', async () => {
    const pair = await playground.call({ name: 'socketpair', args: [1, 1, 0, { kind: 'any' }] }).returned;
    const [fd] = (pair.args[3] as { items: number[] }).items as [number, number];
    await playground.whenKnown(pair.seq);
    await playground.automate(pair.createdIds[1]!, {
      mode: 'echo',
      accepted: null,
      isRecorded: true,
      isBatched: false,
    });
    // Nobody receives what comes back.
    playground.call({ name: 'send', args: [fd, dataValue(new Uint8Array(4 << 20))] });
    const waits = () => playground.sockets.get(pair.createdIds[1]!)?.waiting.length ?? 0;
    await waitUntil(playground.onDidChange, () => waits() > 0);
    const { lastSeq } = playground;
    const lost = nextEvent(playground.onDidChangeStatus, ({ kind }) => kind === 'lost');
    const { status } = host;
    process.kill(status.kind === 'running' ? status.host.pid : NaN, 'SIGTERM');
    await lost;
    const next = await playground.call(streamSocket).returned;
    expect(next.seq).toBeGreaterThan(lastSeq);
    expect(await playground.readRecord(next.seq)).toMatchObject({ name: 'socket', result: next.result });
  });

  it('nothing waits on a closed socket of a killed host', async () => {
    const { createdIds, result } = await playground.call({ name: 'socket', args: [2, 2, 0] }).returned;
    const receiving = playground.call({ name: 'recv', args: [result, { kind: 'any' }, 10] });
    await receiving.started;
    const closed = await playground.call({ name: 'close', args: [result] }).returned;
    const socket = () => playground.sockets.get(createdIds[0]!)!;
    await waitUntil(playground.onDidChange, () => socket().state === 'closed');
    expect(stateText(socket())).toBe('closed, recv waits');
    const lost = nextEvent(playground.onDidChangeStatus, ({ kind }) => kind === 'lost');
    host.stop();
    await lost;
    expect(socket()).toMatchObject({ isLost: false, waiting: [] });
    expect(stateText(socket())).toBe('closed');
    expect(explain({ record: closed, socket: socket() })).toBe(
      'The call that waits goes on (record 2), and the kernel keeps the socket until it returns.',
    );
  });

  it('an answer stays explained by what the socket was then', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const fd = await made(streamSocket);
    const send: Call = { name: 'send', args: [fd, dataValue(new Uint8Array(2))] };
    const explained = (record: CallRecord) =>
      explain({ record, socket: subjectThen(record, playground.sockets) });
    const unconnected = await playground.call(send).returned;
    await playground.whenKnown(unconnected.seq);
    expect(explained(unconnected)).toBe('The stream has no connection to send on.');
    await made({ name: 'connect', args: [fd, { ...anyLoopback, port }] });
    await made({ name: 'shutdown', args: [fd, 1] });
    const shut = await playground.call(send).returned;
    await playground.call({ name: 'close', args: [fd] }).returned;
    await waitUntil(playground.onDidChange, () => playground.openCount === 0);
    expect([unconnected, shut].map(explained)).toEqual([
      'The stream has no connection to send on.',
      'This side was shut down for sending, so nothing more can be sent.',
    ]);
    server.close();
  });

  it('closing all cancels what waits and leaves no descriptor', async () => {
    const first = await made(streamSocket);
    const { status } = playground;
    const pid = status.kind === 'running' ? status.host.pid : 0;
    const held = readdirSync(`/proc/${pid}/fd`).length - 1;
    const second = await made({ name: 'socket', args: [2, 2, 0] });
    await made({ name: 'bind', args: [second, anyLoopback] });
    const receiving = playground.call({ name: 'recv', args: [second, { kind: 'any' }, 10] });
    await receiving.started;
    const records = await playground.closeAll();
    expect(records.map(({ fd, result }) => [fd, result])).toEqual([
      [second, 0],
      [first, 0],
    ]);
    expect((await receiving.returned).status).toBe('cancelled');
    await expect.poll(() => readdirSync(`/proc/${pid}/fd`).length).toBe(held);
  });

  it('payload stays in the host until it is read', async () => {
    const fd = await made({ name: 'socket', args: [2, 2, 0] });
    await made({ name: 'bind', args: [fd, anyLoopback] });
    const local = (await playground.call({ name: 'getsockname', args: [fd] }).returned).args[1]!;
    await made({ name: 'connect', args: [fd, local] });
    const bytes = new Uint8Array(5000).map((_byte, index) => index);
    const record = await playground.call({ name: 'send', args: [fd, dataValue(bytes), 5000, 0] }).returned;
    expect(record.payload).toMatchObject({ length: 5000, captured: 5000 });
    expect(await playground.readData(record.seq, 4990, 100)).toEqual(bytes.subarray(4990));
  });
});
