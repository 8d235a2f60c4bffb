import type { RunningCall } from './runningCall.js';

/** The time between two tries. */
const retryMs = 10;

/** Calls that wait for what nothing tells of, the oldest first. */
const waiting = new Set<RunningCall>();
let timer: NodeJS.Timeout | undefined;

/**
 * Tries waiting calls again by the clock. All at the same time: of several that wait for the same room the kernel wakes the one
 * that has waited for the longest, and with a clock of its own any of them could find the room first.
 */
export const retries = {
  add(running: RunningCall): void {
    waiting.add(running);
    timer ??= setInterval(tryAll, retryMs);
  },

  remove(running: RunningCall): void {
    waiting.delete(running);
    if (waiting.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  },
};

function tryAll(): void {
  for (const running of [...waiting]) {
    running.proceed(0);
  }
}
