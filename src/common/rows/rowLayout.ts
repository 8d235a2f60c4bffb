import { signatures } from '../tables/signatures.js';

/** The header before a body: its length u32, the socket's id u32, `seq` f64, the time of the start f64. */
export const header = { length: 0, socketId: 4, seq: 8, startNs: 16 } as const;
export const headerSize = 24;

/** What a body of so many bytes takes with its header. */
export function sizeOf(length: number): number {
  return headerSize + ((length + 7) & ~7);
}

/**
 * The fixed part of a row, as byte offsets from the beginning of its body. See docs/recording.md.
 */
export const at = {
  call: 0,
  form: 1,
  bits: 2,
  fd: 4,
  peerId: 8,
  result: 12,
  endNs: 16,
  streamOffset: 24,
  payloadLength: 32,
  captured: 36,
  payloadSegment: 40,
  payloadOffset: 44,
  errno: 48,
  requested: 52,
  messageFlags: 56,
  inlineLength: 60,
} as const;

/** Length of the fixed part; what is inline and the rest follow. */
export const fixedSize = 64;

/** How the arguments are kept. */
export const form = {
  /** As values, one after the other. */
  values: 0,
  /** They follow from the fixed part: a call of {@link movedCalls}. */
  moved: 1,
  /** Not a call: what is known of a socket, as JSON. */
  socket: 2,
} as const;

export const bit = {
  /** Two bits: an index in {@link statuses}. */
  status: 3,
  hasResult: 1 << 2,
  hasWaited: 1 << 3,
  hasEnd: 1 << 4,
  hasFd: 1 << 5,
  hasPayload: 1 << 6,
  isOut: 1 << 7,
  hasStreamOffset: 1 << 8,
  hasErrno: 1 << 9,
  /** `createdIds`, thread, maker and resolution follow. */
  hasExtras: 1 << 10,
  /** Numbers that do not fit follow as values. */
  isWide: 1 << 11,
  /** The address of `recvfrom` or `sendto` follows as the kernel's bytes. */
  hasAddress: 1 << 12,
} as const;

/** The last three bits of a moved row: who made the call, as an index in {@link makers}. */
export const makerShift = 13;

/** Who makes calls whose rows are written without an object each; the first is nobody, or whom the extras name. */
export const makers = [null, 'auto-receive', 'auto-echo', 'auto-discard', 'auto-reply'] as const;

export const statuses = ['returned', 'cancelled', 'lost', 'waiting'] as const;

/** Where a payload lies that is in no segment. */
export const place = {
  none: -1,
  /** It is the beginning of what is inline. */
  inline: -2,
} as const;

/** Calls by the number that rows have for them. A recording's header holds the list that its rows were written with. */
export const callNames = [...signatures.keys()];

const callIds = new Map(callNames.map((name, id) => [name, id]));

/** The number that rows have for a call. */
export function callIdOf(name: string): number {
  return callIds.get(name)!;
}

/** The calls whose rows are written without an object each: their arguments are a descriptor, data, its length and flags. */
export const movedCalls: ReadonlyMap<string, { isOut: boolean; hasFlags: boolean; hasAddress: boolean }> =
  new Map([
    ['recv', { isOut: false, hasFlags: true, hasAddress: false }],
    ['read', { isOut: false, hasFlags: false, hasAddress: false }],
    ['recvfrom', { isOut: false, hasFlags: true, hasAddress: true }],
    ['send', { isOut: true, hasFlags: true, hasAddress: false }],
    ['write', { isOut: true, hasFlags: false, hasAddress: false }],
    ['sendto', { isOut: true, hasFlags: true, hasAddress: true }],
  ]);

/** {@link movedCalls} by number. */
export const movedById = callNames.map((name) => movedCalls.get(name));
