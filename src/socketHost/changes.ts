import type { Disposable } from '../common/lifecycle.js';

/** How many frames lie between two tellings while very much happens: nobody could follow it, and each takes time from it. */
const busyFrames = 3;

/** Collects what has changed and tells of it at most once a frame; the first at once. */
export class Changes implements Disposable {
  private timer: NodeJS.Timeout | undefined;
  private immediate: NodeJS.Immediate | undefined;
  private lastTold = -Infinity;
  private frames = 1;

  /** @param frameMs The shortest time between two tellings. */
  constructor(
    private readonly frameMs: number,
    private readonly tell: () => void,
  ) {}

  /** There is something to tell. */
  schedule(): void {
    if (this.timer !== undefined || this.immediate !== undefined) {
      return;
    }
    const rest = this.lastTold + this.frames * this.frameMs - performance.now();
    if (rest <= 0) {
      this.immediate = setImmediate(() => this.run());
    } else {
      this.timer = setTimeout(() => this.run(), rest);
    }
  }

  /** Very much has happened since the last telling: the next one may wait for longer. */
  slowDown(): void {
    this.frames = busyFrames;
  }

  dispose(): void {
    clearTimeout(this.timer);
    clearImmediate(this.immediate);
  }

  private run(): void {
    this.timer = undefined;
    this.immediate = undefined;
    this.lastTold = performance.now();
    this.frames = 1;
    this.tell();
  }
}
