import type { CallRecord } from '../call.js';
import type { Platform } from '../tables/constants.js';
import { DamagedBytesError, unlessDamaged } from './bytes.js';
import { at, header, headerSize, place, sizeOf } from './rowLayout.js';
import { RowReader } from './rowReader.js';

/** Records as the store has them, each a header and a body: they cross a pipe many times faster than as objects. */
export interface PackedRows {
  /** Whose errno numbers they have. */
  platform: Platform;
  bytes: Uint8Array;
}

/**
 * The records of packed rows, in their order, without those whose bytes make none.
 * @throws DamagedBytesError where it is unknown where the next one begins.
 */
export function unpack({ platform, bytes }: PackedRows): CallRecord[] {
  const reader = new RowReader(platform);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: CallRecord[] = [];
  for (const start of startsOf(view)) {
    const body = start + headerSize;
    const row = {
      bytes: bytes.subarray(body, body + view.getUint32(start + header.length, true)),
      socketId: view.getUint32(start + header.socketId, true),
      seq: view.getFloat64(start + header.seq, true),
      startNs: view.getFloat64(start + header.startNs, true),
    };
    const record = unlessDamaged(() => reader.read(row));
    if (record?.payload && view.getInt32(body + at.payloadSegment, true) === place.none) {
      record.payload.captured = 0;
    }
    if (record) {
      records.push(record);
    }
  }
  return records;
}

/**
 * The numbers of the records of packed rows, which their headers tell.
 * @throws DamagedBytesError where it is unknown where the next one begins.
 */
export function seqsOf({ bytes }: PackedRows): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from(startsOf(view), (start) => view.getFloat64(start + header.seq, true));
}

/** Where each row begins. */
function* startsOf(view: DataView): Generator<number> {
  for (let start = 0; start < view.byteLength;) {
    const isCut = start + headerSize > view.byteLength;
    const end = isCut ? Infinity : start + sizeOf(view.getUint32(start, true));
    if (end > view.byteLength) {
      throw new DamagedBytesError();
    }
    yield start;
    start = end;
  }
}
