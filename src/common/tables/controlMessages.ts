import { constantValue, type Platform } from './constants.js';
import type { OptionLayout } from './optionLayouts.js';

/** Bytes of `struct cmsghdr` where a pointer has 64 bits: length, level and type. */
export const controlHeaderSize = 16;

/** The room that a length of control messages takes: the next begins at a word. Corresponds to `CMSG_ALIGN(3)`. */
export function alignControl(length: number): number {
  return 8 * Math.ceil(length / 8);
}

/** The layout of a control message's data, by its level and type; what is not here is bytes. */
const rows: readonly (readonly [level: string, type: string, layout: OptionLayout])[] = [
  ['SOL_SOCKET', 'SCM_RIGHTS', 'ints'],
  ['SOL_SOCKET', 'SCM_CREDENTIALS', 'ucred'],
  ['SOL_SOCKET', 'SCM_PIDFD', 'int'],
  ['SOL_SOCKET', 'SCM_SECURITY', 'string'],
  ['SOL_SOCKET', 'SCM_TIMESTAMP', 'timeval'],
  ['SOL_SOCKET', 'SO_TIMESTAMP_NEW', 'timeval'],
  ['SOL_SOCKET', 'SCM_TIMESTAMPNS', 'timespec'],
  ['SOL_SOCKET', 'SO_TIMESTAMPNS_NEW', 'timespec'],
  ['SOL_SOCKET', 'SCM_TIMESTAMPING', 'timespecs'],
  ['SOL_SOCKET', 'SO_TIMESTAMPING_NEW', 'timespecs'],
  ['SOL_SOCKET', 'SCM_TIMESTAMPING_PKTINFO', 'scm_ts_pktinfo'],
  ['SOL_SOCKET', 'SCM_TXTIME', 'u64'],
  ['SOL_SOCKET', 'SCM_TS_OPT_ID', 'int'],
  ['SOL_SOCKET', 'SCM_WIFI_STATUS', 'int'],
  ['SOL_SOCKET', 'SCM_INQ', 'int'],
  ['SOL_SOCKET', 'SO_RXQ_OVFL', 'int'],
  ['SOL_SOCKET', 'SO_MARK', 'int'],
  ['SOL_SOCKET', 'SO_PRIORITY', 'int'],
  ['IPPROTO_IP', 'IP_PKTINFO', 'in_pktinfo'],
  ['IPPROTO_IP', 'IP_TTL', 'int'],
  ['IPPROTO_IP', 'IP_TOS', 'intOrByte'],
  ['IPPROTO_IP', 'IP_RECVERR', 'extended_err'],
  ['IPPROTO_IP', 'IP_RECVFRAGSIZE', 'int'],
  ['IPPROTO_IP', 'IP_CHECKSUM', 'int'],
  ['IPPROTO_IP', 'IP_ORIGDSTADDR', 'sockaddr_in'],
  ['IPPROTO_IPV6', 'IPV6_ORIGDSTADDR', 'sockaddr_in6'],
  ['IPPROTO_IPV6', 'IPV6_PKTINFO', 'in6_pktinfo'],
  ['IPPROTO_IPV6', 'IPV6_HOPLIMIT', 'int'],
  ['IPPROTO_IPV6', 'IPV6_TCLASS', 'int'],
  ['IPPROTO_IPV6', 'IPV6_FLOWINFO', 'int'],
  ['IPPROTO_IPV6', 'IPV6_DONTFRAG', 'int'],
  ['IPPROTO_IPV6', 'IPV6_RECVERR', 'extended_err'],
  ['IPPROTO_IPV6', 'IPV6_RECVFRAGSIZE', 'int'],
  ['IPPROTO_TCP', 'TCP_INQ', 'int'],
  ['IPPROTO_UDP', 'UDP_SEGMENT', 'u16'],
  ['IPPROTO_UDP', 'UDP_GRO', 'int'],
  ['SOL_NETLINK', 'NETLINK_PKTINFO', 'nl_pktinfo'],
  ['SOL_PACKET', 'PACKET_AUXDATA', 'tpacket_auxdata'],
];

const byPlatform = new Map<Platform, ReadonlyMap<string, OptionLayout>>();

/** How the data of a control message is laid out. */
export function controlLayout(level: number, type: number, platform: Platform): OptionLayout {
  let layouts = byPlatform.get(platform);
  if (!layouts) {
    layouts = new Map(
      rows.map(([levelName, name, layout]) => [
        `${constantValue(levelName, platform)}:${constantValue(name, platform)}`,
        layout,
      ]),
    );
    byPlatform.set(platform, layouts);
  }
  return layouts.get(`${level}:${type}`) ?? 'bytes';
}
