import { signal } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import type { Call, CallRecord } from '../../src/common/call.js';
import { type CallSurroundings, Calls } from '../../src/webview/state/calls.js';
import { inet, socket } from '../support/sockets.js';
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

const change = {
  sockets: [],
  removed: [],
  firstSeq: 1,
  lastSeq: 2,
  changedSeqs: [2],
  droppedBytes: 0,
  droppedRecords: 0,
  recordingFault: null,
};

/** A page whose call waits, and whose records say by then that it has returned. */
function surroundings(ended = returned) {
  const said: string[] = [];
  const prepared: string[] = [];
  const user = { isAtHand: false, isWriting: false };
  let selections = 0;
  const left: string[] = [];
  const followed: CallRecord[] = [];
  const page = {
    composer: {
      isBusy: { value: false },
      isComplete: true,
      isTouched: { value: false },
      isChosenSend: false,
      request: () => ({ call: { name: 'connect', args: waiting.args } }),
      commit: () => {},
      refuse: () => {},
      suggest: ({ name }: Call, socketId: number) => prepared.push(`${name} on ${socketId}`),
      actions: 0,
    },
    records: { lastSeq: 2, put: () => {}, load: () => Promise.resolve(ended) },
    presetRun: {
      progress: signal<{ waitingSeq: number } | null>(null),
      stop: () => left.push('preset'),
      followLeft: () => {},
      socketNameFor: () => undefined,
      follow: (record: CallRecord) => {
        followed.push(record);
        return Promise.resolve(record === returned);
      },
    },
    context: () => ({
      sockets: new Map([[1, socket({ id: 1, state: 'connected' })]]),
      platform: 'linux',
    }),
    isAtHand: () => user.isAtHand,
    isWriting: () => user.isWriting,
    selectWritten: () => void selections++,
    perform: () => Promise.resolve({ kind: 'record', record: waiting }),
    select: () => {},
    followForm: () => {},
    showForm: () => {},
    remember: () => {},
    say: (text: string) => said.push(text),
    report: (error: unknown) => {
      throw error;
    },
  };
  return {
    calls: new Calls(page as unknown as CallSurroundings),
    page,
    user,
    said,
    followed,
    prepared,
    left,
    selections: () => selections,
  };
}

describe('A call that waits so shortly that its end is known before its beginning is told', () => {
  it('is said to wait and said to have returned, and goes on once', async () => {
    const { calls, said, followed } = surroundings();
    await calls.makeFormCall();
    calls.follow(change, 1);
    await Promise.resolve();
    expect(said.map((text) => text.replace(/^.*: /, ''))).toEqual(['connect waits.', 'connect returned 0.']);
    expect(followed).toEqual([returned]);
  });
});

describe('A call that has returned', () => {
  it('is said with the name that its socket has got by it', async () => {
    const { calls, page, said } = surroundings();
    page.records.lastSeq = 1;
    page.perform = () => Promise.resolve({ kind: 'record', record: returned });
    const made = calls.makeFormCall();
    await Promise.resolve();
    page.context = () => ({
      sockets: new Map([[1, socket({ id: 1, state: 'connected', name: 'ann' })]]),
      platform: 'linux',
    });
    page.records.lastSeq = 2;
    calls.follow(change, 1);
    await made;
    expect(said.map((text) => text.replace(/, fd.*/, ''))).toEqual(['Record 2, ann']);
  });
});

