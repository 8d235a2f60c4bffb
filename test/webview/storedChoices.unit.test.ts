import { expect, it, vi } from 'vitest';
import type { Framing } from '../../src/common/framing/framing.js';
import type { SocketInfo } from '../../src/common/socket.js';
import type { StoredView } from '../../src/webview/connection.js';
import { AutomaticModel } from '../../src/webview/state/automatic.js';
import { FramingModel } from '../../src/webview/state/framing.js';
import { mostFramings } from '../../src/webview/state/storedChoices.js';

const at = (port: number) => ({ family: 'AF_INET' as const, address: '127.0.0.1', port });
const socket = (parts: Partial<SocketInfo>) => ({ sharedWith: [], peerId: null, ...parts }) as SocketInfo;
const lines: Framing = { kind: 'line', ending: 'CRLF' };

/** A model in a fresh window, with the sockets that are there now. */
function framingModel(sockets: [number, SocketInfo][], stored: StoredView = {}): FramingModel {
  const context = {
    range: { firstSeq: 1, lastSeq: 0 },
    sockets: () => new Map(sockets),
    frame: () => Promise.reject(new Error('not asked')),
  };
  return new FramingModel(context, stored);
}

it('how the streams of a server are cut outlives the window, at both ends', () => {
  const before = framingModel([[5, socket({ role: 'accepted', local: at(4000), remote: at(50_000) })]]);
  before.choose(5, lines);
  const stored = JSON.parse(JSON.stringify(before.stored)) as StoredView;
  const after = framingModel(
    [
      [1, socket({ role: 'client', local: at(50_001), remote: at(4000) })],
      [2, socket({ role: 'accepted', local: at(4000), remote: at(50_001) })],
      [3, socket({ role: 'client', local: at(50_002), remote: at(4001) })],
    ],
    stored,
  );
  expect([after.of(1), after.of(2), after.of(3)]).toEqual([lines, lines, null]);
  after.choose(1, null);
  expect(after.of(2)).toBe(null);
  expect(after.stored).toEqual({ framings: [] });
});

it('how a stream without a name is cut is its own, and ends with it', () => {
  const unnamed = { family: 'AF_UNIX' as const, name: new Uint8Array(), isAbstract: false };
  const pair = [1, 2, 3].map((id): [number, SocketInfo] => [id, socket({ role: 'pair', remote: unnamed })]);
  const model = framingModel(pair);
  model.choose(1, lines);
  expect([model.of(1), model.of(3)]).toEqual([lines, null]);
  expect(model.stored).toEqual({ framings: [] });
});

it('only framings are taken for framings, and the latest ones are kept', () => {
  const odd: unknown[] = [
    ['a', { kind: 'line', ending: 'LFCR' }],
    ['b', { kind: 'fixed', length: 0 }],
    ['c', { kind: 'length', width: 3, isLittleEndian: true, before: 0, isWhole: true }],
    [7, lines],
    null,
    ['d', null],
    ['127.0.0.1:9', { kind: 'fixed', length: 8 }],
  ];
  const model = framingModel([[1, socket({ role: 'client', remote: at(9) })]], { framings: odd });
  expect(model.of(1)).toEqual({ kind: 'fixed', length: 8 });
  expect(model.stored).toEqual({ framings: [['127.0.0.1:9', { kind: 'fixed', length: 8 }]] });
  expect(framingModel([], { framings: 'x' }).stored).toEqual({ framings: [] });
  const many = Array.from({ length: 60 }, (_, port) => [`127.0.0.1:${port}`, lines]);
  expect((framingModel([], { framings: many }).stored.framings as unknown[]).length).toBe(mostFramings);
});

it('rules of replies are offered again, and nothing replies by them', () => {
  const automate = vi.fn();
  const open = (stored: StoredView) =>
    new AutomaticModel({ socket: () => undefined, target: () => undefined, automate, say: () => {} }, stored);
  const before = open({});
  before.change(0, { pattern: 'PING', reply: 'PONG' });
  before.unit.value = 'line';
  const after = open(JSON.parse(JSON.stringify(before.stored)) as StoredView);
  expect(after.unit.value).toBe('line');
  expect(after.rules.value).toEqual([{ kind: 'contains', pattern: 'PING', reply: 'PONG' }]);
  expect(after.editing.value).toBe(null);
  for (const replies of [null, 7, { unit: 'all', rules: [] }, { unit: 'line', rules: [{ kind: 'x' }] }]) {
    expect(open({ replies }).rules.value).toEqual(open({}).rules.value);
  }
  expect(automate).not.toHaveBeenCalled();
});
