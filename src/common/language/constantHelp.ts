import { t } from '../l10n.js';
import { optionSentences } from '../optionText.js';
import { constantValue, type Platform } from '../tables/constants.js';
import { errnoMessage, errnoNumber } from '../tables/errnos.js';
import { explainErrno } from '../tables/explanations.js';
import { familyOf } from '../tables/families.js';
import { listOptions } from '../tables/options.js';
import type { CallName } from '../tables/signatures.js';

/** What the usual constants are for; of options and families their own tables tell. */
const sentences: Readonly<Record<string, () => string>> = {
  SOCK_STREAM: () => t('A stream of bytes over a connection, in order and complete. It keeps no boundaries.'),
  SOCK_DGRAM: () => t('Single messages, each with its boundaries; over UDP they may get lost or overtake.'),
  SOCK_RAW: () => t('Packets without the layer above: the program writes and reads its headers.'),
  SOCK_SEQPACKET: () => t('Messages with boundaries over a connection, in order and complete.'),
  SOCK_NONBLOCK: () => t('The calls on it do not wait: what would sleep is EAGAIN or EINPROGRESS.'),
  SOCK_CLOEXEC: () => t('The descriptor is closed when the process executes another program.'),
  SHUT_RD: () => t('Nothing more is received.'),
  SHUT_WR: () => t('Nothing more is sent: TCP sends FIN, and the peer reads the end of the stream.'),
  SHUT_RDWR: () => t('Nothing more is sent and received.'),
  MSG_DONTWAIT: () => t('This call does not wait: what would sleep is EAGAIN.'),
  MSG_PEEK: () => t('The data is read and stays in the queue.'),
  MSG_WAITALL: () => t('Waits until the whole buffer is full, or the stream ends.'),
  MSG_TRUNC: () => t('The result is the length of the datagram, also where it did not fit.'),
  MSG_OOB: () => t('The urgent byte of TCP, out of band.'),
  MSG_NOSIGNAL: () => t('No SIGPIPE: a broken connection is only EPIPE.'),
  MSG_MORE: () => t('More follows at once: the kernel waits to send a small segment.'),
  MSG_EOR: () => t('The record ends here.'),
  MSG_DONTROUTE: () => t('Only to hosts on a network of its own, not by way of a router.'),
  MSG_CMSG_CLOEXEC: () => t('Descriptors that come get the close-on-exec flag.'),
  MSG_ERRQUEUE: () => t('Reads the error queue: what ICMP has reported, and time stamps.'),
  F_GETFL: () => t('Tells the flags of the open file: O_NONBLOCK, O_RDWR …'),
  F_SETFL: () => t('Sets O_NONBLOCK, O_ASYNC and others of the open file.'),
  F_GETFD: () => t('Tells the flags of the descriptor: FD_CLOEXEC.'),
  F_SETFD: () => t('Sets the flags of the descriptor: FD_CLOEXEC.'),
  F_DUPFD: () => t('Makes a second descriptor with this number or a higher one.'),
  O_NONBLOCK: () => t('The calls on it do not wait: what would sleep is EAGAIN or EINPROGRESS.'),
  FIONREAD: () => t('How many bytes can be received now; of datagrams those of the next one.'),
  SIOCOUTQ: () => t('How many bytes are in the send queue: not sent yet, or not acknowledged.'),
  POLLIN: () => t('There is something to receive, or to accept.'),
  POLLOUT: () => t('There is room to send.'),
  POLLHUP: () => t('The other end has hung up.'),
  POLLERR: () => t('An error is pending.'),
  POLLRDHUP: () => t('The peer has closed its sending side.'),
  POLLNVAL: () => t('The descriptor is not open.'),
  SCM_RIGHTS: () => t('Descriptors that are passed to the other process.'),
  SCM_CREDENTIALS: () => t('Process, user and group of the sender, checked by the kernel.'),
  SOL_SOCKET: () => t('The options of every socket.'),
  IPPROTO_TCP: () => t('TCP: as a protocol, and as the level of its options.'),
  IPPROTO_UDP: () => t('UDP: as a protocol, and as the level of its options.'),
  IPPROTO_IP: () => t('IPv4: the level of its options; as a protocol 0, the usual one.'),
  IPPROTO_IPV6: () => t('IPv6: the level of its options.'),
  IPPROTO_ICMP: () => t('ICMP: echo requests and what routers and hosts report.'),
};

/** One or two sentences on a constant; undefined where nothing is known but its number. */
export function constantSentence(name: string, platform: Platform): string | undefined {
  const family = familyOf(name.replace(/^PF_/, 'AF_'));
  if (family) {
    return family.purpose;
  }
  const option = listOptions(platform).find((each) => each.name === name);
  return option ? optionSentences(option) : sentences[name]?.();
}

/** The number of a constant; undefined where the platform has none of that name. */
export function constantNumber(name: string, platform: Platform): number | undefined {
  return constantValue(name, platform);
}

/** What an error is: its number, the system's own words, and what it means of a call. */
export interface ErrnoHelp {
  name: string;
  number: number | undefined;
  /** strerror(3)'s words. */
  message: string;
  meaning: string | undefined;
  cause: string | undefined;
  remedy: string | undefined;
}

/** What is known of an errno; with a call, what it means where that call gave it. */
export function errnoHelp(name: string, call: CallName | undefined, platform: Platform): ErrnoHelp {
  const explanation = explainErrno(name, call);
  return {
    name,
    number: errnoNumber(name, platform),
    message: errnoMessage(name),
    // Without an address the sentence may begin with words that stand for one.
    meaning: explanation?.meaning.replace(/^./u, (first) => first.toUpperCase()),
    cause: explanation?.cause,
    remedy: explanation?.remedy,
  };
}
