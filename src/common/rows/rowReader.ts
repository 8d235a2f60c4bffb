import type { CallRecord, Payload, Value } from '../call.js';
import { formatIPv4, formatIPv6 } from '../ipAddress.js';
import type { SocketAddress } from '../socket.js';
import type { Platform } from '../tables/constants.js';
import { errnoName } from '../tables/errnos.js';
import { isCallName } from '../tables/signatures.js';
import { ByteReader, DamagedBytesError } from './bytes.js';
import { callNames, movedCalls } from './rowCalls.js';
import { at, bit, fixedSize, form, statuses, makerShift, makers } from './rowLayout.js';
import { readValue, readValues } from './valueCodec.js';

/** Where a row lies, and the header before it. */
export interface StoredRow {
  bytes: Uint8Array;
  socketId: number;
  seq: number;
  startNs: number;
}

/** Where the payload of a row lies. */
export interface PayloadPlace {
  segment: number;
  offset: number;
}

/** Reads rows as their writer wrote them, or throws: nothing in them is trusted. */
export class RowReader {
  /** @param names The calls by the number that these rows have for them. */
  constructor(
    readonly platform: Platform,
    readonly names: readonly string[] = callNames,
  ) {}

  /** Where the payload lies: in a segment, inline or nowhere, by `place`. */
  placeOf({ bytes }: StoredRow): PayloadPlace {
    const view = viewOf(bytes);
    return {
      segment: view.getInt32(at.payloadSegment, true),
      offset: view.getUint32(at.payloadOffset, true),
    };
  }

  /** The payload that the row holds itself. */
  inlineData({ bytes }: StoredRow): Uint8Array {
    const view = viewOf(bytes);
    const length = Math.min(view.getUint32(at.captured, true), view.getUint32(at.inlineLength, true));
    return bytes.subarray(fixedSize, fixedSize + length);
  }

  /**
   * The record. What it says of captured payload is what was captured: whether it is still held, others know.
   * @throws DamagedBytesError
   */
  read(row: StoredRow): CallRecord {
    const { bytes, socketId, seq, startNs } = row;
    const view = viewOf(bytes);
    const bits = view.getUint16(at.bits, true);
    const name = this.names[view.getUint8(at.call)];
    if (name === undefined || !isCallName(name)) {
      throw new DamagedBytesError('A call has no name.');
    }
    const has = (wanted: number) => (bits & wanted) !== 0;
    const inline = view.getUint32(at.inlineLength, true);
    if (fixedSize + inline > bytes.length) {
      throw new DamagedBytesError();
    }
    const isMoved = (view.getUint8(at.form) as form) === form.moved;
    const rest = new ByteReader(bytes, fixedSize + inline, view);
    const record: CallRecord = {
      seq,
      name,
      args: isMoved ? [] : readValues(rest),
      status: statuses[bits & bit.status]!,
      result: has(bit.hasResult) ? view.getInt32(at.result, true) : null,
      errno: has(bit.hasErrno) ? errnoName(view.getInt32(at.errno, true), this.platform) : null,
      startNs,
      endNs: has(bit.hasEnd) ? view.getFloat64(at.endNs, true) : null,
      hasWaited: has(bit.hasWaited),
      fd: has(bit.hasFd) ? view.getInt32(at.fd, true) : null,
      socketId: socketId || null,
      createdIds: [],
      peerId: view.getUint32(at.peerId, true) || null,
      payload: has(bit.hasPayload) ? payloadOf(view, bits) : null,
      thread: null,
      madeBy: isMoved ? (makers[bits >>> makerShift] ?? null) : null,
      resolution: null,
    };
    if (isMoved) {
      const data = bytes.slice(fixedSize, fixedSize + inline);
      record.args = movedArgs(record, view, data, has(bit.hasAddress) ? readAddress(rest) : null);
    }
    if (has(bit.hasExtras)) {
      readExtras(rest, record);
    }
    if (has(bit.isWide)) {
      readWide(rest, record);
    }
    return record;
  }
}

interface MovedAddress {
  /** Null where the kernel wrote none. */
  address: SocketAddress | null;
  room: number;
  length: number;
}

