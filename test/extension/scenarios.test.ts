import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { LogOutputChannel, Uri } from 'vscode';
import { memory } from './memory.js';
import { modulePath } from '../socketHost/testHost.js';
import { tempDir, untilTestEnds } from '../support/disposal.js';

type Show = (message: string, ...rest: unknown[]) => Promise<string | undefined>;

const { showWarningMessage, setStatusBarMessage, toUri, findFiles, environment } = vi.hoisted(() => ({
  environment: { language: 'en' },
  findFiles: vi.fn<() => Promise<unknown[]>>(),
  showWarningMessage: vi.fn<Show>(),
  setStatusBarMessage: vi.fn<(text: string, time: number) => void>(),
  toUri: (file: string) => ({ path: file, fsPath: file, toString: () => `file://${file}` }),
}));

vi.mock('vscode', () => {
  const event = () => ({ dispose: () => {} });
  return {
    FileType: { File: 1 },
    Uri: { joinPath: (folder: Uri, name: string) => toUri(path.join(folder.path, name)) },
    env: environment,
    commands: { executeCommand: () => Promise.resolve() },
    window: {
      showWarningMessage,
      showErrorMessage: showWarningMessage,
      setStatusBarMessage,
      visibleTextEditors: [],
    },
    workspace: {
      isTrusted: true,
      textDocuments: [],
      onDidGrantWorkspaceTrust: event,
      getConfiguration: () => ({ get: (_name: string, fallback: unknown) => fallback }),
      findFiles: async () => (await findFiles()) ?? [],
      createFileSystemWatcher: () => ({
        onDidCreate: event,
        onDidChange: event,
        onDidDelete: event,
        dispose: () => {},
      }),
      fs: {
        readDirectory: async ({ fsPath }: Uri) => (await readdir(fsPath)).map((name) => [name, 1]),
        stat: ({ fsPath }: Uri) => access(fsPath).then(() => ({ size: 100 })),
        readFile: ({ fsPath }: Uri) => readFile(fsPath),
      },
    },
  };
});

const { Calls } = await import('../../src/extension/commands/calls.js');
const { LessonProgress } = await import('../../src/extension/scenarios/lessonProgress.js');
const { Lessons } = await import('../../src/extension/scenarios/lessons.js');
const { closesText } = await import('../../src/extension/scenarios/scenarioMessages.js');
const { Scenarios } = await import('../../src/extension/scenarios/scenarios.js');
const { parseScenario } = await import('../../src/common/notation/parser.js');
const { Playground } = await import('../../src/playground/playground.js');
const { ScenarioRun } = await import('../../src/playground/scenarioRunner.js');
const { SocketHostProcess } = await import('../../src/playground/socketHostProcess.js');

let host: InstanceType<typeof SocketHostProcess>;
let playground: InstanceType<typeof Playground>;

beforeEach(() => {
  host = new SocketHostProcess(modulePath);
  playground = new Playground(host);
});

afterEach(async () => {
  vi.resetAllMocks();
  await host.end();
  playground.dispose();
});

async function open(text: string) {
  const folder = untilTestEnds(await tempDir()).path;
  const file = path.join(folder, 'test.sockets');
  await writeFile(file, text);
  const scenarios = new Scenarios({
    folders: [toUri(folder) as unknown as Uri],
    playground,
    calls: new Calls(playground),
    progress: new LessonProgress(memory()),
    log: {} as LogOutputChannel,
  });
  onTestFinished(() => scenarios.dispose());
  return { scenarios, id: toUri(file).toString() };
}

test('a second click while the file is read runs nothing more', async () => {
  const { scenarios, id } = await open('a = socket(AF_INET, SOCK_DGRAM, 0)\n');
  const runs = [scenarios.run(id), scenarios.run(id)];
  expect(await Promise.all(runs)).toEqual([{ state: 'passed' }, undefined]);
  expect(playground.lastSeq).toBe(1);
  expect(await scenarios.run(id)).toEqual({ state: 'passed' });
});

test('a run that went as expected is said so where no editor shows it, one that did not is not', async () => {
  const { scenarios, id } = await open('# All well\na = socket(AF_INET, SOCK_DGRAM, 0)\n');
  await scenarios.run(id);
  expect(setStatusBarMessage.mock.calls).toEqual([['$(pass) All well passed.', 10_000]]);
  await writeFile(id.slice('file://'.length), 'listen(-1, 1) = 0\n');
  expect(await scenarios.run(id)).toMatchObject({ state: 'failed' });
  expect(setStatusBarMessage).toHaveBeenCalledOnce();
});

