import { expect, onTestFinished, test, vi } from 'vitest';
import type * as vscode from 'vscode';

const { executeTask, commands, keys, ends } = vi.hoisted(() => ({
  executeTask: vi.fn<() => Promise<unknown>>(),
  commands: new Map<string, (argument: unknown) => Promise<void>>(),
  keys: new Map<unknown, unknown>(),
  ends: new Set<(event: unknown) => void>(),
}));

vi.mock('vscode', () => ({
  ProcessExecution: vi.fn(),
  Task: vi.fn(),
  TaskScope: { Global: 1 },
  TaskRevealKind: { Always: 1 },
  TaskPanelKind: { New: 3 },
  workspace: {
    isTrusted: true,
    workspaceFolders: undefined,
    getConfiguration: () => ({ get: (_name: string, usual: unknown) => usual }),
  },
  window: { showErrorMessage: () => Promise.resolve() },
  commands: {
    registerCommand: (name: string, run: (argument: unknown) => Promise<void>) => {
      commands.set(name, run);
      return { dispose: () => commands.delete(name) };
    },
    executeCommand: (_name: string, key: unknown, value: unknown) => Promise.resolve(keys.set(key, value)),
  },
  tasks: {
    executeTask,
    onDidEndTaskProcess: () => ({ dispose: () => {} }),
    onDidEndTask: (end: (event: unknown) => void) => {
      ends.add(end);
      return { dispose: () => ends.delete(end) };
    },
  },
}));
vi.mock('../../src/playground/trace/strace.js', async (original) => ({
  ...(await original<object>()),
  straceObstacle: () => Promise.resolve(undefined),
}));

const { TraceCommands } = await import('../../src/extension/trace/traceCommands.js');

test('Stop is there while a program is traced or its task is starting, and goes where that is refused', async () => {
  const ended = vi.fn<(file: string) => Promise<void>>(() => Promise.resolve());
  const context = {
    recordings: {
      onDidClose: () => ({ dispose: () => {} }),
      showTrace: () => Promise.resolve(true),
      endTrace: ended,
    },
    folder: { newLog: () => `/nowhere/${executeTask.mock.calls.length}.log` },
    memory: {} as vscode.Memento,
  };
  const traces = new TraceCommands(context as unknown as ConstructorParameters<typeof TraceCommands>[0]);
  onTestFinished(() => traces.dispose());
  const trace = () => commands.get('socketPlayground.traceProgram')!({ command: 'true' });
  const isTracing = () => keys.get('socketPlayground.isTracing');

  executeTask.mockResolvedValueOnce({});
  await trace();
  let refuse = (_error: Error) => {};
  executeTask.mockReturnValueOnce(new Promise((_, reject) => (refuse = reject)));
  const second = trace();
  await vi.waitUntil(() => executeTask.mock.calls.length === 2);
  for (const end of ends) {
    end({ execution: { task: { definition: { log: '/nowhere/0.log' } } } });
  }
  await vi.waitUntil(() => ended.mock.calls.length === 1);
  expect(isTracing()).toBe(true);
  refuse(new Error('no task'));
  await second;
  expect(isTracing()).toBe(false);
});
