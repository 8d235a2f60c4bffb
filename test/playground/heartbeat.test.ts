import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  busyPatience,
  Heartbeat,
  type HeartbeatOptions,
  interval,
  look,
  patience,
} from '../../src/playground/heartbeat.js';
import { ProcessActivity } from '../../src/playground/processActivity.js';
import { spawnSource } from '../support/sourceProcess.js';

let heartbeat: Heartbeat | undefined;

function beating(ping: () => Promise<void>, isBusy: HeartbeatOptions['isBusy'] = () => false) {
  const told: boolean[] = [];
  heartbeat = new Heartbeat({ ping, isBusy, onDidChange: (isResponsive) => told.push(isResponsive) });
  heartbeat.start();
  return { heartbeat, told };
}

/** Up to the question, and then so many looks whether it is answered. */
async function ask(looks: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(interval);
  await passLooks(looks);
}

/** A look is a timer and a turn of the event loop. */
async function passLooks(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await vi.advanceTimersByTimeAsync(look);
    await vi.advanceTimersByTimeAsync(1);
  }
}

const silence = () => new Promise<void>(() => {});

describe('the heartbeat', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    heartbeat?.dispose();
    vi.useRealTimers();
  });

  test('says nothing while the answers come', async () => {
    const ping = vi.fn<() => Promise<void>>(() => Promise.resolve());
    const { told } = beating(ping);
    await vi.advanceTimersByTimeAsync(10 * interval);
    expect(ping).toHaveBeenCalledTimes(10);
    expect(told).toEqual([]);
  });

  test('tells when the answers stop, and when they come again', async () => {
    let answer = () => {};
    const { told } = beating(() => new Promise((resolve) => (answer = resolve)));
    await ask(patience - 1);
    expect(told).toEqual([]);
    await passLooks(1);
    expect(told).toEqual([false]);
    await passLooks(20);
    expect(told).toEqual([false]);
    answer();
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toEqual([false, true]);
    // And asks again.
    await ask(patience);
    expect(told).toEqual([false, true, false]);
  });

  test('counts an answer that came while this side could not read it', async () => {
    let answer = () => {};
    const { told } = beating(() => new Promise((resolve) => (answer = resolve)));
    await ask(patience - 1);
    // The time of the last look is over, but the turn of the event loop in which pipes are read is not.
    vi.advanceTimersByTime(look);
    answer();
    await vi.advanceTimersByTimeAsync(0);
    await passLooks(3);
    expect(told).toEqual([]);
  });

  test('takes everything that comes for a sign of life', async () => {
    const { heartbeat, told } = beating(silence);
    await ask(patience - 1);
    for (let i = 0; i < 10; i++) {
      heartbeat.noteLife();
      await passLooks(patience - 1);
    }
    expect(told).toEqual([]);
    await passLooks(1);
    expect(told).toEqual([false]);
    heartbeat.noteLife();
    expect(told).toEqual([false, true]);
  });

  test('counts the time in which this side was blocked, or its machine asleep, as one look', async () => {
    const { told } = beating(silence);
    await ask(0);
    // An hour goes by without a turn of the event loop: the timer is late, once.
    vi.setSystemTime(Date.now() + 3_600_000);
    await passLooks(patience - 1);
    expect(told).toEqual([]);
  });

  test('waits longer for a side that works, but not for ever', async () => {
    const isBusy = vi.fn<() => boolean>(() => true);
    const { told } = beating(silence, isBusy);
    await ask(busyPatience - 1);
    expect(told).toEqual([]);
    await passLooks(1);
    expect(told).toEqual([false]);
  });

  test('counts only the looks in which the other side did not work', async () => {
    let isBusy = true;
    const { told } = beating(silence, () => isBusy);
    await ask(10);
    isBusy = false;
    await passLooks(patience - 1);
    expect(told).toEqual([]);
    await passLooks(1);
    expect(told).toEqual([false]);
  });

  test('rests when the other side has gone, or when it is disposed', async () => {
    const gone = vi.fn<() => Promise<void>>(() => Promise.reject(new Error('gone')));
    const { told } = beating(gone);
    await vi.advanceTimersByTimeAsync(10 * interval);
    expect(gone).toHaveBeenCalledTimes(1);
    const ping = vi.fn<() => Promise<void>>(() => Promise.resolve());
    heartbeat?.dispose();
    beating(ping).heartbeat.dispose();
    await vi.advanceTimersByTimeAsync(10 * interval);
    expect(ping).not.toHaveBeenCalled();
    expect(told).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('looks also in a process in which nothing else happens', async () => {
  // Time goes a hundred times as fast there, and only the heartbeat's timers and the pipe are left.
  const { message } = await spawnSource(`
    import { Heartbeat } from './src/playground/heartbeat.js';
    const wait = setTimeout;
    globalThis.setTimeout = (action, ms) => wait(action, ms / 100);
    process.on('message', () => {});
    const options = { ping: () => new Promise(() => {}), isBusy: () => false };
    new Heartbeat({ ...options, onDidChange: (isResponsive) => process.send({ isResponsive }) }).start();
  `);
  expect(message).toEqual({ isResponsive: false });
});

describe('what a process does', () => {
  /** A program in a process of its own, once it has written its first line. */
  async function run(source: string): Promise<number> {
    const child = spawn(process.execPath, ['-e', `process.stdout.write('\\n'); ${source}`]);
    onTestFinished(async () => {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    });
    await once(child.stdout, 'data');
    return child.pid!;
  }

  test('is work while it computes, and none while it waits, is stopped or has gone', async () => {
    const busy = new ProcessActivity(await run('for (;;);'));
    await expect.poll(() => busy.isBusy()).toBe(true);

    const idle = new ProcessActivity(await run('setInterval(() => {}, 1000);'));
    await expect.poll(() => idle.isBusy()).toBe(false);

    const pid = await run('for (;;);');
    const stopped = new ProcessActivity(pid);
    process.kill(pid, 'SIGSTOP');
    await expect.poll(() => stopped.isBusy()).toBe(false);

    expect(new ProcessActivity(2 ** 30).isBusy()).toBe(false);
  });
});
