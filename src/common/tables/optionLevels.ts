import type { Named, SocketInfo } from '../socket.js';

/** What decides which options a socket has. */
export type SocketKind = Pick<SocketInfo, 'domain' | 'type' | 'protocol'>;

const isInternet = ({ domain }: SocketKind) => domain === 'AF_INET' || domain === 'AF_INET6';
const isRaw = ({ type }: SocketKind) => type === 'SOCK_RAW';
const isOneOf = (protocol: Named | null, ...names: (Named | null)[]) =>
  protocol === 0 || protocol === 'IPPROTO_IP' || names.includes(protocol);

/** Which sockets the options of a level are of. */
const rows: readonly (readonly [level: string, isOf: (kind: SocketKind) => boolean])[] = [
  ['SOL_SOCKET', ({ domain }) => domain !== null],
  [
    'IPPROTO_TCP',
    (kind) =>
      isInternet(kind) &&
      kind.type === 'SOCK_STREAM' &&
      isOneOf(kind.protocol, 'IPPROTO_TCP', 'IPPROTO_MPTCP'),
  ],
  [
    'IPPROTO_UDP',
    (kind) =>
      isInternet(kind) &&
      kind.type === 'SOCK_DGRAM' &&
      isOneOf(kind.protocol, 'IPPROTO_UDP', 'IPPROTO_UDPLITE'),
  ],
  ['SOL_UDPLITE', (kind) => isInternet(kind) && kind.protocol === 'IPPROTO_UDPLITE'],
  ['IPPROTO_IPV6', ({ domain }) => domain === 'AF_INET6'],
  // Of an IPv6 socket too, whose peer may be an IPv4 one.
  ['IPPROTO_IP', (kind) => kind.domain === 'AF_INET' || (kind.domain === 'AF_INET6' && !isRaw(kind))],
  ['SOL_RAW', (kind) => kind.domain === 'AF_INET' && isRaw(kind) && kind.protocol === 'IPPROTO_ICMP'],
  ['SOL_ICMPV6', (kind) => kind.domain === 'AF_INET6' && isRaw(kind) && kind.protocol === 'IPPROTO_ICMPV6'],
  ['SOL_PACKET', ({ domain }) => domain === 'AF_PACKET'],
  ['SOL_NETLINK', ({ domain }) => domain === 'AF_NETLINK'],
  ['SOL_CAN_RAW', ({ domain, protocol }) => domain === 'AF_CAN' && protocol === 'CAN_RAW'],
  ['AF_VSOCK', ({ domain }) => domain === 'AF_VSOCK'],
];

/** The levels whose options a socket has, the usual ones first; all of them where the socket is not known. */
export function optionLevels(kind?: SocketKind): string[] {
  return rows.filter(([, isOf]) => kind === undefined || isOf(kind)).map(([level]) => level);
}
