import { signal } from '@preact/signals';
import type { CallRecord } from '../../common/call.js';
import type { PanelChange } from '../../common/protocol/panel.js';
import type { ByteRibbon } from '../../common/ribbon/byteRibbon.js';
import type { SocketId, SocketInfo } from '../../common/socket.js';
import type { RecordSink } from '../state/recordPages.js';
import { isFailure } from '../../common/failure.js';
import { noteText } from '../text/record.js';
import {
  type Block,
  blockOf,
  handshakeHeight,
  isSameBlock,
  type LineFacts,
  type LineNote,
} from './blocks.js';
import { type Density, laneOf } from './columns.js';
import { handshakeWith } from './handshakes.js';
import { StateHistory } from './history.js';
import type { StateChange } from './stateChanges.js';
import { LaneScroll } from './laneScroll.js';
import { Returns } from './returns.js';
import { ribbonNote } from './ribbonNote.js';
import { type LaneRows, lineHeight, RowHeights } from './rowHeights.js';
import { type Living, ShownLanes } from './shownLanes.js';
import { SteadyLanes } from './steadyLanes.js';

/** Rows beyond the view that are drawn, in px; and of a place that is only passed, as many as decide which lanes there are. */
const [around, aroundPassed] = [240, 2 * lineHeight];
/** A sentence that is longer may need two lines. */
const charsOfNarrowestLine = 28;
/** Of a sentence in the lane where a call is made usually. */
const charsOfLine = { whole: 42, brief: 30 } as const;
/** Why a call failed is read to its end. */
const mostFailureLines = 5;
/** Rows that are remembered as they were drawn. */
const mostKnown = 2000;
/** Free below the last row, in px: what waits now stands there, in two lines. */
const bottom = 2 * lineHeight;

interface LaidOutRows {
  blocks: readonly Block[];
  tops: readonly number[];
}

export interface LanesContext {
  sockets: () => ReadonlyMap<SocketId, SocketInfo>;
  record: (seq: number) => CallRecord | undefined;
  ribbon: ByteRibbon;
  /** The sockets that have a record which fits the filter; null where there is none, or not all are known. */
  fitting: () => ReadonlySet<SocketId> | null;
}

/** What the lanes draw: where each row lies, what its records mean, and which lanes there are. */
export class LanesModel implements RecordSink {
  readonly history: StateHistory;
  readonly returns = new Returns();
  readonly scroll = new LaneScroll();
  readonly collapsed = signal<ReadonlySet<SocketId>>(new Set());
  /** A lane that is to be selected and brought into view; null again when it was. */
  readonly wantedLane = signal<SocketId | null>(null);
  /** How the lanes are drawn now. */
  density: Density = 'whole';
  readonly shown: ShownLanes;
  private readonly steady = new SteadyLanes();
  private heights = new RowHeights();
  private rows: LaneRows | null = null;
  /** Rows as they were drawn last, by their records' numbers; anew when something is told. */
  private known = new Map<
    number,
    {
      record: CallRecord | undefined;
      returned: readonly CallRecord[];
      told: readonly number[];
      block: Block;
      version: number;
    }
  >();
  private knownVersion = -1;
  private readonly facts: LineFacts;

  constructor(private readonly context: LanesContext) {
    this.shown = new ShownLanes(context.sockets, context.fitting);
    this.history = new StateHistory(
      context.sockets,
      (id, { ns, seq }) => context.ribbon.waitingFor(id, ns, seq).length > 0,
    );
    this.facts = {
      noteOf: (record) => this.noteOf(record),
      isFailed: isFailure,
      handshakeWith: (record) => handshakeWith(record, context.sockets()),
      // In brief lanes its arrows would cross those of others: there it is one line.
      handshakeRoom: () => (this.density === 'brief' ? 0 : handshakeHeight),
    };
  }

  add(record: CallRecord): void {
    this.returns.add(record);
    this.history.add(record);
  }

  remove(seq: number): void {
    this.returns.remove(seq);
  }

  clear(): void {
    this.returns.clear();
    this.history.clear();
    this.heights.clear();
  }

  /** The extension has told of sockets. */
  follow({ passed = [], sockets, removed, firstSeq, lastSeq }: PanelChange, ns: number): void {
    for (const socket of [...passed, ...sockets]) {
      if (socket.lost) {
        this.history.lose(socket, socket.lost);
      } else {
        this.history.sample(socket, lastSeq, ns);
      }
    }
    this.history.forget(removed);
    this.heights.dropBelow(firstSeq);
  }

