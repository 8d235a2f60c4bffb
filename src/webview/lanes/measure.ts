import type { CallRecord } from '../../common/call.js';
import type { Platform } from '../../common/tables/constants.js';
import { isFailure } from '../../common/failure.js';
import { isLongWait, type Line } from './blocks.js';
import { answerText, briefText, type ChipText, leastReceived, roomyText } from './chipText.js';
import { chipPadding, chipX, type Column, type Density, isTight, smallWidth } from './columns.js';
import { type StateChange, stateName } from './stateChanges.js';
import type { BoxSegment } from './sceneParts.js';
import { type ColumnsOf, cutTo, mostColumns } from './textWidth.js';

/** What an arrow from the lane to the right needs within a lane, in px. */
const arrowRoom = 16;
/** Of a brief call's font, that the age of a wait needs. */
const ageChars = 6;
/** Characters that should be free behind a call that ends a stream, in a brief lane: its arrow with the mark FIN. */
const finChars = 5;
/** The same behind a call that opened the lane beside it, too: the arrow there. */
const arrowChars = 2;
/** Behind a whole call the words that say how long it waited. */
const waitChars = 14;
/** What those words take, in px; only how long in a brief lane. */
const waitWidth = { whole: 100, brief: 64 } as const;
/** Calls that end a stream. */
const ending: ReadonlySet<string> = new Set(['shutdown', 'close']);

/** Characters that should be free behind a brief call. */
function charsBeside({ status, name, socketId, createdIds }: CallRecord): number {
  if (status === 'waiting') {
    return ageChars;
  }
  const opensOther = createdIds.length > (socketId === null ? 1 : 0) ? arrowChars : 0;
  return ending.has(name) ? finChars : opensOther;
}

/** Characters that stay free behind a whole call: for the arrow to the other end, and for how long it waited. */
function wholeBeside(record: CallRecord): number {
  return (record.peerId === null ? 0 : arrowChars) + (isLongWait(record) ? waitChars : 0);
}

/** Widths of what is written in the font of the calls: its own characters are as wide as another. */
export class TextMeasure {
  /** A record's text is asked for by its chip and by what is drawn around it, in every frame. */
  private readonly texts = new WeakMap<CallRecord, { room: number; text: ChipText }>();

  /**
   * @param usualWidth Of a character of whole calls, in px.
   * @param density Brief lanes are written smaller.
   * @param columnsOf How many such characters a text is as wide as.
   */
  constructor(
    private readonly usualWidth: number,
    private readonly density: Density,
    private readonly platform: Platform,
    private readonly columnsOf: ColumnsOf = mostColumns,
  ) {}

  /** Of a call's character. */
  get charWidth(): number {
    return this.density === 'brief' ? this.smallWidth : this.usualWidth;
  }

  /** Of counters and of what waits in a queue, which are written smaller. */
  get smallWidth(): number {
    return smallWidth(this.usualWidth);
  }

  /** What a chip says in its lane. */
  textOf(record: CallRecord, { isBrief, width }: Column): ChipText {
    const room = (width - chipX - chipPadding) / this.charWidth;
    let known = this.texts.get(record);
    if (known?.room !== room) {
      const text = isBrief
        ? briefText(record, this.platform, room, charsBeside(record), this.columnsOf)
        : answerText(record, this.platform) !== null
          ? briefText(record, this.platform, room, 0, this.columnsOf)
          : roomyText(record, this.platform, Math.floor(room) - wholeBeside(record), this.columnsOf);
      known = { room, text };
      this.texts.set(record, known);
    }
    return known.text;
  }

  /** Where a chip ends, from its lane's edge. */
  chipEnd(line: Line, column: Column): number {
    const wait = this.isWaitShown(line, column) ? waitWidth[this.density] : 0;
    return Math.min(this.answerEnd(line, column) + wait, column.width);
  }

  /** Where ends what it says of the call and of its answer. */
  private answerEnd({ record, isPending }: Line, column: Column): number {
    const text = this.textOf(record, column);
    const result = isPending || text.result === '' ? 0 : text.result.length + 3;
    const call = text.length - (text.result === '' ? 0 : text.result.length + 3);
    const got = isPending ? '' : this.receivedIn(text, column);
    const received = got === '' ? 0 : this.columnsOf(got) * this.smallWidth + 20;
    return chipX + chipPadding + (call + result) * this.charWidth + received;
  }

  /**
   * Whether how long a call waits is told beside it, which must not leave the lane; or, behind its answer, how
   * long it waited: beside a brief one the lane begins that it opened, and an error may take the whole line.
   */
  isWaitShown(line: Line, column: Column): boolean {
    const { kind, record, isPending } = line;
    const { isBrief, width } = column;
    if (isPending) {
      const { length } = this.textOf(record, column);
      return !isBrief || chipX + chipPadding + (length + ageChars) * this.charWidth <= width;
    }
    if (kind !== 'call' || !isLongWait(record)) {
      return false;
    }
    if (isFailure(record)) {
      const error = (this.textOf(record, column).result.length + 3) * this.charWidth;
      return chipX + chipPadding + error + waitWidth[this.density] <= width;
    }
    return (
      !isBrief || (record.createdIds.length === 0 && this.answerEnd(line, column) + waitWidth.brief <= width)
    );
  }

  /** What of the received fits behind the answer; empty where that is too little: in the lane beside it would be another socket's. */
  receivedIn({ received, length }: ChipText, { width, isBrief }: Column): string {
    if (received === null) {
      return '';
    }
    // The edge of a brief one may lie in the next lane, but not on its life-line.
    const besides = chipX + chipPadding + length * this.charWidth + (isBrief ? 0 : 20);
    const room = (width - besides) / this.smallWidth;
    const least = Math.min(leastReceived, this.columnsOf(received));
    return room >= least ? cutTo(received, room, this.columnsOf) : '';
  }

  /** How wide a pill with a state is. */
  markWidth(change: StateChange, column: Column): number {
    const { length } = stateName(change) ?? '';
    return column.isBrief
      ? (length * this.usualWidth * 10) / 12 + (isTight(column) ? 4 : 19)
      : length * this.smallWidth + 17;
  }

  /** How wide a box of what waits is, and what of it is shown; a brief one does not say how much that is. */
  boxOf(
    { width, isBrief }: Column,
    segments: readonly BoxSegment[],
    total: string,
  ): { width: number; segments: BoxSegment[] } {
    const edge = isBrief ? 7 : 11;
    const widthOf = ({ text }: BoxSegment) => this.columnsOf(text) * this.smallWidth + edge;
    const whole = segments.reduce((sum, segment) => sum + widthOf(segment), 0);
    if (!isBrief) {
      return { width: whole + 6 + total.length * this.smallWidth, segments: [...segments] };
    }
    // The arrow into it needs some room, too.
    const room = width - chipX - arrowRoom;
    if (whole <= room) {
      return { width: whole, segments: [...segments] };
    }
    const rest: BoxSegment = { text: '…', sentSeq: null };
    const shown: BoxSegment[] = [];
    let used = segments.length > 1 ? widthOf(rest) : 0;
    for (const segment of segments) {
      const left = (room - used - edge) / this.smallWidth;
      const text = cutTo(segment.text, left, this.columnsOf);
      if (text !== segment.text) {
        if (text.length > 1) {
          shown.push({ ...segment, text });
        }
        break;
      }
      shown.push(segment);
      used += widthOf(segment);
    }
    return { width: room, segments: shown.length < segments.length ? [...shown, rest] : shown };
  }
}
