import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Value } from '../../src/common/call.js';
import { tempDir, untilTestEnds } from '../support/disposal.js';
import { Peer } from '../support/peers.js';
import { abstract, any, data, flags, loopback, n, TestHost, text, unixPath } from './testHost.js';

function timeval(seconds: number, microseconds: number): Value {
  return {
    kind: 'struct',
    fields: [
      { name: 'tv_sec', value: seconds },
      { name: 'tv_usec', value: microseconds },
    ],
  };
}

function setLinger(host: TestHost, fd: number, onoff: number, seconds: number): Promise<number> {
  const value: Value = {
    kind: 'struct',
    fields: [
      { name: 'l_onoff', value: onoff },
      { name: 'l_linger', value: seconds },
    ],
  };
  return host.ok('setsockopt', fd, n('SOL_SOCKET'), n('SO_LINGER'), value);
}

/** More than the other side takes before it reads. */
function overfill(host: TestHost, fd: number): Promise<number> {
  return host.ok('send', fd, data(new Uint8Array(32 << 20)), 32 << 20, n('MSG_DONTWAIT'));
}

/** Reads up to the end of the stream. */
async function drain(host: TestHost, fd: number): Promise<void> {
  for (;;) {
    if ((await host.ok('recv', fd, any, 1 << 20)) === 0) {
      return;
    }
  }
}

const milliseconds = (ns: number) => ns / 1e6;

describe('a call that would sleep waits', () => {
  test('accept, until somebody connects', async () => {
    const host = TestHost.start();
    const { fd, address } = await host.listener();
    const accept = await host.waits('accept', fd);
    await host.until('the wait to be told', ([server]) => server?.waiting[0]?.seq === accept.seq);
    expect(await host.readRecords({ from: accept.seq, count: 1 })).toMatchObject([
      { seq: accept.seq, status: 'waiting', result: null, endNs: null, hasWaited: true },
    ]);
    const client = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    await host.ok('connect', client, address);
    expect(await accept.returned).toMatchObject({ status: 'returned', hasWaited: true, errno: null });
    await host.until('the end of the wait to be told', ([server]) => server?.waiting.length === 0);
  });

  test('recv, until data comes, and says 0 at the end of the stream', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    const first = await host.waits('recv', peer, any, 10);
    await host.ok('send', client, data('hi'));
    expect(text(await first.returned)).toBe('hi');
    const last = await host.waits('recv', peer, any, 10);
    await host.ok('close', client);
    expect(await last.returned).toMatchObject({ result: 0 });
  });

  test('several on one socket are served in order', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    const waiting = [];
    for (let i = 0; i < 5; i++) {
      waiting.push(await host.waits('recv', peer, any, 1));
    }
    await host.ok('send', client, data('abcde'));
    const records = await Promise.all(waiting.map(({ returned }) => returned));
    expect(records.map(text).join('')).toBe('abcde');
    expect(records.map(({ payload }) => payload?.offset)).toEqual([0, 1, 2, 3, 4]);
  });

  test('one that must not wait is not held up by one that waits', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    const recv = await host.waits('recv', peer, any, 10);
    expect(await host.call('recv', peer, any, 10, n('MSG_DONTWAIT'))).toMatchObject({
      errno: 'EAGAIN',
      hasWaited: false,
    });
    await host.ok('send', client, data('x'));
    expect(text(await recv.returned)).toBe('x');
  });
});

