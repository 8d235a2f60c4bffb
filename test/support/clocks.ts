import { onTestFinished, vi } from 'vitest';

/** Until the test ends the clocks of a run go on only by `vi.advanceTimersByTimeAsync`, however slow the machine is. */
export function stopClocks(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
}
