import {
  dataValue,
  isData,
  isOfKind,
  type ListValue,
  type StructValue,
  type Value,
} from '../../common/call.js';
import { t } from '../../common/l10n.js';
import { alignControl, controlHeaderSize, controlLayout } from '../../common/tables/controlMessages.js';
import { decodeOption, encodeOption, OptionValueError } from '../../common/tables/options.js';
import { refusal } from '../refusal.js';
import { controlType, option } from '../sys/linux.js';
import { isInt } from '../wholeNumber.js';

/** One control message as bytes. */
export interface ControlPart {
  /** As it is written, the header counted. */
  length: number;
  level: number;
  type: number;
  data: Uint8Array;
}

/** What is to be passed in `msg_control`: messages, or bytes as they are. */
export function encodeControl(value: Value, argument: number): Uint8Array {
  if (isData(value)) {
    return value.bytes;
  }
  if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== 'list') {
    throw refusal(argument, t('{0} is a list of control messages, or bytes.', 'msg_control'));
  }
  return joinControl(value.items.map((item) => encodePart(item, argument)));
}

/** The messages one behind the other, as `msg_control` holds them. */
export function joinControl(parts: readonly WrittenPart[]): Uint8Array {
  const bytes = new Uint8Array(
    parts.reduce((sum, part) => sum + alignControl(controlHeaderSize + part.data.length), 0),
  );
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { length, level, type, data } of parts) {
    view.setBigUint64(at, BigInt.asUintN(64, BigInt(length)), true);
    view.setInt32(at + 8, level, true);
    view.setInt32(at + 12, type, true);
    bytes.set(data, at + controlHeaderSize);
    at += alignControl(controlHeaderSize + data.length);
  }
  return bytes;
}

/** A message as it is to be passed: its length may be any that a `size_t` takes. */
type WrittenPart = Omit<ControlPart, 'length'> & { length: number | bigint };

function encodePart(item: Value, argument: number): WrittenPart {
  const fields = isOfKind(item, 'struct') ? item.fields : [];
  const field = (name: string) => fields.find((each) => each.name === name)?.value;
  const int = (name: string): number => {
    const value = field(name);
    if (!isInt(value)) {
      throw refusal(argument, t('A control message has {0}, a whole number of {1} bits.', name, 32));
    }
    return value;
  };
  const level = int('cmsg_level') | 0;
  const type = int('cmsg_type') | 0;
  let data: Uint8Array;
  try {
    const value = field('cmsg_data');
    data =
      value === undefined
        ? new Uint8Array()
        : encodeOption({ layout: controlLayout(level, type, 'linux') }, value);
  } catch (error) {
    if (error instanceof OptionValueError) {
      throw refusal(argument, error.message);
    }
    throw error;
  }
  const length = field('cmsg_len') ?? controlHeaderSize + data.length;
  if ((typeof length !== 'number' && typeof length !== 'bigint') || !isSize(length)) {
    throw refusal(argument, t('A control message has {0}, a whole number of {1} bits.', 'cmsg_len', 64));
  }
  return { length, level, type, data };
}

/** Negative numbers are what C makes of them. */
function isSize(value: number | bigint): boolean {
  return (typeof value === 'bigint' || Number.isInteger(value)) && value >= -(1n << 63n) && value < 1n << 64n;
}

/** The messages in a buffer, as far as they are whole. */
export function splitControl(bytes: Uint8Array): ControlPart[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const parts: ControlPart[] = [];
  let at = 0;
  while (at + controlHeaderSize <= bytes.length) {
    const length = Number(view.getBigUint64(at, true));
    if (length < controlHeaderSize || at + length > bytes.length) {
      break;
    }
    parts.push({
      length,
      level: view.getInt32(at + 8, true),
      type: view.getInt32(at + 12, true),
      data: bytes.slice(at + controlHeaderSize, at + length),
    });
    at += alignControl(length);
  }
  return parts;
}

/** What was passed, as it is told: messages where they are all that it holds, else its bytes. */
export function passedControl(bytes: Uint8Array): Value {
  const parts = splitControl(bytes);
  const end = parts.reduce((sum, { length }) => sum + alignControl(length), 0);
  return end >= bytes.length ? controlValue(parts) : dataValue(bytes);
}

/** As strace prints them. */
export function controlValue(parts: readonly ControlPart[]): ListValue {
  return {
    kind: 'list',
    items: parts.map(({ length, level, type, data }): StructValue => ({
      kind: 'struct',
      fields: [
        { name: 'cmsg_len', value: length },
        { name: 'cmsg_level', value: level },
        { name: 'cmsg_type', value: type },
        ...(data.length === 0 ? [] : [{ name: 'cmsg_data', value: valueOf(level, type, data) }]),
      ],
    })),
  };
}

function valueOf(level: number, type: number, data: Uint8Array): Value {
  const layout = controlLayout(level, type, 'linux');
  return layout === 'string' ? dataValue(data) : decodeOption({ layout }, data);
}

/** The descriptors in a control message: in one to send those of the user's, in a received one new ones. */
export function descriptorsIn({ level, type, data }: ControlPart): number[] {
  const holds =
    level === option.SOL_SOCKET && (type === controlType.SCM_RIGHTS || type === controlType.SCM_PIDFD);
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  return holds ? Array.from({ length: data.length >> 2 }, (_, index) => view.getInt32(4 * index, true)) : [];
}
