import { parseIPv4, parseIPv6 } from '../../common/ipAddress.js';

/** One end of a conversation. */
export interface End {
  /** An IPv4 or IPv6 address. */
  address: string;
  port: number;
}

/** An IP packet; `bytes` are fewer than `length` where not all of its data is known. */
export interface Packet {
  bytes: Uint8Array;
  length: number;
}

/** The data of a packet: the beginning of it, and how long all of it is. */
export interface Body {
  bytes: Uint8Array;
  length: number;
}

export const tcpFlags = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16 } as const;

export interface TcpSegment {
  seq: number;
  ack: number;
  flags: number;
  body?: Body;
}

export const noBody: Body = { bytes: new Uint8Array(), length: 0 };

const protocols = { tcp: 6, udp: 17 } as const;
const hopLimit = 64;
const window = 65_535;
/** Largest: the window is never what a conversation waits for. */
const windowScale = 14;
const tcpHeader = 20;
const udpHeader = 8;
const ipv4Header = 20;
const ipv6Header = 40;

/** Data that fits in one segment of either IP version, below the 64 KiB that an IP packet can have. */
export const largestSegment = 65_535 - ipv4Header - 60;

/** An IPv4 address that an IPv6 socket sees as `::ffff:127.0.0.1` is IPv4 on the wire. */
export function unmappedEnd({ address, port }: End): End {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return { address: mapped ?? address, port };
}

/** Whether an IP address is one of version 4. */
export function isIPv4(address: string): boolean {
  return !address.includes(':');
}

/** The largest segment, and the scale of the window. */
const synOptions = Uint8Array.of(2, 4, largestSegment >> 8, largestSegment & 255, 1, 3, 3, windowScale);

/** A TCP segment; one with SYN brings its options along. */
export function tcpPacket(from: End, to: End, segment: TcpSegment): Packet {
  const { seq, ack, flags, body = noBody } = segment;
  const options = flags & tcpFlags.SYN ? synOptions : new Uint8Array();
  const header = new DataView(new ArrayBuffer(tcpHeader + options.length));
  header.setUint16(0, from.port);
  header.setUint16(2, to.port);
  header.setUint32(4, seq);
  header.setUint32(8, flags & tcpFlags.ACK ? ack : 0);
  header.setUint8(12, ((tcpHeader + options.length) / 4) << 4);
  header.setUint8(13, flags);
  header.setUint16(14, window);
  new Uint8Array(header.buffer).set(options, tcpHeader);
  return ipPacket(from, to, protocols.tcp, header, 16, body);
}

/** A UDP datagram in an IP packet. */
export function udpPacket(from: End, to: End, body: Body): Packet {
  const header = new DataView(new ArrayBuffer(udpHeader));
  header.setUint16(0, from.port);
  header.setUint16(2, to.port);
  header.setUint16(4, udpHeader + body.length);
  return ipPacket(from, to, protocols.udp, header, 6, body);
}

function ipPacket(
  from: End,
  to: End,
  protocol: number,
  header: DataView<ArrayBuffer>,
  checksumAt: number,
  body: Body,
): Packet {
  const [source, target] = addressBytes(from, to);
  const length = header.byteLength + body.length;
  // Of a packet whose data is not all known there is no checksum: it is not there to be checked either.
  if (body.bytes.length === body.length) {
    const pseudo = sumOf(source) + sumOf(target) + protocol + length;
    const sum = folded(pseudo + sumOf(new Uint8Array(header.buffer)) + sumOf(body.bytes));
    // Of UDP 0 means that there is none.
    header.setUint16(checksumAt, protocol === protocols.udp && sum === 0 ? 0xffff : sum);
  }
  const ip =
    source.length === 4 ? ipv4(source, target, protocol, length) : ipv6(source, target, protocol, length);
  const bytes = new Uint8Array(ip.length + header.byteLength + body.bytes.length);
  bytes.set(ip);
  bytes.set(new Uint8Array(header.buffer), ip.length);
  bytes.set(body.bytes, ip.length + header.byteLength);
  return { bytes, length: ip.length + length };
}

function ipv4(source: Uint8Array, target: Uint8Array, protocol: number, length: number): Uint8Array {
  const header = new DataView(new ArrayBuffer(ipv4Header));
  const bytes = new Uint8Array(header.buffer);
  header.setUint8(0, 0x45);
  header.setUint16(2, ipv4Header + length);
  header.setUint16(6, 0x4000);
  header.setUint8(8, hopLimit);
  header.setUint8(9, protocol);
  bytes.set(source, 12);
  bytes.set(target, 16);
  header.setUint16(10, folded(sumOf(bytes)));
  return bytes;
}

function ipv6(source: Uint8Array, target: Uint8Array, protocol: number, length: number): Uint8Array {
  const header = new DataView(new ArrayBuffer(ipv6Header));
  const bytes = new Uint8Array(header.buffer);
  header.setUint8(0, 0x60);
  header.setUint16(4, length);
  header.setUint8(6, protocol);
  header.setUint8(7, hopLimit);
  bytes.set(source, 8);
  bytes.set(target, 24);
  return bytes;
}

/** Both of four bytes, or both of sixteen. */
function addressBytes(from: End, to: End): [Uint8Array, Uint8Array] {
  if (isIPv4(from.address) && isIPv4(to.address)) {
    return [ipv4Bytes(from.address), ipv4Bytes(to.address)];
  }
  return [ipv6Bytes(from.address), ipv6Bytes(to.address)];
}

/** The few addresses that most packets are between, read once. */
const knownIPv4 = new Map<string, Uint8Array>();

function ipv4Bytes(address: string): Uint8Array {
  let bytes = knownIPv4.get(address);
  if (!bytes) {
    if (knownIPv4.size >= 1000) {
      knownIPv4.clear();
    }
    bytes = parseIPv4(address)!;
    knownIPv4.set(address, bytes);
  }
  return bytes;
}

function ipv6Bytes(address: string): Uint8Array {
  const [plain] = address.split('%');
  return parseIPv6(isIPv4(plain!) ? `::ffff:${plain}` : plain!)!;
}

/** The sum of the 16-bit words, the last filled up with 0. */
function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    sum += (bytes[i]! << 8) | bytes[i + 1]!;
  }
  return bytes.length % 2 === 0 ? sum : sum + (bytes.at(-1)! << 8);
}

function folded(sum: number): number {
  let rest = sum;
  while (rest > 0xffff) {
    rest = Math.floor(rest / 0x10000) + (rest & 0xffff);
  }
  return ~rest & 0xffff;
}
