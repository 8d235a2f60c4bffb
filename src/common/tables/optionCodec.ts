import {
  dataValue,
  isAddress,
  isData,
  isOfKind,
  type ListValue,
  type StructValue,
  type Value,
} from '../call.js';
import { formatIPv4, formatIPv6, parseIPv4, parseIPv6 } from '../ipAddress.js';
import { t } from '../l10n.js';
import type { SocketAddress } from '../socket.js';
import { type Field, fieldSizes, type FieldType, structSize } from './fieldTypes.js';
import { type Layout, layoutOf, layouts, type OptionLayout, sockFilter } from './optionLayouts.js';
import { decodeTcpInfo } from './tcpInfo.js';

/** What decides how bytes are read and written: an option, a request of ioctl(2), a control message. */
interface Laid {
  layout: OptionLayout;
}

/** A value that has no bytes as an option's value. */
export class OptionValueError extends Error {}

const AF_INET = 2;
const AF_INET6 = 10;

/** Memory that a structure points to, and where in the structure its address stands. */
export interface Pointee {
  offset: number;
  bytes: Uint8Array;
}

/**
 * The bytes of an option's value, as Linux lays them out: a number is an int of 4 bytes, from -2^31 to 2^32 - 1 (8 bytes
 * where the option is a 64-bit one), a list is its items one after the other, data is itself, a structure goes
 * by its fields, of which those left out are 0. Pointers are 0: {@link pointeeOf}.
 * @throws {OptionValueError} when the value is none of these, or a number is not whole or too large for its field.
 */
export function encodeOption(option: Laid | undefined, value: Value): Uint8Array {
  if (typeof value === 'number' || typeof value === 'bigint') {
    return encodeScalar(value, (option && layoutOf(option.layout).scalar) ?? 'i32');
  }
  if (isData(value)) {
    return value.bytes;
  }
  const address = option && layoutOf(option.layout).address;
  if (address && isAddress(value)) {
    return encodeAddress(option.layout, value, fieldSizes[address]);
  }
  if (value !== null && !isAddress(value)) {
    if (value.kind === 'list') {
      return concat(value.items.map((item) => encodeOption(option, item)));
    }
    if (value.kind === 'struct') {
      return concat(fieldsOf(option, value).map(([name, type]) => encodeField(name, type, value)));
    }
  }
  throw new OptionValueError(t('An option takes a number, a structure or bytes.'));
}

/** What a structure points to; undefined when it points to nothing. */
export function pointeeOf(option: Laid | undefined, value: Value): Pointee | undefined {
  if (typeof value !== 'object' || value === null || isAddress(value) || value.kind !== 'struct') {
    return undefined;
  }
  let offset = 0;
  for (const [name, type] of fieldsOf(option, value)) {
    const given = fieldValue(value, name);
    if (type === 'filter' && isOfKind(given, 'list')) {
      return { offset, bytes: concat(given.items.map(encodeInstruction)) };
    }
    offset += fieldSizes[type];
  }
  return undefined;
}

function encodeInstruction(item: Value): Uint8Array {
  if (typeof item !== 'object' || item === null || isAddress(item) || item.kind !== 'struct') {
    throw new OptionValueError(t('An instruction is a structure: {code=6, jt=0, jf=0, k=0}'));
  }
  checkNames(item, sockFilter);
  return concat(sockFilter.map(([name, type]) => encodeField(name, type, item)));
}

/** The structure that is meant: of the option's own the first with these fields, else any with them. */
function fieldsOf(option: Laid | undefined, value: StructValue): readonly Field[] {
  const own = option ? structsOf(layoutOf(option.layout)) : [];
  const found = [...own, ...Object.values(layouts).flatMap(structsOf)].find(
    (fields) => unknownName(value, fields) === undefined,
  );
  if (!found) {
    checkNames(value, own[0] ?? []);
    throw new OptionValueError(t('The structure has fields of different kinds.'));
  }
  return found;
}

function structsOf(layout: Layout): readonly (readonly Field[])[] {
  return [...(layout.structs ?? []), ...(layout.elements ? [layout.elements] : [])];
}

function unknownName(value: StructValue, fields: readonly Field[]): string | undefined {
  return value.fields.find(({ name }) => name === '' || !fields.some(([known]) => known === name))?.name;
}

function checkNames(value: StructValue, fields: readonly Field[]): void {
  const unknown = unknownName(value, fields);
  if (unknown !== undefined) {
    throw new OptionValueError(t('The structure has no field {0}.', unknown));
  }
}

function fieldValue({ fields }: StructValue, name: string): Value {
  return fields.find((field) => field.name === name)?.value ?? 0;
}

