import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Clocks, RunHold } from '../../src/playground/clocks.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

it('a clock ends after its time, unless it is stopped', async () => {
  const clocks = new Clocks();
  const ended: string[] = [];
  clocks.start(100, () => ended.push('a'));
  const stop = clocks.start(100, () => ended.push('b'));
  stop();
  await vi.advanceTimersByTimeAsync(99);
  expect(ended).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(ended).toEqual(['a']);
});

it('a clock that is stopped by what had come when its time was over has not ended', async () => {
  const clocks = new Clocks();
  const ended: string[] = [];
  const stop = clocks.start(100, () => ended.push('a'));
  clocks.start(100, () => ended.push('b'));
  vi.advanceTimersByTime(100);
  stop();
  await vi.advanceTimersByTimeAsync(1);
  expect(ended).toEqual(['b']);
});

it('all stand still until nobody holds them any more', async () => {
  const clocks = new Clocks();
  const hold = new RunHold(clocks);
  const ended: string[] = [];
  clocks.start(100, () => ended.push('before'));
  await vi.advanceTimersByTimeAsync(40);
  hold.begin();
  clocks.start(10, () => ended.push('meanwhile'));
  let answer!: (value: boolean) => void;
  const question = clocks.hold(new Promise<boolean>((resolve) => (answer = resolve)));
  await vi.advanceTimersByTimeAsync(1000);
  hold.end();
  await vi.advanceTimersByTimeAsync(1000);
  expect(ended).toEqual([]);
  answer(true);
  expect(await question).toBe(true);
  await vi.advanceTimersByTimeAsync(10);
  expect(ended).toEqual(['meanwhile']);
  await vi.advanceTimersByTimeAsync(50);
  expect(ended).toEqual(['meanwhile', 'before']);
});
