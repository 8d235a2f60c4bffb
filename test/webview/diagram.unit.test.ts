import { describe, expect, it, vi } from 'vitest';
import type { CallRecord } from '../../src/common/call.js';
import type { SocketInfo } from '../../src/common/socket.js';
import type { CallName } from '../../src/common/tables/signatures.js';
import { socketDiagram } from '../../src/webview/diagram/socketDiagram.js';
import {
  diagramText,
  edgeMark,
  type Mark,
  type StateDiagram,
} from '../../src/webview/diagram/stateDiagram.js';
import { tcpDiagram } from '../../src/webview/diagram/tcpDiagram.js';
import { visitedBy, VisitedStates } from '../../src/webview/state/visitedStates.js';
import { socket } from '../support/sockets.js';
import { recordOf } from '../support/records.js';

const marked = ({ marks }: StateDiagram, mark: Mark) =>
  [...marks].flatMap(([state, its]) => (its === mark ? [state] : [])).sort();

const tcp = (info: Partial<SocketInfo>) => tcpDiagram(socket(info));

const accepted: Partial<SocketInfo> = {
  role: 'accepted',
  state: 'connected',
  tcpState: 'CLOSE_WAIT',
  seenStates: ['connected', 'ESTABLISHED', 'CLOSE_WAIT'],
};

