import { describe, expect, it } from 'vitest';
import type { CallRecord } from '../../../src/common/call.js';
import { ByteRibbon } from '../../../src/common/ribbon/byteRibbon.js';
import type { SocketId, SocketInfo } from '../../../src/common/socket.js';
import type { CallName } from '../../../src/common/tables/signatures.js';
import type { Line } from '../../../src/webview/lanes/blocks.js';
import { chipX, Columns, lifelineX } from '../../../src/webview/lanes/columns.js';
import { StateHistory } from '../../../src/webview/lanes/history.js';
import { TextMeasure } from '../../../src/webview/lanes/measure.js';
import { sceneOf } from '../../../src/webview/lanes/scene.js';
import type { SceneSource } from '../../../src/webview/lanes/sceneParts.js';
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
  injected: '',
  handshakeWith: null,
});

/** What a scene is drawn from: the chips end at 100, and nothing fails or waits. */
function sourceOf(
  given: Pick<SceneSource, 'columns' | 'sockets' | 'history'> & Partial<SceneSource>,
): SceneSource {
  return {
    shown: given.columns.all,
    acceptQueues: new Map(),
    ribbon: new ByteRibbon(() => given.sockets),
    height: 48,
    isAtEnd: true,
    lastSeq: 0,
    laneOf: ({ socketId }) => socketId ?? 0,
    isFailed: () => false,
    waitingAcross: () => [],
    chipEnd: () => 100,
    markWidth: () => 50,
    birthWidth: () => 70,
    boxOf: (_, segments) => ({ width: 0, segments }),
    segmentText: () => '',
    ...given,
  };
}

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
  history.sample({ ...sockets.get(accepted)!, tcpState: 'CLOSE_WAIT' }, 8, 9);
  const widths = { charWidth: 7, isShort: () => false, isCollapsed: () => false };
  const columns = new Columns([server, accepted], 90, widths);
  const lines = [line('call', other, 0), line('return', accept, 24)];
  const scene = sceneOf(
    [{ seq: 8, row: 0, height: 72, lines, gaps: [{ y: 48, ns: 9 }] }],
    [0],
    sourceOf({ columns, sockets, history, laneOf: () => server }),
  );

  it('has no life-line before it', () => {
    const x = columns.get(accepted)!.x + lifelineX;
    const own = scene.spans.filter((span) => span.x === x);
    expect(own.map(({ y1 }) => y1)).toEqual([36]);
  });

  it('names what the kernel told later in a line of its own', () => {
    const [mark] = scene.marks.filter(({ column }) => column.id === accepted);
    expect(mark).toMatchObject({ y: 48, change: { state: 'CLOSE_WAIT' }, after: null });
  });
});

describe('a state that the kernel told', () => {
  it('was there by then; what follows from a record of the same row came with that', () => {
    const [client, peer] = [1, 2];
    const sockets = new Map([client, peer].map((id) => [id, { ...socket(id, 1), peerId: 3 - id }]));
    sockets.forEach((one) => Object.assign(one, { sharedWith: [] }));
    const history = new StateHistory(
      () => sockets,
      () => false,
    );
    history.add(record('shutdown', 7, { socketId: client, args: [3, 1] }));
    history.sample({ ...sockets.get(client)!, tcpState: 'FIN_WAIT2' }, 8, 10);
    const asked = record('getsockname', 8, { socketId: client });
    const close = record('close', 9, { socketId: peer, endNs: 12 });
    history.add(close);
    const columns = new Columns([client, peer], 90, {
      charWidth: 7,
      isShort: () => false,
      isCollapsed: () => false,
    });
    const lines = [line('call', asked, 0), line('call', close, 24)];
    const { marks } = sceneOf(
      [{ seq: 8, row: 0, height: 48, lines, gaps: [] }],
      [0],
      sourceOf({ columns, sockets, history }),
    );
    const told = marks.filter(({ column }) => column.id === client);
    expect(told.map(({ change, y, isBefore }) => [change.state, y, isBefore])).toEqual([
      ['FIN_WAIT2', 24, true],
      ['TIME_WAIT', 24, false],
    ]);
  });
});

