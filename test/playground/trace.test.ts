import { appendFile, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CallRefusedError } from '../../src/common/errors.js';
import { Playground } from '../../src/playground/playground.js';
import { Recording } from '../../src/playground/recording.js';
import { TraceFolder } from '../../src/playground/trace/traceFolder.js';
import { modulePath } from '../socketHost/testHost.js';
import { waitUntil } from '../support/events.js';

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

  it('says that there are logs of other processes beside one of strace -ff', async () => {
    const line = 'socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3\n';
    const names = ['server.10', 'server.11', 'server.12', 'server.old', 'other.11'];
    await Promise.all(names.map((name) => writeFile(path.join(folder, name), line)));
    const { recording } = await openTrace(path.join(folder, 'server.10'), false);
    await waitUntil(recording.onDidChangeTrace, () => recording.trace?.progress === 'done');
    expect(recording.trace).toMatchObject({ otherFiles: 2 });
  });

  it('is refused where the file is no log, or cannot be read', async () => {
    const file = path.join(folder, 'poem.txt');
    await writeFile(file, 'Roses are red\nviolets are blue\n');
    await expect(openTrace(file, false)).rejects.toThrow(CallRefusedError);
    await expect(openTrace(file, false)).rejects.toThrow('No line of this file is one of strace.');
    await expect(openTrace(path.join(folder, 'none'), false)).rejects.toThrow('ENOENT');
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
