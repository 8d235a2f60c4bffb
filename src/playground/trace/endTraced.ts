import { readdirSync } from 'node:fs';
import { tracerOf } from './strace.js';

/** How long a program has to end after SIGTERM, in ms. */
const graceMs = 2000;

/**
 * Asks a program that strace has started to end: all that is traced gets SIGTERM, which strace itself waits out, so that
 * the end is traced too. What is still there after a moment is killed.
 * @param strace The number of strace.
 * @param ended Resolves when strace has ended.
 */
export async function endTraced(strace: number, ended: Promise<unknown>): Promise<void> {
  signal(tracedBy(strace), 'SIGTERM');
  let timer: NodeJS.Timeout | undefined;
  const isLate = await Promise.race([
    ended.then(() => false),
    new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(true), graceMs);
    }),
  ]);
  clearTimeout(timer);
  if (isLate) {
    signal([...tracedBy(strace), strace], 'SIGKILL');
  }
}

function signal(pids: readonly number[], name: 'SIGTERM' | 'SIGKILL'): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // It has ended.
    }
  }
}

/** Whoever has started them, and whoever's children they have become. */
function tracedBy(strace: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && tracerOf(pid) === strace);
}
