import { signal } from '@preact/signals';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FrameQueue } from '../../src/webview/state/frameQueue.js';
import { Landing } from '../../src/webview/state/landing.js';
import { ElementKeys } from '../../src/webview/state/elementKeys.js';

describe('a view that is scrolled far', () => {
  let late: number;
  let read: Set<number>;
  let landing: Landing;
  const isHere = (top: number) => read.has(top);
  const follow = (target: number) => landing.follow(target, false, isHere);

  beforeEach(() => {
    vi.useFakeTimers();
    late = 0;
    read = new Set([0]);
    landing = new Landing(() => late++);
  });
  afterEach(() => vi.useRealTimers());

  it('shows where it was until the rows there are read', () => {
    expect(follow(1000)).toBe(0);
    read.add(1000);
    expect(follow(1000)).toBe(1000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('follows a drag with the rows that have come, of the latest place', () => {
    expect([1000, 2000, 3000].map(follow)).toEqual([0, 0, 0]);
    read.add(1000).add(2000);
    expect(follow(4000)).toBe(2000);
    expect(follow(5000)).toBe(2000);
    // A place before the one that is shown is not gone back to.
    read.delete(2000);
    read.add(3000);
    expect(follow(5000)).toBe(3000);
  });

  it('goes there without rows when they do not come', () => {
    expect(follow(1000)).toBe(0);
    vi.runAllTimers();
    expect(late).toBe(1);
    expect(follow(1000)).toBe(1000);
    // There is nothing to keep in view: what is scrolled to is shown at once, and rows as soon as some are here.
    expect(follow(2000)).toBe(2000);
    expect(follow(2500)).toBe(2500);
    expect(vi.getTimerCount()).toBe(0);
    // It is drawn again without having moved.
    expect(landing.follow(2500, true, isHere)).toBe(2500);
    read.add(2000);
    expect(follow(3000)).toBe(2000);
  });

  it('goes at once where some of its rows stay in view', () => {
    expect(landing.follow(100, true, isHere)).toBe(100);
    landing.land(5000);
    expect(landing.top).toBe(5000);
  });
});

describe('the elements of rows', () => {
  const keysOf = (keys: ReadonlyMap<number, number>) => [...keys.values()];

  it('stay with their rows, and new ones get others', () => {
    const keys = new ElementKeys<number>();
    expect(keysOf(keys.assign([1, 2, 3], null))).toEqual([1, 2, 3]);
    expect(keysOf(keys.assign([2, 3, 4], null))).toEqual([2, 3, 4]);
    expect(keysOf(keys.assign([1, 2], null))).toEqual([5, 2]);
  });

  it('of what has gone are used for what has come in the same place, and none has to be moved', () => {
    const keys = new ElementKeys<string>();
    keys.assign(['a', 'listener', 'b', 'c']);
    expect([...keys.assign(['d', 'e', 'listener', 'f', 'g', 'h']).entries()]).toEqual([
      ['d', 1],
      ['e', 5],
      ['listener', 2],
      ['f', 3],
      ['g', 4],
      ['h', 6],
    ]);
    // In another order each keeps its own.
    expect([...keys.assign(['f', 'listener', 'i', 'd']).entries()]).toEqual([
      ['f', 3],
      ['listener', 2],
      ['i', 7],
      ['d', 1],
    ]);
  });

  it('are used again after a jump, but for the selected row’s, which none of them passes', () => {
    const keys = new ElementKeys<number>();
    keys.assign([1, 2, 3], 2);
    expect(keysOf(keys.assign([101, 102, 103, 2], 2))).toEqual([1, 4, 5, 2]);
    expect(keysOf(keys.assign([201, 202, 2], 2))).toEqual([1, 4, 2]);
    expect(keysOf(keys.assign([2, 301, 302], 2))).toEqual([2, 6, 7]);
    expect(keysOf(keys.assign([2, 401, 402], 2))).toEqual([2, 6, 7]);
    // Another one is selected, or it is not drawn any more.
    expect(keysOf(keys.assign([501, 502], 501))).toEqual([2, 6]);
    expect(keysOf(keys.assign([601, 602], 501))).toEqual([6, 8]);
  });
});

it('shows all that has come with one frame, once', () => {
  const frames: FrameRequestCallback[] = [];
  vi.stubGlobal('requestAnimationFrame', (callback: FrameRequestCallback) => frames.push(callback));
  const [one, other] = [signal(0), signal(0)];
  const seen: string[] = [];
  const stop = [one, other].map((source) => source.subscribe(() => seen.push(`${one.value} ${other.value}`)));
  seen.length = 0;
  const queue = new FrameQueue();
  const show = () => (one.value += 1);
  queue.add(show);
  queue.add(show);
  queue.add(() => (other.value += 1));
  expect(frames).toHaveLength(1);
  frames.splice(0).forEach((frame) => frame(0));
  expect(seen).toEqual(['1 1', '1 1']);
  // A frame that begins with scrolling brings along what is due, which then has been shown.
  queue.add(show);
  queue.begin(() => (other.value += 1));
  frames.splice(0).forEach((frame) => frame(0));
  expect([one.value, other.value]).toEqual([2, 2]);
  stop.forEach((end) => end());
  vi.unstubAllGlobals();
});
