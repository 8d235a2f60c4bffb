import { type CallRecord, isAddress, type Value } from '../call.js';
import { t } from '../l10n.js';
import { printAddress } from '../notation/printer.js';
import type { SocketAddress, SocketInfo } from '../socket.js';
import { constantName } from './constants.js';
import { familyOf } from './families.js';
import { type CallName, signatureOf } from './signatures.js';

/** What an explanation is made from: the record, and the socket behind its descriptor where it is known. */
export interface ExplanationSubject {
  record: Pick<CallRecord, 'name' | 'args' | 'errno' | 'result' | 'payload'>;
  socket?: SocketInfo | undefined;
}

/** What a sentence needs to know of the call. */
interface Facts {
  call: CallName;
  args: readonly Value[];
  /** The address argument, undefined when the call has none. */
  address: SocketAddress | undefined;
  socket: SocketInfo | undefined;
}

type Sentence = (facts: Facts) => string;

const isUnix = ({ address, socket }: Facts) => (address?.family ?? socket?.domain) === 'AF_UNIX';
const isDatagram = ({ socket }: Facts) => socket?.type === 'SOCK_DGRAM' || socket?.type === 'SOCK_RAW';
const portOf = (address: SocketAddress | undefined) =>
  address && 'port' in address ? address.port : undefined;
const addressText = ({ address }: Facts) => (address ? printAddress(address) : t('this address'));
const fileText = ({ address }: Facts) =>
  address?.family === 'AF_UNIX' && !address.isAbstract
    ? printAddress(address).replace(/^unix:/, '')
    : t('this address');

const closedDescriptor: Sentence = () =>
  t('No open socket has this descriptor: it was closed, or never opened.');
const notSocket: Sentence = () => t('This descriptor is open, but it is not a socket.');
const notConnected: Sentence = () =>
  t('The socket has no peer: it never connected, or the connection was reset.');
const resetByPeer: Sentence = () =>
  t('The peer reset the connection: it closed with unread data, or ended hard.');
const noBuffers: Sentence = () => t('The kernel has no memory left for this socket.');
const nothingYet: Sentence = () =>
  t('Nothing to read now, and the call was not to wait, or its time-out is over.');
const noRoom: Sentence = () =>
  t('No room in the send queue, and the call was not to wait, or its time-out is over.');

const peerGone: Sentence = ({ socket }) =>
  socket?.isShutdownWrite
    ? t('This side was shut down for sending, so nothing more can be sent.')
    : t('Nobody reads any more: the peer has closed the connection, or this side was shut down for sending.');

const refused: Sentence = (facts) => {
  if (isUnix(facts)) {
    return t('Nobody accepts connections on {0}: no socket of this type listens there.', addressText(facts));
  }
  if (isDatagram(facts) || (facts.call !== 'connect' && facts.socket?.type !== 'SOCK_STREAM')) {
    return t('An earlier datagram reached a port where nobody listens; its refusal is reported once, now.');
  }
  return facts.call === 'connect'
    ? t('Nobody listens on {0}: the other side answered the SYN with a reset.', addressText(facts))
    : t('The connection attempt on this socket was refused; the refusal is reported once, now.');
};

