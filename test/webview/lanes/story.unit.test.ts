import { beforeEach, describe, expect, it } from 'vitest';
import type { CallRecord } from '../../../src/common/call.js';
import type { SocketId, SocketInfo } from '../../../src/common/socket.js';
import { tapMaker } from '../../../src/common/tap/maker.js';
import type { CallName } from '../../../src/common/tables/signatures.js';
import {
  blockOf,
  failureHeight,
  handshakeHeight,
  isSameBlock,
  type LineFacts,
} from '../../../src/webview/lanes/blocks.js';
import { briefText, chipText, roomyText } from '../../../src/webview/lanes/chipText.js';
import { StateHistory } from '../../../src/webview/lanes/history.js';
import { Returns } from '../../../src/webview/lanes/returns.js';
import { lineHeight } from '../../../src/webview/lanes/rowHeights.js';
import { recordOf } from '../../support/records.js';

const ms = 1e6;

function record(seq: number, name: CallName, more: Partial<CallRecord> = {}): CallRecord {
  return recordOf(name, [], { seq, startNs: seq * ms, endNs: seq * ms + 10, ...more });
}

describe('the states of a socket', () => {
  const [server, client, peer] = [1, 2, 3];
  let sockets: Map<SocketId, SocketInfo>;
  let history: StateHistory;
  let unread: Set<SocketId>;
  const socket = (id: number, more: Partial<SocketInfo> = {}) =>
    ({
      id,
      kind: 'socket',
      domain: 'AF_INET',
      type: 'SOCK_STREAM',
      protocol: 0,
      state: 'connected',
      tcpState: null,
      peerId: null,
      sharedWith: [],
      ...more,
    }) as SocketInfo;
  const statesOf = (id: number) => history.of(id).map(({ state, source }) => `${state} ${source}`);

  beforeEach(() => {
    sockets = new Map([
      [server, socket(server)],
      [client, socket(client, { peerId: peer })],
      [peer, socket(peer, { peerId: client })],
    ]);
    unread = new Set();
    history = new StateHistory(
      () => sockets,
      (id) => unread.has(id),
    );
  });

  const connect = () => {
    history.add(record(1, 'listen', { socketId: server }));
    history.add(record(2, 'socket', { createdIds: [client] }));
    history.add(record(3, 'connect', { socketId: client }));
    history.add(record(4, 'accept', { socketId: server, createdIds: [peer] }));
  };

  it('end with the last descriptor, also when all are closed before their records are read', () => {
    connect();
    const copy = 4;
    sockets.set(copy, socket(copy, { peerId: client }));
    history.add(record(5, 'dup', { socketId: peer, createdIds: [copy] }));
    history.add(record(6, 'close', { socketId: peer }));
    expect(statesOf(client)).not.toContain('CLOSE_WAIT inferred');
    expect([history.isOpenAt(peer, 7 * ms), history.isOpenAt(copy, 7 * ms)]).toEqual([false, true]);
    history.add(record(8, 'close', { socketId: copy }));
    expect(statesOf(client)).toContain('CLOSE_WAIT inferred');
    expect(history.of(client).at(-1)?.seq).toBe(8);
  });

  it('do not end with a close that a waiting call outlives: the kernel keeps the connection', () => {
    connect();
    sockets.set(client, socket(client, { peerId: peer, heldBy: [5] }));
    history.add(record(6, 'close', { socketId: client }));
    expect(history.isOpenAt(client, 7 * ms)).toBe(false);
    expect(statesOf(client)).not.toContain('FIN_WAIT1 call');
    expect(statesOf(peer)).toEqual(['ESTABLISHED call']);
  });

  it('follow from the calls: what was accepted never listened', () => {
    connect();
    expect(statesOf(server)).toEqual(['LISTEN call']);
    expect(statesOf(client)).toEqual(['null call', 'SYN_SENT call', 'ESTABLISHED call']);
    expect(statesOf(peer)).toEqual(['ESTABLISHED call']);
  });

  it('are those of the socket that a descriptor is a copy of', () => {
    connect();
    history.add(record(5, 'dup', { socketId: client, createdIds: [8] }));
    expect(statesOf(8)).toEqual(['ESTABLISHED call']);
    expect(history.toneAt(8, 6 * ms)).toBe('open');
  });

  it('of the other end are inferred', () => {
    connect();
    history.add(record(5, 'shutdown', { socketId: client, args: [2, 1] }));
    expect(statesOf(client).at(-1)).toBe('FIN_WAIT1 call');
    history.sample(socket(client, { tcpState: 'FIN_WAIT2' }), 5, 5 * ms + 50);
    expect(statesOf(client).at(-1)).toBe('FIN_WAIT2 sampled');
    expect(statesOf(peer).at(-1)).toBe('CLOSE_WAIT inferred');
    history.add(record(6, 'close', { socketId: peer }));
    expect(statesOf(peer).slice(-2)).toEqual(['LAST_ACK call', 'null call']);
    expect(statesOf(client).at(-1)).toBe('TIME_WAIT inferred');
    // Asked, the kernel says the same, which is nothing new.
    history.sample(socket(client, { tcpState: 'TIME_WAIT' }), 6, 7 * ms);
    expect(statesOf(client).at(-1)).toBe('TIME_WAIT inferred');
  });

  describe('after the FINs of both ends', () => {
    const timeWait = () => {
      const change = history.timeWaitOf(client);
      return change && [change.seq, change.source, change.state];
    };
    const inferred = [6, 'inferred', 'TIME_WAIT'];

    it('are that of the connection, of whose socket the kernel says that it is closed', () => {
      connect();
      history.add(record(5, 'shutdown', { socketId: client, args: [2, 1] }));
      history.sample(socket(client, { tcpState: 'FIN_WAIT2' }), 5, 5 * ms + 50);
      history.add(record(6, 'close', { socketId: peer }));
      history.sample(socket(client, { tcpState: 'CLOSE' }), 6, 7 * ms);
      expect(statesOf(client).at(-1)).toBe('TIME_WAIT inferred');
      history.add(record(8, 'close', { socketId: client }));
      expect(statesOf(client).slice(-2)).toEqual(['TIME_WAIT inferred', 'null call']);
      expect(timeWait()).toEqual(inferred);
    });

    it('are so also where the kernel was asked before the record was read', () => {
      connect();
      history.add(record(5, 'shutdown', { socketId: client, args: [2, 1] }));
      history.sample(socket(client, { tcpState: 'CLOSE' }), 6, 6 * ms - 50);
      history.add(record(6, 'close', { socketId: peer }));
      expect(statesOf(client).at(-1)).toBe('TIME_WAIT inferred');
    });

    it('are so also where the page has heard late of what was before', () => {
      connect();
      history.add(record(5, 'shutdown', { socketId: client, args: [2, 1] }));
      history.sample(socket(client, { tcpState: 'FIN_WAIT2' }), 5, 7 * ms);
      history.add(record(6, 'close', { socketId: peer }));
      history.sample(socket(client, { tcpState: 'CLOSE' }), 6, 8 * ms);
      expect(statesOf(client).slice(-2)).toEqual(['FIN_WAIT2 sampled', 'TIME_WAIT inferred']);
    });

    it('are so where the descriptor was closed first', () => {
      connect();
      history.add(record(5, 'close', { socketId: client }));
      expect(timeWait()).toBeUndefined();
      history.add(record(6, 'close', { socketId: peer }));
      expect(statesOf(client).slice(-2)).toEqual(['FIN_WAIT1 call', 'null call']);
      expect(timeWait()).toEqual(inferred);
      expect(history.timeWaitOf(peer)).toBeUndefined();
    });

    it('are so where the other end is none of ours and a call has found the end of what it sent', () => {
      sockets.set(client, socket(client));
      connect();
      history.add(record(5, 'shutdown', { socketId: client, args: [2, 1] }));
      history.sample(socket(client, { tcpState: 'FIN_WAIT2' }), 5, 5 * ms + 50);
      history.sample(socket(client, { tcpState: 'CLOSE' }), 5, 5 * ms + 90);
      expect(timeWait()).toBeUndefined();
      const payload = { direction: 'in', length: 0, offset: null } as unknown as CallRecord['payload'];
      history.add(record(6, 'recv', { socketId: client, args: [2, {} as never, 10], result: 0, payload }));
      expect(timeWait()).toEqual(inferred);
    });

    it('are none where the end that was closed first had left bytes: that is a RST', () => {
      connect();
      history.add(record(5, 'close', { socketId: client }));
      unread.add(peer);
      history.add(record(6, 'close', { socketId: peer }));
      expect(timeWait()).toBeUndefined();
    });

    it.each([
      ['has sent more since then', 6, () => unread.add(client)],
      ['was reset', 6, () => history.sample(socket(peer, { tcpState: 'CLOSE' }), 5, 5 * ms + 50)],
      ['comes after a minute: nothing waits for its FIN any more', 60_006, () => {}],
    ])('are none where the descriptor was closed first and the other end %s', (_why, seq, happen) => {
      connect();
      history.add(record(5, 'close', { socketId: client }));
      happen();
      history.add(record(seq, 'close', { socketId: peer }));
      expect(timeWait()).toBeUndefined();
    });
  });

  it('are inferred before what the kernel said, also where the page’s clock is behind the host’s', () => {
    connect();
    // Told with the record of the call, which is read later, and dated before it.
    history.sample(socket(client, { tcpState: 'FIN_WAIT2' }), 5, 5 * ms - 50);
    history.sample(socket(peer, { tcpState: 'CLOSE_WAIT' }), 5, 5 * ms - 50);
    history.add(record(5, 'shutdown', { socketId: client, args: [2, 1] }));
    expect(statesOf(client).slice(-2)).toEqual(['FIN_WAIT1 call', 'FIN_WAIT2 sampled']);
    expect(statesOf(peer)).toEqual(['ESTABLISHED call', 'CLOSE_WAIT inferred']);
  });

  it.each([
    ['FIN', false, ['ESTABLISHED call', 'CLOSE_WAIT inferred']],
    ['RST', true, ['ESTABLISHED call', 'CLOSE inferred']],
  ])('of an end that is told of after the call are inferred from it: %s', (_name, isUnread, states) => {
    sockets.set(client, socket(client));
    connect();
    if (isUnread) {
      unread.add(client);
    }
    history.add(record(5, 'close', { socketId: client }));
    expect(statesOf(peer)).toEqual(['ESTABLISHED call']);
    sockets.set(client, socket(client, { state: 'closed', peerId: peer }));
    history.sample(socket(peer, { tcpState: isUnread ? 'CLOSE' : 'CLOSE_WAIT', peerId: client }), 5, 5 * ms);
    history.sample(sockets.get(client)!, 5, 5 * ms);
    expect(statesOf(peer)).toEqual(states);
    expect(history.of(peer).at(-1)?.seq).toBe(5);
  });

  it.each(['before', 'after'])(
    'are not inferred of what was accepted after the other end had sent FIN: told of %s its record is read',
    (order) => {
      sockets.set(client, socket(client));
      history.add(record(2, 'socket', { createdIds: [client] }));
      history.add(record(3, 'connect', { socketId: client }));
      history.add(record(4, 'shutdown', { socketId: client, args: [2, 1] }));
      const accept = () => history.add(record(5, 'accept', { socketId: server, createdIds: [peer] }));
      if (order === 'after') {
        accept();
      }
      sockets.set(client, socket(client, { peerId: peer }));
      sockets.set(peer, socket(peer, { peerId: client, openedSeq: 5, tcpState: 'CLOSE_WAIT' }));
      history.sample(sockets.get(client)!, 5, 6 * ms);
      history.sample(sockets.get(peer)!, 5, 6 * ms);
      if (order === 'before') {
        accept();
      }
      // Read again with all of that known.
      history.add(record(4, 'shutdown', { socketId: client, args: [2, 1] }));
      expect(statesOf(peer)).toEqual(['ESTABLISHED call', 'CLOSE_WAIT sampled']);
    },
  );

  it('end with close, also when its record is read again and the kernel is asked later', () => {
    connect();
    history.add(record(5, 'close', { socketId: server }));
    const before = statesOf(server);
    history.add(record(5, 'close', { socketId: server }));
    history.sample(socket(server, { state: 'closed', tcpState: 'CLOSE_WAIT' }), 7, 8 * ms);
    expect(statesOf(server)).toEqual(before);
    expect(history.of(server).at(-1)).toMatchObject({ isEnd: true, tone: 'none' });
    expect(history.toneAt(server, 9 * ms)).toBe('none');
    // What was told of it before its end was read.
    history.sample(socket(peer, { tcpState: 'CLOSE_WAIT' }), 8, 9 * ms);
    history.add(record(6, 'close', { socketId: peer }));
    expect(history.of(peer).at(-1)).toMatchObject({ isEnd: true, seq: 6 });
  });

  it('end with RST where bytes stayed unread', () => {
    connect();
    unread.add(peer);
    history.add(record(5, 'close', { socketId: peer }));
    expect(statesOf(client).at(-1)).toBe('CLOSE inferred');
  });

  const linger = (l_onoff: number, l_linger: number): CallRecord['args'] => {
    const fields = Object.entries({ l_onoff, l_linger }).map(([name, value]) => ({ name, value }));
    return [3, 1, 13, { kind: 'struct', fields }];
  };

  it.each([
    ['send', () => unread.add(peer)],
    ['SO_LINGER', () => history.add(record(5, 'setsockopt', { socketId: peer, args: linger(1, 0) }))],
  ])('end with RST also where what tells it is read late: %s', (_name, read) => {
    connect();
    history.add(record(6, 'close', { socketId: peer }));
    expect(statesOf(peer).slice(-2)).toEqual(['FIN_WAIT1 call', 'null call']);
    history.add(record(8, 'close', { socketId: client }));
    const gentle = ['CLOSE_WAIT inferred', 'LAST_ACK call', 'null call'];
    expect(statesOf(client).slice(-3)).toEqual(gentle);
    const preview = new Uint8Array(1);
    const payload = { direction: 'out' as const, length: 1, captured: 1, offset: 0, preview };
    // One that leaves nothing changes nothing.
    history.add(record(3, 'send', { socketId: client, payload }));
    expect(statesOf(client).slice(-3)).toEqual(gentle);
    read();
    history.add(record(4, 'send', { socketId: client, payload }));
    expect(statesOf(peer).slice(-2)).toEqual(['ESTABLISHED call', 'null call']);
    expect(statesOf(client).slice(-3)).toEqual(['ESTABLISHED call', 'CLOSE inferred', 'null call']);
  });

  it('end with RST where SO_LINGER is on with no time, under whichever number', () => {
    connect();
    const copy = 4;
    sockets.set(copy, socket(copy, { peerId: client }));
    history.add(record(5, 'dup', { socketId: peer, createdIds: [copy] }));
    history.add(record(6, 'setsockopt', { socketId: peer, args: linger(1, 0) }));
    history.add(record(7, 'close', { socketId: peer }));
    history.add(record(8, 'close', { socketId: copy }));
    expect(statesOf(client).at(-1)).toBe('CLOSE inferred');
    expect([history.isOverAt(peer, 7 * ms + 20), history.isOverAt(peer, 9 * ms)]).toEqual([false, true]);
    // With a time it ends as ever, and so it does once that is off again.
    for (const last of [linger(1, 5), linger(0, 0)]) {
      history.forget([server, client, peer]);
      connect();
      history.add(record(5, 'setsockopt', { socketId: peer, args: linger(1, 0) }));
      history.add(record(6, 'setsockopt', { socketId: peer, args: last }));
      history.add(record(7, 'close', { socketId: peer }));
      expect(statesOf(client).at(-1)).toBe('CLOSE_WAIT inferred');
    }
  });

  it('end with RST also where a copy, or what was accepted, has SO_LINGER from before it was made', () => {
    const copy = 4;
    sockets.set(copy, socket(copy, { peerId: client }));
    connect();
    history.add(record(5, 'setsockopt', { socketId: peer, args: linger(1, 0) }));
    history.add(record(6, 'dup', { socketId: peer, createdIds: [copy] }));
    history.add(record(7, 'close', { socketId: peer }));
    history.add(record(8, 'close', { socketId: copy }));
    expect(statesOf(client).at(-1)).toBe('CLOSE inferred');
    history.forget([server, client, peer]);
    history.add(record(1, 'setsockopt', { socketId: server, args: linger(1, 0) }));
    history.add(record(3, 'connect', { socketId: client }));
    history.add(record(4, 'accept', { socketId: server, createdIds: [peer] }));
    history.add(record(5, 'close', { socketId: peer }));
    expect(statesOf(client).at(-1)).toBe('CLOSE inferred');
  });

  it('end as the SO_LINGER says that the listener had at the handshake, not at accept', () => {
    for (const [before, after, end] of [
      [linger(1, 0), linger(0, 0), 'CLOSE inferred'],
      [linger(0, 0), linger(1, 0), 'CLOSE_WAIT inferred'],
    ] as const) {
      history.forget([server, client, peer]);
      history.add(record(1, 'setsockopt', { socketId: server, args: before }));
      history.add(record(3, 'connect', { socketId: client }));
      history.add(record(4, 'setsockopt', { socketId: server, args: after }));
      history.add(record(5, 'accept', { socketId: server, createdIds: [peer] }));
      history.add(record(6, 'close', { socketId: peer }));
      expect(statesOf(client).at(-1)).toBe(end);
    }
  });

  it('end without RST where both ends have sent FIN', () => {
    connect();
    history.add(record(5, 'setsockopt', { socketId: client, args: linger(1, 0) }));
    unread.add(peer);
    history.add(record(6, 'shutdown', { socketId: client, args: [2, 1] }));
    history.add(record(7, 'shutdown', { socketId: peer, args: [3, 1] }));
    history.add(record(8, 'close', { socketId: client }));
    history.add(record(9, 'close', { socketId: peer }));
    expect([...statesOf(client), ...statesOf(peer)]).not.toContain('CLOSE inferred');
    // One that has sent FIN alone can still be told.
    history.forget([server, client, peer]);
    connect();
    history.add(record(6, 'shutdown', { socketId: peer, args: [3, 1] }));
    history.add(record(7, 'close', { socketId: peer }));
    expect(statesOf(client).at(-1)).toBe('CLOSE inferred');
  });

  it('end as SO_LINGER was set last, also where an earlier record is read again', () => {
    connect();
    const on = record(5, 'setsockopt', { socketId: peer, args: linger(1, 0) });
    history.add(on);
    history.add(record(6, 'setsockopt', { socketId: peer, args: linger(0, 0) }));
    history.add(on);
    history.add(record(7, 'close', { socketId: peer }));
    expect(statesOf(client).at(-1)).toBe('CLOSE_WAIT inferred');
  });

  it('end with RST also where the record of SO_LINGER was cleared', () => {
    connect();
    history.add(record(5, 'setsockopt', { socketId: peer, args: linger(1, 0) }));
    history.clear();
    history.add(record(6, 'close', { socketId: peer }));
    expect(statesOf(client)).toEqual(['CLOSE inferred']);
  });

  it('that the kernel tells are kept when no call explains them, and once', () => {
    history.sample(socket(client, { tcpState: 'ESTABLISHED' }), 9, 9 * ms);
    expect(statesOf(client)).toEqual(['ESTABLISHED sampled']);
    // The record that made it so was read later.
    history.add(record(3, 'connect', { socketId: client }));
    expect(statesOf(client)).toEqual(['SYN_SENT call', 'ESTABLISHED call']);
    history.sample(socket(client, { tcpState: 'CLOSE_WAIT' }), 9, 20 * ms);
    history.sample(socket(client, { tcpState: 'CLOSE_WAIT' }), 10, 21 * ms);
    expect(statesOf(client)).toEqual(['SYN_SENT call', 'ESTABLISHED call', 'CLOSE_WAIT sampled']);
    // What is told again with something else of the socket was not asked for again.
    history.sample(socket(peer, { tcpState: 'SYN_SENT' }), 10, 22 * ms);
    history.add(record(23, 'connect', { socketId: peer }));
    history.sample(socket(peer, { tcpState: 'SYN_SENT' }), 23, 24 * ms);
    expect(statesOf(peer).at(-1)).toBe('ESTABLISHED call');
    // Where no lane says it no row is left free for it.
    const toldOf = (id: SocketId) => history.toldBetween(0, 30 * ms, (one) => one === id);
    expect([client, server].map(toldOf)).toEqual([[20 * ms], []]);
    // A socket that is new is in that state, too, and nothing has happened.
    history.sample(socket(server, { tcpState: 'CLOSE' }), 1, ms);
    expect(statesOf(server)).toEqual([]);
  });

  it('that the kernel told last are known of sockets that are lost, where no record tells of them', () => {
    connect();
    const lost = { seq: 9, ns: 9 * ms };
    history.lose(socket(client, { tcpState: 'CLOSE_WAIT' }), lost);
    // It may be of a time before the records that are read.
    history.lose(socket(server, { tcpState: 'ESTABLISHED' }), lost);
    expect(statesOf(client).slice(-3)).toEqual(['ESTABLISHED call', 'CLOSE_WAIT sampled', 'null lost']);
    expect(statesOf(server).at(-2)).toBe('LISTEN call');
  });

  it('colour the life-line at each time', () => {
    connect();
    expect(history.toneAt(client, 2 * ms)).toBe('none');
    expect(history.toneAt(client, 3 * ms)).toBe('handshake');
    expect(history.toneAt(client, 4 * ms)).toBe('open');
    // Of one without a known change what it is now is all there is.
    sockets.set(9, socket(9, { tcpState: 'CLOSE_WAIT' }));
    expect(history.toneAt(9, ms)).toBe('closing');
    history.forget([client]);
    expect(history.of(client)).toEqual([]);
  });

  it('of TCP end where the connection is dissolved', () => {
    connect();
    const unspecified = { family: 'raw' as const, bytes: new Uint8Array(16) };
    history.add(record(20, 'connect', { socketId: client, args: [3, unspecified, 16] }));
    expect(statesOf(client).slice(-3)).toEqual(['SYN_SENT call', 'ESTABLISHED call', 'CLOSE call']);
    expect(history.toneAt(client, 21 * ms)).toBe('none');
    history.add(record(22, 'connect', { socketId: client }));
    expect(statesOf(client).slice(-2)).toEqual(['SYN_SENT call', 'ESTABLISHED call']);
  });

  it('of a datagram socket begin with the send that the kernel binds it for', () => {
    const send = (seq: number) =>
      record(seq, 'sendto', {
        socketId: client,
        payload: { direction: 'out', length: 1, captured: 1, offset: null },
      });
    const udp = (more: Partial<SocketInfo> = {}) =>
      socket(client, { role: 'datagram', type: 'SOCK_DGRAM', state: 'bound', ...more });
    const made = record(1, 'socket', { createdIds: [client] });
    const tonesOf = (records: readonly CallRecord[]) => {
      history.forget([client]);
      records.forEach((one) => history.add(one));
      return history.of(client).map(({ seq, tone }) => `${seq} ${tone}`);
    };
    sockets.set(client, udp());
    const sends = [made, send(2), send(3), send(4)];
    expect(tonesOf(sends)).toEqual(['1 none', '2 listen']);
    expect(tonesOf(sends.toReversed())).toEqual(['1 none', '2 listen']);
    expect(history.toneAt(client, 2 * ms)).toBe('none');
    expect(history.toneAt(client, 3 * ms)).toBe('listen');
    for (const [name, tone] of [
      ['bind', 'listen'],
      ['connect', 'open'],
    ] as const) {
      const told = [made, record(2, name, { socketId: client }), send(3), send(4)];
      expect(tonesOf(told)).toEqual(['1 none', `2 ${tone}`]);
      expect(tonesOf(told.toReversed())).toEqual(['1 none', `2 ${tone}`]);
    }
    // Where the connection is dissolved what bind(2) gave stays, and nothing else; the next send binds it again.
    const dissolve = (seq: number) =>
      record(seq, 'connect', {
        socketId: client,
        args: [3, { family: 'raw', bytes: new Uint8Array(16) }, 16],
      });
    const own = record(3, 'connect', { socketId: client });
    const free = [made, send(2), own, dissolve(4), send(5)];
    const bound = [made, record(2, 'bind', { socketId: client }), own, dissolve(4)];
    for (const turned of [(all: CallRecord[]) => all, (all: CallRecord[]) => all.toReversed()]) {
      expect(tonesOf(turned(free))).toEqual(['1 none', '2 listen', '3 open', '4 none', '5 listen']);
      expect(tonesOf(turned(bound))).toEqual(['1 none', '2 listen', '3 open', '4 listen']);
    }
    // One of AF_UNIX sends without a name.
    sockets.set(client, udp({ domain: 'AF_UNIX', state: 'open' }));
    expect(tonesOf(sends)).toEqual(['1 none']);
  });

  it('are read in any order, and again', () => {
    history.add(record(5, 'shutdown', { socketId: client, args: [2, 1] }));
    connect();
    connect();
    expect(statesOf(client)).toEqual(['null call', 'SYN_SENT call', 'ESTABLISHED call', 'FIN_WAIT1 call']);
  });
});