function viewOf(bytes: Uint8Array): DataView {
  if (bytes.length < fixedSize) {
    throw new DamagedBytesError();
  }
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function payloadOf(view: DataView, bits: number): Payload {
  return {
    direction: bits & bit.isOut ? 'out' : 'in',
    length: view.getUint32(at.payloadLength, true),
    captured: view.getUint32(at.captured, true),
    offset: bits & bit.hasStreamOffset ? view.getFloat64(at.streamOffset, true) : null,
  };
}

function movedArgs(
  { name, fd, result, payload }: CallRecord,
  view: DataView,
  data: Uint8Array,
  from: MovedAddress | null,
): Value[] {
  const shape = movedCalls.get(name);
  if (!shape) {
    throw new DamagedBytesError(`${name} has no arguments.`);
  }
  const requested = view.getUint32(at.requested, true);
  const isWritten = shape.isOut || (result ?? -1) >= 0;
  const length = shape.isOut ? requested : (payload?.captured ?? 0);
  const args: Value[] = [fd, isWritten ? { kind: 'data', bytes: data, length } : { kind: 'any' }, requested];
  if (shape.hasFlags) {
    args.push(view.getInt32(at.messageFlags, true));
  }
  if (shape.hasAddress) {
    args.push(...addressArgs(shape.isOut, (result ?? -1) >= 0, from));
  }
  return args;
}

function addressArgs(isOut: boolean, isDone: boolean, from: MovedAddress | null): Value[] {
  if (!from) {
    return isOut ? [null, 0] : [null, null];
  }
  const { address, room, length } = from;
  return isOut
    ? [address, length]
    : [address ?? { kind: 'any' }, { kind: 'inout', value: room, result: isDone ? length : null }];
}

function readAddress(reader: ByteReader): MovedAddress {
  const [room, length] = [reader.u32(), reader.u32()];
  return { address: length === 0 ? null : decode(reader.raw(length)), room, length };
}

const [AF_INET, AF_INET6] = [2, 10];

function decode(bytes: Uint8Array): SocketAddress {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const family = bytes.length >= 2 ? view.getUint16(0, true) : 0;
  if (family === AF_INET && bytes.length >= 16) {
    return { family: 'AF_INET', address: formatIPv4(bytes.subarray(4, 8)), port: view.getUint16(2) };
  }
  if (family === AF_INET6 && bytes.length >= 28) {
    const [flowinfo, scope] = [view.getUint32(4), view.getUint32(24, true)];
    return {
      family: 'AF_INET6',
      address: formatIPv6(bytes.subarray(8, 24)),
      port: view.getUint16(2),
      ...(flowinfo === 0 ? {} : { flowinfo }),
      ...(scope === 0 ? {} : { scopeId: scope }),
    };
  }
  return { family: 'raw', bytes: bytes.slice() };
}

function readExtras(reader: ByteReader, record: CallRecord): void {
  record.createdIds = readValues(reader).map((id) => Number(id));
  record.thread = readText(reader);
  record.madeBy = readText(reader);
  const resolution = readText(reader);
  record.resolution = resolution === null ? null : parseResolution(resolution);
}

function readText(reader: ByteReader): string | null {
  return reader.u8() === 0 ? null : reader.text();
}

function parseResolution(text: string): CallRecord['resolution'] {
  const value = parseJson(text) as { host?: unknown; addresses?: unknown } | null;
  if (typeof value?.host !== 'string' || !Array.isArray(value.addresses)) {
    throw new DamagedBytesError('A resolution is none.');
  }
  return { host: value.host, addresses: value.addresses.map(String) };
}

function readWide(reader: ByteReader, record: CallRecord): void {
  const [result, fd, socketId, peerId, length, captured] = Array.from({ length: 6 }, () => {
    const value = readValue(reader);
    return typeof value === 'number' ? value : null;
  });
  record.result = result ?? null;
  record.fd = fd ?? null;
  record.socketId = socketId ?? null;
  record.peerId = peerId ?? null;
  if (record.payload) {
    record.payload.length = length ?? 0;
    record.payload.captured = captured ?? 0;
  }
  const errno = parseJson(reader.text());
  record.errno = typeof errno === 'string' || typeof errno === 'number' ? errno : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DamagedBytesError('A text is not JSON.');
  }
}
