import type { Disposable } from '../common/lifecycle.js';

/** Time between an answer and the next question, and between two looks at whether an answer has come, in ms. */
export const interval = 5000;
export const look = 1000;
/** Looks in vain after which the other side is said not to answer. */
export const patience = 5;
/** The same for a side that works: a long piece of work comes to an end, a loop without end does not. */
export const busyPatience = 30;

export interface HeartbeatOptions {
  /** Asks; the answer is the promise's end. Rejects when the other side has gone. */
  ping(): Promise<void>;
  /** Whether the other side has worked, or was ready to, since the last time this was asked. */
  isBusy(): boolean;
  /** Told when the answers stop and when they come again. */
  onDidChange(isResponsive: boolean): void;
}

/**
 * Asks regularly whether the other side still answers. Time counts in looks, each of which is a turn of this
 * side's event loop: however long this side was busy, stopped or asleep with its machine, that counts once.
 */
export class Heartbeat implements Disposable {
  private timer: NodeJS.Timeout | undefined;
  private lastTurn: NodeJS.Immediate | undefined;
  /** Looks in vain: since the last sign of life, and those in which the other side did not work either. */
  private looks = 0;
  private idleLooks = 0;
  private isResponsive = true;
  private isDisposed = false;

  constructor(private readonly options: HeartbeatOptions) {}

  start(): void {
    this.schedule(interval, () => this.beat());
  }

  /** Something has come from the other side, whatever it is. */
  noteLife(): void {
    this.looks = 0;
    this.idleLooks = 0;
    this.set(true);
  }

  dispose(): void {
    this.isDisposed = true;
    this.clear();
  }

  private beat(): void {
    this.looks = 0;
    this.idleLooks = 0;
    this.options.isBusy();
    this.wait();
    this.options.ping().then(
      () => {
        this.noteLife();
        this.start();
      },
      () => this.dispose(),
    );
  }

  private wait(): void {
    this.schedule(look, () => {
      // An answer that has come meanwhile is read first. With unref() it would come with the next event only.
      this.lastTurn = setImmediate(() => this.judge());
    });
  }

  private judge(): void {
    this.looks++;
    if (!this.options.isBusy()) {
      this.idleLooks++;
    }
    if (this.idleLooks >= patience || this.looks >= busyPatience) {
      this.set(false);
    }
    this.wait();
  }

  private set(isResponsive: boolean): void {
    if (isResponsive !== this.isResponsive && !this.isDisposed) {
      this.isResponsive = isResponsive;
      this.options.onDidChange(isResponsive);
    }
  }

  private schedule(ms: number, action: () => void): void {
    this.clear();
    if (!this.isDisposed) {
      this.timer = setTimeout(action, ms);
      this.timer.unref();
    }
  }

  private clear(): void {
    clearTimeout(this.timer);
    clearImmediate(this.lastTurn);
  }
}
