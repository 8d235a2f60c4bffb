import { type CallRecord, fieldOf, isData, itemsOf, type Value } from './call.js';
import { parameterIndex } from './tables/signatures.js';

type CallOfRecord = Pick<CallRecord, 'name' | 'args'>;

/** The `struct msghdr` of a record; undefined when its call has none. */
export function messageOf({ name, args }: CallOfRecord): Value | undefined {
  const index = Math.max(parameterIndex(name, 'msghdr'), parameterIndex(name, 'msghdrOut'));
  return index < 0 ? undefined : args[index];
}

/** The number of bytes a call was given to send; null for a call that sends none. */
export function requestedLength(record: CallOfRecord): number | null {
  if (parameterIndex(record.name, 'msghdr') >= 0) {
    return messageLength(record);
  }
  const data = parameterIndex(record.name, 'data');
  const value = data < 0 ? undefined : record.args[data];
  if (!isData(value)) {
    return null;
  }
  const length = record.args[data + 1];
  return typeof length === 'number' ? length : value.length;
}

/** What a call had moved when its wait was ended. */
export interface MovedPart {
  direction: 'in' | 'out';
  moved: number;
  /** How much it was to move. */
  of: number;
  /** It may be more: of a host that was killed, and its bytes with it, only what it told last is known. */
  isAtLeast: boolean;
}

/** How much of its bytes a call had moved when its wait was ended; undefined where that is nothing, or unknown. */
export function movedPart(
  record: CallOfRecord & Partial<Pick<CallRecord, 'payload' | 'status'>>,
): MovedPart | undefined {
  const { name, args, payload, status } = record;
  if (!payload || payload.length === 0) {
    return undefined;
  }
  const { direction, length: moved } = payload;
  const size = args[parameterIndex(name, 'size')];
  const of = requestedLength(record) ?? (typeof size === 'number' ? size : messageLength(record));
  return { direction, moved, of, isAtLeast: status === 'lost' && payload.captured === 0 };
}

/** The bytes that the buffers of a message hold. */
function messageLength(record: CallOfRecord): number {
  return itemsOf(fieldOf(messageOf(record), 'msg_iov')).reduce((sum: number, part) => {
    const length = fieldOf(part, 'iov_len');
    return sum + (typeof length === 'number' ? length : 0);
  }, 0);
}
