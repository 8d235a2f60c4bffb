import { describe, expect, it } from 'vitest';
import type { CallRecord } from '../../../src/common/call.js';
import { ByteRibbon } from '../../../src/common/ribbon/byteRibbon.js';
import type { SocketId, SocketInfo } from '../../../src/common/socket.js';
import type { CallName } from '../../../src/common/tables/signatures.js';
import type { Line } from '../../../src/webview/lanes/blocks.js';
import { chipX, Columns, lifelineX } from '../../../src/webview/lanes/columns.js';
import { StateHistory } from '../../../src/webview/lanes/history.js';
import { sceneOf } from '../../../src/webview/lanes/scene.js';
import { recordOf } from '../../support/records.js';

const [server, accepted] = [1, 2];

const record = (name: CallName, seq: number, more: Partial<CallRecord> = {}) =>
  recordOf(name, [], { seq, startNs: seq, endNs: seq, socketId: server, ...more });

const socket = (id: SocketId, openedSeq: number) =>
  ({ id, openedSeq, kind: 'socket', domain: 'AF_INET', type: 'SOCK_STREAM', protocol: 0 }) as SocketInfo;

const line = (kind: Line['kind'], of: CallRecord, y: number): Line => ({
  kind,
  record: of,
  y,
  ns: kind === 'return' ? of.endNs! : of.startNs,
  height: 24,
  isPending: false,
  note: null,
  handshakeWith: null,
});

describe('the lane of a socket that an accept made which had waited', () => {
  // The accept began above what is drawn, and returns in its second line.
  const accept = record('accept', 2, { hasWaited: true, endNs: 9, createdIds: [accepted] });
  const other = record('getsockname', 8);
  const sockets = new Map([
    [server, socket(server, 1)],
    [accepted, socket(accepted, accept.seq)],
  ]);
  const history = new StateHistory(
    () => sockets,
    () => false,
  );
  history.add(accept);
  history.sample({ ...sockets.get(accepted)!, tcpState: 'CLOSE_WAIT' }, 8, 10);
  const widths = { charWidth: 7, isShort: () => false, isCollapsed: () => false };
  const columns = new Columns([server, accepted], 90, widths);
  const lines = [line('call', other, 0), line('return', accept, 24)];
  const scene = sceneOf([{ seq: 8, row: 0, height: 48, lines }], [0], {
    columns,
    shown: columns.all,
    sockets,
    ribbon: new ByteRibbon(() => sockets),
    history,
    height: 48,
    isAtEnd: true,
    laneOf: () => server,
    isFailed: () => false,
    waitingAcross: () => [],
    chipEnd: () => 100,
    markWidth: () => 50,
    birthWidth: () => 70,
    boxOf: (_, segments) => ({ width: 0, segments }),
    segmentText: () => '',
  });

  it('has no life-line before it', () => {
    const x = columns.get(accepted)!.x + lifelineX;
    const own = scene.spans.filter((span) => span.x === x);
    expect(own.map(({ y1 }) => y1)).toEqual([36]);
  });

  it('names what the kernel told there behind the word of its birth', () => {
    const [mark] = scene.marks.filter(({ column }) => column.id === accepted);
    expect(mark).toMatchObject({ y: 24, change: { state: 'CLOSE_WAIT' }, after: chipX + 70 });
  });
});
