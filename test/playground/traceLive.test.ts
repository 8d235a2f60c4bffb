import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unkeptRemark } from '../../src/common/strace/unkept.js';
import { Recording } from '../../src/playground/recording.js';
import { splitCommand, withoutVariables } from '../../src/playground/trace/commandLine.js';
import { endTraced } from '../../src/playground/trace/endTraced.js';
import { LogLimit } from '../../src/playground/trace/logLimit.js';
import { attachObstacle, straceObstacle } from '../../src/playground/trace/strace.js';
import { modulePath } from '../socketHost/testHost.js';
import { waitUntil } from '../support/events.js';
import { compile, type Traced, traceLive } from '../support/tracedPrograms.js';

let folder: string;
const opened: { dispose(): void }[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'traced-'));
});
afterEach(async () => {
  opened.splice(0).forEach((each) => each.dispose());
  await rm(folder, { recursive: true });
});

async function trace(...command: string[]): Promise<Traced> {
  const traced = await traceLive(command, folder);
  opened.push(traced);
  return traced;
}

async function isDone({ recording }: Traced): Promise<void> {
  await waitUntil(recording.onDidChangeTrace, () => recording.trace?.progress === 'done');
}

describe('a program under strace', () => {
  it('is seen with its processes, and both ends of its connection', async () => {
    const traced = await trace(await compile('echo.c', folder));
    await isDone(traced);
    const { playground, recording } = traced;
    expect(recording.trace).toMatchObject({ problemCount: 0 });
    const records = await playground.readRecords(1, 100);
    expect(records.map(({ name }) => name).sort()).toEqual(
      `accept bind close close close close close close connect getsockname listen recvfrom recvfrom recvfrom recvfrom
       sendto setsockopt shutdown socket socket write`.split(/\s+/),
    );
    const client = [...playground.sockets.values()].find(({ role }) => role === 'client')!;
    expect(client).toMatchObject({ bytesSent: 16, bytesReceived: 16, state: 'closed' });
    expect(playground.sockets.get(client.peerId!)?.role).toBe('accepted');
  });

  it('is seen while it waits, and ends when it is told to', async () => {
    // A daemon that a thread has made waits: no child of the program's any more.
    const server = `import os, socket, threading
s = socket.create_server(("127.0.0.1", 0))
def serve():
    if os.fork() == 0:
        if os.fork() == 0:
            os.setsid()
            s.accept()
        os._exit(0)
threading.Thread(target=serve).start()
threading.Event().wait()`;
    const traced = await trace('python3', '-c', server);
    const { child, playground } = traced;
    const waiting = () => [...playground.sockets.values()].find((socket) => socket.waiting.length > 0);
    // Any call waits for a moment where strace sees another process in between.
    await waitUntil(playground.onDidChange, () => waiting()?.waiting[0]?.name === 'accept4');
    expect(waiting()).toMatchObject({ state: 'listening', waiting: [{ name: 'accept4' }] });
    const exit = once(child, 'exit');
    await endTraced(child.pid!);
    // It has ended by itself, when nothing was left to trace.
    expect(await exit).toEqual([null, 'SIGTERM']);
    await isDone(traced);
    // There may be many before it: a shell that starts the program asks who it is for.
    const [last] = await playground.readRecords(playground.lastSeq, 1);
    expect(last).toMatchObject({ name: 'accept4', status: 'lost' });
    expect(playground.openCount).toBe(0);
  });
});

describe('a log that reaches its limit', () => {
  it('takes no more of the disk, and says how much is missing', async () => {
    const limit = 1 << 20;
    const busy = `import socket
s, r = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
while True:
    s.send(b"x" * 60000)
    r.recv(60000)`;
    const traced = await traceLive(['python3', '-c', busy], folder, { limit });
    opened.push(traced);
    const { child, log, recording } = traced;
    const logLimit = new LogLimit(log, limit);
    await waitUntil(recording.onDidChangeTrace, () => recording.trace!.unkeptBytes > 8 * limit);
    await expect.poll(async () => 2 * 512 * (await stat(log)).blocks < (await stat(log)).size).toBe(true);
    await endTraced(child.pid!);
    await isDone(traced);
    const { unkeptBytes, problemCount } = recording.trace!;
    expect(problemCount).toBe(0);
    logLimit.finish();
    const { size } = await stat(log);
    expect(size).toBeLessThan(limit + 100);
    const again = await Recording.openTrace(modulePath, { file: log, of: 'busy', isLive: false });
    opened.push(again);
    await waitUntil(again.onDidChangeTrace, () => again.trace?.progress === 'done');
    expect(again.trace).toMatchObject({ unkeptBytes, problemCount: 0 });
  });

  it('says so also where nothing more is written', async () => {
    const log = path.join(folder, 'quiet.strace');
    const line = 'socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3\n';
    await writeFile(log, line.repeat(500_000));
    const { size } = await stat(log);
    const logLimit = new LogLimit(log, 10 * line.length + 5);
    await expect.poll(async () => 512 * (await stat(log)).blocks).toBeLessThan(size / 2);
    expect((await stat(log)).size).toBe(size);
    logLimit.finish();
    expect((await readFile(log, 'latin1')).split('\n').slice(9, 11)).toEqual([
      line.trim(),
      unkeptRemark(size - 10 * line.length),
    ]);
  });
});

describe('what is in the way', () => {
  it('is named with what helps', async () => {
    expect(await straceObstacle()).toBeUndefined();
    expect(await straceObstacle({ PATH: folder })).toContain('strace is not installed');
    expect(attachObstacle(2 ** 30)).toBe(`There is no process ${2 ** 30}.`);
  });
});

describe('a typed command', () => {
  it('is taken apart as a shell does, or given to one', () => {
    expect(splitCommand(`./server  8080 'a b' "c \\" d" e\\ f`)).toEqual([
      './server',
      '8080',
      'a b',
      'c " d',
      'e f',
    ]);
    expect(splitCommand('echo hi | nc 127.0.0.1 80')).toEqual(['/bin/sh', '-c', 'echo hi | nc 127.0.0.1 80']);
    expect(splitCommand('PORT=1 ./server')).toEqual(['/bin/sh', '-c', 'PORT=1 ./server']);
    expect(splitCommand(`echo "$HOME"`)).toEqual(['/bin/sh', '-c', `echo "$HOME"`]);
    expect(splitCommand(`echo '$HOME'`)).toEqual(['echo', '$HOME']);
    expect(splitCommand(String.raw`printf "a\r\n\"b\""`)).toEqual(['printf', String.raw`a\r\n"b"`]);
    expect(splitCommand(`say 'hi`)).toBeNull();
    expect(splitCommand('  ')).toEqual([]);
  });

  it('has nothing in it that VS Code would put a value in for, and stays what it is', () => {
    const plain = ['printf', '[%s]', 'a', '$HOME'];
    expect(withoutVariables(plain)).toBe(plain);
    const words = ['printf', '[%s]', '${file}', `it's \${command:quit}'`, '$HOME', ''];
    const [program, ...args] = withoutVariables(words);
    expect(args.join(' ')).not.toContain('${');
    expect(execFileSync(program!, args, { encoding: 'utf8' })).toBe(
      "[${file}][it's ${command:quit}'][$HOME][]",
    );
  });
});
