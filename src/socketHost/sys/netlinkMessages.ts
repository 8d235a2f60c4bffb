/** Of netlink(7): message types and flags that a dump consists of. */
export const messageType = { NOOP: 1, ERROR: 2, DONE: 3, SOCK_DIAG_BY_FAMILY: 20 } as const;
export const messageFlag = { REQUEST: 0x1, MULTI: 0x2, DUMP_INTR: 0x10, DUMP: 0x300 } as const;
const headerSize = 16;

/** A message of an answer: its `struct nlmsghdr` without the length and the port, and what follows it. */
export interface NetlinkMessage {
  type: number;
  flags: number;
  seq: number;
  body: DataView;
}

/** A request with its header. */
export function request(type: number, flags: number, seq: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(headerSize + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, seq, true);
  bytes.set(body, headerSize);
  return bytes;
}

/** The messages of one datagram; what is cut short ends them. */
export function* messagesOf(bytes: Uint8Array): Generator<NetlinkMessage> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  while (at + headerSize <= bytes.length) {
    const length = view.getUint32(at, true);
    if (length < headerSize || at + length > bytes.length) {
      return;
    }
    yield {
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      seq: view.getUint32(at + 8, true),
      body: new DataView(bytes.buffer, bytes.byteOffset + at + headerSize, length - headerSize),
    };
    at += (length + 3) & ~3;
  }
}

/** The positive errno of an NLMSG_ERROR, and of an NLMSG_DONE that failed; 0 for none. */
export function errorOf({ body }: NetlinkMessage): number {
  return body.byteLength >= 4 ? Math.max(0, -body.getInt32(0, true)) : 0;
}

/** The attributes behind the fixed part of a message, by their types. */
export function attributesOf(body: DataView, offset: number): Map<number, DataView> {
  const attributes = new Map<number, DataView>();
  let at = offset;
  while (at + 4 <= body.byteLength) {
    const length = body.getUint16(at, true);
    if (length < 4 || at + length > body.byteLength) {
      break;
    }
    // The two highest bits are flags.
    const type = body.getUint16(at + 2, true) & 0x3fff;
    attributes.set(type, new DataView(body.buffer, body.byteOffset + at + 4, length - 4));
    at += (length + 3) & ~3;
  }
  return attributes;
}

/** The bytes that a view sees, not copied. */
export function bytesOf(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
