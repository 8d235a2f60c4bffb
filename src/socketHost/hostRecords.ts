import type { CallRecord } from '../common/call.js';
import type { SocketLookup } from '../common/recordText.js';
import type { PackedRows } from '../common/rows/packedRows.js';
import type { SocketId, SocketInfo } from '../common/socket.js';
import type { Capture } from './capture.js';
import type { RecordSource } from './recordWalk.js';
import type { RunningCalls } from './runningCalls.js';
import type { RecordReader } from './store/recordReader.js';
import { RowCursor } from './store/rowCursor.js';
import { RowPacker } from './store/rowPacker.js';
import { linux } from './sys/linux.js';

/** Records in one answer, at most. */
const largestPage = 10_000;

/** All records of a host: of the calls that have ended, and of those that wait. */
export class HostRecords implements RecordSource {
  readonly platform = linux.platform;
  readonly reader: RecordReader;
  readonly sockets: SocketLookup;
  readonly cursor: RowCursor;
  private readonly packer = new RowPacker(linux.platform);

  /** @param last The number of the last call that was made; 0 before the first one. */
  constructor(
    private readonly capture: Capture,
    private readonly calls: RunningCalls,
    socketOf: (id: SocketId) => SocketInfo | undefined,
    private readonly last: () => number,
  ) {
    const { reader } = capture;
    this.reader = reader;
    this.sockets = { get: (id) => socketOf(id) ?? reader.socket(id) };
    this.cursor = new RowCursor(reader, capture.rowReader, this.sockets);
  }

  get firstSeq(): number {
    return Math.min(this.capture.firstSeq, this.calls.oldest ?? Infinity);
  }

  get lastSeq(): number {
    return this.last();
  }

  running(seq: number): CallRecord | undefined {
    return this.calls.record(seq);
  }

  waitingFrom(seq: number): number[] {
    return this.calls.from(seq);
  }

  /** Records from `from` on, at most `count`. */
  rows(from: number, count: number): PackedRows {
    const packer = this.packer.begin();
    const limit = Math.min(count, largestPage);
    for (let seq = Math.max(from, this.firstSeq); seq <= this.lastSeq && packer.count < limit;) {
      const live = this.running(seq);
      if (live) {
        packer.add(live);
        seq++;
      } else {
        seq += this.reader.copy(seq, limit - packer.count, packer) || 1;
      }
    }
    return packer.take();
  }

  /** The bytes of one record, at most `length` from `offset` on. */
  data(seq: number, offset: number, length: number): Uint8Array {
    return this.calls.data(seq, offset, length) ?? this.capture.readData(seq, offset, length);
  }
}
