import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Call, dataValue } from '../../src/common/call.js';
import { CallRefusedError, RemoteError } from '../../src/common/errors.js';
import type { PanelChange } from '../../src/common/protocol/panel.js';
import { recordsOf } from '../../src/common/rows/recordPage.js';
import { HostLostError } from '../../src/playground/callHandle.js';
import { Playground } from '../../src/playground/playground.js';
import { ScriptedHost, record, socket, socketCall } from './scriptedHost.js';

let host: ScriptedHost;
let playground: Playground;
let changes: PanelChange[];

beforeEach(() => {
  host = new ScriptedHost();
  playground = new Playground(host);
  changes = [];
  playground.onDidChange((change) => changes.push(change));
});

afterEach(() => playground.dispose());

const accept: Call = { name: 'accept', args: [20] };

describe('a call', () => {
  it('starts and returns with its record when it does not wait', async () => {
    const handle = playground.call(socketCall, { socketName: 'server' });
    expect(host.requests[0]!.request).toMatchObject({ call: socketCall, socketName: 'server' });
    host.requests[0]!.resolve(record(1));
    expect(await handle.started).toEqual({ kind: 'returned', record: record(1) });
    expect(await handle.returned).toEqual(record(1));
    expect(playground.lastSeq).toBe(1);
  });

  it('tells that it waits before it returns', async () => {
    const waits: number[] = [];
    playground.onDidWait(({ seq }) => waits.push(seq));
    const handle = playground.call(accept);
    host.wait(7);
    expect(await handle.started).toEqual({ kind: 'waiting', seq: 7 });
    expect(waits).toEqual([7]);
    expect(await playground.cancel(7)).toBe(true);
    expect(host.cancelled).toEqual([7]);
    host.requests[0]!.resolve(record(7, { status: 'cancelled', result: null }));
    expect((await handle.returned).status).toBe('cancelled');
  });

  it('rejects with the refusal when the kernel was not asked', async () => {
    const refusal = { kind: 'refused', argument: 1, message: 'No.', reason: 'invalid' } as const;
    const handle = playground.call(socketCall);
    host.requests[0]!.reject(new RemoteError('No.', refusal));
    const error = await handle.returned.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CallRefusedError);
    expect((error as CallRefusedError).refusal).toEqual(refusal);
    await expect(handle.started).rejects.toBe(error);
  });

  it('resolves a host name to the first answer of the family of its socket', async () => {
    void host.start();
    host.tell({ sockets: [socket(1, { fd: 20, domain: 'AF_INET' })], lastSeq: 1 });
    const handle = playground.call(
      { name: 'connect', args: [20, { kind: 'any' }] },
      { hostName: { host: 'localhost', port: 80 } },
    );
    await expect.poll(() => host.requests.length).toBe(1);
    const { call } = host.requests[0]!.request;
    expect(call.args[1]).toEqual({ family: 'AF_INET', address: '127.0.0.1', port: 80 });
    expect(call.resolution!.host).toBe('localhost');
    expect(call.resolution!.addresses).toContain('127.0.0.1');
    host.requests[0]!.resolve(record(1));
    await handle.returned;
  });

  it('does not reach the host when the name does not resolve', async () => {
    const handle = playground.call(
      { name: 'connect', args: [20, { kind: 'any' }] },
      { hostName: { host: 'no-such-name.invalid', port: 80 } },
    );
    await expect(handle.started).rejects.toThrow(/no-such-name\.invalid does not resolve/);
    expect(host.requests).toEqual([]);
  });
});