function encodeField(name: string, type: FieldType, struct: StructValue): Uint8Array {
  const size = fieldSizes[type];
  const value = name === '' ? 0 : fieldValue(struct, name);
  if (isData(value)) {
    if (value.bytes.length > size) {
      throw new OptionValueError(t('The field {0} has {1} bytes, not {2}.', name, size, value.bytes.length));
    }
    return padded(value.bytes, size);
  }
  if (type.startsWith('sockaddr') && isAddress(value)) {
    return encodeAddress(name, value, size);
  }
  if (type === 'filter' && isOfKind(value, 'list')) {
    return new Uint8Array(size);
  }
  if (typeof value !== 'number' && typeof value !== 'bigint') {
    throw new OptionValueError(t('The field {0} takes a number.', name));
  }
  if (type in integers) {
    checkRange(name, value, integers[type as Integer]);
    return encodeNumber(value, type as Integer);
  }
  // An address in network order may be given as a number; anything else only left out.
  const bytes = type === 'in_addr' ? encodeNumber(value, 'u32').reverse() : new Uint8Array(size);
  if (type !== 'in_addr' && value !== 0) {
    throw new OptionValueError(t('The field {0} takes no number.', name));
  }
  return bytes;
}

type Integer = keyof typeof integers;

/** How many bits, and what fits. 32 bits take both readings, as C does; of 64 the unsigned ones. */
const integers = {
  u8: { bits: 8, min: 0n, max: (1n << 8n) - 1n },
  u16: { bits: 16, min: 0n, max: (1n << 16n) - 1n },
  i32: { bits: 32, min: -(1n << 31n), max: (1n << 32n) - 1n },
  u32: { bits: 32, min: -(1n << 31n), max: (1n << 32n) - 1n },
  i64: { bits: 64, min: -(1n << 63n), max: (1n << 63n) - 1n },
  u64: { bits: 64, min: -(1n << 63n), max: (1n << 64n) - 1n },
} as const;

/** What fits a number, as C takes it. */
export interface NumberRange {
  min: bigint;
  max: bigint;
}

/** What fits where a layout has one number; undefined where it has none. */
export function scalarRange(layout: OptionLayout): NumberRange | undefined {
  const { scalar } = layoutOf(layout);
  return scalar && integers[scalar];
}

/** What fits a field of the structures here; undefined where there is none of the name, or it takes no number. */
export function fieldRange(name: string): NumberRange | undefined {
  return (fieldRanges ??= new Map(
    Object.values(layouts)
      .flatMap(structsOf)
      .flat()
      .flatMap(([field, type]) => (type in integers ? [[field, integers[type as Integer]] as const] : [])),
  )).get(name);
}

let fieldRanges: ReadonlyMap<string, NumberRange> | undefined;

function encodeScalar(value: number | bigint, type: Integer): Uint8Array {
  const { min, max } = integers[type];
  const whole = wholeNumber(value);
  if (whole < min || whole > max) {
    throw new OptionValueError(
      t('{0} does not fit here: from {1} to {2}.', String(value), String(min), String(max)),
    );
  }
  return encodeNumber(value, type);
}

function checkRange(
  name: string,
  value: number | bigint,
  { bits, min, max }: (typeof integers)[Integer],
): void {
  const whole = wholeNumber(value);
  if (whole < min || whole > max) {
    throw new OptionValueError(
      t('{0} does not fit the {1} bits of the field {2}.', String(value), bits, name),
    );
  }
}

function wholeNumber(value: number | bigint): bigint {
  if (typeof value === 'number' && !Number.isInteger(value)) {
    throw new OptionValueError(t('{0} is no whole number.', String(value)));
  }
  return BigInt(value);
}

function encodeNumber(value: number | bigint, type: Integer): Uint8Array {
  const size = fieldSizes[type];
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, wholeNumber(value)), true);
  return bytes.subarray(0, size).slice();
}

function encodeAddress(name: string, address: SocketAddress, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  if (address.family === 'AF_INET' && size >= 16) {
    view.setUint16(0, AF_INET, true);
    view.setUint16(2, address.port);
    bytes.set(parseIPv4(address.address) ?? [], 4);
    return bytes;
  }
  if (address.family === 'AF_INET6' && typeof address.scopeId !== 'string') {
    view.setUint16(0, AF_INET6, true);
    view.setUint16(2, address.port);
    view.setUint32(4, address.flowinfo ?? 0);
    bytes.set(parseIPv6(address.address) ?? [], 8);
    view.setUint32(24, address.scopeId ?? 0, true);
    return bytes;
  }
  throw new OptionValueError(t('The field {0} takes an AF_INET or AF_INET6 address.', name));
}

function padded(bytes: Uint8Array, size: number): Uint8Array {
  const whole = new Uint8Array(size);
  whole.set(bytes);
  return whole;
}