/** Sentences for an errno whatever the call, taken when the call has none of its own. */
const common: Readonly<Record<string, Sentence>> = {
  EBADF: closedDescriptor,
  ENOTSOCK: notSocket,
  EAGAIN: nothingYet,
  ENOMEM: noBuffers,
  ENOBUFS: noBuffers,
  EFAULT: () => t('The kernel could not read or write the memory of an argument.'),
  EINTR: () => t('A signal interrupted the call before it had done anything.'),
  EMFILE: () => t('This process has no descriptor left. Close a socket and try again.'),
  ENFILE: () => t('The whole system has no descriptor left.'),
  EPERM: () => t('The process lacks the privilege for this.'),
  EACCES: () => t('Permission denied: the process may not do this here.'),
  EOPNOTSUPP: () => t('This kind of socket does not know the call, or not with these flags.'),
  ENOTCONN: notConnected,
  ECONNRESET: resetByPeer,
  ECONNREFUSED: refused,
  EPIPE: peerGone,
  ETIMEDOUT: () => t('The peer did not answer in time; the kernel gave up.'),
  ECONNABORTED: () => t('The connection was ended before the call could use it.'),
  ENETUNREACH: () => t('This machine has no route to that network.'),
  EHOSTUNREACH: () => t('That host cannot be reached from here.'),
  ENETDOWN: () => t('The network interface is down.'),
  EHOSTDOWN: () => t('That host is down.'),
  ENODEV: () => t('There is no such network interface.'),
  ENOPROTOOPT: () => t('This socket has no such option at this level.'),
  EMSGSIZE: () => t('The message is longer than one packet of this socket can carry.'),
  EDESTADDRREQ: () => t('The socket has no peer and the call names no destination.'),
  EAFNOSUPPORT: () => t('The address is of a family that this socket does not take.'),
  EINVAL: () => t('The kernel does not accept one of the arguments, or not in this state of the socket.'),
  ENOTTY: () => t('This kind of descriptor does not know the request.'),
  ENOENT: () => t('What the call names does not exist.'),
  ELOOP: () => t('The path has too many symbolic links.'),
  ENAMETOOLONG: () => t('The path is too long.'),
  EROFS: () => t('The file system is read-only.'),
};

