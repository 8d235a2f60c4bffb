import type { SocketId } from '../../common/socket.js';
import { chipX, type Column, lifelineX, noSocketLane } from './columns.js';
import {
  type Birth,
  type DrawnTime,
  half,
  type Node,
  type PlacedLine,
  type SceneSource,
  type Span,
  type StateMark,
} from './sceneParts.js';
import { type StateChange, stateName } from './stateChanges.js';

/** What the mark behind a chip may take of the next lane, before that one's life-line, in px. */
const beforeLine = 8;
/** What the words that a state was there by then take before it, and the arrow behind it, in px. */
const byThen = 64;
/** States that are named beside the call that makes them. */
const namedByCall: ReadonlySet<string> = new Set(['LISTEN', 'SYN_SENT', 'ESTABLISHED']);

/** The rows that are drawn, as far as life-lines go by them. */
export interface DrawnRows {
  readonly lines: readonly PlacedLine[];
  readonly bySeq: ReadonlyMap<number, PlacedLine>;
  /** The records that are drawn, also those whose lanes are folded. */
  readonly seqs: ReadonlySet<number>;
  /** Rows that are left free for what no call tells of. */
  readonly gaps: readonly { ns: number; middle: number }[];
  /** Undefined while they are being read. */
  readonly time: DrawnTime | undefined;
}

/** The life-lines in what is drawn, with the states that are named beside them. */
export class Lifelines {
  readonly marks: StateMark[] = [];
  /** What the kernel did by itself. */
  readonly nodes: Node[] = [];
  /** Where a socket may have been in its next state already. */
  readonly doubts: Span[] = [];
  /** Where the life-lines of lost sockets end. */
  readonly lostAt = new Map<SocketId, number>();

  /** @param births What is said where lanes begin: states are named behind it. */
  constructor(
    private readonly rows: DrawnRows,
    private readonly births: readonly Birth[],
    private readonly source: SceneSource,
  ) {}

  /** The life-line of a lane in what is drawn, in the colours of its states. */
  of(column: Column): Span[] {
    const { history, sockets, height, isAtEnd } = this.source;
    const { id } = column;
    const socket = sockets.get(id);
    const { time } = this.rows;
    if (id === noSocketLane || time === undefined) {
      return [];
    }
    const { firstSeq, from, to } = time;
    const changes = history.of(id);
    // A call that waited has its socket when it returns.
    const [made] = changes;
    const madeNs = made && made.seq === socket?.openedSeq ? made.ns : -Infinity;
    const isBorn = !socket || (socket.openedSeq < firstSeq && madeNs < from);
    const birth = isBorn ? undefined : this.birthOf(id, socket.openedSeq, madeNs);
    const before = changes.filter(({ ns }) => ns < from).at(-1);
    if (!isBorn && birth === undefined) {
      // It was made behind all that is drawn.
      return [];
    }
    let y = birth ?? 0;
    let tone = isBorn ? history.toneAt(id, from - 1) : 'none';
    let isEnded = before?.isEnd ?? false;
    const spans: Span[] = [];
    for (const change of changes) {
      if (change.ns < from) {
        continue;
      }
      const isBelow = !isAtEnd && change.ns > to && !this.rows.bySeq.has(change.seq);
      const at = isBelow ? height : this.positionOf(change);
      const since = change.source === 'sampled' ? history.lastKnownOtherwise(id, change) : undefined;
      const y1 = since === undefined || isEnded ? at : Math.max(y, this.middleAt(since));
      const isBefore = y1 < at;
      if (isBefore) {
        this.doubts.push({ x: column.x + lifelineX, y1, y2: at, tone: change.tone });
      }
      if (isBelow) {
        break;
      }
      if (at > y && !isEnded) {
        spans.push({ x: column.x + lifelineX, y1: y, y2: at, tone });
      }
      if (!isEnded) {
        this.addMark(column, change, at, isBefore);
      }
      if (change.source === 'lost') {
        this.lostAt.set(id, at);
      }
      y = Math.max(y, at);
      tone = change.tone;
      isEnded = change.isEnd;
    }
    if (isEnded) {
      this.addTimeWait(column, before?.isEnd ? undefined : y);
    }
    const isGone = isEnded || (socket === undefined && before === undefined && changes.length === 0);
    if (!isGone && y < height) {
      spans.push({ x: column.x + lifelineX, y1: y, y2: height, tone });
    }
    return spans;
  }

