import { batch } from '@preact/signals';

/** What is to be shown with the next frame, at once: so that a frame is drawn once, whatever has come before it. */
export class FrameQueue {
  private readonly due = new Set<() => void>();

  /** Asked for again before the frame, it is done once. */
  add(show: () => void): void {
    if (this.due.size === 0) {
      requestAnimationFrame(() => this.run());
    }
    this.due.add(show);
  }

  /** In an event that begins a frame, as scrolling does: shows this and all that is due. */
  begin(show: () => void): void {
    batch(() => {
      this.run();
      show();
    });
  }

  private run(): void {
    const all = [...this.due];
    this.due.clear();
    batch(() => all.forEach((one) => one()));
  }
}
