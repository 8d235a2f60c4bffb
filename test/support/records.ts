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
