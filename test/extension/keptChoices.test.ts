import { expect, it } from 'vitest';
import type { Framing } from '../../src/common/framing/framing.js';
import { ChoiceStore, mostFramings } from '../../src/extension/panel/keptChoices.js';
import { memory } from './memory.js';

const lines: Framing = { kind: 'line', ending: 'CRLF' };
const replies = { unit: 'line', rules: [{ kind: 'contains', pattern: 'PING', reply: 'PONG' }] } as const;

it('keeps framings and rules while tabs are closed, and those of servers over a reload of the window', () => {
  const storage = memory();
  const store = new ChoiceStore(storage);
  store.keepFraming({ of: '127.0.0.1:4000', framing: lines });
  store.keepFraming({ of: 7, framing: { kind: 'fixed', length: 8 } });
  store.keepReplies(replies);
  store.keepMode('table');
  expect(store.kept(true)).toEqual({
    framings: [
      { of: '127.0.0.1:4000', framing: lines },
      { of: 7, framing: { kind: 'fixed', length: 8 } },
    ],
    replies,
    mode: 'table',
  });
  // A recording has sockets of its own, with ids of its own.
  expect(store.kept(false).framings).toEqual([{ of: '127.0.0.1:4000', framing: lines }]);
  // Another window has other sockets.
  expect(new ChoiceStore(storage).kept(true)).toEqual({
    framings: [{ of: '127.0.0.1:4000', framing: lines }],
    replies,
    mode: 'table',
  });
  store.keepFraming({ of: '127.0.0.1:4000', framing: null });
  expect(new ChoiceStore(storage).kept(true).framings).toEqual([]);
});

it('takes nothing else for framings and rules, and keeps the latest ones', () => {
  const storage = memory();
  void storage.update('framings', [
    { of: 'a', framing: { kind: 'line', ending: 'LFCR' } },
    { of: 'b', framing: { kind: 'fixed', length: 0 } },
    { of: 'c', framing: { kind: 'length', width: 3, isLittleEndian: true, before: 0, isWhole: true } },
    { of: null, framing: lines },
    null,
    { of: '127.0.0.1:9', framing: { kind: 'fixed', length: 8 } },
  ]);
  void storage.update('mode', 'rows');
  void storage.update('replies', { unit: 'line', rules: [{ kind: 'x' }] });
  const store = new ChoiceStore(storage);
  expect(store.kept(true)).toEqual({
    framings: [{ of: '127.0.0.1:9', framing: { kind: 'fixed', length: 8 } }],
    replies: null,
    mode: null,
  });
  for (let port = 0; port < 60; port++) {
    store.keepFraming({ of: `127.0.0.1:${port}`, framing: lines });
  }
  const { framings } = store.kept(true);
  expect(framings).toHaveLength(mostFramings);
  expect(framings.at(-1)!.of).toBe('127.0.0.1:59');
  void storage.update('framings', 'x');
  expect(new ChoiceStore(storage).kept(true).framings).toEqual([]);
});
