import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { CancellationToken, TestRunRequest, Uri } from 'vscode';
import { modulePath } from '../socketHost/testHost.js';
import { tempDir, untilTestEnds } from '../support/disposal.js';

interface Item {
  id: string;
  label: string;
  uri: Uri;
  description?: string;
  error?: unknown;
}

interface Message {
  message: string;
  expectedOutput?: string;
  actualOutput?: string;
  location?: { range: { start: { line: number; character: number } } };
}

const fake = vi.hoisted(() => ({
  isTrusted: true,
  documents: [] as unknown[],
  found: [] as unknown[],
  items: new Map<string, unknown>(),
  told: [] as string[],
  messages: [] as unknown[],
  onOutput: (_text: string): void => {},
  controller: {} as { resolveHandler?: () => Promise<void> },
  toUri: (file: string) => ({ scheme: 'file', path: file, fsPath: file, toString: () => `file://${file}` }),
}));

vi.mock('vscode', () => {
  const event = () => ({ dispose: () => {} });
  class TestMessage {
    static diff(message: string, expectedOutput: string, actualOutput: string) {
      return Object.assign(new TestMessage(message), { expectedOutput, actualOutput });
    }
    constructor(readonly message: string) {}
  }
  class Position {
    constructor(
      readonly line: number,
      readonly character: number,
    ) {}
    translate(line: number, character: number) {
      return new Position(this.line + line, this.character + character);
    }
  }
  class Range {
    constructor(
      readonly start: unknown,
      readonly end: unknown,
    ) {}
  }
  class Location {
    constructor(
      readonly uri: unknown,
      readonly range: unknown,
    ) {}
  }
  const { items } = fake;
  const tell =
    (what: string) =>
    (item: { label: string }, messages: unknown = []) => {
      fake.told.push(`${what} ${item.label}`);
      if (what === 'failed' || what === 'errored') {
        fake.messages.push(...(Array.isArray(messages) ? (messages as unknown[]) : [messages]));
      }
    };
  const collection = {
    forEach: (visit: (item: unknown) => void) => items.forEach(visit),
    get: (id: string) => items.get(id),
    add: (item: { id: string }) => items.set(item.id, item),
    delete: (id: string) => items.delete(id),
  };
  return {
    TestMessage,
    Position,
    Range,
    Location,
    TestRunProfileKind: { Run: 1 },
    tests: {
      createTestController: () =>
        Object.assign(fake.controller, {
          items: collection,
          createRunProfile: () => {},
          createTestItem: (id: string, label: string, uri: unknown) => ({ id, label, uri }),
          createTestRun: () => ({
            ...Object.fromEntries(
              ['enqueued', 'started', 'passed', 'failed', 'errored', 'skipped'].map((what) => [
                what,
                tell(what),
              ]),
            ),
            appendOutput: (text: string) => {
              fake.told.push(text.trimEnd().replace(/\d+/g, 'N'));
              fake.onOutput(text);
            },
            end: () => fake.told.push('end'),
          }),
          dispose: () => {},
        }),
    },
    workspace: {
      get isTrusted() {
        return fake.isTrusted;
      },
      get textDocuments() {
        return fake.documents;
      },
      onDidGrantWorkspaceTrust: event,
      onDidOpenTextDocument: event,
      findFiles: () => Promise.resolve(fake.found),
      createFileSystemWatcher: () => ({
        onDidCreate: event,
        onDidChange: event,
        onDidDelete: event,
        dispose: () => {},
      }),
      fs: {
        stat: () => Promise.resolve({ size: 100 }),
        readFile: ({ fsPath }: Uri) => readFile(fsPath),
      },
    },
  };
});

const { ScenarioTests } = await import('../../src/extension/scenarios/scenarioTests.js');

beforeEach(() => {
  Object.assign(fake, { isTrusted: true, documents: [], found: [], onOutput: () => {} });
  fake.items.clear();
  fake.told.length = 0;
  fake.messages.length = 0;
});