  /** Where the call that made a socket is drawn, or what came after it where the filter leaves that out. */
  private birthOf(id: SocketId, openedSeq: number, madeNs: number): number | undefined {
    const isMaker = ({ line }: PlacedLine) => line.record.createdIds.includes(id) && !line.isPending;
    const isBehind = ({ line }: PlacedLine) => line.record.seq > openedSeq && line.ns >= madeNs;
    const gap = this.rows.gaps.find(({ ns }) => ns >= madeNs);
    return (this.rows.lines.find(isMaker) ?? this.rows.lines.find(isBehind) ?? gap)?.middle;
  }

  /** The connection of a closed descriptor is in TIME_WAIT: it was when that was closed, if it is drawn, or came to it later. */
  private addTimeWait(column: Column, end: number | undefined): void {
    const change = this.source.history.timeWaitOf(column.id);
    const own = change && this.rows.bySeq.get(change.seq)?.middle;
    if (change && (end ?? own) !== undefined) {
      this.addMark(column, { ...change, isEnd: true }, Math.max(end ?? 0, own ?? 0), false);
    }
  }

  /** A hollow mark: the kernel did it. */
  private addMark(column: Column, change: StateChange, y: number, isBefore: boolean): void {
    const isKernel = change.source !== 'call';
    const isHandshakeDrawn = change.state === 'ESTABLISHED' && this.hasHandshake(change.seq, column);
    const own = this.rows.lines.find((one) => one.column === column && Math.abs(one.middle - y) < half);
    // A record's own node stays as it is.
    if ((isKernel || isHandshakeDrawn) && own === undefined) {
      const id = `kernel ${column.id} ${change.ns} ${change.state}`;
      this.nodes.push({ id, seq: null, x: column.x + lifelineX, y, kind: 'kernel', tone: change.tone });
    }
    // Where the call is left out that made it so, no row is the one to say it.
    const isNamed = isKernel || (namedByCall.has(change.state ?? '') && this.rows.seqs.has(change.seq));
    const isBirth = change.state === 'ESTABLISHED' && !isHandshakeDrawn && !isKernel;
    if (stateName(change) === null || !isNamed || isBirth || column.isCollapsed) {
      return;
    }
    const after = own ? this.source.chipEnd(own.line) : null;
    const isBeside = own !== undefined && change.state !== 'SYN_SENT';
    if (own === undefined || isBeside) {
      const top = y - half;
      // States that were told in one row stand one behind the other.
      const before = this.marks.findLast((mark) => mark.column === column && mark.y === top);
      const birth = this.births.find((one) => one.column === column && one.y === y - half);
      const start = before
        ? (before.after ?? chipX) +
          this.source.markWidth(before.change, column) +
          (before.isBefore && !column.isBrief ? byThen : 20)
        : birth
          ? chipX + this.source.birthWidth(birth)
          : after;
      const end = (start ?? chipX) + (start === null ? 0 : 20) + this.source.markWidth(change, column);
      if (start === null || end <= column.width + beforeLine) {
        this.marks.push({ column, y: top, change, after: start, isBefore });
      }
    }
  }

  /** Where a change of state lies: at the call that it belongs to, or behind the last one before it. */
  private positionOf(change: StateChange): number {
    const own = this.rows.bySeq.get(change.seq);
    if ((change.source === 'call' || change.source === 'inferred') && own) {
      const isHandshake = change.state === 'ESTABLISHED' && this.hasArrows(own);
      return isHandshake ? own.middle + 46 - half + 2 : own.middle;
    }
    return this.middleAt(change.ns);
  }

  /** The last call that had begun by then, or the gap behind it where something was told that no call tells of. */
  private middleAt(ns: number): number {
    const last = this.rows.lines.findLast(({ line }) => line.ns <= ns)?.middle ?? 0;
    return Math.max(last, this.rows.gaps.findLast((gap) => gap.ns <= ns)?.middle ?? 0);
  }

  private hasHandshake(seq: number, column: Column): boolean {
    const placed = this.rows.bySeq.get(seq);
    return placed?.column === column && this.hasArrows(placed);
  }

  /** Whether a handshake is drawn below its call: in brief lanes it is a line beside it. */
  private hasArrows({ line }: PlacedLine): boolean {
    return line.handshakeWith !== null && this.source.columns.density === 'whole';
  }
}
