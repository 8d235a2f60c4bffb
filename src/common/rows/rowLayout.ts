/*
 * The numbers come first, or are enumerations, and nothing is imported: so the bundler writes them where they are used. V8
 * takes no variable of a bundle for a constant.
 */
export const headerSize = 24;

/** Length of the fixed part of a row, see {@link at}; what is inline and the rest follow. */
export const fixedSize = 64;

/** Before an address: the room that was passed for it, and its length. */
export const addressHead = 8;

/** The last three bits of a moved row: who made the call, as an index in {@link makers}. */
export const makerShift = 13;

/** The header before a body: its length u32, the socket's id u32, `seq` f64, the time of the start f64. */
export const header = { length: 0, socketId: 4, seq: 8, startNs: 16 } as const;

/** What a body of so many bytes takes with its header; of a length that a damaged one says, never less than that header. */
export function sizeOf(length: number): number {
  return headerSize + (((length + 7) & ~7) >>> 0);
}

/**
 * The fixed part of a row, as byte offsets from the beginning of its body. See docs/recording.md.
 */
export enum at {
  call = 0,
  form = 1,
  bits = 2,
  fd = 4,
  peerId = 8,
  result = 12,
  endNs = 16,
  streamOffset = 24,
  payloadLength = 32,
  captured = 36,
  payloadSegment = 40,
  payloadOffset = 44,
  errno = 48,
  requested = 52,
  messageFlags = 56,
  inlineLength = 60,
}

/**
 * A short row, of {@link form.short}: all that it leaves out follows. Behind its fixed part come the place in the stream and
 * the address, where the bits say so, then the data.
 */
export enum shortAt {
  call = 0,
  fd = 4,
  peerId = 8,
  result = 12,
  requested = 16,
  /** Both u16: the room that was passed for the address, and its length. */
  address = 20,
  rest = 24,
}

/** A row of {@link form.echo}: it is as long as the beginnings of these, the last only where it differs from that of the other. */
export enum echoAt {
  call = 0,
  /** From the body of the short row whose bytes were sent back to this one. */
  distance = 4,
  streamOffset = 8,
  end = 16,
}

/** How the arguments are kept. */
export enum form {
  /** As values, one after the other. */
  values = 0,
  /** They follow from the fixed part: a call of {@link movedCalls}. */
  moved = 1,
  /** Not a call: what is known of a socket, as JSON. */
  socket = 2,
  /** As `moved`, see {@link shortAt}. In segments only, as is the next one. */
  short = 3,
  /** As `moved`: what a short row received was sent back at once, see {@link echoAt}. */
  echo = 4,
}

export enum bit {
  /** Two bits: an index in {@link statuses}. */
  status = 3,
  hasResult = 1 << 2,
  hasWaited = 1 << 3,
  hasEnd = 1 << 4,
  hasFd = 1 << 5,
  hasPayload = 1 << 6,
  isOut = 1 << 7,
  hasStreamOffset = 1 << 8,
  hasErrno = 1 << 9,
  /** `createdIds`, thread, maker and resolution follow. */
  hasExtras = 1 << 10,
  /** Numbers that do not fit follow as values. */
  isWide = 1 << 11,
  /** The address of `recvfrom` or `sendto` follows as the kernel's bytes. */
  hasAddress = 1 << 12,
}

/** Who makes calls whose rows are written without an object each; the first is nobody, or whom the extras name. */
export const makers = [null, 'auto-receive', 'auto-echo', 'auto-discard', 'auto-reply'] as const;

export const statuses = ['returned', 'cancelled', 'lost', 'waiting'] as const;

/** Where a payload lies that is in no segment. */
export enum place {
  none = -1,
  /** It is the beginning of what is inline. */
  inline = -2,
}
