import type { CallRecord } from '../common/call.js';
import type { HostCall } from './hostCall.js';
import { retries } from './retries.js';
import { roomWaits } from './roomWaits.js';

/** Who is told what becomes of a call. */
export interface CallObserver {
  /** Time of a record. */
  now(): number;
  /** The user's call would sleep from now on. */
  didWait(call: RunningCall): void;
  /** It has moved more, and goes on waiting. */
  didMove(call: RunningCall): void;
  /** It has returned or was cancelled. */
  didEnd(call: RunningCall, result: number | null): void;
}

/** A call on its way: tried, perhaps waiting, ended once. */
export class RunningCall {
  private timeout: NodeJS.Timeout | undefined;
  private hasEnded = false;

  constructor(
    readonly call: HostCall,
    readonly record: CallRecord,
    readonly token: number | null,
    private readonly observer: CallObserver,
  ) {
    call.answer = (result) => this.end(result);
  }

  start(): void {
    const { socket, queue, mayWait, takesTurns } = this.call;
    const isBehind =
      mayWait && takesTurns && socket && queue && socket.file.hasWaiting(queue, this.record.name);
    if (isBehind || !this.proceed(0)) {
      this.wait();
    }
  }

  /**
   * One try; false when the call goes on waiting.
   * @param isWoken Whether something has happened that ends its sleep in the kernel.
   */
  proceed(events: number, isWoken = false): boolean {
    if (this.hasEnded) {
      return true;
    }
    if (this.record.hasWaited && !isWoken && this.call.isAsleep(events)) {
      return false;
    }
    const before = this.call.moved;
    const result = this.call.attempt(events);
    if (result === undefined) {
      if (this.record.hasWaited && this.call.moved !== before) {
        this.observer.didMove(this);
      }
      return false;
    }
    this.end(result);
    return true;
  }

  /** Ends the wait; false when the call cannot be stopped or has ended. */
  cancel(): boolean {
    if (this.hasEnded || !this.call.queue) {
      return false;
    }
    this.end(null);
    return true;
  }

  /** @param result The kernel's answer; null when the call was cancelled. */
  end(result: number | null): void {
    if (this.hasEnded) {
      return;
    }
    this.hasEnded = true;
    clearTimeout(this.timeout);
    retries.remove(this);
    // What the host does because of the end does not count.
    this.record.endNs = this.observer.now();
    const { queue, waitsOn, room } = this.call;
    roomWaits.remove(room ?? null, this);
    if (this.record.hasWaited && queue) {
      for (const socket of waitsOn) {
        socket.file.dequeue(this, queue);
        socket.removeWaiting(this);
      }
    }
    this.observer.didEnd(this, result);
  }

  private wait(): void {
    const { queue, waitsOn, timeoutMs, isRetried } = this.call;
    if (this.hasEnded) {
      return;
    }
    this.record.hasWaited = true;
    roomWaits.add(this.call.room ?? null, this);
    if (queue) {
      for (const each of waitsOn) {
        each.addWaiting(this);
        each.file.enqueue(this, queue);
      }
    }
    if (timeoutMs !== null) {
      this.endAt(this.record.startNs + timeoutMs * 1e6);
    }
    if (isRetried) {
      retries.add(this);
    }
    this.observer.didWait(this);
  }

  /** A timer of Node's may come a little early; a time-out of the kernel's never does. */
  private endAt(deadlineNs: number): void {
    const restMs = Math.ceil((deadlineNs - this.observer.now()) / 1e6);
    this.timeout = setTimeout(
      () => {
        if (this.observer.now() < deadlineNs) {
          this.endAt(deadlineNs);
        } else {
          this.end(this.call.timedOut());
        }
      },
      Math.max(0, restMs),
    );
  }
}
