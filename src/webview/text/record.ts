import type { CallRecord } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import { controlTexts, dataOf, flagWarnings, readyTexts } from '../../common/messageText.js';
import {
  callText,
  isShortWrite,
  recordFd,
  type Sockets,
  subjectOf,
  subjectThen,
} from '../../common/recordText.js';
import { movedPart, requestedLength } from '../../common/requestedLength.js';
import { socketTitle } from '../../common/socketText.js';
import type { Platform } from '../../common/tables/constants.js';
import { isObserved } from '../../common/observed.js';
import { errnoMessage } from '../../common/tables/errnos.js';
import { isFailure } from '../../common/failure.js';
import { explain } from '../../common/tables/explanations.js';
import { signatureOf } from '../../common/tables/signatures.js';
import { previewText } from './bytes.js';
import { formatCount } from './format.js';

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

/** The payload's length, or what a failed call was to send. */
export function lengthText(record: CallRecord): string {
  const length = record.payload && record.errno === null ? record.payload.length : requestedLength(record);
  return length === null ? '' : formatCount(length);
}

/** The arrow of a call that moves payload: the direction is never a colour. */
export function directionOf({ name }: CallRecord): '↑' | '↓' | '·' {
  const { parameters } = signatureOf(name);
  if (parameters.some(({ type }) => type === 'data' || type === 'msghdr')) {
    return '↑';
  }
  return parameters.some(({ type }) => type === 'buffer' || type === 'msghdrOut') ? '↓' : '·';
}

/** One sentence on what the answer means here; undefined when it speaks for itself. */
export function explanationOf(record: CallRecord, sockets: Sockets): string | undefined {
  if (record.status === 'cancelled') {
    return cancelledText(record);
  }
  if (record.status === 'lost') {
    return isObserved(record) ? t('The log does not say that this call returned.') : lostText(record);
  }
  if (record.status !== 'returned') {
    return undefined;
  }
  const said = explain({ record, socket: subjectThen(record, sockets) }) ?? flagWarnings(record)[0];
  return said ?? (record.errno === null ? undefined : errnoMessage(record.errno));
}

/** How much stands first: a narrow lane cuts the end. */
function cancelledText(record: CallRecord): string {
  const part = movedPart(record);
  if (!part) {
    return t('The wait was ended before the kernel answered.');
  }
  const { direction, moved, of } = part;
  return direction === 'out'
    ? t('{0} of {1} bytes taken when the wait was ended.', moved, of)
    : t('{0} of {1} bytes given when the wait was ended.', moved, of);
}

function lostText(record: CallRecord): string {
  const part = movedPart(record);
  if (!part) {
    return t('The socket host ended before the kernel answered.');
  }
  const { direction, moved, of, isAtLeast } = part;
  if (isAtLeast) {
    return direction === 'out'
      ? t('At least {0} of {1} bytes taken when the socket host ended.', moved, of)
      : t('At least {0} of {1} bytes given when the socket host ended.', moved, of);
  }
  return direction === 'out'
    ? t('{0} of {1} bytes taken when the socket host ended.', moved, of)
    : t('{0} of {1} bytes given when the socket host ended.', moved, of);
}

/** The same with what to do, where a socket of ours is in the way. */
export function noteText(record: CallRecord, sockets: Sockets): string | undefined {
  const sentence = explanationOf(record, sockets);
  const { facts } = record;
  const own = facts?.kind === 'holders' ? facts.there[0]?.own : undefined;
  if (sentence === undefined || !facts || !own) {
    return sentence;
  }
  const cure =
    'port' in facts.address
      ? t('Close fd {0}, or take another port.', own.fd)
      : t('Close fd {0}, or take another address.', own.fd);
  return `${sentence} ${cure}`;
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