function concat(parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/**
 * An option's value as strace prints it: `[1]` is a list of one int, `{l_onoff=1, l_linger=0}` a structure, `"cubic"`
 * data. Bytes of another length than the layout's are data; of an option without a form, 4 bytes are an int.
 */
export function decodeOption(option: Laid | undefined, bytes: Uint8Array): Value {
  const layout = layoutOf(option?.layout ?? 'int');
  if (option?.layout === 'tcp_info') {
    const { fields, rest } = decodeTcpInfo(bytes);
    const named = Object.entries(fields).map(([name, value]) => ({ name, value }));
    const tail = rest.length > 0 ? [{ name: 'rest', value: dataValue(rest) }] : [];
    return named.length > 0 ? { kind: 'struct', fields: [...named, ...tail] } : dataValue(bytes);
  }
  const { scalar, short, isArray, elements } = layout;
  if (short && bytes.length === fieldSizes[short]) {
    return { kind: 'list', items: [decodeNumber(bytes, short)] };
  }
  if (scalar) {
    const size = fieldSizes[scalar];
    const fits = isArray ? bytes.length > 0 && bytes.length % size === 0 : bytes.length === size;
    if (fits) {
      return listOf(bytes, size, (part) => decodeNumber(part, scalar));
    }
  }
  if (layout.address && bytes.length === fieldSizes[layout.address]) {
    return decodeField(bytes, layout.address);
  }
  const struct = layout.structs?.find((fields) => !isPointing(fields) && structSize(fields) === bytes.length);
  if (struct) {
    return decodeStruct(struct, bytes);
  }
  if (elements && bytes.length > 0 && bytes.length % structSize(elements) === 0) {
    return listOf(bytes, structSize(elements), (part) => decodeStruct(elements, part));
  }
  return dataValue(bytes);
}

/** What a pointer points to cannot be read back from its number. */
function isPointing(fields: readonly Field[]): boolean {
  return fields.some(([, type]) => type === 'filter');
}

function listOf(bytes: Uint8Array, size: number, decode: (part: Uint8Array) => Value): ListValue {
  const items: Value[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    items.push(decode(bytes.subarray(at, at + size)));
  }
  return { kind: 'list', items };
}

function decodeStruct(fields: readonly Field[], bytes: Uint8Array): Value {
  let offset = 0;
  const decoded: StructValue['fields'] = [];
  for (const [name, type] of fields) {
    const part = bytes.subarray(offset, offset + fieldSizes[type]);
    offset += fieldSizes[type];
    if (name !== '') {
      decoded.push({ name, value: decodeField(part, type) });
    } else if (part.some((byte) => byte !== 0)) {
      // Padding that was not left empty has no field to be shown in.
      return dataValue(bytes);
    }
  }
  return { kind: 'struct', fields: decoded };
}

function decodeField(bytes: Uint8Array, type: FieldType): Value {
  switch (type) {
    case 'in_addr':
    case 'in6_addr':
    case 'bytes6':
    case 'bytes8':
      return dataValue(bytes.slice());
    case 'name16': {
      const end = bytes.indexOf(0);
      return dataValue(bytes.slice(0, end < 0 ? undefined : end));
    }
    case 'sockaddr':
    case 'sockaddr6':
    case 'sockaddr16':
      return decodeAddress(bytes) ?? dataValue(bytes.slice());
    default:
      return decodeNumber(bytes, type as Integer);
  }
}

/** The address, where the structure has nothing else in it. */
function decodeAddress(bytes: Uint8Array): SocketAddress | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const port = view.getUint16(2);
  const isEmptyFrom = (at: number) => bytes.subarray(at).every((byte) => byte === 0);
  switch (view.getUint16(0, true)) {
    case AF_INET:
      return isEmptyFrom(8)
        ? { family: 'AF_INET', address: formatIPv4(bytes.subarray(4, 8)), port }
        : undefined;
    case AF_INET6: {
      if (bytes.length < fieldSizes.sockaddr6) {
        return undefined;
      }
      const flowinfo = view.getUint32(4);
      const scopeId = view.getUint32(24, true);
      const address = formatIPv6(bytes.subarray(8, 24));
      return isEmptyFrom(28)
        ? { family: 'AF_INET6', address, port, ...(flowinfo && { flowinfo }), ...(scopeId && { scopeId }) }
        : undefined;
    }
    default:
      return undefined;
  }
}

function decodeNumber(bytes: Uint8Array, type: Integer): number | bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  switch (type) {
    case 'u8':
      return view.getUint8(0);
    case 'u16':
      return view.getUint16(0, true);
    case 'i32':
      return view.getInt32(0, true);
    case 'u32':
      return view.getUint32(0, true);
    case 'i64':
      return narrow(view.getBigInt64(0, true));
    case 'u64':
      return narrow(view.getBigUint64(0, true));
  }
}

function narrow(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}
