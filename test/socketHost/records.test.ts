import { describe, expect, test } from 'vitest';
import type { HostChange } from '../../src/common/protocol/socketHost.js';
import type { CallRecord } from '../../src/common/call.js';
import { unpack } from '../../src/common/rows/packedRows.js';
import type { SocketAddress } from '../../src/common/socket.js';
import { nextEvent, waitUntil } from '../support/events.js';
import { any, data, n, TestHost } from './testHost.js';

describe('the record store', () => {
  test('gives rows by number, and the bytes that a call moved', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    const bytes = Uint8Array.from({ length: 5000 }, (_, i) => i % 251);
    const sent = await host.call('send', client, data(bytes));
    const received = await host.call('recv', peer, any, 5000, n('MSG_WAITALL'));
    const rows = await host.readRecords({ from: sent.seq, count: 10 });
    expect(rows).toEqual([sent, received]);
    expect((sent.args[1] as { bytes: Uint8Array }).bytes).toEqual(bytes.slice(0, 256));
    for (const { seq } of rows) {
      expect(new Uint8Array(await host.process.readData({ seq, offset: 0, length: 10_000 }))).toEqual(bytes);
      expect(new Uint8Array(await host.process.readData({ seq, offset: 4998, length: 10 }))).toEqual(
        bytes.slice(4998),
      );
    }
    expect(await host.process.readData({ seq: 1, offset: 0, length: 10 })).toHaveLength(0);
    expect(await host.readRecords({ from: 1, count: 2 })).toMatchObject([{ seq: 1 }, { seq: 2 }]);
    expect(await host.readRecords({ from: 1000, count: 2 })).toEqual([]);
  });

  test('counts the stream’s offset in each direction', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    const offsets = [];
    for (const text of ['a', 'bcd', 'ef']) {
      offsets.push((await host.call('send', client, data(text))).payload!.offset);
    }
    expect(offsets).toEqual([0, 1, 4]);
    expect((await host.call('recv', peer, any, 2)).payload!.offset).toBe(0);
    expect((await host.call('recv', peer, any, 10)).payload!.offset).toBe(2);
    expect((await host.call('send', peer, data('x'))).payload!.offset).toBe(0);
  });

  test('clears what has ended, and nothing else', async () => {
    const host = TestHost.start();
    const { peer } = await host.tcpPair();
    const recv = await host.waits('recv', peer, any, 10);
    await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    const change = nextEvent(host.process.onDidChange, ({ firstSeq }) => firstSeq === recv.seq);
    await host.process.clearRecords();
    await change;
    expect(await host.readRecords({ from: 1, count: 100 })).toMatchObject([
      { seq: recv.seq, status: 'waiting' },
    ]);
    await host.process.cancel({ seq: recv.seq });
    const next = await host.call('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    expect(await host.readRecords({ from: 1, count: 100 })).toMatchObject([
      { seq: recv.seq, status: 'cancelled' },
      { seq: next.seq },
    ]);
  });

  test('says who made a call', async () => {
    const host = TestHost.start();
    const record = await host.request({
      call: {
        name: 'socket',
        args: [n('AF_INET'), n('SOCK_STREAM'), 0],
        resolution: { host: 'localhost', addresses: ['::1', '127.0.0.1'] },
      },
      thread: 'client',
      madeBy: 'echo.sockets',
      socketName: 'server',
    });
    expect(record).toMatchObject({
      thread: 'client',
      madeBy: 'echo.sockets',
      resolution: { host: 'localhost', addresses: ['::1', '127.0.0.1'] },
    });
    await host.until('the name', ([socket]) => socket?.name === 'server');
    await host.process.rename({ socketId: 1, name: 'web' });
    await host.until('the new name', ([socket]) => socket?.name === 'web');
  });
});

