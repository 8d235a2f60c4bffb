import { t } from '../../l10n.js';
import { rowsOf, type SocketOption } from './row.js';

const row = rowsOf('IPPROTO_TCP');
const authentication = () => t('Keys of the TCP Authentication Option (RFC 5925).');
const repaired = () => t('Part of the state of a connection that TCP_REPAIR has frozen.');

/** `tcp(7)` */
export const tcpRows: readonly SocketOption[] = [
  row('TCP_NODELAY', 'bool', 'both', () =>
    t("Sends small pieces at once instead of gathering them (turns Nagle's algorithm off)."),
  ),
  row('TCP_CORK', 'bool', 'both', () =>
    t('Holds partial segments back until it is turned off again, at most 200 ms.'),
  ),
  row('TCP_QUICKACK', 'bool', 'both', () =>
    t('Acknowledges at once; the kernel turns it off again by itself.'),
  ),
  row('TCP_MAXSEG', 'int', 'both', () => t('Largest segment that is sent.'), {
    unit: 'bytes',
    effect: () => t('88 to 32767; the peer and the way to it may make it smaller.'),
  }),
  row('TCP_KEEPIDLE', 'int', 'both', () => t('Idle time before the first keep-alive probe.'), {
    unit: 's',
    effect: () => t('1 to 32767.'),
  }),
  row('TCP_KEEPINTVL', 'int', 'both', () => t('Time between keep-alive probes.'), {
    unit: 's',
    effect: () => t('1 to 32767.'),
  }),
  row('TCP_KEEPCNT', 'int', 'both', () => t('Unanswered keep-alive probes before the connection ends.'), {
    unit: 'probes',
    effect: () => t('1 to 127.'),
  }),
  row(
    'TCP_USER_TIMEOUT',
    'int',
    'both',
    () => t("How long sent data may stay unacknowledged before the connection ends; 0 is the system's rule."),
    { unit: 'ms' },
  ),
  row(
    'TCP_SYNCNT',
    'int',
    'both',
    () => t('How often SYN is sent again before connect fails with ETIMEDOUT.'),
    {
      effect: () => t('1 to 127.'),
    },
  ),
  row('TCP_LINGER2', 'int', 'both', () => t('How long a closed socket stays in FIN_WAIT2.'), {
    unit: 's',
    effect: () => t("0 is the system's time, more than 120 becomes 120, a negative number ends it at once."),
  }),
  row(
    'TCP_DEFER_ACCEPT',
    'int',
    'both',
    () => t('Wakes accept only when data has come, or after this time.'),
    {
      unit: 's',
      effect: () => t('Rounded up to a time at which SYN-ACK is sent again: 1, 3, 7, 15, 31 and so on.'),
    },
  ),
  row('TCP_WINDOW_CLAMP', 'int', 'both', () => t('Upper limit of the advertised window.'), {
    unit: 'bytes',
    effect: () => t('At least half of the smallest receive buffer.'),
  }),
  row(
    'TCP_CONGESTION',
    'string',
    'both',
    () => t('The congestion control algorithm, such as cubic or reno.'),
    {
      needs: 'CAP_NET_ADMIN',
      effect: () =>
        t('Those in net.ipv4.tcp_allowed_congestion_control need no privilege, others CAP_NET_ADMIN.'),
    },
  ),
  row('TCP_INFO', 'tcp_info', 'get', () => t('What the kernel knows about the connection.')),
  row(
    'TCP_NOTSENT_LOWAT',
    'int',
    'both',
    () => t('Reports readiness to send only while less unsent data than this is queued.'),
    { unit: 'bytes', effect: () => t("0 is the system's value.") },
  ),
  row(
    'TCP_FASTOPEN',
    'int',
    'both',
    () => t('Length of the queue of TCP Fast Open requests of a listener.'),
    {
      unit: 'requests',
      effect: () => t('Cut to the length of the accept queue.'),
    },
  ),
  row('TCP_FASTOPEN_CONNECT', 'bool', 'both', () =>
    t('Sends the first data with the SYN when a cookie is known.'),
  ),
  row('TCP_FASTOPEN_NO_COOKIE', 'bool', 'both', () => t('Uses TCP Fast Open without a cookie.')),
  row('TCP_FASTOPEN_KEY', 'bytes', 'both', () =>
    t('The key of 16 bytes, or two of them, that TCP Fast Open makes its cookies with.'),
  ),
  row('TCP_THIN_LINEAR_TIMEOUTS', 'bool', 'both', () =>
    t('Retransmits at even intervals on a connection with few packets.'),
  ),
  row('TCP_THIN_DUPACK', 'bool', 'both', () => t('Does nothing; it is kept for old programs.'), {
    effect: () => t('Always reads back as 0.'),
  }),
  row('TCP_SAVE_SYN', 'int', 'both', () => t('Keeps the headers of each SYN for TCP_SAVED_SYN.'), {
    effect: () => t('1 keeps what follows the link layer, 2 its header too.'),
  }),
  row(
    'TCP_SAVED_SYN',
    'bytes',
    'get',
    () => t('The headers of the SYN that opened this connection; can be read once.'),
    { onlyWhenAsked: true },
  ),
  row(
    'TCP_REPAIR',
    'int',
    'both',
    () => t('Freezes the connection so that it can be moved; needs CAP_NET_ADMIN.'),
    {
      names: 'optvalue:TCP_REPAIR',
      needs: 'CAP_NET_ADMIN',
    },
  ),
  row('TCP_REPAIR_QUEUE', 'int', 'both', repaired, { names: 'optvalue:TCP_REPAIR_QUEUE' }),
  row('TCP_QUEUE_SEQ', 'int', 'both', repaired),
  row('TCP_REPAIR_OPTIONS', 'tcp_repair_opt', 'set', repaired),
  row('TCP_REPAIR_WINDOW', 'tcp_repair_window', 'both', repaired),
  row('TCP_TIMESTAMP', 'int', 'both', () => t('The clock of the TCP timestamp option.'), {
    effect: () => t('Can be set only while TCP_REPAIR is on.'),
  }),
  row('TCP_ULP', 'string', 'both', () => t('A protocol on top of TCP that the kernel handles, such as tls.')),
  row('TCP_INQ', 'bool', 'both', () => t('Delivers the number of bytes still waiting with each message.')),
  row('TCP_TX_DELAY', 'int', 'both', () => t('Delays each packet that is sent.'), { unit: 'µs' }),
  row('TCP_CC_INFO', 'bytes', 'get', () => t('Figures of the congestion control algorithm.')),
  row('TCP_ZEROCOPY_RECEIVE', 'bytes', 'get', () => t("Maps received data into the program's memory."), {
    onlyWhenAsked: true,
  }),
  row('TCP_MD5SIG', 'bytes', 'set', () =>
    t('A key with which every segment from and to a peer is signed (RFC 2385).'),
  ),
  row('TCP_MD5SIG_EXT', 'bytes', 'set', () =>
    t('A key with which every segment from and to a network is signed (RFC 2385).'),
  ),
  row('TCP_AO_ADD_KEY', 'bytes', 'set', authentication),
  row('TCP_AO_DEL_KEY', 'bytes', 'set', authentication),
  row('TCP_AO_INFO', 'bytes', 'both', authentication),
  row('TCP_AO_GET_KEYS', 'bytes', 'get', authentication),
  row('TCP_AO_REPAIR', 'bytes', 'both', authentication, { needs: 'CAP_NET_ADMIN' }),
  row('TCP_IS_MPTCP', 'bool', 'get', () => t('Whether the connection uses Multipath TCP.')),
  row('TCP_RTO_MAX_MS', 'int', 'both', () => t('The longest time before a segment is sent again.'), {
    unit: 'ms',
    effect: () => t('1000 to 120000.'),
  }),
  row('TCP_RTO_MIN_US', 'int', 'both', () => t('The shortest time before a segment is sent again.'), {
    unit: 'µs',
  }),
  row('TCP_DELACK_MAX_US', 'int', 'both', () => t('The longest time an acknowledgement is held back.'), {
    unit: 'µs',
  }),
  row('TCP_COOKIE_TRANSACTIONS', 'bytes', 'none', () => t('Has a number, but Linux does nothing with it.')),
  row('TCP_NOPUSH', 'bool', 'both', () => t('Holds partial segments back until it is turned off again.')),
];
