import { t } from '../../l10n.js';
import {
  choose,
  descriptorText,
  isDatagram,
  isNetlink,
  isShutForSending,
  isUnix,
  rule,
  type Rules,
} from './subject.js';

/** Rules for whatever call, taken when the call has none of its own. */

export const closedDescriptor = rule(
  ({ args, ...facts }) =>
    typeof args[0] === 'number'
      ? t('No open descriptor of this process has the number {0}.', descriptorText({ args, ...facts }))
      : t('No open descriptor of this process has this number.'),
  () => t('The socket was closed before, or the number was never given out.'),
  () => t('Choose an open socket, or make a new one.'),
);

export const noSocket = rule(
  () => t('This descriptor is open, but it is not a socket.'),
  () => t('It is a pipe, a file or a terminal: the call is for sockets only.'),
  () => t('Use read, write or close on it.'),
);

export const noMemory = rule(
  () => t('The kernel has no memory left for this socket.'),
  () => t('Its buffers are full, or the machine is short of memory.'),
  () => t('Close what is not needed, and try again later.'),
);

export const badMemory = rule(
  () => t('The kernel could not read or write the memory of an argument.'),
  () => t('NULL was passed where it reads an address, a value or data, or a length that goes beyond them.'),
);

export const interrupted = rule(
  () => t('A signal interrupted the call before it had done anything.'),
  null,
  () => t('Make the call again.'),
);

export const noDescriptorLeft = rule(
  () => t('This process has no descriptor left. Close a socket and try again.'),
  () => t('Every open socket takes one; RLIMIT_NOFILE limits them.'),
);

export const noFileLeft = rule(
  () => t('The whole system has no descriptor left.'),
  () => t('Other programs hold too many files and sockets (fs.file-max).'),
);

export const peerReset = rule(
  () => t('The peer reset the connection: it closed with unread data, or ended hard.'),
  () => t('The other program crashed, closed without reading everything, or set SO_LINGER to 0.'),
  () => t('Nothing more comes on this socket: close it and connect a new one.'),
);

export const gaveUp = rule(
  () => t('The peer did not answer in time; the kernel gave up.'),
  () => t('The other machine is gone, or a firewall drops the packets without a word.'),
  () => t('Close the socket and connect a new one.'),
);

export const noRoute = rule(
  () => t('This machine has no route to that network.'),
  () => t('The interface is down, or the routing table has nothing for this address.'),
  () => t('See the output of ip route get ADDRESS.'),
);

export const noHost = rule(
  () => t('That host cannot be reached from here.'),
  () => t('Nobody answers for the address on its network, or a router said that it cannot be reached.'),
);

export const interfaceDown = rule(
  () => t('The network interface is down.'),
  null,
  () => t('Bring it up: ip link set NAME up.'),
);

export const noInterface = rule(
  () => t('There is no such network interface.'),
  null,
  () => t('See ip link for the names and numbers.'),
);

export const refusedEarlier = rule(
  () => t('An earlier datagram reached a port where nobody listens; its refusal is reported once, now.'),
  () => t('The other machine answered it with an ICMP message; only a connected socket is told.'),
  () => t('The socket can go on: bind a receiver there, and send again.'),
);

export const connectionRefused = choose(
  [
    isNetlink,
    rule(
      () => t('No netlink socket has that port id.'),
      () => t('The receiver has closed its socket, or never bound it; the kernel itself is 0.'),
      () => t('Send to netlink:0/0 to talk with the kernel.'),
    ),
  ],
  [
    isUnix,
    rule(
      () => t('The socket that was connected does not take messages any more.'),
      () => t('It was closed; a file of its name may still be there.'),
      () => t('Connect to a socket that is open.'),
    ),
  ],
  [isDatagram, refusedEarlier],
  rule(
    () => t('The connection attempt on this socket was refused; the refusal is reported once, now.'),
    () => t('Nobody listened there when the handshake came.'),
    () => t('Start a listener, then connect a new socket.'),
  ),
);

export const broken = choose(
  [
    isShutForSending,
    rule(
      () => t('This side was shut down for sending, so nothing more can be sent.'),
      () => t('shutdown with SHUT_WR or SHUT_RDWR was called on this socket.'),
      () => t('Receive what the peer still sends, then close.'),
    ),
  ],
  rule(
    () =>
      t('Nobody reads any more: the peer has closed the connection, or this side was shut down for sending.'),
    () => t('In a program without MSG_NOSIGNAL this call would have raised SIGPIPE.'),
    () => t('Close the socket and connect a new one.'),
  ),
);

export const notConnected = rule(
  () => t('The socket has no peer: it never connected, or the connection was reset.'),
  null,
  () => t('Connect it first, or accept a connection and use the new socket.'),
);

export const common: Rules = {
  EBADF: closedDescriptor,
  ENOTSOCK: noSocket,
  EAGAIN: rule(() => t('Nothing to read now, and the call was not to wait, or its time-out is over.')),
  ENOMEM: noMemory,
  ENOBUFS: noMemory,
  EFAULT: badMemory,
  EINTR: interrupted,
  EMFILE: noDescriptorLeft,
  ENFILE: noFileLeft,
  EPERM: rule(() => t('The process lacks the privilege for this.')),
  EACCES: rule(() => t('Permission denied: the process may not do this here.')),
  EOPNOTSUPP: rule(() => t('This kind of socket does not know the call, or not with these flags.')),
  ENOTCONN: notConnected,
  ECONNRESET: peerReset,
  ECONNREFUSED: connectionRefused,
  EPIPE: broken,
  ETIMEDOUT: gaveUp,
  ECONNABORTED: rule(() => t('The connection was ended before the call could use it.')),
  ENETUNREACH: noRoute,
  EHOSTUNREACH: noHost,
  ENETDOWN: interfaceDown,
  EHOSTDOWN: rule(() => t('That host is down.')),
  ENODEV: noInterface,
  ENOPROTOOPT: rule(() => t('This socket has no such option at this level.')),
  EMSGSIZE: rule(() => t('The message is longer than one packet of this socket can carry.')),
  EDESTADDRREQ: rule(() => t('The socket has no peer and the call names no destination.')),
  EAFNOSUPPORT: rule(() => t('The address is of a family that this socket does not take.')),
  EINVAL: rule(() =>
    t('The kernel does not accept one of the arguments, or not in this state of the socket.'),
  ),
  ENOTTY: rule(() => t('This kind of descriptor does not know the request.')),
  ENOENT: rule(() => t('What the call names does not exist.')),
  ELOOP: rule(() => t('The path has too many symbolic links.')),
  ENAMETOOLONG: rule(() => t('The path is too long.')),
  EROFS: rule(() => t('The file system is read-only.')),
};
