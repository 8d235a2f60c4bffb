import { signal } from '@preact/signals';
import { Landing } from '../state/landing.js';

/** Chromium's tallest element is 16,777,214 px at a device pixel ratio of 2: above this the scroll bar is coarser than the rows. */
export const maxHeight = 8_000_000;

/**
 * The position in rows of different heights. Rows that become known above the view change what lies above it, and the
 * view stays: so the scroll bar and the position may differ for a while, and are brought together when nothing moves.
 */
export class LaneScroll {
  /** Counts what is to be drawn although nothing has moved: a place whose rows are not here yet, or what lies around one. */
  readonly late = signal(0);
  private readonly landing = new Landing(() => this.late.value++);
  /** Height of the view, and of all rows. */
  viewport = 0;
  height = 0;
  /** The scroll bar is dragged over more than is in view: what lies around a place is passed before anybody can see it. */
  isPassing = false;
  private wanted = 0;
  private barTop = 0;

  /** What of the rows is above the view, in px. */
  get top(): number {
    return this.landing.top;
  }

  /** The same of where the user has scrolled to: it is shown when its rows are here. */
  get target(): number {
    return this.wanted;
  }

  get barHeight(): number {
    return Math.min(this.height, maxHeight);
  }

  get maxTop(): number {
    return Math.max(0, this.height - this.viewport);
  }

  get isAtEnd(): boolean {
    return this.wanted >= this.maxTop - 2;
  }

  /** How far below its place in the scrolled element everything is drawn. */
  get shift(): number {
    return this.barTop - this.top;
  }

  /** The scroll bar is there now. Whether somebody has moved it. */
  moveBar(barTop: number): boolean {
    const moved = barTop - this.barTop;
    if (Math.abs(moved) < 1) {
      return false;
    }
    this.barTop = barTop;
    this.isPassing = Math.abs(moved) > 2 * this.viewport;
    this.wanted = this.within(
      this.isPassing || this.isBarAtAnEnd ? barTop * this.ratio : this.wanted + moved,
    );
    return true;
  }

  /** A frame has come in which the scroll bar has not moved. */
  readonly rest = (): void => {
    if (this.isPassing) {
      this.isPassing = false;
      this.late.value++;
    }
  };

  /** The view is to be there. The scroll bar's position for it. */
  moveTo(top: number): number {
    this.wanted = this.within(top);
    this.barTop = this.wanted / this.ratio;
    return this.barTop;
  }

  /** Shows what is wanted, or what was before while its rows are read. */
  follow(isHere: (top: number) => boolean): void {
    const isNear = Math.abs(this.wanted - this.top) < this.viewport || this.top > this.maxTop;
    this.landing.follow(this.wanted, isNear, isHere);
  }

  /** Rows are of other heights: what is shown, and what is wanted, lies elsewhere. The scroll bar stays until it is settled. */
  replace(top: number, wanted: number): void {
    this.wanted = this.within(wanted);
    this.landing.land(this.within(top));
  }

  /** Rows above the view have become so much higher. */
  grow(height: number): void {
    this.wanted += height;
    this.landing.top += height;
  }

  /** Where the scroll bar belongs. */
  settle(): number {
    return this.moveTo(this.wanted);
  }

  /** Whether the scroll bar can stay where it is: a browser moves one that is beyond the end. */
  get isBarInReach(): boolean {
    return this.barTop <= this.barHeight - this.viewport;
  }

  private get isBarAtAnEnd(): boolean {
    return this.barTop <= 0 || this.barTop >= this.barHeight - this.viewport;
  }

  private get ratio(): number {
    const movable = this.barHeight - this.viewport;
    return this.height > maxHeight && movable > 0 ? this.maxTop / movable : 1;
  }

  private within(top: number): number {
    return Math.min(Math.max(0, top), this.maxTop);
  }
}
