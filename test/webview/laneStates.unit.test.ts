import { expect, it, vi } from 'vitest';
import type { FilterRequest } from '../../src/common/protocol/socketHost.js';
import type { SocketInfo } from '../../src/common/socket.js';
import { LaneStates } from '../../src/webview/state/laneStates.js';

const lane = (id: number, role: SocketInfo['role'] = 'client') =>
  ({ id, openedSeq: 1, role, domain: 'AF_INET' }) as const;

/** Reads of a host whose record of a number fits when that says so. */
function readerOf(fits: (seq: number, filter: string) => boolean) {
  const state = { loaded: new Set<number>(), requests: [] as FilterRequest[], isGone: false };
  const states = new LaneStates({
    find: async (request) => {
      const { filter, from, to = Infinity, count } = request;
      if (state.isGone) {
        throw new Error('The host is gone.');
      }
      state.requests.push(request);
      const seqs: number[] = [];
      let seq = from;
      for (; seq <= to && seqs.length < count; seq++) {
        if (fits(seq, filter)) {
          seqs.push(seq);
        }
      }
      return { seqs, socketIds: [], next: seq, isDone: false, problem: null };
    },
    load: (seqs) => Promise.resolve(seqs.forEach((seq) => state.loaded.add(seq))),
  });
  return { states, state };
}

it('finds the end of a socket behind more records than one look finds or passes', async () => {
  const { states, state } = readerOf((seq) => seq <= 3000 || seq === 450_000);
  states.show([lane(1)], 500_000);
  await vi.waitFor(() => expect(state.loaded.has(450_000)).toBe(true));
  expect(state.loaded.size).toBe(3001);
});

it('looks at what has changed below the view, and of sockets that are not drawn, when they are', async () => {
  let isAnswered = false;
  const { states, state } = readerOf(
    (seq, filter) => isAnswered && seq === 80 && /stream in \{.*2/.test(filter),
  );
  states.show([lane(1), lane(2)], 100);
  await vi.waitFor(() => expect(state.requests).not.toEqual([]));
  await new Promise((resolve) => setTimeout(resolve, 10));
  isAnswered = true;
  states.show([lane(1)], 50);
  states.update([80]);
  await vi.waitFor(() => expect(state.requests.at(-1)).toMatchObject({ from: 80, to: 80 }));
  expect(state.loaded.size).toBe(0);
  states.show([lane(1), lane(2)], 100);
  await vi.waitFor(() => expect([...state.loaded]).toEqual([80]));
});

it('asks again for what has changed while nobody answered', async () => {
  let isAnswered = false;
  const { states, state } = readerOf((seq) => isAnswered && seq === 80);
  states.show([lane(1)], 100);
  await vi.waitFor(() => expect(state.requests).not.toEqual([]));
  isAnswered = true;
  state.isGone = true;
  states.update([80]);
  await new Promise((resolve) => setTimeout(resolve, 300));
  state.isGone = false;
  states.show([lane(1)], 100);
  await vi.waitFor(() => expect([...state.loaded]).toEqual([80]));
});

it('reads the send that gave a datagram socket its port', async () => {
  const { states, state } = readerOf((seq, filter) => filter.includes('direction == out') && seq >= 60);
  states.show([lane(1, 'datagram')], 50);
  states.show([lane(1, 'datagram')], 100);
  await vi.waitFor(() => expect([...state.loaded]).toEqual([60]));
  states.show([lane(1, 'datagram')], 200);
  await vi.waitFor(() => expect(state.requests.at(-1)).toMatchObject({ from: 101, to: 200 }));
  expect([...state.loaded]).toEqual([60]);
});
