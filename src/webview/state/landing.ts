/** How long a view goes on to show where it was while what it was scrolled to is read, in ms. */
const patienceMs = 150;
/** A drag passes more places than are worth remembering. */
const mostPlaces = 32;

/**
 * Where a view is that is scrolled farther than it is high. Rows that are not here yet could only say that they are being
 * read: so it goes on to show where it was, until the rows of a place are here that it was scrolled to since, of the latest.
 * Only after a while it shows the last place without them.
 */
export class Landing {
  /** The latest last. */
  private places: number[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isLate = false;
  /** The place that is shown. */
  top = 0;

  /** @param onLate What was waited for is to be shown without its rows. */
  constructor(private readonly onLate: () => void) {}

  /**
   * The place to show.
   * @param isNear The view moves only so far that some of its rows stay in it.
   * @param isHere Whether the rows of a place can be shown.
   */
  follow(target: number, isNear: boolean, isHere: (top: number) => boolean): number {
    if (isHere(target) || (isNear && target !== this.top)) {
      this.land(target);
      return target;
    }
    if (target === this.top) {
      // What was passed before may still come while the drag goes on.
      return target;
    }
    if (this.places.at(-1) !== target) {
      this.places = [...this.places, target].slice(-mostPlaces);
    }
    const reached = this.places.findLastIndex(isHere);
    if (reached >= 0) {
      this.top = this.places[reached]!;
      this.places.splice(0, reached + 1);
      this.stopWaiting();
    } else if (this.isLate || !isHere(this.top)) {
      this.top = target;
      this.stopWaiting();
    }
    if (this.top !== target) {
      this.timer ??= setTimeout(() => {
        this.timer = undefined;
        this.isLate = true;
        this.onLate();
      }, patienceMs);
    }
    return this.top;
  }

  /** Shows a place whatever is there. */
  land(top: number): void {
    this.top = top;
    this.places = [];
    this.stopWaiting();
  }

  dispose(): void {
    this.stopWaiting();
  }

  private stopWaiting(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.isLate = false;
  }
}
