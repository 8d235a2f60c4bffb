import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { cachedFolder as CachedFolder } from '../../scripts/cache.mjs';
import { endLeftovers, markVariable } from '../../scripts/leaks.mjs';
import { tempDir } from '../support/disposal.js';

const temp = await tempDir();
let cache: { cacheFolder: string; cachedFolder: typeof CachedFolder };

beforeEach(async () => {
  vi.stubEnv('XDG_CACHE_HOME', path.join(temp.path, randomUUID()));
  vi.resetModules();
  cache = await import('../../scripts/cache.mjs');
});
afterAll(() => temp.dispose());

describe('a folder in the cache', () => {
  const fill = async (folder: string) => writeFileSync(path.join(folder, 'content'), 'whole');

  it('is made once', async () => {
    const makes = vi.fn(fill);
    const folder = await cache.cachedFolder('thing', makes);
    expect(await cache.cachedFolder('thing', makes)).toBe(folder);
    expect(makes).toHaveBeenCalledOnce();
    expect(readFileSync(path.join(folder, 'content'), 'utf8')).toBe('whole');
  });

  it('is not there after a failure, and is made by the next who asks', async () => {
    const fails = cache.cachedFolder('thing', async (folder) => {
      await fill(folder);
      throw new Error('interrupted');
    });
    await expect(fails).rejects.toThrow('interrupted');
    expect(readdirSync(cache.cacheFolder)).toEqual([]);
    expect(existsSync(await cache.cachedFolder('thing', fill))).toBe(true);
  });

  it('is whole when two make it at once', async () => {
    let start = () => {};
    const started = new Promise<void>((resolve) => {
      start = resolve;
    });
    const first = cache.cachedFolder('thing', async (folder) => {
      await started;
      await fill(folder);
    });
    const second = cache.cachedFolder('thing', async (folder) => {
      start();
      await fill(folder);
    });
    expect(await first).toBe(await second);
    expect(readdirSync(cache.cacheFolder)).toEqual(['thing']);
  });

  it('loses what a process that died had begun', async () => {
    const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    await once(child, 'exit');
    mkdirSync(path.join(cache.cacheFolder, `thing.partial.${child.pid}-1`), { recursive: true });
    await cache.cachedFolder('thing', fill);
    expect(readdirSync(cache.cacheFolder)).toEqual(['thing']);
  });
});

describe('processes that outlive what started them', () => {
  it('are found by their mark, ended and named, also when nobody is their parent', async () => {
    const mark = randomUUID();
    const parent = spawn(
      process.execPath,
      [
        '-e',
        `const child = require('node:child_process').spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
         child.unref();
         console.log(child.pid);`,
      ],
      { env: { ...process.env, [markVariable]: mark }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [[pid]] = (await Promise.all([once(parent.stdout, 'data'), once(parent, 'exit')])) as [
      [Buffer],
      unknown,
    ];
    expect(existsSync(`/proc/${pid.toString().trim()}`)).toBe(true);
    expect(await endLeftovers(mark, 0)).toEqual(['sleep 1000']);
    expect(await endLeftovers(mark, 30_000)).toEqual([]);
  });
});
