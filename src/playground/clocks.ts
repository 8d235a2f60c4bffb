interface Clock {
  /** In ms, when it last began to run. */
  left: number;
  since: number;
  timer?: NodeJS.Timeout;
  onEnd: () => void;
}

/** Time limits that stand still while a person is asked something. */
export class Clocks {
  private readonly running = new Set<Clock>();
  private isHeld = false;

  /** Calls `onEnd` after `ms` unless the returned function is called before. */
  start(ms: number, onEnd: () => void): () => void {
    const clock: Clock = { left: ms, since: 0, onEnd };
    this.running.add(clock);
    if (!this.isHeld) {
      this.go(clock);
    }
    return () => {
      clearTimeout(clock.timer);
      this.running.delete(clock);
    };
  }

  /** Holds all clocks until the answer has come. */
  async hold<T>(answer: Promise<T>): Promise<T> {
    this.isHeld = true;
    for (const clock of this.running) {
      clearTimeout(clock.timer);
      clock.left -= performance.now() - clock.since;
    }
    try {
      return await answer;
    } finally {
      this.isHeld = false;
      this.running.forEach((clock) => this.go(clock));
    }
  }

  private go(clock: Clock): void {
    clock.since = performance.now();
    clock.timer = setTimeout(
      () => {
        this.running.delete(clock);
        clock.onEnd();
      },
      Math.max(0, clock.left),
    );
  }
}
