import { serialize } from 'node:v8';
import { describe, expect, test } from 'vitest';
import { packChange, unpackChange } from '../../src/common/protocol/packedChange.js';
import type { HostChange } from '../../src/common/protocol/socketHost.js';
import type { SocketInfo } from '../../src/common/socket.js';
import { parseFaults } from '../../src/common/tap/faults.js';
import { inet, socket } from '../support/sockets.js';

function change(sockets: SocketInfo[]): HostChange {
  return {
    sockets,
    firstSeq: 1,
    lastSeq: 7,
    changedSeqs: [2],
    droppedBytes: 0,
    droppedRecords: 0,
    drops: [],
    recordingFault: null,
  };
}

/** As it comes out of the pipe. */
function crossed(sockets: SocketInfo[]): HostChange {
  return unpackChange(structuredClone(packChange(change(sockets))));
}

/** As a listener accepts them, which share what is alike. */
function accepted(count: number): SocketInfo[] {
  const alike = socket({ role: 'accepted', state: 'connected', listenerId: 1 });
  return Array.from({ length: count }, (_, index) => ({
    ...alike,
    id: index + 2,
    fd: index + 22,
    openedSeq: index + 9,
    remote: inet('127.0.0.1', 30_000 + index),
  }));
}

const tap = {
  id: 1,
  kind: 'stream',
  side: 'listener',
  target: inet('127.0.0.1', 80),
  otherId: null,
  faults: parseFaults('', 'stream'),
} as const;

describe('a change comes out of the pipe as it went in', () => {
  test.each<[string, SocketInfo[]]>([
    ['without sockets', []],
    ['with one', [socket({ waiting: [{ seq: 3, name: 'recv', startNs: 5 }] })]],
    ['with many that are alike', accepted(100)],
    ['with sockets that have nothing in common', [socket(), { ...accepted(1)[0]!, sharedWith: [4, 5] }]],
    ['with what the first one alone has', [socket({ tap, lost: { seq: 4, ns: 9 } }), socket({ id: 2 })]],
    ['with what another one alone has', [socket(), socket({ id: 2, tap, lost: { seq: 4, ns: 9 } })]],
  ])('%s', (_what, sockets) => {
    expect(crossed(sockets)).toStrictEqual(change(sockets));
  });
});

test('of very many sockets that are alike little crosses', () => {
  const sockets = accepted(1000);
  const bytes = (value: unknown) => serialize(value).length;
  expect(bytes(packChange(change(sockets)))).toBeLessThan(bytes(change(sockets)) / 5);
});