describe('a row', () => {
  const facts = (more: Partial<LineFacts> = {}): LineFacts => ({
    noteOf: () => null,
    isFailed: ({ errno }) => errno !== null,
    handshakeWith: () => null,
    handshakeRoom: () => handshakeHeight,
    ...more,
  });
  const kinds = (of: ReturnType<typeof blockOf>) =>
    of.lines.map(({ kind, isPending, record: { seq } }) => `${kind} ${seq}${isPending ? ' pending' : ''}`);

  it('is a line, and more where there is more to say', () => {
    expect(blockOf(1, 0, undefined, [], [], facts()).height).toBe(lineHeight);
    expect(blockOf(1, 0, record(1, 'listen'), [], [], facts()).height).toBe(lineHeight);
    const failed = record(1, 'bind', { errno: 'EADDRINUSE', result: -1 });
    expect(blockOf(1, 0, failed, [], [], facts()).height).toBe(lineHeight + failureHeight);
    const met = facts({ handshakeWith: () => 3 });
    expect(blockOf(1, 0, record(1, 'connect'), [], [], met).height).toBe(lineHeight + handshakeHeight);
    const noted = facts({ noteOf: () => ({ text: 'two lines', lines: 2 }) });
    expect(blockOf(1, 0, record(1, 'recv'), [], [], noted).height).toBe(lineHeight + 2 * 17);
    const disturbed = record(1, 'recv', { madeBy: tapMaker('127.0.0.1:80', ['drop', 'delay 20 ms']) });
    expect(blockOf(1, 0, disturbed, [], [], noted)).toMatchObject({
      height: lineHeight + 3 * 17,
      lines: [{ injected: 'injected: drop, delay 20 ms' }],
    });
  });

  it('has room of its own for what the kernel told between its lines', () => {
    const first = record(4, 'connect', { startNs: 10 });
    const returned = [record(1, 'accept', { hasWaited: true, endNs: 20 })];
    const placesOf = (told: number[]) => {
      const { lines, gaps, height } = blockOf(4, 3, first, returned, told, facts());
      return [lines.map(({ y }) => y), gaps.map(({ y, ns }) => [y, ns]), height];
    };
    expect(placesOf([])).toEqual([[0, 24], [], 48]);
    expect(placesOf([12, 14, 20])).toEqual([
      [0, 48],
      [
        [24, 12],
        [72, 20],
      ],
      96,
    ]);
    expect(
      isSameBlock(
        blockOf(4, 3, first, returned, [12], facts()),
        blockOf(4, 3, first, returned, [13], facts()),
      ),
    ).toBe(false);
  });

  it('is drawn anew only when something on it has changed', () => {
    const one = record(1, 'recv');
    const noted = (text: string) => facts({ noteOf: () => ({ text, lines: 1 }) });
    const block = blockOf(1, 0, one, [], [], noted('a'));
    expect(isSameBlock(block, blockOf(1, 0, one, [], [], noted('a')))).toBe(true);
    expect(isSameBlock(block, blockOf(1, 0, one, [], [], noted('b')))).toBe(false);
    expect(isSameBlock(block, blockOf(1, 0, { ...one }, [], [], noted('a')))).toBe(false);
    expect(isSameBlock(block, blockOf(1, 1, one, [], [], noted('a')))).toBe(false);
    const later = blockOf(1, 0, one, [record(2, 'accept', { hasWaited: true })], [], noted('a'));
    expect(isSameBlock(block, later)).toBe(false);
  });

  it('shows a wait with its answer only where nothing else began before', () => {
    const waited = record(1, 'accept', { hasWaited: true, endNs: 5 * ms });
    expect(kinds(blockOf(1, 0, waited, [waited], [], facts()))).toEqual(['call 1']);
    expect(kinds(blockOf(1, 0, waited, [], [], facts()))).toEqual(['call 1 pending']);
    expect(kinds(blockOf(4, 3, record(4, 'connect'), [waited], [], facts()))).toEqual(['call 4', 'return 1']);
    const waiting = record(1, 'accept', { status: 'waiting', endNs: null, hasWaited: true });
    expect(kinds(blockOf(1, 0, waiting, [], [], facts()))).toEqual(['call 1 pending']);
  });

  it('gets the calls that returned while it was the last one', () => {
    const returns = new Returns();
    const ended = (seq: number, at: number) => record(seq, 'recv', { hasWaited: true, endNs: at * ms });
    [ended(1, 9), ended(2, 4), ended(3, 7), record(4, 'send')].forEach((one) => returns.add(one));
    // Read again, it has not returned twice.
    returns.add(ended(3, 7));
    const seqs = (from: number, to: number) => returns.between(from * ms, to * ms).map(({ seq }) => seq);
    expect(seqs(0, 100)).toEqual([2, 3, 1]);
    expect(seqs(4, 9)).toEqual([2, 3]);
    const across = (from: number, to: number) => returns.across(from * ms, to * ms).map(({ seq }) => seq);
    expect(across(3, 6)).toEqual([1]);
    expect(across(0.5, 6)).toEqual([]);
    returns.remove(3);
    expect(seqs(0, 100)).toEqual([2, 1]);
    returns.clear();
    expect(seqs(0, 100)).toEqual([]);
  });
});

