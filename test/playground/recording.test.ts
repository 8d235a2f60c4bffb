import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { dataValue, itemsOf } from '../../src/common/call.js';
import { CallRefusedError } from '../../src/common/errors.js';
import type { SocketAddress } from '../../src/common/socket.js';
import { noFaults } from '../../src/common/tap/faults.js';
import { Playground } from '../../src/playground/playground.js';
import { Recording } from '../../src/playground/recording.js';
import { RecordingFolder } from '../../src/playground/recordingFolder.js';
import { SocketHostProcess } from '../../src/playground/socketHostProcess.js';
import { StoredRecording } from '../../src/socketHost/store/storedRecording.js';
import { modulePath } from '../socketHost/testHost.js';
import { nextEvent, waitUntil } from '../support/events.js';

const waiting = { timeout: 20_000, interval: 20 };
let folder: string;
let host: SocketHostProcess;
let playground: Playground;
const opened: { dispose(): void }[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'recordings-'));
  const recordings = new RecordingFolder(path.join(folder, 'recordings'));
  host = new SocketHostProcess(modulePath, () => ({ file: recordings.newFile() }));
  playground = new Playground(host);
});

afterEach(async () => {
  opened.splice(0).forEach((each) => each.dispose());
  await host.end();
  playground.dispose();
  await rm(folder, { recursive: true });
});

async function call(name: 'socket' | 'socketpair' | 'send' | 'sendto', ...args: unknown[]) {
  return playground.call({ name, args: args as never }).returned;
}

/** A socket, and a payload that it could not send: it has no other end. */
async function talk() {
  const { result: fd } = await call('socket', 1, 2, 0);
  const sent = await call('send', fd, dataValue(new TextEncoder().encode('hello recording')));
  return { fd: fd!, sent };
}

async function recordingFile(): Promise<string> {
  const names = await readdir(path.join(folder, 'recordings'));
  return path.join(folder, 'recordings', names.at(-1)!);
}

function isWritten(file: string, seq: number): boolean {
  const recording = new StoredRecording(file);
  const length = recording.reader.readData(seq, 0, 10_000).length;
  recording.dispose();
  return length > 0;
}

async function reopened(file: string): Promise<{ recording: Recording; model: Playground }> {
  const recording = await Recording.open(modulePath, file);
  const model = new Playground(recording);
  opened.push(model);
  await model.start();
  return { recording, model };
}

