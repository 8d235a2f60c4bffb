import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SocketInspection } from '../../src/common/socket.js';
import { Inspections } from '../../src/socketHost/inspections.js';
import type { Socket } from '../../src/socketHost/socket.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const socket = {} as Socket;
const other = {} as Socket;

function counted() {
  const looks: { socket: Socket; levels: string[]; at: number }[] = [];
  const inspections = new Inspections((looked, levels) => {
    looks.push({ socket: looked, levels: [...levels], at: performance.now() });
    return { pid: looks.length } as SocketInspection;
  });
  return { looks, inspections };
}

describe('inspections', () => {
  it('look at a socket at most 10 times a second, however often they are asked', async () => {
    const { looks, inspections } = counted();
    const answers: Promise<SocketInspection | null>[] = [];
    for (let ms = 0; ms < 1000; ms += 1) {
      answers.push(inspections.ask(socket, []));
      await vi.advanceTimersByTimeAsync(1);
    }
    await vi.runAllTimersAsync();
    expect(looks.length).toBeGreaterThan(8);
    expect(looks.filter(({ at }) => at < looks[0]!.at + 1000).length).toBeLessThanOrEqual(10);
    for (const [index, { at }] of looks.slice(1).entries()) {
      expect(at - looks[index]!.at).toBeGreaterThanOrEqual(100);
    }
    expect(await Promise.all(answers)).toHaveLength(1000);
  });

  it('do not look when nobody asks', async () => {
    const { looks, inspections } = counted();
    await inspections.ask(socket, []);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(looks).toHaveLength(1);
  });

  it('answer everybody who waits with one look at all levels that were asked for', async () => {
    const { looks, inspections } = counted();
    await inspections.ask(socket, ['SOL_SOCKET']);
    const first = inspections.ask(socket, ['IPPROTO_IP']);
    const second = inspections.ask(socket, ['IPPROTO_TCP']);
    await vi.advanceTimersByTimeAsync(100);
    expect(await first).toBe(await second);
    expect(looks.map(({ levels }) => levels)).toEqual([['SOL_SOCKET'], ['IPPROTO_IP', 'IPPROTO_TCP']]);
  });

  it('of one socket do not wait for another', async () => {
    const { looks, inspections } = counted();
    await inspections.ask(socket, []);
    await inspections.ask(other, []);
    expect(looks.map((look) => look.socket)).toEqual([socket, other]);
  });

  it('that wait for a socket which is closed, or for a host that ends, are answered with null', async () => {
    const { looks, inspections } = counted();
    await inspections.ask(socket, []);
    await inspections.ask(other, []);
    const [closed, ended] = [inspections.ask(socket, []), inspections.ask(other, [])];
    inspections.remove(socket);
    expect(await closed).toBeNull();
    inspections.dispose();
    expect(await ended).toBeNull();
    expect(vi.getTimerCount()).toBe(0);
    expect(looks).toHaveLength(2);
  });
});
