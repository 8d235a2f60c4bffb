import { isStrace, tracedBy } from './processes.js';

/** How long a program has to end after a signal, in ms. */
const graceMs = 1500;
const lookMs = 20;

/**
 * Asks a program that strace has started to end: all that is traced gets SIGTERM, which strace itself waits out, so that
 * the end is traced too. What is still there after a moment is killed. Resolves when strace has ended.
 * @param strace The number of strace.
 */
export async function endTraced(strace: number): Promise<void> {
  for (const name of ['SIGTERM', 'SIGKILL'] as const) {
    signal(tracedBy(strace), name);
    if (await hasEnded(strace)) {
      return;
    }
  }
  signal([strace], 'SIGKILL');
}

/** Lets go of a process that strace was attached to. Resolves when strace has ended. */
export async function leaveTraced(strace: number): Promise<void> {
  signal([strace], 'SIGTERM');
  await hasEnded(strace);
}

async function hasEnded(strace: number): Promise<boolean> {
  const late = performance.now() + graceMs;
  while (isStrace(strace)) {
    if (performance.now() > late) {
      return false;
    }
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
  return true;
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
