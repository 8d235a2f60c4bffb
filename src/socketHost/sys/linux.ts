import type { System } from './system.js';

/** The largest sockaddr; the kernel reads and writes no more of one. */
export const storageSize = 128;

export const linux: System = {
  platform: 'linux',
  isSupported: true,
  sockaddr: {
    hasLengthByte: false,
    families: { AF_UNSPEC: 0, AF_UNIX: 1, AF_INET: 2, AF_INET6: 10 },
    pathSize: 108,
    hasAbstractNames: true,
  },
};

/** An enumeration, as {@link epoll}, because the bundler writes its numbers where they are used: see `rowLayout.ts`. */
export enum errno {
  EPERM = 1,
  EBADF = 9,
  EAGAIN = 11,
  ENOMEM = 12,
  EFAULT = 14,
  EINVAL = 22,
  ENFILE = 23,
  EMFILE = 24,
  EPIPE = 32,
  EPROTO = 71,
  ECONNABORTED = 103,
  ECONNRESET = 104,
  ENOBUFS = 105,
  EISCONN = 106,
  ENOTCONN = 107,
  ECONNREFUSED = 111,
  EALREADY = 114,
  EINPROGRESS = 115,
}

export const family = {
  AF_UNSPEC: 0,
  AF_UNIX: 1,
  AF_INET: 2,
  AF_INET6: 10,
  AF_NETLINK: 16,
  AF_PACKET: 17,
  AF_CAN: 29,
  AF_VSOCK: 40,
} as const;

export const socketType = {
  SOCK_STREAM: 1,
  SOCK_DGRAM: 2,
  SOCK_SEQPACKET: 5,
  SOCK_PACKET: 10,
  mask: 0xf,
  SOCK_NONBLOCK: 0o4000,
  SOCK_CLOEXEC: 0o2000000,
} as const;

export const protocol = { IPPROTO_ICMP: 1, IPPROTO_UDP: 17, IPPROTO_ICMPV6: 58, IPPROTO_MPTCP: 262 } as const;

export const messageFlag = {
  MSG_OOB: 0x1,
  MSG_PEEK: 0x2,
  MSG_CTRUNC: 0x8,
  MSG_TRUNC: 0x20,
  MSG_DONTWAIT: 0x40,
  MSG_WAITALL: 0x100,
  MSG_ERRQUEUE: 0x2000,
  MSG_MORE: 0x8000,
  MSG_ZEROCOPY: 0x4000000,
  MSG_FASTOPEN: 0x20000000,
  MSG_CMSG_CLOEXEC: 0x40000000,
} as const;

export const option = {
  SOL_SOCKET: 1,
  SO_TYPE: 3,
  SO_ERROR: 4,
  SO_SNDBUF: 7,
  SO_RCVBUF: 8,
  SO_REUSEADDR: 2,
  SO_REUSEPORT: 15,
  SO_LINGER: 13,
  SO_PASSCRED: 16,
  SO_PEERCRED: 17,
  SO_RCVLOWAT: 18,
  SO_RCVTIMEO_OLD: 20,
  SO_SNDTIMEO_OLD: 21,
  SO_ACCEPTCONN: 30,
  SO_BINDTODEVICE: 25,
  SO_RCVBUFFORCE: 33,
  SO_MARK: 36,
  SO_TIMESTAMPING: 37,
  SO_PROTOCOL: 38,
  SO_DOMAIN: 39,
  SO_PEERPIDFD: 77,
  SO_INCOMING_CPU: 49,
  SO_MEMINFO: 55,
  SO_ZEROCOPY: 60,
  SO_INCOMING_NAPI_ID: 56,
  SO_COOKIE: 57,
  SO_BINDTOIFINDEX: 62,
  SO_TIMESTAMPING_NEW: 65,
  SO_RCVTIMEO_NEW: 66,
  SO_SNDTIMEO_NEW: 67,
  IPPROTO_IP: 0,
  IP_OPTIONS: 4,
  IP_RECVERR: 11,
  IP_MULTICAST_IF: 32,
  IP_MULTICAST_ALL: 49,
  IP_ADD_MEMBERSHIP: 35,
  IP_ADD_SOURCE_MEMBERSHIP: 39,
  /** These two are of IPPROTO_IPV6 too. */
  MCAST_JOIN_GROUP: 42,
  MCAST_JOIN_SOURCE_GROUP: 46,
  MCAST_MSFILTER: 48,
  IP_UNICAST_IF: 50,
  IPPROTO_IPV6: 41,
  IPV6_MULTICAST_IF: 17,
  IPV6_JOIN_GROUP: 20,
  IPV6_RECVERR: 25,
  IPV6_V6ONLY: 26,
  IPV6_JOIN_ANYCAST: 27,
  IPV6_MULTICAST_ALL: 29,
  IPV6_RTHDR: 57,
  IPV6_UNICAST_IF: 76,
  IPPROTO_TCP: 6,
  TCP_NODELAY: 1,
  TCP_INFO: 11,
  TCP_CONGESTION: 13,
  SOL_PACKET: 263,
  PACKET_ADD_MEMBERSHIP: 1,
} as const;