describe('connect', () => {
  test('waits until the other side has answered', async () => {
    const host = TestHost.start();
    const { address } = await host.listener();
    const client = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    expect(await host.call('connect', client, address)).toMatchObject({ result: 0, hasWaited: true });
    expect(await host.fails('connect', client, address)).toBe('EISCONN');
  });

  test('is refused, and the socket can be used again', async () => {
    const host = TestHost.start();
    const quiet = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    await host.ok('bind', quiet, loopback);
    const address = await host.nameOf(quiet);
    const client = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    expect(await host.fails('connect', client, address)).toBe('ECONNREFUSED');
    await host.ok('listen', quiet, 1);
    expect(await host.ok('connect', client, address)).toBe(0);
  });

  test('of AF_UNIX waits for room in a full queue', async () => {
    const host = TestHost.start();
    const server = await host.ok('socket', n('AF_UNIX'), n('SOCK_STREAM'), 0);
    await host.ok('bind', server, abstract(`sp-test-full-${process.pid}`));
    await host.ok('listen', server, 0);
    const make = () => host.ok('socket', n('AF_UNIX'), n('SOCK_STREAM'), 0);
    const address = await host.nameOf(server);
    await host.ok('connect', await make(), address);
    const second = await host.waits('connect', await make(), address);
    await host.ok('accept', server);
    expect(await second.returned).toMatchObject({ result: 0, hasWaited: true });
  });

  test('ends with EINPROGRESS when SO_SNDTIMEO is over', async () => {
    const host = TestHost.start();
    const { address } = await host.listener(0);
    const make = () => host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    await host.ok('connect', await make(), address);
    const client = await make();
    await host.ok('setsockopt', client, n('SOL_SOCKET'), n('SO_SNDTIMEO'), timeval(0, 30_000));
    const record = await host.call('connect', client, address);
    expect(record).toMatchObject({ result: -1, errno: 'EINPROGRESS', hasWaited: true });
    expect(milliseconds(record.endNs! - record.startNs)).toBeGreaterThanOrEqual(29);
  });
});

describe('sendto a full Unix receiver', () => {
  /** A receiver whose queue is full, and senders of their own. */
  async function full(count: number) {
    const host = TestHost.start();
    const make = () => host.ok('socket', n('AF_UNIX'), n('SOCK_DGRAM'), 0);
    const receiver = await make();
    const address = abstract(`sp-test-room-${process.pid}`);
    await host.ok('bind', receiver, address);
    const filler = await make();
    while ((await host.call('sendto', filler, data('f'), 1, n('MSG_DONTWAIT'), address)).errno === null);
    const waits = [];
    for (let at = 0; at < count; at++) {
      waits.push(await host.waits('sendto', await make(), data('x'), 1, 0, address));
    }
    return { host, receiver, address, waits };
  }

  test('sleeps on when that is shut down, until a message is taken out or looked at: each wakes one', async () => {
    const { host, receiver, waits } = await full(3);
    const ended: number[] = [];
    waits.forEach(({ returned }, at) => void returned.then(() => ended.push(at)));
    await host.ok('shutdown', receiver, n('SHUT_RD'));
    // Longer than the host waits before it tries again by itself.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(ended).toEqual([]);
    await host.ok('recv', receiver, any, 10);
    expect(await waits[0]!.returned).toMatchObject({ errno: 'EPIPE' });
    await host.ok('recv', receiver, any, 10, n('MSG_PEEK'));
    expect(await waits[1]!.returned).toMatchObject({ errno: 'EPIPE' });
    expect(ended).toEqual([0, 1]);
    await host.ok('close', receiver);
    expect(await waits[2]!.returned).toMatchObject({ errno: 'ECONNREFUSED' });
  });

  test('lets the host rest, also where many wait on one socket', async () => {
    const { host, address } = await full(0);
    const sender = await host.ok('socket', n('AF_UNIX'), n('SOCK_DGRAM'), 0);
    for (let at = 0; at < 20; at++) {
      await host.waits('sendto', sender, data('x'), 1, 0, address);
    }
    const before = host.processorTime;
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(host.processorTime - before).toBeLessThan(150);
  });

  test('does not keep another call on the same socket from one that has room', async () => {
    const { host, waits, receiver } = await full(1);
    const other = await host.ok('socket', n('AF_UNIX'), n('SOCK_DGRAM'), 0);
    const free = abstract(`sp-test-free-${process.pid}`);
    await host.ok('bind', other, free);
    const { fd } = (await host.readRecords({ from: waits[0]!.seq, count: 1 }))[0]!;
    expect(await host.call('sendto', fd, data('y'), 1, 0, free)).toMatchObject({
      result: 1,
      hasWaited: false,
    });
    await host.ok('recv', receiver, any, 10);
    expect(await waits[0]!.returned).toMatchObject({ result: 1 });
  });
});