describe('a state that the kernel told after the last call had returned', () => {
  const [own, other] = [1, 2];
  const accept = record('accept', 1, { createdIds: [own] });
  const send = record('send', 2, { socketId: own, endNs: 3 });
  const later = record('getsockname', 60, { socketId: other });
  const draw = (
    calls: readonly CallRecord[],
    more: Partial<SocketInfo> = {},
    given: Partial<SceneSource> = {},
  ) => {
    const sockets = new Map(
      [own, other].map((id) => [
        id,
        { ...socket(id, 1), peerId: null, sharedWith: [] as SocketId[], ...more },
      ]),
    );
    const history = new StateHistory(
      () => sockets,
      () => false,
    );
    history.add(accept);
    history.sample({ ...sockets.get(own)!, tcpState: 'CLOSE_WAIT' }, 2, 50);
    const columns = new Columns([own, other], 90, {
      charWidth: 7,
      isShort: () => false,
      isCollapsed: () => false,
    });
    const blocks = calls.map((call, row) => {
      const gaps = row === 0 ? [{ y: 24, ns: 50 }] : [];
      return { seq: call.seq, row, height: 24 * (1 + gaps.length), lines: [line('call', call, 0)], gaps };
    });
    const source = { columns, sockets, history, height: 200, ...given };
    const scene = sceneOf(blocks, [0, 48], sourceOf(source));
    const x = columns.get(own)!.x + lifelineX;
    return {
      spans: scene.spans.filter((span) => span.x === x).map(({ y1, y2, tone }) => [y1, y2, tone]),
      marks: scene.marks.filter(({ column }) => column.id === own).map(({ y, after }) => [y, after]),
      queues: scene.queues.filter(({ column }) => column.id === own).map(({ y1 }) => y1),
      ...(scene.waits.length > 0 && {
        waits: scene.waits.filter((wait) => wait.x === x).map(({ y1, y2 }) => [y1, y2]),
      }),
    };
  };

  it('stands behind its row, and the life-line is what it was until there', () => {
    expect(draw([send])).toEqual({
      spans: [
        [0, 36, 'open'],
        [36, 200, 'closing'],
      ],
      marks: [[24, null]],
      queues: [],
    });
  });

  it('is the colour of the life-line from edge to edge when the records were cleared', () => {
    expect(draw([])).toEqual({ spans: [[0, 200, 'closing']], marks: [], queues: [] });
    const waiting = [{ seq: 2, name: 'recv', startNs: 5 }];
    expect(draw([], { waiting }).waits).toEqual([[0, 200]]);
  });

  it('stands there, too, when the next call has come, and above how much waits to be received', () => {
    expect(draw([send, later])).toEqual(draw([send]));
    const { queues, ...others } = draw([send], { receiveQueue: 5, state: 'connected' });
    expect(queues).toEqual([48]);
    expect(others.marks).toEqual(draw([send]).marks);
  });
});

describe('rows of which some have no lane', () => {
  const [own, old] = [1, 2];
  const widths = { charWidth: 7, isShort: () => false, isCollapsed: () => false };

  it('have the states that were so by the first of them, also where an old call returns in it', () => {
    const sockets = new Map([
      [own, socket(own, 5)],
      [old, socket(old, 1)],
    ]);
    const history = new StateHistory(
      () => sockets,
      () => false,
    );
    history.add(record('socket', 5, { socketId: null, createdIds: [own] }));
    history.add(record('listen', 6, { socketId: own }));
    const columns = new Columns([own, old], 90, widths);
    const elsewhere = line('call', record('socket', 20, { socketId: 9 }), 0);
    const returned = line('return', record('recvfrom', 2, { socketId: old, hasWaited: true, endNs: 21 }), 24);
    const { spans } = sceneOf(
      [{ seq: 20, row: 0, height: 48, lines: [elsewhere, returned], gaps: [] }],
      [0],
      sourceOf({ columns, sockets, history }),
    );
    expect(spans.filter(({ x }) => x === columns.get(own)!.x + lifelineX)).toMatchObject([
      { y1: 0, y2: 48, tone: 'listen' },
    ]);
  });

  it('show no bytes as waiting that a call took which the filter leaves out', () => {
    const [client, peer] = [1, 2];
    const sockets = new Map(
      [client, peer].map((id) => [id, { ...socket(id, 1), peerId: 3 - id, sharedWith: [] as SocketId[] }]),
    );
    const moved = (name: CallName, seq: number, socketId: SocketId, length: number, offset: number) => {
      const payload = {
        direction: name === 'send' ? 'out' : 'in',
        length,
        captured: length,
        offset,
      } as const;
      return record(name, seq, { socketId, result: length, payload });
    };
    const calls = [
      moved('send', 2, client, 5, 0),
      moved('send', 3, client, 1, 5),
      moved('recv', 4, peer, 6, 0),
      record('getsockname', 5, { socketId: 9 }),
      moved('send', 6, client, 2, 6),
      moved('recv', 7, peer, 2, 6),
    ];
    const columns = new Columns([peer, client], 90, widths);
    const barsOf = (shown: readonly CallRecord[], known = calls, received = 8) => {
      const history = new StateHistory(
        () => sockets,
        () => false,
      );
      const ribbon = new ByteRibbon(() => sockets);
      known.forEach((one) => ribbon.add(one));
      sockets.get(peer)!.bytesReceived = received;
      const blocks = shown.map((one, row) => {
        return { seq: one.seq, row, height: 24, lines: [line('call', one, 0)], gaps: [] };
      });
      const tops = blocks.map(({ row }) => 24 * row);
      const source = sourceOf({ columns, sockets, history, ribbon, height: 24 * shown.length, lastSeq: 7 });
      return sceneOf(blocks, tops, source).bars.map(({ y1, y2 }) => [y1, y2]);
    };
    const [first, second, , other, third] = calls as [
      CallRecord,
      CallRecord,
      CallRecord,
      CallRecord,
      CallRecord,
    ];
    expect(barsOf(calls)).toEqual([
      [12, 36],
      [36, 60],
      [108, 132],
    ]);
    expect(barsOf([first, second, third])).toEqual([[12, 36]]);
    expect(barsOf([first, other])).toEqual([]);
    // Of records that were not read nothing is known but how much was received.
    expect(barsOf([first, third], [first, third])).toEqual([]);
    // Nobody has received the last ones.
    const unread = calls.slice(0, 5);
    expect(barsOf([first, second, third], unread, 6)).toEqual([
      [12, 36],
      [60, 72],
    ]);
  });
});

