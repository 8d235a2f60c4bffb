import { execFileSync } from 'node:child_process';
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { fileLimit, readScenarioFile } from '../../src/playground/scenarioFile.js';
import { tempDir, untilTestEnds } from '../support/disposal.js';

let folder: string;

beforeEach(async () => {
  folder = untilTestEnds(await tempDir()).path;
});

test('a file of at most the limit is read whole, an empty one too', async () => {
  const file = path.join(folder, 'data');
  await writeFile(file, '');
  expect(await readScenarioFile(file)).toHaveLength(0);
  const bytes = new Uint8Array(200_000).map((_, index) => index % 251);
  await writeFile(file, bytes);
  const read = await readScenarioFile(file, bytes.length);
  expect(Buffer.compare(read, bytes)).toBe(0);
});

test('a larger one is refused', async () => {
  const file = path.join(folder, 'data');
  await writeFile(file, '');
  await truncate(file, fileLimit + 1);
  await expect(readScenarioFile(file)).rejects.toThrow('The file is larger than 64 MiB.');
});

test('the kernel makes up the size of some files: what is read counts', async () => {
  expect(new TextDecoder().decode(await readScenarioFile('/proc/self/status'))).toContain('Pid:');
  await expect(readScenarioFile('/proc/self/status', 10)).rejects.toThrow('larger');
});

test('what is no regular file is refused without being waited for', async () => {
  const fifo = path.join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  await mkdir(path.join(folder, 'folder'));
  for (const name of [fifo, path.join(folder, 'folder'), '/dev/zero']) {
    await expect(readScenarioFile(name)).rejects.toThrow('Not a regular file.');
  }
});

test('a file that is not there is named', async () => {
  const file = path.join(folder, 'none');
  await expect(readScenarioFile(file)).rejects.toThrow(`The file cannot be read: ENOENT`);
});
