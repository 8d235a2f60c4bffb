import { describe, expect, it } from 'vitest';
import type { CallRecord } from '../../../src/common/call.js';
import type { SocketInfo } from '../../../src/common/socket.js';
import { StateHistory } from '../../../src/webview/lanes/history.js';
import { ShownLanes } from '../../../src/webview/lanes/shownLanes.js';
import { acceptQueues } from '../../../src/webview/state/acceptQueue.js';
import { acceptQueueText, ownPortText } from '../../../src/webview/text/socket.js';
import { inet, socket } from '../../support/sockets.js';
import { recordOf } from '../../support/records.js';

const MSG_ERRQUEUE = 0x2000;
const mapOf = (...all: SocketInfo[]) => new Map(all.map((one) => [one.id, one]));

describe('who waits to be accepted', () => {
  const listener = socket({
    id: 1,
    fd: 3,
    role: 'listener',
    state: 'listening',
    tcpState: 'LISTEN',
    local: inet('127.0.0.1', 80),
    backlog: 5,
    acceptQueue: 2,
  });
  const client = (id: number, more: Partial<SocketInfo> = {}) =>
    socket({
      id,
      fd: id + 10,
      name: null,
      role: 'client',
      state: 'connected',
      tcpState: 'ESTABLISHED',
      local: inet('127.0.0.1', 1000 + id),
      remote: inet('127.0.0.1', 80),
      ...more,
    });
  const waiting = (...all: SocketInfo[]) => {
    const queue = acceptQueues(mapOf(...all)).get(1);
    return queue && [queue.clients.map(({ id }) => id), acceptQueueText(queue)];
  };

  it('is named by both ends, and what the kernel counts beyond it is counted', () => {
    expect(waiting(listener, client(2), client(3))).toEqual([[2, 3], 'waiting to be accepted: fd 12, fd 13']);
    expect(waiting({ ...listener, acceptQueue: 4 }, client(2, { name: 'ann' }))).toEqual([
      [2],
      'waiting to be accepted: fd 12 ann, and 3 more',
    ]);
    expect(acceptQueues(mapOf(listener, client(2))).get(2)?.listener.fd).toBe(3);
    expect(waiting({ ...listener, local: inet('0.0.0.0', 80) }, client(2))?.[0]).toEqual([2]);
  });

  it('is named only as far as anybody reads', () => {
    const ids = Array.from({ length: 12 }, (_, index) => index + 2);
    const queues = acceptQueues(
      mapOf({ ...listener, acceptQueue: 13 }, ...ids.map((id) => client(id, { name: null }))),
    );
    expect(acceptQueueText(queues.get(1)!)).toMatch(/: fd 12, .* fd 21, and 3 more$/);
    expect(ids.every((id) => queues.get(id) === queues.get(1))).toBe(true);
  });

  it('is nobody whose connection was accepted, has ended, or may be that of another listener', () => {
    const accepted = socket({
      id: 9,
      role: 'accepted',
      state: 'closed',
      listenerId: 1,
      remote: inet('127.0.0.1', 1002),
    });
    const nobody = [[], '2 connections wait to be accepted'];
    expect(waiting(listener, client(2), accepted)).toEqual(nobody);
    expect(waiting(listener, client(2, { peerId: 9 }))).toEqual(nobody);
    expect(waiting(listener, client(2, { tcpState: 'CLOSE_WAIT' }))).toEqual(nobody);
    expect(waiting(listener, client(2, { remote: inet('127.0.0.1', 81) }))).toEqual(nobody);
    expect(waiting(listener, client(2), { ...listener, id: 8, fd: 8 })).toEqual(nobody);
    expect(waiting({ ...listener, acceptQueue: 0 }, client(2))).toBeUndefined();
    // Another machine has a server of the same port.
    const anywhere = { ...listener, local: inet('0.0.0.0', 80) };
    const outside = { local: inet('10.0.0.2', 1002), remote: inet('10.0.0.9', 80) };
    expect(waiting(anywhere, client(2, outside))).toEqual(nobody);
    expect(waiting(anywhere, client(2, { ...outside, remote: inet('10.0.0.2', 80) }))?.[0]).toEqual([2]);
  });

  it('is left open where the kernel counts less: its answer is of another time', () => {
    expect(waiting(listener, client(2), client(3), client(4))?.[0]).toEqual([]);
  });
});

it('the port of a folded lane tells what one listener has accepted apart', () => {
  const ends = { local: inet('127.0.0.1', 80), remote: inet('127.0.0.1', 51240) };
  expect(ownPortText(socket({ id: 1, role: 'accepted', ...ends }))).toBe('51240');
  expect(ownPortText(socket({ id: 1, role: 'client', ...ends }))).toBe('80');
  expect(ownPortText(socket({ id: 1, role: 'new', local: null, remote: null }))).toBe('');
});

