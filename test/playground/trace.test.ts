import { execFile } from 'node:child_process';
import { appendFile, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CallRefusedError } from '../../src/common/errors.js';
import { Playground } from '../../src/playground/playground.js';
import { Recording } from '../../src/playground/recording.js';
import { TraceFolder } from '../../src/playground/trace/traceFolder.js';
import { modulePath } from '../socketHost/testHost.js';
import { waitUntil } from '../support/events.js';
import { compile } from '../support/tracedPrograms.js';

const fixture = fileURLToPath(new URL('../common/strace/f-ttt-yy.log', import.meta.url));
let folder: string;
const opened: { dispose(): void }[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'traces-'));
});
afterEach(async () => {
  opened.splice(0).forEach((each) => each.dispose());
  await rm(folder, { recursive: true });
});

async function openTrace(file: string, isLive: boolean) {
  const recording = await Recording.openTrace(modulePath, { file, of: './echo', isLive });
  const playground = new Playground(recording);
  opened.push(playground);
  await playground.start();
  return { recording, playground };
}

describe('a log of strace as the records of a playground', () => {
  it('is read, filtered, and saved as a recording that says who saw it', async () => {
    const { recording, playground } = await openTrace(fixture, false);
    await waitUntil(recording.onDidChangeTrace, () => recording.trace?.progress === 'done');
    await waitUntil(playground.onDidChange, () => playground.lastSeq === 21);
    expect(recording.info.observed).toEqual({ by: 'strace', of: './echo' });
    const records = await playground.readRecords(1, 100);
    expect(records).toHaveLength(21);
    expect(records.every(({ madeBy }) => madeBy === 'strace')).toBe(true);
    const sent = records.find(({ name }) => name === 'sendto')!;
    expect(await playground.readData(sent.seq, 0, 5)).toEqual(new TextEncoder().encode('hello'));
    const answer = await playground.filterRecords({ id: 1, filter: 'call == close', from: 1, count: 100 });
    expect(answer.seqs).toHaveLength(6);
    await expect(playground.call({ name: 'socket', args: [2, 1, 0] }).returned).rejects.toThrow('read only');
    expect(await recording.lookAtSystemSocket({ socketId: 1 })).toBeNull();
    const file = path.join(folder, 'echo.sockrec');
    await recording.saveRecording({ file });
    const saved = await Recording.open(modulePath, file);
    opened.push(saved);
    expect(saved.info).toMatchObject({ records: 21, observed: { by: 'strace', of: './echo' } });
  });

  it('grows with the log: a call that waits is shown before it returns', async () => {
    const file = path.join(folder, 'live.log');
    const now = (Date.now() / 1000).toFixed(6);
    await writeFile(
      file,
      `10 ${now} socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3 <0.000010>\n10 ${now} accept(3, `,
    );
    const { recording, playground } = await openTrace(file, true);
    await waitUntil(playground.onDidChange, () => playground.sockets.get(1)?.waiting.length === 1);
    expect(recording.trace?.progress).toBe('live');
    const [, waiting] = await playground.readRecords(1, 10);
    expect(waiting).toMatchObject({ name: 'accept', status: 'waiting', endNs: null });
    await appendFile(file, 'NULL, NULL) = 4 <0.200000>\n10 +++ exited with 0 +++\n10 not a call\n');
    await waitUntil(playground.onDidChange, () => playground.sockets.get(2)?.state === 'closed');
    const [, accepted] = await playground.readRecords(1, 10);
    expect(accepted).toMatchObject({ status: 'returned', result: 4, createdIds: [2] });
    await recording.endTrace();
    await waitUntil(recording.onDidChangeTrace, () => recording.trace?.progress === 'done');
    expect(recording.trace).toMatchObject({ problemCount: 1, problems: [{ line: 4 }] });
  });

  it('is joined with those of other processes that strace -ff has written, and tells the same as one of all', async () => {
    const program = await compile('echo.c', folder);
    const log = path.join(folder, 'echo.log');
    const options = ['-ttt', '-T', '-yy', '-s', '1000', '-o', log];
    await promisify(execFile)('strace', ['-ff', ...options, program]);
    const names = (await readdir(folder)).filter((name) => name.startsWith('echo.log.'));
    expect(names).toHaveLength(3);
    const { recording, playground } = await openTrace(path.join(folder, names[1]!), false);
    await waitUntil(recording.onDidChangeTrace, () => recording.trace?.progress === 'done');
    await waitUntil(playground.onDidChange, () => playground.lastSeq === 21);
    expect(recording.trace).toMatchObject({ joinedFiles: 2, otherFiles: 0, problemCount: 0 });
    const records = await playground.readRecords(1, 100);
    const starts = records.map(({ startNs }) => startNs);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    // All are in it, and the two ends of the connection belong together.
    expect(new Set(records.map(({ thread }) => thread)).size).toBe(3);
    const client = [...playground.sockets.values()].find(({ role }) => role === 'client')!;
    expect(client).toMatchObject({ bytesSent: 16, bytesReceived: 16, state: 'closed' });
    expect(playground.sockets.get(client.peerId!)?.role).toBe('accepted');
  });

  it('is joined with others by when calls began and when they returned', async () => {
    const lines = {
      'server.10': [
        '12:00:00.000000 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3 <0.000001>',
        '12:00:00.100000 clone(child_stack=NULL, flags=CLONE_VM|CLONE_FILES|CLONE_THREAD) = 12 <0.000020>',
        '12:00:00.200000 accept(3, NULL, NULL) = 4 <0.500000>',
        '12:00:00.800000 recvfrom(4, "new", 9, 0, NULL, NULL) = 3 <0.000001>',
        'not a call',
      ],
      'server.12': [
        '12:00:00.300000 socket(AF_UNIX, SOCK_DGRAM, 0) = 4 <0.000001>',
        '12:00:00.400000 write(4, "old", 3) = 3 <0.000001>',
        '12:00:00.600000 close(4) = 0 <0.000001>',
      ],
      'server.13': ['socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3'],
      'server.old': [],
      'other.11': [],
    };
    for (const [name, text] of Object.entries(lines)) {
      await writeFile(path.join(folder, name), text.map((line) => `${line}\n`).join(''));
    }
    const { recording, playground } = await openTrace(path.join(folder, 'server.12'), false);
    await waitUntil(recording.onDidChangeTrace, () => recording.trace?.progress === 'done');
    await waitUntil(playground.onDidChange, () => playground.lastSeq === 6);
    expect(recording.trace).toMatchObject({
      joinedFiles: 1,
      otherFiles: 1,
      problems: [{ line: 5, text: '10 not a call' }],
    });
    const records = await playground.readRecords(1, 100);
    // The number 4 was another socket's until accept returned.
    const domains = records.map(({ name, socketId }) => [name, playground.sockets.get(socketId!)?.domain]);
    expect(domains).toEqual([
      ['socket', undefined],
      ['accept', 'AF_INET'],
      ['socket', undefined],
      ['write', 'AF_UNIX'],
      ['close', 'AF_UNIX'],
      ['recvfrom', 'AF_INET'],
    ]);
    expect(records[1]).toMatchObject({ startNs: 200_000_000, endNs: 700_000_000, hasWaited: true });
  });

  it('of strace -ff without times stays alone, and says so', async () => {
    const line = 'socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3\n';
    const names = ['server.10', 'server.11', 'server.12', 'server.old', 'other.11'];
    await Promise.all(names.map((name) => writeFile(path.join(folder, name), line)));
    const { recording } = await openTrace(path.join(folder, 'server.10'), false);
    await waitUntil(recording.onDidChangeTrace, () => recording.trace?.progress === 'done');
    expect(recording.trace).toMatchObject({ joinedFiles: 0, otherFiles: 2 });
  });

  it('is refused where the file is no log, or cannot be read', async () => {
    const file = path.join(folder, 'poem.txt');
    await writeFile(file, 'Roses are red\nviolets are blue\n');
    await expect(openTrace(file, false)).rejects.toThrow(CallRefusedError);
    await expect(openTrace(file, false)).rejects.toThrow('No line of this file is one of strace.');
    await expect(openTrace(path.join(folder, 'none'), false)).rejects.toThrow('There is no such file.');
    await expect(openTrace(folder, false)).rejects.toThrow('This is a folder.');
    // It can be opened, and nothing can be read at its beginning.
    await expect(openTrace('/proc/self/mem', false)).rejects.toThrow('EIO');
  });
});

describe('the folder of logs', () => {
  it('keeps the latest, as many as have room, for a week, for their owner alone', async () => {
    const now = Date.now() / 1000;
    const ages = {
      'new.strace': 1,
      'older.strace': 2,
      'too much.strace': 3,
      'old.strace': 8 * 86_400,
      other: 8 * 86_400,
    };
    for (const [name, age] of Object.entries(ages)) {
      const file = path.join(folder, name);
      await writeFile(file, name === 'old.strace' ? '' : 'a line\n');
      await utimes(file, now - age, now - age);
    }
    const log = new TraceFolder(folder, 15).newLog();
    expect((await stat(log)).mode & 0o777).toBe(0o600);
    await expect
      .poll(() => readdir(folder))
      .toEqual([path.basename(log), 'new.strace', 'older.strace', 'other']);
  });
});
