import { t } from '../../l10n.js';
import { rowsOf, type SocketOption } from './row.js';

const row = rowsOf('SOL_SOCKET');
const obsolete = () => t('Has a number, but Linux does nothing with it.');
const timeStampNew = () => t('As the option without _NEW, with seconds of 64 bits on every machine.');

/** `socket(7)` */
export const socketRows: readonly SocketOption[] = [
  row('SO_REUSEADDR', 'bool', 'both', () =>
    t('Allows binding to an address that a closed connection still holds in TIME_WAIT.'),
  ),
  row('SO_REUSEPORT', 'bool', 'both', () =>
    t('Lets several sockets bind to the same address and port; the kernel spreads connections over them.'),
  ),
  row('SO_KEEPALIVE', 'bool', 'both', () =>
    t('Sends probes on an idle connection to notice a peer that is gone.'),
  ),
  row('SO_BROADCAST', 'bool', 'both', () => t('Allows sending datagrams to a broadcast address.')),
  row(
    'SO_LINGER',
    'linger',
    'both',
    () => t('What close does with unsent data: with 0 seconds it sends RST, otherwise it waits that long.'),
    { unit: 's', effect: () => t('l_onoff reads back as 1, whatever was set besides 0.') },
  ),
  row(
    'SO_RCVBUF',
    'int',
    'both',
    () => t('Size of the receive buffer. Linux doubles the value that is set.'),
    {
      unit: 'bytes',
      effect: () =>
        t(
          'The value is cut to net.core.rmem_max first; the doubling is for bookkeeping. At least 2304. Once it is set, TCP no longer adjusts it.',
        ),
    },
  ),
  row('SO_SNDBUF', 'int', 'both', () => t('Size of the send buffer. Linux doubles the value that is set.'), {
    unit: 'bytes',
    effect: () =>
      t(
        'The value is cut to net.core.wmem_max first; the doubling is for bookkeeping. At least 4608. Once it is set, TCP no longer adjusts it.',
      ),
  }),
  row(
    'SO_RCVTIMEO',
    'timeval',
    'both',
    () => t('How long a receiving call waits before it fails with EAGAIN; 0 waits forever.'),
    { effect: () => t('Rounded up to the clock tick; negative seconds mean at once and read back as 0.') },
  ),
  row(
    'SO_SNDTIMEO',
    'timeval',
    'both',
    () => t('How long a sending call waits before it fails with EAGAIN; 0 waits forever.'),
    { effect: () => t('Rounded up to the clock tick; negative seconds mean at once and read back as 0.') },
  ),
  row('SO_ERROR', 'int', 'get', () => t('The pending error of the socket. Reading it clears it.'), {
    names: 'errno',
    onlyWhenAsked: true,
  }),
  row('SO_TYPE', 'int', 'get', () => t('The type given to socket(), as a number.'), { names: 'socktype' }),
  row('SO_DOMAIN', 'int', 'get', () => t('The domain given to socket(), as a number.'), { names: 'domain' }),
  row('SO_PROTOCOL', 'int', 'get', () => t('The protocol in use, as a number.'), { names: 'protocol' }),
  row('SO_ACCEPTCONN', 'bool', 'get', () => t('Whether the socket listens.')),
  row('SO_OOBINLINE', 'bool', 'both', () => t('Leaves the urgent byte in the normal stream.')),
  row(
    'SO_RCVLOWAT',
    'int',
    'both',
    () => t('How many bytes must have arrived before a receiving call returns.'),
    {
      unit: 'bytes',
      effect: () =>
        t('0 becomes 1, a negative number the largest int; TCP cuts it to half of the receive buffer.'),
    },
  ),
  row(
    'SO_SNDLOWAT',
    'int',
    'get',
    () => t('How much room there must be before sending; Linux does not let it be changed.'),
    { unit: 'bytes' },
  ),
  row('SO_DONTROUTE', 'bool', 'both', () =>
    t('Sends only to directly connected hosts, not through a gateway.'),
  ),
  row(
    'SO_BINDTODEVICE',
    'string',
    'both',
    () => t('Uses only this network interface; an empty name removes the restriction.'),
    {
      needs: 'CAP_NET_RAW',
      effect: () => t('CAP_NET_RAW is needed only where an interface is set already.'),
    },
  ),
  row('SO_BINDTOIFINDEX', 'int', 'both', () => t('Uses only the network interface with this index.'), {
    needs: 'CAP_NET_RAW',
    effect: () => t('CAP_NET_RAW is needed only where an interface is set already.'),
  }),
  row('SO_PRIORITY', 'int', 'both', () => t('Queueing priority of the packets that are sent.'), {
    needs: 'CAP_NET_ADMIN',
    effect: () => t('Numbers from 0 to 6 need no privilege, others CAP_NET_ADMIN.'),
  }),
  row('SO_MARK', 'int', 'both', () => t('Mark on each packet that is sent, for routing rules and filters.'), {
    needs: 'CAP_NET_ADMIN',
  }),
  row('SO_PASSCRED', 'bool', 'both', () =>
    t("Delivers the sender's process, user and group with each message of a Unix socket."),
  ),
  row('SO_PASSSEC', 'bool', 'both', () =>
    t("Delivers the sender's security context with each message of a Unix socket."),
  ),
  row('SO_PASSPIDFD', 'bool', 'both', () =>
    t("Delivers a descriptor of the sender's process with each message of a Unix socket."),
  ),
  row('SO_PASSRIGHTS', 'bool', 'both', () =>
    t('Accepts descriptors that come with SCM_RIGHTS; 0 refuses them. It is on by default.'),
  ),
  row('SO_PEERCRED', 'ucred', 'get', () => t('Process, user and group of the peer when it connected.')),
  row('SO_PEERSEC', 'string', 'get', () => t('Security context of the peer.')),
  row('SO_PEERGROUPS', 'ints', 'get', () => t('Supplementary groups of the peer.')),
  row('SO_PEERPIDFD', 'int', 'get', () => t("A new descriptor that stands for the peer's process."), {
    onlyWhenAsked: true,
  }),
  row('SO_PEERNAME', 'bytes', 'get', () => t("The peer's address as bytes; getpeername says the same."), {
    effect: () => t('EINVAL when the length is larger than the address.'),
    onlyWhenAsked: true,
  }),
  row('SO_PEEK_OFF', 'int', 'both', () => t('Where the next MSG_PEEK reads; -1 peeks at the beginning.'), {
    unit: 'bytes',
    effect: () => t('Moves on with every peek, and back with every receive.'),
  }),
  row('SO_TIMESTAMP', 'bool', 'both', () =>
    t('Delivers the time of arrival with each datagram, in microseconds.'),
  ),
  row('SO_TIMESTAMPNS', 'bool', 'both', () =>
    t('Delivers the time of arrival with each datagram, in nanoseconds.'),
  ),
  row(
    'SO_TIMESTAMPING',
    'timestamping',
    'both',
    () => t('Which time stamps of packets are made and delivered.'),
    {
      names: 'optvalue:SO_TIMESTAMPING',
      isFlags: true,
      effect: () =>
        t(
          'A blocking send over TCP is stamped at its last byte. One that a time-out or an error cuts short gets no stamp here; in C it may get one.',
        ),
    },
  ),
  row('SO_TIMESTAMP_NEW', 'bool', 'both', timeStampNew),
  row('SO_TIMESTAMPNS_NEW', 'bool', 'both', timeStampNew),
  row('SO_TIMESTAMPING_NEW', 'timestamping', 'both', timeStampNew, {
    names: 'optvalue:SO_TIMESTAMPING',
    isFlags: true,
  }),
  row('SO_RCVTIMEO_NEW', 'timeval', 'both', timeStampNew),
  row('SO_SNDTIMEO_NEW', 'timeval', 'both', timeStampNew),
  row('SO_RXQ_OVFL', 'bool', 'both', () => t('Delivers the number of dropped datagrams with each message.')),
  row(
    'SO_SNDBUFFORCE',
    'int',
    'set',
    () => t("Sets the send buffer beyond the system's limit; needs CAP_NET_ADMIN."),
    { unit: 'bytes', needs: 'CAP_NET_ADMIN', effect: () => t('Doubled, but not cut.') },
  ),
  row(
    'SO_RCVBUFFORCE',
    'int',
    'set',
    () => t("Sets the receive buffer beyond the system's limit; needs CAP_NET_ADMIN."),
    { unit: 'bytes', needs: 'CAP_NET_ADMIN', effect: () => t('Doubled, but not cut.') },
  ),
  row(
    'SO_BUSY_POLL',
    'int',
    'both',
    () => t('How long a receiving call asks the network card before it sleeps.'),
    { unit: 'µs', needs: 'CAP_NET_ADMIN', effect: () => t('CAP_NET_ADMIN is needed only to raise it.') },
  ),
  row(
    'SO_PREFER_BUSY_POLL',
    'bool',
    'both',
    () => t('Prefers asking the network card over waiting for its interrupt.'),
    { needs: 'CAP_NET_ADMIN' },
  ),
  row('SO_BUSY_POLL_BUDGET', 'int', 'set', () => t('How many packets one turn of busy polling may take.'), {
    unit: 'packets',
    needs: 'CAP_NET_ADMIN',
    effect: () => t('Up to 65535; CAP_NET_ADMIN is needed only to raise it.'),
  }),
  row('SO_MAX_PACING_RATE', 'u64', 'both', () => t('The highest rate at which data is sent.'), {
    unit: 'bytes/s',
    effect: () => t('The largest number means no limit.'),
  }),
  row(
    'SO_INCOMING_CPU',
    'int',
    'both',
    () => t('The processor that handled the last packet of this socket.'),
    {
      effect: () => t('What is set is a wish, for spreading connections over sockets with SO_REUSEPORT.'),
    },
  ),
  row('SO_INCOMING_NAPI_ID', 'int', 'get', () =>
    t('The receive queue that delivered the last packet of this socket.'),
  ),
  row('SO_COOKIE', 'u64', 'get', () => t('A number that the kernel gives to no other socket.')),
  row('SO_NETNS_COOKIE', 'u64', 'get', () => t("A number that identifies the socket's network namespace.")),
  row('SO_MEMINFO', 'ints', 'get', () =>
    t(
      'Memory of the socket: receive queue and buffer, send queue and buffer, reserved, write queue, options, backlog, drops.',
    ),
  ),
  row('SO_ZEROCOPY', 'bool', 'both', () =>
    t("Allows MSG_ZEROCOPY: data is sent from the program's own memory."),
  ),
  row(
    'SO_TXTIME',
    'sock_txtime',
    'both',
    () => t('Sends each packet at the time that its SCM_TXTIME says.'),
    {
      needs: 'CAP_NET_ADMIN',
      effect: () => t('Clocks other than CLOCK_MONOTONIC need CAP_NET_ADMIN.'),
    },
  ),
  row('SO_NO_CHECK', 'bool', 'both', () => t('Sends UDP datagrams without a checksum.')),
  row('SO_BSDCOMPAT', 'bool', 'both', () => t('Does nothing; it is kept for old programs.')),
  row('SO_ATTACH_FILTER', 'sock_fprog', 'both', () =>
    t('A filter of BPF instructions that decides which packets arrive. Reading gives the instructions.'),
  ),
  row('SO_DETACH_FILTER', 'int', 'set', () => t('Takes the filter away; the value is ignored.')),
  row('SO_LOCK_FILTER', 'bool', 'both', () => t('Keeps the attached filter from being changed or removed.'), {
    effect: () => t('Once it is on it cannot be turned off.'),
  }),
  row('SO_ATTACH_BPF', 'int', 'set', () => t('A filter by the descriptor of a loaded eBPF program.')),
  row('SO_ATTACH_REUSEPORT_CBPF', 'sock_fprog', 'set', () =>
    t('BPF instructions that choose the socket of an SO_REUSEPORT group for each packet.'),
  ),
  row('SO_ATTACH_REUSEPORT_EBPF', 'int', 'set', () =>
    t('An eBPF program, by its descriptor, that chooses the socket of an SO_REUSEPORT group.'),
  ),
  row('SO_DETACH_REUSEPORT_BPF', 'int', 'set', () =>
    t('Takes the program of the SO_REUSEPORT group away; the value is ignored.'),
  ),
  row('SO_BPF_EXTENSIONS', 'int', 'get', () => t('How many extensions of BPF filters the kernel knows.')),
  row('SO_SELECT_ERR_QUEUE', 'bool', 'both', () => t('Lets select() report a message in the error queue.')),
  row('SO_WIFI_STATUS', 'bool', 'both', () =>
    t('Delivers the Wi-Fi acknowledgement of each frame that was sent.'),
  ),
  row('SO_NOFCS', 'bool', 'both', () => t('Sends frames whose checksum the program has already appended.')),
  row('SO_CNX_ADVICE', 'int', 'set', () =>
    t('The value 1 tells the kernel that the path to the peer seems to be broken.'),
  ),
  row(
    'SO_TXREHASH',
    'int',
    'both',
    () => t('Whether a stalled connection may try another path through the network.'),
    { names: 'optvalue:SO_TXREHASH', effect: () => t("-1 stands for the system's rule.") },
  ),
  row('SO_RESERVE_MEM', 'int', 'both', () => t('Memory that is reserved for the socket.'), { unit: 'bytes' }),
  row(
    'SO_BUF_LOCK',
    'int',
    'both',
    () => t('Keeps the kernel from adjusting the buffers: 1 sending, 2 receiving.'),
    {
      names: 'optvalue:SO_BUF_LOCK',
      isFlags: true,
    },
  ),
  row('SO_RCVMARK', 'bool', 'both', () => t('Delivers the mark of each packet that arrives.'), {
    needs: 'CAP_NET_ADMIN',
  }),
  row('SO_RCVPRIORITY', 'bool', 'both', () => t('Delivers the priority of each packet that arrives.'), {
    needs: 'CAP_NET_ADMIN',
  }),
  row('SO_INQ', 'bool', 'set', () =>
    t('Delivers the number of bytes still waiting with each message of a Unix stream.'),
  ),
  row('SO_DEBUG', 'bool', 'both', () => t('Turns on debugging in the kernel; needs CAP_NET_ADMIN.'), {
    needs: 'CAP_NET_ADMIN',
  }),
  row('SO_DEVMEM_LINEAR', 'bytes', 'none', () => t('The type of a control message, not an option.')),
  row('SO_DEVMEM_DMABUF', 'bytes', 'none', () => t('The type of a control message, not an option.')),
  row('SO_DEVMEM_DONTNEED', 'bytes', 'set', () => t("Gives received pieces of a device's memory back.")),
  row('SO_SECURITY_AUTHENTICATION', 'bytes', 'none', obsolete),
  row('SO_SECURITY_ENCRYPTION_TRANSPORT', 'bytes', 'none', obsolete),
  row('SO_SECURITY_ENCRYPTION_NETWORK', 'bytes', 'none', obsolete),
  row('SO_EXCLUSIVEADDRUSE', 'bool', 'both', () =>
    t('Keeps every other socket from binding to the same address.'),
  ),
  row('SO_NOSIGPIPE', 'bool', 'both', () =>
    t('Makes a send on a broken connection fail with EPIPE instead of raising SIGPIPE.'),
  ),
  row('SO_NREAD', 'int', 'get', () => t('Bytes that wait to be received.'), { unit: 'bytes' }),
  row('SO_NWRITE', 'int', 'get', () => t('Bytes that wait to be sent.'), { unit: 'bytes' }),
  row('SO_MAX_MSG_SIZE', 'int', 'get', () => t('The largest datagram that can be sent.'), { unit: 'bytes' }),
];