test('a run that goes on can be ended by one anew, of the text as it is now', async () => {
  const { scenarios, id } = await open('a, b = socketpair(AF_UNIX, SOCK_STREAM, 0)\nrecv(a, 10)\n');
  const first = scenarios.run(id);
  await expect.poll(() => playground.openSockets[0]?.waiting.length).toBe(1);
  await writeFile(id.slice('file://'.length), 'c = socket(AF_INET, SOCK_DGRAM, 0)\n');
  expect(await scenarios.runAnew(id)).toEqual({ state: 'passed' });
  expect(await first).toEqual({ state: 'idle' });
  await playground.whenKnown(playground.lastSeq);
  expect(playground.openSockets.map(({ name }) => name)).toEqual(['c']);
});

test('a run that is debugged goes on when one anew is wished', async () => {
  const text = 'a, b = socketpair(AF_UNIX, SOCK_STREAM, 0)\nrecv(a, 10)\n';
  const { scenarios, id } = await open(text);
  const scenario = parseScenario(text, 'linux');
  const run = new ScenarioRun(playground, scenario, { name: 'debugged', folder: '/', loopbackOnly: true });
  const shown = scenarios.showRun(toUri(id.slice('file://'.length)) as unknown as Uri, scenario, run);
  const ended = run.run();
  await expect.poll(() => playground.openSockets[0]?.waiting.length).toBe(1);
  expect(await scenarios.runAnew(id)).toBeUndefined();
  expect(playground.openSockets[0]?.waiting).toHaveLength(1);
  run.cancel();
  shown.end(await ended);
  expect(scenarios.isRunning(id)).toBe(false);
});

test('a file that is gone is not called too large, and is listed no longer', async () => {
  const { scenarios, id } = await open('close(1)\n');
  const gone = toUri(`${id.slice('file://'.length)}.gone.sockets`) as unknown as Uri;
  await scenarios.run(await scenarios.add(gone));
  await expect.poll(() => scenarios.get(gone.toString())).toBeUndefined();
  expect(showWarningMessage.mock.calls.map(([message]) => message)).toEqual([
    'test.sockets.gone cannot be read.',
  ]);
});

test('a run that is stopped while its file is read makes no call', async () => {
  const { scenarios, id } = await open('a = socket(AF_INET, SOCK_DGRAM, 0)\n');
  const run = scenarios.run(id);
  scenarios.stop();
  expect(await run).toEqual({ state: 'idle' });
  expect(playground.lastSeq).toBe(0);
});

test.each([
  { answer: 'Allow in This Session', state: 'passed', sockets: 1 },
  { answer: undefined, state: 'idle', sockets: 0 },
])('asks about an address that others can reach; answer $answer', async ({ answer, state, sockets }) => {
  showWarningMessage.mockResolvedValue(answer);
  const { scenarios, id } = await open('a = socket(AF_INET, SOCK_DGRAM, 0)\nbind(a, 0.0.0.0:0) = 0\n');
  expect(await scenarios.run(id)).toEqual({ state });
  expect(showWarningMessage).toHaveBeenCalledOnce();
  expect(showWarningMessage.mock.calls[0]![1]).toMatchObject({
    modal: true,
    detail: expect.stringContaining('test: bind(a, 0.0.0.0:0) = 0') as string,
  });
  await playground.whenKnown(playground.lastSeq);
  expect(playground.openSockets).toHaveLength(sockets);
});

test('a run that ends by a fault is shown as failed, and the next one clears away what it has left', async () => {
  const call = playground.call.bind(playground);
  vi.spyOn(playground, 'call')
    .mockImplementationOnce(call)
    .mockImplementationOnce(() => {
      throw new TypeError('a fault of ours');
    });
  const line = 'socket(AF_INET, SOCK_DGRAM, 0)\n';
  const { scenarios, id } = await open(`a = ${line}b = ${line}`);
  await scenarios.run(id);
  expect(scenarios.get(id)?.run).toEqual({ state: 'failed', message: 'a fault of ours' });
  expect(scenarios.isRunning(id)).toBe(false);
  expect(showWarningMessage.mock.calls[0]![0]).toContain('a fault of ours');
  expect(await scenarios.run(id)).toEqual({ state: 'passed' });
  await playground.whenKnown(playground.lastSeq);
  expect(playground.openSockets.map(({ name }) => name)).toEqual(['a', 'b']);
});

test('a run clears away what the one before has left, so that its address is free again', async () => {
  const { scenarios, id } = await open(
    `a = socket(AF_UNIX, SOCK_STREAM, 0)\nbind(a, unix:@sp-again-${process.pid}) = 0\nlisten(a, 1) = 0\n`,
  );
  expect(await scenarios.run(id)).toEqual({ state: 'passed' });
  expect(await scenarios.run(id)).toEqual({ state: 'passed' });
  await playground.whenKnown(playground.lastSeq);
  expect(playground.openSockets).toHaveLength(1);
});