  /**
   * The rows in view with some around them, where each lies, and the lanes from left to right.
   * @param version Of the records and sockets.
   * @param selected The socket that is looked at has its lane.
   */
  layOut(
    rows: LaneRows,
    isFollowing: boolean,
    version: number,
    selected: SocketId | null = null,
  ): LaidOutRows & { ids: readonly SocketId[] } {
    const folded = this.shown.others;
    const isOther = this.rows !== rows;
    const laidOut = this.layOutRows(rows, isFollowing, version);
    const wanted = this.lanes(laidOut, selected);
    const ids =
      isFollowing || isOther ? this.steady.reset(wanted) : this.steady.keep(wanted, this.context.sockets());
    if (isSame(folded, this.shown.others)) {
      return { ...laidOut, ids };
    }
    // What the rows say follows from the lanes that are folded, which follow from the rows.
    return { ...this.layOutRows(rows, isFollowing, version), ids };
  }

  private layOutRows(rows: LaneRows, isFollowing: boolean, version: number): LaidOutRows {
    if (this.rows !== rows) {
      // Other records lie between the same ones: their heights are others.
      this.heights = new RowHeights();
      this.rows = rows;
    }
    if (version !== this.knownVersion) {
      // What a row says may depend on records and sockets that were not here before: it is looked at again.
      this.knownVersion = version;
      if (this.known.size > mostKnown) {
        this.known.clear();
      }
    }
    const { scroll, heights } = this;
    let blocks: Block[] = [];
    for (let round = 0; round < 4; round++) {
      scroll.height = heights.total(rows) + bottom;
      if (isFollowing || scroll.target > scroll.maxTop) {
        scroll.moveTo(scroll.maxTop);
      }
      scroll.follow((top) => this.isRead(rows, top));
      const anchor = heights.rowAt(rows, scroll.top);
      const before = heights.topOf(rows, anchor);
      const { from, to } = this.rowsAt(rows, scroll.top);
      blocks = this.blocks(rows, from, to);
      const isNews = blocks.filter(({ seq, height }) => heights.set(seq, height - lineHeight)).length > 0;
      if (!isNews) {
        break;
      }
      scroll.grow(heights.topOf(rows, anchor) - before);
    }
    return { blocks, tops: blocks.map(({ row }) => heights.topOf(rows, row)) };
  }

  /** Rows are of other heights: the first one in view stays there. Whether that is new. */
  setDensity(density: Density, rows: LaneRows): boolean {
    if (density === this.density) {
      return false;
    }
    const { scroll, heights } = this;
    const places = [scroll.top, scroll.target].map((top) => {
      const row = heights.rowAt(rows, top);
      return { row, above: Math.min(top - heights.topOf(rows, row), lineHeight) };
    });
    this.density = density;
    heights.clear();
    this.known.clear();
    scroll.height = heights.total(rows) + bottom;
    const [top, target] = places.map(({ row, above }) => heights.topOf(rows, row) + above);
    scroll.replace(top!, target!);
    return true;
  }

  /** The records of the rows that are in view, or are about to be. */
  wanted(rows: LaneRows): number[] {
    const { from, to } = this.rowsAt(rows, this.scroll.target);
    const seqs: number[] = [];
    for (let row = from; row <= to; row++) {
      seqs.push(rows.seqAt(row) ?? 0);
    }
    return seqs;
  }

  private rowsAt(
    rows: LaneRows,
    top: number,
    beyond = this.scroll.isPassing ? aroundPassed : around,
  ): { from: number; to: number } {
    const from = this.heights.rowAt(rows, top - beyond);
    const to = this.heights.rowAt(rows, top + this.scroll.viewport + beyond);
    return { from, to: Math.min(rows.count - 1, to) };
  }

  /** Whether what is in view at a position can be drawn. */
  private isRead(rows: LaneRows, top: number): boolean {
    const { from, to } = this.rowsAt(rows, top, 0);
    for (let row = from; row <= to; row++) {
      const seq = rows.seqAt(row);
      if (seq !== undefined && !this.context.record(seq)) {
        return false;
      }
    }
    return true;
  }

  /** The position that shows a record with the least movement. */
  topToReveal(rows: LaneRows, seq: number): number {
    const { scroll, heights } = this;
    const row = rows.rowOf(seq);
    if (row < 0) {
      return scroll.target;
    }
    const top = heights.topOf(rows, row);
    // Of the last one all: what comes behind it is followed then.
    const end = row === rows.count - 1 ? scroll.height : top + heights.heightOf(seq);
    if (top < scroll.target) {
      return top;
    }
    return end > scroll.target + scroll.viewport ? end - scroll.viewport : scroll.target;
  }

  heightOf(seq: number): number {
    return this.heights.heightOf(seq);
  }

  /** How many rows there are up to the last one whose call is in view. */
  rowsSeen(rows: LaneRows): number {
    const { target, viewport } = this.scroll;
    return this.heights.rowAt(rows, target + viewport - lineHeight) + 1;
  }

  showLane(id: SocketId): void {
    this.shown.reveal(id);
    this.wantedLane.value = id;
  }