describe('a state that a call makes', () => {
  it.each([
    [90, [[0, 90]]],
    [170, []],
  ])('is named behind a chip that ends at %i where its lane has the room', (end, marks) => {
    const listen = record('listen', 2);
    const sockets = new Map([[server, socket(server, 1)]]);
    const history = new StateHistory(
      () => sockets,
      () => false,
    );
    history.add(listen);
    const widths = { charWidth: 7, isShort: () => true, isCollapsed: () => false };
    const columns = new Columns([server], 90, widths);
    const block = { seq: 2, row: 0, height: 24, lines: [line('call', listen, 0)], gaps: [] };
    const scene = sceneOf([block], [0], sourceOf({ columns, sockets, history, chipEnd: () => end }));
    expect(scene.marks.map(({ y, after }) => [y, after])).toEqual(marks);
  });
});

describe('what is sent in narrow lanes', () => {
  const [client, peer] = [1, 2];
  const sockets = new Map(
    [client, peer].map((id) => [id, { ...socket(id, 1), peerId: 3 - id, sharedWith: [] as SocketId[] }]),
  );
  const payload = { direction: 'out', length: 1, captured: 1, offset: 0 } as const;
  const send = record('send', 8, { socketId: client, result: 1, payload });
  const columns = new Columns([peer, client], 90, {
    charWidth: 7.2,
    isShort: () => true,
    isCollapsed: () => false,
  });
  /** What is drawn of some calls; the chips end there, and the marks are so wide. */
  const draw = (calls: readonly CallRecord[], earlier: readonly CallRecord[] = [], markWidth = 50) => {
    const history = new StateHistory(
      () => sockets,
      () => false,
    );
    [...earlier, ...calls].forEach((one) => history.add(one));
    const lines = calls.map((one, index) => line('call', one, 24 * index));
    return sceneOf(
      [{ seq: calls[0]!.seq, row: 0, height: 24 * calls.length, lines, gaps: [] }],
      [0],
      sourceOf({
        columns,
        sockets,
        history,
        markWidth: () => markWidth,
        boxOf: (_, segments) => ({ width: 20, segments }),
        segmentText: () => 'x',
      }),
    );
  };
  const datagram = { ...send, payload: { ...payload, offset: null } };

  it('waits at the other end, unless that is closed', () => {
    expect(draw([datagram]).boxes.map(({ column }) => column.id)).toEqual([peer]);
    const late = draw([datagram], [record('close', 7, { socketId: peer })]);
    expect([late.boxes, late.wires.map(({ kind }) => kind)]).toEqual([[], ['bytes']]);
  });

  it('has the name of FIN only where there is room for it, and no arrow where there is none', () => {
    const close = record('close', 8, { socketId: client });
    const marked = (width: number) => draw([close], [], width).wires.map(({ label }) => label);
    // From the life-line of the right lane to what is marked in the left one.
    const room = columns.get(peer)!.width + lifelineX - 6 - chipX - 4;
    expect([room - 30, room - 29, room - 10, room - 9].map(marked)).toEqual([['FIN'], [''], [''], []]);
  });

  it('is shortened where it has no room, from the end', () => {
    const measure = new TextMeasure(7.2, 'brief', 'linux', ({ length }) => length);
    const brief = { ...columns.get(peer)!, isBrief: true, width: 100 };
    const shownOf = (...texts: string[]) => {
      const all = texts.map((text, index) => ({ text, sentSeq: index + 1 }));
      const { width, segments } = measure.boxOf(brief, all, '9 B');
      expect(width).toBeLessThanOrEqual(64);
      return segments.map(({ text }) => text);
    };
    expect(shownOf('ab', 'cd')).toEqual(['ab', 'cd']);
    expect(shownOf('abc', 'def', 'ghi')).toEqual(['abc', 'd…', '…']);
    expect(shownOf('abcdefghijkl')).toEqual(['abcdefg…']);
  });

  it('leaves room for how long a call waits', () => {
    const measure = new TextMeasure(7.2, 'brief', 'linux');
    const waiting = record('recv', 9, { args: [21, { kind: 'any' }, 65536, 0], status: 'waiting' });
    const said = [130, 172].map((width) => {
      const column = { ...columns.get(peer)!, isBrief: true, width };
      const isShown = measure.isWaitShown({ ...line('call', waiting, 0), isPending: true }, column);
      return [measure.textOf(waiting, column).length, isShown];
    });
    expect(said).toEqual([
      ['recv'.length, true],
      ['recv(21, 65536)'.length, true],
    ]);
  });

  it('leaves the number of what was accepted to the lane beside it, whose dot the chip would cover', () => {
    const measure = new TextMeasure(7.2, 'brief', 'linux');
    const accept = record('accept', 9, { args: [21], result: 32, createdIds: [7] });
    const said = [80, 130].map((width) => {
      const column = { ...columns.get(peer)!, isBrief: true, width };
      const { tokens, result } = measure.textOf(accept, column);
      const isBeside = measure.chipEnd(line('call', accept, 0), column) < width;
      return [tokens.map(({ text }) => text).join(''), result, isBeside];
    });
    expect(said).toEqual([
      ['accept', '', true],
      ['accept', '32', true],
    ]);
    // Of what came with bytes the result says how many.
    const args = [21, { kind: 'struct' as const, fields: [] }, 0];
    const message = record('recvmsg', 10, { args, result: 32, createdIds: [8] });
    const column = { ...columns.get(peer)!, isBrief: true, width: 80 };
    expect(measure.textOf(message, column).result).toBe('32');
  });

  it('leaves room for the words of what a call opened in the lane beside it', () => {
    const measure = new TextMeasure(7.2, 'brief', 'linux');
    const pair = record('socketpair', 9, { args: [1, 1, 0, { kind: 'any' }], result: 0, createdIds: [1, 2] });
    const ends = [80, 120].map((width) => {
      const column = { ...columns.get(peer)!, isBrief: true, width };
      const { tokens, result } = measure.textOf(pair, column);
      const chars = tokens.map(({ text }) => text).join('').length + (result === '' ? 0 : result.length + 3);
      return [result, chipX + chars * measure.charWidth + 6 <= width + chipX];
    });
    expect(ends).toEqual([
      ['', true],
      ['0', true],
    ]);
  });

  it('leaves what was received out where it would lie in the lane beside it', () => {
    const measure = new TextMeasure(7.2, 'brief', 'linux', (text) =>
      Array.from(text).reduce((sum, letter) => sum + (letter > '가' ? 1.7 : 1), 0),
    );
    const ofData = (text: string, width: number) => {
      const bytes = new TextEncoder().encode(text);
      const { length } = bytes;
      const one = record('recv', 9, {
        args: [21, { kind: 'data', bytes, length }, 4096, 0],
        result: length,
        payload: { direction: 'in', length, offset: 0, captured: length },
      });
      const column = { ...columns.get(peer)!, isBrief: true, width };
      const said = measure.textOf(one, column);
      return [
        said.result,
        measure.receivedIn(said, column),
        measure.chipEnd(line('call', one, 0), column) <= width,
      ];
    };
    expect(ofData('c8 line 1', 72)).toEqual(['9', '', true]);
    expect(ofData('c8 line 1', 79)).toEqual(['', 'c8 …', true]);
    expect(ofData('pear', 79)).toEqual(['', 'pear', true]);
    expect(ofData('apple', 100)).toEqual(['', 'apple', true]);
    expect(ofData('c8 line 1', 130)).toEqual(['9', 'c8 lin…', true]);
    expect(ofData('안녕하세요', 140)).toEqual(['15', '안녕하세…', true]);
  });

  it('has room for letters that are wider than those of the code, and for how much it is', () => {
    const measure = new TextMeasure(7.2, 'whole', 'linux');
    const widthOf = (text: string) =>
      measure.boxOf(columns.get(peer)!, [{ text, sentSeq: 1 }], '7 B').width -
      measure.smallWidth * text.length;
    expect(widthOf('GET /a⏎')).toBeGreaterThanOrEqual(widthOf('GET /a.') + 6);
  });
});
