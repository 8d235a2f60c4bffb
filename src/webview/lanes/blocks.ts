import type { CallRecord } from '../../common/call.js';
import type { SocketId } from '../../common/socket.js';
import { injectedText } from '../../common/socketText.js';
import { lineHeight } from './rowHeights.js';

/** One call in its lane at the time when it began, or the return of one that had waited. */
export interface Line {
  kind: 'call' | 'return';
  record: CallRecord;
  /** Of its upper edge in the block, in px. */
  y: number;
  /** When what it shows happened. */
  ns: number;
  /** With the sentences below it. */
  height: number;
  /** The answer stands elsewhere, at its own time, or has not come. */
  isPending: boolean;
  /** Rows of text below: a failed call's sentence, what is to be learnt from an answer. */
  note: LineNote | null;
  /** The faults of a tap that it is due to, or that became of it, in a row of their own; empty without any. */
  injected: string;
  /** The listener's lane: the kernel's handshake is drawn to it, below the call or, in narrow lanes, beside it. */
  handshakeWith: SocketId | null;
}

export interface LineNote {
  text: string;
  lines: number;
}

/** Free between two lines, for states that no record tells of: the kernel told them after the one and before the other. */
export interface Gap {
  /** Of its upper edge in the block, in px. */
  y: number;
  /** When the first of them was told. */
  ns: number;
}

/** A row: a call, and what returned until the next one began. */
export interface Block {
  seq: number;
  row: number;
  height: number;
  lines: readonly Line[];
  gaps: readonly Gap[];
}

/** The arrows of a handshake need so much. */
export const handshakeHeight = 46;
/** What a failed call takes beyond its line and its sentence. */
export const failureHeight = 19;
const noteLineHeight = 17;

/** What decides how high a line is; asked for each record that is drawn. */
export interface LineFacts {
  noteOf(record: CallRecord): LineNote | null;
  isFailed(record: CallRecord): boolean;
  handshakeWith(record: CallRecord): SocketId | null;
  /** What it takes below its call, in px. */
  handshakeRoom(): number;
}

/**
 * The lines of a row.
 * @param returned Calls that had waited and returned before the next row begins, in the order of their returns.
 * @param told When states came until then that no record tells of, in order.
 */
export function blockOf(
  seq: number,
  row: number,
  record: CallRecord | undefined,
  returned: readonly CallRecord[],
  told: readonly number[],
  facts: LineFacts,
): Block {
  if (!record) {
    return { seq, row, height: lineHeight, lines: [], gaps: [] };
  }
  const lines: Line[] = [];
  const gaps: Gap[] = [];
  let y = 0;
  const addGap = (from: number, to: number) => {
    const ns = told.find((one) => one >= from && one < to);
    if (ns !== undefined) {
      gaps.push({ y, ns });
      y += lineHeight;
    }
  };
  const add = (kind: Line['kind'], one: CallRecord, hasResult: boolean) => {
    const note = hasResult ? facts.noteOf(one) : null;
    const injected = hasResult ? injectedText(one) : '';
    const handshakeWith = hasResult ? facts.handshakeWith(one) : null;
    const height =
      lineHeight +
      ((note?.lines ?? 0) + (injected === '' ? 0 : 1)) * noteLineHeight +
      (hasResult && facts.isFailed(one) ? failureHeight : 0) +
      (handshakeWith === null ? 0 : facts.handshakeRoom());
    const ns = kind === 'call' ? one.startNs : one.endNs!;
    lines.push({ kind, record: one, y, ns, height, isPending: !hasResult, note, injected, handshakeWith });
    y += height;
  };
  add('call', record, returnsInPlace(record, returned));
  let from = record.startNs;
  for (const one of returned) {
    if (one !== record) {
      addGap(from, one.endNs!);
      add('return', one, true);
      from = one.endNs!;
    }
  }
  addGap(from, Infinity);
  return { seq, row, height: y, lines, gaps };
}

/** Whether two blocks are drawn alike. */
export function isSameBlock(one: Block, other: Block): boolean {
  return (
    one.seq === other.seq &&
    one.row === other.row &&
    one.height === other.height &&
    one.lines.length === other.lines.length &&
    one.lines.every((line, index) => isSameLine(line, other.lines[index]!)) &&
    one.gaps.length === other.gaps.length &&
    one.gaps.every(({ y, ns }, index) => y === other.gaps[index]!.y && ns === other.gaps[index]!.ns)
  );
}

function isSameLine(one: Line, other: Line): boolean {
  return (
    one.kind === other.kind &&
    one.record === other.record &&
    one.y === other.y &&
    one.height === other.height &&
    one.isPending === other.isPending &&
    one.note?.text === other.note?.text &&
    one.note?.lines === other.note?.lines &&
    one.handshakeWith === other.handshakeWith
  );
}

/** A wait that people notice; a connection on this machine takes less, and waits too. */
export function isLongWait({ hasWaited, startNs, endNs }: CallRecord): boolean {
  return hasWaited && endNs !== null && endNs - startNs >= 10e6;
}

/** Whether the answer stands beside the call: it came before the next call began. */
function returnsInPlace(record: CallRecord, returned: readonly CallRecord[]): boolean {
  return record.status !== 'waiting' && (!record.hasWaited || returned.includes(record));
}
