import { existsSync } from 'node:fs';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { childrenOf, held, outliving } from './held.js';

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

// Runs around every file, in the file's own process; this file's afterAll is the last.
if (existsSync('/proc/self/task')) {
  let before = new Map<string, string>();
  let hasFailed = false;
  const left = () =>
    [...held()].filter(([key]) => !before.has(key) && !outliving.has(key)).map(([, what]) => what);

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
