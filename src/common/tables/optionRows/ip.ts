import { t } from '../../l10n.js';
import { rowsOf, type SocketOption } from './row.js';

const row = rowsOf('IPPROTO_IP');
const senders = () => t('All senders of a multicast group at once that are received or blocked.');
const asked = { onlyWhenAsked: true, effect: () => t('Reading it needs the group to be passed in.') };
const policy = () => t('An IPsec policy of this socket.');

/** `ip(7)` */
const membership = () =>
  t(
    'Takes a multicast group, 224.0.0.0 to 239.255.255.255, and the address of an interface: {0}.',
    '{imr_multiaddr=inet_addr("239.1.1.1"), imr_interface=inet_addr("127.0.0.1")}',
  );

export const ipRows: readonly SocketOption[] = [
  row('IP_TTL', 'int', 'both', () => t('How many routers a packet may pass.'), {
    unit: 'hops',
    effect: () => t("1 to 255; -1 goes back to the system's value."),
  }),
  row('IP_TOS', 'int', 'both', () => t('Type of service of the packets that are sent: DSCP and ECN.'), {
    effect: () =>
      t('Sets SO_PRIORITY too. The two lowest bits of a TCP socket stay as they are: they are ECN.'),
  }),
  row('IP_MTU', 'int', 'get', () => t('Largest packet on the way to the peer; only of a connected socket.'), {
    unit: 'bytes',
  }),
  row(
    'IP_MTU_DISCOVER',
    'int',
    'both',
    () => t("Whether the path's largest packet is looked for: 0 never, 1 as wanted, 2 always, 3 probe."),
    { names: 'optvalue:IP_MTU_DISCOVER' },
  ),
  row('IP_RECVERR', 'bool', 'both', () => t('Keeps errors of the network for MSG_ERRQUEUE.'), {
    effect: () => t('Turning it off empties the error queue.'),
  }),
  row('IP_RECVERR_RFC4884', 'bool', 'both', () =>
    t('Delivers the extension of an ICMP error (RFC 4884) with each message of MSG_ERRQUEUE.'),
  ),
  row('IP_FREEBIND', 'bool', 'both', () => t('Allows binding to an address that no interface has yet.')),
  row(
    'IP_TRANSPARENT',
    'bool',
    'both',
    () => t("Allows using any address as one's own; needs CAP_NET_ADMIN."),
    { needs: 'CAP_NET_ADMIN' },
  ),
  row('IP_BIND_ADDRESS_NO_PORT', 'bool', 'both', () =>
    t('Chooses the port at connect instead of at bind, so that ports can be shared.'),
  ),
  row('IP_PKTINFO', 'bool', 'both', () =>
    t('Delivers interface and destination address with each datagram.'),
  ),
  row('IP_RECVTTL', 'bool', 'both', () => t('Delivers the TTL of each datagram.')),
  row('IP_RECVTOS', 'bool', 'both', () => t('Delivers the type of service of each datagram.')),
  row('IP_RECVOPTS', 'bool', 'both', () => t('Delivers the IP options of each datagram.')),
  row('IP_RETOPTS', 'bool', 'both', () => t('Delivers the unprocessed IP options of each datagram.')),
  row('IP_RECVORIGDSTADDR', 'bool', 'both', () =>
    t('Delivers the original destination address of each datagram.'),
  ),
  row('IP_RECVFRAGSIZE', 'bool', 'both', () =>
    t('Delivers the size of the largest fragment that a datagram came in.'),
  ),
  row('IP_PASSSEC', 'bool', 'both', () => t("Delivers the sender's security context with each datagram.")),
  row('IP_CHECKSUM', 'bool', 'both', () => t('Delivers the checksum of each datagram.')),
  row('IP_HDRINCL', 'bool', 'both', () => t('The program writes the IP header itself; only of raw sockets.')),
  row('IP_MINTTL', 'int', 'both', () => t('Drops packets whose TTL is smaller.'), {
    unit: 'hops',
    effect: () => t('0 to 255.'),
  }),
  row('IP_NODEFRAG', 'bool', 'both', () => t('Sends fragments on without putting them together.')),
  row('IP_ROUTER_ALERT', 'int', 'both', () =>
    t('Hands packets with the router alert option, which are only passing through, to this raw socket.'),
  ),
  row('IP_MULTICAST_TTL', 'int', 'both', () => t('How many routers a multicast packet may pass.'), {
    unit: 'hops',
    effect: () => t('0 to 255; -1 becomes 1.'),
  }),
  row('IP_MULTICAST_LOOP', 'bool', 'both', () => t("Delivers one's own multicast packets to this host too.")),
  row(
    'IP_MULTICAST_IF',
    'multicastIf',
    'both',
    () => t('The interface, by its address, through which multicast packets are sent.'),
    {
      effect: () =>
        t("Also set by a structure with the interface's index; reading always gives the address."),
    },
  ),
  row('IP_MULTICAST_ALL', 'bool', 'both', () =>
    t('Receives the packets of every group that this host has joined.'),
  ),
  row('IP_ADD_MEMBERSHIP', 'membership', 'set', () => t('Joins a multicast group.'), { effect: membership }),
  row('IP_DROP_MEMBERSHIP', 'membership', 'set', () => t('Leaves a multicast group.'), {
    effect: membership,
  }),
  row('IP_ADD_SOURCE_MEMBERSHIP', 'mreqSource', 'set', () =>
    t('Joins a multicast group for the packets of one sender.'),
  ),
  row('IP_DROP_SOURCE_MEMBERSHIP', 'mreqSource', 'set', () =>
    t('Leaves a multicast group for the packets of one sender.'),
  ),
  row('IP_BLOCK_SOURCE', 'mreqSource', 'set', () =>
    t("Stops receiving a multicast group's packets from one sender."),
  ),
  row('IP_UNBLOCK_SOURCE', 'mreqSource', 'set', () =>
    t("Receives a multicast group's packets from a blocked sender again."),
  ),
  row('IP_MSFILTER', 'bytes', 'both', senders, asked),
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
  row('MCAST_MSFILTER', 'bytes', 'both', senders, asked),
  row('IP_UNICAST_IF', 'int', 'both', () => t('The interface through which packets are sent.'), {
    effect: () => t('An index in network order: htonl(1) is the first interface.'),
  }),
  row(
    'IP_LOCAL_PORT_RANGE',
    'int',
    'both',
    () => t('The range of ports from which the kernel chooses: the upper 16 bits and the lower 16 bits.'),
    {
      effect: () =>
        t("The lower 16 bits are the first port, the upper ones the last; 0 is the system's range."),
    },
  ),
  row('IP_PROTOCOL', 'int', 'get', () =>
    t('The protocol of a raw socket; of any other one the kernel gives its local port here.'),
  ),
  row('IP_OPTIONS', 'bytes', 'both', () => t('IP options of the packets that are sent.'), {
    effect: () => t('At most 40 bytes; some options need CAP_NET_RAW.'),
  }),
  row('IP_PKTOPTIONS', 'bytes', 'get', () => t('What the last packet of a TCP connection delivered.')),
  row('IP_IPSEC_POLICY', 'bytes', 'set', policy, { needs: 'CAP_NET_ADMIN' }),
  row('IP_XFRM_POLICY', 'bytes', 'set', policy, { needs: 'CAP_NET_ADMIN' }),
];
