import { type CallRecord, type DataValue, fieldOf, isAddress, isData, itemsOf, type Value } from './call.js';
import { t } from './l10n.js';
import { printValue, readyFds } from './notation/printer.js';
import { messageOf } from './requestedLength.js';
import type { SocketAddress, SocketId, SocketInfo } from './socket.js';
import { constantName, constantValue, formatFlags, type Platform } from './tables/constants.js';
import { parameterIndex } from './tables/signatures.js';
import { socketTitle } from './socketText.js';

type Sockets = ReadonlyMap<SocketId, SocketInfo>;

/** The data of a record's argument; of a message that of its buffers, one after the other. */
export function dataOf(record: CallRecord): DataValue | undefined {
  const data = record.args.find(isData);
  const message = data ? undefined : messageOf(record);
  if (message === undefined) {
    return data;
  }
  const parts = itemsOf(fieldOf(message, 'msg_iov'))
    .map((part) => fieldOf(part, 'iov_base'))
    .filter(isData);
  if (parts.length === 0) {
    return undefined;
  }
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.bytes.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part.bytes, offset);
    offset += part.bytes.length;
  }
  return { kind: 'data', bytes, length: parts.reduce((sum, part) => sum + part.length, 0) };
}

/** The address in a message. */
export function messageName(record: CallRecord): SocketAddress | undefined {
  const name = fieldOf(messageOf(record), 'msg_name');
  return isAddress(name) ? name : undefined;
}

/** A control message as people read it. */
export interface ControlText {
  /** `SCM_RIGHTS`. */
  type: string;
  text: string;
}

/** What went beside the data of a message: descriptors, credentials, times, and what else the kernel tells. */
export function controlTexts(record: CallRecord, sockets: Sockets, platform: Platform): ControlText[] {
  return itemsOf(fieldOf(messageOf(record), 'msg_control')).map((message) => {
    const level = fieldOf(message, 'cmsg_level');
    const type = fieldOf(message, 'cmsg_type');
    const data = fieldOf(message, 'cmsg_data');
    const name =
      typeof level === 'number' && typeof type === 'number'
        ? (constantName('cmsgtype', type, platform, level) ?? `${level}/${type}`)
        : '?';
    return { type: name, text: controlText(record, name, data, sockets, platform) };
  });
}

function controlText(
  record: CallRecord,
  type: string,
  data: Value | undefined,
  sockets: Sockets,
  platform: Platform,
): string {
  if (type === 'SCM_RIGHTS') {
    const isReceived = parameterIndex(record.name, 'msghdrOut') >= 0;
    const fds = itemsOf(data).map((fd) => descriptorText(fd, record, sockets));
    return isReceived ? t('arrived as {0}', fds.join(', ')) : t('passes {0}', fds.join(', '));
  }
  return data === undefined ? '' : printValue(data, 'optval', { platform });
}

/** A descriptor with the name of the socket that it was: of a record's own making, else the one that has the number now. */
function descriptorText(fd: Value, record: CallRecord, sockets: Sockets): string {
  if (typeof fd !== 'number') {
    return '?';
  }
  const made = record.createdIds.map((id) => sockets.get(id)).find((socket) => socket?.fd === fd);
  const socket =
    made ??
    [...sockets.values()].findLast((one) => one.fd === fd && one.openedSeq <= record.seq && !one.isLost);
  return socket ? `fd ${fd} ${socketTitle(socket)}` : `fd ${fd}`;
}

/** What the flags of a received message warn of, a sentence each. */
export function flagWarnings(record: CallRecord, platform: Platform = 'linux'): string[] {
  const flags = fieldOf(messageOf(record), 'msg_flags');
  if (typeof flags !== 'number') {
    return [];
  }
  const has = (name: string) => (flags & (constantValue(name, platform) ?? 0)) !== 0;
  return [
    ...(has('MSG_TRUNC')
      ? [t('MSG_TRUNC: the message was longer than the buffers, and its rest is lost.')]
      : []),
    ...(has('MSG_CTRUNC')
      ? [
          t(
            'MSG_CTRUNC: there was no room for all control messages. What did not fit is lost, descriptors in it were closed.',
          ),
        ]
      : []),
  ];
}

/** The descriptors that `poll(2)` found ready, and what for: `fd 21 peer: POLLIN|POLLHUP`. */
export function readyTexts(record: CallRecord, sockets: Sockets, platform: Platform): string[] {
  if (record.name !== 'poll' || (record.result ?? 0) <= 0) {
    return [];
  }
  return readyFds(record.args[0]).map((item) => {
    const events = fieldOf(item, 'revents');
    const text = typeof events === 'number' ? formatFlags('pollevents', events, platform) : '';
    return `${descriptorText(fieldOf(item, 'fd') ?? null, record, sockets)}: ${text}`;
  });
}

/** The descriptor that a call made first; null when it made none. */
export function madeDescriptor({ name, args, result }: CallRecord): number | null {
  const pair = parameterIndex(name, 'fdpair');
  const [first] = pair < 0 ? [] : itemsOf(args[pair]);
  return pair < 0 ? result : typeof first === 'number' ? first : null;
}