describe('changes', () => {
  test('tell the sockets whole, and those records that have ended since', async () => {
    const host = TestHost.start();
    const changes: HostChange[] = [];
    host.process.onDidChange((change) => changes.push(change));
    const { client, peer } = await host.tcpPair();
    const recv = await host.waits('recv', peer, any, 10);
    await host.until('the wait', (sockets) => sockets.some(({ waiting }) => waiting.length === 1));
    await host.ok('send', client, data('abc'));
    await recv.returned;
    await host.until('the bytes', (sockets) => sockets.some(({ bytesReceived }) => bytesReceived === 3));
    expect(changes.flatMap(({ changedSeqs }) => changedSeqs)).toContain(recv.seq);
    await host.ok('close', client);
    await host.until('the close', (sockets) => sockets.some(({ state }) => state === 'closed'));
    expect([...host.sockets.values()]).toMatchObject([
      { id: 1, role: 'listener', state: 'listening', backlog: 5 },
      { id: 2, role: 'client', state: 'closed', bytesSent: 3 },
      { id: 3, role: 'accepted', state: 'connected', listenerId: 1, bytesReceived: 3 },
    ]);
  });

  test('bring the new and the ended records along where they are few', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    const told = new Map<number, CallRecord>();
    let most = 0;
    host.process.onDidChange(({ rows = [] }) => {
      const records = rows.flatMap((each) => unpack(each));
      most = Math.max(most, records.length);
      records.forEach((record) => told.set(record.seq, record));
    });
    const recv = await host.waits('recv', peer, any, 10);
    await waitUntil(host.process.onDidChange, () => told.get(recv.seq)?.status === 'waiting');
    const send = await host.call('send', client, data('abc'));
    await waitUntil(host.process.onDidChange, () => told.get(recv.seq)?.status === 'returned');
    await waitUntil(host.process.onDidChange, () => told.has(send.seq));
    expect([told.get(recv.seq), told.get(send.seq)]).toEqual(
      await host.readRecords({ from: recv.seq, count: 2 }),
    );
    // A hundred in one go are asked for by who shows them.
    await Promise.all(Array.from({ length: 100 }, () => host.ok('send', client, data('x'))));
    expect(most).toBeLessThanOrEqual(32);
  });

  test('bring the first records of a host along that goes on where another one has ended', async () => {
    const host = TestHost.start();
    for (let count = 0; count < 40; count++) {
      await host.call('close', -1);
    }
    const lost = nextEvent(host.process.onDidChangeStatus, ({ kind }) => kind === 'lost');
    process.kill(host.pid, 'SIGKILL');
    await lost;
    const told = nextEvent(host.process.onDidChange, ({ lastSeq }) => lastSeq > 40);
    const { seq } = await host.call('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
    const { rows = [] } = await told;
    expect(rows.flatMap((each) => unpack(each).map((record) => record.seq))).toEqual([seq]);
  });

  test('tell of the end of a wait that has begun and ended between two of them', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    const told: number[] = [];
    host.process.onDidChange(({ changedSeqs }) => told.push(...changedSeqs));
    const recvs: number[] = [];
    for (let round = 0; round < 20; round++) {
      const recv = await host.waits('recv', peer, any, 10);
      await host.ok('send', client, data('abc'));
      await recv.returned;
      recvs.push(recv.seq);
    }
    // The connect and the accept may have waited too.
    const toldRecvs = () => told.filter((seq) => seq >= recvs[0]!);
    await waitUntil(host.process.onDidChange, () => toldRecvs().length >= recvs.length);
    expect(toldRecvs()).toEqual(recvs);
  });

  test('come at most once a frame', async () => {
    const host = TestHost.start();
    await host.process.start();
    const times: number[] = [];
    host.process.onDidChange(() => times.push(performance.now()));
    const started = performance.now();
    while (performance.now() - started < 300 || times.length <= 2) {
      await host.ok('close', await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0));
    }
    // Frames of 16 ms, and their ends.
    expect(times.length).toBeLessThanOrEqual((performance.now() - started) / 16 + 2);
  });

  test('a name that a Unix socket gets late changes nothing else', async () => {
    const host = TestHost.start();
    const { client, server } = await host.unixPair('SOCK_SEQPACKET');
    const unnamed: SocketAddress = { family: 'AF_UNIX', name: new Uint8Array(), isAbstract: false };
    await host.ok('bind', client, unnamed);
    await host.ok('bind', server, unnamed);
    await host.call('bind', -1, unnamed);
    await host.process.ping();
    await host.until('both', () => host.sockets.size === 3);
    const states = [...host.sockets.values()].map(({ state }) => state);
    expect(states).toEqual(['listening', 'connected', 'connected']);
  });

  test('the state follows the calls', async () => {
    const host = TestHost.start();
    const { fd, address } = await host.listener();
    const client = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM') | n('SOCK_NONBLOCK'), 0);
    const state = (id: number) => host.sockets.get(id)?.state;
    await host.until('open', () => state(2) === 'open');
    expect(await host.fails('connect', client, address)).toBe('EINPROGRESS');
    await host.until('connecting', () => state(2) === 'connecting');
    await host.ok('accept', fd);
    await host.ok('connect', client, address);
    await host.until('connected', () => state(2) === 'connected');
    await host.ok('shutdown', client, n('SHUT_WR'));
    await host.until(
      'shutdown',
      () => host.sockets.get(2)!.isShutdownWrite && !host.sockets.get(2)!.isShutdownRead,
    );
    const udp = await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
    await host.ok('connect', udp, address);
    await host.until(
      'a datagram socket',
      () => host.sockets.get(4)?.role === 'datagram' && state(4) === 'connected',
    );
    await host.ok('connect', udp, { family: 'raw', bytes: new Uint8Array(16) });
    await host.until('its end', () => state(4) === 'open');
    await host.nameOf(udp);
    expect(await host.fails('getpeername', udp)).toBe('ENOTCONN');
    await host.until(
      'no other end',
      () => host.sockets.get(4)!.local !== null && host.sockets.get(4)!.remote === null,
    );
  });
});
