import path from 'node:path';
import { expect, it, vi } from 'vitest';
import type { Uri } from 'vscode';

vi.mock('vscode', () => ({
  Uri: { joinPath: ({ path: folder }: Uri, name: string) => ({ path: path.posix.join(folder, name) }) },
}));

const { placeFiles } = await import('../../src/extension/scenarios/lessonFolders.js');

const files = [
  '/c/b.sockets',
  '/c/a.sockets',
  '/c/z.sockets',
  '/c/ko/a.sockets',
  '/c/ko/new.sockets',
  '/d/x.sockets',
];
const texts: Record<string, string> = {
  '/c/course.md': '# C\n## First\n- a.sockets\n- gone.sockets\n## Second\n- b.sockets\n',
  '/c/ko/course.md': '# 강좌\n## 처음\n- a.sockets\n## 다음\n- b.sockets\n',
};

async function place(language: string, paths: readonly string[] = files) {
  const uris = paths.map((each) => ({ path: each }) as Uri);
  const placed = await placeFiles(uris, language, ({ path: each }) => Promise.resolve(texts[each]));
  return placed.map(({ uri, shown, group }) => [uri.path, shown.path, group]);
}

it('puts files in the order and the groups of their course, others last', async () => {
  expect(await place('en')).toEqual([
    ['/c/a.sockets', '/c/a.sockets', 'First'],
    ['/c/b.sockets', '/c/b.sockets', 'Second'],
    ['/c/z.sockets', '/c/z.sockets', undefined],
    ['/c/ko/new.sockets', '/c/ko/new.sockets', undefined],
    ['/d/x.sockets', '/d/x.sockets', undefined],
  ]);
});

it('shows lessons and groups in the language where there is a translation', async () => {
  expect(await place('ko')).toMatchObject([
    ['/c/a.sockets', '/c/ko/a.sockets', '처음'],
    ['/c/b.sockets', '/c/b.sockets', '다음'],
    ['/c/z.sockets', '/c/z.sockets', undefined],
    ['/c/ko/new.sockets', '/c/ko/new.sockets', undefined],
    ['/d/x.sockets', '/d/x.sockets', undefined],
  ]);
});

it('needs no course and no files', async () => {
  expect(await place('en', ['/d/x.sockets'])).toEqual([['/d/x.sockets', '/d/x.sockets', undefined]]);
  expect(await place('en', [])).toEqual([]);
});
