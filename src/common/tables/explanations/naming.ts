import { t } from '../../l10n.js';
import { portOf, type SocketAddress } from '../../socket.js';
import type { ReuseOption } from '../../system/systemSocket.js';
import { badMemory, noInterface, noMemory, notConnected } from './shared.js';
import {
  addressText,
  choose,
  type Facts,
  fileText,
  isListening,
  isNetlink,
  isPacket,
  isUnix,
  isUnixSocket,
  isVsock,
  rule,
  type Rules,
  type Sentence,
} from './subject.js';

const isPrivilegedPort = ({ address }: Facts) => {
  const port = portOf(address);
  return port !== undefined && port > 0 && port < 1024;
};
const isAlreadyBound = ({ socket }: Facts) =>
  socket !== undefined && (socket.state !== 'open' || hasAddress(socket.local));

/** Whether `getsockname(2)` gave more than the wildcard that every socket has. */
function hasAddress(local: SocketAddress | null): boolean {
  switch (local?.family) {
    case 'AF_INET':
    case 'AF_INET6':
      return local.port !== 0;
    case 'AF_UNIX':
      return local.name.length > 0;
    case 'AF_NETLINK':
      return local.pid !== 0;
    default:
      return false;
  }
}

const takenText: Sentence = (facts) =>
  t('Another socket is bound to {0}, or a closed connection still holds the port.', addressText(facts));

const takenPath: Sentence = (facts) =>
  t(
    '{0} is taken. A socket file stays when its socket is closed, until somebody removes it.',
    addressText(facts),
  );

function isOption(reuse: Facts['reuse']): reuse is ReuseOption {
  return reuse === 'SO_REUSEADDR' || reuse === 'SO_REUSEPORT';
}

/** Against what is over before long. The option has to be on both sockets. */
const overText: Sentence = () =>
  t('Set SO_REUSEADDR on both sockets before bind, wait until it is over, or take port 0.');

export const binding: Rules = {
  EADDRINUSE: choose(
    [
      ({ file }) => file !== undefined && file !== null && file !== 'stale',
      rule(takenPath, null, () => t('Take another path.')),
    ],
    [
      isUnix,
      rule(
        takenPath,
        () => t('An earlier socket left its file behind, or another program uses the name now.'),
        () => t('unlink the file if it is a socket that nobody uses, or take another path.'),
      ),
    ],
    [
      isNetlink,
      rule(
        () => t('Another netlink socket has this port id already.'),
        null,
        () => t('Bind to 0: the kernel then chooses.'),
      ),
    ],
    [
      ({ holder }) => holder?.state === 'TIME_WAIT',
      rule(
        takenText,
        () => t('The side that closed first keeps the port in TIME_WAIT for a minute.'),
        overText,
      ),
    ],
    [
      // A connection that its process has closed, and that is not over yet.
      ({ holder }) => holder?.inode === null && holder.state !== 'LISTEN',
      rule(takenText, null, overText),
    ],
    [
      ({ holder }) => holder !== undefined,
      rule(takenText, null, ({ reuse }) =>
        isOption(reuse)
          ? t(
              'The kernel accepts it with {0} set before bind. Else close the socket that holds it, or take port 0.',
              reuse,
            )
          : t('Close the socket that holds it, or take port 0.'),
      ),
    ],
    rule(
      takenText,
      () =>
        t('A program listens there, or the side that closed first keeps the port in TIME_WAIT for a minute.'),
      () =>
        t(
          'Set SO_REUSEADDR on both sockets before bind against TIME_WAIT, close the other socket, or take port 0.',
        ),
    ),
  ),
  EADDRNOTAVAIL: choose(
    [
      isVsock,
      rule(
        (facts) => t('{0} is not an address of this machine.', addressText(facts)),
        () => t('A machine has one CID of its own; another one cannot be bound.'),
        () => t('Bind to VMADDR_CID_ANY.'),
      ),
    ],
    rule(
      (facts) => t('{0} is not an address of this machine.', addressText(facts)),
      () => t("bind names the local end: only addresses of this machine's interfaces can stand here."),
      () => t('Take 127.0.0.1, [::1] or 0.0.0.0 for all; connect is what names the other end.'),
    ),
  ),
  EACCES: choose(
    [
      isPrivilegedPort,
      rule(
        () => t('Ports below 1024 need the capability CAP_NET_BIND_SERVICE.'),
        () => t('net.ipv4.ip_unprivileged_port_start says where the free ports begin.'),
        () => t('Take a port from 1024 on, or 0.'),
      ),
    ],
    [
      isUnix,
      rule(
        (facts) => t('The process may not create a file at {0}.', fileText(facts)),
        () => t('bind makes the file: the directory must be writable, and each one above it searchable.'),
        () => t('Take a directory of your own, or an abstract name.'),
      ),
    ],
    rule(
      (facts) => t('The process may not bind to {0}.', addressText(facts)),
      () => t('A security module, or a broadcast address, forbids it.'),
    ),
  ),
  EINVAL: choose(
    [
      isAlreadyBound,
      rule(
        () => t('A socket is bound once; this one has its address already.'),
        () => t('An earlier bind, a connect or a listen gave it its address.'),
        () => t('Close it and make a new socket for another address.'),
      ),
    ],
    [
      isUnixSocket,
      rule(
        () => t('This is no address of AF_UNIX, or its length is wrong.'),
        () => t('The family must be AF_UNIX, and the length cover family and name: 3 to 110 bytes.'),
      ),
    ],
    [
      isPacket,
      rule(
        () => t('The length is too short for an address of AF_PACKET.'),
        null,
        () => t('Write it as packet:NAME/ETH_P_ALL.'),
      ),
    ],
    rule(
      () =>
        t(
          'The address is of another family than the socket, has a wrong length, or the socket is bound already.',
        ),
      () => t('The kernel looks at the length first: 16 bytes of IPv4, 28 of IPv6.'),
      () => t("Leave the length out; it is then the structure's."),
    ),
  ),
  EAFNOSUPPORT: rule(
    () => t('The address is of another family than the socket.'),
    null,
    () => t("Write an address of the socket's own family."),
  ),
  ENOENT: rule(
    (facts) => t('A directory of {0} does not exist.', fileText(facts)),
    () => t('bind makes the socket file, never a directory.'),
    () => t('Make the directory, or take an existing one.'),
  ),
  ENOTDIR: rule(
    (facts) => t('A part of {0} is not a directory.', fileText(facts)),
    null,
    () => t('Take a path whose parts before the last are directories.'),
  ),
  EROFS: rule(
    (facts) => t('{0} lies on a read-only file system.', fileText(facts)),
    null,
    () => t('Take a path under /tmp, or an abstract name.'),
  ),
  ELOOP: rule((facts) => t('{0} leads through too many symbolic links.', fileText(facts))),
  ENAMETOOLONG: rule((facts) => t('A part of {0} is longer than a file name can be.', fileText(facts))),
  EPERM: choose(
    [
      isNetlink,
      rule(
        () => t('Listening to these netlink groups needs CAP_NET_ADMIN.'),
        null,
        () => t('Bind with groups 0.'),
      ),
    ],
    rule(() => t('The file system or a security module does not let this process make the socket file.')),
  ),
  ENODEV: noInterface,
  ENOMEM: noMemory,
  ENOBUFS: noMemory,
  EFAULT: badMemory,
  EOPNOTSUPP: rule(() => t('Sockets of this family cannot be bound.')),
};

