import { expect, test, vi } from 'vitest';
import type { HandInContext } from '../../src/extension/commands/handInCommand.js';

const window = vi.hoisted(() => ({
  showWarningMessage: vi.fn<(message: string, ...actions: string[]) => Promise<string | undefined>>(),
  showOpenDialog: vi.fn<(options: object) => Promise<object[] | undefined>>(),
}));

vi.mock('vscode', () => ({
  window,
  workspace: { textDocuments: [], fs: { stat: () => Promise.reject(new Error('ENOENT')) } },
  Uri: Object.assign(vi.fn(), { joinPath: (uri: object) => uri }),
  FileType: { Directory: 2 },
}));

const { handIn } = await import('../../src/extension/commands/handInCommand.js');

test('where nothing is open the folder of the course can be chosen', async () => {
  const folder = { scheme: 'file', path: '/course', toString: () => 'file:///course' };
  const context = { exercises: folder, scenarios: { get: () => undefined } } as unknown as HandInContext;
  window.showWarningMessage.mockResolvedValueOnce('Choose Folder…').mockResolvedValueOnce(undefined);
  window.showOpenDialog.mockResolvedValue([folder]);
  await handIn(undefined, context);
  expect(window.showOpenDialog).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ canSelectFolders: true, canSelectFiles: false }),
  );
  // Nothing was found there either.
  expect(window.showWarningMessage).toHaveBeenCalledTimes(2);
});
