import type { CallRecord } from '../common/call.js';
import { type FilterRow, RecordRow } from '../common/filter/row.js';
import { recordText, type SocketLookup } from '../common/recordText.js';
import type { Platform } from '../common/tables/constants.js';
import type { RecordReader } from './store/recordReader.js';
import { decodeData, type RowCursor } from './store/rowCursor.js';

/** How long a walk holds the process at a time, in ms. */
const sliceMs = 8;
/** Records between two looks at the clock. */
const stride = 64;

/** What is walked over. */
export interface RecordSource {
  readonly reader: RecordReader;
  readonly cursor: RowCursor;
  readonly sockets: SocketLookup;
  readonly platform: Platform;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** The record of a call that has not ended; undefined for others. */
  running(seq: number): CallRecord | undefined;
  /** The calls from this one on that have not ended, in order. */
  waitingFrom(seq: number): number[];
}

/** Looks at one record after the other, in order of `seq`. */
export class RecordWalk {
  private waiting: number[] = [];
  /** The first record that was not looked at. */
  next: number;

  /**
   * @param to The last record to look at.
   * @param visit Looks at a record; false ends the walk behind it. The row is good until it returns.
   */
  constructor(
    private readonly source: RecordSource,
    from: number,
    private readonly to: number,
    private readonly visit: (row: FilterRow) => boolean,
  ) {
    this.next = Math.max(from, source.firstSeq);
  }

  /** Goes on for a moment; true when there is nothing more to do. */
  slice(): boolean {
    const end = performance.now() + sliceMs;
    this.waiting = this.source.waitingFrom(this.next);
    this.source.cursor.refresh();
    do {
      for (let round = 0; round < stride; round++) {
        if (this.next > Math.min(this.to, this.source.lastSeq) || !this.look()) {
          return true;
        }
      }
    } while (performance.now() < end);
    return false;
  }

  private look(): boolean {
    const { reader, cursor } = this.source;
    const running = this.source.running(this.next);
    const row = running ? this.rowOf(running) : reader.seek(this.next, cursor) ? cursor : null;
    const goesOn = row === null || this.visit(row);
    // A call that waits has no row.
    while (this.waiting.length > 0 && this.waiting[0]! <= this.next) {
      this.waiting.shift();
    }
    const following = reader.next(this.next + 1) ?? this.source.lastSeq + 1;
    this.next = Math.min(following, this.waiting[0] ?? Infinity);
    return goesOn;
  }

  private rowOf(record: CallRecord): RecordRow {
    const { sockets, platform } = this.source;
    return new RecordRow(record, {
      socketOf: (id) => sockets.get(id),
      dataOf: () => new Uint8Array(),
      decode: decodeData,
      textOf: () => recordText(record, sockets, platform),
    });
  }
}
