import { type CallRecord, isData, previewLength, type Value } from '../../common/call.js';
import { errnoName, errnoNumber } from '../../common/tables/errnos.js';
import type { Platform } from '../../common/tables/constants.js';
import { ByteWriter } from '../../common/rows/bytes.js';
import { MovedRow } from './movedRow.js';
import { type ExpandedRow, inlineOf, isShort, readShort, writeEcho, writeShort } from './shortRow.js';
import { callIdOf, movedBit, movedBits, movedCalls } from '../../common/rows/rowCalls.js';
import {
  addressHead,
  at,
  bit,
  echoAt,
  fixedSize,
  form,
  place,
  shortAt,
  statuses,
  makerShift,
} from '../../common/rows/rowLayout.js';
import { packed, type Position, type Segment } from './segments.js';
import { writeValue, writeValues } from '../../common/rows/valueCodec.js';
import { copyBytes, type WordBytes } from './wordBytes.js';

const uint32 = 2 ** 32;

/** Gives the segment with room for a row. */
export interface RowRoom {
  room(length: number): Segment;
}

/** Writes rows into their segments. */
export class RowWriter {
  /** What follows the fixed part and what is inline. */
  private readonly rest = new ByteWriter();
  private readonly expanded: ExpandedRow = { row: new MovedRow(), bits: 0, start: 0, length: 0 };

  constructor(
    private readonly rows: RowRoom,
    private readonly platform: Platform,
  ) {}

  /**
   * The row of a call that moved payload.
   * @param length Bytes of its data that there are, from `start` of `data` on.
   * @param payloadSegment Where the payload lies, or `place.inline`, with its offset.
   */
  writeMoved(
    row: MovedRow,
    data: WordBytes,
    start: number,
    length: number,
    payloadSegment: number,
    payloadOffset: number,
  ): number {
    const moves = movedBits[row.call]!;
    const isOut = (moves & movedBit.isOut) !== 0;
    const isAddressed =
      (moves & movedBit.hasAddress) !== 0 && (isOut ? row.addressLength > 0 : row.addressRoom > 0);
    let bits = bit.hasResult | bit.hasEnd | bit.hasFd;
    if (row.result >= 0) {
      bits |= bit.hasPayload | (isOut ? bit.isOut : 0) | (row.streamOffset < 0 ? 0 : bit.hasStreamOffset);
    } else {
      bits |= bit.hasErrno;
    }
    if (row.hasWaited) {
      bits |= bit.hasWaited;
    }
    if (isAddressed) {
      bits |= bit.hasAddress;
    }
    bits |= row.maker << makerShift;
    if (!isShort(row, isOut, length, payloadSegment)) {
      return this.writeFull(row, bits, data, start, length, payloadSegment, payloadOffset);
    }
    const inline = inlineOf(length);
    const room = this.rows.room(shortAt.rest + 8 + row.addressLength + inline);
    return writeShort(room, row, bits, data, start, inline);
  }

  /** The row of a send of all that the row at `received` tells of; −1 where it has to be written as others are. */
  writeEcho(received: number, row: MovedRow): number {
    return writeEcho(this.rows.room(echoAt.end), received, row);
  }

  /** The full row that a short one, or that of an echo, stands for; false where it is damaged. */
  expand(from: Segment, offset: number): boolean {
    const { expanded } = this;
    if (!readShort(from, offset, expanded)) {
      return false;
    }
    this.writeFull(expanded.row, expanded.bits, from, expanded.start, expanded.length, place.inline, 0);
    return true;
  }

