import { expect, onTestFinished, test, vi } from 'vitest';
import type * as vscode from 'vscode';
import type { SocketId } from '../../src/common/socket.js';
import type { Playground } from '../../src/playground/playground.js';
import type { SocketNode } from '../../src/extension/views/socketTree.js';
import { socket } from './sockets.js';

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
    window: { createTreeView: () => tree },
    commands: { registerCommand: () => ({ dispose: () => {} }), executeCommand: () => Promise.resolve() },
  };
});

const { OpenSocketsView } = await import('../../src/extension/views/openSocketsView.js');

function start() {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  tree.visible = true;
  tree.reveal.mockClear();
  const never = () => ({ dispose: () => {} });
  const playground = {
    sockets: new Map([1, 2].map((id) => [id, socket({ id, fd: 20 + id })])),
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
