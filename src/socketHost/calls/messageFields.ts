import { type DataValue, isData, isOfKind, type StructValue, type Value } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import { largestBuffer } from '../argumentReader.js';
import { refusal } from '../refusal.js';
import { previewOf } from './preview.js';
import { isWholeNumber } from '../wholeNumber.js';

/** The argument of sendmsg(2) and recvmsg(2) that holds all. */
export const messageArgument = 1;
const mostOfKernel = 1024;
/** A few more, so that the kernel can say so. */
const mostParts = 2 * mostOfKernel;

const known: ReadonlySet<string> = new Set([
  'msg_name',
  'msg_namelen',
  'msg_iov',
  'msg_iovlen',
  'msg_control',
  'msg_controllen',
  'msg_flags',
]);

/** The fields of a message, checked one by one. */
export class MessageFields {
  private readonly fields: StructValue['fields'];

  constructor(value: Value | undefined) {
    if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== 'struct') {
      throw refusal(messageArgument, t('A message is written as {msg_iov=[{iov_base="text", iov_len=4}]}.'));
    }
    this.fields = value.fields;
    const unknown = this.fields.find(({ name }) => !known.has(name));
    if (unknown) {
      throw refusal(messageArgument, t('A message has no field {0}.', unknown.name));
    }
  }

  value(name: string): Value | undefined {
    return this.fields.find((field) => field.name === name)?.value;
  }

  number(name: string, usual: number, min: number, max: number): number {
    let value = this.value(name);
    if (typeof value === 'object' && value !== null && 'kind' in value) {
      value = value.kind === 'inout' ? value.value : value.kind === 'any' ? undefined : value;
    }
    value ??= usual;
    if (!isWholeNumber(value, min, max)) {
      throw refusal(messageArgument, t('{0} is a whole number from {1} to {2}.', name, min, max));
    }
    return value;
  }

  /** How many buffers the kernel is told of: not more than there are, unless it refuses so many unseen. */
  count(parts: number): number {
    const count = this.number('msg_iovlen', parts, -0x80000000, 0x7fffffff);
    if (parts > 0 && count > parts && count <= mostOfKernel) {
      throw refusal(messageArgument, t('{0} is a whole number from {1} to {2}.', 'msg_iovlen', 0, parts));
    }
    return count;
  }

  /** The buffers: what is in them, and their lengths. A length of -1 is one that the kernel refuses. */
  parts(): { base: Value | undefined; length: number }[] {
    const value = this.value('msg_iov');
    if (value === undefined || value === null) {
      return [];
    }
    if (
      typeof value !== 'object' ||
      !('kind' in value) ||
      value.kind !== 'list' ||
      value.items.length > mostParts
    ) {
      throw refusal(messageArgument, t('{0} is a list of at most {1} buffers.', 'msg_iov', mostParts));
    }
    return value.items.map((item) => {
      const fields = isOfKind(item, 'struct') ? item.fields : [];
      const base = fields.find(({ name }) => name === 'iov_base')?.value;
      const length =
        fields.find(({ name }) => name === 'iov_len')?.value ?? (isData(base) ? base.length : undefined);
      if (!isWholeNumber(length, -1, largestBuffer)) {
        throw refusal(messageArgument, t('A buffer is written as {iov_base="text", iov_len=4}.'));
      }
      return { base, length };
    });
  }
}

/** The bytes that a buffer has here. */
export function sizeOf(length: number): number {
  return Math.max(0, length);
}

/** The length of all buffers together; refused where it is too long. */
export function total(lengths: readonly number[]): number {
  const sum = lengths.reduce((whole, length) => whole + sizeOf(length), 0);
  if (sum > largestBuffer) {
    throw refusal(
      messageArgument,
      t('{0} is at most {1} bytes here, not {2}.', 'msg_iov', largestBuffer, sum),
      'limit',
    );
  }
  return sum;
}

/**
 * The buffers as they are told.
 * @param nulls Whether each is a null pointer.
 * @param bytes What is in the buffers, one behind the other; null before anything came.
 */
export function partsValue(
  lengths: readonly number[],
  nulls: readonly boolean[],
  bytes: Uint8Array | null,
  kept: number,
): Value {
  let at = 0;
  return {
    kind: 'list',
    items: lengths.map((length, index): StructValue => {
      const end = Math.max(at, Math.min(at + sizeOf(length), kept));
      const base: DataValue | { kind: 'any' } = bytes
        ? previewOf(bytes.subarray(at, end), end - at)
        : { kind: 'any' };
      at += sizeOf(length);
      return {
        kind: 'struct',
        fields: [
          { name: 'iov_base', value: nulls[index] ? null : base },
          { name: 'iov_len', value: length },
        ],
      };
    }),
  };
}
