import type { CallRecord } from '../../common/call.js';
import { type Framing, messageFlag, overhead } from '../../common/framing/framing.js';
import type { RecordFrames } from '../../common/framing/recordFrames.js';
import type { ByteMark } from './byteMarks.js';

/** Bytes of a payload that another call sent or received. */
export interface Origin {
  /** The other call. */
  seq: number;
  from: number;
  length: number;
  /** Whether it was sent there, or received there. */
  isSender: boolean;
  className: string;
}

/** Two looks in turn, so that neighbours differ. */
const origins = ['from-even', 'from-odd'] as const;
const messages = ['msg-even', 'msg-odd'] as const;

/** Tells which call received the bytes of which other call. */
interface Ribbon {
  piecesInto(record: CallRecord): readonly Piece[];
  piecesFrom(record: CallRecord): readonly Piece[];
}

/** Where the bytes of a call come from or went to, as far as that is certain. */
export function originsOf(record: CallRecord, ribbon: Ribbon): Origin[] {
  const isIn = record.payload?.direction === 'in';
  const pieces = isIn ? ribbon.piecesInto(record) : ribbon.piecesFrom(record);
  return pieces
    .map(({ sentSeq, sentAt, receivedSeq, receivedAt, length }) => ({
      seq: isIn ? sentSeq : receivedSeq,
      from: isIn ? receivedAt : sentAt,
      length,
      isSender: isIn,
    }))
    .sort((a, b) => a.from - b.from)
    .map((origin, index) => ({ ...origin, className: origins[index % 2]! }));
}

/** Whether the other end of all bytes of a call is known. */
export function isExplained(record: CallRecord, ribbon: Ribbon): boolean {
  const known = originsOf(record, ribbon).reduce((sum, { length }) => sum + length, 0);
  return known >= (record.payload?.length ?? 0);
}

interface Piece {
  sentSeq: number;
  sentAt: number;
  receivedSeq: number;
  receivedAt: number;
  length: number;
}

export function originMarks(all: readonly Origin[]): ByteMark[] {
  return all.map(({ from, length, className }) => ({ from, to: from + length, className }));
}

/** The messages in the bytes of a call, and what of each is its head. */
export function frameMarks(
  frames: RecordFrames | null,
  record: CallRecord,
  framing: Framing | null,
): ByteMark[] {
  const offset = record.payload?.offset ?? 0;
  const length = record.payload?.length ?? 0;
  const { head } = framing ? overhead(framing) : { head: 0 };
  const marks = (frames?.messages ?? []).flatMap(({ number, start, end, flags }) => {
    const className = (flags & messageFlag.isImpossible) !== 0 ? 'msg-bad' : messages[number % 2]!;
    const split = Math.min(start + head, end);
    return [
      { from: start, to: split, className: `${className} msg-head` },
      { from: split, to: end, className },
    ];
  });
  return marks
    .map(({ from, to, className }) => ({
      from: Math.max(0, from - offset),
      to: Math.min(length, to - offset),
      className,
    }))
    .filter(({ from, to }) => to > from);
}
