/**
 * Rows of one height in a scroll area. Chromium's tallest element is 16,777,214 px at a device pixel ratio of
 * 2, so above {@link maxHeight} the scroll offset is scaled: the rows keep their height, a pixel of the scroll
 * bar stands for more than a pixel of rows.
 */
export interface ScrollGeometry {
  rowHeight: number;
  count: number;
  /** Height of the visible part in px. */
  viewport: number;
}

export const maxHeight = 8_000_000;

/** Height of the element that makes the scroll bar. */
export function spacerHeight({ rowHeight, count }: ScrollGeometry): number {
  return Math.min(rowHeight * count, maxHeight);
}

export function isScaled({ rowHeight, count }: ScrollGeometry): boolean {
  return rowHeight * count > maxHeight;
}

/** The farthest that the rows can be moved up. */
export function highestTop({ rowHeight, count, viewport }: ScrollGeometry): number {
  return Math.max(0, rowHeight * count - viewport);
}

/** How far the rows are moved up when the scroll bar is at `scrollTop`. */
export function contentTop(geometry: ScrollGeometry, scrollTop: number): number {
  return scrollTop * ratio(geometry);
}

/** The scroll bar's position that shows the rows moved up by `top`. */
export function scrollTopFor(geometry: ScrollGeometry, top: number): number {
  return Math.min(Math.max(0, top), highestTop(geometry)) / ratio(geometry);
}

/** The rows to draw: the visible ones and some around them; `to` is not included. */
export function visibleRows(geometry: ScrollGeometry, top: number, around = 8): { from: number; to: number } {
  const { rowHeight, count, viewport } = geometry;
  const first = Math.floor(top / rowHeight);
  return {
    from: Math.min(count, Math.max(0, first - around)),
    to: Math.min(count, first + Math.ceil(viewport / rowHeight) + 1 + around),
  };
}

/** The position that shows a row with the least movement. */
export function topToReveal(geometry: ScrollGeometry, top: number, row: number): number {
  const { rowHeight, viewport } = geometry;
  const start = row * rowHeight;
  if (start < top) {
    return start;
  }
  const end = start + rowHeight;
  return end > top + viewport ? end - viewport : top;
}

function ratio(geometry: ScrollGeometry): number {
  const { rowHeight, count, viewport } = geometry;
  const scrollable = spacerHeight(geometry) - viewport;
  return isScaled(geometry) && scrollable > 0 ? (rowHeight * count - viewport) / scrollable : 1;
}
