import type { SocketId } from '../../common/socket.js';
import { firstIndex } from '../../common/search.js';

/** The lane of calls without a socket: of those that made none, and of numbers that are none of ours. */
export const noSocketLane = 0;

export interface Column {
  id: SocketId;
  x: number;
  width: number;
  isCollapsed: boolean;
}

/** Distances in px that do not follow the font: the life-line and the chips lie so far right of a lane's edge. */
export const lifelineX = 12;
export const chipX = 20;
/** What a chip has beside its text. */
export const chipPadding = 6;
export const collapsedWidth = 40;

/** A lane that has the call to socket(2) shows all of it: `socket(AF_INET, SOCK_STREAM, 0) = 18`. */
const longCall = 36;
const shortCall = 28;

/** How much wider than usual lanes get where there is room. */
const widest = 1.6;

/** A chip of which less is in view is taken for one that is not. */
const seenChip = 100;

/** Where each lane lies. */
export class Columns {
  private readonly byId: ReadonlyMap<SocketId, number>;
  readonly all: readonly Column[];
  readonly width: number;

  /**
   * @param charWidth Of a character of the calls, in px.
   * @param room What the lanes may take with the gutter: few lanes get wider, many are never narrower.
   */
  constructor(
    ids: readonly SocketId[],
    gutter: number,
    charWidth: number,
    isShort: (id: SocketId) => boolean,
    isCollapsed: (id: SocketId) => boolean,
    room = 0,
  ) {
    const usualWidth = (id: SocketId) =>
      isCollapsed(id)
        ? collapsedWidth
        : Math.ceil((isShort(id) ? shortCall : longCall) * charWidth) + chipX + chipPadding;
    const usual = ids.reduce((sum, id) => sum + usualWidth(id), 0);
    const open = ids.reduce((sum, id) => sum + (isCollapsed(id) ? 0 : usualWidth(id)), 0);
    const stretch = Math.max(1, Math.min(widest, 1 + (room - gutter - usual) / Math.max(1, open)));
    let x = gutter;
    this.all = ids.map((id) => {
      const isNarrow = isCollapsed(id);
      const width = isNarrow ? collapsedWidth : Math.floor(usualWidth(id) * stretch);
      const column = { id, x, width, isCollapsed: isNarrow };
      x += width;
      return column;
    });
    this.width = x;
    this.byId = new Map(ids.map((id, index) => [id, index]));
  }

  get(id: SocketId): Column | undefined {
    return this.all[this.indexOf(id)];
  }

  indexOf(id: SocketId): number {
    return this.byId.get(id) ?? -1;
  }

  /** The columns between two positions, with one more at each side. */
  between(left: number, right: number): readonly Column[] {
    return this.all.slice(Math.max(0, this.indexAt(left) - 1), this.indexAt(right) + 2);
  }

  /** The first and the last column of which enough is between two positions to see a chip in it. */
  inView(left: number, right: number): { first: number; last: number } {
    let [first, last] = [this.indexAt(left), this.indexAt(right)];
    const [start, end] = [this.all[first], this.all[last]];
    if (start && start.x + start.width - left < Math.min(start.width, seenChip)) {
      first += 1;
    }
    if (end && right - end.x < Math.min(end.width, seenChip)) {
      last -= 1;
    }
    return { first, last };
  }

  /** The column at a position; the first or last one beyond them. */
  indexAt(x: number): number {
    return firstIndex(1, this.all.length, (index) => this.all[index]!.x > x) - 1;
  }
}
