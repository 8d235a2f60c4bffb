import { execFileSync } from 'node:child_process';
import { lstat, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { writeFileWhole } from '../../../src/playground/export/fileSink.js';
import { tempDir, untilTestEnds } from '../../support/disposal.js';

const bytes = new TextEncoder().encode('whole');

it('goes into a pipe, which stays one', async () => {
  const { path: folder } = untilTestEnds(await tempDir());
  const pipe = path.join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const read = readFile(pipe, 'utf8');
  await writeFileWhole(pipe, (sink) => sink.write(bytes));
  expect((await lstat(pipe)).isFIFO()).toBe(true);
  expect(await read).toBe('whole');
});

it('waits for somebody who reads a pipe, and no longer once it is given up', async () => {
  const { path: folder } = untilTestEnds(await tempDir());
  const pipe = path.join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const controller = new AbortController();
  const written = writeFileWhole(pipe, (sink) => sink.write(bytes), controller.signal);
  controller.abort(new Error('given up'));
  await expect(written).rejects.toThrow('given up');
});

it('goes where a link leads, which stays one', async () => {
  const { path: folder } = untilTestEnds(await tempDir());
  const target = path.join(folder, 'there', 'file');
  const link = path.join(folder, 'link');
  await mkdir(path.dirname(target));
  await writeFile(target, 'before');
  await symlink(target, link);
  await writeFileWhole(link, (sink) => sink.write(bytes));
  expect((await lstat(link)).isSymbolicLink()).toBe(true);
  expect(await readFile(target, 'utf8')).toBe('whole');
});

it('makes what a link leads to', async () => {
  const { path: folder } = untilTestEnds(await tempDir());
  const target = path.join(folder, 'file');
  const link = path.join(folder, 'link');
  await symlink('file', link);
  await writeFileWhole(link, (sink) => sink.write(bytes));
  expect((await lstat(link)).isSymbolicLink()).toBe(true);
  expect(await readFile(target, 'utf8')).toBe('whole');
});
