import { previewLength } from '../../common/call.js';
import { bit, echoAt, form, headerSize, makerShift, place, shortAt } from '../../common/rows/rowLayout.js';
import type { MovedRow } from './movedRow.js';
import { offsetOf, packed, type Segment, segmentOf } from './segments.js';
import { copyBytes, type WordBytes } from './wordBytes.js';

/*
 * Most records are of short messages that an automatic mode moves. Where what they say follows from little, their rows say only
 * that: half of the bytes have to go through the caches and into the file. Whoever reads them has the full row made of it.
 */

const largestUint16 = 0xffff;
const largestInt32 = 0x7fffffff;
/** Of IPv6. */
const longestAddress = 28;

/** Whether the rest of the row follows from what a short one holds, and its data is inline. */
export function isShort(row: MovedRow, isOut: boolean, length: number, payloadSegment: number): boolean {
  const { result, requested } = row;
  return (
    payloadSegment === place.inline &&
    result >= 0 &&
    row.endNs === row.startNs &&
    !row.hasWaited &&
    row.messageFlags === 0 &&
    row.addressRoom <= largestUint16 &&
    requested <= largestInt32 &&
    (isOut ? length === requested : length === result && result <= requested)
  );
}

/** Whether a short row, or that of an echo, has its body there. */
export function isShortAt({ i32 }: Segment, offset: number): boolean {
  return ((i32[offset >> 2]! >> 8) & 0xff) >= form.short;
}

function formOf({ i32 }: Segment, offset: number): form {
  return (i32[offset >> 2]! >> 8) & 0xff;
}

/** Its position. `inline` bytes of `data` from `start` on are those that a row holds. */
export function writeShort(
  segment: Segment,
  row: MovedRow,
  bits: number,
  data: WordBytes,
  start: number,
  inline: number,
): number {
  const offset = segment.nextBody;
  const { i32 } = segment;
  const word = offset >> 2;
  i32[word] = row.call | (form.short << 8) | (bits << 16);
  i32[word + shortAt.fd / 4] = row.fd;
  i32[word + shortAt.peerId / 4] = row.peerId;
  i32[word + shortAt.result / 4] = row.result;
  i32[word + shortAt.requested / 4] = row.requested;
  let end = offset + shortAt.rest;
  if (bits & bit.hasStreamOffset) {
    segment.f64[end >> 3] = row.streamOffset;
    end += 8;
  }
  if (bits & bit.hasAddress) {
    i32[word + shortAt.address / 4] = row.addressRoom | (row.addressLength << 16);
    copyBytes(row.address, row.addressStart, row.addressLength, segment, end);
    end += row.addressLength;
  }
  copyBytes(data, start, inline, segment, end);
  segment.commit(end + inline - offset, row.socketId, row.seq, row.startNs);
  return packed(segment.id, offset);
}

const ofEchoes = bit.hasResult | bit.hasEnd | bit.hasFd | bit.hasPayload | bit.isOut;

/**
 * Its position; −1 where no short row lies at `received` in the same segment, or one that is not like it.
 * @param row Of the same socket as that. Its data, the descriptor, the other end and the times are not looked at, but for the end.
 */
export function writeEcho(segment: Segment, received: number, row: MovedRow): number {
  const { i32, f64 } = segment;
  const source = offsetOf(received);
  const { addressLength, streamOffset } = row;
  const first = i32[source >> 2]!;
  const shared = (streamOffset < 0 ? 0 : bit.hasStreamOffset) | (addressLength > 0 ? bit.hasAddress : 0);
  if (
    segmentOf(received) !== segment.id ||
    ((first >> 8) & 0xff) !== form.short ||
    ((first >>> 16) & (bit.hasStreamOffset | bit.hasAddress | bit.isOut)) !== shared ||
    i32[(source + shortAt.result) >> 2] !== row.result ||
    (addressLength > 0 && i32[(source + shortAt.address) >> 2]! >>> 16 !== addressLength)
  ) {
    return -1;
  }
  const offset = segment.nextBody;
  const word = offset >> 2;
  i32[word] = row.call | (form.echo << 8) | ((ofEchoes | shared | (row.maker << makerShift)) << 16);
  i32[word + echoAt.distance / 4] = offset - source;
  let length: number = echoAt.streamOffset;
  if (streamOffset >= 0 && f64[(source + shortAt.rest) >> 3] !== streamOffset) {
    f64[(offset + echoAt.streamOffset) >> 3] = streamOffset;
    length = echoAt.end;
  }
  segment.commit(length, row.socketId, row.seq, row.endNs);
  return packed(segment.id, offset);
}

