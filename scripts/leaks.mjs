// Finds processes that outlived what started them: every descendant inherits a mark in its environment, whoever its
// parent is by now.
import { readFile, readdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';

/** The variable that carries the mark. */
export const markVariable = 'SOCKET_PLAYGROUND_SUITE';

/**
 * @param {string} mark
 * @returns {Promise<{ pid: number, command: string }[]>} Empty where the system does not tell (no /proc).
 */
async function findMarked(mark) {
  if (!existsSync('/proc/self/environ')) {
    return [];
  }
  const found = [];
  for (const entry of await readdir('/proc')) {
    const pid = Number(entry);
    if (Number.isInteger(pid) && pid !== process.pid) {
      try {
        const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
        if (environment.split('\0').includes(`${markVariable}=${mark}`)) {
          const command = await readFile(`/proc/${pid}/cmdline`, 'utf8');
          // A zombie has no command line: it has ended, only nobody has asked yet.
          if (command !== '') {
            found.push({ pid, command: command.split('\0').join(' ').trim() });
          }
        }
      } catch {
        // It has ended meanwhile, or is somebody else's.
      }
    }
  }
  return found;
}

/**
 * Waits until no process carries the mark; ends those that stay.
 * @param {string} mark
 * @param {number} [graceMs] How long they may take to end by themselves.
 * @returns {Promise<string[]>} The command lines of those that had to be ended.
 */
export async function endLeftovers(mark, graceMs = 10_000) {
  const start = Date.now();
  let left = await findMarked(mark);
  while (left.length > 0 && Date.now() - start < graceMs) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    left = await findMarked(mark);
  }
  for (const { pid } of left) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has just ended.
    }
  }
  return left.map(({ command }) => command);
}