describe('stream send', () => {
  test('goes on until all is sent', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    const size = 8 << 20;
    const send = await host.waits('send', client, data(new Uint8Array(size).fill(7)));
    let received = 0;
    while (received < size) {
      const { result, status } = await host.call('recv', peer, any, 1 << 20);
      expect(status).toBe('returned');
      received += result!;
    }
    expect(await send.returned).toMatchObject({
      result: size,
      payload: { direction: 'out', length: size, captured: size, offset: 0 },
    });
    await host.until('the count of bytes', (sockets) => sockets.some(({ bytesSent }) => bytesSent === size));
  });

  test('gives what was sent when its time-out is over', async () => {
    const host = TestHost.start();
    const { client } = await host.tcpPair();
    await host.ok('setsockopt', client, n('SOL_SOCKET'), n('SO_SNDTIMEO'), timeval(0, 30_000));
    const size = 32 << 20;
    const { result } = await host.call('send', client, data(new Uint8Array(size)));
    expect(result).toBeGreaterThan(0);
    expect(result).toBeLessThan(size);
    // The kernel may still make room for a while by moving what it has.
    const full = data(new Uint8Array(1 << 20));
    let last = await host.call('send', client, full);
    for (let tries = 0; tries < 20 && last.errno === null; tries++) {
      last = await host.call('send', client, full);
    }
    expect(last).toMatchObject({ errno: 'EAGAIN', hasWaited: true });
  });

  test('gives what was sent when the peer resets, and the next call the error', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    const send = await host.waits('send', client, data(new Uint8Array(16 << 20)));
    // Closing with unread data resets the connection.
    await host.ok('close', peer);
    const { result } = await send.returned;
    expect(result).toBeGreaterThan(0);
    expect(await host.fails('send', client, data('x'))).toBe('ECONNRESET');
    expect(await host.fails('send', client, data('x'))).toBe('EPIPE');
  });

  test('with MSG_DONTWAIT takes the short count', async () => {
    const host = TestHost.start();
    const { client } = await host.tcpPair();
    const dontWait = n('MSG_DONTWAIT');
    const size = 32 << 20;
    const result = await host.ok('send', client, data(new Uint8Array(size)), size, dontWait);
    expect(result).toBeLessThan(size);
  });
});

describe('MSG_WAITALL', () => {
  test('goes on until the whole is there', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    const recv = await host.waits('recv', peer, any, 6, n('MSG_WAITALL'));
    await host.ok('send', client, data('abc'));
    let half;
    do {
      [half] = await host.readRecords({ from: recv.seq, count: 1 });
    } while (half?.payload?.length !== 3);
    expect(await host.process.readData({ seq: recv.seq, offset: 1, length: 10 })).toHaveLength(2);
    await host.ok('send', client, data('defgh'));
    const record = await recv.returned;
    expect(record.result).toBe(6);
    expect(text(record)).toBe('abcdef');
    expect(text(await host.call('recv', peer, any, 10))).toBe('gh');
  });

  test('gives what there is at the end of the stream', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    const recv = await host.waits('recv', peer, any, 6, n('MSG_WAITALL'));
    await host.ok('send', client, data('abc'));
    await host.ok('shutdown', client, n('SHUT_WR'));
    expect(text(await recv.returned)).toBe('abc');
  });

  test('with MSG_PEEK waits for the whole and takes nothing', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    await host.ok('send', client, data('abc'));
    const recv = await host.waits('recv', peer, any, 6, flags('MSG_WAITALL', 'MSG_PEEK'));
    await host.ok('send', client, data('def'));
    expect(text(await recv.returned)).toBe('abcdef');
    expect(text(await host.call('recv', peer, any, 10))).toBe('abcdef');
  });

  test('says EAGAIN together with MSG_DONTWAIT', async () => {
    const host = TestHost.start();
    const { peer } = await host.tcpPair();
    expect(await host.fails('recv', peer, any, 10, flags('MSG_WAITALL', 'MSG_DONTWAIT'))).toBe('EAGAIN');
  });
});