describe('a recording', () => {
  it('knows what each socket was to a tap', async () => {
    const listen: SocketAddress = { family: 'AF_INET', address: '127.0.0.1', port: 0 };
    const { result: server } = await call('socket', 2, 2, 0);
    await playground.call({ name: 'bind', args: [server!, listen] }).returned;
    const named = await playground.call({ name: 'getsockname', args: [server!, { kind: 'any' }] }).returned;
    const target = named.args[1] as SocketAddress;
    const toServer = { delay: 20 };
    const tap = await playground.startTap({
      kind: 'datagram',
      listen,
      target,
      faults: { seed: 7, toServer, toClient: {} },
    });
    const stream = await playground.startTap({
      kind: 'stream',
      listen,
      target,
      faults: { ...noFaults, seed: 9 },
    });
    const { result: fd } = await call('socket', 2, 2, 0);
    await call('sendto', fd, dataValue(Buffer.from('through')), 7, 0, tap.listen);
    const sides = () => [...playground.sockets.values()].map((socket) => socket.tap);
    await waitUntil(
      playground.onDidChange,
      () => sides().filter((side) => side?.side === 'server').length === 1,
    );
    await playground.setTapFaults(tap.id, { seed: 7, toServer: { drop: 50 }, toClient: {} });
    await waitUntil(playground.onDidChange, () =>
      sides().every((side) => side?.id !== tap.id || side.faults.toServer.drop === 50),
    );
    await playground.stopTap(stream.id);
    const live = new Map([...playground.sockets.values()].map(({ id, tap: side }) => [id, side]));
    const file = path.join(folder, 'saved.sockrec');
    await host.saveRecording({ file });
    const { model } = await reopened(file);
    expect(new Map([...model.sockets.values()].map(({ id, tap: side }) => [id, side]))).toEqual(live);
    expect([...live.values()].filter((side) => side !== undefined)).toHaveLength(3);
    expect(model.sockets.get(tap.listenerId)!.local).toEqual(tap.listen);
  });

  it('opens again after the host has ended, read only, with what waited as lost', async () => {
    const { fd, sent } = await talk();
    await playground.rename(1, 'mine');
    const waits = playground.call({ name: 'recv', args: [fd, { kind: 'any' }, 10] });
    waits.returned.catch(() => {});
    await waits.started;
    const file = await recordingFile();
    await host.end();
    const { recording, model } = await reopened(file);
    expect(recording.info).toMatchObject({ records: 3, missing: 0, damagedBytes: 0 });
    expect(recording.info.host.platform).toBe('linux');
    expect(Math.abs(model.originTime - playground.originTime)).toBeLessThan(60_000);
    const records = await model.readRecords(1, 10);
    expect(records.slice(0, 2)).toEqual([expect.objectContaining({ seq: 1, name: 'socket' }), sent]);
    expect(records[2]).toMatchObject({ name: 'recv', status: 'lost', result: null });
    expect([...model.sockets.values()]).toMatchObject([{ id: 1, name: 'mine', isLost: true, waiting: [] }]);
    const { lost } = model.sockets.get(1)!;
    expect(lost?.seq).toBe(3);
    expect(lost!.ns).toBeGreaterThanOrEqual(records[2]!.endNs!);
    expect(model.openSockets).toEqual([]);
    await expect(model.call({ name: 'close', args: [fd] }).returned).rejects.toThrow(CallRefusedError);
    expect(await model.readRecords(1, 10)).toHaveLength(3);
  });

  it('counts and keeps what a call had moved that was lost with its host', async () => {
    const pair = { kind: 'list', items: [] };
    const { args } = await call('socketpair', 1, 1, 0, pair);
    const [fd] = itemsOf(args[3]);
    const bytes = new Uint8Array(4 << 20).fill(7);
    const waits = playground.call({ name: 'send', args: [fd!, dataValue(bytes), bytes.length, 0] });
    waits.returned.catch(() => {});
    await waits.started;
    const isWaiting = () => playground.sockets.get(1)?.waiting.length === 1;
    await waitUntil(playground.onDidChange, isWaiting);
    const { bytesSent } = playground.sockets.get(1)!;
    const file = await recordingFile();
    await host.end();
    const { model } = await reopened(file);
    const [, record] = await model.readRecords(1, 10);
    expect(bytesSent).toBeGreaterThan(0);
    expect(record).toMatchObject({
      status: 'lost',
      payload: { direction: 'out', length: bytesSent, captured: bytesSent, offset: 0 },
    });
    expect(await model.readData(2, 0, bytes.length)).toEqual(bytes.subarray(0, bytesSent));
    expect(model.sockets.get(1)).toMatchObject({ bytesSent });
  });

  it.each([
    ['the host ended', () => host.end().then(recordingFile)],
    ['it was saved', (copy: string) => host.saveRecording({ file: copy }).then(() => copy)],
  ])('knows that a socket was closed right before %s', async (_what, fileOf) => {
    const { fd } = await talk();
    await waitUntil(playground.onDidChange, () => playground.sockets.size === 1);
    await playground.call({ name: 'close', args: [fd] }).returned;
    const { model } = await reopened(await fileOf(path.join(folder, 'copy.sockrec')));
    expect([...model.sockets.values()]).toMatchObject([{ fd, state: 'closed', isLost: false }]);
  });

  it('has what was written when the host is killed, and the model reads it from there', async () => {
    const fd = (await call('socket', 2, 2, 0)).result;
    const loopback = { family: 'AF_INET', address: '127.0.0.1', port: 9 };
    // More than the record itself carries: only the recording has it.
    const data = Uint8Array.from({ length: 5000 }, (_, index) => index % 251);
    const sent = await call('sendto', fd, dataValue(data), 5000, 0, loopback);
    expect(sent.result).toBe(5000);
    const file = await recordingFile();
    await vi.waitUntil(() => isWritten(file, sent.seq), waiting);
    const lost = nextEvent(playground.onDidChangeStatus, ({ kind }) => kind === 'lost');
    process.kill((await host.start()).pid, 'SIGKILL');
    await lost;
    expect((await playground.readRecords(1, 10))[1]).toEqual(sent);
    expect(Buffer.compare(await playground.readData(sent.seq, 0, 10_000), data)).toBe(0);
    // The next host goes on in a file of its own.
    const next = await call('socket', 1, 2, 0);
    expect(next.seq).toBe(3);
    expect((await playground.readRecords(1, 10)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(await readdir(path.join(folder, 'recordings'))).toHaveLength(2);
    expect(existsSync(file)).toBe(true);
  });

  it('is saved while the host goes on, and the copy is read like any other', async () => {
    const { sent } = await talk();
    const copy = path.join(folder, 'copy.sockrec');
    await host.saveRecording({ file: copy });
    await call('socket', 1, 2, 0);
    const { recording, model } = await reopened(copy);
    expect(recording.info.records).toBe(2);
    expect(await model.readRecord(sent.seq)).toEqual(sent);
  });

  it('of a file that is none is refused with a sentence', async () => {
    const file = path.join(folder, 'text.sockrec');
    await writeFile(file, '<script>alert(1)</script>');
    await expect(Recording.open(modulePath, file)).rejects.toThrow('not a recording');
    await expect(Recording.open(modulePath, path.join(folder, 'nothing'))).rejects.toThrow(
      'There is no such file.',
    );
  });

  it('forgets with the records, in the file too', async () => {
    await talk();
    await playground.clear();
    await waitUntil(playground.onDidChange, () => playground.firstSeq === 3);
    const file = await recordingFile();
    await host.end();
    expect(readFileSync(file).includes('hello recording')).toBe(false);
  });
});

describe('the folder of recordings', () => {
  it('keeps those of windows that live and the latest of those that have ended', async () => {
    const inside = path.join(folder, 'kept');
    await mkdir(inside);
    const recordings = new RecordingFolder(inside);
    const own = path.basename(recordings.newFile());
    const [, machine, pid, startTime] = own.replace('.sockrec', '').split('-') as [
      string,
      string,
      string,
      string,
    ];
    const child = spawn('true');
    const ended = child.pid!;
    await once(child, 'exit');
    const names = {
      old: `1000-${machine}-${ended}-17.sockrec`,
      // Its host was started anew.
      earlier: `1900-${machine}-${ended}-18.sockrec`,
      newest: `2000-${machine}-${ended}-18.sockrec`,
      // The number is used again by another process: ours.
      reused: `1500-${machine}-${pid}-1.sockrec`,
      living: `1200-${machine}-${pid}-${startTime}.sockrec`,
      elsewhere: `${Date.now()}-0123abcd-${ended}-17.sockrec`,
      foreign: 'notes.txt',
    };
    // What cannot be removed, as nothing can be on a file system that is read only, holds nothing up.
    const stuck = `900-${machine}-${ended}-17.sockrec`;
    await mkdir(path.join(inside, stuck));
    await Promise.all(Object.values(names).map((name) => writeFile(path.join(inside, name), '')));
    expect((await recordings.ofLastWindow()).map(({ created }) => created)).toEqual([1900, 2000]);
    await recordings.prune();
    const { earlier, newest, living, elsewhere, foreign } = names;
    expect((await readdir(inside)).sort()).toEqual(
      [earlier, newest, living, elsewhere, foreign, stuck].sort(),
    );
  });

  it('is empty where there is none', async () => {
    expect(await new RecordingFolder(path.join(folder, 'nowhere')).ofLastWindow()).toEqual([]);
  });
});
