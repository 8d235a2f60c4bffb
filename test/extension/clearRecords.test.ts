import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';

const showWarningMessage = vi.hoisted(() =>
  vi.fn<(message: string, options: { detail: string }) => Promise<string | undefined>>(),
);

vi.mock('vscode', () => ({ window: { showWarningMessage } }));

const { askAndClear } = await import('../../src/extension/commands/clearRecords.js');

afterEach(() => vi.resetAllMocks());

/** What becomes of the records from the first to the last, with this answer. */
async function clear(firstSeq: number, lastSeq: number, answer?: string) {
  showWarningMessage.mockResolvedValue(answer);
  const records = { firstSeq, lastSeq, clear: vi.fn(async () => {}) };
  const isDone = await askAndClear(records);
  expect(records.clear).toHaveBeenCalledTimes(isDone ? 1 : 0);
  return { isDone, asked: showWarningMessage.mock.lastCall?.[0] };
}

test('records are cleared only after a question', async () => {
  expect(await clear(1, 224)).toEqual({ isDone: false, asked: 'Clear the records?' });
  expect(await clear(101, 1324, 'Clear Records')).toEqual({ isDone: true, asked: 'Clear the records?' });
});

test('where there are none, closed sockets go without a question', async () => {
  expect(await clear(1, 0)).toEqual({ isDone: true, asked: undefined });
  expect(await clear(225, 224)).toEqual({ isDone: true, asked: undefined });
});

test('what the question says of the menu of the panel is there', async () => {
  await clear(1, 1);
  const { detail } = showWarningMessage.mock.lastCall![1];
  const read = (file: string) =>
    JSON.parse(readFileSync(path.join(import.meta.dirname, '../..', file), 'utf8')) as unknown;
  const titles = read('package.nls.json') as Record<string, string>;
  const { contributes } = read('package.json') as {
    contributes: { menus: Record<'editor/title', { command: string; when: string; group: string }[]> };
  };
  const offered = contributes.menus['editor/title']
    .filter(
      ({ when, group }) => when.includes('socketPlayground\\.(panel|') && !group.startsWith('navigation'),
    )
    .map(({ command }) => titles[command.replace('socketPlayground.', 'command.')]!);
  expect(offered.filter((title) => detail.includes(`choose ${title} in the “…” menu of the panel`))).toEqual([
    'Save Recording…',
  ]);
});
