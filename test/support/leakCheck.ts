import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll } from 'vitest';

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
  for (const task of readdirSync('/proc/self/task')) {
    for (const pid of readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ').filter(Boolean)) {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
        found.set(`process ${pid}`, `process ${pid} (${command})`);
      } catch {
        // It has ended meanwhile.
      }
    }
  }
  return found;
}

// Runs around every file, in the file's own process; this file's afterAll is the last.
if (existsSync('/proc/self/task')) {
  let before = new Map<string, string>();
  const left = () => [...held()].filter(([key]) => !before.has(key)).map(([, what]) => what);

  beforeAll(() => {
    before = held();
  });

  afterAll(async () => {
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
