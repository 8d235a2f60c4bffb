import { crc32 } from 'node:zlib';
import { t } from '../../common/l10n.js';
import type { HostInfo } from '../../common/protocol/socketHost.js';
import type { Observation } from '../../common/protocol/trace.js';
import { callNames } from '../../common/rows/rowCalls.js';

/** See docs/recording.md. */
const fileVersion = 3;
/** What those before have otherwise, its readers can tell from the rows. */
const oldestVersion = 1;
/** The header, and the beginning of the first slot. */
export const fileHeaderSize = 4096;
/** A segment of common size and the header before it fill one slot. */
export const slotSize = 1 << 20;
export const slotHeaderSize = 64;
/** Bytes of a segment of common size. */
export const segmentSize = slotSize - slotHeaderSize;
/** A file beyond this is not read. */
export const largestFile = 1 << 30;

/** The first byte is no text, so that nobody takes the file for one. */
const magic = Uint8Array.of(0x89, ...new TextEncoder().encode('SOCKREC'));
const slotMagic = 0x31474553;
const jsonStart = 24;

export type SegmentKind = 'rows' | 'payload';
const kinds: readonly (SegmentKind | undefined)[] = [undefined, 'rows', 'payload'];

/** What a recording says of itself. */
export interface FileMeta {
  /** In ms since 1970. */
  created: number;
  /** The clock's time at record time 0, in ms since 1970. */
  originTime: number;
  host: HostInfo;
  /** The calls by the number that the rows have for them. */
  calls: readonly string[];
  /** Who has observed the calls, where they were not made here. */
  observed?: Observation | null;
}

/** A file that is not a recording, or one that cannot be read here. The message is for people. */
export class RecordingError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RecordingError';
  }
}

/** What a new file tells of itself. `originTime` in milliseconds since 1970. */
export function newMeta(host: HostInfo, originTime: number): FileMeta {
  return { created: Date.now(), originTime, host, calls: callNames };
}

/** The bytes that a file begins with. */
export function encodeFileHeader(meta: FileMeta): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(meta));
  const bytes = new Uint8Array(fileHeaderSize);
  const view = new DataView(bytes.buffer);
  bytes.set(magic);
  view.setUint32(8, fileVersion, true);
  view.setUint32(12, slotSize, true);
  view.setUint32(16, json.length, true);
  view.setUint32(20, crc32(json), true);
  bytes.set(json, jsonStart);
  return bytes;
}

/** @throws RecordingError */
export function decodeFileHeader(bytes: Uint8Array): FileMeta {
  if (bytes.length < jsonStart || magic.some((byte, index) => bytes[index] !== byte)) {
    throw new RecordingError(t('This file is not a recording of Socket Playground.'));
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint32(8, true);
  if (version < oldestVersion || version > fileVersion) {
    throw new RecordingError(
      t(
        'This recording has version {0} of the format; this extension reads version {1} and older ones.',
        version,
        fileVersion,
      ),
    );
  }
  const length = view.getUint32(16, true);
  const json = bytes.subarray(jsonStart, jsonStart + length);
  if (bytes.length < fileHeaderSize || length > fileHeaderSize - jsonStart) {
    throw damagedHeader();
  }
  if (view.getUint32(12, true) !== slotSize || crc32(json) !== view.getUint32(20, true)) {
    throw damagedHeader();
  }
  return checkedMeta(json);
}

function damagedHeader(): RecordingError {
  return new RecordingError(t('This recording is damaged: its header cannot be read.'));
}

function checkedMeta(json: Uint8Array): FileMeta {
  let meta: Partial<FileMeta> | null;
  try {
    meta = JSON.parse(new TextDecoder().decode(json)) as Partial<FileMeta> | null;
  } catch {
    throw damagedHeader();
  }
  const { created, originTime, host, calls, observed } = meta ?? {};
  const isWhole =
    typeof created === 'number' &&
    typeof originTime === 'number' &&
    typeof host?.pid === 'number' &&
    typeof host.kernel === 'string' &&
    typeof host.isRoot === 'boolean' &&
    ['linux', 'darwin', 'win32'].includes(host.platform) &&
    Array.isArray(calls) &&
    calls.every((call) => typeof call === 'string');
  if (!isWhole) {
    throw damagedHeader();
  }
  const { pid, platform, kernel, isRoot } = host;
  const isObserved = observed?.by === 'strace' && typeof observed.of === 'string';
  return {
    created,
    originTime,
    calls,
    host: { pid, platform, kernel, isRoot },
    observed: isObserved ? { by: 'strace', of: observed.of } : null,
  };
}

/** What stands before a segment. */
export interface SlotHeader {
  kind: SegmentKind;
  id: number;
  /** Bytes of the segment that are written. */
  used: number;
  /** Slots that it takes. */
  slots: number;
  /** Of the used bytes of rows; 0 for payload, whose entries are checked against their rows. */
  crc: number;
}

/** The bytes that a slot begins with. */
export function encodeSlotHeader({ kind, id, used, slots, crc }: SlotHeader): Uint8Array {
  const bytes = new Uint8Array(slotHeaderSize);
  const view = new DataView(bytes.buffer);
  [slotMagic, kinds.indexOf(kind), id, used, slots, crc].forEach((value, index) => {
    view.setUint32(4 * index, value, true);
  });
  return bytes;
}

/** Undefined where no segment begins. */
export function decodeSlotHeader(bytes: Uint8Array): SlotHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [magicNumber, kindNumber, id, used, slots, crc] = Array.from({ length: 6 }, (_, index) =>
    view.getUint32(4 * index, true),
  ) as [number, number, number, number, number, number];
  const kind = kinds[kindNumber];
  const isSound = magicNumber === slotMagic && kind && slots > 0 && used <= slots * slotSize - slotHeaderSize;
  return isSound ? { kind, id, used, slots, crc } : undefined;
}

/** Slots for a segment of so many bytes. */
export function slotsFor(size: number): number {
  return Math.ceil((size + slotHeaderSize) / slotSize);
}

/** Where a slot begins in the file. */
export function slotPosition(slot: number): number {
  return fileHeaderSize + slot * slotSize;
}