const passed =
  'msg_iov=[{iov_base="x", iov_len=1}], msg_control=[{cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[a]}]';

test.each([
  ['is another one', 'b = dup(a)\nclose(a) = 0\nc = dup(b)\nclose(b) = 0\n'],
  [
    'is in a message',
    `p, q = socketpair(AF_UNIX, SOCK_STREAM, 0)\nsendmsg(p, {${passed}}, 0) = 1\nclose(a) = 0\n`,
  ],
])('a socket file stays as long as a descriptor of its socket, which %s', async (_name, lines) => {
  const folder = untilTestEnds(await tempDir()).path;
  const file = path.join(folder, 'a.sock');
  const { scenarios, id } = await open(
    `a = socket(AF_UNIX, SOCK_STREAM, 0)\nbind(a, unix:${file}) = 0\nlisten(a, 1) = 0\n${lines}`,
  );
  expect(await scenarios.run(id)).toEqual({ state: 'passed' });
  // What is closed is forgotten.
  await playground.clear();
  for (let i = 0; i < 100; i++) {
    await access(file);
  }
  await playground.closeAll();
  await expect.poll(() => access(file).then(Boolean, () => 'gone')).toBe('gone');
});

test('a socket file stays as long as its socket, also when a lesson is closed that keeps its sockets', async () => {
  const folder = untilTestEnds(await tempDir()).path;
  const file = path.join(folder, 'a.sock');
  const { scenarios, id } = await open(
    `# A lesson\na = socket(AF_UNIX, SOCK_STREAM, 0)\nbind(a, unix:${file}) = 0\nlisten(a, 1) = 0\n`,
  );
  const isThere = () =>
    access(file).then(
      () => true,
      () => false,
    );
  const closeAll = async () => {
    await playground.closeAll();
    await expect.poll(isThere).toBe(false);
  };
  expect(await scenarios.run(id)).toEqual({ state: 'passed' });
  expect(await isThere()).toBe(true);
  await closeAll();

  const progress = new LessonProgress(memory());
  const lessons = new Lessons({ playground, calls: new Calls(playground), scenarios, progress });
  onTestFinished(() => lessons.dispose());
  const goThrough = async () => {
    await lessons.open(id);
    await lessons.act({ kind: 'runToEnd' });
    await expect.poll(() => lessons.state?.phase).toBe('done');
    await lessons.act({ kind: 'leave' });
    await playground.whenKnown(playground.lastSeq);
    expect([await isThere(), playground.openSockets.length]).toEqual([true, 1]);
  };
  await goThrough();
  // What it has kept is cleared away when it begins anew.
  await goThrough();
  await closeAll();
});

test('a run goes on where the one before has ended, as long as nothing above is changed', async () => {
  const written =
    'a = socket(AF_INET, SOCK_DGRAM, 0)\nbind(a, 127.0.0.1:0) = 0\ngetsockname(a)\nclose(a) = 0\n';
  const { scenarios, id } = await open(written);
  expect(await scenarios.run(id, { first: 1, last: 2 })).toEqual({ state: 'passed' });
  expect(scenarios.get(id)?.run).toEqual({ state: 'idle' });
  expect(scenarios.leftovers.canGoOn(id, 3, written)).toBe(true);
  expect(scenarios.leftovers.canGoOn(id, 4, written)).toBe(false);
  expect(scenarios.leftovers.canGoOn(id, 3, written.replace('DGRAM', 'STREAM'))).toBe(false);
  expect(await scenarios.run(id, { first: 3, last: Infinity })).toEqual({ state: 'passed' });
  await playground.whenKnown(playground.lastSeq);
  expect(playground.lastSeq).toBe(4);
  expect(playground.openSockets).toHaveLength(0);
  expect(scenarios.leftovers.canGoOn(id, 3, written)).toBe(false);
});

test('tells what each line has come to', async () => {
  const { scenarios, id } = await open(
    'a = socket(AF_INET, SOCK_DGRAM, 0)\nclose(a) = -1 EBADF\nclose(a) = -1 EBADF\nconnect(a, 127.0.0.1:(nothing.port))\nnothing = dup(a)\n',
  );
  const lines: string[] = [];
  scenarios.onDidRun((event) => {
    lines.push(
      event.kind === 'begin'
        ? `begin ${event.lines.join(' ')}`
        : `${event.line} ${event.result.kind} ${event.result.text.replace(/^= \d+$/, '= FD')}`,
    );
  });
  await scenarios.run(id);
  expect(lines).toEqual([
    'begin 1 2 3 4 5',
    '1 plain = FD',
    '2 failed ✗ expected -1 EBADF, got 0',
    '3 passed ✓ = -1 EBADF (Bad file descriptor)',
    '4 failed ✗ nothing has no value yet.',
  ]);
});

