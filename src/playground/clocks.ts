interface Clock {
  /** In ms, when it last began to run. */
  left: number;
  since: number;
  timer?: NodeJS.Timeout;
  onEnd: () => void;
}

/** Times that stand still while a person is asked something, or looks at a run that is held. */
export class Clocks {
  private readonly running = new Set<Clock>();
  /** How many hold them. */
  private holders = 0;

  /** Calls `onEnd` after `ms` unless the returned function is called before. */
  start(ms: number, onEnd: () => void): () => void {
    const clock: Clock = { left: ms, since: 0, onEnd };
    this.running.add(clock);
    if (this.holders === 0) {
      this.go(clock);
    }
    return () => {
      clearTimeout(clock.timer);
      this.running.delete(clock);
    };
  }

  /** Holds all clocks until the answer has come. */
  async hold<T>(answer: Promise<T>): Promise<T> {
    this.holders++;
    if (this.holders === 1) {
      for (const clock of this.running) {
        clearTimeout(clock.timer);
        clock.left -= performance.now() - clock.since;
      }
    }
    try {
      return await answer;
    } finally {
      this.holders--;
      if (this.holders === 0) {
        this.running.forEach((clock) => this.go(clock));
      }
    }
  }

  private go(clock: Clock): void {
    clock.since = performance.now();
    // What had come by then is read in the turn of the event loop that follows: this process may have been held up.
    const end = () => {
      if (this.holders === 0 && this.running.delete(clock)) {
        clock.onEnd();
      }
    };
    clock.timer = setTimeout(() => setImmediate(end), Math.max(0, clock.left));
  }
}

/** While somebody holds a run, its clocks stand still. */
export class RunHold {
  private held: { released: Promise<void>; release: () => void } | undefined;

  constructor(private readonly clocks: Clocks) {}

  /** Resolves when the run is let go; undefined while nobody holds it. */
  get released(): Promise<void> | undefined {
    return this.held?.released;
  }

  begin(): void {
    let release!: () => void;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.held = { released, release };
    void this.clocks.hold(released);
  }

  end(): void {
    this.held?.release();
    this.held = undefined;
  }
}
