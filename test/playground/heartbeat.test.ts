import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Heartbeat, interval, patience } from '../../src/playground/heartbeat.js';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function beating(ping: () => Promise<void>) {
  const told: boolean[] = [];
  const heartbeat = new Heartbeat(ping, (isResponsive) => told.push(isResponsive));
  heartbeat.start();
  return { heartbeat, told };
}

test('says nothing while the answers come', async () => {
  const ping = vi.fn<() => Promise<void>>(() => Promise.resolve());
  const { heartbeat, told } = beating(ping);
  await vi.advanceTimersByTimeAsync(10 * interval);
  expect(ping).toHaveBeenCalledTimes(10);
  expect(told).toEqual([]);
  heartbeat.dispose();
});

test('tells when the answers stop, and when they come again', async () => {
  let answer = () => {};
  const { heartbeat, told } = beating(() => new Promise((resolve) => (answer = resolve)));
  await vi.advanceTimersByTimeAsync(interval + patience - 1);
  expect(told).toEqual([]);
  // At the end of patience, and a turn of the event loop later.
  await vi.advanceTimersByTimeAsync(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(told).toEqual([false]);
  await vi.advanceTimersByTimeAsync(10 * interval);
  expect(told).toEqual([false]);
  answer();
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual([false, true]);
  heartbeat.dispose();
});

test('counts an answer that came while this side could not read it', async () => {
  let answer = () => {};
  const { heartbeat, told } = beating(() => new Promise((resolve) => (answer = resolve)));
  await vi.advanceTimersByTimeAsync(interval);
  // Patience is over, but the turn of the event loop in which pipes are read is not.
  vi.advanceTimersByTime(patience);
  answer();
  await vi.advanceTimersByTimeAsync(1);
  expect(told).toEqual([]);
  heartbeat.dispose();
});

test('rests when the other side has gone, or when it is disposed', async () => {
  const gone = vi.fn<() => Promise<void>>(() => Promise.reject(new Error('gone')));
  const { told } = beating(gone);
  await vi.advanceTimersByTimeAsync(10 * interval);
  expect(gone).toHaveBeenCalledTimes(1);
  const ping = vi.fn<() => Promise<void>>(() => Promise.resolve());
  beating(ping).heartbeat.dispose();
  await vi.advanceTimersByTimeAsync(10 * interval);
  expect(ping).not.toHaveBeenCalled();
  expect(told).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});
