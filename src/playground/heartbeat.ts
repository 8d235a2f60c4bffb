import type { Disposable } from '../common/lifecycle.js';

/** In ms. A host never blocks, so that a late answer means that it is stopped or stuck. */
export const interval = 5000;
export const patience = 5000;

/** Asks regularly whether the other side still answers. */
export class Heartbeat implements Disposable {
  private timer: NodeJS.Timeout | undefined;
  private lastTurn: NodeJS.Immediate | undefined;
  private isResponsive = true;
  private isDisposed = false;

  /** @param onDidChange Told when the answers stop and when they come again. */
  constructor(
    private readonly ping: () => Promise<void>,
    private readonly onDidChange: (isResponsive: boolean) => void,
  ) {}

  start(): void {
    this.schedule(interval, () => this.beat());
  }

  dispose(): void {
    this.isDisposed = true;
    this.clear();
  }

  private beat(): void {
    // It may be this side that was busy or asleep: an answer that has come meanwhile is read first.
    this.schedule(patience, () => {
      this.lastTurn = setImmediate(() => this.set(false));
      this.lastTurn.unref();
    });
    this.ping().then(
      () => {
        this.set(true);
        this.start();
      },
      () => this.dispose(),
    );
  }

  private set(isResponsive: boolean): void {
    if (isResponsive !== this.isResponsive && !this.isDisposed) {
      this.isResponsive = isResponsive;
      this.onDidChange(isResponsive);
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
