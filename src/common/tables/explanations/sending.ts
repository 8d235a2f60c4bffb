import { t } from '../../l10n.js';
import { portOf } from '../../socket.js';
import { constantValue } from '../constants.js';
import {
  badMemory,
  broken,
  connectionRefused,
  gaveUp,
  interfaceDown,
  interrupted,
  noHost,
  noInterface,
  noMemory,
  noRoute,
  peerReset,
} from './shared.js';
import {
  addressText,
  choose,
  type Facts,
  fileText,
  hasFlag,
  isDatagram,
  isInternet,
  isNetlink,
  isPacket,
  isShutForSending,
  isStream,
  isUnix,
  isUnixSocket,
  rule,
  type Rules,
} from './subject.js';

const MSG_OOB = constantValue('MSG_OOB', 'linux')!;
const isUrgent = hasFlag(3, MSG_OOB);
const isUrgentMessage = hasFlag(2, MSG_OOB);
const isMessage = ({ call }: Facts) => call === 'sendmsg';

const noUrgentData = rule(
  () => t('This kind of socket does not send with these flags: only streams know urgent data.'),
  () => t('MSG_OOB marks one byte of a TCP stream; datagrams have no such thing.'),
  () => t('Leave MSG_OOB out.'),
);

/** `write` and `send`: the socket's own peer. */
export const sending: Rules = {
  EAGAIN: choose(
    [
      (facts) => isUnixSocket(facts) && isDatagram(facts),
      rule(
        () => t("The receiver's queue is full, and the call was not to wait, or its time-out is over."),
        () => t('net.unix.max_dgram_qlen messages wait there to be received.'),
        () => t('Receive on the other socket, then send again.'),
      ),
    ],
    rule(
      () => t('No room in the send queue, and the call was not to wait, or its time-out is over.'),
      () => t('The peer does not read as fast as this side sends.'),
      () => t('Receive on the other side, or wait with poll for POLLOUT.'),
    ),
  ),
  EPIPE: choose(
    [
      ({ socket }) => socket?.state === 'open' || socket?.state === 'bound' || socket?.state === 'listening',
      rule(
        () => t('The stream has no connection to send on.'),
        () => t('It never connected; a TCP socket reports that as a broken pipe.'),
        () => t('connect it first, or use the socket that accept returned.'),
      ),
    ],
    broken,
  ),
  EMSGSIZE: choose(
    [
      isUnix,
      rule(
        () => t('The message is longer than the send buffer of the socket can hold.'),
        () => t('A message is never cut: it must fit into SO_SNDBUF as a whole.'),
        () => t('Send less, or set a larger SO_SNDBUF.'),
      ),
    ],
    [
      isPacket,
      rule(
        () => t('The packet is longer than the interface can carry.'),
        null,
        () => t('Keep to the MTU that ip link shows.'),
      ),
    ],
    rule(
      () => t('A UDP datagram carries at most 65507 bytes over IPv4 and 65527 over IPv6.'),
      () => t("The length field of IP has 16 bits; with IP_PMTUDISC_DO the path's MTU is the limit."),
      () => t('Send less at once, or use a stream.'),
    ),
  ),
  EDESTADDRREQ: rule(
    () => t('A datagram needs a destination: connect the socket first, or use sendto.'),
    () => t('The socket has no peer and the call names none.'),
    () => t('sendto with an address, or connect.'),
  ),
  ENOTCONN: rule(
    () => t('The socket is not connected, so there is nobody to send to.'),
    () =>
      t('It never connected, or it is the listener: conversations are on the sockets that accept returned.'),
    () => t('connect it first, or use sendto with an address.'),
  ),
  EOPNOTSUPP: choose(
    [
      isNetlink,
      rule(
        () => t('Netlink knows no urgent data.'),
        null,
        () => t('Leave MSG_OOB out.'),
      ),
    ],
    noUrgentData,
  ),
  EINVAL: choose(
    [
      isMessage,
      rule(
        () => t('The kernel does not accept the message: its control data, address or flags are wrong.'),
        () => t('A control message has a wrong length, or is one that this socket does not take.'),
        () => t('Leave msg_control out, and add to it step by step.'),
      ),
    ],
    [
      ({ address }) => portOf(address) === 0,
      rule(
        () => t('Port 0 is no destination.'),
        () => t('0 means “choose one” in bind only.'),
        () => t('Name the port that the receiver is bound to.'),
      ),
    ],
    [
      ({ address }) => address !== undefined,
      rule(
        () => t('The destination has a wrong length, or port 0.'),
        () => t('The kernel looks at the length first: 16 bytes of IPv4, 28 of IPv6.'),
        () => t("Leave the length out; it is then the structure's."),
      ),
    ],
    rule(
      () => t('The kernel does not accept the data or the flags on this kind of socket.'),
      () => t('The packet is shorter than its header, or the flags belong to another kind of socket.'),
    ),
  ),
  EISCONN: rule(
    () => t('The socket is connected: send to its peer without naming a destination.'),
    () => t('A connected Unix socket takes no other destination.'),
    () => t('Leave the address out.'),
  ),
  ECONNREFUSED: connectionRefused,
  ECONNRESET: choose(
    [
      isUnixSocket,
      rule(
        () => t('The other end of this pair or connection was closed.'),
        () => t('It still had unread data, or it was a datagram socket that is gone.'),
        () => t('Close the socket and connect a new one.'),
      ),
    ],
    peerReset,
  ),
  EHOSTUNREACH: noHost,
  ENETUNREACH: noRoute,
  ENETDOWN: interfaceDown,
  ENODEV: noInterface,
  ENXIO: noInterface,
  ETIMEDOUT: gaveUp,
  EPERM: choose(
    [
      isNetlink,
      rule(
        () => t('This request to the kernel needs CAP_NET_ADMIN.'),
        null,
        () => t('Asking is free for most things; changing them is not.'),
      ),
    ],
    rule(
      () => t('A firewall rule of this machine forbids the packet.'),
      null,
      () => t('See nft list ruleset or iptables -L.'),
    ),
  ),
  EINTR: interrupted,
  EFAULT: badMemory,
  ENOMEM: noMemory,
  ENOBUFS: choose(
    [
      isPacket,
      rule(
        () => t('The queue of the network interface is full.'),
        () => t('It sends more slowly than this program.'),
      ),
    ],
    noMemory,
  ),
  EALREADY: rule(
    () => t('Another connection is being set up with MSG_FASTOPEN.'),
    null,
    () => t('Wait with poll for POLLOUT.'),
  ),
  EINPROGRESS: rule(
    () => t('With MSG_FASTOPEN the handshake goes on in the background.'),
    null,
    () => t('Wait with poll for POLLOUT, then read SO_ERROR.'),
  ),
};

