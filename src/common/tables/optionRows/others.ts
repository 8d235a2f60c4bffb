import { t } from '../../l10n.js';
import { rowsOf, type SocketOption } from './row.js';

const raw = rowsOf('SOL_RAW');
const icmpv6 = rowsOf('SOL_ICMPV6');
const can = rowsOf('SOL_CAN_RAW');
const vsock = rowsOf('AF_VSOCK');
const bufferLimit = () => t('A limit of SO_VM_SOCKETS_BUFFER_SIZE.');
const host = () => t('Only of the VMware transport.');
const timeout = () => t('How long connect waits for the peer.');

/** `raw(7)`, `can(7)`, `vsock(7)` and ICMPv6. */
export const otherRows: readonly SocketOption[] = [
  raw('ICMP_FILTER', 'int', 'both', () => t('ICMP messages that are not received: bit N stands for type N.')),
  icmpv6('ICMPV6_FILTER', 'ints', 'both', () =>
    t('ICMPv6 messages that are not received: bit N of the 256 stands for type N.'),
  ),
  can('CAN_RAW_FILTER', 'can_filter', 'both', () => t('Frames that are received, by identifier and mask.')),
  can('CAN_RAW_ERR_FILTER', 'int', 'both', () => t('Kinds of errors that are received as frames.')),
  can('CAN_RAW_LOOPBACK', 'bool', 'both', () => t('Delivers sent frames to other sockets of this machine.')),
  can('CAN_RAW_RECV_OWN_MSGS', 'bool', 'both', () => t("Receives one's own frames too.")),
  can('CAN_RAW_FD_FRAMES', 'bool', 'both', () => t('Allows CAN FD frames of up to 64 bytes.')),
  can('CAN_RAW_JOIN_FILTERS', 'bool', 'both', () => t('A frame must pass all filters, not only one.')),
  can('CAN_RAW_XL_FRAMES', 'bool', 'both', () => t('Allows CAN XL frames of up to 2048 bytes.')),
  vsock('SO_VM_SOCKETS_BUFFER_SIZE', 'u64', 'both', () => t("Size of the connection's buffer."), {
    unit: 'bytes',
    effect: () => t('Cut to the two limits.'),
  }),
  vsock('SO_VM_SOCKETS_BUFFER_MIN_SIZE', 'u64', 'both', bufferLimit, { unit: 'bytes' }),
  vsock('SO_VM_SOCKETS_BUFFER_MAX_SIZE', 'u64', 'both', bufferLimit, { unit: 'bytes' }),
  vsock('SO_VM_SOCKETS_PEER_HOST_VM_ID', 'int', 'none', host),
  vsock('SO_VM_SOCKETS_TRUSTED', 'int', 'none', host),
  vsock('SO_VM_SOCKETS_NONBLOCK_TXRX', 'int', 'none', host),
  vsock('SO_VM_SOCKETS_CONNECT_TIMEOUT', 'timeval', 'both', timeout),
  vsock('SO_VM_SOCKETS_CONNECT_TIMEOUT_NEW', 'timeval', 'both', timeout),
];
