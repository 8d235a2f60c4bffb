import { useSignal } from '@preact/signals';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { FrameQueue } from '../state/frameQueue.js';
import { Landing } from '../state/landing.js';
import {
  contentTop,
  highestTop,
  isScaled,
  type ScrollGeometry,
  scrollTopFor,
  topToReveal,
  visibleRows,
} from '../state/scrollGeometry.js';

/** Rows whose places are counted from a multiple of this above the view, in px: what is drawn keeps its place for long. */
const baseStep = 2 ** 14;
/** Rows that are drawn on each side of those in view, and of those that are only passed. */
const [around, aroundPassed] = [8, 1];

export interface RowScrollProps {
  rowHeight: number;
  count: number;
  frame: FrameQueue;
  /** Whether a row can be shown as more than its number. */
  isRead: (row: number) => boolean;
  /** These are about to be shown; the last one is not among them. */
  onWant: (from: number, to: number) => void;
  /** The user has scrolled. */
  onMove: (isAtEnd: boolean) => void;
}

/** Where a scroll area with rows of one height is, and which of them it shows. */
export function useRowScroll({ rowHeight, count, frame, isRead, onWant, onMove }: RowScrollProps) {
  const area = useRef<HTMLDivElement>(null);
  const viewport = useSignal(0);
  const wantedTop = useSignal(0);
  const barTop = useSignal(0);
  const late = useSignal(0);
  /** The scroll bar is dragged over more than is in view: what lies around a place is passed before anybody can see it. */
  const isPassing = useRef(false);
  const landing = useMemo(() => new Landing(() => late.value++), [late]);
  useEffect(() => () => landing.dispose(), [landing]);

  void late.value;
  const geometry: ScrollGeometry = { rowHeight, count, viewport: viewport.value };
  // There may be fewer rows than when it was scrolled there: the store has dropped some, or another filter fits fewer.
  const reachable = (position: number) => Math.min(Math.max(0, position), highestTop(geometry));
  const drawn = (position: number) =>
    visibleRows(geometry, position, isPassing.current ? aroundPassed : around);
  const isHere = (position: number) => {
    const { from, to } = visibleRows(geometry, position, 0);
    for (let row = from; row < to; row++) {
      if (!isRead(row)) {
        return false;
      }
    }
    return true;
  };
  const target = reachable(wantedTop.value);
  const isNear = Math.abs(target - landing.top) < viewport.value || landing.top > highestTop(geometry);
  const top = landing.follow(target, isNear, isHere);
  const base = Math.floor(top / baseStep) * baseStep;

  const want = (position: number) => {
    const { from, to } = drawn(reachable(position));
    onWant(from, to);
  };
  const scrollTo = (wanted: number) => {
    const element = area.current!;
    element.scrollTop = scrollTopFor(geometry, wanted);
    barTop.value = element.scrollTop;
    wantedTop.value = reachable(wanted);
  };
  /** Scrolls as little as brings a row into view, from where it was scrolled to last: that may not be drawn yet. */
  const reveal = (row: number) => {
    const before = reachable(wantedTop.peek());
    const wanted = topToReveal(geometry, before, row);
    if (wanted !== before) {
      scrollTo(wanted);
    }
  };
  const onScroll = () => {
    const { scrollTop, clientHeight } = area.current!;
    // A scaled scroll bar is coarser than a row: its own rounding is no movement.
    const isMoved = Math.abs(scrollTopFor(geometry, wantedTop.peek()) - scrollTop) >= 1;
    const position = isMoved ? contentTop(geometry, scrollTop) : wantedTop.peek();
    const isFar = Math.abs(position - wantedTop.peek()) > 2 * viewport.value;
    frame.begin(() => {
      // Behind what was due: the drag goes on.
      isPassing.current = isFar;
      // What is drawn comes with the frame, and what is read a little earlier.
      want(position);
      barTop.value = scrollTop;
      wantedTop.value = position;
      // With more room the browser moves the end down before the observer tells of it: that is no move of the user's.
      onMove(scrollTop >= scrollTopFor({ ...geometry, viewport: clientHeight }, Infinity) - 2);
    });
    if (isFar) {
      // The next scroll event takes it along with its own frame.
      requestAnimationFrame(() => frame.add(rest));
    }
  };
  /** A frame has come in which the scroll bar has not moved. */
  const rest = useCallback(() => {
    isPassing.current = false;
    late.value++;
  }, [late]);
  const onWheel = (event: WheelEvent) => {
    // A pixel of a scaled scroll bar is many rows; the wheel still moves by pixels.
    if (isScaled(geometry) && !event.ctrlKey && event.deltaMode === 0) {
      event.preventDefault();
      scrollTo(reachable(wantedTop.peek()) + event.deltaY);
      onMove(wantedTop.peek() + viewport.value >= count * rowHeight - 2);
    }
  };

  useLayoutEffect(() => {
    const element = area.current!;
    const observer = new ResizeObserver(() => {
      viewport.value = element.clientHeight;
    });
    observer.observe(element);
    viewport.value = element.clientHeight;
    return () => observer.disconnect();
  }, [viewport]);
  useLayoutEffect(() => want(target));

  const isHeld = top !== target;
  return {
    area,
    geometry,
    /** How far the rows are moved up. */
    top,
    /** Where the rows' places are counted from, and where that is in the scrolled element. */
    base,
    /** The rows to draw; the last one is not among them. */
    drawn: drawn(top),
    shift: base + (isHeld || isScaled(geometry) ? barTop.value - top : 0),
    scrollTo,
    reveal,
    onScroll,
    onWheel,
  };
}
