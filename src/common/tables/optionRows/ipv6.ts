import { t } from '../../l10n.js';
import { rowsOf, type SocketOption } from './row.js';

const row = rowsOf('IPPROTO_IPV6');
const policy = () => t('An IPsec policy of this socket.');
const old = () => t('The old form (RFC 2292) of the option without 2292.');
const unused = () => t('Has a number, but Linux does nothing with it.');

/** `ipv6(7)` */
export const ipv6Rows: readonly SocketOption[] = [
  row('IPV6_V6ONLY', 'bool', 'both', () => t('Keeps IPv4 connections away from a socket bound to [::].'), {
    effect: () => t('Only before bind.'),
  }),
  row('IPV6_UNICAST_HOPS', 'int', 'both', () => t('How many routers a packet may pass.'), {
    unit: 'hops',
    effect: () => t("0 to 255; -1 goes back to the system's value."),
  }),
  row('IPV6_MULTICAST_HOPS', 'int', 'both', () => t('How many routers a multicast packet may pass.'), {
    unit: 'hops',
    effect: () => t('0 to 255; -1 becomes 1.'),
  }),
  row('IPV6_MULTICAST_LOOP', 'bool', 'both', () =>
    t("Delivers one's own multicast packets to this host too."),
  ),
  row('IPV6_MULTICAST_IF', 'int', 'both', () =>
    t('The index of the interface through which multicast packets are sent.'),
  ),
  row('IPV6_MULTICAST_ALL', 'bool', 'both', () =>
    t('Receives the packets of every group that this host has joined.'),
  ),
  row('IPV6_ADD_MEMBERSHIP', 'mreq6', 'set', () => t('Joins a multicast group.')),
  row('IPV6_DROP_MEMBERSHIP', 'mreq6', 'set', () => t('Leaves a multicast group.')),
  row('IPV6_JOIN_ANYCAST', 'mreq6', 'set', () => t('Joins an anycast address.'), { needs: 'CAP_NET_ADMIN' }),
  row('IPV6_LEAVE_ANYCAST', 'mreq6', 'set', () => t('Leaves an anycast address.')),
  row('MCAST_JOIN_GROUP', 'group_req', 'set', () => t('Joins a multicast group.')),
  row('MCAST_LEAVE_GROUP', 'group_req', 'set', () => t('Leaves a multicast group.')),
  row('MCAST_JOIN_SOURCE_GROUP', 'group_source_req', 'set', () =>
    t('Joins a multicast group for the packets of one sender.'),
  ),
  row('MCAST_LEAVE_SOURCE_GROUP', 'group_source_req', 'set', () =>
    t('Leaves a multicast group for the packets of one sender.'),
  ),
  row('MCAST_BLOCK_SOURCE', 'group_source_req', 'set', () =>
    t("Stops receiving a multicast group's packets from one sender."),
  ),
  row('MCAST_UNBLOCK_SOURCE', 'group_source_req', 'set', () =>
    t("Receives a multicast group's packets from a blocked sender again."),
  ),
  row(
    'MCAST_MSFILTER',
    'bytes',
    'both',
    () => t('All senders of a multicast group at once that are received or blocked.'),
    { onlyWhenAsked: true, effect: () => t('Reading it needs the group to be passed in.') },
  ),
  row('IPV6_TCLASS', 'int', 'both', () => t('Traffic class of the packets that are sent: DSCP and ECN.'), {
    effect: () =>
      t('0 to 255; -1 becomes 0. The two lowest bits of a TCP socket stay as they are: they are ECN.'),
  }),
  row('IPV6_RECVTCLASS', 'bool', 'both', () => t('Delivers the traffic class of each datagram.')),
  row(
    'IPV6_MTU',
    'int',
    'both',
    () => t('Largest packet on the way to the peer; only of a connected socket.'),
    {
      unit: 'bytes',
      effect: () =>
        t('0 or at least 1280: fragments get no larger than this. Reading gives the largest on the way.'),
    },
  ),
  row(
    'IPV6_MTU_DISCOVER',
    'int',
    'both',
    () => t("Whether the path's largest packet is looked for: 0 never, 1 as wanted, 2 always, 3 probe."),
    { names: 'optvalue:IPV6_MTU_DISCOVER' },
  ),
  row('IPV6_DONTFRAG', 'bool', 'both', () => t('Never sends a packet in fragments.')),
  row('IPV6_RECVERR', 'bool', 'both', () => t('Keeps errors of the network for MSG_ERRQUEUE.'), {
    effect: () => t('Turning it off empties the error queue.'),
  }),
  row('IPV6_RECVERR_RFC4884', 'bool', 'both', () =>
    t('Delivers the extension of an ICMP error (RFC 4884) with each message of MSG_ERRQUEUE.'),
  ),
  row('IPV6_RECVPKTINFO', 'bool', 'both', () =>
    t('Delivers interface and destination address with each datagram.'),
  ),
  row('IPV6_RECVHOPLIMIT', 'bool', 'both', () => t('Delivers the hop limit of each datagram.')),
  row('IPV6_RECVORIGDSTADDR', 'bool', 'both', () =>
    t('Delivers the original destination address of each datagram.'),
  ),
  row('IPV6_RECVFRAGSIZE', 'bool', 'both', () =>
    t('Delivers the size of the largest fragment that a datagram came in.'),
  ),
  row('IPV6_RECVPATHMTU', 'bool', 'both', () =>
    t('Delivers the new size when the largest packet on the way has changed.'),
  ),
  row('IPV6_RECVHOPOPTS', 'bool', 'both', () => t('Delivers the hop-by-hop options of each datagram.')),
  row('IPV6_RECVDSTOPTS', 'bool', 'both', () => t('Delivers the destination options of each datagram.')),
  row('IPV6_RECVRTHDR', 'bool', 'both', () => t('Delivers the routing header of each datagram.')),
  row('IPV6_PKTINFO', 'in6_pktinfo', 'set', () =>
    t("One's own address and the interface for the packets that are sent."),
  ),
  row('IPV6_HOPLIMIT', 'int', 'none', () => t('The type of a control message, not an option.')),
  row('IPV6_PATHMTU', 'ip6_mtuinfo', 'get', () =>
    t('Largest packet on the way to the peer, with its address; only of a connected socket.'),
  ),
  row('IPV6_HOPOPTS', 'bytes', 'both', () => t('Hop-by-hop options of the packets that are sent.'), {
    needs: 'CAP_NET_RAW',
  }),
  row('IPV6_DSTOPTS', 'bytes', 'both', () => t('Destination options of the packets that are sent.'), {
    needs: 'CAP_NET_RAW',
  }),
  row(
    'IPV6_RTHDRDSTOPTS',
    'bytes',
    'both',
    () => t('Destination options for the routers on the way of the packets that are sent.'),
    { needs: 'CAP_NET_RAW' },
  ),
  row('IPV6_RTHDR', 'bytes', 'both', () => t('Routing header of the packets that are sent.')),
  row('IPV6_FLOWINFO', 'bool', 'both', () => t('Delivers the flow label of each datagram.')),
  row('IPV6_FLOWINFO_SEND', 'bool', 'both', () => t('Sends the flow label of the address.')),
  row('IPV6_FLOWLABEL_MGR', 'bytes', 'both', () => t('Takes a flow label, or gives it back.'), {
    onlyWhenAsked: true,
    effect: () => t('Reading it needs the question to be passed in.'),
  }),
  row('IPV6_AUTOFLOWLABEL', 'bool', 'both', () => t('Chooses flow labels automatically.')),
  row(
    'IPV6_ADDR_PREFERENCES',
    'int',
    'both',
    () => t("Which of one's own addresses is preferred as the sender."),
    { names: 'optvalue:IPV6_ADDR_PREFERENCES', isFlags: true },
  ),
  row('IPV6_MINHOPCOUNT', 'int', 'both', () => t('Drops packets whose hop limit is smaller.'), {
    unit: 'hops',
    effect: () => t('0 to 255.'),
  }),
  row('IPV6_FREEBIND', 'bool', 'both', () => t('Allows binding to an address that no interface has yet.')),
  row(
    'IPV6_TRANSPARENT',
    'bool',
    'both',
    () => t("Allows using any address as one's own; needs CAP_NET_ADMIN."),
    { needs: 'CAP_NET_ADMIN' },
  ),
  row('IPV6_UNICAST_IF', 'int', 'both', () => t('The interface through which packets are sent.'), {
    effect: () => t('An index in network order: htonl(1) is the first interface.'),
  }),
  row(
    'IPV6_CHECKSUM',
    'int',
    'both',
    () => t('Where the kernel puts the checksum of a raw packet; -1 turns it off.'),
    { unit: 'bytes', effect: () => t('An even number; of ICMPv6 it is always 2.') },
  ),
  row('IPV6_HDRINCL', 'bool', 'both', () =>
    t('The program writes the IP header itself; only of raw sockets.'),
  ),
  row('IPV6_ROUTER_ALERT', 'int', 'both', () =>
    t('Hands packets with the router alert option, which are only passing through, to this raw socket.'),
  ),
  row(
    'IPV6_ADDRFORM',
    'int',
    'both',
    () => t('Turns a connected IPv6 socket with an IPv4 peer into an IPv4 socket: the value is AF_INET.'),
    {
      names: 'domain',
    },
  ),
  row('IPV6_2292PKTINFO', 'bool', 'both', old),
  row('IPV6_2292HOPOPTS', 'bool', 'both', old),
  row('IPV6_2292DSTOPTS', 'bool', 'both', old),
  row('IPV6_2292RTHDR', 'bool', 'both', old),
  row('IPV6_2292HOPLIMIT', 'bool', 'both', old),
  row('IPV6_2292PKTOPTIONS', 'bytes', 'both', () => t('What the last packet of a TCP connection delivered.')),
  row('IPV6_IPSEC_POLICY', 'bytes', 'set', policy, { needs: 'CAP_NET_ADMIN' }),
  row('IPV6_XFRM_POLICY', 'bytes', 'set', policy, { needs: 'CAP_NET_ADMIN' }),
  row('IPV6_NEXTHOP', 'bytes', 'none', unused),
  row('IPV6_AUTHHDR', 'bytes', 'none', unused),
];