  /** The lanes from left to right, while these rows are laid out. */
  lanes({ blocks, tops }: LaidOutRows, selected: SocketId | null = null): SocketId[] {
    const { top, viewport } = this.scroll;
    const livingWithin = (margin: number) =>
      this.livingIn(
        blocks.filter(
          ({ height }, index) =>
            tops[index]! + height > top - margin && tops[index]! < top + viewport + margin,
        ),
      );
    return this.shown.of(livingWithin, selected);
  }

  /** The lanes in which something happens in these rows, or that go on through them. */
  private livingIn(blocks: readonly Block[]): Living {
    const living = new Set<SocketId>();
    for (const { lines } of blocks) {
      for (const { record } of lines) {
        living.add(laneOf(record));
        record.createdIds.forEach((id) => living.add(id));
      }
    }
    const from = blocks[0]?.seq ?? 0;
    const to = blocks.at(-1)?.seq ?? 0;
    for (const socket of this.shown.closed) {
      if (this.livedBetween(socket, from, to)) {
        living.add(socket.id);
      }
    }
    return { ids: living, areAll: blocks.every(({ lines }) => lines.length > 0) };
  }

  private livedBetween({ id, openedSeq }: SocketInfo, from: number, to: number): boolean {
    const end = openedSeq <= to ? this.history.of(id).find(isEnd) : undefined;
    return end !== undefined && end.seq >= from;
  }

  /** A row outside of the view: the one with the focus stays in the document. */
  blockAt(rows: LaneRows, row: number): { block: Block; top: number } | undefined {
    const [block] = row < 0 ? [] : this.blocks(rows, row, row);
    return block && { block, top: this.heights.topOf(rows, row) };
  }

  topOf(rows: LaneRows, row: number): number {
    return this.heights.topOf(rows, row);
  }

  rowAtTop(rows: LaneRows): number {
    return this.heights.rowAt(rows, this.scroll.top);
  }

  private blocks(rows: LaneRows, from: number, to: number): Block[] {
    const blocks: Block[] = [];
    for (let row = from; row <= to; row++) {
      const seq = rows.seqAt(row);
      if (seq !== undefined) {
        const record = this.context.record(seq);
        const to = record ? this.endOf(rows, row) : null;
        const returned = record && to !== null ? this.returnedIn(rows, record, to) : [];
        const told =
          record && to !== null ? this.history.toldBetween(record.startNs, to, this.saysStates) : [];
        blocks.push(this.block(seq, row, record, returned, told));
      }
    }
    return blocks;
  }

  /** The same one again while nothing has changed: what is drawn of it need not be drawn anew. */
  private block(
    seq: number,
    row: number,
    record: CallRecord | undefined,
    returned: readonly CallRecord[],
    told: readonly number[],
  ): Block {
    const version = this.knownVersion;
    const known = this.known.get(seq);
    if (
      known?.version === version &&
      known.record === record &&
      known.block.row === row &&
      isSame(known.returned, returned) &&
      isSame(known.told, told)
    ) {
      return known.block;
    }
    const news = blockOf(seq, row, record, returned, told, this.facts);
    const block = known && isSameBlock(known.block, news) ? known.block : news;
    this.known.set(seq, { record, returned, told, block, version });
    return block;
  }

  /** Whether the lane of a socket has the room to name its states: for one that has not, no row is left free. */
  private readonly saysStates = (id: SocketId): boolean =>
    !this.collapsed.peek().has(id) && !this.shown.isFolded(id);

  /** Until when a row was the last one; null where the next one is not read. */
  private endOf(rows: LaneRows, row: number): number | null {
    const nextSeq = rows.seqAt(row + 1);
    return nextSeq === undefined ? Infinity : (this.context.record(nextSeq)?.startNs ?? null);
  }

  /** The calls that returned while a row was the last one. */
  private returnedIn(rows: LaneRows, { startNs }: CallRecord, endNs: number): CallRecord[] {
    return this.returns.between(startNs, endNs).filter(({ seq }) => rows.rowOf(seq) >= 0);
  }

  private noteOf(record: CallRecord): LineNote | null {
    const note = ribbonNote(record, this.context.ribbon, this.context.record);
    if (note !== null) {
      return { text: note, lines: 2 };
    }
    const text = noteText(record, this.context.sockets());
    if (text === undefined) {
      return null;
    }
    const wanted = Math.ceil(text.length / charsOfLine[this.density]);
    const most = isFailure(record) ? mostFailureLines : 2;
    return { text, lines: text.length > charsOfNarrowestLine ? Math.min(Math.max(2, wanted), most) : 1 };
  }
}

function isEnd(change: StateChange): boolean {
  return change.isEnd;
}

function isSame<Item>(one: readonly Item[], other: readonly Item[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}
