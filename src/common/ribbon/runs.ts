import { type CallRecord, endOf } from '../call.js';
import { dataOf } from '../messageText.js';
import { requestedLength } from '../requestedLength.js';
import { firstIndex } from '../search.js';

/** The bytes that one call moved. */
export interface Run {
  seq: number;
  /** Position of the first byte in the stream; of a datagram the record's number. */
  offset: number;
  length: number;
  startNs: number;
  /** Null while the call waits. */
  endNs: number | null;
  /** As many of the bytes as the record holds itself. */
  preview: Uint8Array;
  /** Of a receive, the size of its buffer: a longer datagram was cut. */
  room: number;
  /** Sent with MSG_OOB: from here on the receiver may count differently. */
  isOutOfBand: boolean;
}

/** The same numbers on all platforms. */
export const [MSG_OOB, MSG_PEEK] = [1, 2];
const none = new Uint8Array();

/** The bytes of a record, which has some, as a run of its stream from an offset on. */
export function runOf(record: CallRecord, offset: number): Run {
  const { seq, status, startNs, payload } = record;
  const data = dataOf(record);
  // The parts of a message are cut one by one: together they are no beginning.
  const isBeginning = data !== undefined && (record.args.includes(data) || data.bytes.length === data.length);
  return {
    seq,
    offset,
    length: payload!.length,
    startNs,
    endNs: status === 'waiting' ? null : endOf(record),
    preview: isBeginning ? data.bytes.subarray(0, payload!.length) : none,
    room: requestedLength(record) ?? (typeof record.args[2] === 'number' ? record.args[2] : 0),
    isOutOfBand: payload!.direction === 'out' && (flagsOf(record) & MSG_OOB) !== 0,
  };
}

/** The `MSG_` flags that a call was made with. */
export function flagsOf({ name, args }: CallRecord): number {
  const flags = args[name === 'sendmsg' || name === 'recvmsg' ? 2 : 3];
  return typeof flags === 'number' && name !== 'read' && name !== 'write' ? flags : 0;
}

/** Whether two runs say the same of bytes that they share, as far as both say anything. */
export function isSame(one: Run, at: number, other: Run, otherAt: number, length: number): boolean {
  const shared = Math.min(length, one.preview.length - at, other.preview.length - otherAt);
  for (let i = 0; i < shared; i++) {
    if (one.preview[at + i] !== other.preview[otherAt + i]) {
      return false;
    }
  }
  return true;
}

/** Runs in the order of their offsets; those of one direction of one descriptor. */
export class Runs {
  private readonly list: Run[] = [];
  /** Where bytes can no longer be told from their offsets, also when the record that says so is here no longer. */
  certainTo = Infinity;
  /** The offset of the last one that was given up; 0 for none. */
  givenUpTo = 0;

  get all(): readonly Run[] {
    return this.list;
  }

  set(run: Run): void {
    const at = this.indexOf(run.seq, run.offset);
    const known = this.list[at];
    if (known?.seq === run.seq && known.offset === run.offset) {
      this.list[at] = run;
    } else {
      this.list.splice(at, 0, run);
    }
    if (run.isOutOfBand) {
      this.certainTo = Math.min(this.certainTo, run.offset);
    }
  }

  remove({ seq, offset }: Pick<Run, 'seq' | 'offset'>): void {
    const at = this.indexOf(seq, offset);
    const known = this.list[at];
    if (known?.seq === seq && known.offset === offset) {
      this.list.splice(at, 1);
    }
  }

  /** Takes away those up to an offset, which is one of them. */
  takeTo(offset: number): Run[] {
    return this.list.splice(
      0,
      this.firstWhere((run) => run.offset > offset),
    );
  }

  /** Those that have bytes from `from` up to `to`. */
  overlapping(from: number, to: number): Run[] {
    const first = this.firstWhere(({ offset, length }) => offset + length > from);
    const found: Run[] = [];
    for (let at = first; at < this.list.length && this.list[at]!.offset < to; at++) {
      found.push(this.list[at]!);
    }
    return found;
  }

  /** The first one that `isBehind` says yes to; it goes on saying yes. */
  firstWhere(isBehind: (run: Run) => boolean): number {
    return firstIndex(0, this.list.length, (index) => isBehind(this.list[index]!));
  }

  private indexOf(seq: number, offset: number): number {
    return this.firstWhere((run) => run.offset > offset || (run.offset === offset && run.seq >= seq));
  }
}
