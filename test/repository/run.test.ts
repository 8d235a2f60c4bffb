import { existsSync, watch } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { run } from '../../scripts/run.mjs';
import { tempDir, untilTestEnds } from '../support/disposal.js';

it('says what a program wrote, that it failed, or that it is not there', async () => {
  expect(await run('sh', ['-c', 'echo done'])).toBe('done\n');
  await expect(run('sh', ['-c', 'echo wrong >&2; exit 3'])).rejects.toThrow(/ended with 3:\nwrong$/);
  await expect(run('no-such-program', [])).rejects.toThrow('ENOENT');
});

it('has ended what it ends', async () => {
  const { path: cwd } = untilTestEnds(await tempDir());
  const controller = new AbortController();
  watch(cwd, { signal: controller.signal }, () => controller.abort());
  const script = 'trap "sleep 0.1; echo > ended; exit 1" TERM; echo > begun; while :; do sleep 0.01; done';
  await expect(run('sh', ['-c', script], { cwd, signal: controller.signal })).rejects.toThrow('aborted');
  expect(existsSync(path.join(cwd, 'ended'))).toBe(true);
});
