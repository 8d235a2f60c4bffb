import { type CallRecord, isAddress, isData } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import { printCall } from '../../common/notation/printer.js';
import type { SocketId, SocketInfo } from '../../common/socket.js';
import type { Platform } from '../../common/tables/constants.js';
import { errnoMessage } from '../../common/tables/errnos.js';
import { explain, isFailure } from '../../common/tables/explanations.js';
import { parameterIndex, signatureOf } from '../../common/tables/signatures.js';
import { previewText } from './bytes.js';
import { formatCount } from './format.js';
import { endpointText } from '../../common/socketText.js';
import {
  controlTexts,
  dataOf,
  flagWarnings,
  madeDescriptor,
  messageLength,
  messageName,
  readyTexts,
} from './message.js';
import { pairText, socketTitle } from './socket.js';

export type Sockets = ReadonlyMap<SocketId, SocketInfo>;

/** What a row looks like. EAGAIN and EINPROGRESS are answers, not failures. */
export type RecordTone = 'ok' | 'failed' | 'waiting' | 'short' | 'ended';

export function recordTone(record: CallRecord): RecordTone {
  switch (record.status) {
    case 'waiting':
      return 'waiting';
    case 'cancelled':
    case 'lost':
      return 'ended';
    case 'returned':
      return isFailure(record) ? 'failed' : isShortWrite(record) ? 'short' : 'ok';
  }
}

/** The number of bytes a call was given to send. */
function requestedLength(record: CallRecord): number | null {
  const message = messageLength(record);
  if (message !== null) {
    return message;
  }
  const data = parameterIndex(record.name, 'data');
  const value = data < 0 ? undefined : record.args[data];
  if (!isData(value)) {
    return null;
  }
  const length = record.args[data + 1];
  return typeof length === 'number' ? length : value.length;
}

function isShortWrite(record: CallRecord): boolean {
  const requested = requestedLength(record);
  return requested !== null && record.result !== null && record.result >= 0 && record.result < requested;
}

/** The payload's length, or what a failed call was to send. */
export function lengthText(record: CallRecord): string {
  const length = record.payload && record.errno === null ? record.payload.length : requestedLength(record);
  return length === null ? '' : formatCount(length);
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

/** The arrow of a call that moves payload: the direction is never a colour. */
export function directionOf({ name }: CallRecord): '↑' | '↓' | '·' {
  const { parameters } = signatureOf(name);
  if (parameters.some(({ type }) => type === 'data' || type === 'msghdr')) {
    return '↑';
  }
  return parameters.some(({ type }) => type === 'buffer' || type === 'msghdrOut') ? '↓' : '·';
}

/** The socket that a record's row is about: the one it was made on, else the one it made. */
export function subjectOf(record: CallRecord, sockets: Sockets): SocketInfo | undefined {
  const id = record.socketId ?? record.createdIds[0];
  return id === undefined ? undefined : sockets.get(id);
}

/** The descriptor of a row: of the socket that the call was made on, or of the one it made. */
export function recordFd(record: CallRecord): number | null {
  return record.fd ?? (record.createdIds.length > 0 ? madeDescriptor(record) : null);
}

/** The addresses of a row: the ones in the call, else those of its socket. */
export function peerText(record: CallRecord, sockets: Sockets): string {
  const socket = subjectOf(record, sockets);
  const index = signatureOf(record.name).parameters.findIndex(
    ({ type }) => type === 'sockaddr' || type === 'sockaddrOut',
  );
  const address = index < 0 ? messageName(record) : record.args[index];
  if (isAddress(address)) {
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

/** One sentence on what the answer means here; undefined when it speaks for itself. */
export function explanationOf(record: CallRecord, sockets: Sockets): string | undefined {
  if (record.status === 'cancelled') {
    return t('You ended the wait. The kernel gave no answer.');
  }
  if (record.status === 'lost') {
    return t('The socket host ended before the kernel answered.');
  }
  if (record.status !== 'returned') {
    return undefined;
  }
  const said = explain({ record, socket: subjectOf(record, sockets) }) ?? flagWarnings(record)[0];
  return said ?? (record.errno === null ? undefined : errnoMessage(record.errno));
}

/** What the last column shows: the explanation, the beginning of the payload, or the exact call. */
export function recordPreview(
  record: CallRecord,
  sockets: Sockets,
  platform: Platform,
): { kind: 'sentence' | 'data' | 'call'; text: string } {
  const sentence = explanationOf(record, sockets);
  if (sentence !== undefined) {
    return { kind: 'sentence', text: sentence };
  }
  const beside = [
    ...controlTexts(record, sockets, platform).map(({ type, text }) => `${type} ${text}`),
    ...readyTexts(record, sockets, platform),
  ].join('; ');
  const data = dataOf(record);
  if (data && (record.payload || record.status === 'waiting') && data.length > 0) {
    const text = previewText(data.bytes, data.length);
    return { kind: 'data', text: beside === '' ? text : `${text}  ${beside}` };
  }
  if (beside !== '') {
    return { kind: 'call', text: beside };
  }
  return { kind: 'call', text: callText(record, platform) };
}

export function callText(record: CallRecord, platform: Platform): string {
  return printCall(record, { style: 'short', platform });
}

/** The row as a sentence for screen readers: `Record 11, server, fd 5: recv returned 14.` */
export function recordAnnouncement(record: CallRecord, sockets: Sockets): string {
  const socket = subjectOf(record, sockets);
  const fd = recordFd(record);
  const subject = socket ? `${socketTitle(socket)}, fd ${socket.fd}` : fd === null ? '' : `fd ${fd}`;
  const [seq, name] = [record.seq, record.name];
  const explanation = explanationOf(record, sockets) ?? '';
  if (record.status === 'waiting') {
    return t('Record {0}, {1}: {2} waits.', seq, subject, name);
  }
  if (record.status !== 'returned') {
    return t('Record {0}, {1}: {2} ended. {3}', seq, subject, name, explanation);
  }
  return record.errno === null
    ? t(
        'Record {0}, {1}: {2} returned {3}. {4}',
        seq,
        subject,
        name,
        String(record.result),
        explanation,
      ).trim()
    : t('Record {0}, {1}: {2} failed with {3}. {4}', seq, subject, name, String(record.errno), explanation);
}

/** Everything that a filter looks through. */
export function recordText(record: CallRecord, sockets: Sockets, platform: Platform): string {
  const socket = subjectOf(record, sockets);
  const fd = recordFd(record);
  return [
    `#${record.seq}`,
    fd === null ? '' : `fd ${fd} fd=${fd}`,
    socket ? socketTitle(socket) : '',
    callText(record, platform),
    record.status === 'waiting' ? 'waiting' : `= ${resultText(record)}`,
    peerText(record, sockets),
    record.madeBy ?? '',
  ]
    .join(' ')
    .toLowerCase();
}
