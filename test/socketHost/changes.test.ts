import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Changes } from '../../src/socketHost/changes.js';

const frameMs = 16;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test('the first change is told at once, others once a frame, and more seldom while very much happens', () => {
  const start = performance.now();
  const times: number[] = [];
  let isBusy = false;
  const changes = new Changes(frameMs, () => {
    times.push(performance.now() - start);
    if (isBusy) {
      changes.slowDown();
    }
  });
  const changeFor = (ms: number) => {
    for (let passed = 0; passed < ms; passed++) {
      changes.schedule();
      vi.advanceTimersByTime(1);
    }
  };
  changeFor(2 * frameMs);
  isBusy = true;
  changeFor(6 * frameMs);
  isBusy = false;
  changeFor(4 * frameMs);
  changes.dispose();
  const frames = times.map((time) => Math.round(time / frameMs));
  expect(frames).toEqual([0, 1, 2, 3, 6, 9, 10, 11, 12]);
});
