import type { Field, FieldType } from './fieldTypes.js';

/** How an option's bytes are read and written. */
export type OptionLayout = keyof typeof layouts;

/** The C type of an option's value, and how its bytes are read and written. */
export interface Layout {
  /** In C; several where there is a choice. */
  type: string;
  /** The value is one number, or with `isArray` any count of them. */
  scalar?: 'u8' | 'u16' | 'i32' | 'u64';
  /** The value is a structure: the first that fits, by its length or by the names of its fields. */
  structs?: readonly (readonly Field[])[];
  /** The value is an address. */
  address?: FieldType & `sockaddr${string}`;
  /** Reading gives any count of this structure. */
  elements?: readonly Field[];
  isArray?: boolean;
  /** What a number may be told as, where it is shorter. */
  short?: 'u8';
  /** Bytes for each unit of the length that getsockopt takes and gives, where that is not 1. */
  lengthUnit?: number;
}

const inAddr: readonly Field[] = [['s_addr', 'in_addr']];
const ipMreq: readonly Field[] = [
  ['imr_multiaddr', 'in_addr'],
  ['imr_interface', 'in_addr'],
];
const ipMreqn: readonly Field[] = [
  ['imr_multiaddr', 'in_addr'],
  ['imr_address', 'in_addr'],
  ['imr_ifindex', 'i32'],
];
const group: readonly Field[] = [
  ['gr_interface', 'u32'],
  ['', 'pad4'],
  ['gr_group', 'sockaddr'],
];

/** `struct ifreq`: the name of an interface, and one of many facts about it. */
const ifreq = (field: string, type: 'i32' | 'u16' | 'sockaddr16'): readonly Field[] => [
  ['ifr_name', 'name16'],
  [field, type],
  ['', type === 'i32' ? 'pad20' : type === 'u16' ? 'pad22' : 'pad8'],
];

const extendedError = (offender: 'sockaddr16' | 'sockaddr6'): readonly Field[] => [
  ['ee_errno', 'u32'],
  ['ee_origin', 'u8'],
  ['ee_type', 'u8'],
  ['ee_code', 'u8'],
  ['', 'pad1'],
  ['ee_info', 'u32'],
  ['ee_data', 'u32'],
  ['offender', offender],
];

/** The beginning of `struct flock`. */
const lock: readonly Field[] = [
  ['l_type', 'u16'],
  ['l_whence', 'u16'],
  ['', 'pad4'],
  ['l_start', 'i64'],
  ['l_len', 'i64'],
];

const ring: readonly Field[] = [
  ['tp_block_size', 'u32'],
  ['tp_block_nr', 'u32'],
  ['tp_frame_size', 'u32'],
  ['tp_frame_nr', 'u32'],
];

/** One instruction of a BPF filter. */
export const sockFilter: readonly Field[] = [
  ['code', 'u16'],
  ['jt', 'u8'],
  ['jf', 'u8'],
  ['k', 'u32'],
];