/** Sentences of a call for an errno: what it means here. */
const own: Readonly<Partial<Record<CallName, Readonly<Record<string, Sentence>>>>> = {
  socket: {
    EAFNOSUPPORT: ({ args }) => {
      const family =
        typeof args[0] === 'number' ? familyOf(constantName('domain', args[0], 'linux')) : undefined;
      return family
        ? t('This kernel has no {0}. {1} {2}', family.name, family.purpose, family.needs)
        : t('No kernel has an address family of this number.');
    },
    EPROTONOSUPPORT: () => t('That family has no such protocol for this type of socket.'),
    ESOCKTNOSUPPORT: () => t('That family has no socket of this type with that protocol.'),
    EINVAL: () => t('The kernel does not know this type of socket, or these flags.'),
    EPERM: () => t('Raw and packet sockets need the capability CAP_NET_RAW.'),
    EACCES: () => t('The process may not make a socket of this kind.'),
  },
  bind: {
    EADDRINUSE: (facts) =>
      isUnix(facts)
        ? t(
            '{0} is taken. A socket file stays when its socket is closed, until somebody removes it.',
            addressText(facts),
          )
        : t(
            'Another socket is bound to {0}, or a closed connection still holds the port.',
            addressText(facts),
          ),
    EADDRNOTAVAIL: (facts) => t('{0} is not an address of this machine.', addressText(facts)),
    EACCES: (facts) => {
      const port = portOf(facts.address);
      if (port !== undefined && port > 0 && port < 1024) {
        return t('Ports below 1024 need the capability CAP_NET_BIND_SERVICE.');
      }
      return isUnix(facts)
        ? t('The process may not create a file at {0}.', fileText(facts))
        : t('The process may not bind to {0}.', addressText(facts));
    },
    EINVAL: (facts) =>
      facts.socket && facts.socket.state !== 'open'
        ? t('A socket is bound once; this one has its address already.')
        : t(
            'The address is of another family than the socket, has a wrong length, or the socket is bound already.',
          ),
    EAFNOSUPPORT: () => t('The address is of another family than the socket.'),
    ENOENT: (facts) => t('A directory of {0} does not exist.', fileText(facts)),
    ENOTDIR: (facts) => t('A part of {0} is not a directory.', fileText(facts)),
    EROFS: (facts) => t('{0} lies on a read-only file system.', fileText(facts)),
  },
  listen: {
    EADDRINUSE: () => t('Another socket listens on this port already.'),
    EINVAL: () => t('Only a socket that is not connected can listen; a Unix socket must be bound first.'),
    EOPNOTSUPP: () => t('Only connections are listened for: datagram and raw sockets cannot listen.'),
    EDESTADDRREQ: () => t('A Unix socket must be bound to a name before it can listen.'),
  },
  accept: {
    EAGAIN: () =>
      t('No connection waits to be accepted, and the call was not to wait, or its time-out is over.'),
    EINVAL: () =>
      t('Only a listening socket accepts: it does not listen (any more), or an argument is wrong.'),
    EOPNOTSUPP: () => t('Only sockets with connections accept: this type has none.'),
    EMFILE: () => t('This process has no descriptor left for the new socket. Close one and accept again.'),
    ECONNABORTED: () => t('The peer ended the connection before it was accepted.'),
  },
  connect: {
    EINPROGRESS: () =>
      t('The handshake goes on in the background: the socket was not to wait, or its time-out is over.'),
    EALREADY: () => t('The handshake that was begun earlier still goes on.'),
    EISCONN: () => t('The socket is connected already.'),
    EINVAL: () =>
      t('The address has a wrong length or another family than the socket, or the socket listens.'),
    EADDRNOTAVAIL: () =>
      t('The kernel has no free local port for this connection, or the address cannot be used.'),
    EADDRINUSE: () => t('The local address is in use for a connection to this peer already.'),
    ENETUNREACH: (facts) => t('This machine has no route to {0}.', addressText(facts)),
    EHOSTUNREACH: (facts) => t('{0} cannot be reached from here.', addressText(facts)),
    ETIMEDOUT: (facts) => t('{0} did not answer the handshake in time.', addressText(facts)),
    ECONNABORTED: () =>
      t('An earlier attempt on this socket failed. Call connect once more, or use a new socket.'),
    EACCES: (facts) =>
      isUnix(facts)
        ? t(
            'Connecting needs write permission on {0}, and search permission on its directories.',
            fileText(facts),
          )
        : t('A broadcast address needs the option SO_BROADCAST.'),
    EPERM: () => t('A firewall rule of this machine forbids the connection.'),
    ENOENT: (facts) => t('There is no socket file {0}.', fileText(facts)),
    ENOTDIR: (facts) => t('A part of {0} is not a directory.', fileText(facts)),
    EPROTOTYPE: (facts) => t('The socket at {0} is of another type than this one.', addressText(facts)),
    EAFNOSUPPORT: () => t('The address is of another family than the socket.'),
    EAGAIN: (facts) =>
      isUnix(facts)
        ? t('The accept queue of {0} is full.', addressText(facts))
        : t('The kernel has no free local port for this connection.'),
    EOPNOTSUPP: () => t('A listening socket cannot connect.'),
  },
  send: {
    EAGAIN: noRoom,
    EMSGSIZE: (facts) =>
      isUnix(facts)
        ? t('The message is longer than the send buffer of the socket can hold.')
        : t('A UDP datagram carries at most 65507 bytes over IPv4 and 65527 over IPv6.'),
    EDESTADDRREQ: () => t('A datagram needs a destination: connect the socket first, or use sendto.'),
    ENOTCONN: () => t('The socket is not connected, so there is nobody to send to.'),
    EOPNOTSUPP: () => t('This kind of socket does not send with these flags: only streams know urgent data.'),
    ECONNREFUSED: refused,
  },
  sendto: {
    EACCES: (facts) =>
      isUnix(facts)
        ? t('Sending needs write permission on {0}.', fileText(facts))
        : t('A broadcast address needs the option SO_BROADCAST.'),
    EISCONN: () => t('The socket is connected: send to its peer without naming a destination.'),
    EINVAL: () => t('The destination has a wrong length, or port 0.'),
    EAFNOSUPPORT: () => t('The destination is of another family than the socket.'),
    ENETUNREACH: (facts) => t('This machine has no route to {0}.', addressText(facts)),
    ENOENT: (facts) => t('There is no socket file {0}.', fileText(facts)),
    EPROTOTYPE: (facts) => t('The socket at {0} is of another type than this one.', addressText(facts)),
    EPIPE: () => t('The stream has no connection to send on.'),
  },
  recv: {
    EINVAL: () =>
      t('There is nothing of this kind to receive: no urgent byte came, or the stream has no connection.'),
    ETIMEDOUT: () => t('The peer has not answered for too long; the kernel gave the connection up.'),
    EOPNOTSUPP: () => t('This kind of socket does not receive with these flags.'),
  },
  shutdown: {
    ENOTCONN: () => t('Only a connection can be shut down, and this socket has none.'),
    EINVAL: () => t('The second argument is SHUT_RD, SHUT_WR or SHUT_RDWR, nothing else.'),
  },
  getsockname: { EINVAL: () => t('The length of the address buffer cannot be negative.') },
  getpeername: {
    EINVAL: () => t('The length of the address buffer cannot be negative.'),
    ENOTCONN: () => t('The socket has no peer: it never connected, or the connection has ended.'),
  },
  getsockopt: {
    EINVAL: () => t('The length of the value is wrong for this option.'),
    EOPNOTSUPP: () => t('This kind of socket has no options at this level.'),
  },
  setsockopt: {
    EINVAL: () => t('The value is out of range, has a wrong length, or the option cannot change any more.'),
    EPERM: () => t('Setting this option needs a privilege such as CAP_NET_ADMIN.'),
    ENOENT: () => t('The kernel has nothing of this name to choose.'),
    EDOM: () => t('The value is out of the range that the option takes.'),
    EOPNOTSUPP: () => t('This kind of socket has no options at this level.'),
    EADDRNOTAVAIL: () => t('The interface or the group of this request does not fit.'),
    EADDRINUSE: () => t('The socket has joined this group already.'),
  },
  read: { EINVAL: () => t('This descriptor cannot be read from.') },
  write: { EAGAIN: noRoom },
  sendmsg: { EBADF: () => t('A descriptor of the call or of its control data is not open.') },
  fcntl: { EINVAL: () => t('The kernel does not know this command, or not with this value.') },
  ioctl: {
    EINVAL: () =>
      t('The request does not apply to this socket in its state: a listener has no bytes to count.'),
  },
};

