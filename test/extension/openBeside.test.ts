import { expect, it, vi } from 'vitest';

const shown: number[] = [];
const window = {
  activeTextEditor: undefined as { document: { isUntitled: boolean } } | undefined,
  tabGroups: { all: [{}] as object[] },
  showTextDocument: (_document: unknown, { viewColumn }: { viewColumn: number }) =>
    void shown.push(viewColumn),
};
vi.mock('vscode', () => ({
  window,
  workspace: { openTextDocument: () => Promise.resolve({}) },
  ViewColumn: { Active: -1, Beside: -2 },
}));

const { openBeside } = await import('../../src/extension/openBeside.js');

it('opens texts beside the panel in one group, and a text beside the scenario that it was made of', async () => {
  await openBeside('c', '');
  // It has the focus now, and stands beside the panel.
  Object.assign(window, {
    activeTextEditor: { document: { isUntitled: true } },
    tabGroups: { all: [{}, {}] },
  });
  await openBeside('python', '');
  expect(shown).toEqual([-2, -1]);
  window.tabGroups.all = [{}];
  await openBeside('c', '');
  expect(shown).toEqual([-2, -1, -2]);
});