/** Of data of so many bytes, those that a row holds. */
export function inlineOf(length: number): number {
  return length < previewLength ? length : previewLength;
}

/** What a short row or that of an echo stands for. */
export interface ExpandedRow {
  row: MovedRow;
  bits: number;
  /** Where its data begins in the segment, and its length. */
  start: number;
  length: number;
}

/**
 * Where the short row lies whose bytes this one has: itself, or what it echoes; −1 where it is damaged. Nothing in it is
 * trusted.
 */
export function sourceOf(from: Segment, offset: number): number {
  const { i32, u32, end } = from;
  const bits = i32[offset >> 2]! >>> 16;
  let source = offset;
  if (formOf(from, offset) === form.echo) {
    source -= u32[(offset + echoAt.distance) >> 2]!;
    if (u32[(offset - headerSize) >> 2]! < echoAt.streamOffset || source < headerSize || source % 8 !== 0) {
      return -1;
    }
  }
  const word = source >> 2;
  const length = u32[(source - headerSize) >> 2]!;
  if (length < shortAt.rest || source + length > end || formOf(from, source) !== form.short) {
    return -1;
  }
  const result = u32[word + shortAt.result / 4]!;
  const requested = source < offset ? result : u32[word + shortAt.requested / 4]!;
  const sourceBits = i32[word]! >>> 16;
  const address = sourceBits & bit.hasAddress ? u32[word + shortAt.address / 4]! >>> 16 : 0;
  const needed =
    shortAt.rest +
    (sourceBits & bit.hasStreamOffset ? 8 : 0) +
    address +
    inlineOf(bits & bit.isOut ? requested : result);
  const isSound =
    needed <= length && result <= largestInt32 && requested <= largestInt32 && address <= longestAddress;
  return isSound ? source : -1;
}

/** Reads a short row or that of an echo; false where it is damaged. */
export function readShort(from: Segment, offset: number, into: ExpandedRow): boolean {
  const source = sourceOf(from, offset);
  if (source < 0) {
    return false;
  }
  const { i32, u32, f64 } = from;
  const { row } = into;
  const header = (offset - headerSize) >> 2;
  const word = source >> 2;
  const [bits, sourceBits] = [i32[offset >> 2]! >>> 16, i32[word]! >>> 16];
  row.call = i32[offset >> 2]! & 0xff;
  row.fd = i32[word + shortAt.fd / 4]!;
  row.peerId = i32[word + shortAt.peerId / 4]!;
  row.result = i32[word + shortAt.result / 4]!;
  row.requested = source < offset ? row.result : i32[word + shortAt.requested / 4]!;
  row.maker = bits >>> makerShift;
  row.socketId = u32[header + 1]!;
  row.seq = f64[(header >> 1) + 1]!;
  row.startNs = f64[(header >> 1) + 2]!;
  row.endNs = row.startNs;
  row.streamOffset = -1;
  row.addressLength = 0;
  row.addressRoom = 0;
  let start = source + shortAt.rest;
  if (sourceBits & bit.hasStreamOffset) {
    row.streamOffset = f64[start >> 3]!;
    start += 8;
  }
  if (source < offset && u32[header]! >= echoAt.end) {
    row.streamOffset = f64[(offset + echoAt.streamOffset) >> 3]!;
  }
  if (sourceBits & bit.hasAddress) {
    const address = u32[word + shortAt.address / 4]!;
    row.addressRoom = address & largestUint16;
    row.addressLength = address >>> 16;
    row.address = from;
    row.addressStart = start;
    start += row.addressLength;
  }
  into.bits = bits;
  into.start = start;
  into.length = bits & bit.isOut ? row.requested : row.result;
  return true;
}
