import { t } from '../../l10n.js';
import { rowsOf, type SocketOption } from './row.js';

const row = rowsOf('IPPROTO_UDP');
const lite = rowsOf('SOL_UDPLITE');

/** `udp(7)` and `udplite(7)` */
export const udpRows: readonly SocketOption[] = [
  row('UDP_CORK', 'bool', 'both', () =>
    t('Gathers everything sent into one datagram until it is turned off again.'),
  ),
  row('UDP_SEGMENT', 'int', 'both', () => t('Splits a large send into datagrams of this size; 0 is off.'), {
    unit: 'bytes',
    effect: () => t('0 to 65535.'),
  }),
  row('UDP_GRO', 'bool', 'both', () => t('Joins datagrams of one sender into one large receive.')),
  row('UDP_NO_CHECK6_TX', 'bool', 'both', () => t('Sends IPv6 datagrams without a checksum.')),
  row('UDP_NO_CHECK6_RX', 'bool', 'both', () => t('Accepts IPv6 datagrams without a checksum.')),
  row('UDP_ENCAP', 'int', 'both', () => t('The kind of packets that are carried inside UDP.'), {
    names: 'optvalue:UDP_ENCAP',
  }),
  lite(
    'UDPLITE_SEND_CSCOV',
    'int',
    'both',
    () => t('How much of each datagram its checksum covers; 0 is all.'),
    {
      unit: 'bytes',
      effect: () => t('1 to 7 become 8, the length of the header.'),
    },
  ),
  lite(
    'UDPLITE_RECV_CSCOV',
    'int',
    'both',
    () => t('How much the checksum of a datagram must cover for it to be received.'),
    { unit: 'bytes', effect: () => t('1 to 7 become 8, the length of the header.') },
  ),
];
