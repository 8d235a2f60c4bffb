import { t } from '../../l10n.js';
import { rowsOf, type SocketOption } from './row.js';

const packet = rowsOf('SOL_PACKET');
const netlink = rowsOf('SOL_NETLINK');
const removed = () => t('Has a number, but Linux does nothing with it.');

/** `packet(7)` and `netlink(7)` */
export const linkRows: readonly SocketOption[] = [
  packet('PACKET_ADD_MEMBERSHIP', 'packet_mreq', 'set', () =>
    t(
      'Makes an interface accept more packets: a multicast address, all of them, or everything (promiscuous).',
    ),
  ),
  packet('PACKET_DROP_MEMBERSHIP', 'packet_mreq', 'set', () => t('Undoes PACKET_ADD_MEMBERSHIP.')),
  packet('PACKET_RECV_OUTPUT', 'int', 'none', removed),
  packet('PACKET_RX_RING', 'tpacket_req', 'set', () =>
    t('A ring in memory into which packets are received.'),
  ),
  packet('PACKET_TX_RING', 'tpacket_req', 'set', () => t('A ring in memory from which packets are sent.')),
  packet(
    'PACKET_STATISTICS',
    'tpacket_stats',
    'get',
    () => t('Packets that came and that were dropped, since this was read the last time.'),
    { onlyWhenAsked: true },
  ),
  packet('PACKET_COPY_THRESH', 'int', 'both', () =>
    t('Packets longer than a frame of the ring are also queued when this is not 0.'),
  ),
  packet('PACKET_AUXDATA', 'bool', 'both', () =>
    t('Delivers length, checksum state and VLAN tag with each packet.'),
  ),
  packet('PACKET_ORIGDEV', 'bool', 'both', () =>
    t('Addresses tell the interface on which a packet came in, not the one above it.'),
  ),
  packet('PACKET_VERSION', 'int', 'both', () => t("The form of the ring's headers."), {
    names: 'optvalue:PACKET_VERSION',
    effect: () => t('Only while there is no ring.'),
  }),
  packet('PACKET_HDRLEN', 'int', 'get', () => t("Length of the ring's headers of one version."), {
    unit: 'bytes',
    effect: () => t('The version is passed in, where the answer comes out.'),
    onlyWhenAsked: true,
  }),
  packet('PACKET_RESERVE', 'int', 'both', () => t('Room that is left before each packet in the ring.'), {
    unit: 'bytes',
  }),
  packet('PACKET_LOSS', 'bool', 'both', () =>
    t('Skips malformed packets of the sending ring instead of stopping.'),
  ),
  packet('PACKET_VNET_HDR', 'bool', 'both', () => t('A header of virtio_net stands before each packet.'), {
    effect: () => t('Only while there is no ring.'),
  }),
  packet('PACKET_TX_TIMESTAMP', 'int', 'none', () => t('The type of a control message, not an option.')),
  packet('PACKET_TIMESTAMP', 'int', 'both', () => t("Which clock the ring's time stamps are from."), {
    names: 'optvalue:SO_TIMESTAMPING',
    isFlags: true,
  }),
  packet('PACKET_FANOUT', 'int', 'both', () =>
    t('Spreads packets over a group of sockets: the lower 16 bits are the group, the upper ones the way.'),
  ),
  packet('PACKET_TX_HAS_OFF', 'bool', 'both', () =>
    t('Frames of the sending ring say where their data begins.'),
  ),
  packet('PACKET_QDISC_BYPASS', 'bool', 'both', () => t("Sends past the interface's queue.")),
  packet('PACKET_ROLLOVER_STATS', 'tpacket_rollover_stats', 'get', () =>
    t('How often a group of sockets passed a packet on because one was full.'),
  ),
  packet('PACKET_IGNORE_OUTGOING', 'bool', 'both', () =>
    t('Does not receive packets that this machine sends.'),
  ),

  netlink('NETLINK_ADD_MEMBERSHIP', 'int', 'set', () => t('Joins a group of messages, by its number.')),
  netlink('NETLINK_DROP_MEMBERSHIP', 'int', 'set', () => t('Leaves a group of messages, by its number.')),
  netlink('NETLINK_LIST_MEMBERSHIPS', 'ints', 'get', () =>
    t('The groups that were joined: bit N - 1 stands for group N.'),
  ),
  netlink('NETLINK_PKTINFO', 'bool', 'both', () => t('Delivers the group with each message.')),
  netlink('NETLINK_BROADCAST_ERROR', 'bool', 'both', () =>
    t('Tells the sender of a message to a group when this socket could not take it.'),
  ),
  netlink('NETLINK_NO_ENOBUFS', 'bool', 'both', () =>
    t('Does not tell with ENOBUFS that messages were lost.'),
  ),
  netlink('NETLINK_RX_RING', 'bytes', 'none', removed),
  netlink('NETLINK_TX_RING', 'bytes', 'none', removed),
  netlink(
    'NETLINK_LISTEN_ALL_NSID',
    'bool',
    'both',
    () => t('Receives messages of other network namespaces that have an id here.'),
    { needs: 'CAP_NET_BROADCAST' },
  ),
  netlink('NETLINK_CAP_ACK', 'bool', 'both', () => t('Answers to a request do not repeat the request.')),
  netlink('NETLINK_EXT_ACK', 'bool', 'both', () => t('Answers may say in words what was wrong.')),
  netlink('NETLINK_GET_STRICT_CHK', 'bool', 'both', () =>
    t('Requests are checked strictly, so that filters in them count.'),
  ),
];