describe('the diagram of TCP', () => {
  it('begins at SYN_RECV for an accepted socket, which nobody ever saw, and never at LISTEN', () => {
    const diagram = tcp(accepted);
    expect(marked(diagram, 'current')).toEqual(['CLOSE_WAIT']);
    expect(marked(diagram, 'visited')).toEqual(['ESTABLISHED']);
    expect(marked(diagram, 'inferred')).toEqual(['SYN_RECV']);
    expect(marked(diagram, 'next')).toEqual(['LAST_ACK']);
    expect(diagram.isInferred).toBe(false);
  });

  it('says in sentences what it shows', () => {
    expect(diagramText(tcp(accepted))).toBe(
      'TCP state diagram. Current state: CLOSE_WAIT. Visited: ESTABLISHED. ' +
        'Visited, as the calls imply: SYN_RECV. Next: LAST_ACK after shutdown(SHUT_WR), LAST_ACK after close().',
    );
  });

  it('shows the way that the socket went, and the lines that lead on', () => {
    const diagram = tcp(accepted);
    const lines = (mark: string) =>
      diagram.layout.edges.flatMap((edge) =>
        edgeMark(diagram, edge) === mark ? [`${edge.from} ${edge.to}`] : [],
      );
    expect(lines('visited')).toEqual(['SYN_RECV ESTABLISHED', 'ESTABLISHED CLOSE_WAIT']);
    expect(lines('next')).toEqual(['CLOSE_WAIT LAST_ACK']);
  });

  it('leads from CLOSED by listen() or connect(), and from nowhere after a RST', () => {
    const fresh = tcp({ tcpState: 'CLOSE', seenStates: ['open', 'CLOSE'] });
    expect(fresh.steps.map(({ call, to }) => [call, to])).toEqual([
      ['listen', 'LISTEN'],
      ['connect', 'SYN_SENT'],
    ]);
    expect(tcp({ state: 'connected', tcpState: 'CLOSE' }).steps).toEqual([]);
  });

  it('says that close() makes a RST where bytes are unread', () => {
    const closeOf = (info: Partial<SocketInfo>) => tcp(info).steps.find(({ call }) => call === 'close')?.to;
    const connected = { state: 'connected', tcpState: 'ESTABLISHED' } as const;
    expect(closeOf({ ...connected, receiveQueue: 0 })).toBe('FIN_WAIT1');
    expect(closeOf({ ...connected, receiveQueue: 3 })).toBe('CLOSE');
  });

  it('takes the current state from our calls as long as the kernel was not asked, and says so', () => {
    const diagram = tcp({ role: 'client', state: 'connected' });
    expect(marked(diagram, 'current')).toEqual(['ESTABLISHED']);
    expect(marked(diagram, 'inferred')).toEqual(['CLOSE', 'SYN_SENT']);
    expect(diagram.isInferred).toBe(true);
    expect(diagramText(diagram)).toContain('Current state as the calls imply: ESTABLISHED.');
  });

  it('ends in CLOSED by close(), as the call implies, and with its host in nothing; its way is still known', () => {
    const seenStates = ['open', 'CLOSE', 'connected', 'ESTABLISHED', 'FIN_WAIT2'] as const;
    const way = { role: 'client', seenStates } as const;
    const closed = tcp({ ...way, state: 'closed', tcpState: 'FIN_WAIT2' });
    expect([marked(closed, 'current'), closed.isInferred]).toEqual([['CLOSE'], true]);
    const lost = tcp({ ...way, state: 'connected', isLost: true });
    expect(marked(lost, 'current')).toEqual([]);
    for (const diagram of [closed, lost]) {
      expect(marked(diagram, 'visited')).toEqual(expect.arrayContaining(['ESTABLISHED', 'FIN_WAIT2']));
      expect(marked(diagram, 'inferred')).toEqual(['FIN_WAIT1', 'SYN_SENT']);
      expect(diagram.steps).toEqual([]);
      const went = diagram.layout.edges.filter((edge) => edgeMark(diagram, edge) === 'visited');
      expect(went.map(({ from, to }) => `${from} ${to}`)).toContain('CLOSE SYN_SENT');
    }
    const ofAccepted = tcp({ ...accepted, state: 'closed' });
    expect([ofAccepted.marks.get('CLOSE'), ofAccepted.marks.get('LISTEN')]).toEqual(['current', undefined]);
  });

  it('stays in TIME_WAIT where the connection does, though the socket is closed', () => {
    const seenStates = ['open', 'CLOSE', 'connected', 'ESTABLISHED', 'FIN_WAIT2'] as const;
    for (const state of ['connected', 'closed'] as const) {
      const info = socket({ role: 'client', seenStates, state, tcpState: 'CLOSE' });
      const diagram = tcpDiagram(info, [], true);
      expect([marked(diagram, 'current'), diagram.isInferred]).toEqual([['TIME_WAIT'], true]);
      expect(diagram.steps).toEqual([{ to: 'CLOSE', by: '2 MSL', call: null }]);
    }
  });

  it('invents no beginning for a socket that somebody else made', () => {
    expect(marked(tcp({ role: 'received', tcpState: 'LISTEN', state: 'listening' }), 'inferred')).toEqual([]);
  });

  it('names every state that a step leads to', () => {
    for (const tcpState of tcp({}).layout.states.map(({ id }) => id) as NonNullable<
      SocketInfo['tcpState']
    >[]) {
      const diagram = tcp({ tcpState, state: 'connected', role: 'client' });
      const known = new Set(diagram.layout.states.map(({ id }) => id));
      expect([...diagram.marks.keys()].filter((state) => !known.has(state))).toEqual([]);
    }
  });
});

describe('the diagram of other sockets', () => {
  const other = (info: Partial<SocketInfo>) => socketDiagram(socket(info));
  const names = ({ layout }: StateDiagram) => layout.states.map(({ id }) => id);

  it('has what our calls make of them, and no listening where there is none', () => {
    expect(names(other({ domain: 'AF_UNIX' }))).toEqual([
      'open',
      'bound',
      'listening',
      'connected',
      'closed',
    ]);
    expect(names(other({ type: 'SOCK_DGRAM' }))).toEqual(['open', 'bound', 'connected', 'closed']);
  });

  it('shows a connection on its way in the place of the connection', () => {
    const diagram = other({ domain: 'AF_UNIX', state: 'connecting', seenStates: ['open', 'connecting'] });
    expect(marked(diagram, 'current')).toEqual(['connecting']);
    expect(names(diagram)).not.toContain('connected');
  });

  it('knows that a Unix listener was bound, and that a pair and an accepted socket begin connected', () => {
    const listening = { domain: 'AF_UNIX', state: 'listening', seenStates: ['listening'] } as const;
    expect(marked(other(listening), 'inferred')).toEqual(['bound', 'open']);
    for (const role of ['pair', 'accepted', 'received'] as const) {
      const diagram = other({ domain: 'AF_UNIX', state: 'connected', role });
      expect(marked(diagram, 'inferred')).toEqual([]);
      expect(diagram.steps.map(({ by }) => by)).toEqual(['close()']);
    }
  });

  it('ends in closed, and with its host in nothing', () => {
    expect(marked(other({ type: 'SOCK_DGRAM', state: 'closed' }), 'current')).toEqual(['closed']);
    const lost = other({ type: 'SOCK_DGRAM', state: 'bound', isLost: true });
    expect([marked(lost, 'current'), lost.steps]).toEqual([[], []]);
  });
});

