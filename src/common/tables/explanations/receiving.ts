import { t } from '../../l10n.js';
import { constantValue } from '../constants.js';
import {
  badMemory,
  broken,
  connectionRefused,
  gaveUp,
  interfaceDown,
  interrupted,
  noHost,
  noMemory,
  noRoute,
  peerReset,
} from './shared.js';
import {
  choose,
  type Facts,
  hasFlag,
  isListening,
  isNetlink,
  isUnixSocket,
  rule,
  type Rules,
} from './subject.js';

const MSG_OOB = constantValue('MSG_OOB', 'linux')!;
const MSG_ERRQUEUE = constantValue('MSG_ERRQUEUE', 'linux')!;
const isUrgent = (facts: Facts) => hasFlag(facts.call === 'recvmsg' ? 2 : 3, MSG_OOB)(facts);
const isErrorQueue = (facts: Facts) => hasFlag(facts.call === 'recvmsg' ? 2 : 3, MSG_ERRQUEUE)(facts);

export const receiving: Rules = {
  EAGAIN: choose(
    [
      isErrorQueue,
      rule(
        () => t('The error queue is empty.'),
        () =>
          t('Errors get there only with IP_RECVERR or IPV6_RECVERR, and time stamps with SO_TIMESTAMPING.'),
      ),
    ],
    rule(
      () => t('Nothing to read now, and the call was not to wait, or its time-out is over.'),
      () => t('The peer has sent nothing that was not received already.'),
      () => t('Send from the other side, or wait with poll for POLLIN.'),
    ),
  ),
  EINVAL: choose(
    [
      isUrgent,
      rule(
        () => t('There is no urgent byte to receive.'),
        () =>
          t(
            'The peer sent none with MSG_OOB, it was read already, or SO_OOBINLINE puts it among the others.',
          ),
        () => t('Receive without MSG_OOB.'),
      ),
    ],
    [
      isUnixSocket,
      rule(
        () => t('The stream has no connection to receive from.'),
        () => t('AF_UNIX reports a stream without a peer this way.'),
        () => t('Connect it first, or use the socket that accept returned.'),
      ),
    ],
    rule(
      () =>
        t('There is nothing of this kind to receive: no urgent byte came, or the stream has no connection.'),
      () => t('A length, a control buffer or a flag does not fit this socket.'),
    ),
  ),
  ENOTCONN: choose(
    [
      isListening,
      rule(
        () => t('A listener carries no data: each connection has a socket of its own.'),
        null,
        () => t('accept a connection, and receive on the new socket.'),
      ),
    ],
    rule(
      () => t('The stream is not connected, so nothing can come.'),
      () => t('It never connected, or the connection attempt failed.'),
      () => t('Connect it first, or accept a connection and use the new socket.'),
    ),
  ),
  ECONNRESET: choose(
    [
      isUnixSocket,
      rule(
        () => t('The peer closed with unread data, so the end of the stream is a reset.'),
        () => t('What it had sent before has been received already.'),
        () => t('Close this side.'),
      ),
    ],
    peerReset,
  ),
  ECONNREFUSED: connectionRefused,
  ETIMEDOUT: rule(
    () => t('The peer has not answered for too long; the kernel gave the connection up.'),
    () => t('Its machine or the way to it is gone: keep-alive or TCP_USER_TIMEOUT found out.'),
    () => t('Close the socket and connect a new one.'),
  ),
  EOPNOTSUPP: choose(
    [
      isUrgent,
      rule(
        () => t('This kind of socket has no urgent data.'),
        () => t('MSG_OOB marks one byte of a TCP stream; datagrams have no such thing.'),
        () => t('Leave MSG_OOB out.'),
      ),
    ],
    rule(() => t('This kind of socket does not receive with these flags.')),
  ),
  ENOBUFS: choose(
    [
      isNetlink,
      rule(
        () => t('Messages of the kernel were lost: the receive queue was full.'),
        () => t('The kernel never waits for a reader of netlink.'),
        () => t('Ask for everything again; set a larger SO_RCVBUF.'),
      ),
    ],
    noMemory,
  ),
  EMSGSIZE: rule(
    () => t('The message has more parts than the kernel takes at once.'),
    null,
    () => t('Pass at most 1024 buffers.'),
  ),
  EPIPE: broken,
  EHOSTUNREACH: noHost,
  ENETUNREACH: noRoute,
  ENETDOWN: interfaceDown,
  EINTR: interrupted,
  EFAULT: badMemory,
  ENOMEM: noMemory,
};

/** `read` takes any descriptor. */
export const reading: Rules = {
  ...receiving,
  EISDIR: rule(() => t('This descriptor is a directory.')),
  ETIMEDOUT: gaveUp,
};
