import { parseIPv4, parseIPv6 } from '../ipAddress.js';
import type { Named, SocketAddress } from '../socket.js';
import { bytesOf } from './values.js';

/** What `-y` and `-yy` print behind a descriptor. */
export interface Annotation {
  /** `other` is a file, a pipe, a device; `unknown` could be a socket. */
  kind: 'socket' | 'other';
  domain: Named | null;
  type: Named | null;
  protocol: Named | null;
  local: SocketAddress | null;
  remote: SocketAddress | null;
  inode: number | null;
  /** Of AF_UNIX: that of the other end. */
  peerInode: number | null;
}

const unknownSocket: Annotation = {
  kind: 'socket',
  domain: null,
  type: null,
  protocol: null,
  local: null,
  remote: null,
  inode: null,
  peerInode: null,
};
const other: Annotation = { ...unknownSocket, kind: 'other' };

type Facts = Pick<Annotation, 'domain' | 'type' | 'protocol'>;

/** By the name that strace has for a protocol. */
const protocols: Readonly<Record<string, Facts>> = {
  TCP: { domain: 'AF_INET', type: 'SOCK_STREAM', protocol: 'IPPROTO_TCP' },
  TCPv6: { domain: 'AF_INET6', type: 'SOCK_STREAM', protocol: 'IPPROTO_TCP' },
  UDP: { domain: 'AF_INET', type: 'SOCK_DGRAM', protocol: 'IPPROTO_UDP' },
  UDPv6: { domain: 'AF_INET6', type: 'SOCK_DGRAM', protocol: 'IPPROTO_UDP' },
  'UDP-Lite': { domain: 'AF_INET', type: 'SOCK_DGRAM', protocol: 'IPPROTO_UDPLITE' },
  'UDP-Litev6': { domain: 'AF_INET6', type: 'SOCK_DGRAM', protocol: 'IPPROTO_UDPLITE' },
  RAW: { domain: 'AF_INET', type: 'SOCK_RAW', protocol: null },
  RAWv6: { domain: 'AF_INET6', type: 'SOCK_RAW', protocol: null },
  PING: { domain: 'AF_INET', type: 'SOCK_DGRAM', protocol: 'IPPROTO_ICMP' },
  PINGv6: { domain: 'AF_INET6', type: 'SOCK_DGRAM', protocol: 'IPPROTO_ICMPV6' },
  'UNIX-STREAM': { domain: 'AF_UNIX', type: 'SOCK_STREAM', protocol: 0 },
  'UNIX-DGRAM': { domain: 'AF_UNIX', type: 'SOCK_DGRAM', protocol: 0 },
  'UNIX-SEQPACKET': { domain: 'AF_UNIX', type: 'SOCK_SEQPACKET', protocol: 0 },
  UNIX: { domain: 'AF_UNIX', type: null, protocol: 0 },
  NETLINK: { domain: 'AF_NETLINK', type: null, protocol: null },
};

const socketNote = /^([A-Za-z][A-Za-z0-9-]*):\[(.*)\]$/s;
const end = String.raw`(\d+\.\d+\.\d+\.\d+|\[[0-9a-fA-F:.]+\]):(\d+)`;
const pair = new RegExp(`^${end}(?:->${end})?$`);
const unix = /^(\d+)(?:->(\d+))?(?:,(@?)"(.*)")?$/s;

/** Reads a descriptor's annotation. */
export function readAnnotation(note: string): Annotation {
  const found = socketNote.exec(note);
  const [, name = '', inside = ''] = found ?? [];
  const facts = protocols[name];
  if (!found || (!facts && name !== 'socket' && !/^[A-Z]/.test(name))) {
    return other;
  }
  const base: Annotation = { ...unknownSocket, ...facts };
  const addresses = pair.exec(inside);
  if (addresses) {
    const [, host, port, remoteHost, remotePort] = addresses;
    return {
      ...base,
      local: internetAddress(host!, port!),
      remote: remoteHost === undefined ? null : internetAddress(remoteHost, remotePort!),
    };
  }
  const ends = unix.exec(inside);
  if (ends) {
    const [, inode, peer, at, path] = ends;
    return {
      ...base,
      inode: Number(inode),
      peerInode: peer === undefined || Number(peer) === 0 ? null : Number(peer),
      local:
        path === undefined || facts?.domain !== 'AF_UNIX'
          ? null
          : { family: 'AF_UNIX', name: bytesOf(path), isAbstract: at === '@' },
    };
  }
  return base;
}

function internetAddress(host: string, port: string): SocketAddress | null {
  const inside = host.startsWith('[') ? host.slice(1, -1) : host;
  const number = Number(port);
  if (number > 0xffff) {
    return null;
  }
  if (parseIPv4(inside)) {
    return { family: 'AF_INET', address: inside, port: number };
  }
  return parseIPv6(inside) ? { family: 'AF_INET6', address: inside, port: number } : null;
}
