import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { type CallRecord, itemsOf, type Value } from '../../src/common/call.js';
import type { SocketInfo } from '../../src/common/socket.js';
import { abstract, any, data, flags, n, TestHost, type Waiting } from './testHost.js';

// A datagram that waits for room at a receiver goes to that one, whatever becomes of the sender's own socket. What each test
// expects is what a C program with threads got.

let host: TestHost;
beforeAll(() => {
  host = new TestHost();
});
afterAll(() => host.dispose());

const struct = (fields: Record<string, Value>): Value => ({
  kind: 'struct',
  fields: Object.entries(fields).map(([name, value]) => ({ name, value })),
});
const list = (...items: Value[]): Value => ({ kind: 'list', items });

let receiver: number;
let sender: number;

let names = 0;

async function bound(): Promise<number> {
  const fd = await host.ok('socket', n('AF_UNIX'), n('SOCK_DGRAM'), 0);
  await host.ok('bind', fd, abstract(`sp-held-${process.pid}-${names++}`));
  return fd;
}

/** A sender that is connected to a receiver whose queue is full. */
beforeEach(async () => {
  receiver = await bound();
  sender = await host.ok('socket', n('AF_UNIX'), n('SOCK_DGRAM'), 0);
  await host.ok('connect', sender, await host.nameOf(receiver));
  while ((await trySend()).errno === null) {
    // As many as net.unix.max_dgram_qlen lets in.
  }
});

const trySend = (text = 'full'): Promise<CallRecord> =>
  host.call('send', sender, data(text), text.length, flags('MSG_DONTWAIT'));
const sends = (text: string): Promise<Waiting> => host.waits('send', sender, data(text));
const receives = (): Promise<CallRecord> => host.call('recv', receiver, any, 10, flags('MSG_DONTWAIT'));

async function pairOf(type: Value): Promise<[number, number]> {
  const { args } = await host.call('socketpair', n('AF_UNIX'), type, 0);
  return itemsOf(args[3]) as [number, number];
}

/** Sends the descriptor in a message: from then on another process may have it. */
async function pass(fd: number, through?: number): Promise<void> {
  const [end] = through === undefined ? await pairOf(n('SOCK_STREAM')) : [through];
  const rights = { cmsg_level: n('SOL_SOCKET'), cmsg_type: n('SCM_RIGHTS'), cmsg_data: list(fd) };
  const parts = {
    msg_iov: list(struct({ iov_base: data('x'), iov_len: 1 })),
    msg_control: list(struct(rights)),
  };
  await host.ok('sendmsg', end, struct(parts), 0);
}

async function lastReceived(): Promise<string> {
  let last = '';
  for (let record = await receives(); record.errno === null; record = await receives()) {
    last = new TextDecoder().decode((record.args[1] as { bytes: Uint8Array }).bytes);
  }
  return last;
}

test('a sender that is disconnected while it waits sends to the receiver that it had', async () => {
  const waiting = await sends('held');
  await host.ok('connect', sender, { family: 'raw', bytes: new Uint8Array(2) });
  await receives();
  expect(await waiting.returned).toMatchObject({ result: 4 });
  expect(await lastReceived()).toBe('held');
});

test('a sender that is connected to another one while it waits sends to the first', async () => {
  const other = await bound();
  const waiting = await sends('held');
  await host.ok('connect', sender, await host.nameOf(other));
  await receives();
  expect(await waiting.returned).toMatchObject({ result: 4 });
  expect(await lastReceived()).toBe('held');
  expect(await host.fails('recv', other, any, 10, flags('MSG_DONTWAIT'))).toBe('EAGAIN');
});

test('a wait for a receiver that others may read takes no processor time after the sender was connected elsewhere', async () => {
  const other = await bound();
  await sends('held');
  await pass(receiver);
  await host.ok('connect', sender, await host.nameOf(other));
  const before = host.processorTime;
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(host.processorTime - before).toBeLessThan(200);
});

test('a sender that was disconnected is told that its receiver has gone', async () => {
  const waiting = await sends('held');
  await host.ok('connect', sender, { family: 'raw', bytes: new Uint8Array(2) });
  await host.ok('close', receiver);
  expect(await waiting.returned).toMatchObject({ errno: 'ECONNRESET' });
});

test('of two sends that wait for one that is closed one is refused, and the other has lost its connection', async () => {
  const both = [await sends('one'), await sends('two')];
  await host.ok('close', receiver);
  const records = await Promise.all(both.map(({ returned }) => returned));
  expect(new Set(records.map(({ errno }) => errno))).toEqual(new Set(['ECONNREFUSED', 'ECONNRESET']));
});

test('of two sends that wait for their own buffer one is refused, and the other finds no connection', async () => {
  while ((await receives()).errno === null) {
    // Not the receiver's queue is to be full.
  }
  await host.ok('setsockopt', sender, n('SOL_SOCKET'), n('SO_SNDBUF'), 5000);
  while ((await trySend('x'.repeat(2000))).errno === null) {
    // As many as the buffer holds.
  }
  const both = [await sends('one'), await sends('two')];
  await host.ok('close', receiver);
  const records = await Promise.all(both.map(({ returned }) => returned));
  expect(new Set(records.map(({ errno }) => errno))).toEqual(new Set(['ECONNREFUSED', 'ENOTCONN']));
});

test('a sender that is shut down while it waits sends all the same', async () => {
  const waiting = await sends('held');
  await host.ok('shutdown', sender, n('SHUT_WR'));
  expect(await host.fails('send', sender, data('more'))).toBe('EPIPE');
  await receives();
  expect(await waiting.returned).toMatchObject({ result: 4 });
  expect(await lastReceived()).toBe('held');
});

test('a recv that cannot write what it takes makes room too', async () => {
  const waiting = await sends('held');
  await host.ok('shutdown', receiver, n('SHUT_RD'));
  expect(await host.fails('recv', receiver, null, 10)).toBe('EFAULT');
  expect(await waiting.returned).toMatchObject({ errno: 'EPIPE' });
});

test('a packet that waits for its own buffer is refused when another process shuts down who would receive it', async () => {
  const other = new TestHost();
  onTestFinished(() => other.dispose());
  const [near, far] = await pairOf(n('SOCK_SEQPACKET'));
  const listener = await host.ok('socket', n('AF_UNIX'), n('SOCK_STREAM'), 0);
  await host.ok('bind', listener, abstract(`sp-held-${process.pid}-${names++}`));
  await host.ok('listen', listener, 1);
  const client = await other.ok('socket', n('AF_UNIX'), n('SOCK_STREAM'), 0);
  await other.ok('connect', client, await host.nameOf(listener));
  await pass(far, await host.ok('accept', listener));
  const message = {
    msg_iov: list(struct({ iov_base: any, iov_len: 1 })),
    msg_control: any,
    msg_controllen: 64,
  };
  await other.ok('recvmsg', client, struct(message), 0);
  const isReceived = ({ role }: SocketInfo) => role === 'received';
  await other.until('the descriptor has come', (sockets) => sockets.some(isReceived));
  const { fd } = [...other.sockets.values()].find(isReceived)!;
  await host.ok('setsockopt', near, n('SOL_SOCKET'), n('SO_SNDBUF'), 5000);
  const text = 'x'.repeat(2000);
  while ((await host.call('send', near, data(text), text.length, flags('MSG_DONTWAIT'))).errno === null) {
    // As many as the buffer holds.
  }
  const waiting = await host.waits('send', near, data('held'));
  await other.ok('shutdown', fd, n('SHUT_RD'));
  expect(await waiting.returned).toMatchObject({ errno: 'EPIPE' });
});