describe('SO_RCVLOWAT', () => {
  test('of AF_UNIX holds a recv until so much has come', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.unixPair('SOCK_STREAM');
    await host.ok('setsockopt', peer, n('SOL_SOCKET'), n('SO_RCVLOWAT'), 4);
    await host.ok('send', client, data('abc'));
    const recv = await host.waits('recv', peer, any, 100);
    await host.ok('send', client, data('de'));
    expect(text(await recv.returned)).toBe('abcde');
  });

  test('of TCP holds a recv until so much is there beside what it has taken', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    await host.ok('setsockopt', peer, n('SOL_SOCKET'), n('SO_RCVLOWAT'), 4);
    await host.ok('send', client, data('abc'));
    const recv = await host.waits('recv', peer, any, 100);
    // 5 of them, but only 2 since the call sleeps: a C program's sleeps on, too.
    await host.ok('send', client, data('de'));
    await host.ok('send', client, data('fg'));
    expect(text(await recv.returned)).toBe('abcdefg');
    await host.ok('send', client, data('hi'));
    expect(text(await host.call('recv', peer, any, 2))).toBe('hi');
    await host.ok('send', client, data('j'));
    expect(text(await host.call('recv', peer, any, 100, n('MSG_DONTWAIT')))).toBe('j');
  });
});

describe('the receiving side is shut down while a call waits', () => {
  test('recv of TCP says 0', async () => {
    const host = TestHost.start();
    const { peer } = await host.tcpPair();
    const recv = await host.waits('recv', peer, any, 1);
    await host.ok('shutdown', peer, n('SHUT_RD'));
    expect(await recv.returned).toMatchObject({ result: 0 });
  });

  test('accept of TCP says EINVAL', async () => {
    const host = TestHost.start();
    const { fd } = await host.listener();
    const accept = await host.waits('accept', fd);
    await host.ok('shutdown', fd, n('SHUT_RDWR'));
    expect(await accept.returned).toMatchObject({ result: -1, errno: 'EINVAL' });
    await host.until('the state', ([server]) => server?.state === 'bound');
  });

  test('accept of AF_UNIX says EINVAL', async () => {
    const host = TestHost.start();
    const server = await host.ok('socket', n('AF_UNIX'), n('SOCK_STREAM'), 0);
    await host.ok('bind', server, abstract(`sp-test-shut-${process.pid}`));
    await host.ok('listen', server, 1);
    const accept = await host.waits('accept', server);
    await host.ok('shutdown', server, n('SHUT_RD'));
    expect(await accept.returned).toMatchObject({ result: -1, errno: 'EINVAL' });
    expect(await host.fails('accept', server)).toBe('EINVAL');
  });

  test('recv of datagrams says 0, each time', async () => {
    const host = TestHost.start();
    const unix = await host.ok('socket', n('AF_UNIX'), n('SOCK_DGRAM'), 0);
    await host.ok('bind', unix, abstract(`sp-test-shut-dgram-${process.pid}`));
    const udp = await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
    await host.ok('bind', udp, loopback);
    await host.ok('connect', udp, await host.nameOf(udp));
    for (const fd of [unix, udp]) {
      const recv = await host.waits('recv', fd, any, 10);
      await host.ok('shutdown', fd, n('SHUT_RD'));
      expect(await recv.returned).toMatchObject({ result: 0, status: 'returned' });
      expect(await host.ok('recv', fd, any, 10)).toBe(0);
    }
  });
});

