import { t } from '../l10n.js';

/** How an option's bytes are read and written. */
export type OptionLayout =
  | 'int'
  /** An int that is 0 or 1. */
  | 'bool'
  | 'u64'
  | 'linger'
  | 'timeval'
  | 'string'
  | 'ucred'
  | 'in_addr'
  | 'mreq'
  | 'mreqn'
  | 'mreqSource'
  | 'mreq6'
  | 'tcp_info'
  /** A structure without a form: shown as data. */
  | 'bytes';

export type OptionUnit = 'bytes' | 's' | 'ms' | 'µs' | 'hops' | 'segments' | 'bytes/s';

export interface SocketOption {
  /** The level's name. */
  level: string;
  /** The option's name. */
  name: string;
  layout: OptionLayout;
  canGet: boolean;
  canSet: boolean;
  unit?: OptionUnit;
  /** One localised sentence. */
  readonly description: string;
}

type Access = 'get' | 'set' | 'both';

function row(
  level: string,
  name: string,
  layout: OptionLayout,
  access: Access,
  describe: () => string,
  unit?: OptionUnit,
): SocketOption {
  return {
    level,
    name,
    layout,
    canGet: access !== 'set',
    canSet: access !== 'get',
    ...(unit && { unit }),
    // The language is set after the module was loaded.
    get description() {
      return describe();
    },
  };
}

const socket = row.bind(null, 'SOL_SOCKET');
const ip = row.bind(null, 'IPPROTO_IP');
const ipv6 = row.bind(null, 'IPPROTO_IPV6');
const tcp = row.bind(null, 'IPPROTO_TCP');
const udp = row.bind(null, 'IPPROTO_UDP');

