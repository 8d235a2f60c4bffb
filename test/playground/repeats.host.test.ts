import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Call, dataValue } from '../../src/common/call.js';
import type { RepeatInfo, RepeatRequest } from '../../src/common/protocol/repeat.js';
import type { Playground } from '../../src/playground/playground.js';
import { Repeats } from '../../src/playground/repeats.js';
import { waitUntil } from '../support/events.js';
import { hostedPlayground } from './hostedPlayground.js';

let playground: Playground;
let repeats: Repeats;

beforeEach(() => {
  ({ playground } = hostedPlayground());
  repeats = new Repeats(playground, async (call, options) => {
    const { started, returned } = playground.call(call, options);
    return { kind: 'started', start: await started, returned };
  });
});

afterEach(() => {
  repeats.dispose();
});

/** Two connected datagram sockets: each send is one message. */
async function pair(): Promise<{ fds: number[]; ids: number[] }> {
  const record = await playground.call({ name: 'socketpair', args: [1, 5, 0] }).returned;
  await playground.whenKnown(record.seq);
  const ids = record.createdIds;
  return { ids, fds: ids.map((id) => playground.sockets.get(id)!.fd) };
}

const send = (fd: number): Call => ({ name: 'send', args: [fd, dataValue(Uint8Array.of(1)), 1, 0] });

function start(request: Partial<RepeatRequest> & Pick<RepeatRequest, 'call' | 'socketId'>): number {
  const result = repeats.start({
    count: 3,
    intervalMs: 0,
    stopsAtError: true,
    firstCounter: 1,
    ...request,
  });
  if (result.kind === 'refused') {
    throw new Error(result.message);
  }
  return result.id;
}

const infoOf = (id: number): RepeatInfo => repeats.all.find((one) => one.id === id)!;
const ended = (id: number) => waitUntil(repeats.onDidChange, () => infoOf(id).end !== null);

it('makes real calls, each with values of its own', async () => {
  const { fds, ids } = await pair();
  const source = { mode: 'text' as const, text: '{{len:u8}}n={{counter}}', ending: 'LF' as const };
  const id = start({
    call: { call: send(fds[0]!), templates: [{ argument: 1, part: null, source }] },
    socketId: ids[0]!,
    firstCounter: 9,
  });
  expect(repeats.isRunning).toBe(true);
  await ended(id);
  expect(infoOf(id)).toMatchObject({ made: 3, failed: 0, end: { kind: 'done' } });
  expect(repeats.isRunning).toBe(false);
  for (const text of ['\x03n=9', '\x04n=10', '\x04n=11']) {
    const { args, result } = await playground.call({ name: 'recv', args: [fds[1]!, { kind: 'any' }, 100] })
      .returned;
    expect([result, args[1]]).toMatchObject([text.length, dataValue(new TextEncoder().encode(text))]);
  }
  const records = await playground.readRecords(1, 10);
  expect(records.filter(({ madeBy }) => madeBy === 'repeat').map(({ name }) => name)).toEqual([
    'send',
    'send',
    'send',
  ]);
  // Its end is known now.
  repeats.stop(id);
  expect(repeats.all).toEqual([]);
});

it('stops at an error, or goes on where that is asked', async () => {
  const { fds, ids } = await pair();
  await playground.call({ name: 'close', args: [fds[1]!] }).returned;
  const request = { call: { call: send(fds[0]!) }, socketId: ids[0]! };
  const first = start(request);
  await ended(first);
  expect(infoOf(first)).toMatchObject({ made: 1, failed: 1, end: { kind: 'error', errno: 'EPIPE' } });
  const second = start({ ...request, stopsAtError: false });
  await ended(second);
  expect(infoOf(second)).toMatchObject({ made: 3, failed: 3, end: { kind: 'done' } });
});

it('is stopped while it pauses, and while a call waits, which is cancelled', async () => {
  const { fds, ids } = await pair();
  const slow = start({ call: { call: send(fds[0]!) }, socketId: ids[0]!, intervalMs: 60_000 });
  await waitUntil(repeats.onDidChange, () => infoOf(slow).made === 1);
  const receive: Call = { name: 'recv', args: [fds[0]!, { kind: 'any' }, 10] };
  const waiting = start({ call: { call: receive }, socketId: ids[0]! });
  await waitUntil(repeats.onDidChange, () => infoOf(waiting).isWaiting);
  repeats.stopAll();
  expect(infoOf(slow)).toMatchObject({ made: 1, end: { kind: 'stopped' } });
  expect(infoOf(waiting)).toMatchObject({ begun: 1, made: 0, end: { kind: 'stopped' } });
  await waitUntil(playground.onDidChange, () => !playground.hasWaiting);
});

it('ends with its socket, and never calls on one that got its number', async () => {
  const { fds, ids } = await pair();
  const id = start({ call: { call: send(fds[0]!) }, socketId: ids[0]!, count: 1000, intervalMs: 60_000 });
  await waitUntil(repeats.onDidChange, () => infoOf(id).made === 1);
  await playground.call({ name: 'close', args: [fds[0]!] }).returned;
  await waitUntil(repeats.onDidChange, () => infoOf(id).end !== null);
  expect(infoOf(id).end).toEqual({ kind: 'closed' });
  const other = await playground.call({ name: 'socket', args: [2, 1, 0] }).returned;
  expect(other.result).toBe(fds[0]);
  await expect(playground.call(send(fds[0]!), { socketId: ids[0]! }).returned).rejects.toMatchObject({
    refusal: { message: 'The socket that this call was for is closed.' },
  });
});

it('ends where a value does not fit, and refuses what is no template or too many', async () => {
  const { fds, ids } = await pair();
  const template = (text: string) => [
    { argument: 1, part: null, source: { mode: 'text' as const, text, ending: 'LF' as const } },
  ];
  const id = start({
    call: { call: send(fds[0]!), templates: template('{{counter:u8}}') },
    socketId: ids[0]!,
    firstCounter: 255,
  });
  await ended(id);
  expect(infoOf(id)).toMatchObject({ made: 1, end: { kind: 'problem' } });
  const request = { socketId: ids[0]!, count: 2, intervalMs: 60_000, stopsAtError: true, firstCounter: 1 };
  const call = { call: send(fds[0]!), templates: template('{{nonsense}}') };
  expect(repeats.start({ ...request, call })).toMatchObject({ kind: 'refused' });
  const misplaced = { call: send(fds[0]!), templates: [{ ...template('a')[0]!, argument: 3 }] };
  expect(repeats.start({ ...request, call: misplaced })).toMatchObject({ kind: 'refused' });
  for (let count = 0; count < 8; count++) {
    start({ ...request, call: { call: send(fds[0]!) } });
  }
  expect(repeats.start({ ...request, call: { call: send(fds[0]!) } })).toEqual({
    kind: 'refused',
    message: '8 calls are repeated already: stop one first.',
  });
});