describe('time-outs', () => {
  test('SO_RCVTIMEO ends recv and accept with EAGAIN, and accepted sockets inherit it', async () => {
    const host = TestHost.start();
    const { fd, address } = await host.listener();
    await host.ok('setsockopt', fd, n('SOL_SOCKET'), n('SO_RCVTIMEO'), timeval(0, 20_000));
    const accept = await host.call('accept', fd);
    expect(accept).toMatchObject({ errno: 'EAGAIN', hasWaited: true });
    expect(milliseconds(accept.endNs! - accept.startNs)).toBeGreaterThanOrEqual(19);
    const client = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    await host.ok('connect', client, address);
    const peer = await host.ok('accept', fd);
    expect(await host.fails('recv', peer, any, 10)).toBe('EAGAIN');
    await host.ok('send', client, data('abc'));
    expect(text(await host.call('recv', peer, any, 10, n('MSG_WAITALL')))).toBe('abc');
  });

  test('negative seconds are at once, and read back as 0', async () => {
    const host = TestHost.start();
    const { peer } = await host.tcpPair();
    await host.ok('setsockopt', peer, n('SOL_SOCKET'), n('SO_RCVTIMEO'), timeval(-1, 0));
    expect(await host.call('recv', peer, any, 10)).toMatchObject({ errno: 'EAGAIN', hasWaited: false });
    expect((await host.call('getsockopt', peer, n('SOL_SOCKET'), n('SO_RCVTIMEO'))).args[3]).toEqual(
      timeval(0, 0),
    );
  });

  test('one that the kernel refuses is not remembered', async () => {
    const host = TestHost.start();
    const { peer } = await host.tcpPair();
    expect(
      await host.fails('setsockopt', peer, n('SOL_SOCKET'), n('SO_RCVTIMEO'), timeval(0, 2_000_000)),
    ).toBe('EDOM');
    const recv = await host.waits('recv', peer, any, 1);
    expect(await host.process.cancel({ seq: recv.seq })).toBe(true);
  });
});

describe('the user’s O_NONBLOCK', () => {
  test('makes EAGAIN and EINPROGRESS results', async () => {
    const host = TestHost.start();
    const { fd, address } = await host.listener();
    const type = flags('SOCK_STREAM', 'SOCK_NONBLOCK');
    const client = await host.ok('socket', n('AF_INET'), type, 0);
    expect(await host.call('connect', client, address)).toMatchObject({
      errno: 'EINPROGRESS',
      hasWaited: false,
    });
    await host.ok('accept', fd);
    expect(await host.fails('recv', client, any, 1)).toBe('EAGAIN');
    const server = await host.ok('socket', n('AF_INET'), type, 0);
    await host.ok('listen', server, 1);
    expect(await host.fails('accept', server)).toBe('EAGAIN');
  });

  test('SO_ERROR of a connect that was refused', async () => {
    const host = TestHost.start();
    const quiet = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    await host.ok('bind', quiet, loopback);
    const client = await host.ok('socket', n('AF_INET'), flags('SOCK_STREAM', 'SOCK_NONBLOCK'), 0);
    expect(await host.fails('connect', client, await host.nameOf(quiet))).toBe('EINPROGRESS');
    const read = async () => (await host.call('getsockopt', client, n('SOL_SOCKET'), n('SO_ERROR'))).args[3];
    // Over loopback the answer is there when connect returns.
    expect(await read()).toEqual({ kind: 'list', items: [111] });
    expect(await read()).toEqual({ kind: 'list', items: [0] });
  });
});

describe('cancel', () => {
  test('ends a wait, and is not an answer of the kernel', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    const recv = await host.waits('recv', peer, any, 10);
    expect(await host.process.cancel({ seq: recv.seq })).toBe(true);
    expect(await recv.returned).toMatchObject({ status: 'cancelled', result: null, errno: null });
    expect(await host.process.cancel({ seq: recv.seq })).toBe(false);
    await host.ok('send', client, data('later'));
    expect(text(await host.call('recv', peer, any, 10))).toBe('later');
  });

  test('of a send that is under way tells what has gone', async () => {
    const host = TestHost.start();
    const { client } = await host.tcpPair();
    const send = await host.waits('send', client, data(new Uint8Array(32 << 20)));
    await host.process.cancel({ seq: send.seq });
    const { payload, status } = await send.returned;
    expect(status).toBe('cancelled');
    expect(payload!.length).toBeGreaterThan(0);
    expect(payload!.captured).toBe(payload!.length);
  });
});

