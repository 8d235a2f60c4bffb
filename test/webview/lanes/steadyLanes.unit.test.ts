import { describe, expect, it } from 'vitest';
import type { SocketInfo } from '../../../src/common/socket.js';
import { SteadyLanes } from '../../../src/webview/lanes/steadyLanes.js';

/** A listener 1, and closed connections: what was accepted is odd, and its client one less. */
const sockets = new Map(
  Array.from({ length: 40 }, (_, index) => index + 1).map((id) => {
    const isAccepted = id % 2 === 1;
    const peerId = id === 1 ? null : isAccepted ? id - 1 : id + 1;
    const state = id === 1 ? 'listening' : 'closed';
    return [id, { id, openedSeq: id, role: isAccepted ? 'accepted' : 'client', peerId, state } as SocketInfo];
  }),
);
const keeper = (...before: number[]) => {
  const steady = new SteadyLanes();
  steady.reset(before);
  return (...wanted: number[]) => steady.keep(wanted, sockets);
};

describe('lanes while somebody scrolls', () => {
  it('stay where they are, and what has come takes the place of what is out of view', () => {
    const keep = keeper(1, 7, 6, 9, 8, 11, 10);
    expect(keep(1, 7, 6, 9, 8)).toEqual([1, 7, 6, 9, 8, 11, 10]);
    expect(keep(1, 5, 4, 7, 6, 9, 8)).toEqual([1, 7, 6, 9, 8, 5, 4]);
    expect(keep(1, 3, 2, 5, 4, 7, 6)).toEqual([1, 7, 6, 3, 2, 5, 4]);
    // And back.
    expect(keep(1, 5, 4, 7, 6, 9, 8)).toEqual([1, 7, 6, 9, 8, 5, 4]);
  });

  it('make room where what comes belongs when no place is free', () => {
    expect(keeper(1, 7, 6, 11, 10)(1, 7, 6, 9, 8, 11, 10)).toEqual([1, 7, 6, 9, 8, 11, 10]);
    expect(keeper(1, 7, 6, 11, 10)(1, 5, 4, 7, 6, 11, 10)).toEqual([1, 5, 4, 7, 6, 11, 10]);
    // One that comes alone, beside its other end.
    expect(keeper(1, 6, 11, 10)(1, 7, 6, 11, 10)).toEqual([1, 7, 6, 11, 10]);
    expect(keeper(1, 7, 11, 10)(1, 7, 6, 11, 10)).toEqual([1, 7, 6, 11, 10]);
    // Calls without a socket stand left of all.
    expect(keeper(1, 7, 6)(0, 1, 7, 6)).toEqual([0, 1, 7, 6]);
  });

  it('never separate the two ends of a connection', () => {
    // One end has no lane any more: its place is none for two.
    expect(keeper(1, 3, 9, 8)(1, 5, 4, 9, 8)).toEqual([1, 5, 4, 3, 9, 8]);
  });

  it('begin anew where most would be empty, and where little is left of what was read', () => {
    const keep = keeper(1, 3, 2, 5, 4);
    expect(keep(1, 3, 2)).toEqual([1, 3, 2, 5, 4]);
    expect(keep(1)).toEqual([1]);
    expect(keeper(1, 7, 6, 9, 8)(1, 3, 2, 5, 4)).toEqual([1, 3, 2, 5, 4]);
  });

  it('go with what nobody knows any more', () => {
    expect(keeper(1, 99, 3, 2)(1, 3, 2)).toEqual([1, 3, 2]);
  });
});
