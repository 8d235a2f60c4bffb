import { t } from '../../l10n.js';
import { portOf } from '../../socket.js';
import {
  badMemory,
  gaveUp,
  interfaceDown,
  interrupted,
  noFileLeft,
  noHost,
  noInterface,
  noMemory,
  noRoute,
  notConnected,
  peerReset,
  refusedEarlier,
} from './shared.js';
import {
  addressText,
  choose,
  type Facts,
  fileText,
  isDatagram,
  isListening,
  isNetlink,
  isUnix,
  isVsock,
  rule,
  type Rules,
} from './subject.js';

const isBroadcast = ({ address }: Facts) => address?.family === 'AF_INET' && address.address.endsWith('.255');
const isLinkLocal = ({ address }: Facts) =>
  address?.family === 'AF_INET6' && /^fe[89ab]/i.test(address.address);

const broadcastForbidden = rule(
  () => t('A broadcast address needs the option SO_BROADCAST.'),
  () => t('The kernel asks for it so that nobody broadcasts by mistake.'),
  () => t('setsockopt SOL_SOCKET, SO_BROADCAST, 1, then call again.'),
);

const listenerConnects = rule(
  () => t('A listening socket cannot connect.'),
  null,
  () => t('Make another socket and connect that one.'),
);

export const connecting: Rules = {
  ECONNREFUSED: choose(
    [
      isUnix,
      rule(
        (facts) =>
          t('Nobody accepts connections on {0}: no socket of this type listens there.', addressText(facts)),
        () => t('The listener was closed and left its file, or it never called listen.'),
        () => t('Start the listener; remove the old file before it binds.'),
      ),
    ],
    [isDatagram, refusedEarlier],
    rule(
      (facts) =>
        t('Nobody listens on {0}: the other side answered the SYN with a reset.', addressText(facts)),
      () => t('The server does not run, or it listens on another port, address or family.'),
      () => t('Start the listener first, or look up its address: getsockname on the listener tells it.'),
    ),
  ),
  EINPROGRESS: rule(
    () => t('The handshake goes on in the background: the socket was not to wait, or its time-out is over.'),
    () => t('This is how a non-blocking connect begins; it is no failure.'),
    () => t('Wait with poll for POLLOUT, then read SO_ERROR: 0 means connected.'),
  ),
  EALREADY: rule(
    () => t('The handshake that was begun earlier still goes on.'),
    null,
    () => t('Wait with poll for POLLOUT, then read SO_ERROR.'),
  ),
  EISCONN: choose(
    [isListening, listenerConnects],
    rule(
      () => t('The socket is connected already.'),
      () => t('A stream connects once in its life.'),
      () => t('Use it as it is, or make a new socket for another peer.'),
    ),
  ),
  EINVAL: choose(
    [isListening, listenerConnects],
    [
      isUnix,
      rule(
        () => t('This is no address of AF_UNIX, or its length is wrong.'),
        () => t('The family must be AF_UNIX, and the length cover family and name: 3 to 110 bytes.'),
      ),
    ],
    [
      (facts) => isLinkLocal(facts),
      rule(
        () => t('A link-local address needs its interface.'),
        () => t('fe80:: addresses are the same on every link.'),
        () => t('Write it with the interface: [fe80::1%eth0]:80.'),
      ),
    ],
    rule(
      () => t('The address has a wrong length or another family than the socket, or the socket listens.'),
      () => t('The kernel looks at the length first: 16 bytes of IPv4, 28 of IPv6.'),
      () => t("Leave the length out; it is then the structure's."),
    ),
  ),
  EADDRNOTAVAIL: choose(
    [
      ({ address }) => portOf(address) === 0,
      rule(
        () => t('Port 0 cannot be connected to.'),
        () => t('0 means “choose one” in bind only.'),
        () => t('Name the port that the other side is bound to.'),
      ),
    ],
    rule(
      () => t('The kernel has no free local port for this connection, or the address cannot be used.'),
      () => t('Every port of net.ipv4.ip_local_port_range is in use towards this peer, many in TIME_WAIT.'),
      () => t('Close connections, bind to another local address, or wait a minute.'),
    ),
  ),
  EADDRINUSE: rule(
    () => t('The local address is in use for a connection to this peer already.'),
    () => t('Two connections may not have the same five parts: protocol, both addresses, both ports.'),
    () => t('Bind to another port, or do not bind at all.'),
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
  ETIMEDOUT: rule(
    (facts) => t('{0} did not answer the handshake in time.', addressText(facts)),
    () =>
      t("The machine is off, a firewall drops the packets without a word, or the listener's queue is full."),
    () => t('TCP_SYNCNT and TCP_USER_TIMEOUT say how long the kernel tries.'),
  ),
  EPIPE: rule(
    () => t('Another call took the attempt back, or was told why it failed, while this one waited for it.'),
    () => t('A connect to AF_UNSPEC takes an attempt back.'),
  ),
  ECONNABORTED: rule(
    () => t('An earlier attempt on this socket failed. Call connect once more, or use a new socket.'),
    () => t('The first call after a failed attempt reports this, then the socket is as new.'),
  ),
  EACCES: choose(
    [
      isUnix,
      rule(
        (facts) =>
          t(
            'Connecting needs write permission on {0}, and search permission on its directories.',
            fileText(facts),
          ),
        () => t('The socket file belongs to another user, or its mode forbids writing.'),
        () => t('Ask its owner for chmod, or run as a user who may.'),
      ),
    ],
    [isBroadcast, broadcastForbidden],
    rule(
      () => t("This machine's rules forbid the connection."),
      () =>
        t(
          'The route says prohibit, a security module forbids it, or a broadcast address lacks SO_BROADCAST.',
        ),
    ),
  ),
  EPERM: choose(
    [
      isNetlink,
      rule(
        () => t('Sending to these netlink groups needs CAP_NET_ADMIN.'),
        null,
        () => t('Connect to netlink:0/0, the kernel itself.'),
      ),
    ],
    rule(
      () => t('A firewall rule of this machine forbids the connection.'),
      null,
      () => t('See nft list ruleset or iptables -L.'),
    ),
  ),
  ENOENT: rule(
    (facts) => t('There is no socket file {0}.', fileText(facts)),
    () => t('The server has not bound it yet, or somebody removed it.'),
    () => t('Start the server first, and look at the path once more.'),
  ),
  ENOTDIR: rule(
    (facts) => t('A part of {0} is not a directory.', fileText(facts)),
    null,
    () => t('Take a path whose parts before the last are directories.'),
  ),
  ELOOP: rule((facts) => t('{0} leads through too many symbolic links.', fileText(facts))),
  ENAMETOOLONG: rule((facts) => t('A part of {0} is longer than a file name can be.', fileText(facts))),
  EPROTOTYPE: rule(
    (facts) => t('The socket at {0} is of another type than this one.', addressText(facts)),
    () => t('A stream connects to a stream, a datagram socket to a datagram socket.'),
    () => t("Make a socket of the other one's type."),
  ),
  EAFNOSUPPORT: rule(
    () => t('The address is of another family than the socket.'),
    null,
    () => t("Write an address of the socket's own family."),
  ),
  EAGAIN: choose(
    [
      isUnix,
      rule(
        (facts) => t('The accept queue of {0} is full.', addressText(facts)),
        () => t('The listener does not accept as fast as others connect; its backlog is used up.'),
        () => t('Accept there, then connect again; listen with a larger backlog.'),
      ),
    ],
    rule(
      () => t('The kernel has no free local port for this connection.'),
      () => t('Every port of net.ipv4.ip_local_port_range is in use.'),
      () => t('Close connections, or bind to a port of your own choice.'),
    ),
  ),
  EOPNOTSUPP: choose(
    [
      isListening,
      rule(
        () => t('A listening socket cannot connect.'),
        null,
        () => t('Make another socket and connect that one.'),
      ),
    ],
    rule(() => t('Sockets of this kind do not connect.')),
  ),
  ECONNRESET: choose(
    [
      isVsock,
      rule(
        (facts) => t('Nobody listens on {0}.', addressText(facts)),
        () => t('The other side answered with a reset: no listener, or no such machine.'),
      ),
    ],
    peerReset,
  ),
  ENODEV: choose(
    [
      isVsock,
      rule(
        () => t('Nothing carries AF_VSOCK to that address.'),
        () => t('The machine is no guest (virtio_vsock), no host (vhost_vsock), or the CID is unknown.'),
        () => t('For a try on one machine load vsock_loopback and take CID 1.'),
      ),
    ],
    noInterface,
  ),
  ENETDOWN: interfaceDown,
  EINTR: interrupted,
  EFAULT: badMemory,
  ENOMEM: noMemory,
  ENOBUFS: noMemory,
};

const brokenBefore = rule(
  () => t('The connection broke before it was accepted.'),
  null,
  () => t('Accept the next one.'),
);

export const accepting: Rules = {
  EAGAIN: rule(
    () => t('No connection waits to be accepted, and the call was not to wait, or its time-out is over.'),
    () => t('Nobody has connected since the last accept.'),
    () => t('Connect a client, or wait with poll for POLLIN.'),
  ),
  EINVAL: choose(
    [
      ({ call, args, socket }) =>
        call === 'accept4' && socket?.state === 'listening' && typeof args[3] === 'number',
      rule(
        () => t('accept4 takes SOCK_NONBLOCK and SOCK_CLOEXEC, and no other flags.'),
        null,
        () => t('Leave the flags out.'),
      ),
    ],
    [
      ({ socket }) => socket?.isShutdownRead === true,
      rule(
        () => t('The listener was shut down: it accepts no more.'),
        () => t('shutdown with SHUT_RD or SHUT_RDWR ends listening, and wakes who waits in accept.'),
        () => t('listen again on this socket, or make a new one.'),
      ),
    ],
    rule(
      () => t('Only a listening socket accepts: it does not listen (any more), or an argument is wrong.'),
      null,
      () => t('Call listen first.'),
    ),
  ),
  EOPNOTSUPP: rule(
    () => t('Only sockets with connections accept: this type has none.'),
    () => t('Datagrams come without a connection.'),
    () => t('Use recvfrom: it says who sent.'),
  ),
  EMFILE: rule(
    () => t('This process has no descriptor left for the new socket. Close one and accept again.'),
    () => t('Every open socket takes one; RLIMIT_NOFILE limits them.'),
    () => t('The connection stays in the accept queue meanwhile.'),
  ),
  ENFILE: noFileLeft,
  ECONNABORTED: rule(
    () => t('The peer ended the connection before it was accepted.'),
    null,
    () => t('Accept the next one.'),
  ),
  EPERM: rule(() => t('A firewall rule of this machine forbids the connection.')),
  EPROTO: brokenBefore,
  ENOTCONN: notConnected,
  // An error of the new connection, told through the listener.
  ENETDOWN: interfaceDown,
  ENETUNREACH: noRoute,
  EHOSTUNREACH: noHost,
  EHOSTDOWN: noHost,
  ENOPROTOOPT: brokenBefore,
  EFAULT: badMemory,
  EINTR: interrupted,
  ENOMEM: noMemory,
  ENOBUFS: noMemory,
  ETIMEDOUT: gaveUp,
};

export const shuttingDown: Rules = {
  ENOTCONN: choose(
    [
      isDatagram,
      rule(
        () => t('The datagram socket has no peer; it is shut down all the same.'),
        () => t('Linux marks it and reports the missing peer.'),
        () => t('Close it, or connect it first.'),
      ),
    ],
    rule(
      () => t('Only a connection can be shut down, and this socket has none.'),
      () => t('It never connected, the peer reset it, or both sides were shut down before.'),
      () => t('Close it.'),
    ),
  ),
  EINVAL: rule(
    () => t('The second argument is SHUT_RD, SHUT_WR or SHUT_RDWR, nothing else.'),
    null,
    () => t('SHUT_WR sends the end of file and keeps receiving.'),
  ),
  EOPNOTSUPP: rule(
    () => t('Sockets of this family have no connection to shut down.'),
    null,
    () => t('Close it.'),
  ),
};
