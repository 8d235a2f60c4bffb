import { type CallRecord, previewLength } from '../common/call.js';
import type { SocketId, SocketInfo } from '../common/socket.js';
import { segmentSize } from './store/fileFormat.js';
import type { MovedRow } from './store/movedRow.js';
import type { PinnedSegment } from './store/pinnedSegment.js';
import { RecordReader, socketSeq } from './store/recordReader.js';
import type { RecordingFile } from './store/recordingFile.js';
import { movedBit, movedBits } from '../common/rows/rowCalls.js';
import { headerSize, place } from '../common/rows/rowLayout.js';
import { RowReader } from '../common/rows/rowReader.js';
import { RowWriter } from './store/rowWriter.js';
import type { SegmentList } from './store/segmentList.js';
import { SegmentStore, type StoreLimits, type StoreObserver } from './store/segmentStore.js';
import { packed, type Position, segmentOf } from './store/segments.js';
import { SeqIndex } from './store/seqIndex.js';
import { encodeSocket } from './store/socketCodec.js';
import type { WordBytes } from './store/wordBytes.js';

export interface CaptureOptions {
  limits: Partial<StoreLimits>;
  /** Makes the file that is written behind; null for none. */
  openFile: (() => RecordingFile) | null;
  onDidFail: (error: Error) => void;
}

const defaultLimits: StoreLimits = { memory: 64 << 20, disk: 1 << 30 };
/** Less would leave no room for a segment of either kind and the next one. */
const leastMemory = 4 * segmentSize;

/** More than the row of a call that moved payload takes. */
const largestMovedRow = 1024;

/** Room in a segment that has been reserved and not yet committed. */
export interface Reservation {
  segment: PinnedSegment;
  /** Where the body begins. */
  offset: number;
}

/** What is gone of a socket's records and their payload. */
export interface Drops {
  records: number;
  bytes: number;
}

/**
 * The record store. Rows and payload are appended to segments of their own: payload is large and goes
 * first, a row stays with its preview. Nothing is kept as an object.
 */
export class Capture {
  private readonly store: SegmentStore;
  private readonly payload: SegmentList;
  private readonly rows: SegmentList;
  private readonly index: SeqIndex;
  private readonly socketIndex = new SeqIndex(1);
  private readonly writer: RowWriter;
  readonly rowReader = new RowReader('linux');
  /** Gives what was appended. */
  readonly reader: RecordReader;
  /** What was dropped in all, and since {@link takeDrops} of each socket (0: of none of ours). */
  readonly dropped: Drops = { records: 0, bytes: 0 };
  private newDrops = new Map<SocketId, Drops>();

  constructor(firstSeq: number, { limits, openFile = null, onDidFail }: Partial<CaptureOptions> = {}) {
    const { memory, disk } = { ...defaultLimits, ...limits };
    this.index = new SeqIndex(firstSeq);
    const observer: StoreObserver = {
      didDrop: (kind, losses) => {
        for (const [socketId, { records, bytes }] of losses) {
          this.countDrop(socketId, records, bytes);
        }
        if (kind === 'rows') {
          const isHeld = (segment: number) => this.rows.has(segment);
          this.index.trim(isHeld);
          this.socketIndex.trim(isHeld);
        }
      },
      didFail: (error) => onDidFail?.(error),
    };
    this.store = new SegmentStore({ memory: Math.max(memory, leastMemory), disk }, openFile, observer);
    this.payload = this.store.payload;
    this.rows = this.store.rows;
    this.writer = new RowWriter(this.rows, 'linux');
    this.reader = new RecordReader(this.rows, this.payload, this.index, this.socketIndex, this.rowReader);
  }

  /** The first `seq` whose row may still be held. */
  get firstSeq(): number {
    return this.reader.firstSeq;
  }

  /** Bytes in memory that are not in the recording's file (yet). */
  get unwrittenBytes(): number {
    return this.store.unwrittenBytes;
  }

  /** Whether a call with so many bytes can be kept without another being dropped for it. */
  canKeep(length: number): boolean {
    return (this.payload.fits(length) && this.rows.fits(largestMovedRow)) || this.store.hasRoom;
  }

  /** Memory for the kernel to write payload into. Valid until the next reservation. */
  reserve(length: number): Reservation {
    const segment = this.payload.room(length);
    return { segment, offset: segment.nextBody };
  }

  /** Like {@link reserve}, without an object: the room begins at `nextBody` of the segment. */
  room(length: number): PinnedSegment {
    return this.payload.room(length);
  }

  /** Keeps the first `length` bytes of a reservation as the payload of a record. */
  commit({ segment }: Reservation, length: number, seq: number, time: number): void {
    segment.commit(length, 0, seq, time);
  }

