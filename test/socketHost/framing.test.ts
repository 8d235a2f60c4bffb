import { expect, test } from 'vitest';
import type { FramerState } from '../../src/common/framing/framer.js';
import type { Framing } from '../../src/common/framing/framing.js';
import { any, data, n, TestHost } from './testHost.js';

const line: Framing = { kind: 'line', ending: 'LF' };

/** All messages of a stream, asked for as a panel does. */
async function messagesOf(host: TestHost, socketIds: number[], direction: 'in' | 'out', framing = line) {
  let state: FramerState | null = null;
  const messages: number[][] = [];
  for (let from = 1; ;) {
    const answer = await host.process.frameStream({ socketIds, direction, framing, from, state });
    const numbers = [...new Float64Array(Uint8Array.from(answer.messages).buffer)];
    while (numbers.length > 0) {
      messages.push(numbers.splice(0, 4));
    }
    ({ state } = answer);
    if (answer.isDone) {
      return { messages, state, next: answer.next };
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

test('bytes of a call that ended later than the next one are in their place', async () => {
  const host = TestHost.start();
  const { client, peer } = await host.tcpPair();
  await host.waits('recv', peer, any, 4);
  const second = host.call('recv', peer, any, 4);
  await host.call('send', client, data('ab\ncd\nef'));
  const { socketId } = await second;
  const { messages } = await messagesOf(host, [socketId!], 'in');
  expect(messages).toEqual([
    [1, 0, 3, 0],
    [2, 3, 6, 0],
  ]);
});
