import type { CallRecord, Value } from '../../src/common/call.js';

/** A record of a call that has returned 0, with what a test says of it. */
export function recordOf(
  name: CallRecord['name'],
  args: Value[],
  more: Partial<CallRecord> = {},
): CallRecord {
  return {
    seq: 1,
    name,
    args,
    status: 'returned',
    result: 0,
    errno: null,
    startNs: 0,
    endNs: 1000,
    hasWaited: false,
    fd: null,
    socketId: null,
    createdIds: [],
    peerId: null,
    payload: null,
    thread: null,
    madeBy: null,
    resolution: null,
    ...more,
  };
}

/** A record of a `recv` that took `length` bytes of the first socket's stream. */
export function received(seq: number, length = 0): CallRecord {
  return recordOf('recv', [5, { kind: 'any' }, length, 0], {
    seq,
    result: length,
    startNs: seq * 10,
    endNs: seq * 10 + 5,
    fd: 5,
    socketId: 1,
    payload: { direction: 'in', length, captured: length, offset: 0 },
  });
}
