import { dataValue, isAddress, isData, type StructValue, type Value } from '../call.js';
import { t } from '../l10n.js';
import { constantValue, type Platform } from './constants.js';
import { optionRows, type OptionLayout, type SocketOption } from './optionRows.js';
import { decodeTcpInfo } from './tcpInfo.js';

export type { OptionLayout, OptionUnit, SocketOption } from './optionRows.js';
export { decodeTcpInfo } from './tcpInfo.js';

type FieldType = 'i32' | 'i64' | 'in_addr' | 'in6_addr';

/** The structures by their layout; an address stands as its bytes in network order. */
const structs: Partial<Record<OptionLayout, readonly (readonly [string, FieldType])[]>> = {
  linger: [
    ['l_onoff', 'i32'],
    ['l_linger', 'i32'],
  ],
  timeval: [
    ['tv_sec', 'i64'],
    ['tv_usec', 'i64'],
  ],
  ucred: [
    ['pid', 'i32'],
    ['uid', 'i32'],
    ['gid', 'i32'],
  ],
  in_addr: [['s_addr', 'in_addr']],
  mreq: [
    ['imr_multiaddr', 'in_addr'],
    ['imr_interface', 'in_addr'],
  ],
  mreqn: [
    ['imr_multiaddr', 'in_addr'],
    ['imr_address', 'in_addr'],
    ['imr_ifindex', 'i32'],
  ],
  mreqSource: [
    ['imr_multiaddr', 'in_addr'],
    ['imr_interface', 'in_addr'],
    ['imr_sourceaddr', 'in_addr'],
  ],
  mreq6: [
    ['ipv6mr_multiaddr', 'in6_addr'],
    ['ipv6mr_interface', 'i32'],
  ],
};

const sizes: Readonly<Record<FieldType, number>> = { i32: 4, i64: 8, in_addr: 4, in6_addr: 16 };

const byPlatform = new Map<Platform, ReadonlyMap<string, SocketOption>>();

/** The option with these numbers; undefined when it has no form here. */
export function findOption(level: number, optname: number, platform: Platform): SocketOption | undefined {
  return optionsOf(platform).get(`${level}:${optname}`);
}

/** The options that a platform has, of one level or of all. */
export function listOptions(platform: Platform, level?: number): SocketOption[] {
  const found = [...optionsOf(platform).values()];
  return level === undefined
    ? found
    : found.filter((option) => constantValue(option.level, platform) === level);
}

function optionsOf(platform: Platform): ReadonlyMap<string, SocketOption> {
  let options = byPlatform.get(platform);
  if (!options) {
    const entries: [string, SocketOption][] = [];
    for (const option of optionRows) {
      const level = constantValue(option.level, platform);
      const optname = constantValue(option.name, platform);
      if (level !== undefined && optname !== undefined) {
        entries.push([`${level}:${optname}`, platform === 'win32' ? windowsOption(option) : option]);
      }
    }
    options = new Map(entries);
    byPlatform.set(platform, options);
  }
  return options;
}

/** On Windows time-outs are milliseconds in an int, and SO_LINGER is two 16-bit numbers, which are shown as bytes. */
function windowsOption(option: SocketOption): SocketOption {
  switch (option.layout) {
    case 'timeval':
      return Object.create(option, { layout: { value: 'int' }, unit: { value: 'ms' } }) as SocketOption;
    case 'linger':
      return Object.create(option, { layout: { value: 'bytes' } }) as SocketOption;
    default:
      return option;
  }
}

/** A value that has no bytes as an option's value. */
export class OptionValueError extends Error {}

/**
 * The bytes of an option's value, as Linux lays them out: a number is an int of 4 bytes modulo 2^32 (8 bytes
 * where the option is a 64-bit one), a list is its numbers one after the other, data is itself, a structure goes
 * by its fields, of which those left out are 0.
 * @throws {OptionValueError} when the value is none of these.
 */
export function encodeOption(option: SocketOption | undefined, value: Value): Uint8Array {
  if (typeof value === 'number' || typeof value === 'bigint') {
    return encodeNumber(value, option?.layout === 'u64' ? 'i64' : 'i32');
  }
  if (isData(value)) {
    return value.bytes;
  }
  if (value !== null && !isAddress(value)) {
    if (value.kind === 'list') {
      return concat(value.items.map((item) => encodeOption(option, item)));
    }
    if (value.kind === 'struct') {
      return encodeStruct(option, value);
    }
  }
  throw new OptionValueError(t('An option takes a number, a structure or bytes.'));
}

function encodeStruct(option: SocketOption | undefined, { fields }: StructValue): Uint8Array {
  const names = fields.map(({ name }) => name);
  const fits = (layout: readonly (readonly [string, FieldType])[] | undefined) =>
    layout !== undefined && names.every((name) => layout.some(([known]) => known === name));
  const own = option && structs[option.layout];
  // Joining a group is told with the shorter structure too.
  const layout = fits(own) ? own : Object.values(structs).find(fits);
  if (!layout) {
    const unknown = names.find((name) => !own?.some(([known]) => known === name)) ?? '';
    throw new OptionValueError(t('The structure has no field {0}.', unknown));
  }
  return concat(
    layout.map(([name, type]) => {
      const value = fields.find((field) => field.name === name)?.value ?? 0;
      if (isData(value)) {
        const bytes = new Uint8Array(sizes[type]);
        bytes.set(value.bytes.subarray(0, sizes[type]));
        return bytes;
      }
      if (typeof value === 'number' || typeof value === 'bigint') {
        return encodeNumber(value, type);
      }
      throw new OptionValueError(t('The field {0} takes a number.', name));
    }),
  );
}

function encodeNumber(value: number | bigint, type: FieldType): Uint8Array {
  const bytes = new Uint8Array(sizes[type]);
  const view = new DataView(bytes.buffer);
  if (type === 'i64') {
    view.setBigInt64(0, BigInt.asIntN(64, BigInt(value)), true);
  } else {
    view.setInt32(0, Number(BigInt.asIntN(32, BigInt(value))), type !== 'in_addr');
  }
  return bytes;
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
export function decodeOption(option: SocketOption | undefined, bytes: Uint8Array): Value {
  const layout = option?.layout ?? 'int';
  if (layout === 'tcp_info') {
    const fields = Object.entries(decodeTcpInfo(bytes)).map(([name, value]) => ({ name, value }));
    return fields.length > 0 ? { kind: 'struct', fields } : dataValue(bytes);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if ((layout === 'int' || layout === 'bool') && bytes.length === 4) {
    return { kind: 'list', items: [view.getInt32(0, true)] };
  }
  if (layout === 'u64' && bytes.length === 8) {
    return { kind: 'list', items: [narrow(view.getBigUint64(0, true))] };
  }
  const struct = structs[layout];
  if (struct && bytes.length === struct.reduce((sum, [, type]) => sum + sizes[type], 0)) {
    return decodeStruct(struct, bytes, view);
  }
  return dataValue(bytes);
}

function decodeStruct(
  struct: readonly (readonly [string, FieldType])[],
  bytes: Uint8Array,
  view: DataView,
): StructValue {
  let offset = 0;
  const fields = struct.map(([name, type]) => {
    const at = offset;
    offset += sizes[type];
    switch (type) {
      case 'i32':
        return { name, value: view.getInt32(at, true) };
      case 'i64':
        return { name, value: narrow(view.getBigInt64(at, true)) };
      default:
        return { name, value: dataValue(bytes.slice(at, offset)) };
    }
  });
  return { kind: 'struct', fields };
}

function narrow(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}
