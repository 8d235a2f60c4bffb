import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { SocketId } from '../../common/socket.js';
import type { Column, Columns } from './columns.js';

export interface SidewaysProps {
  /** The scrolled element. */
  area: RefObject<HTMLElement | null>;
  columns: Columns;
  gutter: number;
  /** Of the view. */
  width: number;
  isFollowing: boolean;
  selectedId: SocketId | null;
}

/** What keeps its place sideways when lanes come or go or the room changes, and which lanes are brought into view. */
export function useSideways({ area, columns, gutter, width, isFollowing, selectedId }: SidewaysProps) {
  /** The lane at the left edge, and where it was in the scrolled area. */
  const anchor = useRef<{ id: SocketId; left: number }>(undefined);
  /** As it was told last: to ask for it would lay everything out once more. */
  const left = useRef(0);
  const before = useRef<{ columns: Columns; first: number; last: number; width: number } | null>(null);
  const lastSelected = useRef<SocketId | null>(null);
  const reveal = (column: Column | undefined) => {
    if (column) {
      revealColumn(area.current!, columns, column, gutter);
      // More lanes may come before the view tells of it.
      left.current = area.current!.scrollLeft;
    }
  };

  useLayoutEffect(() => {
    const column = anchor.current && columns.get(anchor.current.id);
    if (column && left.current > 0) {
      // Lanes have come or gone left of it.
      const now = columns.leftOf(column);
      area.current!.scrollLeft += now - anchor.current!.left;
      anchor.current = { id: column.id, left: now };
    }
    const old = before.current;
    if (old) {
      const wasInView = (id: SocketId) => {
        const index = old.columns.indexOf(id);
        return index >= old.first && index <= old.last;
      };
      const come = isFollowing ? besideSeen(columns, old.columns, wasInView) : undefined;
      if (come) {
        reveal(come);
      } else if (old.width !== width && selectedId !== null && wasInView(selectedId)) {
        reveal(columns.get(selectedId));
      }
    }
  }, [columns]);

  useLayoutEffect(() => {
    const column = selectedId === null ? undefined : columns.get(selectedId);
    if (column && lastSelected.current !== selectedId) {
      reveal(column);
    }
    // One that has no lane yet is brought into view when it has.
    lastSelected.current = column ? selectedId : null;
  }, [selectedId, columns]);

  useLayoutEffect(() => {
    before.current = { columns, width, ...columns.inView(left.current + gutter, left.current + width) };
  });

  return {
    reveal,
    /** The view was scrolled to there. */
    note(scrollLeft: number): void {
      left.current = scrollLeft;
      const column = columns.all[columns.indexAt(scrollLeft + gutter)];
      anchor.current = column && { id: column.id, left: columns.leftOf(column) };
      before.current = { columns, width, ...columns.inView(scrollLeft + gutter, scrollLeft + width) };
    },
  };
}

/** The last lane that has come right of one that was in view: what happens there goes on from that one. */
function besideSeen(
  columns: Columns,
  old: Columns,
  wasInView: (id: SocketId) => boolean,
): Column | undefined {
  let isSeen = false;
  let last: Column | undefined;
  for (const column of columns.all) {
    if (old.get(column.id)) {
      isSeen = wasInView(column.id);
    } else if (isSeen) {
      last = column;
    }
  }
  return last;
}

/** Scrolls sideways until a lane is in view, and none left of it is cut. */
export function revealColumn(area: HTMLElement, columns: Columns, column: Column, gutter: number): void {
  const left = columns.leftOf(column);
  // What the last one has goes on into the room behind it.
  const end = column === columns.all.at(-1) ? columns.width : left + column.width;
  if (left - gutter < area.scrollLeft) {
    area.scrollLeft = left - gutter;
  } else if (end > area.scrollLeft + area.clientWidth) {
    const whole = columns.all.find((one) => columns.leftOf(one) - gutter >= end - area.clientWidth) ?? column;
    area.scrollLeft = Math.min(left, columns.leftOf(whole)) - gutter;
  }
}