test('the groups of a course of the workspace are named with it', async () => {
  const folder = untilTestEnds(await tempDir()).path;
  const names = ['a.sockets', 'b.sockets'];
  await Promise.all(names.map((name) => writeFile(path.join(folder, name), `# ${name}\nclose(1)\n`)));
  await writeFile(path.join(folder, 'course.md'), '# Week 3\n## Exercises\n- b.sockets\n');
  findFiles.mockResolvedValue(names.map((name) => toUri(path.join(folder, name))));
  const { scenarios } = await open('# Built in\nclose(1)\n');
  expect((await scenarios.list()).map(({ title, group }) => [title, group])).toEqual([
    ['Built in', undefined],
    ['b.sockets', 'Week 3: Exercises'],
    ['a.sockets', undefined],
  ]);
});

test('of a lesson its translation is listed, and the original is run where it is meant', async () => {
  environment.language = 'ko';
  onTestFinished(() => {
    environment.language = 'en';
  });
  const folder = untilTestEnds(await tempDir()).path;
  await mkdir(path.join(folder, 'ko'));
  const names = ['a.sockets', 'ko/a.sockets'];
  await Promise.all(
    names.map((name) => writeFile(path.join(folder, name), `# ${name}\ns = socket(AF_INET, SOCK_DGRAM)\n`)),
  );
  findFiles.mockResolvedValue(names.map((name) => toUri(path.join(folder, name))));
  const { scenarios } = await open('# Built in\nclose(1)\n');
  const titles = async () => (await scenarios.list()).map(({ title }) => title);
  expect(await titles()).toEqual(['Built in', 'ko/a.sockets']);
  const documents: string[] = [];
  scenarios.onDidRun(({ document }) => documents.push(document));
  const original = toUri(path.join(folder, 'a.sockets'));
  const listed = await scenarios.inUsersLanguage(original as unknown as Uri);
  expect(listed.path).toBe(path.join(folder, 'ko/a.sockets'));
  expect(await scenarios.inUsersLanguage(listed)).toBe(listed);
  expect(await scenarios.run(await scenarios.add(original as unknown as Uri))).toEqual({ state: 'passed' });
  expect(new Set(documents)).toEqual(new Set([original.toString()]));
});

test('a file with blanks is listed, but not offered to be run', async () => {
  const { scenarios } = await open('a = socket(AF_INET, ___, 0)\n');
  expect(await scenarios.list()).toMatchObject([{ blankCount: 1 }]);
  expect(scenarios.summaries()).toEqual([]);
});

test('a file is listed with the reason why it does not run here', async () => {
  const { scenarios } = await open('# needs: win32\na = socket(AF_INET, SOCK_DGRAM, 0)\n');
  expect(await scenarios.list()).toMatchObject([{ obstacle: 'It runs on Windows only.' }]);
  expect(scenarios.summaries()).toMatchObject([{ obstacle: 'It runs on Windows only.', group: null }]);
});

test('a lesson is read when a run of its file has ended, so that its sockets can be closed', async () => {
  const { scenarios, id } = await open(
    's = socket(AF_INET, SOCK_DGRAM, 0)\nbind(s, 127.0.0.1:0) = 0\nrecv(s, 1)\n',
  );
  const run = scenarios.run(id);
  await expect.poll(() => playground.hasWaiting).toBe(true);
  const { file, scenario } = (await scenarios.readLesson(id))!;
  await scenarios.clearAway(file.uri, scenario.text, file.title);
  await playground.whenKnown(playground.lastSeq);
  expect(playground.openSockets).toEqual([]);
  expect(await run).toEqual({ state: 'idle' });
});

test('a file says which open sockets of its last run are closed where it runs once more', async () => {
  const { scenarios, id } = await open('a = socket(AF_INET, SOCK_DGRAM, 0)\nb = dup(a)\nclose(b) = 0\n');
  await scenarios.list();
  expect(scenarios.leftovers.openOf(id)).toEqual([]);
  await scenarios.run(id);
  const left = scenarios.leftovers.openOf(id);
  expect(left.map(({ name }) => name)).toEqual(['a']);
  expect(closesText(left)).toBe(`Closes the sockets of its last run: fd ${left[0]!.fd}`);
  const many = Array.from({ length: 24 }, (_, i) => ({ ...left[0]!, fd: 30 + i }));
  expect(closesText(many)).toMatch(/: fd 30, (fd \d+, ){10}fd 41 and 12 more$/);
  expect(scenarios.summaries()?.flatMap(({ made }) => made)).toHaveLength(2);
  const changed = vi.fn();
  scenarios.onDidChange(changed);
  await playground.close(new Set([left[0]!.id]));
  await vi.waitFor(() => expect(changed).toHaveBeenCalledWith(id));
  expect(closesText(scenarios.leftovers.openOf(id))).toBeUndefined();
});
