import { beforeEach, expect, it, vi } from 'vitest';

interface Editor {
  document: object;
}

const shown: number[] = [];
const window = {
  activeTextEditor: undefined as Editor | undefined,
  tabGroups: { all: [{}] as object[] },
  // It has the focus then, and stands beside something.
  showTextDocument: (document: object, { viewColumn }: { viewColumn: number }) => {
    shown.push(viewColumn);
    window.activeTextEditor = { document };
    window.tabGroups.all = [{}, {}];
  },
};
vi.mock('vscode', () => ({
  window,
  workspace: { openTextDocument: () => Promise.resolve({ isUntitled: true }) },
  ViewColumn: { Active: -1, Beside: -2 },
}));

const { openBeside } = await import('../../src/extension/openBeside.js');

beforeEach(() => {
  shown.length = 0;
  window.activeTextEditor = undefined;
  window.tabGroups.all = [{}];
});

it('opens texts beside the panel in one group, and a text beside the scenario that it was made of', async () => {
  await openBeside('c', '');
  await openBeside('python', '');
  expect(shown).toEqual([-2, -1]);
  window.tabGroups.all = [{}];
  await openBeside('c', '');
  expect(shown).toEqual([-2, -1, -2]);
});

it("opens none over the user's own unsaved text, which stands beside something", async () => {
  window.activeTextEditor = { document: { isUntitled: true } };
  window.tabGroups.all = [{}, {}];
  await openBeside('sockets', '');
  await openBeside('c', '');
  expect(shown).toEqual([-2, -1]);
});