/** `sendto` and `sendmsg`: a destination of the call's own. */
export const sendingTo: Rules = {
  ...sending,
  EOPNOTSUPP: choose(
    [(facts) => isUrgent(facts) || isUrgentMessage(facts), noUrgentData],
    [
      (facts) => facts.address !== undefined && isUnixSocket(facts) && isStream(facts),
      rule(
        () => t('A Unix stream goes to its peer; a destination cannot be named.'),
        null,
        () => t('Leave the address out.'),
      ),
    ],
    noUrgentData,
  ),
  EACCES: choose(
    [
      isUnix,
      rule(
        (facts) => t('Sending needs write permission on {0}.', fileText(facts)),
        () => t('The socket file belongs to another user, or its mode forbids writing.'),
        () => t('Ask its owner for chmod, or run as a user who may.'),
      ),
    ],
    rule(
      () => t('A broadcast address needs the option SO_BROADCAST.'),
      () => t('The kernel asks for it so that nobody broadcasts by mistake.'),
      () => t('setsockopt SOL_SOCKET, SO_BROADCAST, 1, then call again.'),
    ),
  ),
  EAFNOSUPPORT: rule(
    () => t('The destination is of another family than the socket.'),
    null,
    () => t("Write an address of the socket's own family; IPv4 as [::ffff:127.0.0.1] on an IPv6 socket."),
  ),
  ESRCH: rule(
    () => t('There is no process of the number in SCM_CREDENTIALS.'),
    null,
    () => t('Name a process that lives, or leave the message out: the kernel fills it in by itself.'),
  ),
  EADDRNOTAVAIL: rule(
    () =>
      t('The kernel has no free local port for this datagram, or the source address is not of this machine.'),
    null,
    () => t('Bind to an address of this machine first.'),
  ),
  ENETUNREACH: rule(
    (facts) => t('This machine has no route to {0}.', addressText(facts)),
    () => t('There is no network of this family, or the routing table has nothing for the address.'),
    () => t('See the output of ip route get ADDRESS.'),
  ),
  EHOSTUNREACH: rule(
    (facts) => t('{0} cannot be reached from here.', addressText(facts)),
    () => t('Nobody answers for the address on its network, or a router said that it cannot be reached.'),
  ),
  ECONNREFUSED: choose(
    [
      (facts) => isUnix(facts) && facts.address !== undefined,
      rule(
        (facts) => t('No socket receives on {0}.', addressText(facts)),
        () => t('The receiver was closed and left its file, or is of another type.'),
        () => t('Start the receiver; remove the old file before it binds.'),
      ),
    ],
    connectionRefused,
  ),
  EPIPE: choose(
    [
      (facts) => !isShutForSending(facts) && isInternet(facts) && facts.socket?.state !== 'connected',
      rule(
        () => t('The stream has no connection to send on.'),
        () => t('It never connected; a TCP socket reports that as a broken pipe.'),
        () => t('connect it first, or use the socket that accept returned.'),
      ),
    ],
    broken,
  ),
  ENOENT: rule(
    (facts) => t('There is no socket file {0}.', fileText(facts)),
    () => t('The receiver has not bound it yet, or somebody removed it.'),
    () => t('Start the receiver first, and look at the path once more.'),
  ),
  ENOTDIR: rule((facts) => t('A part of {0} is not a directory.', fileText(facts))),
  ELOOP: rule((facts) => t('{0} leads through too many symbolic links.', fileText(facts))),
  ENAMETOOLONG: rule((facts) => t('A part of {0} is longer than a file name can be.', fileText(facts))),
  EPROTOTYPE: rule(
    (facts) => t('The socket at {0} is of another type than this one.', addressText(facts)),
    () => t('A stream connects to a stream, a datagram socket to a datagram socket.'),
    () => t("Make a socket of the other one's type."),
  ),
};

export const sendingMessages: Rules = {
  ...sendingTo,
  EBADF: rule(
    () => t('A descriptor of the call or of its control data is not open.'),
    () => t('SCM_RIGHTS passes descriptors: each one must be open when the message is sent.'),
    () => t('Look at the numbers in cmsg_data.'),
  ),
  ETOOMANYREFS: rule(
    () => t('Too many descriptors are on their way in messages that nobody has received.'),
    null,
    () => t('Receive them on the other side, or close that side.'),
  ),
};