/** The bits of SO_TIMESTAMPING that say which times of what is sent are told. */
export const stampMoments = 0x1 | 0x2 | 0x100 | 0x200 | 0x40000;

/** Types of control messages that hold descriptors or credentials. */
export const controlType = { SCM_RIGHTS: 1, SCM_CREDENTIALS: 2, SCM_PIDFD: 4 } as const;

export const shutdownHow = { SHUT_RD: 0, SHUT_WR: 1, SHUT_RDWR: 2 } as const;

export const fileControl = {
  F_DUPFD: 0,
  F_GETFD: 1,
  F_SETFD: 2,
  F_GETFL: 3,
  F_SETFL: 4,
  F_SETLK: 6,
  F_SETLKW: 7,
  F_SETOWN: 8,
  F_SETSIG: 10,
  F_SETOWN_EX: 15,
  F_OFD_SETLK: 37,
  F_OFD_SETLKW: 38,
  F_UNLCK: 2,
  F_DUPFD_QUERY: 1027,
  F_DUPFD_CLOEXEC: 1030,
  FD_CLOEXEC: 1,
  O_WRONLY: 1,
  O_RDWR: 2,
  accessMode: 3,
  O_NONBLOCK: 0o4000,
  O_CLOEXEC: 0o2000000,
} as const;

/** What the owner of a descriptor is in `struct f_owner_ex`. */
export const ownerType = { F_OWNER_TID: 0, F_OWNER_PID: 1 } as const;

/**
 * Bytes that can be read, bytes that the other side has not taken or acknowledged, bytes never sent, and whether the next byte to
 * read is the urgent one.
 */
export const queueRequest = {
  SIOCINQ: 0x541b,
  SIOCOUTQ: 0x5411,
  SIOCOUTQNSD: 0x894b,
  SIOCATMARK: 0x8905,
} as const;

/** What ioctl(2) sets that is the user's own, or a danger to the host. */
export const descriptorRequest = {
  FIONBIO: 0x5421,
  FIONCLEX: 0x5450,
  FIOCLEX: 0x5451,
  FIOSETOWN: 0x8901,
  SIOCSPGRP: 0x8902,
  SIOCGSKNS: 0x894c,
  SIOCUNIXFILE: 0x89e0,
} as const;

export const epollControl = { CTL_ADD: 1, CTL_DEL: 2, CTL_MOD: 3, CLOEXEC: 0o2000000 } as const;

export enum epoll {
  IN = 0x1,
  PRI = 0x2,
  OUT = 0x4,
  ERR = 0x8,
  HUP = 0x10,
  RDHUP = 0x2000,
  ET = 0x80000000,
}