async function discover(files: Record<string, string>) {
  const { path: folder } = untilTestEnds(await tempDir());
  for (const [name, text] of Object.entries(files)) {
    await writeFile(path.join(folder, name), text);
    fake.found.push(fake.toUri(path.join(folder, name)));
  }
  const calls = { isAllowed: true, confirm: () => Promise.resolve(true) };
  const tests = new ScenarioTests({
    hostPath: modulePath,
    folders: [fake.toUri('/built-in') as unknown as Uri],
    debugging: {} as never,
    calls: calls as never,
  });
  onTestFinished(() => tests.dispose());
  await fake.controller.resolveHandler?.();
  const run = (token: Partial<CancellationToken> = {}) =>
    tests.run({ include: undefined, exclude: undefined } as unknown as TestRunRequest, {
      isCancellationRequested: false,
      onCancellationRequested: () => ({ dispose: () => {} }),
      ...token,
    });
  return { run, labels: () => [...fake.items.values()].map((item) => (item as Item).label) };
}

const good = '# Good\na = socket(AF_INET, SOCK_DGRAM, 0)\nclose(a) = 0\n';

test('files that expect something are tests, and those that cannot be read', async () => {
  const { labels } = await discover({
    'good.sockets': good,
    'silent.sockets': 'a = socket(AF_INET, SOCK_DGRAM, 0)\n',
    'broken.sockets': 'close(\n',
  });
  expect(labels().sort()).toEqual(['broken', 'good']);
});

test('a test passes, and its calls are its output', async () => {
  const { run } = await discover({ 'good.sockets': good });
  await run();
  expect(fake.told).toEqual([
    'enqueued good',
    'started good',
    'socket(AF_INET, SOCK_DGRAM, N) = N',
    'close(N) = N',
    'passed good',
    'end',
  ]);
});

test('a test fails at the line, with what was expected and what came', async () => {
  const { run } = await discover({ 'bad.sockets': `${good}close(a) = 0\n` });
  await run();
  expect(fake.told).toContain('failed bad');
  const [message] = fake.messages as Message[];
  expect(message).toMatchObject({
    expectedOutput: '0',
    actualOutput: '-1 EBADF (Bad file descriptor)',
    location: { range: { start: { line: 3, character: 9 } } },
  });
});

test('a file with errors is broken, one that needs something else is skipped', async () => {
  const { run } = await discover({
    'broken.sockets': 'close(\n',
    'windows.sockets': `# needs: win32\n${good}`,
  });
  await run();
  // Files are read side by side.
  expect(fake.told.filter((each) => /^(errored|skipped)/.test(each)).toSorted()).toEqual([
    'errored broken',
    'skipped windows',
  ]);
  expect(fake.told).toContain('It runs on Windows only.');
});

test('nothing runs in a workspace that is not trusted, and the test says so', async () => {
  fake.isTrusted = false;
  const { run } = await discover({ 'good.sockets': good });
  const [item] = fake.items.values();
  expect((item as Item).error).toMatch(/trust the workspace/);
  await run();
  expect(fake.told).toEqual(['enqueued good', 'started good', 'errored good', 'end']);
  expect((fake.messages as Message[])[0]?.message).toMatch(/trust the workspace/);
});

test('a run that is cancelled skips the rest', async () => {
  const { run } = await discover({ 'good.sockets': good });
  await run({ isCancellationRequested: true });
  expect(fake.told).toEqual(['enqueued good', 'skipped good', 'end']);
});

test('a run that is cancelled ends the calls that wait', async () => {
  const { run } = await discover({
    'waits.sockets': 'a = socket(AF_INET, SOCK_DGRAM, 0)\nbind(a, 127.0.0.1:0) = 0\nrecv(a, 10) = 10\n',
  });
  const token: Partial<CancellationToken> = {
    onCancellationRequested: (listener) => {
      fake.onOutput = (text) => {
        if (text.startsWith('bind(')) {
          listener(undefined);
        }
      };
      return { dispose: () => {} };
    },
  };
  await run(token);
  expect(fake.told.slice(-2)).toEqual(['skipped waits', 'end']);
});
