import { expect, it, vi } from 'vitest';
import type { Framing } from '../../src/common/framing/framing.js';
import type { KeptFraming } from '../../src/common/protocol/panel.js';
import type { Replies } from '../../src/common/replyRules.js';
import type { SocketInfo } from '../../src/common/socket.js';
import { AutomaticModel } from '../../src/webview/state/automatic.js';
import { FramingModel } from '../../src/webview/state/framing.js';

const at = (port: number) => ({ family: 'AF_INET' as const, address: '127.0.0.1', port });
const socket = (parts: Partial<SocketInfo>) => ({ sharedWith: [], peerId: null, ...parts }) as SocketInfo;
const lines: Framing = { kind: 'line', ending: 'CRLF' };

/** A model in a fresh page, with the sockets that are there now; what it wants to be kept is added. */
function framingModel(sockets: [number, SocketInfo][], kept: KeptFraming[] = []): FramingModel {
  const context = {
    range: { firstSeq: 1, lastSeq: 0 },
    sockets: () => new Map(sockets),
    frame: () => Promise.reject(new Error('not asked')),
    keep: (one: KeptFraming) => void kept.push(one),
  };
  return new FramingModel(context, [...kept]);
}

it('how the streams of a server are cut outlives the page, at both ends', () => {
  const kept: KeptFraming[] = [];
  const accepted = socket({ role: 'accepted', local: at(4000), remote: at(50_000) });
  framingModel([[5, accepted]], kept).choose(5, lines);
  expect(kept).toEqual([{ of: '127.0.0.1:4000', framing: lines }]);
  const after = framingModel(
    [
      [1, socket({ role: 'client', local: at(50_001), remote: at(4000) })],
      [2, socket({ role: 'accepted', local: at(4000), remote: at(50_001) })],
      [3, socket({ role: 'client', local: at(50_002), remote: at(4001) })],
    ],
    kept,
  );
  expect([after.of(1), after.of(2), after.of(3)]).toEqual([lines, lines, null]);
  after.choose(1, null);
  expect(after.of(2)).toBe(null);
  expect(kept.at(-1)).toEqual({ of: '127.0.0.1:4000', framing: null });
});

it('how a stream without a name is cut is its own, and outlives the page as the socket does', () => {
  const unnamed = { family: 'AF_UNIX' as const, name: new Uint8Array(), isAbstract: false };
  const pair = [1, 2, 3].map((id): [number, SocketInfo] => [
    id,
    socket({ role: 'pair', remote: unnamed, peerId: id === 1 ? 2 : id === 2 ? 1 : null }),
  ]);
  const kept: KeptFraming[] = [];
  framingModel(pair, kept).choose(1, lines);
  const after = framingModel(pair, kept);
  expect([after.of(1), after.of(2), after.of(3)]).toEqual([lines, lines, null]);
});

it('rules of replies are offered again, and nothing replies by them', () => {
  const automate = vi.fn();
  const kept: Replies[] = [];
  const open = (replies: Replies | null) =>
    new AutomaticModel(
      {
        socket: () => undefined,
        target: () => undefined,
        automate,
        keep: (one) => void kept.push(one),
        say: () => {},
      },
      replies,
    );
  const before = open(null);
  expect(kept).toEqual([]);
  before.change(0, { pattern: 'PING', reply: 'PONG' });
  before.unit.value = 'line';
  const after = open(kept.at(-1)!);
  expect(after.unit.value).toBe('line');
  expect(after.rules.value).toEqual([{ kind: 'contains', pattern: 'PING', reply: 'PONG' }]);
  expect(after.editing.value).toBe(null);
  expect(automate).not.toHaveBeenCalled();
});