describe('sockets', () => {
  it('share what they have in common with others, and keep what stays as it is', () => {
    const remote = { family: 'AF_INET' as const, address: '127.0.0.1', port: 80 };
    host.tell({ sockets: [1, 2].map((id) => socket(id, { remote: { ...remote } })) });
    const before = playground.sockets.get(1)!;
    expect(playground.sockets.get(2)!.seenStates).toBe(before.seenStates);
    host.tell({
      sockets: [socket(1, { remote: { ...remote } }), socket(2, { remote: { ...remote, port: 81 } })],
    });
    expect(playground.sockets.get(1)!.remote).toBe(before.remote);
    expect(playground.sockets.get(2)!.remote).toEqual({ ...remote, port: 81 });
  });

  it('keep the states that they were seen in, also closed', () => {
    void host.start();
    host.tell({ sockets: [socket(1)] });
    host.tell({ sockets: [socket(1, { state: 'connecting', tcpState: 'SYN_SENT' })] });
    host.tell({ sockets: [socket(1, { state: 'connected', tcpState: 'ESTABLISHED' })] });
    host.tell({ sockets: [socket(1, { state: 'connected', tcpState: 'ESTABLISHED', bytesSent: 1 })] });
    const seen = ['open', 'connecting', 'SYN_SENT', 'connected', 'ESTABLISHED'];
    expect(playground.sockets.get(1)!.seenStates).toEqual(seen);
    expect(changes.at(-1)!.sockets[0]!.seenStates).toEqual(seen);
    host.tell({ sockets: [socket(1, { state: 'closed' })] });
    expect(playground.sockets.get(1)!.seenStates).toEqual([...seen, 'closed']);
  });

  it('are those the host told of, and are known after the change that tells of the call', async () => {
    const handle = playground.call(socketCall);
    host.requests[0]!.resolve(record(1, { createdIds: [1] }));
    await handle.returned;
    let isKnown = false;
    const known = playground.whenKnown(1).then(() => (isKnown = true));
    await Promise.resolve();
    expect(isKnown).toBe(false);
    host.tell({ sockets: [socket(1)], lastSeq: 1 });
    await known;
    expect(playground.openSockets).toEqual([socket(1, { seenStates: ['open'] })]);
    expect(changes.at(-1)).toMatchObject({ sockets: [socket(1)], removed: [], lastSeq: 1 });
    await playground.whenKnown(1);
  });

  it('are known where the end of a wait is told before the call answers', async () => {
    const handle = playground.call(accept);
    host.wait(7);
    host.tell({ lastSeq: 7, changedSeqs: [7] });
    host.requests[0]!.resolve(record(7, { hasWaited: true }));
    await handle.returned;
    // Nothing more is told: this resolves by itself or not at all.
    await expect(playground.whenKnown(7)).resolves.toBeUndefined();
  });

  it('are forgotten when they have ended and the records are cleared', async () => {
    void host.start();
    host.tell({ sockets: [socket(1), socket(2, { state: 'closed' })], lastSeq: 3 });
    await playground.clear();
    expect([...playground.sockets.keys()]).toEqual([1]);
    expect(changes.at(-1)!.removed).toEqual([2]);
  });

  it('are forgotten when more than a thousand have ended, the oldest first', () => {
    void host.start();
    const closed = Array.from({ length: 1003 }, (_, index) => socket(index + 1, { state: 'closed' }));
    host.tell({ sockets: [...closed, socket(2000)] });
    expect(playground.sockets.size).toBe(1001);
    expect(changes.at(-1)!.removed).toEqual([1, 2, 3]);
    expect(playground.sockets.has(2000)).toBe(true);
  });

  it('are closed after waits are cancelled that no change has told of yet, and no others', async () => {
    void host.start();
    host.tell({ sockets: [socket(1, { fd: 20, openedSeq: 4 }), socket(2, { fd: 21 })], lastSeq: 4 });
    for (const [fd, seq] of [
      // It waits on a socket that had the number before.
      [20, 3],
      [20, 5],
      [21, 6],
    ] as const) {
      playground.call({ name: 'recv', args: [fd, { kind: 'any' }, 10] });
      host.wait(seq);
    }
    void playground.close([1]).catch(() => {});
    await expect.poll(() => host.requests.at(-1)!.request.call).toEqual({ name: 'close', args: [20] });
    expect(host.cancelled).toEqual([5]);
  });

  it('are closed by real calls, the latest first, after their waits are cancelled', async () => {
    void host.start();
    const waiting = [{ seq: 5, name: 'accept', startNs: 1 }];
    host.tell({ sockets: [socket(1, { waiting }), socket(2), socket(3, { state: 'closed' })], lastSeq: 5 });
    const closing = playground.closeAll();
    await expect.poll(() => host.requests.length).toBe(2);
    expect(host.cancelled).toEqual([5]);
    expect(host.requests.map(({ request }) => request.call)).toEqual([
      { name: 'close', args: [21] },
      { name: 'close', args: [20] },
    ]);
    host.requests.forEach(({ resolve }, index) => resolve(record(6 + index, { name: 'close', result: 0 })));
    expect((await closing).map(({ seq }) => seq)).toEqual([6, 7]);
  });

  it('are closed also where a tap among them has just ended', async () => {
    await host.start();
    const target = { family: 'AF_INET', address: '127.0.0.1', port: 80 } as const;
    const faults = { seed: 1, toServer: {}, toClient: {} };
    const tap = { id: 1, kind: 'stream', side: 'listener', target, otherId: null, faults } as const;
    host.tell({ sockets: [socket(1, { tap }), socket(2)], lastSeq: 2 });
    const message = 'This tap has ended.';
    host.stopTap = () =>
      Promise.reject(
        new RemoteError(message, { kind: 'refused', argument: null, message, reason: 'invalid' }),
      );
    const closing = playground.closeAll();
    closing.catch(() => {});
    await expect.poll(() => host.requests.map(({ request }) => request.call.args)).toEqual([[21]]);
    host.requests[0]!.resolve(record(3, { name: 'close', result: 0 }));
    expect(await closing).toHaveLength(1);
  });

  it('are closed once, however often it is asked for', async () => {
    void host.start();
    host.tell({ sockets: [socket(1), socket(2)], lastSeq: 2 });
    const first = playground.close([1]);
    const second = playground.closeAll();
    await expect.poll(() => host.requests.length).toBe(2);
    expect(host.requests.map(({ request }) => request.call.args)).toEqual([[20], [21]]);
    host.requests.forEach(({ resolve }, index) => resolve(record(3 + index, { name: 'close', result: 0 })));
    await Promise.all([first, second]);
    // What the calls did is not told yet.
    const third = playground.closeAll();
    host.tell({ sockets: [socket(1, { state: 'closed' }), socket(2, { state: 'closed' })], lastSeq: 4 });
    expect(await third).toEqual([]);
    expect(host.requests).toHaveLength(2);
  });

  it('can be closed again when the call was refused', async () => {
    void host.start();
    host.tell({ sockets: [socket(1)], lastSeq: 1 });
    const closing = playground.close([1]);
    await expect.poll(() => host.requests.length).toBe(1);
    host.requests[0]!.reject(new Error('refused'));
    await expect(closing).rejects.toThrow('refused');
    const again = playground.close([1]);
    await expect.poll(() => host.requests.length).toBe(2);
    host.requests[1]!.resolve(record(2, { name: 'close', result: 0 }));
    expect(await again).toHaveLength(1);
  });

  it('are watched when a view shows them, those of all views together', () => {
    const tree = playground.createWatcher();
    const panel = playground.createWatcher();
    tree.watch([1, 2]);
    expect(host.watched).toEqual([]);
    void host.start();
    host.tell({ sockets: [socket(1), socket(2), socket(3)] });
    panel.watch([2, 3]);
    expect(host.watched).toEqual([
      [1, 2],
      [1, 2, 3],
    ]);
    tree.dispose();
    expect(host.watched.at(-1)).toEqual([2, 3]);
    tree.watch('all');
    expect(host.watched.at(-1)).toBe('all');
    tree.dispose();
    panel.dispose();
    expect(host.watched.at(-1)).toEqual([]);
  });
});