describe('a state that the kernel told when it was asked', () => {
  const info = socket({ id: 1, role: 'accepted', state: 'connected', listenerId: 9 });
  const record = (name: 'accept' | 'recv', startNs: number, more: Partial<CallRecord> = {}) =>
    recordOf(name, [], { seq: startNs, startNs, endNs: startNs + 1, socketId: 1, ...more });
  const accept = record('accept', 10, { socketId: 9, createdIds: [1] });
  const historyOf = (...records: CallRecord[]) => {
    const history = new StateHistory(
      () => mapOf(info),
      () => false,
    );
    records.forEach((one) => history.add(one));
    return history;
  };
  const closing = { ...info, tcpState: 'CLOSE_WAIT' as const };
  const sampled = (history: StateHistory) => history.of(1).find(({ source }) => source === 'sampled');

  it('came after the last call that is known to have found another one, also where that is read later', () => {
    const history = historyOf(accept);
    history.sample(closing, 30, 40);
    const change = sampled(history)!;
    expect(history.lastKnownOtherwise(1, change)).toBe(11);
    // To receive bytes says nothing of what is behind them; to find none, or to wait for them, does.
    history.add(record('recv', 20, { result: 5 }));
    expect(history.lastKnownOtherwise(1, change)).toBe(11);
    const ofErrors = { args: [21, { kind: 'any' }, 10, MSG_ERRQUEUE], result: -1, errno: 'EAGAIN' } as const;
    history.add(record('recv', 22, { ...ofErrors, args: [...ofErrors.args] }));
    expect(history.lastKnownOtherwise(1, change)).toBe(11);
    history.add(record('recv', 25, { result: 5, hasWaited: true }));
    expect(history.lastKnownOtherwise(1, change)).toBe(25);
    history.add(record('recv', 30, { result: -1, errno: 'EAGAIN' }));
    expect(history.lastKnownOtherwise(1, change)).toBe(30);
  });

  it('stands at the receive that had waited for it', () => {
    const history = historyOf(accept);
    history.sample(closing, 20, 25);
    const payload = { direction: 'in', length: 0, captured: 0, offset: 0 } as const;
    history.add(record('recv', 20, { endNs: 26, result: 0, hasWaited: true, payload }));
    expect(history.of(1).map(({ state, source, ns }) => [state, source, ns])).toEqual([
      ['ESTABLISHED', 'call', 11],
      ['CLOSE_WAIT', 'call', 26],
    ]);
  });
});

describe('the lanes of a lesson', () => {
  it('leave a listener of before beside what it had accepted, also where that is closed', () => {
    const listener = socket({ id: 1, openedSeq: 1, role: 'listener' });
    const accepted = socket({ id: 2, openedSeq: 2, role: 'accepted', listenerId: 1, state: 'closed' });
    const shown = new ShownLanes(
      () => mapOf(listener, accepted, socket({ id: 11, openedSeq: 11 })),
      () => null,
    );
    const lanes = () => shown.of(() => ({ ids: new Set([1, 2]), areAll: true }), null);
    expect(lanes()).toEqual([1, 2, 11]);
    shown.begin(10);
    expect(lanes()).toEqual([11, 1, 2]);
  });

  it('are its own first; those of other open sockets are folded until somebody wants or uses them', () => {
    const own = [11, 12].map((id) => socket({ id, openedSeq: id }));
    const before = [1, 2, 3].map((id) => socket({ id, openedSeq: id }));
    let living: number[] = [];
    let sockets = mapOf(...before, ...own);
    const shown = new ShownLanes(
      () => sockets,
      () => null,
    );
    const lanes = (selected: number | null = null) =>
      shown.of(() => ({ ids: new Set(living), areAll: true }), selected);
    expect([lanes(), shown.others]).toEqual([[1, 2, 3, 11, 12], []]);
    shown.begin(10);
    expect([lanes(), shown.others]).toEqual([
      [11, 12],
      [1, 2, 3],
    ]);
    // One that is selected, in which something happens, or that is the other end of one of its own, has its lane.
    expect(lanes(2)).toEqual([11, 12, 2]);
    expect([1, 2, 11].map((id) => shown.isFolded(id))).toEqual([true, false, false]);
    living = [3];
    expect(lanes()).toEqual([11, 12, 3]);
    sockets = mapOf(...before, own[0]!, { ...own[1]!, peerId: 1 });
    expect([lanes(), shown.others]).toEqual([[1, 11, 12, 3], [2]]);
    shown.reveal(2);
    expect(lanes()).toEqual([1, 11, 12, 2, 3]);
    shown.begin(0);
    expect([lanes(), shown.others]).toEqual([[1, 2, 3, 11, 12], []]);
  });

  it('under a filter are those that have a record which fits, wherever it is', () => {
    let fitting: ReadonlySet<number> | null = new Set([1]);
    const sockets = mapOf(...[1, 2, 3].map((id) => socket({ id, openedSeq: id })));
    const shown = new ShownLanes(
      () => sockets,
      () => fitting,
    );
    const lanes = (living: number[], selected: number | null = null) =>
      shown.of(() => ({ ids: new Set(living), areAll: true }), selected);
    expect([lanes([]), shown.others]).toEqual([[1], [2, 3]]);
    expect(lanes([2], 3)).toEqual([1, 2, 3]);
    expect([1, 2, 3].map((id) => shown.isFolded(id))).toEqual([false, false, false]);
    shown.reveal(3);
    expect(lanes([])).toEqual([1, 2, 3]);
    shown.begin(0);
    fitting = null;
    expect([lanes([]), shown.others]).toEqual([[1, 2, 3], []]);
  });
});
