import { expect, test, vi } from 'vitest';

const { executeTask, terminate } = vi.hoisted(() => ({
  executeTask: vi.fn<() => Promise<unknown>>(),
  terminate: vi.fn(),
}));

vi.mock('vscode', () => ({
  ProcessExecution: vi.fn(),
  Task: vi.fn(),
  TaskScope: { Global: 1 },
  TaskRevealKind: { Always: 1 },
  TaskPanelKind: { New: 3 },
  workspace: { workspaceFolders: undefined },
  tasks: {
    executeTask,
    onDidEndTaskProcess: () => ({ dispose: () => {} }),
    onDidEndTask: () => ({ dispose: () => {} }),
  },
}));

const { LiveTrace } = await import('../../src/extension/trace/liveTrace.js');
const start = { of: 'true', args: [], folder: undefined, isOwn: true };

test('a trace that is stopped while VS Code starts its task ends when that has begun', async () => {
  let begin = (_task: unknown) => {};
  executeTask.mockReturnValue(new Promise((resolve) => (begin = resolve)));
  const trace = new LiveTrace('/nowhere/pending.log', start);
  const stopped = trace.stop();
  await new Promise(setImmediate);
  begin({ terminate });
  await stopped;
  expect(terminate).toHaveBeenCalledOnce();
});

test('one whose task is not started has nothing to end', async () => {
  executeTask.mockRejectedValue(new Error('no task'));
  const trace = new LiveTrace('/nowhere/refused.log', start);
  await expect(trace.started).rejects.toThrow('no task');
  await trace.stop();
  expect(trace.isRunning).toBe(false);
});
