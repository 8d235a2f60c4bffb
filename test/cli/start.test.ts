import { copyFileSync, readdirSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';
import { tempDir, untilTestEnds } from '../support/disposal.js';
import { cliPath } from './commandLine.js';

/** A program that says a word, and is started as the command line is. */
async function programOf(word: string) {
  const { path: folder } = untilTestEnds(await tempDir());
  const start = path.join(folder, 'test.js');
  copyFileSync(cliPath, start);
  const write = (said: string) =>
    writeFileSync(
      path.join(folder, 'test.program.js'),
      `(function (require) { require('node:fs').writeSync(1, ${JSON.stringify(said)}); })`,
    );
  write(word);
  return {
    write,
    run: (under: readonly string[] = []) => {
      const [program, ...args] = [...under, process.execPath, start];
      return execFileSync(program, args, { encoding: 'utf8' });
    },
    caches: () =>
      readdirSync(folder)
        .filter((name) => name.includes('cache'))
        .map((name) => path.join(folder, name)),
  };
}

it('keeps what V8 has compiled beside the program, once', async () => {
  const { run, caches } = await programOf('first');
  expect(run()).toBe('first');
  const [cache, ...others] = caches();
  expect(others).toEqual([]);
  const { mtimeMs } = statSync(cache!);
  expect(run()).toBe('first');
  expect(caches()).toEqual([cache]);
  expect(statSync(cache!).mtimeMs).toBe(mtimeMs);
});

it('runs the program that is there now, also one of the same length', async () => {
  const { run, write } = await programOf('first');
  expect(run()).toBe('first');
  write('later');
  expect(run()).toBe('later');
  expect(run()).toBe('later');
});

it('does not need what was kept, and mends it', async () => {
  const { run, caches } = await programOf('first');
  run();
  const [cache] = caches();
  const { size } = statSync(cache!);
  truncateSync(cache!, 40);
  utimesSync(cache!, 1, 1);
  expect(run()).toBe('first');
  expect(statSync(cache!).size).toBe(size);
});

it('runs where nothing can be written, and leaves nothing half written', async () => {
  const { run, caches } = await programOf('first');
  expect(run(['prlimit', '--fsize=0'])).toBe('first');
  expect(caches()).toEqual([]);
});