export const listening: Rules = {
  EADDRINUSE: rule(
    () => t('Another socket listens on this port already.'),
    () => t('Both were bound with SO_REUSEADDR, which lets only one of them listen.'),
    () => t('Set SO_REUSEPORT on both before bind to share the port, or take another one.'),
  ),
  EINVAL: choose(
    [
      isUnixSocket,
      rule(
        () => t('A Unix socket must be bound to a name before it can listen.'),
        () => t('Unlike TCP, AF_UNIX chooses no address by itself; a connected one cannot listen either.'),
        () => t('bind it to a path or an abstract name first.'),
      ),
    ],
    rule(
      () => t('Only a socket that is not connected can listen.'),
      () => t('It is connected, or a connection is being set up.'),
      () => t('Make a new socket for listening.'),
    ),
  ),
  EOPNOTSUPP: rule(
    () => t('Only connections are listened for: datagram and raw sockets cannot listen.'),
    () => t('A datagram socket receives from everybody as soon as it is bound.'),
    () => t('Use recvfrom on it, or make a SOCK_STREAM or SOCK_SEQPACKET socket.'),
  ),
  EDESTADDRREQ: rule(
    () => t('A Unix socket must be bound to a name before it can listen.'),
    null,
    () => t('bind it to a path or an abstract name first.'),
  ),
  EACCES: rule(() => t('A security module does not let this process listen.')),
};

const negativeLength = rule(
  () => t('The length of the address buffer cannot be negative.'),
  null,
  () => t('Leave it out: the buffer is then large enough for every address.'),
);

export const asking: Rules = {
  EINVAL: negativeLength,
  EFAULT: badMemory,
  ENOBUFS: noMemory,
  EOPNOTSUPP: rule(() => t('Sockets of this family have no address.')),
  ENOTCONN: choose(
    [
      isListening,
      rule(
        () => t('A listener has no peer: each connection gets a socket of its own.'),
        null,
        () => t('accept a connection, and ask the new socket.'),
      ),
    ],
    notConnected,
  ),
};