describe('a host that ends by itself', () => {
  it('lists no socket any more: who waits for one is told, and leaves', async () => {
    await host.start();
    const listed = playground.whenListed(1);
    const never = playground.whenListed(2);
    host.tell({ sockets: [socket(1)], lastSeq: 1 });
    expect(await listed).toBe(true);
    host.die('killed by SIGKILL');
    expect(await never).toBe(false);
    expect(await playground.whenListed(3)).toBe(false);
  });

  it('leaves its sockets as lost, its waiting calls too, and the records that were seen', async () => {
    const made = playground.call(socketCall);
    const sent = { ...dataValue(new Uint8Array([104, 105])), length: 9 };
    host.requests[0]!.resolve(
      record(1, {
        args: [20, sent],
        payload: { direction: 'out', length: 9, captured: 9, offset: 0 },
      }),
    );
    await made.returned;
    const handle = playground.call(accept, { thread: 'server' });
    host.wait(2);
    host.tell({ sockets: [socket(1, { waiting: [{ seq: 2, name: 'accept', startNs: 42 }] })], lastSeq: 2 });
    host.die('killed by SIGKILL');

    const error = await handle.returned.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(HostLostError);
    expect((error as HostLostError).message).toBe('killed by SIGKILL');
    expect((error as HostLostError).record).toMatchObject({
      seq: 2,
      name: 'accept',
      status: 'lost',
      startNs: 42,
      endNs: null,
      thread: 'server',
      socketId: 1,
    });
    expect(playground.openSockets).toEqual([]);
    expect(playground.sockets.get(1)).toMatchObject({ isLost: true, lost: { seq: 2 }, waiting: [] });
    expect(changes.at(-1)).toMatchObject({ firstSeq: 1, lastSeq: 2, changedSeqs: [2] });
    expect((await playground.readRecords(1, 10)).map(({ seq, status }) => [seq, status])).toEqual([
      [1, 'returned'],
      [2, 'lost'],
    ]);
    expect((await playground.readRecord(1))!.payload!.captured).toBe(2);
    expect([...(await playground.readData(1, 1, 10))]).toEqual([105]);
  });

  it('is followed by a fresh one whose records come after', async () => {
    const first = playground.call(socketCall);
    host.requests[0]!.resolve(record(1));
    await first.returned;
    host.tell({ sockets: [socket(1)], lastSeq: 1 });
    host.die('crashed');
    playground.createWatcher().watch('all');

    const next = playground.call(socketCall);
    host.requests[1]!.resolve(record(2));
    await next.returned;
    host.records = [record(2)];
    host.tell({ sockets: [socket(2)], firstSeq: 2, lastSeq: 2 });
    expect(host.watched).toEqual(['all']);
    expect(playground.firstSeq).toBe(1);
    expect((await playground.readRecords(1, 10)).map(({ seq }) => seq)).toEqual([1, 2]);
    expect(host.reads).toEqual([{ from: 2, count: 9 }]);
    expect(playground.openSockets.map(({ id }) => id)).toEqual([2]);

    await playground.restart();
    expect([...playground.sockets.keys()]).toEqual([2]);
  });

  it('leaves what was being read when it ended', async () => {
    const made = playground.call(socketCall);
    host.requests[0]!.resolve(
      record(1, {
        args: [20, dataValue(new Uint8Array([104, 105]))],
        payload: { direction: 'out', length: 2, captured: 2, offset: 0 },
      }),
    );
    await made.returned;
    host.isSilent = true;
    const reading = playground.readRecords(1, 10);
    const readingData = playground.readData(1, 0, 10);
    host.die('crashed');
    expect((await reading).map(({ seq }) => seq)).toEqual([1]);
    expect([...(await readingData)]).toEqual([104, 105]);
  });

  it('rejects a call that it never told of', async () => {
    const handle = playground.call(socketCall);
    host.die('crashed');
    const error = await handle.started.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(HostLostError);
    expect((error as HostLostError).record).toBeNull();
  });
});

it('gives what is left to whoever reads while it ends', async () => {
  void host.start();
  host.isSilent = true;
  const reading = playground.readRecords(1, 10);
  const readingData = playground.readData(1, 0, 10);
  playground.dispose();
  // To ask again and again would keep this process from everything else, a time-out included.
  host.readRows = host.readData = () => {
    throw new Error('asked again');
  };
  expect(await reading).toEqual([]);
  expect(await readingData).toEqual(new Uint8Array());
});

it('ends its host with itself', () => {
  playground.dispose();
  expect(host.isDisposed).toBe(true);
});

it('reads each record once, also where those between are forgotten', async () => {
  await host.start();
  host.records = [record(40), record(41)];
  const pages = await playground.readEach([41, 100, 40]);
  expect(pages.map((page) => recordsOf(page).map(({ seq }) => seq))).toEqual([[40, 41], []]);
});
