import type { OpenFile } from './openFile.js';
import type { RunningCall } from './runningCall.js';

/** By the socket whose queue is full: the calls of others that wait for room in it, the oldest first. */
const waits = new WeakMap<OpenFile, Set<RunningCall>>();

/** The waits for room in a full Unix listener or receiver. Readiness does not tell of it; what our own calls take out does. */
export const roomWaits = {
  add(room: OpenFile | null, running: RunningCall): void {
    if (room) {
      waits.set(room, (waits.get(room) ?? new Set()).add(running));
    }
  },

  remove(room: OpenFile | null, running: RunningCall): void {
    if (room) {
      waits.get(room)?.delete(running);
    }
  },

  /** Something was taken out: the kernel wakes the oldest wait, which stands behind the others when it goes on. */
  wakeFirst(room: OpenFile): void {
    wake(room, 1);
  },

  /** There is room for more. */
  wakeAll(room: OpenFile): void {
    wake(room, Infinity);
  },
};

/** Wakes so many, once the call that does so has returned. */
function wake(room: OpenFile, count: number): void {
  if (!waits.get(room)?.size) {
    return;
  }
  queueMicrotask(() => {
    const all = waits.get(room)!;
    const ready = [...all].filter(({ call }) => !call.isHeldBack);
    for (const running of ready.slice(0, count)) {
      all.delete(running);
      if (!running.proceed(0, true)) {
        all.add(running);
      }
    }
  });
}
