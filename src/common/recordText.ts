import { type CallRecord, endOf, isAddress } from './call.js';
import { t } from './l10n.js';
import { madeDescriptor, messageName } from './messageText.js';
import { printCall } from './notation/printer.js';
import { requestedLength } from './requestedLength.js';
import type { SocketAddress, SocketId, SocketInfo } from './socket.js';
import { endpointText, pairText, socketTitle } from './socketText.js';
import type { Platform } from './tables/constants.js';
import { signatureOf } from './tables/signatures.js';

/** Sockets by their id. */
export type Sockets = ReadonlyMap<SocketId, SocketInfo>;

/** Sockets that can be looked up. */
export type SocketLookup = Pick<Sockets, 'get'>;

/** Whether the kernel took fewer bytes than were given. */
export function isShortWrite(record: CallRecord): boolean {
  const requested = requestedLength(record);
  return requested !== null && record.result !== null && record.result >= 0 && record.result < requested;
}

/** `14`, `1400 of 2048`, `-1 ECONNREFUSED`, `cancelled`. A waiting call has none. */
export function resultText(record: CallRecord): string {
  switch (record.status) {
    case 'waiting':
      return '';
    case 'cancelled':
      return t('cancelled');
    case 'lost':
      return t('lost');
    case 'returned':
      if (record.errno !== null) {
        return `-1 ${record.errno}`;
      }
      return isShortWrite(record)
        ? t('{0} of {1}', String(record.result), String(requestedLength(record)))
        : String(record.result);
  }
}

/** The socket that a record's row is about: the one it was made on, else the one it made. */
export function subjectOf(record: CallRecord, sockets: SocketLookup): SocketInfo | undefined {
  const id = record.socketId ?? record.createdIds[0];
  return id === undefined ? undefined : sockets.get(id);
}

/** The same as it was when the call returned, as far as that explains the answer. */
export function subjectThen(record: CallRecord, sockets: SocketLookup): SocketInfo | undefined {
  const socket = subjectOf(record, sockets);
  const past = socket?.past?.find(({ untilNs }) => endOf(record) < untilNs);
  return socket && past ? { ...socket, ...past } : socket;
}

/** The descriptor of a row: of the socket that the call was made on, or of the one it made. */
export function recordFd(record: CallRecord): number | null {
  return record.fd ?? (record.createdIds.length > 0 ? madeDescriptor(record) : null);
}

/** Who is at the other end of a row's call; nothing where the call or its socket has only an address of its own. */
export function peerText(record: CallRecord, sockets: SocketLookup): string {
  const isOfOwn = record.name === 'bind' || record.name === 'getsockname';
  const hasOther = addressIn(record) !== undefined || subjectOf(record, sockets)?.remote != null;
  return isOfOwn || !hasOther ? '' : addressText(record, sockets);
}

/** The addresses of a row: the ones in the call, else those of its socket. */
export function addressText(record: CallRecord, sockets: SocketLookup): string {
  const socket = subjectOf(record, sockets);
  const address = addressIn(record);
  if (address) {
    switch (record.name) {
      case 'bind':
      case 'getsockname':
        return socket?.local && record.errno === null ? endpointText(socket.local) : endpointText(address);
      case 'accept':
      case 'accept4':
      case 'recvfrom':
      case 'recvmsg':
        return `← ${endpointText(address)}`;
      default:
        return `→ ${endpointText(address)}`;
    }
  }
  // What a new socket has become since is told by the records of what made it so.
  return socket && record.socketId !== null ? pairText(socket) : '';
}

/** The address in a call: the one that it passed, or the one that it was told. */
export function addressIn(record: CallRecord): SocketAddress | undefined {
  const index = signatureOf(record.name).parameters.findIndex(
    ({ type }) => type === 'sockaddr' || type === 'sockaddrOut',
  );
  const address = index < 0 ? messageName(record) : record.args[index];
  return isAddress(address) ? address : undefined;
}

/** The call and its answer in the short style, on one line. */
export function callText(record: CallRecord, platform: Platform): string {
  return printCall(record, { style: 'short', platform });
}

/** Everything that a filter looks through. */
export function recordText(record: CallRecord, sockets: SocketLookup, platform: Platform): string {
  const socket = subjectOf(record, sockets);
  const fd = recordFd(record);
  return [
    `#${record.seq}`,
    fd === null ? '' : `fd ${fd} fd=${fd}`,
    socket ? socketTitle(socket) : '',
    callText(record, platform),
    record.status === 'waiting' ? 'waiting' : `= ${resultText(record)}`,
    addressText(record, sockets),
    record.madeBy ?? '',
  ]
    .join(' ')
    .toLowerCase();
}