/** The options that have a form; any other goes by its number, with an int or bytes. */
export const optionRows: readonly SocketOption[] = [
  socket('SO_REUSEADDR', 'bool', 'both', () =>
    t('Allows binding to an address that a closed connection still holds in TIME_WAIT.'),
  ),
  socket('SO_REUSEPORT', 'bool', 'both', () =>
    t('Lets several sockets bind to the same address and port; the kernel spreads connections over them.'),
  ),
  socket('SO_KEEPALIVE', 'bool', 'both', () =>
    t('Sends probes on an idle connection to notice a peer that is gone.'),
  ),
  socket('SO_BROADCAST', 'bool', 'both', () => t('Allows sending datagrams to a broadcast address.')),
  socket(
    'SO_LINGER',
    'linger',
    'both',
    () => t('What close does with unsent data: with 0 seconds it sends RST, otherwise it waits that long.'),
    's',
  ),
  socket(
    'SO_RCVBUF',
    'int',
    'both',
    () => t('Size of the receive buffer. Linux doubles the value that is set.'),
    'bytes',
  ),
  socket(
    'SO_SNDBUF',
    'int',
    'both',
    () => t('Size of the send buffer. Linux doubles the value that is set.'),
    'bytes',
  ),
  socket('SO_RCVTIMEO', 'timeval', 'both', () =>
    t('How long a receiving call waits before it fails with EAGAIN; 0 waits forever.'),
  ),
  socket('SO_SNDTIMEO', 'timeval', 'both', () =>
    t('How long a sending call waits before it fails with EAGAIN; 0 waits forever.'),
  ),
  socket('SO_ERROR', 'int', 'get', () => t('The pending error of the socket. Reading it clears it.')),
  socket('SO_TYPE', 'int', 'get', () => t('The type given to socket(), as a number.')),
  socket('SO_DOMAIN', 'int', 'get', () => t('The domain given to socket(), as a number.')),
  socket('SO_PROTOCOL', 'int', 'get', () => t('The protocol in use, as a number.')),
  socket('SO_ACCEPTCONN', 'bool', 'get', () => t('Whether the socket listens.')),
  socket('SO_OOBINLINE', 'bool', 'both', () => t('Leaves the urgent byte in the normal stream.')),
  socket(
    'SO_RCVLOWAT',
    'int',
    'both',
    () => t('How many bytes must have arrived before a receiving call returns.'),
    'bytes',
  ),
  socket(
    'SO_SNDLOWAT',
    'int',
    'get',
    () => t('How much room there must be before sending; Linux does not let it be changed.'),
    'bytes',
  ),
  socket('SO_DONTROUTE', 'bool', 'both', () =>
    t('Sends only to directly connected hosts, not through a gateway.'),
  ),
  socket('SO_BINDTODEVICE', 'string', 'both', () =>
    t('Uses only this network interface; an empty name removes the restriction.'),
  ),
  socket('SO_BINDTOIFINDEX', 'int', 'both', () => t('Uses only the network interface with this index.')),
  socket('SO_PRIORITY', 'int', 'both', () => t('Queueing priority of the packets that are sent.')),
  socket('SO_MARK', 'int', 'both', () =>
    t('Mark on each packet that is sent, for routing rules and filters.'),
  ),
  socket('SO_PASSCRED', 'bool', 'both', () =>
    t("Delivers the sender's process, user and group with each message of a Unix socket."),
  ),
  socket('SO_PASSSEC', 'bool', 'both', () =>
    t("Delivers the sender's security context with each message of a Unix socket."),
  ),
  socket('SO_PEERCRED', 'ucred', 'get', () => t('Process, user and group of the peer when it connected.')),
  socket('SO_PEERSEC', 'string', 'get', () => t('Security context of the peer.')),
  socket(
    'SO_PEEK_OFF',
    'int',
    'both',
    () => t('Where the next MSG_PEEK reads; -1 peeks at the beginning.'),
    'bytes',
  ),
  socket('SO_TIMESTAMP', 'bool', 'both', () =>
    t('Delivers the time of arrival with each datagram, in microseconds.'),
  ),
  socket('SO_TIMESTAMPNS', 'bool', 'both', () =>
    t('Delivers the time of arrival with each datagram, in nanoseconds.'),
  ),
  socket('SO_TIMESTAMPING', 'int', 'both', () => t('Which time stamps of packets are made and delivered.')),
  socket('SO_RXQ_OVFL', 'bool', 'both', () =>
    t('Delivers the number of dropped datagrams with each message.'),
  ),
  socket(
    'SO_SNDBUFFORCE',
    'int',
    'set',
    () => t("Sets the send buffer beyond the system's limit; needs CAP_NET_ADMIN."),
    'bytes',
  ),
  socket(
    'SO_RCVBUFFORCE',
    'int',
    'set',
    () => t("Sets the receive buffer beyond the system's limit; needs CAP_NET_ADMIN."),
    'bytes',
  ),
  socket(
    'SO_BUSY_POLL',
    'int',
    'both',
    () => t('How long a receiving call asks the network card before it sleeps.'),
    'µs',
  ),
  socket('SO_MAX_PACING_RATE', 'u64', 'both', () => t('The highest rate at which data is sent.'), 'bytes/s'),
  socket('SO_INCOMING_CPU', 'int', 'both', () =>
    t('The processor that handled the last packet of this socket.'),
  ),
  socket('SO_INCOMING_NAPI_ID', 'int', 'get', () =>
    t('The receive queue that delivered the last packet of this socket.'),
  ),
  socket('SO_COOKIE', 'u64', 'get', () => t('A number that the kernel gives to no other socket.')),
  socket('SO_NETNS_COOKIE', 'u64', 'get', () =>
    t("A number that identifies the socket's network namespace."),
  ),
  socket('SO_ZEROCOPY', 'bool', 'both', () =>
    t("Allows MSG_ZEROCOPY: data is sent from the program's own memory."),
  ),
  socket('SO_NO_CHECK', 'bool', 'both', () => t('Sends UDP datagrams without a checksum.')),
  socket('SO_LOCK_FILTER', 'bool', 'both', () =>
    t('Keeps the attached filter from being changed or removed.'),
  ),
  socket('SO_SELECT_ERR_QUEUE', 'bool', 'both', () =>
    t('Lets select() report a message in the error queue.'),
  ),
  socket('SO_WIFI_STATUS', 'bool', 'both', () =>
    t('Delivers the Wi-Fi acknowledgement of each frame that was sent.'),
  ),
  socket('SO_NOFCS', 'bool', 'both', () =>
    t('Sends frames whose checksum the program has already appended.'),
  ),
  socket('SO_TXREHASH', 'int', 'both', () =>
    t('Whether a stalled connection may try another path through the network.'),
  ),
  socket('SO_RESERVE_MEM', 'int', 'both', () => t('Memory that is reserved for the socket.'), 'bytes'),
  socket('SO_BUF_LOCK', 'int', 'both', () =>
    t('Keeps the kernel from adjusting the buffers: 1 sending, 2 receiving.'),
  ),
  socket('SO_PREFER_BUSY_POLL', 'bool', 'both', () =>
    t('Prefers asking the network card over waiting for its interrupt.'),
  ),
  socket('SO_DEBUG', 'bool', 'both', () => t('Turns on debugging in the kernel; needs CAP_NET_ADMIN.')),
  socket('SO_MEMINFO', 'bytes', 'get', () => t('Memory figures of the socket.')),
  socket('SO_PEERGROUPS', 'bytes', 'get', () => t('Supplementary groups of the peer.')),
  socket('SO_PEERNAME', 'bytes', 'get', () => t("The peer's address as bytes; getpeername says the same.")),
  socket('SO_PEERPIDFD', 'int', 'get', () => t("A new descriptor that stands for the peer's process.")),
  socket('SO_RCVMARK', 'bool', 'both', () => t('Delivers the mark of each packet that arrives.')),
  socket('SO_EXCLUSIVEADDRUSE', 'bool', 'both', () =>
    t('Keeps every other socket from binding to the same address.'),
  ),
  socket('SO_NOSIGPIPE', 'bool', 'both', () =>
    t('Makes a send on a broken connection fail with EPIPE instead of raising SIGPIPE.'),
  ),
  socket('SO_NREAD', 'int', 'get', () => t('Bytes that wait to be received.'), 'bytes'),
  socket('SO_NWRITE', 'int', 'get', () => t('Bytes that wait to be sent.'), 'bytes'),
  socket('SO_MAX_MSG_SIZE', 'int', 'get', () => t('The largest datagram that can be sent.'), 'bytes'),

  ip('IP_TTL', 'int', 'both', () => t('How many routers a packet may pass.'), 'hops'),
  ip('IP_TOS', 'int', 'both', () => t('Type of service of the packets that are sent: DSCP and ECN.')),
  ip(
    'IP_MTU',
    'int',
    'get',
    () => t('Largest packet on the way to the peer; only of a connected socket.'),
    'bytes',
  ),
  ip('IP_MTU_DISCOVER', 'int', 'both', () =>
    t("Whether the path's largest packet is looked for: 0 never, 1 as wanted, 2 always, 3 probe."),
  ),
  ip('IP_RECVERR', 'bool', 'both', () => t('Keeps errors of the network for MSG_ERRQUEUE.')),
  ip('IP_FREEBIND', 'bool', 'both', () => t('Allows binding to an address that no interface has yet.')),
  ip('IP_TRANSPARENT', 'bool', 'both', () =>
    t("Allows using any address as one's own; needs CAP_NET_ADMIN."),
  ),
  ip('IP_BIND_ADDRESS_NO_PORT', 'bool', 'both', () =>
    t('Chooses the port at connect instead of at bind, so that ports can be shared.'),
  ),
  ip('IP_PKTINFO', 'bool', 'both', () => t('Delivers interface and destination address with each datagram.')),
  ip('IP_RECVTTL', 'bool', 'both', () => t('Delivers the TTL of each datagram.')),
  ip('IP_RECVTOS', 'bool', 'both', () => t('Delivers the type of service of each datagram.')),
  ip('IP_RECVOPTS', 'bool', 'both', () => t('Delivers the IP options of each datagram.')),
  ip('IP_RETOPTS', 'bool', 'both', () => t('Delivers the unprocessed IP options of each datagram.')),
  ip('IP_RECVORIGDSTADDR', 'bool', 'both', () =>
    t('Delivers the original destination address of each datagram.'),
  ),
  ip('IP_HDRINCL', 'bool', 'both', () => t('The program writes the IP header itself; only of raw sockets.')),
  ip('IP_MINTTL', 'int', 'both', () => t('Drops packets whose TTL is smaller.'), 'hops'),
  ip('IP_NODEFRAG', 'bool', 'both', () => t('Sends fragments on without putting them together.')),
  ip('IP_CHECKSUM', 'bool', 'both', () => t('Delivers the checksum of each datagram.')),
  ip('IP_MULTICAST_TTL', 'int', 'both', () => t('How many routers a multicast packet may pass.'), 'hops'),
  ip('IP_MULTICAST_LOOP', 'bool', 'both', () => t("Delivers one's own multicast packets to this host too.")),
  ip('IP_MULTICAST_IF', 'in_addr', 'both', () =>
    t('The interface, by its address, through which multicast packets are sent.'),
  ),
  ip('IP_MULTICAST_ALL', 'bool', 'both', () =>
    t('Receives the packets of every group that this host has joined.'),
  ),
  ip('IP_ADD_MEMBERSHIP', 'mreqn', 'set', () => t('Joins a multicast group.')),
  ip('IP_DROP_MEMBERSHIP', 'mreqn', 'set', () => t('Leaves a multicast group.')),
  ip('IP_ADD_SOURCE_MEMBERSHIP', 'mreqSource', 'set', () =>
    t('Joins a multicast group for the packets of one sender.'),
  ),
  ip('IP_DROP_SOURCE_MEMBERSHIP', 'mreqSource', 'set', () =>
    t('Leaves a multicast group for the packets of one sender.'),
  ),
  ip('IP_BLOCK_SOURCE', 'mreqSource', 'set', () =>
    t("Stops receiving a multicast group's packets from one sender."),
  ),
  ip('IP_UNBLOCK_SOURCE', 'mreqSource', 'set', () =>
    t("Receives a multicast group's packets from a blocked sender again."),
  ),
  ip('IP_UNICAST_IF', 'int', 'both', () => t('The interface through which packets are sent.')),
  ip('IP_LOCAL_PORT_RANGE', 'int', 'both', () =>
    t('The range of ports from which the kernel chooses: the upper 16 bits and the lower 16 bits.'),
  ),
  ip('IP_PROTOCOL', 'int', 'get', () => t('The protocol in use, as a number.')),
  ip('IP_OPTIONS', 'bytes', 'both', () => t('IP options of the packets that are sent.')),

  ipv6('IPV6_V6ONLY', 'bool', 'both', () => t('Keeps IPv4 connections away from a socket bound to [::].')),
  ipv6('IPV6_UNICAST_HOPS', 'int', 'both', () => t('How many routers a packet may pass.'), 'hops'),
  ipv6(
    'IPV6_MULTICAST_HOPS',
    'int',
    'both',
    () => t('How many routers a multicast packet may pass.'),
    'hops',
  ),
  ipv6('IPV6_MULTICAST_LOOP', 'bool', 'both', () =>
    t("Delivers one's own multicast packets to this host too."),
  ),
  ipv6('IPV6_MULTICAST_IF', 'int', 'both', () =>
    t('The index of the interface through which multicast packets are sent.'),
  ),
  ipv6('IPV6_MULTICAST_ALL', 'bool', 'both', () =>
    t('Receives the packets of every group that this host has joined.'),
  ),
  ipv6('IPV6_ADD_MEMBERSHIP', 'mreq6', 'set', () => t('Joins a multicast group.')),
  ipv6('IPV6_DROP_MEMBERSHIP', 'mreq6', 'set', () => t('Leaves a multicast group.')),
  ipv6('IPV6_TCLASS', 'int', 'both', () => t('Traffic class of the packets that are sent: DSCP and ECN.')),
  ipv6('IPV6_RECVTCLASS', 'bool', 'both', () => t('Delivers the traffic class of each datagram.')),
  ipv6(
    'IPV6_MTU',
    'int',
    'both',
    () => t('Largest packet on the way to the peer; only of a connected socket.'),
    'bytes',
  ),
  ipv6('IPV6_MTU_DISCOVER', 'int', 'both', () =>
    t("Whether the path's largest packet is looked for: 0 never, 1 as wanted, 2 always, 3 probe."),
  ),
  ipv6('IPV6_DONTFRAG', 'bool', 'both', () => t('Never sends a packet in fragments.')),
  ipv6('IPV6_RECVERR', 'bool', 'both', () => t('Keeps errors of the network for MSG_ERRQUEUE.')),
  ipv6('IPV6_RECVPKTINFO', 'bool', 'both', () =>
    t('Delivers interface and destination address with each datagram.'),
  ),
  ipv6('IPV6_RECVHOPLIMIT', 'bool', 'both', () => t('Delivers the hop limit of each datagram.')),
  ipv6('IPV6_RECVORIGDSTADDR', 'bool', 'both', () =>
    t('Delivers the original destination address of each datagram.'),
  ),
  ipv6('IPV6_FLOWINFO_SEND', 'bool', 'both', () => t('Sends the flow label of the address.')),
  ipv6('IPV6_AUTOFLOWLABEL', 'bool', 'both', () => t('Chooses flow labels automatically.')),
  ipv6('IPV6_ADDR_PREFERENCES', 'int', 'both', () =>
    t("Which of one's own addresses is preferred as the sender."),
  ),
  ipv6('IPV6_MINHOPCOUNT', 'int', 'both', () => t('Drops packets whose hop limit is smaller.'), 'hops'),
  ipv6('IPV6_FREEBIND', 'bool', 'both', () => t('Allows binding to an address that no interface has yet.')),
  ipv6('IPV6_TRANSPARENT', 'bool', 'both', () =>
    t("Allows using any address as one's own; needs CAP_NET_ADMIN."),
  ),
  ipv6('IPV6_UNICAST_IF', 'int', 'both', () => t('The interface through which packets are sent.')),
  ipv6(
    'IPV6_CHECKSUM',
    'int',
    'both',
    () => t('Where the kernel puts the checksum of a raw packet; -1 turns it off.'),
    'bytes',
  ),

  tcp('TCP_NODELAY', 'bool', 'both', () =>
    t("Sends small pieces at once instead of gathering them (turns Nagle's algorithm off)."),
  ),
  tcp('TCP_CORK', 'bool', 'both', () =>
    t('Holds partial segments back until it is turned off again, at most 200 ms.'),
  ),
  tcp('TCP_QUICKACK', 'bool', 'both', () =>
    t('Acknowledges at once; the kernel turns it off again by itself.'),
  ),
  tcp('TCP_MAXSEG', 'int', 'both', () => t('Largest segment that is sent.'), 'bytes'),
  tcp('TCP_KEEPIDLE', 'int', 'both', () => t('Idle time before the first keep-alive probe.'), 's'),
  tcp('TCP_KEEPINTVL', 'int', 'both', () => t('Time between keep-alive probes.'), 's'),
  tcp('TCP_KEEPCNT', 'int', 'both', () => t('Unanswered keep-alive probes before the connection ends.')),
  tcp(
    'TCP_USER_TIMEOUT',
    'int',
    'both',
    () => t("How long sent data may stay unacknowledged before the connection ends; 0 is the system's rule."),
    'ms',
  ),
  tcp('TCP_SYNCNT', 'int', 'both', () =>
    t('How often SYN is sent again before connect fails with ETIMEDOUT.'),
  ),
  tcp('TCP_LINGER2', 'int', 'both', () => t('How long a closed socket stays in FIN_WAIT2.'), 's'),
  tcp(
    'TCP_DEFER_ACCEPT',
    'int',
    'both',
    () => t('Wakes accept only when data has come, or after this time.'),
    's',
  ),
  tcp('TCP_WINDOW_CLAMP', 'int', 'both', () => t('Upper limit of the advertised window.'), 'bytes'),
  tcp('TCP_CONGESTION', 'string', 'both', () =>
    t('The congestion control algorithm, such as cubic or reno.'),
  ),
  tcp('TCP_INFO', 'tcp_info', 'get', () => t('What the kernel knows about the connection.')),
  tcp(
    'TCP_NOTSENT_LOWAT',
    'int',
    'both',
    () => t('Reports readiness to send only while less unsent data than this is queued.'),
    'bytes',
  ),
  tcp('TCP_FASTOPEN', 'int', 'both', () => t('Length of the queue of TCP Fast Open requests of a listener.')),
  tcp('TCP_FASTOPEN_CONNECT', 'bool', 'both', () =>
    t('Sends the first data with the SYN when a cookie is known.'),
  ),
  tcp('TCP_FASTOPEN_NO_COOKIE', 'bool', 'both', () => t('Uses TCP Fast Open without a cookie.')),
  tcp('TCP_THIN_LINEAR_TIMEOUTS', 'bool', 'both', () =>
    t('Retransmits at even intervals on a connection with few packets.'),
  ),
  tcp('TCP_SAVE_SYN', 'int', 'both', () => t('Keeps the headers of each SYN for TCP_SAVED_SYN.')),
  tcp('TCP_SAVED_SYN', 'bytes', 'get', () =>
    t('The headers of the SYN that opened this connection; can be read once.'),
  ),
  tcp('TCP_REPAIR', 'int', 'both', () =>
    t('Freezes the connection so that it can be moved; needs CAP_NET_ADMIN.'),
  ),
  tcp('TCP_TIMESTAMP', 'int', 'both', () => t('The clock of the TCP timestamp option.')),
  tcp('TCP_ULP', 'string', 'both', () => t('A protocol on top of TCP that the kernel handles, such as tls.')),
  tcp('TCP_INQ', 'bool', 'both', () => t('Delivers the number of bytes still waiting with each message.')),
  tcp('TCP_TX_DELAY', 'int', 'both', () => t('Delays each packet that is sent.'), 'µs'),
  tcp('TCP_CC_INFO', 'bytes', 'get', () => t('Figures of the congestion control algorithm.')),
  tcp('TCP_IS_MPTCP', 'bool', 'get', () => t('Whether the connection uses Multipath TCP.')),
  tcp('TCP_RTO_MAX_MS', 'int', 'both', () => t('The longest time before a segment is sent again.'), 'ms'),
  tcp('TCP_RTO_MIN_US', 'int', 'both', () => t('The shortest time before a segment is sent again.'), 'µs'),
  tcp('TCP_DELACK_MAX_US', 'int', 'both', () => t('The longest time an acknowledgement is held back.'), 'µs'),
  tcp('TCP_NOPUSH', 'bool', 'both', () => t('Holds partial segments back until it is turned off again.')),

  udp('UDP_CORK', 'bool', 'both', () =>
    t('Gathers everything sent into one datagram until it is turned off again.'),
  ),
  udp(
    'UDP_SEGMENT',
    'int',
    'both',
    () => t('Splits a large send into datagrams of this size; 0 is off.'),
    'bytes',
  ),
  udp('UDP_GRO', 'bool', 'both', () => t('Joins datagrams of one sender into one large receive.')),
  udp('UDP_NO_CHECK6_TX', 'bool', 'both', () => t('Sends IPv6 datagrams without a checksum.')),
  udp('UDP_NO_CHECK6_RX', 'bool', 'both', () => t('Accepts IPv6 datagrams without a checksum.')),
  udp('UDP_ENCAP', 'int', 'both', () => t('The kind of packets that are carried inside UDP.')),
];
