import type { CallRecord } from '../../common/call.js';
import type { SocketId } from '../../common/socket.js';
import { hasSameParts } from '../memo.js';
import { firstIndex } from '../../common/search.js';

/** The lane of calls without a socket: of those that made none, and of numbers that are none of ours. */
export const noSocketLane = 0;

/** The lane of a call: its socket's, or of what it made. */
export function laneOf({ socketId, createdIds }: CallRecord): SocketId {
  return socketId ?? createdIds[0] ?? noSocketLane;
}

export interface Column {
  id: SocketId;
  /** Where it is drawn: so far right of the lanes' origin. */
  x: number;
  width: number;
  isCollapsed: boolean;
  /** Its calls are written short, and its head says only the most important. */
  isBrief: boolean;
}

/** Whether lanes are as wide as their longest call, or so narrow that many of them are in view together. */
export type Density = 'whole' | 'brief';

/** Distances in px that do not follow the font: the life-line and the chips lie so far right of a lane's edge. */
export const lifelineX = 12;
export const chipX = 20;
/** What a chip has beside its text. */
export const chipPadding = 6;
const collapsedWidth = 40;

/** A lane that has the call to socket(2) shows all of it: `socket(AF_INET, SOCK_STREAM, 0) = 18`. */
const longCall = 36;
const shortCall = 28;
/** One that is brief shows what was called, and what came of it: `send = 5`. */
const briefCall = 8;
/** Free behind the last brief lane, in px: its chips may be longer than it is wide, and its sentences, where there is room. */
const [leastEnd, briefEnd] = [16, 80];

/** How much wider than usual lanes get where there is room. */
const widest = 1.6;

/** A chip of which less is in view is taken for one that is not. */
const seenChip = 100;

/** Of a character in the smaller size, where one in the size of calls is so wide. */
export function smallWidth(charWidth: number): number {
  return (charWidth * 11) / 12;
}

/** The numbers and times of the rows need so much. */
export function gutterWidth(lastSeq: number, timeChars: number, charWidth: number): number {
  const digits = Math.max(2, String(lastSeq).length);
  return Math.max(56, Math.ceil((digits + timeChars + 3) * smallWidth(charWidth)) + 10);
}

/** What the width of a lane follows from. */
export interface LaneWidths {
  /** Of a character of the calls, in px. */
  charWidth: number;
  /** Whether a lane has only shorter calls: it never sees socket(2). */
  isShort: (id: SocketId) => boolean;
  isCollapsed: (id: SocketId) => boolean;
}

/** Whole calls as long as all lanes have the room for them. */
export function densityOf(
  ids: readonly SocketId[],
  gutter: number,
  widths: LaneWidths,
  room: number,
): Density {
  const width = ids.reduce((sum, id) => sum + usualWidth(id, 'whole', widths), gutter);
  return room > 0 && width > room ? 'brief' : 'whole';
}

function usualWidth(id: SocketId, density: Density, { charWidth, isShort, isCollapsed }: LaneWidths): number {
  if (isCollapsed(id)) {
    return collapsedWidth;
  }
  const usual = isShort(id) ? shortCall : longCall;
  const text = density === 'brief' ? briefCall * smallWidth(charWidth) : usual * charWidth;
  return Math.ceil(text) + chipX + chipPadding;
}

/** The sentences of a brief lane are so wide where there is the room, in px. */
const briefNote = 220;

/** Lanes that are not wider have no room for the dot before a state, in px. */
const widestTight = 96;

export function isTight({ isBrief, width }: Column): boolean {
  return isBrief && width <= widestTight;
}

/** How wide the sentence under a chip is where it is looked at: that of a brief lane goes on over those right of it. */
export function noteWidth({ x, width, isBrief }: Column, lanesEnd: number): number {
  const room = width - chipX;
  return isBrief ? Math.max(room, Math.min(briefNote, lanesEnd - x - chipX)) : room;
}

/** Room that lanes leave free while the view moves, in px: to make them wider for it would draw all of them anew. */
const widestGap = 400;

export interface LanePlace {
  /** What the lanes may take with the gutter: few lanes get wider, many are never narrower. */
  room?: number;
  density?: Density;
  /** A lane that goes on keeps its place in what is drawn, which moves as a whole: it is not drawn anew. */
  before?: Columns | undefined;
  /** The view is scrolled: lanes keep their widths where they can. */
  isMoving?: boolean;
}

