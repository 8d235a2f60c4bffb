import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';

type Show = (message: string, ...rest: unknown[]) => Promise<string | undefined>;

const shown = vi.hoisted(() => ({
  showInformationMessage: vi.fn<Show>(),
  showWarningMessage: vi.fn<Show>(),
  showErrorMessage: vi.fn<Show>(),
}));

vi.mock('vscode', () => ({ window: shown }));

const { askModal, showError, showInformation, showWarning } = await import('../../src/extension/notify.js');

/** What the editor's messages make links of (`vs/base/common/linkedText.ts`). */
const link = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/i;
const evil = 'echo [Fix it](command:workbench.action.quit) [x](command:y "z") failed';

afterEach(() => vi.resetAllMocks());

test.each([
  ['showInformation', showInformation, shown.showInformationMessage],
  ['showWarning', showWarning, shown.showWarningMessage],
  ['showError', showError, shown.showErrorMessage],
] as const)('%s shows what it quotes as text, without links', async (_name, show, raw) => {
  expect(evil).toMatch(link);
  raw.mockResolvedValue('Open');
  expect(await show(evil, 'Open')).toBe('Open');
  const [message, ...actions] = raw.mock.calls[0]!;
  expect(message).not.toMatch(link);
  expect(message.replaceAll('\u200b', '')).toBe(evil);
  expect(actions).toEqual(['Open']);
});

test('a modal question has no links in its message and its detail', async () => {
  shown.showWarningMessage.mockResolvedValue(undefined);
  expect(await askModal(evil, evil, 'Allow')).toBeUndefined();
  const [message, options, action] = shown.showWarningMessage.mock.calls[0]!;
  expect(message).not.toMatch(link);
  expect((options as { detail: string }).detail).not.toMatch(link);
  expect(options).toMatchObject({ modal: true });
  expect(action).toBe('Allow');
});

test('what would turn or hide the rest of a message is written as its number', async () => {
  await showWarning('pid 7, \u001b[31mgood\u202etxt.exe\u2066\u0000 uses it.\nAnd \ttabs.');
  expect(shown.showWarningMessage).toHaveBeenCalledWith(
    'pid 7, \\u{1b}[31mgood\\u{202e}txt.exe\\u{2066}\\u{0} uses it.\nAnd \ttabs.',
  );
});

test('other text is shown as it is', async () => {
  await showError('recv(fd4, "[a] (b)", 5, 0) = 5');
  expect(shown.showErrorMessage).toHaveBeenCalledWith('recv(fd4, "[a] (b)", 5, 0) = 5');
});

test('no other part of the extension shows messages by itself', () => {
  const folder = path.join(import.meta.dirname, '../../src/extension');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.tsx?$/.test(name),
  );
  const raw = files.filter((name) =>
    /show(Information|Warning|Error)Message/.test(readFileSync(path.join(folder, name), 'utf8')),
  );
  expect(raw).toEqual(['notify.ts']);
});