  /** Keeps bytes as the payload of a record. */
  appendPayload(bytes: Uint8Array, seq: number, time: number): Position {
    return this.copyPayload(bytes, 0, seq, time);
  }

  /** Keeps a record that has ended. */
  append(record: CallRecord, payload: Position | null): void {
    const { seq, socketId } = record;
    this.index.set(seq, this.writer.write(record, payload));
    const segment = payload && socketId !== null ? this.payload.find(payload.segment) : undefined;
    if (segment) {
      segment.u32[((payload!.offset - headerSize) >> 2) + 1] = socketId!;
    }
    this.store.touch();
  }

  /**
   * Keeps a call that moved payload, without an object for it. What is short goes into the row.
   * @param data Holds that of the call from `start` on: for a receiving call what came, for a sending one
   *   what it was given, of which the first `row.result` bytes went.
   * @param room The segment that {@link room} gave and whose room `data` and `start` are; null where they are
   *   elsewhere, and are copied.
   * @returns The position of its row.
   */
  appendMoved(
    row: MovedRow,
    data: WordBytes,
    start: number,
    length: number,
    room: PinnedSegment | null,
  ): number {
    const sent = row.result > 0 ? row.result : 0;
    const captured = movedBits[row.call]! & movedBit.isOut ? sent : length;
    let segment: number = place.inline;
    let offset = 0;
    if (captured > previewLength) {
      if (row.sharedSegment >= 0) {
        segment = row.sharedSegment;
        offset = row.sharedOffset;
      } else if (room) {
        segment = room.id;
        offset = room.nextBody;
        room.commit(captured, row.socketId, row.seq, row.startNs);
      } else {
        const part = data.bytes.subarray(start, start + captured);
        const copied = this.copyPayload(part, row.socketId, row.seq, row.startNs);
        segment = copied.segment;
        offset = copied.offset;
      }
    }
    const position = this.writer.writeMoved(row, data, start, length, segment, offset);
    this.index.set(row.seq, position);
    this.store.touch();
    return position;
  }

  /**
   * Keeps a call that sent back all of what the row at `received` tells of, to where it came from, before anything else was
   * done with the socket. False where it has to be kept as others are.
   */
  appendEcho(received: number, row: MovedRow): boolean {
    const position = this.writer.writeEcho(received, row);
    if (position < 0) {
      return false;
    }
    this.index.set(row.seq, position);
    this.store.touch();
    return true;
  }

  /** Notes what is known of a socket, for whoever reads the recording and for filters. */
  noteSocket(info: SocketInfo): void {
    const bytes = encodeSocket(info);
    const segment = this.rows.room(bytes.length);
    const offset = segment.nextBody;
    segment.bytes.set(bytes, offset);
    segment.commit(bytes.length, info.id, socketSeq, info.lost?.ns ?? 0);
    this.socketIndex.set(info.id, packed(segment.id, offset));
    this.store.touch();
  }

  /** Whether what was noted of a socket is still held. */
  hasSocket(id: SocketId): boolean {
    const position = this.socketIndex.get(id);
    return position >= 0 && this.rows.has(segmentOf(position));
  }

  /** The record as it ended; undefined when it has not, or is forgotten. */
  read(seq: number): CallRecord | undefined {
    return this.reader.read(seq);
  }

  /** A copy of the captured payload of a record. */
  readData(seq: number, offset: number, length: number): Uint8Array {
    return this.reader.readData(seq, offset, length);
  }

  /** Whether {@link takeDrops} would give anything. */
  get hasNewDrops(): boolean {
    return this.newDrops.size > 0;
  }

  /** What was dropped since the last time, by socket. */
  takeDrops(): Map<SocketId, Drops> {
    const drops = this.newDrops;
    this.newDrops = new Map();
    return drops;
  }

  /** Everything that is held, for a copy in a file. */
  held(): ReturnType<SegmentStore['held']> {
    return this.store.held();
  }

  /** Forgets everything that has ended. */
  clear(): void {
    this.store.clear();
    this.index.clear();
    this.socketIndex.clear();
  }

  /** Writes what is not yet written: the process ends. */
  end(): Promise<void> {
    return this.store.end();
  }

  private countDrop(socketId: SocketId, records: number, bytes: number): void {
    this.dropped.records += records;
    this.dropped.bytes += bytes;
    const drops = this.newDrops.get(socketId) ?? { records: 0, bytes: 0 };
    drops.records += records;
    drops.bytes += bytes;
    this.newDrops.set(socketId, drops);
  }

  private copyPayload(bytes: Uint8Array, socketId: number, seq: number, time: number): Position {
    const segment = this.payload.room(bytes.length);
    const offset = segment.nextBody;
    segment.bytes.set(bytes, offset);
    segment.commit(bytes.length, socketId, seq, time);
    return { segment: segment.id, offset };
  }
}
