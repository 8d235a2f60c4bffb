import { describe, expect, it } from 'vitest';
import type { CallRecord } from '../../src/common/call.js';
import { type CallSurroundings, Calls } from '../../src/webview/state/calls.js';
import { recordOf } from '../support/records.js';

const waiting = recordOf('connect', [22, { family: 'AF_INET', address: '127.0.0.1', port: 80 }, 16], {
  seq: 2,
  status: 'waiting',
  result: null,
  startNs: 1,
  endNs: null,
  hasWaited: true,
  fd: 22,
  socketId: 1,
});
const returned: CallRecord = { ...waiting, status: 'returned', result: 0, endNs: 2 };

/** A page whose call waits, and whose records say by then that it has returned. */
function surroundings() {
  const said: string[] = [];
  const followed: CallRecord[] = [];
  const page = {
    composer: {
      isBusy: { value: false },
      isComplete: true,
      isTouched: { value: false },
      request: () => ({ call: { name: 'connect', args: waiting.args } }),
      commit: () => {},
      prepare: () => {},
    },
    records: { lastSeq: 2, put: () => {}, load: () => Promise.resolve(returned) },
    presetRun: {
      progress: { value: null },
      socketNameFor: () => undefined,
      follow: (record: CallRecord) => {
        followed.push(record);
        return Promise.resolve(true);
      },
    },
    context: () => ({ sockets: new Map(), platform: 'linux' }),
    perform: () => Promise.resolve({ kind: 'record', record: waiting }),
    select: () => {},
    remember: () => {},
    say: (text: string) => said.push(text),
    report: (error: unknown) => {
      throw error;
    },
  };
  return { calls: new Calls(page as unknown as CallSurroundings), said, followed };
}

describe('A call that waits so shortly that its end is known before its beginning is told', () => {
  it('is said to wait and said to have returned, and goes on once', async () => {
    const { calls, said, followed } = surroundings();
    await calls.makeFormCall();
    calls.follow(
      {
        sockets: [],
        removed: [],
        firstSeq: 1,
        lastSeq: 2,
        changedSeqs: [2],
        droppedBytes: 0,
        droppedRecords: 0,
        recordingFault: null,
      },
      1,
    );
    await Promise.resolve();
    expect(said.map((text) => text.replace(/^.*: /, ''))).toEqual(['connect waits.', 'connect returned 0.']);
    expect(followed).toEqual([returned]);
  });
});
