import { describe, expect, test } from 'vitest';
import type { FilterRow } from '../../src/common/filter/row.js';
import type { FramerState } from '../../src/common/framing/framer.js';
import type { Framing } from '../../src/common/framing/framing.js';
import type { FrameAnswer, FrameRequest } from '../../src/common/protocol/socketHost.js';
import { FrameScan } from '../../src/socketHost/frameScan.js';
import { any, data, n, TestHost } from './testHost.js';

const line: Framing = { kind: 'line', ending: 'LF' };

/** All messages of a stream, asked for as a panel does. */
async function messagesOf(host: TestHost, socketIds: number[], direction: 'in' | 'out', framing = line) {
  let state: FramerState | null = null;
  let again: number | null = null;
  const messages: number[][] = [];
  for (let from = 1; ;) {
    const answer = await host.process.frameStream({ socketIds, direction, framing, from, state, again });
    const numbers = [...new Float64Array(Uint8Array.from(answer.messages).buffer)];
    while (numbers.length > 0) {
      messages.push(numbers.splice(0, 4));
    }
    ({ state, again } = answer);
    if (answer.isDone) {
      return { messages, state, again, next: answer.next };
    }
    from = answer.next;
  }
}

test('a stream is cut into messages over its records, and goes on with the next ones', async () => {
  const host = TestHost.start();
  const { client, peer } = await host.tcpPair();
  const first = await host.call('send', client, data('one\ntw'));
  await host.call('send', client, data('o\n'));
  await host.call('recv', peer, any, 5);
  await host.call('recv', peer, any, 5, n('MSG_PEEK'));
  const got = await host.call('recv', peer, any, 100);
  const expected = [
    [1, 0, 4, 0],
    [2, 4, 8, 0],
  ];
  const sent = await messagesOf(host, [first.socketId!], 'out');
  expect(sent.messages).toEqual(expected);
  expect((await messagesOf(host, [got.socketId!], 'in')).messages).toEqual(expected);
  expect((await messagesOf(host, [first.socketId!], 'in')).messages).toEqual([]);
  await host.call('send', client, data('three\n'));
  const more = await host.process.frameStream({
    socketIds: [first.socketId!],
    direction: 'out',
    framing: line,
    from: sent.next,
    state: sent.state,
    again: sent.again,
  });
  expect([...new Float64Array(Uint8Array.from(more.messages).buffer)]).toEqual([3, 8, 14, 0]);
  const words: Framing = { kind: 'length', width: 1, isLittleEndian: false, before: 0, isWhole: false };
  await host.call('send', peer, data(new Uint8Array([2, 65, 66, 1])));
  await host.call('send', peer, data(new Uint8Array([67, 9])));
  const back = await messagesOf(host, [got.socketId!], 'out', words);
  expect(back.messages).toEqual([
    [1, 0, 3, 0],
    [2, 3, 5, 0],
  ]);
  expect(back.state).toMatchObject({ start: 5, end: 15 });
});

test('a call that waits is looked at again', async () => {
  const host = TestHost.start();
  const { client, peer } = await host.tcpPair();
  const { seq } = await host.waits('recv', peer, any, 4);
  const second = host.call('recv', peer, any, 4);
  const { socketId } = await host.call('getsockname', peer, any);
  expect(await messagesOf(host, [socketId!], 'in')).toMatchObject({ messages: [], again: seq });
  await host.call('send', client, data('ab\ncd\nef'));
  await second;
  const { messages, again } = await messagesOf(host, [socketId!], 'in');
  expect(again).toBeNull();
  expect(messages).toEqual([
    [1, 0, 3, 0],
    [2, 3, 6, 0],
  ]);
});

describe('bytes that were received before the call that began first', () => {
  const row = (seq: number, streamOffset: number, text: string, status = 'returned') =>
    ({
      seq,
      socketId: 1,
      name: 'recv',
      status,
      streamOffset,
      length: text.length,
      data: new TextEncoder().encode(text),
    }) as unknown as FilterRow;
  const request: FrameRequest = {
    socketIds: [1],
    direction: 'in',
    framing: line,
    from: 1,
    state: null,
    again: null,
  };
  const messages = ({ messages: bytes }: FrameAnswer) => [...new Float64Array(bytes.slice().buffer)];

  test('are in their place', () => {
    const scan = new FrameScan(request);
    scan.visit(row(1, 3, 'b\nc'));
    scan.visit(row(2, 0, 'a\n'));
    scan.visit(row(3, 2, '-'));
    scan.visit(row(4, 6, '\n'));
    const answer = scan.answer(5, true);
    expect(answer).toMatchObject({ next: 5, again: null });
    expect(messages(answer)).toEqual([1, 0, 2, 0, 2, 2, 5, 0, 3, 5, 7, 0]);
  });

  test('wait for that call, and for no more than that', () => {
    const scan = new FrameScan(request);
    scan.visit(row(1, 0, '', 'waiting'));
    scan.visit(row(2, 3, 'b\n'));
    const answer = scan.answer(3, true);
    expect(answer).toMatchObject({ again: 1, state: { position: 0 } });
    expect(messages(answer)).toEqual([]);
    // Without it nothing can come before them: they are shown with the gap.
    const other = new FrameScan(request);
    other.visit(row(2, 3, 'b\n'));
    expect(messages(other.answer(3, true))).toEqual([1, 0, 5, 1]);
  });
});
