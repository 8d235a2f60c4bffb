import { existsSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { parseScenario } from '../../src/common/notation/parser.js';
import { Playground } from '../../src/playground/playground.js';
import type { ScenarioRecord } from '../../src/playground/runCalls.js';
import { type ScenarioOptions, ScenarioRun } from '../../src/playground/scenarioRunner.js';
import { SocketHostProcess } from '../../src/playground/socketHostProcess.js';
import { modulePath } from '../socketHost/testHost.js';
import { tempDir, untilTestEnds } from '../support/disposal.js';
import { stopClocks } from '../support/clocks.js';
import { nextEvent } from '../support/events.js';
import { hostedPlayground } from './hostedPlayground.js';

let host: SocketHostProcess;
let playground: Playground;

beforeEach(() => {
  ({ host, playground } = hostedPlayground());
});

function prepare(text: string, options: Partial<ScenarioOptions> = {}) {
  const run = new ScenarioRun(playground, parseScenario(text), {
    name: 'test.sockets',
    folder: '/',
    ...options,
  });
  const records: ScenarioRecord[] = [];
  run.onDidRecord((record) => records.push(record));
  return { run, records };
}

const server = `server = socket(AF_INET, SOCK_STREAM, 0)
bind(server, 127.0.0.1:0) = 0
listen(server, 5) = 0
`;

/** Sockets that the host process holds. */
function heldSockets(): number {
  const { status } = playground;
  const folder = status.kind === 'running' ? `/proc/${status.host.pid}/fd` : '/nonexistent';
  return readdirSync(folder).length;
}

describe('records', () => {
  it('carry the run, the thread and the names of the sockets; calls inside expressions are some too', async () => {
    const { run, records } = prepare(
      `${server}client = socket(AF_INET, SOCK_STREAM, 0)
[b] peer = accept(server)
connect(client, getsockname(server)) = 0
`,
      { keepSockets: true },
    );
    const progress: [number, number, string][] = [];
    run.onDidProgress(({ started, total, statement }) => progress.push([started, total, statement.name]));
    expect(await run.run()).toEqual({ outcome: 'passed', callCount: 7 });
    expect(progress).toEqual([
      [1, 7, 'socket'],
      [2, 7, 'bind'],
      [3, 7, 'listen'],
      [4, 7, 'socket'],
      [5, 7, 'accept'],
      // getsockname inside its arguments, then connect itself.
      [6, 7, 'connect'],
      [7, 7, 'connect'],
    ]);
    expect(records.map(({ record, statement }) => [record.name, statement.line])).toEqual(
      expect.arrayContaining([
        ['getsockname', 6],
        ['connect', 6],
        ['accept', 5],
      ]),
    );
    expect(new Set(records.map(({ record }) => record.madeBy))).toEqual(new Set(['test.sockets']));
    expect(records.find(({ record }) => record.name === 'accept')!.record.thread).toBe('b');
    await playground.whenKnown(records.at(-1)!.record.seq);
    expect(playground.openSockets.map(({ name }) => name)).toEqual(['server', 'client', 'peer']);
  });
});

describe('at the end', () => {
  it('the sockets of the run are closed by real calls, others stay', async () => {
    const mine = await playground.call({ name: 'socket', args: [2, 1, 0] }).returned;
    const before = heldSockets();
    const { run } = prepare(`${server}c = socket(AF_INET, SOCK_DGRAM, 0)\nclose(c) = 0\n`);
    expect((await run.run()).outcome).toBe('passed');
    expect(heldSockets()).toBe(before);
    const [last] = await playground.readRecords(playground.lastSeq, 1);
    expect(last).toMatchObject({ name: 'close', result: 0, madeBy: 'test.sockets' });
    await playground.whenKnown(last!.seq);
    expect(playground.openSockets.map(({ fd }) => fd)).toEqual([mine.result]);
  });

  it('or they are kept, and only the files that were bound are removed', async () => {
    const folder = untilTestEnds(await tempDir()).path;
    const file = path.join(folder, 'a.sock');
    const { run } = prepare(
      `s = socket(AF_UNIX, SOCK_STREAM, 0)\nbind(s, unix:"${file}") = 0\nlisten(s, 1) = 0\n`,
      {
        keepSockets: true,
      },
    );
    expect((await run.run()).outcome).toBe('passed');
    expect(existsSync(file)).toBe(false);
    await expect.poll(() => playground.openSockets.length).toBe(1);
  });
});

describe('a run that does not go as the file says', () => {
  it('goes on after a result that was not expected', async () => {
    const { run } = prepare(`${server}listen(server, 5) = -1 EINVAL\nlisten(-1, 5) = 0\n`);
    const result = await run.run();
    expect(result).toMatchObject({ outcome: 'failed', callCount: 5 });
    expect(result).toHaveProperty('problems', [
      expect.objectContaining({ kind: 'expectation', line: 4, expected: '-1 EINVAL', got: '0' }),
      expect.objectContaining({ kind: 'expectation', line: 5, expected: '0' }),
    ]);
  });

  it('ends when it is cancelled, and what waits is recorded as cancelled', async () => {
    const { run, records } = prepare(`${server}accept(server)\nclose(server) = 0\n`);
    const waiting = nextEvent(playground.onDidWait);
    const result = run.run();
    await waiting;
    run.cancel();
    expect(await result).toEqual({ outcome: 'cancelled', callCount: 4 });
    expect(records.at(-1)!.record).toMatchObject({ name: 'accept', status: 'cancelled', result: null });
    await expect.poll(() => playground.openSockets).toEqual([]);
  });

  it('ends when its host ends', async () => {
    const { run } = prepare(`${server}[b] accept(server)\nsleep(20)\nlisten(server, 5) = 0\n`);
    const waiting = nextEvent(playground.onDidWait);
    const result = run.run();
    await waiting;
    host.stop();
    expect(await result).toMatchObject({
      outcome: 'stopped',
      problems: [{ kind: 'call', line: 4, message: expect.stringContaining('it was stopped') as string }],
    });
  });

  it('ends soon when it is cancelled and its host does not answer', async () => {
    const { run } = prepare(`${server}accept(server)\n`, { keepSockets: true });
    const waiting = nextEvent(playground.onDidWait);
    const result = run.run();
    await waiting;
    const pid = playground.status.kind === 'running' ? playground.status.host.pid : 0;
    process.kill(pid, 'SIGSTOP');
    run.cancel();
    expect((await result).outcome).toBe('cancelled');
    process.kill(pid, 'SIGCONT');
  });

  it('ends with a message when the host keeps ending', async () => {
    const broken = path.join(untilTestEnds(await tempDir()).path, 'host.cjs');
    await writeFile(broken, 'process.exit(7)');
    const failing = new SocketHostProcess(broken);
    const model = new Playground(failing);
    for (let runs = 0; runs < 5; runs++) {
      const run = new ScenarioRun(model, parseScenario('listen(-1, 1)\n'), { name: 'x', folder: '/' });
      expect(await run.run()).toMatchObject({
        outcome: 'stopped',
        problems: [{ kind: 'call', line: 1, message: expect.stringContaining('exit code 7') as string }],
      });
    }
    await failing.end();
    model.dispose();
  });

  it('does not count the start of the host as time of the first call or of the run', async () => {
    const slow = path.join(untilTestEnds(await tempDir()).path, 'host.cjs');
    await writeFile(slow, `setTimeout(() => require(${JSON.stringify(modulePath)}), 300)`);
    const late = new SocketHostProcess(slow);
    const model = new Playground(late);
    const text = 'timeout(1)\nlisten(-1, 1) = -1 EBADF\n';
    const run = new ScenarioRun(model, parseScenario(text), { name: 'x', folder: '/' });
    stopClocks();
    const result = run.run();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect((await result).outcome).toBe('passed');
    await late.end();
    model.dispose();
  });

  it('counts the time that a call waits, not that in which its host does not get to answer', async () => {
    const { pid } = await host.start();
    const { run } = prepare('timeout(0.05)\nlisten(-1, 1) = -1 EBADF\n');
    process.kill(pid, 'SIGSTOP');
    const result = run.run();
    await new Promise((resolve) => setTimeout(resolve, 300));
    process.kill(pid, 'SIGCONT');
    expect((await result).outcome).toBe('passed');
  });

  it.each([
    ['calls', { calls: 2 }, 3],
    ['descriptors', { descriptors: 1 }, 2],
    ['bytes', { bytes: 3 }, 4],
  ])('ends at the limit of %s', async (_name, limits, line) => {
    const { run } = prepare(
      `a = socket(AF_INET, SOCK_DGRAM, 0)
b = socket(AF_INET, SOCK_DGRAM, 0)
bind(a, 127.0.0.1:0) = 0
sendto(b, "four", 4, 0, getsockname(a)) = 4
`,
      { limits },
    );
    expect(await run.run()).toMatchObject({ outcome: 'stopped', problems: [{ kind: 'limit', line }] });
  });

  it('makes no descriptor beyond the limit by fcntl, and other calls of it as before', async () => {
    const { run, records } = prepare(
      `a = socket(AF_INET, SOCK_DGRAM, 0)
fcntl(a, F_GETFD) = 0
fcntl(a, F_DUPFD, 0)
`,
      { limits: { descriptors: 1 } },
    );
    expect(await run.run()).toMatchObject({ outcome: 'stopped', problems: [{ kind: 'limit', line: 3 }] });
    expect(records.map(({ record }) => record.name)).toEqual(['socket', 'fcntl']);
  });
});

describe('names', () => {
  it('make a line of another thread wait for the earlier line that gives them', async () => {
    const { run, records } = prepare(`${server}timeout(5)
[late] sleep(0.05)
[late] given = getsockname(server)
client = socket(AF_INET, SOCK_STREAM, 0)
connect(client, given) = 0
`);
    expect((await run.run()).outcome).toBe('passed');
    const names = records.map(({ record }) => record.name);
    expect(names.indexOf('getsockname')).toBeLessThan(names.indexOf('connect'));
  });

  it('and numbers of a recording stand for descriptors that an option makes', async ({ skip }) => {
    const { run, records } = prepare(
      `a, b = socketpair(AF_UNIX, SOCK_STREAM, 0) = 0
getsockopt(a, SOL_SOCKET, SO_PEERPIDFD, [own], [4]) = 0
fcntl(own, F_GETFD) = FD_CLOEXEC
getsockopt(b, SOL_SOCKET, SO_PEERPIDFD, [400], [4]) = 0
close(400) = 0
close(own) = 0
`,
      { keepSockets: true },
    );
    const result = await run.run();
    // Linux 6.5 has it.
    skip(records[1]?.record.errno === 'ENOPROTOOPT', 'This kernel has no SO_PEERPIDFD.');
    expect(result).toEqual({ outcome: 'passed', callCount: 6 });
    await playground.whenKnown(playground.lastSeq);
    expect([...playground.sockets.values()].map(({ name }) => name)).toEqual(['a', 'b', 'own', 'received']);
  });

  it('take the descriptors of a message, though the call gives another name its count', async () => {
    const { run } = prepare(
      `a, b = socketpair(AF_UNIX, SOCK_STREAM, 0) = 0
sendmsg(a, {msg_iov=[{iov_base="x", iov_len=1}], msg_control=[{cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[a]}]}, 0) = 1
count = recvmsg(b, {msg_iov=[{iov_base="x", iov_len=1}], msg_control=[{cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[copy]}]}, 0) = 1
send(copy, "x", count, 0) = 1
`,
      { keepSockets: true },
    );
    expect(await run.run()).toEqual({ outcome: 'passed', callCount: 4 });
    await playground.whenKnown(playground.lastSeq);
    expect([...playground.sockets.values()].map(({ name }) => name)).toEqual(['a', 'b', 'copy']);
  });

  it('and recorded descriptors too', async () => {
    const { run } = prepare(`${server.replace(' 0)', ' 0) = 3')}[late] sleep(0.05)
[late] c = socket(AF_INET, SOCK_STREAM, 0) = 4
[late] connect(4, getsockname(server)) = 0
accept(3) = 5
[early] send(5, "x", 1, 0) = 1
[late] recv(4, "x", 10, 0) = 1
`);
    expect(await run.run()).toMatchObject({ outcome: 'passed' });
  });

  it('of recorded descriptors and ports stand for those of this run', async () => {
    const { run, records } = prepare(`socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3
bind(3, {sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr("127.0.0.1")}, 16) = 0
listen(3, 5) = 0
getsockname(3, {sa_family=AF_INET, sin_port=htons(1), sin_addr=inet_addr("127.0.0.1")}, [128 => 16]) = 0
socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 4
connect(4, {sa_family=AF_INET, sin_port=htons(1), sin_addr=inet_addr("127.0.0.1")}, 16) = 0
accept(3, {sa_family=AF_INET, sin_port=htons(2), sin_addr=inet_addr("127.0.0.1")}, [128 => 16]) = 5
getpeername(5, 127.0.0.1:2) = 0
getsockname(4, 127.0.0.1:2) = 0
getsockname(4, 127.0.0.1:1) = 0
close(3) = 0
`);
    expect(await run.run()).toMatchObject({
      outcome: 'failed',
      problems: [{ line: 10, kind: 'expectation' }],
    });
    expect(records[0]!.record.result).toBeGreaterThan(5);
  });

  it('of files are relative to the folder of the scenario', async () => {
    const folder = untilTestEnds(await tempDir()).path;
    await writeFile(path.join(folder, 'x.bin'), 'abc');
    const text = `a = socket(AF_INET, SOCK_DGRAM, 0)
bind(a, 127.0.0.1:0) = 0
sendto(a, file("x.bin"), 3, 0, getsockname(a)) = 3
recv(a, "abc", 10, 0) = 3
`;
    expect((await prepare(text, { folder }).run.run()).outcome).toBe('passed');
    expect(await prepare(text, { folder: path.join(folder, 'none') }).run.run()).toMatchObject({
      outcome: 'stopped',
      problems: [{ kind: 'call', line: 3, column: 11 }],
    });
    expect(await prepare(text.replace('x.bin', '/dev/zero'), { folder }).run.run()).toMatchObject({
      outcome: 'stopped',
      problems: [{ kind: 'call', line: 3, column: 11, message: 'Not a regular file.' }],
    });
  });
});

it('makes no call when the text has errors, blanks or needs', async () => {
  for (const [text, outcome] of [
    ['bind(', 'invalid'],
    ['s = socket(___, SOCK_STREAM, 0)', 'invalid'],
    ['# needs: win32\nlisten(-1, 1)\n', 'skipped'],
  ] as const) {
    expect((await prepare(text).run.run()).outcome).toBe(outcome);
  }
  expect(playground.status.kind).toBe('idle');
});

const pair = 'a, b = socketpair(AF_UNIX, SOCK_STREAM, 0)\n';

// The last line of each is one too many.
it.each([
  ['calls', 3, `${pair}close(a) = 0\nclose(b) = 0\nclose(b)\n`],
  ['descriptors', 1, pair],
  ['descriptors', 2, `${pair}close(a) = 0\nsend(b, "x", 1, MSG_NOSIGNAL)\nc = dup(b)\n`],
  ['bytes', 5, `${pair}send(a, "abc") = 3\nsendmsg(a, {msg_iov=[{iov_base="def", iov_len=3}]}, 0)\n`],
] as const)('a run ends at its limit of %s, which is %i here', async (limit, most, text) => {
  const { run, records } = prepare(text, { limits: { [limit]: most } });
  const lines = text.split('\n').length - 1;
  const message = expect.stringMatching(new RegExp(` ${most} ${limit} (to the kernel )?at most`)) as string;
  expect(await run.run()).toMatchObject({
    outcome: 'stopped',
    callCount: lines - 1,
    problems: [{ kind: 'limit', line: lines, message }],
  });
  expect(records).toHaveLength(lines - 1);
});

it('a line that is passed over is not made, and holds up no other', async () => {
  const { run } = prepare(`${server}[b] listen(server, 6) = 0\n`);
  run.onWillStart((statement) => {
    if (statement.line === 3) {
      run.passOver(statement);
    }
  });
  expect(await run.run()).toMatchObject({ outcome: 'passed', callCount: 3 });
});

it('what waits while a run is held has no time that could be compared, and no limit', async () => {
  const { run } = prepare(
    `a, b = socketpair(AF_UNIX, SOCK_STREAM, 0)\n[r] recv(b, "x", 1, 0) = 1 <0..0.01>\nsend(a, "x", 1, 0) = 1\n`,
    { limits: { callMs: 200 } },
  );
  stopClocks();
  const isHeld = nextEvent(run.onWillStart, ({ line }) => line === 3);
  const subscription = run.onWillStart(({ line }) => {
    if (line === 3) {
      run.hold();
      subscription.dispose();
    }
  });
  const result = run.run();
  await isHeld;
  await vi.advanceTimersByTimeAsync(300);
  run.release();
  expect(await result).toEqual({ outcome: 'passed', callCount: 3 });
});