  private writeFull(
    row: MovedRow,
    bits: number,
    data: WordBytes,
    start: number,
    length: number,
    payloadSegment: number,
    payloadOffset: number,
  ): number {
    const isAddressed = (bits & bit.hasAddress) !== 0;
    const isDone = row.result >= 0;
    const isIn = (bits & bit.isOut) === 0;
    const moved = !isDone ? 0 : isIn ? length : row.result;
    const inline = inlineOf(length);
    const addressSize = isAddressed ? addressHead + row.addressLength : 0;
    const size = fixedSize + inline + addressSize;
    const segment = this.rows.room(size);
    const offset = segment.nextBody;
    const { i32, f64 } = segment;
    const word = offset >> 2;
    i32[word] = row.call | (form.moved << 8) | (bits << 16);
    i32[word + at.fd / 4] = row.fd;
    i32[word + at.peerId / 4] = row.peerId;
    i32[word + at.result / 4] = isDone ? row.result : -1;
    f64[(offset + at.endNs) >> 3] = row.endNs;
    f64[(offset + at.streamOffset) >> 3] = row.streamOffset;
    i32[word + at.payloadLength / 4] = isDone && isIn ? Math.min(row.result, row.requested) : moved;
    i32[word + at.captured / 4] = moved;
    i32[word + at.payloadSegment / 4] = payloadSegment;
    i32[word + at.payloadOffset / 4] = payloadOffset;
    i32[word + at.errno / 4] = isDone ? 0 : -row.result;
    i32[word + at.requested / 4] = row.requested;
    i32[word + at.messageFlags / 4] = row.messageFlags;
    i32[word + at.inlineLength / 4] = inline;
    copyBytes(data, start, inline, segment, offset + fixedSize);
    if (isAddressed) {
      this.writeAddress(row, segment, offset + fixedSize + inline);
    }
    segment.commit(size, row.socketId, row.seq, row.startNs);
    return packed(segment.id, offset);
  }

  /** The row of any record that has ended. */
  write(record: CallRecord, payload: Position | null): number {
    const { rest } = this;
    rest.reset();
    const short = shortFormOf(record);
    const inline = short ? short.bytes.length : 0;
    const bits = this.bitsOf(record);
    if (short) {
      rest.raw(short.bytes);
    } else {
      writeValues(rest, record.args);
    }
    if (bits & bit.hasExtras) {
      this.writeExtras(record);
    }
    if (bits & bit.isWide) {
      this.writeWide(record);
    }
    const size = fixedSize + rest.length;
    const segment = this.rows.room(size);
    const offset = segment.nextBody;
    const { i32, f64 } = segment;
    const word = offset >> 2;
    const { payload: moved } = record;
    const isInline = !payload && moved && short && moved.captured <= inline;
    i32[word] = callIdOf(record.name) | ((short ? form.moved : form.values) << 8) | (bits << 16);
    i32[word + at.fd / 4] = record.fd ?? 0;
    i32[word + at.peerId / 4] = record.peerId ?? 0;
    i32[word + at.result / 4] = record.result ?? 0;
    f64[(offset + at.endNs) >> 3] = record.endNs ?? 0;
    f64[(offset + at.streamOffset) >> 3] = moved?.offset ?? 0;
    i32[word + at.payloadLength / 4] = moved?.length ?? 0;
    i32[word + at.captured / 4] = moved?.captured ?? 0;
    i32[word + at.payloadSegment / 4] = payload?.segment ?? (isInline ? place.inline : place.none);
    i32[word + at.payloadOffset / 4] = payload?.offset ?? 0;
    i32[word + at.errno / 4] = this.errnoOf(record) ?? 0;
    i32[word + at.requested / 4] = short?.requested ?? 0;
    i32[word + at.messageFlags / 4] = short?.flags ?? 0;
    i32[word + at.inlineLength / 4] = inline;
    segment.bytes.set(rest.bytes, offset + fixedSize);
    segment.commit(size, record.socketId ?? 0, record.seq, record.startNs);
    return packed(segment.id, offset);
  }

  /** Room and length as words, and the bytes. */
  private writeAddress(
    { address, addressStart, addressLength, addressRoom }: MovedRow,
    to: Segment,
    start: number,
  ): void {
    writeWords(to, start, addressRoom, addressLength);
    copyBytes(address, addressStart, addressLength, to, start + addressHead);
  }