/** Where all begins when lanes have come left of those that were there, and how far it may drift from there, in px. */
const [start, farthest] = [2 ** 15, 2 ** 16];

/** Where each lane lies. */
export class Columns {
  private readonly byId: ReadonlyMap<SocketId, number>;
  readonly all: readonly Column[];
  readonly width: number;
  /** The scrolled area begins so far right of where places are counted from. */
  readonly origin: number;

  readonly density: Density;
  /** The view is scrolled. */
  readonly isMoving: boolean;
  /** How much wider than usual the lanes are. */
  private readonly stretch: number;

  constructor(
    ids: readonly SocketId[],
    gutter: number,
    widths: LaneWidths,
    { room = 0, density = 'whole', before, isMoving = false }: LanePlace = {},
  ) {
    this.density = density;
    const isBrief = density === 'brief';
    const widthOf = (id: SocketId) => usualWidth(id, density, widths);
    const usual = ids.reduce((sum, id) => sum + widthOf(id), 0);
    const open = ids.reduce((sum, id) => sum + (widths.isCollapsed(id) ? 0 : widthOf(id)), 0);
    let free = room - gutter - usual;
    // Where the lanes are scrolled anyway the end may be as long as it likes.
    let end = !isBrief ? 0 : free < leastEnd ? briefEnd : Math.min(free, briefEnd);
    const wanted = 1 + (free - end) / Math.max(1, open);
    this.stretch = Math.max(1, isBrief ? wanted : Math.min(widest, wanted));
    const left = before && free - (before.stretch - 1) * open;
    if (isMoving && before?.density === density && left! >= (isBrief ? leastEnd : 0) && left! < widestGap) {
      this.stretch = before.stretch;
      free = left!;
      end = isBrief ? Math.min(free, briefEnd) : 0;
    }
    let x = gutter;
    const placed = ids.map((id) => {
      const isCollapsed = widths.isCollapsed(id);
      const width = isCollapsed ? collapsedWidth : Math.floor(widthOf(id) * this.stretch);
      const column = { id, x, width, isCollapsed, isBrief };
      x += width;
      return column;
    });
    // Scrolled to its end the view begins with a whole lane.
    const first = isBrief && free < leastEnd ? placed.find((one) => one.x - gutter >= x + end - room) : null;
    this.width = first ? first.x - gutter + room : x + end;
    this.byId = new Map(ids.map((id, index) => [id, index]));
    const origin = before ? originFor(placed, before) : 0;
    this.origin = origin;
    this.isMoving = isMoving;
    this.all = placed.map((column) => {
      const now = { ...column, x: column.x + origin };
      const old = before?.get(column.id);
      return old && hasSameParts(old, now) ? old : now;
    });
  }

  /** Where all of it ends in what is drawn. */
  get end(): number {
    return this.origin + this.width;
  }

  get(id: SocketId): Column | undefined {
    return this.all[this.indexOf(id)];
  }

  indexOf(id: SocketId): number {
    return this.byId.get(id) ?? -1;
  }

  /** The columns between two positions of the scrolled area, with one more at each side. */
  between(left: number, right: number): readonly Column[] {
    return this.all.slice(Math.max(0, this.indexAt(left) - 1), this.indexAt(right) + 2);
  }

  /** The first and the last column of which enough is between two positions of the scrolled area to see a chip in it. */
  inView(left: number, right: number): { first: number; last: number } {
    let [first, last] = [this.indexAt(left), this.indexAt(right)];
    const [start, end] = [this.all[first], this.all[last]];
    if (start && this.leftOf(start) + start.width - left < Math.min(start.width, seenChip)) {
      first += 1;
    }
    if (end && right - this.leftOf(end) < Math.min(end.width, seenChip)) {
      last -= 1;
    }
    return { first, last };
  }

  /** The column at a position of the scrolled area; the first or last one beyond them. */
  indexAt(x: number): number {
    return firstIndex(1, this.all.length, (index) => this.leftOf(this.all[index]!) > x) - 1;
  }

  /** Where a column begins in the scrolled area. */
  leftOf({ x }: Column): number {
    return x - this.origin;
  }
}

/** That by which most lanes that were there before keep their places: the first may be a listener's, and others go behind it. */
function originFor(placed: readonly Column[], before: Columns): number {
  const kept = placed.filter(({ id }) => before.get(id));
  const middle = kept[kept.length >> 1];
  const origin = middle ? before.get(middle.id)!.x - middle.x : 0;
  return origin >= 0 && origin <= farthest ? origin : start;
}