describe('close while a call waits', () => {
  test('does not end the wait, and gives the number back', async () => {
    const host = TestHost.start();
    const { client, peer, server } = await host.tcpPair();
    const recv = await host.waits('recv', peer, any, 10);
    const { descriptorCount } = host;
    await host.ok('close', peer);
    expect(host.descriptorCount).toBe(descriptorCount);
    expect(await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0)).toBe(peer);
    await host.until('both', (sockets) =>
      sockets.some(({ fd, state, waiting }) => fd === peer && state === 'closed' && waiting.length === 1),
    );
    await host.ok('send', client, data('still here'));
    expect(text(await recv.returned)).toBe('still here');
    // With the last wait the socket is gone, and the peer sees its end.
    expect(await host.ok('recv', client, any, 10)).toBe(0);
    expect(host.descriptorCount).toBe(descriptorCount);
    expect(await host.ok('close', server)).toBe(0);
  });

  test('an accept goes on and ends with its time-out', async () => {
    const host = TestHost.start();
    const { fd, address } = await host.listener();
    await host.ok('setsockopt', fd, n('SOL_SOCKET'), n('SO_RCVTIMEO'), timeval(0, 100_000));
    const accept = await host.waits('accept', fd);
    await host.ok('close', fd);
    expect(await accept.returned).toMatchObject({ errno: 'EAGAIN' });
    const client = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    expect(await host.fails('connect', client, address)).toBe('ECONNREFUSED');
  });

  test('a close that lingers waits without holding anything up', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    await setLinger(host, client, 1, 10);
    await overfill(host, client);
    const close = await host.waits('close', client);
    expect(await host.process.cancel({ seq: close.seq })).toBe(false);
    await drain(host, peer);
    expect(await close.returned).toMatchObject({ result: 0, hasWaited: true });
  });

  test('negative seconds are very many', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    await setLinger(host, client, 1, -1);
    await overfill(host, client);
    const close = await host.waits('close', client);
    await drain(host, peer);
    expect(await close.returned).toMatchObject({ result: 0 });
  });

  test('so does the end of the last wait on a closed socket', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    await setLinger(host, client, 1, 60);
    await overfill(host, client);
    const recv = await host.waits('recv', client, any, 10);
    expect(await host.call('close', client)).toMatchObject({ result: 0, hasWaited: false });
    expect(await host.process.cancel({ seq: recv.seq })).toBe(true);
    expect(await recv.returned).toMatchObject({ status: 'cancelled' });
    await drain(host, peer);
  });

  test('a connection lingers as its listener did at the handshake', async () => {
    const host = TestHost.start();
    const { fd, address } = await host.listener();
    const client = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    await setLinger(host, fd, 1, 60);
    await host.ok('connect', client, address);
    await setLinger(host, fd, 0, 0);
    const peer = await host.ok('accept', fd);
    await overfill(host, peer);
    const close = await host.waits('close', peer);
    await drain(host, client);
    expect(await close.returned).toMatchObject({ result: 0 });
  });

  test('what has nothing to deliver is closed at once', async () => {
    const host = TestHost.start();
    const { fd } = await host.listener();
    await setLinger(host, fd, 1, 60);
    expect(await host.call('close', fd)).toMatchObject({ result: 0, hasWaited: false });
    const { client } = await host.tcpPair();
    await setLinger(host, client, 1, 60);
    await setLinger(host, client, 0, 60);
    expect(await host.call('close', client)).toMatchObject({ result: 0, hasWaited: false });
  });
});

