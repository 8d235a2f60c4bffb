import { t } from '../../common/l10n.js';
import type { SocketAddress, SocketInfo } from '../../common/socket.js';
import {
  endpointText,
  isUnnamed,
  namedSockets,
  protocolName,
  sizeText,
  socketTitle,
  stateText,
} from '../../common/socketText.js';
import type { AcceptQueue } from '../state/acceptQueue.js';
import { formatTime } from './format.js';

/** Host and port apart, for cells of their own; a path has no port. */
export function addressParts(address: SocketAddress | null): { host: string; port: string } {
  switch (address?.family) {
    case 'AF_INET':
    case 'AF_INET6':
      return { host: address.address, port: String(address.port) };
    case undefined:
      return { host: '', port: '' };
    default:
      return { host: endpointText(address!), port: '' };
  }
}

/**
 * The ports of both ends, of a path all of it, and the protocol where there is neither: `:8080 ← :51240`.
 * @param isTight Two ports without what can be left out.
 */
export function portsText(socket: SocketInfo, isTight: boolean): string {
  const [local, remote] = [socket.local, socket.remote].map(portText);
  if (local === '' && remote === '') {
    return protocolName(socket);
  }
  if (remote === '') {
    return local!;
  }
  const arrow = socket.role === 'accepted' ? '←' : '→';
  const ends = [local!, arrow, remote!];
  return isTight ? ends.map((end) => end.replace(/^:/, '')).join('') : ends.join(' ').trim();
}

/** The port that tells it from others like it, or what stands for that: what one listener has accepted has its port, too. */
export function ownPortText({ role, local, remote }: SocketInfo): string {
  return portText(role === 'accepted' ? remote : local).replace(/^:/, '');
}

/** Empty where there is none, or none yet. */
function portText(address: SocketAddress | null): string {
  if (address === null || isUnnamed(address)) {
    return '';
  }
  const hasPort = address.family === 'AF_INET' || address.family === 'AF_INET6';
  return !hasPort ? endpointText(address) : address.port === 0 ? '' : `:${address.port}`;
}

/** All that a lane's head says, for one that has no room for it. */
export function headText(socket: SocketInfo): string {
  const { local, remote } = socket;
  const ends = [local && endpointText(local), remote && endpointText(remote)].filter(Boolean);
  const arrow = socket.role === 'accepted' ? ' ← ' : ' → ';
  return [
    `fd ${socket.fd} ${socketTitle(socket)}: ${stateText(socket)}`,
    [protocolName(socket), ends.join(arrow)].filter(Boolean).join(' '),
    receivedText(socket),
    sentText(socket),
  ].join('\n');
}

/** What `rx 0, 13 B wait` and `+13 B` mean. */
export function receivedText({ bytesReceived, receiveQueue }: SocketInfo): string {
  const received = t('rx: received by calls, {0}', sizeText(bytesReceived));
  return receiveQueue
    ? `${received}\n${t('+{0}: waiting in the receive queue for a call', tightSize(receiveQueue))}`
    : received;
}

export function sentText({ bytesSent }: SocketInfo): string {
  return t('tx: sent by calls, {0}', sizeText(bytesSent));
}

/** Bytes without the unit that goes without saying. */
export function shortSize(bytes: number): string {
  return sizeText(bytes).replace(/ B$/, '');
}

/** A size beside what has to have room, too: `4 B`, `125K`. */
export function tightSize(bytes: number): string {
  return sizeText(bytes).replace(/ ([KMGT])iB$/, '$1');
}

/** What calls have received, and what waits for them in the receive queue: `0, 13 B wait`. */
export function waitingText(received: number, waiting: number): string {
  const taken = tightSize(received).replace(/ B$/, '');
  return waiting === 1 ? t('{0}, 1 B waits', taken) : t('{0}, {1} wait', taken, tightSize(waiting));
}

/** Who waits to be accepted; of other programs only how many: who they are is asked while the inspector shows it. */
export function acceptQueueText({ clients, count }: AcceptQueue): string {
  const shown = clients.slice(0, namedSockets);
  const known = shown.map(({ fd, name }) => (name === null ? `fd ${fd}` : `fd ${fd} ${name}`)).join(', ');
  const others = count - shown.length;
  if (known === '') {
    return count === 1
      ? t('1 connection waits to be accepted')
      : t('{0} connections wait to be accepted', count);
  }
  return others === 0
    ? t('waiting to be accepted: {0}', known)
    : t('waiting to be accepted: {0}, and {1} more', known, others);
}

/** What TIME_WAIT means for a socket whose connection is in it. */
export function timeWaitText(): string {
  return t(
    'The connection is in TIME_WAIT: that follows from the FINs of both ends. Linux keeps it so for 60 s, also without its descriptor; of the socket it says CLOSE.',
  );
}

/** What became of a socket whose host has ended: when, where that is known. */
export function lostText({ lost }: SocketInfo): string {
  return lost
    ? t(
        'This socket ended with its host at {0} s, after record {1}. Nothing can be asked of it any more.',
        formatTime(lost.ns),
        lost.seq,
      )
    : t('This socket ended with its host. Nothing can be asked of it any more.');
}
