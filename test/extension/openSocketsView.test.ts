import { expect, onTestFinished, test, vi } from 'vitest';
import type * as vscode from 'vscode';
import type { SocketId } from '../../src/common/socket.js';
import type { Playground } from '../../src/playground/playground.js';
import type { SocketNode } from '../../src/extension/views/socketTree.js';
import { socket, unix } from '../support/sockets.js';

const { tree } = vi.hoisted(() => ({
  tree: {
    visible: true,
    selection: [] as unknown[],
    /** As VS Code does while it reads the tree anew: nothing. */
    reveal: vi.fn<(node: unknown) => Promise<void>>(() => Promise.resolve()),
    onDidChangeSelection: () => ({ dispose: () => {} }),
    onDidChangeVisibility: () => ({ dispose: () => {} }),
    dispose: () => {},
  },
}));

vi.mock('vscode', async () => {
  const { Emitter } = await import('../../src/common/event.js');
  return {
    EventEmitter: Emitter,
    TreeItem: class {
      constructor(
        readonly label: string,
        readonly collapsibleState: number,
      ) {}
    },
    TreeItemCollapsibleState: { None: 0, Collapsed: 1, Expanded: 2 },
    ThemeIcon: vi.fn(),
    ThemeColor: vi.fn(),
    MarkdownString: class {
      constructor(readonly value: string) {}
    },
    window: { createTreeView: () => tree },
    commands: { registerCommand: () => ({ dispose: () => {} }), executeCommand: () => Promise.resolve() },
  };
});

const { rowTooltip, socketRow } = await import('../../src/extension/views/socketRow.js');
const { OpenSocketsView } = await import('../../src/extension/views/openSocketsView.js');

function start(sockets = [1, 2].map((id) => socket({ id, fd: 20 + id }))) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  tree.visible = true;
  tree.reveal.mockClear();
  const never = () => ({ dispose: () => {} });
  const playground = {
    sockets: new Map(sockets.map((one) => [one.id, one])),
    openCount: 2,
    createWatcher: () => ({ watch: () => {}, dispose: () => {} }),
    onDidChange: never,
    onDidChangeStatus: never,
    onDidReturn: never,
  };
  const memento = { get: () => undefined, update: () => Promise.resolve() };
  const view = new OpenSocketsView(playground as unknown as Playground, memento as unknown as vscode.Memento);
  onTestFinished(() => view.dispose());
  return view;
}

const asked = (): SocketId[] =>
  tree.reveal.mock.calls.map(([node]) => (node as SocketNode & { kind: 'socket' }).socketId);

test('a row that is not selected yet is asked for again, and not once its view is left, which would come back', async () => {
  const view = start();
  const revealed = view.reveal(1);
  await vi.advanceTimersByTimeAsync(300);
  expect(asked()).toEqual([1, 1]);
  tree.visible = false;
  await vi.advanceTimersByTimeAsync(5000);
  await revealed;
  expect(asked()).toEqual([1, 1]);
});

test('nor once another row is wanted', async () => {
  const view = start();
  void view.reveal(1);
  await vi.advanceTimersByTimeAsync(100);
  void view.reveal(2);
  await vi.advanceTimersByTimeAsync(350);
  expect(asked()).toEqual([1, 2, 2]);
  tree.visible = false;
  await vi.advanceTimersByTimeAsync(300);
});

test('a closed socket that the panel selects is not shown, which would open its group; whoever asks for it sees it', async () => {
  const view = start([socket({ id: 1 }), socket({ id: 2, state: 'closed' })]);
  void view.reveal(2);
  await vi.advanceTimersByTimeAsync(300);
  expect(asked()).toEqual([]);
  void view.show(2);
  await vi.advanceTimersByTimeAsync(100);
  expect(asked()).toEqual([2]);
});

test('a row says hostile addresses as text: nothing unseen, no markup, no links', () => {
  const hostile = '/tmp/<img src=x>[a](command:quit)$(zap)\n# b\u001b[31m\u202egnp.exe\u2066';
  const one = socket({
    domain: 'AF_UNIX',
    role: 'accepted',
    local: unix(hostile),
    remote: unix(hostile, true),
    name: '[b](command:quit) <b>',
  });
  const item = socketRow(one, false);
  const shown = [item.label, item.description, item.accessibilityInformation!.label] as string[];
  expect(shown.join(' ')).toContain('command:quit');
  expect(shown.join(' ')).not.toMatch(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u);
  const tooltip = rowTooltip(one);
  expect(tooltip.value).toContain('\\[b\\]\\(command\\:quit\\)');
  expect(tooltip.value).not.toMatch(/(?<!\\)\]\(|<(?:img|b)|(?<!\\)\$\(|[\u202e\u2066]/);
  expect([tooltip.isTrusted, tooltip.supportHtml, tooltip.supportThemeIcons]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
