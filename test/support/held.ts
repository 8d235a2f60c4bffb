import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The child processes of one. */
export const childrenOf = (process: string): string[] =>
  readdirSync(`/proc/${process}/task`).flatMap((task) =>
    readFileSync(`/proc/${process}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
  );

/** Sockets and child processes of this process: name by name, so that a failure tells what was left. */
export function held(): Map<string, string> {
  const found = new Map<string, string>();
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      if (target.startsWith('socket:')) {
        found.set(`${fd} ${target}`, `descriptor ${fd} (${target})`);
      }
    } catch {
      // The descriptor with which the list itself was read.
    }
  }
  for (const pid of childrenOf('self')) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
      found.set(`process ${pid}`, `process ${pid} (${command})`);
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

/** What this process keeps from one test file to the next. */
export const outliving = new Set<string>();

/** Makes what outlives the file that happens to need it first. */
export async function makeOutliving<T>(make: () => Promise<T>): Promise<T> {
  const before = held();
  const made = await make();
  for (const key of held().keys()) {
    if (!before.has(key)) {
      outliving.add(key);
    }
  }
  return made;
}
