import { describe, expect, test } from 'vitest';
import { epoll, epollControl, family, socketType } from '../../src/socketHost/sys/linux.js';
import { Memory } from '../../src/socketHost/sys/memory.js';
import { Poller } from '../../src/socketHost/sys/poller.js';
import * as sys from '../../src/socketHost/sys/syscall.js';
import { untilTestEnds } from '../support/disposal.js';

const byte = new Memory(8);

/** One end of a pair, and what sends a byte to it. */
function openPair(): { fd: number; send: () => void } {
  const pair = new Memory(8);
  const type = socketType.SOCK_STREAM | socketType.SOCK_NONBLOCK | socketType.SOCK_CLOEXEC;
  expect(sys.socketpair(family.AF_UNIX, type, 0, pair)).toBe(0);
  const [fd = -1, other = -1] = pair.i32!;
  untilTestEnds({
    dispose: async () => {
      sys.close(fd);
      sys.close(other);
    },
  });
  return { fd, send: () => expect(sys.send(other, byte, 0, 1)).toBe(1) };
}

function openPoller(): Poller {
  const epfd = sys.epollCreate(epollControl.CLOEXEC);
  const poller = new Poller(epfd);
  untilTestEnds({
    dispose: async () => {
      poller.dispose();
      sys.close(epfd);
    },
  });
  return poller;
}

/**
 * Bytes one by one, each sent when the one before has been received, at once or in the next turn of the loop. How many turns
 * and fetches that takes, and whether a timer had its turn meanwhile.
 */
async function exchange(count: number, { isQuiet, isSentLater }: { isQuiet: boolean; isSentLater: boolean }) {
  const poller = openPoller();
  const { fd, send } = openPair();
  let turns = 0;
  let hasTicked = false;
  let received = 0;
  await new Promise<void>((resolve) => {
    const turn = (): void => {
      turns++;
      if (received < count) {
        setImmediate(turn);
      } else {
        resolve();
      }
    };
    setTimeout(() => (hasTicked = received < count), 1);
    const onReady = (events: number): boolean => {
      if (events & epoll.IN && sys.recv(fd, byte, 0, 1) === 1 && ++received < count) {
        if (isSentLater) {
          setImmediate(send);
        } else {
          send();
        }
      }
      return isQuiet;
    };
    poller.add(fd, { onReady }, false);
    send();
    turn();
  });
  return { turns, hasTicked, fetches: poller.fetches };
}

describe('the poller', () => {
  test('waits for more itself under messages that come one by one, and lets the loop do its work', async () => {
    const { turns, hasTicked } = await exchange(20_000, { isQuiet: true, isSentLater: false });
    expect(turns).toBeLessThan(10_000);
    expect(hasTicked).toBe(true);
  });

  test('lets the loop go on where that has something to do', async () => {
    const { turns } = await exchange(2000, { isQuiet: false, isSentLater: false });
    expect(turns).toBeGreaterThanOrEqual(2000);
  });

  test('seldom waits for what only the loop can bring', async () => {
    const { fetches } = await exchange(2000, { isQuiet: true, isSentLater: true });
    expect(fetches).toBeLessThan(2010);
  });

  test('does not wait after a single event', async () => {
    const poller = openPoller();
    const { fd } = openPair();
    await new Promise<void>((resolve) => {
      const onReady = (): boolean => {
        resolve();
        return true;
      };
      poller.add(fd, { onReady }, true);
    });
    expect(poller.fetches).toBe(1);
  });

  test('tells of room to send where that is asked for, and then also of what is up already', async () => {
    const poller = openPoller();
    const { fd, send } = openPair();
    let told: (events: number) => void = () => {};
    const next = () => new Promise<number>((resolve) => (told = resolve));
    const onReady = (events: number): boolean => {
      told(events);
      return true;
    };
    const first = next();
    const slot = poller.add(fd, { onReady }, false);
    // There is room all the time: had that been told, it were first.
    setImmediate(send);
    expect(await first).toBe(epoll.IN);
    const second = next();
    poller.addRoom(fd, slot);
    expect(await second).toBe(epoll.IN | epoll.OUT);
  });
});
