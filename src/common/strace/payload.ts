import type { Payload, Value } from '../call.js';
import { numberOf, preview, vectorBytes } from './arguments.js';
import type { StraceField, StraceValue } from './values.js';

/** The data of a call as strace has printed it. */
export interface PrintedData {
  direction: 'in' | 'out';
  bytes: Uint8Array;
  /** Bytes that were asked for, or given; null where strace has not printed all of the buffers. */
  requested: number | null;
  flags: number;
}

const outgoing: ReadonlySet<string> = new Set([
  'send',
  'sendto',
  'sendmsg',
  'sendmmsg',
  'write',
  'writev',
  'sendfile',
  'sendfile64',
]);
const incoming: ReadonlySet<string> = new Set([
  'recv',
  'recvfrom',
  'recvmsg',
  'recvmmsg',
  'recvmmsg_time64',
  'read',
  'readv',
]);

function directionOf(name: string): 'in' | 'out' | null {
  return outgoing.has(name) ? 'out' : incoming.has(name) ? 'in' : null;
}

const [MSG_OOB, MSG_PEEK] = [1, 2];

/** Whether a call leaves the stream as it was, or is beside it. */
export function isBesideStream(flags: number): boolean {
  return (flags & (MSG_PEEK | MSG_OOB)) !== 0;
}

const noBytes = new Uint8Array();

/** The data in the arguments of a call; null for one that moves none. */
export function printedData(name: string, args: readonly StraceField[]): PrintedData | null {
  const direction = directionOf(name);
  const at = (index: number): StraceValue | undefined => args[index]?.value;
  const number = (index: number) => numberOf(at(index)) ?? 0;
  if (!direction) {
    return null;
  }
  switch (name) {
    case 'sendfile':
    case 'sendfile64':
      return { direction, bytes: noBytes, requested: number(3), flags: 0 };
    case 'readv':
    case 'writev': {
      const { bytes, room } = vectorBytes(at(1));
      return { direction, bytes, requested: room, flags: 0 };
    }
    case 'sendmsg':
    case 'recvmsg':
      return messageData(direction, at(1), number(2));
    default: {
      const data = at(1);
      const hasFlags = name !== 'read' && name !== 'write';
      return {
        direction,
        bytes: data?.kind === 'string' ? data.bytes : noBytes,
        requested: number(2),
        flags: hasFlags ? number(3) : 0,
      };
    }
  }
}

/** The data of one message. */
export function messageData(
  direction: 'in' | 'out',
  message: StraceValue | undefined,
  flags: number,
): PrintedData {
  const fields = message?.kind === 'struct' ? message.fields : [];
  const { bytes, room } = vectorBytes(fields.find(({ name }) => name === 'msg_iov')?.value);
  return { direction, bytes, requested: room, flags };
}

/** What a call moved, as its record tells it. */
export function payloadOf(
  { direction, bytes, requested }: PrintedData,
  result: number,
  offset: number | null,
): { payload: Payload; bytes: Uint8Array } {
  const length = direction === 'in' ? Math.min(result, Math.max(requested ?? result, 0)) : result;
  const kept = bytes.subarray(0, length);
  return { payload: { direction, length, captured: kept.length, offset }, bytes: kept };
}

/** The arguments of read(2) and write(2) that a call of another name amounts to. */
export function plainArguments(fd: number, data: PrintedData, result: number | null): Value[] {
  const { requested } = data;
  const moved = Math.max(result ?? 0, 0);
  const length = data.direction === 'out' ? (requested ?? Math.max(moved, data.bytes.length)) : moved;
  const isKnown = data.direction === 'out' || (result ?? -1) >= 0;
  return [fd, isKnown ? preview(data.bytes, length) : { kind: 'any' }, requested ?? { kind: 'any' }];
}

/** The descriptors that a message passes or brings. */
export function passedDescriptors(message: StraceValue | undefined): { fd: number; note: string | null }[] {
  const fields = message?.kind === 'struct' ? message.fields : [];
  const control = fields.find(({ name }) => name === 'msg_control')?.value;
  const parts = control?.kind === 'list' ? control.items : [];
  return parts.flatMap((part) => {
    if (part.kind !== 'struct') {
      return [];
    }
    const find = (wanted: string) => part.fields.find(({ name }) => name === wanted)?.value;
    const [type, data] = [find('cmsg_type'), find('cmsg_data')];
    const isRights = type?.kind === 'flags' && type.parts[0] === 'SCM_RIGHTS';
    return isRights && data?.kind === 'list'
      ? data.items.flatMap((item) =>
          item.kind === 'number' ? [{ fd: Number(item.value), note: item.note }] : [],
        )
      : [];
  });
}