describe('the text of a chip', () => {
  const textOf = (one: CallRecord) =>
    chipText(one, 'linux')
      .tokens.map(({ text }) => text)
      .join('');
  const data = (text: string) => ({
    kind: 'data' as const,
    bytes: new TextEncoder().encode(text),
    length: text.length,
  });

  it('leaves out what the kernel fills, and flags that are 0', () => {
    expect(textOf(record(1, 'recv', { args: [5, data('GET /a'), 4096, 0] }))).toBe('recv(5, 4096)');
    expect(textOf(record(1, 'recv', { args: [5, { kind: 'any' }, 4096, 2] }))).toBe(
      'recv(5, 4096, MSG_PEEK)',
    );
    expect(textOf(record(1, 'send', { args: [4, data('ok\n'), 3, 0] }))).toBe(String.raw`send(4, "ok\n", 3)`);
    expect(textOf(record(1, 'accept', { args: [3, null, null] }))).toBe('accept(3)');
    expect(textOf(record(1, 'getsockname', { args: [3, { kind: 'any' }, { kind: 'any' }] }))).toBe(
      'getsockname(3)',
    );
    const address = { family: 'AF_INET' as const, address: '127.0.0.1', port: 4000 };
    expect(textOf(record(1, 'bind', { args: [3, address, 16] }))).toBe('bind(3, 127.0.0.1:4000)');
    expect(textOf(record(1, 'bind', { args: [3, address, 15] }))).toBe('bind(3, 127.0.0.1:4000, 15)');
    expect(textOf(record(1, 'socket', { args: [2, 1, 0] }))).toBe('socket(AF_INET, SOCK_STREAM, 0)');
  });

  it('is short, however much was sent', () => {
    const long = record(1, 'send', { args: [4, data('x'.repeat(200)), 200, 0], result: 200 });
    expect(chipText(long, 'linux').length).toBeLessThan(45);
    // With more room more is said of what is sent, and all of it where it fits.
    const sent = record(1, 'send', {
      args: [24, data('hi nc, from the product\n'), 24, 0],
      result: 24,
      payload: { direction: 'out', length: 24, offset: 0, captured: 24 },
    });
    const roomy = (chars: number) =>
      roomyText(sent, 'linux', chars)
        .tokens.map((token) => token.text)
        .join('');
    expect([39, 44, 46].map(roomy)).toEqual([
      'send(24, "hi nc, from the "..., 24)',
      'send(24, "hi nc, from the prod"..., 24)',
      String.raw`send(24, "hi nc, from the product\n", 24)`,
    ]);
  });

  it('in a brief lane says the most that there is room for, and what was received before how much', () => {
    const briefOf = (one: CallRecord, chars: number, beside = 0) => {
      const { tokens, result, received, length } = briefText(
        one,
        'linux',
        chars,
        beside,
        (text) => text.length,
      );
      const call = tokens.map(({ text }) => text).join('');
      const said = result === '' ? call : `${call} = ${result}`;
      expect(length).toBe(said.length);
      return received === null ? said : `${said} [${received}]`;
    };
    // What ends a stream leaves room for its arrow.
    const closed = record(1, 'close', { args: [28] });
    expect([briefOf(closed, 18, 5), briefOf(closed, 17, 5)]).toEqual(['close(28) = 0', 'close = 0']);
    expect([briefOf(closed, 9, 5), briefOf(closed, 8, 5), briefOf(closed, 8)]).toEqual([
      'close = 0',
      'close',
      'close = 0',
    ]);
    const sent = record(1, 'send', { args: [4, data('apple'), 5, 0], result: 5 });
    expect(briefOf(sent, 30)).toBe('send(4, "apple", 5) = 5');
    expect(briefOf(sent, 16)).toBe('send "apple" = 5');
    expect(briefOf(sent, 15)).toBe('send = 5');
    expect(briefOf(sent, 3)).toBe('send = 5');
    const got = (text: string) =>
      record(1, 'recv', {
        args: [5, data(text), 4096, 0],
        result: text.length,
        payload: { direction: 'in', length: text.length, offset: 0, captured: text.length },
      });
    expect(briefOf(got('apple'), 28)).toBe('recv(5, 4096) = 5 [apple]');
    expect(briefOf(got('apple'), 15)).toBe('recv = 5 [apple]');
    expect(briefOf(got('GET /a HTTP/1.1'), 15)).toBe('recv = 15 [GET /a HTTP/1.1]');
    expect(briefOf(got('apple'), 12)).toBe('recv [apple]');
    // The beginning of them, too; and how many there are without the room for that.
    expect(briefOf(got('GET /a HTTP/1.1'), 8)).toBe('recv [GET /a HTTP/1.1]');
    expect(briefOf(got('GET /a HTTP/1.1'), 7)).toBe('recv = 15 [GET /a HTTP/1.1]');
    expect(briefOf(got('hi'), 6)).toBe('recv [hi]');
    const address = { family: 'AF_INET' as const, address: '127.0.0.1', port: 4000 };
    expect(briefOf(record(1, 'bind', { args: [3, address, 16], result: 0 }), 24)).toBe(
      'bind 127.0.0.1:4000 = 0',
    );
    expect(briefOf(record(1, 'setsockopt', { args: [3, 1, 2, 1], result: 0 }), 31)).toBe(
      'setsockopt SO_REUSEADDR 1 = 0',
    );
    // Behind = stands what the call returned, never what was read: that is behind an arrow, as in the table.
    const read = record(1, 'getsockopt', {
      args: [25, 1, 8, { kind: 'list', items: [131072] }, { kind: 'list', items: [4] }],
      result: 0,
    });
    expect([56, 33, 29, 19, 18].map((chars) => briefOf(read, chars))).toEqual([
      'getsockopt(25, SOL_SOCKET, SO_RCVBUF, [131072]) = 0',
      'getsockopt SO_RCVBUF = 0 → 131072',
      'getsockopt SO_RCVBUF → 131072',
      'getsockopt → 131072',
      'getsockopt = 0',
    ]);
    expect(briefOf({ ...read, result: -1, errno: 'EBADF' }, 30)).toBe('getsockopt = -1 EBADF');
    expect(briefOf(record(1, 'shutdown', { args: [3, 1], result: 0 }), 22)).toBe('shutdown SHUT_WR = 0');
    expect(briefOf(record(1, 'close', { args: [3], result: 0 }), 9)).toBe('close = 0');
    const failed = record(1, 'connect', { args: [3, address, 16], result: -1, errno: 'ECONNREFUSED' });
    expect(briefOf(failed, 9)).toBe('connect = -1 ECONNREFUSED');
  });
});