/** Calls whose errors mean what those of another call mean. */
const likeOther: Readonly<Partial<Record<CallName, CallName>>> = {
  accept4: 'accept',
  recvfrom: 'recv',
  recvmsg: 'recv',
  sendmsg: 'sendto',
  sendto: 'send',
  socketpair: 'socket',
  write: 'send',
  read: 'recv',
};

/** Answers that are no failure: the call was told not to wait. */
const notFailures: ReadonlySet<unknown> = new Set(['EAGAIN', 'EINPROGRESS', 'EALREADY']);

/** Whether the record is drawn as failed. */
export function isFailure({ result, errno }: Pick<CallRecord, 'result' | 'errno'>): boolean {
  return result !== null && result < 0 && !notFailures.has(errno);
}

/** The sentence for an errno of a call, looked up at the call, at the call it resembles, then for any call. */
function findSentence(call: CallName, errno: string): Sentence | undefined {
  for (let name: CallName | undefined = call; name !== undefined; name = likeOther[name]) {
    const sentence = own[name]?.[errno];
    if (sentence) {
      return sentence;
    }
  }
  return common[errno];
}

/** Whether an errno of a call has its sentence. */
export function hasExplanation(call: CallName, errno: string): boolean {
  return findSentence(call, errno) !== undefined;
}

/**
 * One plain sentence on what the kernel's answer means here: for an error, for the end of a stream, for
 * bytes that did not fit. Undefined when there is nothing to say beyond the answer.
 */
export function explain({ record, socket }: ExplanationSubject): string | undefined {
  const { name, errno, result } = record;
  if (typeof errno === 'string') {
    const address = record.args.find(isAddress);
    return findSentence(name, errno)?.({ call: name, args: record.args, address, socket });
  }
  if (errno !== null || result === null) {
    return undefined;
  }
  return explainCount(record, result, socket);
}

function explainCount(
  { name, args }: ExplanationSubject['record'],
  result: number,
  socket: SocketInfo | undefined,
): string | undefined {
  const { parameters, returns } = signatureOf(name);
  const size = args[parameters.findIndex(({ type }) => type === 'size')];
  if (returns !== 'count' || typeof size !== 'number' || size === 0 || socket === undefined) {
    return undefined;
  }
  const isReceive = parameters.some(({ type }) => type === 'buffer');
  if (isReceive && result === 0) {
    if (socket.type === 'SOCK_DGRAM') {
      return t('An empty datagram.');
    }
    // Also of a socket that is closed by now: it was connected once.
    if (socket.role === 'new') {
      return undefined;
    }
    return socket.isShutdownRead
      ? t('End of file: this side was shut down for receiving.')
      : t('End of file: the peer has closed its side, nothing more will come.');
  }
  return !isReceive && result < size
    ? t('{0} of {1} bytes fitted into the send queue.', result, size)
    : undefined;
}
