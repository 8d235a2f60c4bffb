import { expect, it, vi } from 'vitest';
import type * as vscode from 'vscode';
import { Emitter, type Event } from '../../src/common/event.js';
import type { PanelContext } from '../../src/extension/panel/playgroundPanel.js';

const { setContext } = vi.hoisted(() => ({
  setContext: vi.fn<(...args: unknown[]) => Promise<void>>(() => Promise.resolve()),
}));

vi.mock('vscode', () => ({
  Uri: { joinPath: () => ({ toString: () => 'file' }) },
  commands: { executeCommand: setContext },
  env: { language: 'en' },
  workspace: { isTrusted: true },
}));

const { PlaygroundPanel } = await import('../../src/extension/panel/playgroundPanel.js');

/** How many listen to the events of the model, which outlives each tab, and how many of its sockets' watchers there are. */
let held = 0;
const never: Event<never> = () => {
  held++;
  return { dispose: () => held-- };
};
const answers: ((value: unknown) => void)[] = [];
const context = {
  playground: {
    onDidChange: never,
    onDidChangeStatus: never,
    createWatcher: () => {
      held++;
      return { watch: () => {}, dispose: () => held-- };
    },
    snapshot: () => ({}),
    filterRecords: () => new Promise((resolve) => answers.push(resolve)),
  },
  scenarios: { onDidChange: never, summaries: () => [] },
  lessons: { onDidChange: never, state: null },
  repeats: { onDidChange: never, all: [] },
  history: { calls: [] },
  choices: { kept: () => ({}), keepMode: () => {} },
  log: { warn: () => {} },
} as unknown as PanelContext;

/** A tab as VS Code has it: its events are gone when it is closed. */
function openTab() {
  const messages = new Emitter<unknown>();
  const disposed = new Emitter<void>();
  const posted: unknown[] = [];
  const tab = {
    active: true,
    webview: {
      asWebviewUri: String,
      onDidReceiveMessage: messages.event,
      postMessage: (message: unknown) => posted.push(message),
    },
    onDidChangeViewState: () => {},
    onDidDispose: disposed.event,
    dispose: () => disposed.fire(),
  };
  return { panel: tab as unknown as vscode.WebviewPanel, messages, posted };
}

it('leaves nothing behind when its tab is closed, fifty times, each time before the host has answered', async () => {
  for (let round = 0; round < 50; round++) {
    const { panel, messages, posted } = openTab();
    const opened = new PlaygroundPanel(panel, context, false);
    let ends = 0;
    opened.onDidDispose(() => ends++);
    messages.fire({ type: 'request', id: 1, method: 'ready' });
    await opened.whenReady;
    const view = { isPaused: false, isInspectorVisible: true, isEditing: false, filter: '', mode: 'lanes' };
    messages.fire({ type: 'request', id: 3, method: 'setView', argument: { ...view, region: 'records' } });
    const filter = { id: 1, filter: 'errno', from: 1, count: 1 };
    messages.fire({ type: 'request', id: 2, method: 'filterRecords', argument: filter });
    expect(held).toBeGreaterThan(5);
    // `ready` and `setView` have their answers.
    await vi.waitUntil(() => answers.length > 0 && posted.length === 2);
    opened.dispose();
    answers.pop()!({ seqs: [] });
    await Promise.resolve();
    expect(posted).toHaveLength(2);
    expect(ends).toBe(1);
    expect(held).toBe(0);
  }
  // Its keys are nobody's.
  expect(setContext.mock.calls.findLast(([, key]) => String(key).endsWith('region'))?.at(-1)).toBe('');
});