describe('A wait that ends', () => {
  /** One that has waited for so many milliseconds, with somebody in the form or not. */
  async function ended(milliseconds: number, isAtHand: boolean, more: Partial<CallRecord> = {}) {
    const record: CallRecord = { ...returned, endNs: 1 + milliseconds * 1e6, ...more };
    const all = surroundings(record);
    const { calls, page, user } = all;
    page.records.load = () => Promise.resolve(waiting);
    await calls.makeFormCall();
    page.records.load = () => Promise.resolve(record);
    user.isAtHand = isAtHand;
    calls.follow(change, 2);
    await expect.poll(() => all.said.at(-1)).not.toContain('waits.');
    await Promise.resolve();
    return all;
  }

  it('while nobody is in the form brings what is usual then', async () => {
    const { prepared, calls } = await ended(3000, false);
    expect(prepared).toEqual(['send on 1']);
    expect(calls.late.value).toBeNull();
  });

  it('while somebody is there changes nothing: what is usual then is offered, and comes when they have left', async () => {
    const { prepared, calls } = await ended(3000, true);
    expect(prepared).toEqual([]);
    expect(calls.lateSuggestion()).toMatchObject({ socketId: 1, call: { name: 'send' } });
    await calls.goOnLate();
    expect(prepared).toEqual(['send on 1']);
    expect(calls.lateSuggestion()).toBeUndefined();
  });

  it('is not gone on from where the user has changed the form since, or made another call', async () => {
    const { prepared, calls, page } = await ended(3000, true);
    page.composer.actions++;
    expect(calls.lateSuggestion()).toBeUndefined();
    await calls.goOnLate();
    expect(prepared).toEqual([]);
  });

  it('is not gone on from where another call is made, and neither is its preset', async () => {
    const { calls, page, left } = await ended(3000, true);
    page.presetRun.progress.value = { waitingSeq: waiting.seq };
    const listener = socket({ id: 2, role: 'listener', state: 'listening', local: inet('127.0.0.1', 80) });
    await calls.connectClient(listener);
    expect([calls.late.value, left]).toEqual([null, ['preset']]);
  });

  it('with an error leaves all as it is: there is nothing to be offered', async () => {
    const { calls, followed } = await ended(3000, true, { result: -1, errno: 'ECONNREFUSED' });
    expect(calls.late.value).toBeNull();
    expect(followed.at(-1)?.errno).toBe('ECONNREFUSED');
  });

  it('at once is the answer to the press', async () => {
    const { prepared } = await ended(20, true);
    expect(prepared).toEqual(['send on 1']);
  });
});

describe('What is sent by who goes on writing', () => {
  const sent = recordOf('send', [21, { kind: 'any' }, 2, 0], { seq: 2, socketId: 1, result: 2 });

  async function send(
    more: Partial<CallRecord> = {},
    during: (page: ReturnType<typeof surroundings>['page']) => void = () => {},
  ) {
    const record: CallRecord = { ...sent, ...more };
    const all = surroundings(record);
    all.page.presetRun.follow = () => Promise.resolve(false);
    all.page.perform = () => Promise.resolve({ kind: 'record', record });
    Object.assign(all.user, { isWriting: true, isAtHand: true });
    during(all.page);
    await all.calls.makeFormCall();
    return all;
  }

  it('stays, selected, and what is usual next is offered beside it', async () => {
    const { calls, prepared, selections, page } = await send();
    expect([prepared, selections()]).toEqual([[], 1]);
    expect(calls.lateSuggestion()).toMatchObject({ call: { name: 'recv' } });
    // Not in the midst of the next one.
    page.composer.isBusy.value = true;
    await calls.goOnLate();
    expect(prepared).toEqual([]);
    page.composer.isBusy.value = false;
    await calls.goOnLate();
    expect(prepared).toEqual(['recv on 1']);
  });

  it('stays where the call was chosen, too, and leads on where it was only suggested', async () => {
    const chosen = async (isChosenSend: boolean) => {
      const { calls, prepared } = await send({}, (page) => {
        Object.assign(page.composer, { isChosenSend });
        page.isWriting = () => false;
      });
      return [prepared, calls.lateSuggestion()?.call.name];
    };
    expect(await chosen(true)).toEqual([[], 'recv']);
    expect(await chosen(false)).toEqual([['recv on 1'], undefined]);
  });

  it('is gone on from where the form was left before the answer', async () => {
    const all = surroundings(sent);
    all.page.presetRun.follow = () => Promise.resolve(false);
    Object.assign(all.user, { isWriting: true, isAtHand: true });
    all.page.perform = () => {
      all.user.isAtHand = false;
      return Promise.resolve({ kind: 'record', record: sent });
    };
    await all.calls.makeFormCall();
    expect([all.calls.late.value, all.prepared, all.selections()]).toEqual([null, ['recv on 1'], 0]);
  });

  it('is offered no more beside why the next one was not made', async () => {
    const { calls, page, user } = await send();
    expect(calls.lateSuggestion()).toBeDefined();
    const refused = { kind: 'refused', argument: null, message: 'no' };
    Object.assign(page, { perform: () => Promise.resolve(refused) });
    user.isWriting = true;
    await calls.makeFormCall();
    expect(calls.lateSuggestion()).toBeUndefined();
  });

  it.each<[string, Partial<CallRecord>, (page: { presetRun: unknown }) => void]>([
    ['fails', { result: -1, errno: 'EPIPE' }, () => {}],
    [
      'is a step of a preset',
      {},
      ({ presetRun }) => {
        (presetRun as { progress: { value: unknown } }).progress.value = { waitingSeq: null };
      },
    ],
  ])('offers nothing where it %s', async (_, more, during) => {
    const { calls, selections } = await send(more, during);
    expect([calls.late.value, selections()]).toEqual([null, 0]);
  });
});
