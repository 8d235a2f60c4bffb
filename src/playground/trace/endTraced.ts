import { readFileSync } from 'node:fs';

/** How long a program has to end after SIGTERM, in ms. */
const graceMs = 2000;

/**
 * Asks a program that strace has started to end: its group gets SIGTERM, which strace itself waits out, so that the end
 * is traced too. What is still there after a moment is killed.
 * @param strace The number of strace, which leads the group.
 * @param hasEnded Whether strace has ended.
 */
export async function endTraced(strace: number, hasEnded: () => boolean): Promise<void> {
  signal(strace, 'SIGTERM');
  for (let waited = 0; waited < graceMs && !hasEnded(); waited += 50) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  if (!hasEnded()) {
    signal(strace, 'SIGKILL');
  }
}

/** Sends a signal to strace's children, and SIGKILL to itself as well. */
function signal(strace: number, name: 'SIGTERM' | 'SIGKILL'): void {
  const pids = [...tracedBy(strace), ...(name === 'SIGKILL' ? [strace] : [])];
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // It has ended.
    }
  }
}

/** The processes that descend from one, as far as they are its children still. */
function tracedBy(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
    const children = text.trim().split(/\s+/).filter(Boolean).map(Number);
    return children.flatMap((child) => [child, ...tracedBy(child)]);
  } catch {
    return [];
  }
}
