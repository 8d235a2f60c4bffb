import type { CallRecord } from '../../common/call.js';
import type { DirectionFaults } from '../../common/tap/faults.js';
import type { RelayContext } from './streamRelay.js';

/** Bytes that are held back at most: then the next datagrams wait in the kernel, or are lost there. */
const heldAtMost = 1 << 20;

/** A datagram that is to go after the next one goes after so long where there is none, in ms. */
const reorderMs = 2000;

/** What is to become of a datagram. */
export interface Fate {
  isDropped: boolean;
  isDuplicated: boolean;
  isReordered: boolean;
  delay: number;
}

interface Waiting {
  bytes: Uint8Array;
  due: number;
  injected: readonly string[];
}

/** Sends a datagram on; undefined when the socket is closed. */
export type Forward = (bytes: Uint8Array, injected: readonly string[]) => Promise<CallRecord | undefined>;

/** One direction of a conversation of datagrams: sends them on one after the other, each when its time has come. */
export class DatagramRelay {
  private readonly waiting: Waiting[] = [];
  private late: Waiting | null = null;
  private lateTimer: NodeJS.Timeout | undefined;
  private timer: NodeJS.Timeout | undefined;
  private lastDue = 0;
  private held = 0;
  private isSending = false;
  private isEnded = false;
  private room: () => void = () => {};

  constructor(
    private readonly context: Pick<RelayContext, 'random' | 'faults'>,
    private readonly forward: Forward,
  ) {}

  /** Decides what becomes of the next datagram: as often asked as there are datagrams. */
  judge(): Fate {
    const { drop, duplicate, reorder, delay = 0, jitter = 0 } = this.context.faults();
    const happens = (percent: number | undefined) =>
      percent !== undefined && this.context.random().happens(percent);
    return {
      isDropped: happens(drop),
      isDuplicated: happens(duplicate),
      isReordered: happens(reorder),
      delay: delay + (jitter > 0 ? this.context.random().upTo(jitter) : 0),
    };
  }

  /** Takes a datagram on its way. Resolves when there is room for another one. */
  async take(bytes: Uint8Array, fate: Fate): Promise<void> {
    if (fate.isDropped || this.isEnded) {
      return;
    }
    this.lastDue = Math.max(this.lastDue, performance.now() + fate.delay);
    const injected = fate.delay > 0 ? [`delay ${fate.delay} ms`] : [];
    const copies: Waiting[] = [
      { bytes, due: this.lastDue, injected },
      ...(fate.isDuplicated ? [{ bytes, due: this.lastDue, injected: [...injected, 'duplicate'] }] : []),
    ];
    const { late } = this;
    if (fate.isReordered && !late) {
      this.hold(copies);
      return;
    }
    this.add(...copies);
    if (late) {
      this.releaseLate();
    }
    while (this.held > this.mostHeld(this.context.faults()) && !this.isEnded) {
      await new Promise<void>((resolve) => {
        this.room = resolve;
      });
    }
  }

  stop(): void {
    this.isEnded = true;
    clearTimeout(this.timer);
    clearTimeout(this.lateTimer);
    this.room();
  }

  private mostHeld({ delay = 0, jitter = 0 }: DirectionFaults): number {
    return delay + jitter > 0 ? heldAtMost : 0;
  }

  private hold([first, ...copies]: Waiting[]): void {
    this.late = { ...first!, injected: [...first!.injected, 'reorder'] };
    this.add(...copies);
    this.lateTimer = setTimeout(() => this.releaseLate(), reorderMs);
  }

  private releaseLate(): void {
    clearTimeout(this.lateTimer);
    const { late } = this;
    this.late = null;
    if (late) {
      this.add({ ...late, due: Math.max(late.due, this.lastDue) });
    }
  }

  private add(...datagrams: Waiting[]): void {
    for (const datagram of datagrams) {
      this.waiting.push(datagram);
      this.held += datagram.bytes.length;
    }
    void this.send();
  }

  private async send(): Promise<void> {
    if (this.isSending) {
      return;
    }
    this.isSending = true;
    for (let next = this.waiting[0]; next && !this.isEnded; next = this.waiting[0]) {
      const rest = next.due - performance.now();
      if (rest > 0) {
        await new Promise<void>((resolve) => {
          this.timer = setTimeout(resolve, rest);
        });
        continue;
      }
      this.waiting.shift();
      // An answer such as ECONNREFUSED is of an earlier one: the next may go.
      await this.forward(next.bytes, next.injected);
      this.held -= next.bytes.length;
      this.room();
    }
    this.isSending = false;
  }
}