  private bitsOf(record: CallRecord): number {
    const { payload, thread, madeBy, resolution, createdIds } = record;
    return (
      statuses.indexOf(record.status) |
      (record.result === null ? 0 : bit.hasResult) |
      (record.hasWaited ? bit.hasWaited : 0) |
      (record.endNs === null ? 0 : bit.hasEnd) |
      (record.fd === null ? 0 : bit.hasFd) |
      (payload ? bit.hasPayload : 0) |
      (payload?.direction === 'out' ? bit.isOut : 0) |
      (payload && payload.offset !== null ? bit.hasStreamOffset : 0) |
      (record.errno === null ? 0 : bit.hasErrno) |
      (createdIds.length > 0 || thread !== null || madeBy !== null || resolution ? bit.hasExtras : 0) |
      (this.isWide(record) ? bit.isWide : 0)
    );
  }

  private errnoOf({ errno }: CallRecord): number | null {
    return typeof errno === 'string' ? (errnoNumber(errno, this.platform) ?? null) : errno;
  }

  /** Whether a number does not fit its place, or would be read as null. */
  private isWide(record: CallRecord): boolean {
    const { payload, result, fd, socketId, peerId } = record;
    const errno = this.errnoOf(record);
    return !(
      (result === null || isInt32(result)) &&
      (fd === null || isInt32(fd)) &&
      isId(socketId) &&
      isId(peerId) &&
      (payload === null || (isUint32(payload.length) && isUint32(payload.captured))) &&
      (record.errno === null || (isInt32(errno) && errnoName(errno, this.platform) === record.errno))
    );
  }

  private writeWide({ result, fd, socketId, peerId, errno, payload }: CallRecord): void {
    for (const number of [result, fd, socketId, peerId, payload?.length ?? null, payload?.captured ?? null]) {
      writeValue(this.rest, number);
    }
    this.rest.text(JSON.stringify(errno));
  }

  private writeExtras({ createdIds, thread, madeBy, resolution }: CallRecord): void {
    writeValues(this.rest, createdIds);
    this.writeText(thread);
    this.writeText(madeBy);
    this.writeText(resolution && JSON.stringify(resolution));
  }

  private writeText(text: string | null): void {
    this.rest.u8(text === null ? 0 : 1);
    if (text !== null) {
      this.rest.text(text);
    }
  }
}

/** What the arguments come down to, where they are those of a call without an address and follow from the rest. */
function shortFormOf(record: CallRecord): { bytes: Uint8Array; requested: number; flags: number } | null {
  const moved = movedCalls.get(record.name);
  const { args, fd } = record;
  if (
    !moved ||
    moved.hasAddress ||
    args.length !== (moved.hasFlags ? 4 : 3) ||
    args[0] !== fd ||
    fd === null
  ) {
    return null;
  }
  const [, data, requested, flags = 0] = args;
  if (
    !isUint32(requested) ||
    !isInt32(flags) ||
    !isData(data) ||
    record.result === null ||
    record.result < 0
  ) {
    return null;
  }
  const length = moved.isOut ? requested : record.payload?.captured;
  const isPreview = data.length === length && data.bytes.length === Math.min(length, previewLength);
  return isPreview ? { bytes: data.bytes, requested, flags } : null;
}

/** The place may lie anywhere. */
function writeWords({ bytes, i32 }: Segment, offset: number, first: number, second: number): void {
  if ((offset & 3) === 0) {
    i32[offset >> 2] = first;
    i32[(offset >> 2) + 1] = second;
    return;
  }
  for (let index = 0; index < 4; index++) {
    bytes[offset + index] = first >>> (8 * index);
    bytes[offset + 4 + index] = second >>> (8 * index);
  }
}

function isInt32(value: Value | undefined): value is number {
  return typeof value === 'number' && Object.is(value | 0, value);
}

function isUint32(value: Value | undefined): value is number {
  return (
    typeof value === 'number' &&
    Number.isInteger(value) &&
    value >= 0 &&
    value < uint32 &&
    !Object.is(value, -0)
  );
}

/** Ids begin at 1, so that 0 stands for none. */
function isId(value: number | null): boolean {
  return value === null || (isUint32(value) && value > 0);
}