describe('the diagram of a socket of a recording, of which the last state was told', () => {
  let seq = 0;
  const record = (name: CallName, socketId: number | null, more: Partial<CallRecord> = {}): CallRecord =>
    recordOf(name, [], {
      seq: ++seq,
      startNs: 10 * seq,
      endNs: 10 * seq + 1,
      fd: socketId,
      socketId,
      ...more,
    });
  const client = socket({ id: 1, role: 'client', state: 'closed', peerId: 3, seenStates: ['closed'] });
  const accepted = socket({
    id: 3,
    role: 'accepted',
    state: 'connected',
    tcpState: 'CLOSE_WAIT',
    seenStates: ['connected', 'CLOSE_WAIT'],
    peerId: 1,
  });
  const records = [
    record('socket', null, { createdIds: [1] }),
    record('connect', 1),
    record('accept', 2, { createdIds: [3] }),
    record('shutdown', 1, { args: [1, 1] }),
    record('close', 1),
  ];

  it('has the way that its own calls and those of its other end tell of, as inferred', () => {
    const sockets = new Map([client, accepted].map((one) => [one.id, one]));
    const ofClient = tcpDiagram(client, visitedBy(records, 1, sockets).changes);
    expect(marked(ofClient, 'inferred')).toEqual(['ESTABLISHED', 'FIN_WAIT1', 'SYN_SENT']);
    expect([marked(ofClient, 'visited'), marked(ofClient, 'current')]).toEqual([[], ['CLOSE']]);
    const ofAccepted = tcpDiagram(accepted, visitedBy(records, 3, sockets).changes);
    expect(marked(ofAccepted, 'current')).toEqual(['CLOSE_WAIT']);
    expect(marked(ofAccepted, 'inferred')).toEqual(['ESTABLISHED', 'SYN_RECV']);
    // Without its records nothing but the last is known.
    expect(marked(tcpDiagram(client), 'inferred')).toEqual([]);
  });

  it('ends by a RST where the peer had sent what was never received', () => {
    const unread = { ...accepted, bytesSent: 5 };
    const sockets = new Map([client, unread].map((one) => [one.id, one]));
    const { changes } = visitedBy(
      records.filter(({ name }) => name !== 'shutdown'),
      3,
      sockets,
    );
    expect(changes.at(-1)).toMatchObject({ state: 'CLOSE', source: 'inferred' });
  });

  it('ends as the next call on the other end was told, whatever was sent in all', () => {
    // What was sent after the end was received by nobody, either.
    const sockets = new Map([client, { ...accepted, bytesSent: 5 }].map((one) => [one.id, one]));
    const closed = records.filter(({ name }) => name !== 'shutdown');
    const end = (more: Partial<CallRecord>) => {
      const told = record('recv', 3, more);
      return visitedBy([...closed, told], 3, sockets).changes.map(
        ({ state, source }) => `${state} ${source}`,
      );
    };
    const empty = { direction: 'in', length: 0, captured: 0, offset: 0 } as const;
    expect(end({ result: 0, payload: empty }).at(-1)).toBe('CLOSE_WAIT inferred');
    expect(end({ result: -1, errno: 'ECONNRESET' }).slice(-2)).toEqual(['CLOSE inferred', 'CLOSE call']);
    // A call that had waited for it is answered first, before close(2) has returned.
    const waited = record('recv', 3, { startNs: 41, endNs: 50.5, result: 0, payload: empty });
    const late = record('recv', 3, { result: -1, errno: 'ECONNRESET' });
    expect(visitedBy([...closed, waited, late], 3, sockets).changes).not.toContainEqual(
      expect.objectContaining({ state: 'CLOSE', source: 'inferred' }),
    );
  });

  it('is not told by a call that only passes the descriptor on', () => {
    const passed = [record('recvmsg', 2, { createdIds: [1] })];
    expect(visitedBy(passed, 1, new Map([[1, client]])).states).toEqual([]);
  });

  it('is looked for again where a host has not answered', async () => {
    let asked = 0;
    const visited = new VisitedStates({
      range: { lastSeq: 10 },
      sockets: () => new Map(),
      load: () => Promise.resolve(undefined),
      find: () =>
        asked++ === 0
          ? Promise.reject(new Error('The host is gone.'))
          : Promise.resolve({ seqs: [], socketIds: [], next: 11, isDone: true, problem: null }),
    });
    await expect(visited.look({ id: 7, openedSeq: 1 })).rejects.toThrow('The host is gone.');
    await visited.look({ id: 7, openedSeq: 1 });
    expect(visited.shown.value?.id).toBe(7);
    await visited.look({ id: 7, openedSeq: 1 });
    expect(asked).toBe(2);
  });

  it('is looked for once at a time while more records come, and not on for a socket that is left', async () => {
    const range = { lastSeq: 10 };
    const asked: { filter: string; to: number | undefined; answer: (isDone: boolean) => void }[] = [];
    const visited = new VisitedStates({
      range,
      sockets: () => new Map(),
      load: () => Promise.resolve(undefined),
      find: ({ filter, from, to }) =>
        new Promise((resolve) => {
          const answer = (isDone: boolean) =>
            resolve({ seqs: [], socketIds: [], next: from + 1, isDone, problem: null });
          asked.push({ filter, to, answer });
        }),
    });
    const look = (id: number) => void visited.look({ id, openedSeq: 1 });
    for (; range.lastSeq < 20; range.lastSeq++) {
      look(7);
    }
    expect(asked.map(({ to }) => to)).toEqual([10]);
    asked[0]!.answer(true);
    await vi.waitFor(() => expect(asked.map(({ to }) => to)).toEqual([10, 20]));
    expect(visited.shown.value?.id).toBe(7);
    look(8);
    asked[1]!.answer(false);
    await vi.waitFor(() => expect(asked.at(-1)!.filter).toContain('stream in {8}'));
    expect(asked).toHaveLength(3);
    asked[2]!.answer(true);
    await vi.waitFor(() => expect(visited.shown.value?.id).toBe(8));
  });

  it('shows what our calls made of a socket that TCP knows nothing of', () => {
    const unix = socket({ id: 4, domain: 'AF_UNIX', state: 'closed', seenStates: ['closed'] });
    const calls = [
      record('socket', null, { createdIds: [4] }),
      record('bind', 4, { result: -1, errno: 'EADDRINUSE' }),
      record('connect', 4),
      record('close', 4),
    ];
    const { states } = visitedBy(calls, 4, new Map([[4, unix]]));
    expect(states).toEqual(['open', 'connected', 'closed']);
    const diagram = socketDiagram(unix, states);
    expect(marked(diagram, 'visited')).toEqual(['connected', 'open']);
    expect(marked(diagram, 'current')).toEqual(['closed']);
    // To dissolve what was never connected connects nothing.
    const unspecified = { family: 'raw' as const, bytes: new Uint8Array(16) };
    const dissolved = [calls[0]!, { ...record('connect', 4), args: [4, unspecified, 16] }];
    expect(visitedBy(dissolved, 4, new Map([[4, unix]])).states).toEqual(['open']);
  });
});