/** A further layout is a row. */
export const layouts = {
  int: { type: 'int', scalar: 'i32' },
  /** An int that is 0 or 1. */
  bool: { type: 'int', scalar: 'i32' },
  u16: { type: 'uint16_t', scalar: 'u16' },
  u64: { type: 'uint64_t', scalar: 'u64' },
  /** An int that the kernel tells in one byte. */
  intOrByte: { type: 'int, uint8_t', scalar: 'i32', short: 'u8' },
  ints: { type: 'int[]', scalar: 'i32', isArray: true },
  string: { type: 'char[]' },
  /** A structure without a form: shown as data. */
  bytes: { type: 'bytes' },
  linger: {
    type: 'struct linger',
    structs: [
      [
        ['l_onoff', 'i32'],
        ['l_linger', 'i32'],
      ],
    ],
  },
  timeval: {
    type: 'struct timeval',
    structs: [
      [
        ['tv_sec', 'i64'],
        ['tv_usec', 'i64'],
      ],
    ],
  },
  timespec: {
    type: 'struct timespec',
    structs: [
      [
        ['tv_sec', 'i64'],
        ['tv_nsec', 'i64'],
      ],
    ],
  },
  ucred: {
    type: 'struct ucred',
    structs: [
      [
        ['pid', 'i32'],
        ['uid', 'i32'],
        ['gid', 'i32'],
      ],
    ],
  },
  timestamping: {
    type: 'int, struct so_timestamping',
    scalar: 'i32',
    structs: [
      [
        ['flags', 'i32'],
        ['bind_phc', 'i32'],
      ],
    ],
  },
  sock_txtime: {
    type: 'struct sock_txtime',
    structs: [
      [
        ['clockid', 'i32'],
        ['flags', 'u32'],
      ],
    ],
  },
  /** Setting takes a program, reading gives its instructions and counts them. */
  sock_fprog: {
    type: 'struct sock_fprog',
    structs: [
      [
        ['len', 'u16'],
        ['', 'pad6'],
        ['filter', 'filter'],
      ],
    ],
    elements: sockFilter,
    lengthUnit: 8,
  },
  multicastIf: {
    type: 'struct in_addr, struct ip_mreq, struct ip_mreqn',
    structs: [inAddr, ipMreq, ipMreqn],
  },
  membership: { type: 'struct ip_mreqn, struct ip_mreq', structs: [ipMreqn, ipMreq] },
  mreqSource: {
    type: 'struct ip_mreq_source',
    structs: [
      [
        ['imr_multiaddr', 'in_addr'],
        ['imr_interface', 'in_addr'],
        ['imr_sourceaddr', 'in_addr'],
      ],
    ],
  },
  mreq6: {
    type: 'struct ipv6_mreq',
    structs: [
      [
        ['ipv6mr_multiaddr', 'in6_addr'],
        ['ipv6mr_interface', 'i32'],
      ],
    ],
  },
  group_req: { type: 'struct group_req', structs: [group] },
  group_source_req: {
    type: 'struct group_source_req',
    structs: [
      [
        ['gsr_interface', 'u32'],
        ['', 'pad4'],
        ['gsr_group', 'sockaddr'],
        ['gsr_source', 'sockaddr'],
      ],
    ],
  },
  in6_pktinfo: {
    type: 'struct in6_pktinfo',
    structs: [
      [
        ['ipi6_addr', 'in6_addr'],
        ['ipi6_ifindex', 'i32'],
      ],
    ],
  },
  ip6_mtuinfo: {
    type: 'struct ip6_mtuinfo',
    structs: [
      [
        ['ip6m_addr', 'sockaddr6'],
        ['ip6m_mtu', 'u32'],
      ],
    ],
  },
  tcp_repair_opt: {
    type: 'struct tcp_repair_opt[]',
    elements: [
      ['opt_code', 'u32'],
      ['opt_val', 'u32'],
    ],
  },
  tcp_repair_window: {
    type: 'struct tcp_repair_window',
    structs: [
      [
        ['snd_wl1', 'u32'],
        ['snd_wnd', 'u32'],
        ['max_window', 'u32'],
        ['rcv_wnd', 'u32'],
        ['rcv_wup', 'u32'],
      ],
    ],
  },
  packet_mreq: {
    type: 'struct packet_mreq',
    structs: [
      [
        ['mr_ifindex', 'i32'],
        ['mr_type', 'u16'],
        ['mr_alen', 'u16'],
        ['mr_address', 'bytes8'],
      ],
    ],
  },
  tpacket_req: {
    type: 'struct tpacket_req, struct tpacket_req3',
    structs: [
      ring,
      [...ring, ['tp_retire_blk_tov', 'u32'], ['tp_sizeof_priv', 'u32'], ['tp_feature_req_word', 'u32']],
    ],
  },
  tpacket_stats: {
    type: 'struct tpacket_stats, struct tpacket_stats_v3',
    structs: [
      [
        ['tp_packets', 'u32'],
        ['tp_drops', 'u32'],
      ],
      [
        ['tp_packets', 'u32'],
        ['tp_drops', 'u32'],
        ['tp_freeze_q_cnt', 'u32'],
      ],
    ],
  },
  tpacket_rollover_stats: {
    type: 'struct tpacket_rollover_stats',
    structs: [
      [
        ['tp_all', 'u64'],
        ['tp_huge', 'u64'],
        ['tp_failed', 'u64'],
      ],
    ],
  },
  can_filter: {
    type: 'struct can_filter[]',
    elements: [
      ['can_id', 'u32'],
      ['can_mask', 'u32'],
    ],
  },
  timespecs: {
    type: 'struct timespec[]',
    elements: [
      ['tv_sec', 'i64'],
      ['tv_nsec', 'i64'],
    ],
  },
  in_pktinfo: {
    type: 'struct in_pktinfo',
    structs: [
      [
        ['ipi_ifindex', 'i32'],
        ['ipi_spec_dst', 'in_addr'],
        ['ipi_addr', 'in_addr'],
      ],
    ],
  },
  sockaddr_in: { type: 'struct sockaddr_in', address: 'sockaddr16' },
  sockaddr_in6: { type: 'struct sockaddr_in6', address: 'sockaddr6' },
  scm_ts_pktinfo: {
    type: 'struct scm_ts_pktinfo',
    structs: [
      [
        ['if_index', 'u32'],
        ['pkt_length', 'u32'],
        ['', 'pad8'],
      ],
    ],
  },
  extended_err: {
    type: 'struct sock_extended_err, and the address of who told of it',
    structs: [extendedError('sockaddr16'), extendedError('sockaddr6')],
  },
  nl_pktinfo: { type: 'struct nl_pktinfo', structs: [[['group', 'u32']]] },
  tpacket_auxdata: {
    type: 'struct tpacket_auxdata',
    structs: [
      [
        ['tp_status', 'u32'],
        ['tp_len', 'u32'],
        ['tp_snaplen', 'u32'],
        ['tp_mac', 'u16'],
        ['tp_net', 'u16'],
        ['tp_vlan_tci', 'u16'],
        ['tp_vlan_tpid', 'u16'],
      ],
    ],
  },
  ifreq_index: { type: 'struct ifreq', structs: [ifreq('ifr_ifindex', 'i32')] },
  ifreq_flags: { type: 'struct ifreq', structs: [ifreq('ifr_flags', 'u16')] },
  ifreq_addr: { type: 'struct ifreq', structs: [ifreq('ifr_addr', 'sockaddr16')] },
  ifreq_dstaddr: { type: 'struct ifreq', structs: [ifreq('ifr_dstaddr', 'sockaddr16')] },
  ifreq_broadaddr: { type: 'struct ifreq', structs: [ifreq('ifr_broadaddr', 'sockaddr16')] },
  ifreq_netmask: { type: 'struct ifreq', structs: [ifreq('ifr_netmask', 'sockaddr16')] },
  ifreq_metric: { type: 'struct ifreq', structs: [ifreq('ifr_metric', 'i32')] },
  ifreq_mtu: { type: 'struct ifreq', structs: [ifreq('ifr_mtu', 'i32')] },
  ifreq_qlen: { type: 'struct ifreq', structs: [ifreq('ifr_qlen', 'i32')] },
  ifreq_map: {
    type: 'struct ifreq',
    structs: [
      [
        ['ifr_name', 'name16'],
        ['mem_start', 'u64'],
        ['mem_end', 'u64'],
        ['base_addr', 'u16'],
        ['irq', 'u8'],
        ['dma', 'u8'],
        ['port', 'u8'],
        ['', 'pad3'],
      ],
    ],
  },
  /** Both fields go both ways; the buffer has memory of its own: `requestArgument.ts` of the host. */
  ifconf: { type: 'struct ifconf', elements: ifreq('ifr_addr', 'sockaddr16') },
  flock: {
    type: 'struct flock',
    structs: [[...lock, ['l_pid', 'i32'], ['', 'pad4']]],
  },
  /** Where the kernel does not tell who holds the lock. */
  flock_set: { type: 'struct flock', structs: [[...lock, ['', 'pad8']]] },
  f_owner_ex: {
    type: 'struct f_owner_ex',
    structs: [
      [
        ['type', 'i32'],
        ['pid', 'i32'],
      ],
    ],
  },
  f_owner_uids: {
    type: 'uid_t[2]',
    structs: [
      [
        ['uid', 'u32'],
        ['euid', 'u32'],
      ],
    ],
  },
  /** The address in `ifr_hwaddr` is of a family of its own, ARPHRD_. */
  ifreq_hwaddr: {
    type: 'struct ifreq',
    structs: [
      [
        ['ifr_name', 'name16'],
        ['ifr_hwfamily', 'u16'],
        ['ifr_hwaddr', 'bytes6'],
        ['', 'pad16'],
      ],
    ],
  },
  /** As many fields as there are bytes: `tcpInfo.ts`. */
  tcp_info: { type: 'struct tcp_info' },
} as const satisfies Readonly<Record<string, Layout>>;

/** How the value of an option lies in memory. */
export function layoutOf(name: OptionLayout): Layout {
  return layouts[name];
}