describe('faults', () => {
  test('800 calls wait without a descriptor more', async () => {
    const host = TestHost.start();
    const sockets = await Promise.all(
      Array.from({ length: 800 }, () => host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0)),
    );
    await Promise.all(sockets.map((fd) => host.ok('bind', fd, loopback)));
    const { descriptorCount } = host;
    const waiting = await Promise.all(sockets.map((fd) => host.waits('recv', fd, any, 10)));
    expect(host.descriptorCount).toBe(descriptorCount);
    const sender = await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
    const addresses = await Promise.all(sockets.map((fd) => host.nameOf(fd)));
    await Promise.all(
      addresses.map((address, i) => host.ok('sendto', sender, data(`${i}`), String(i).length, 0, address)),
    );
    const records = await Promise.all(waiting.map(({ returned }) => returned));
    expect(records.map(text)).toEqual(sockets.map((_, i) => `${i}`));
    await Promise.all(sockets.map((fd) => host.ok('close', fd)));
    expect(host.descriptorCount).toBe(descriptorCount - 800 + 1);
  });

  test('a reset is told once, then the stream has ended', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    const recv = await host.waits('recv', peer, any, 10);
    await setLinger(host, client, 1, 0);
    await host.ok('close', client);
    expect(await recv.returned).toMatchObject({ errno: 'ECONNRESET' });
    expect(await host.ok('recv', peer, any, 10)).toBe(0);
    expect(await host.fails('send', peer, data('x'))).toBe('EPIPE');
  });

  test('SIGPIPE is ignored', async () => {
    const host = TestHost.start();
    const { client } = await host.tcpPair();
    expect(BigInt(`0x${host.processStatus('SigIgn')}`) & (1n << 12n)).not.toBe(0n);
    await host.ok('shutdown', client, n('SHUT_WR'));
    expect(await host.fails('send', client, data('x'))).toBe('EPIPE');
    expect(await host.ok('close', client)).toBe(0);
  });

  test('half-close: the answer still arrives', async () => {
    const host = TestHost.start();
    const { client, peer } = await host.tcpPair();
    await host.ok('send', client, data('request'));
    await host.ok('shutdown', client, n('SHUT_WR'));
    expect(text(await host.call('recv', peer, any, 100))).toBe('request');
    expect(await host.ok('recv', peer, any, 100)).toBe(0);
    await host.ok('send', peer, data('reply'));
    expect(text(await host.call('recv', client, any, 100))).toBe('reply');
  });

  test('a datagram that was refused is told with the next call', async () => {
    const host = TestHost.start();
    const quiet = await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
    await host.ok('bind', quiet, loopback);
    const address = await host.nameOf(quiet);
    await host.ok('close', quiet);
    const client = await host.ok('socket', n('AF_INET'), n('SOCK_DGRAM'), 0);
    await host.ok('connect', client, address);
    const recv = await host.waits('recv', client, any, 10);
    await host.ok('send', client, data('x'));
    expect(await recv.returned).toMatchObject({ errno: 'ECONNREFUSED' });
  });

  test('an address that is taken', async () => {
    const host = TestHost.start();
    const { address } = await host.listener();
    const second = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    expect(await host.fails('bind', second, address)).toBe('EADDRINUSE');
    const { path } = untilTestEnds(await tempDir());
    const unix = [
      await host.ok('socket', n('AF_UNIX'), n('SOCK_STREAM')),
      await host.ok('socket', n('AF_UNIX'), n('SOCK_STREAM')),
    ];
    await host.ok('bind', unix[0]!, unixPath(`${path}/s`));
    expect(await host.fails('bind', unix[1]!, unixPath(`${path}/s`))).toBe('EADDRINUSE');
  });

  test('EINTR is shown', async () => {
    const host = TestHost.start();
    const { peer } = await host.tcpPair();
    const inject = ['-e', 'trace=recvfrom', '-e', 'inject=recvfrom:error=EINTR:when=1'];
    const strace = untilTestEnds(await Peer.start('strace', ['-f', '-p', `${host.pid}`, ...inject]));
    await strace.waitForText(/attached/);
    expect(await host.fails('recv', peer, any, 10)).toBe('EINTR');
  });

  test('while calls wait the host rests', async () => {
    const host = TestHost.start();
    const { peer, server } = await host.tcpPair();
    await host.waits('accept', server);
    await host.waits('recv', peer, any, 10);
    const switches = () =>
      Number(/^nonvoluntary_ctxt_switches:\s*(\d+)/m.exec(statusOf(host.pid))![1]) + voluntary(host.pid);
    const duringPause = async () => {
      const before = switches();
      await new Promise((resolve) => setTimeout(resolve, 300));
      return switches() - before;
    };
    // What it has yet to do for the calls before comes to an end; a wait that is polled does not.
    await expect.poll(duringPause).toBeLessThan(20);
  });
});

function statusOf(pid: number): string {
  return readFileSync(`/proc/${pid}/status`, 'utf8');
}

function voluntary(pid: number): number {
  return Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(statusOf(pid))![1]);
}
