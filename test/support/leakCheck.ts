import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { afterAll, afterEach, beforeAll } from 'vitest';

const childrenOf = (process: string): string[] =>
  readdirSync(`/proc/${process}/task`).flatMap((task) =>
    readFileSync(`/proc/${process}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
  );

/** Ends the descendants of a process: what a test that failed has left would be told of as a second failure. */
function endDescendants(of: string): void {
  try {
    for (const pid of childrenOf(of)) {
      endDescendants(pid);
      process.kill(Number(pid), 'SIGKILL');
    }
  } catch {
    // It has just ended.
  }
}

/** Sockets and child processes of this process: name by name, so that a failure tells what was left. */
function held(): Map<string, string> {
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

// Runs around every file, in the file's own process; this file's afterAll is the last.
if (existsSync('/proc/self/task')) {
  let before = new Map<string, string>();
  let hasFailed = false;
  const left = () => [...held()].filter(([key]) => !before.has(key)).map(([, what]) => what);

  beforeAll(() => {
    before = held();
  });

  afterEach(({ task }) => {
    hasFailed ||= task.result?.state === 'fail';
  });

  afterAll(async () => {
    if (hasFailed) {
      endDescendants('self');
      return;
    }
    // A process and a socket that were told to end take a moment, and neither says so to us.
    for (let tries = 0; tries < 400 && left().length > 0; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const leaks = left();
    if (leaks.length > 0) {
      throw new Error(`Left open by this file: ${leaks.join(', ')}`);
    }
  });
}
