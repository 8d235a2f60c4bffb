import { isOfKind, type Value } from '../call.js';
import { constantName, constantValue, formatFlags, type Platform } from './constants.js';
import { errnoName } from './errnos.js';
import { fieldSizes, structSize } from './fieldTypes.js';
import { layoutOf } from './optionLayouts.js';
import { ipRows } from './optionRows/ip.js';
import { ipv6Rows } from './optionRows/ipv6.js';
import { linkRows } from './optionRows/link.js';
import { otherRows } from './optionRows/others.js';
import type { SocketOption } from './optionRows/row.js';
import { socketRows } from './optionRows/socket.js';
import { tcpRows } from './optionRows/tcp.js';
import { udpRows } from './optionRows/udp.js';

export {
  decodeOption,
  encodeOption,
  fieldRange,
  type NumberRange,
  OptionValueError,
  type Pointee,
  pointeeOf,
  scalarRange,
} from './optionCodec.js';
export type { OptionUnit, SocketOption } from './optionRows/row.js';
export { decodeTcpInfo } from './tcpInfo.js';

/** Room enough for what has no size of its own. */
const roomyLength = 512;

/** The options that have a form; any other goes by its number, with an int or bytes. */
const rows: readonly SocketOption[] = [
  ...socketRows,
  ...ipRows,
  ...ipv6Rows,
  ...tcpRows,
  ...udpRows,
  ...linkRows,
  ...otherRows,
];

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
    for (const option of rows) {
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

/**
 * The name of an option's number: `SOCK_STREAM` of SO_TYPE 1; undefined where it has none.
 * @param domain For SO_PROTOCOL, whose numbers belong to a domain.
 */
export function optionValueName(
  option: SocketOption,
  value: number,
  platform: Platform,
  domain?: number,
): string | undefined {
  const { names, isFlags } = option;
  if (names === undefined) {
    return undefined;
  }
  if (names === 'errno') {
    return value === 0 ? undefined : String(errnoName(value, platform));
  }
  return isFlags && value !== 0
    ? formatFlags(names, value, platform)
    : constantName(names, value, platform, domain);
}

/** The single number of a value: of `[1]` it is 1; null where the value is not one number. */
export function singleNumber(value: Value): number | bigint | null {
  if (typeof value === 'number' || typeof value === 'bigint') {
    return value;
  }
  const [item, second] = isOfKind(value, 'list') ? value.items : [];
  return second === undefined && (typeof item === 'number' || typeof item === 'bigint') ? item : null;
}

/** What a program passes as `optlen`: the value's size where it has one, room enough otherwise. */
export function usualLength(option: Pick<SocketOption, 'layout'> | undefined): number {
  const { scalar, structs, isArray, elements } = layoutOf(option?.layout ?? 'bytes');
  if (isArray || elements) {
    return roomyLength;
  }
  const [struct] = structs ?? [];
  return scalar ? fieldSizes[scalar] : struct ? structSize(struct) : roomyLength;
}

/** Bytes for each unit of the length that getsockopt takes and gives. */
export function lengthUnit(option: SocketOption | undefined): number {
  return (option && layoutOf(option.layout).lengthUnit) ?? 1;
}
