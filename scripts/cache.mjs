// Where things that are costly to make live between runs: outside the work tree, shared by all clones.
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** The folder for everything that can be made again. */
export const cacheFolder = path.join(
  process.env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache'),
  'socket-playground',
);

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/**
 * Removes what runs that have died left behind: folders called NAME.PID-… of processes that are gone.
 * @param {string} parent
 * @param {string} prefix
 */
async function sweep(parent, prefix) {
  for (const entry of await readdir(parent)) {
    const pid = entry.startsWith(`${prefix}.`)
      ? Number(entry.slice(prefix.length + 1).split('-', 1)[0])
      : NaN;
    if (Number.isInteger(pid) && !isAlive(pid)) {
      await rm(path.join(parent, entry), { recursive: true, force: true });
    }
  }
}

let count = 0;

/**
 * An empty folder of this process's own in the cache; what processes that died left there goes.
 * @param {string} name
 * @returns {Promise<string>}
 */
export async function ownFolder(name) {
  await mkdir(cacheFolder, { recursive: true });
  await sweep(cacheFolder, name);
  const folder = path.join(cacheFolder, `${name}.${process.pid}-${(count += 1)}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  return folder;
}

/**
 * A folder that is either complete or not there: made aside, then renamed. An interrupted run leaves nothing that
 * looks done, and of two runs at once the first to finish wins.
 * @param {string} name Names everything that the content depends on.
 * @param {(folder: string) => Promise<void>} fill
 * @returns {Promise<string>}
 */
export async function cachedFolder(name, fill) {
  const folder = path.join(cacheFolder, name);
  if (existsSync(folder)) {
    return folder;
  }
  const partial = await ownFolder(`${name}.partial`);
  try {
    await fill(partial);
    await rename(partial, folder);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (!(code === 'ENOTEMPTY' || code === 'EEXIST') || !existsSync(folder)) {
      throw error;
    }
  }
  return folder;
}
