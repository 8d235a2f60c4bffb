import { darwinConstants, darwinOptionNames } from './darwinConstants.js';
import { linuxConstants } from './linuxConstants.js';
import { linuxOptionNames } from './linuxOptionNames.js';
import { linuxOptionValues } from './linuxOptionValues.js';
import { win32Constants, win32OptionNames } from './win32Constants.js';

/** A system whose numbers are known, as `process.platform` names it. */
export type Platform = 'linux' | 'darwin' | 'win32';

/** What a number is a name for. `protocol` depends on the domain, `optname` and `cmsgtype` on the level. */
export type ConstantGroup =
  | 'domain'
  | 'socktype'
  | 'sockflags'
  | 'protocol'
  | 'ethertype'
  | 'level'
  | 'optname'
  | 'msgflags'
  | 'how'
  | 'fcntlcmd'
  | 'fdflags'
  | 'openflags'
  | 'ioctlrequest'
  | 'pollevents'
  | 'cmsgtype'
  | 'other'
  /** The values of one option, or of a field of one. */
  | `optvalue:${string}`;

/** One group of one platform. */
interface Group {
  /** Every name, in the order of the table: the first of a number is the one to print. */
  values: Map<string, number>;
  /** The name to print of a number. */
  names: Map<number, string>;
}

interface Column {
  groups: ReadonlyMap<string, Group>;
  values: ReadonlyMap<string, number>;
}

const columns: Partial<Record<Platform, Column>> = {};

/** The tables are text until somebody asks for the platform. */
function columnOf(platform: Platform): Column {
  return (columns[platform] ??= readColumn(platform));
}

function readColumn(platform: Platform): Column {
  const [constants, options] = {
    linux: [{ ...linuxConstants, ...linuxOptionValues }, linuxOptionNames],
    darwin: [darwinConstants, darwinOptionNames],
    win32: [win32Constants, win32OptionNames],
  }[platform] as [Record<string, string>, Record<string, string>];
  const groups = new Map<string, Group>();
  for (const [key, text] of Object.entries(constants)) {
    groups.set(key, readGroup(text));
  }
  for (const [level, text] of Object.entries(options)) {
    groups.set(`optname:${level}`, readGroup(text));
  }
  const domain = groups.get('domain')!;
  for (const [name, value] of [...domain.values]) {
    domain.values.set(name.replace('AF_', 'PF_'), value);
  }
  const values = new Map<string, number>();
  for (const group of groups.values()) {
    for (const [name, value] of group.values) {
      values.set(name, value);
    }
  }
  return { groups, values };
}

function readGroup(text: string): Group {
  const group: Group = { values: new Map(), names: new Map() };
  for (const entry of text.trim().split(/\s+/)) {
    const [name, number] = entry.split('=') as [string, string];
    const value = Number(number);
    group.values.set(name, value);
    if (!group.names.has(value)) {
      group.names.set(value, name);
    }
  }
  return group;
}

/** The tables that may name a number of a group: the one of the context first. */
function groupsOf(group: ConstantGroup, platform: Platform, context: number | undefined): Group[] {
  const { groups } = columnOf(platform);
  const keys = keysOf(group, platform, context);
  return keys.map((key) => groups.get(key)).filter((found) => found !== undefined);
}

function keysOf(group: ConstantGroup, platform: Platform, context: number | undefined): string[] {
  switch (group) {
    case 'protocol': {
      const domain = context === undefined ? undefined : constantName('domain', context, platform);
      return domain === undefined || domain === 'AF_INET' || domain === 'AF_INET6'
        ? ['protocol']
        : [`protocol:${domain}`];
    }
    case 'optname':
    case 'cmsgtype': {
      const keys = levelNames(context, platform).map((level) => `${group}:${level}`);
      // Beyond SOL_SOCKET a control message has the number of the option that asks for it.
      return group === 'optname' ? keys : [...keys, ...keys.map((key) => key.replace('cmsgtype', 'optname'))];
    }
    default:
      return [group];
  }
}

/** Every name of a level: `IPPROTO_IP` and `SOL_IP`. */
function levelNames(level: number | undefined, platform: Platform): string[] {
  const values = [...columnOf(platform).groups.get('level')!.values];
  return values.filter(([, value]) => value === level).map(([name]) => name);
}

/** The number of any name that a program can write, aliases (`PF_INET`, `SOL_TCP`, `SO_RCVTIMEO_OLD`) included. */
export function constantValue(name: string, platform: Platform): number | undefined {
  return columnOf(platform).values.get(name);
}

/**
 * The name of a number, undefined where the platform has none: unknown numbers stay numbers.
 * @param context The domain for `protocol`, the level for `optname` and `cmsgtype`.
 */
export function constantName(
  group: ConstantGroup,
  value: number,
  platform: Platform,
  context?: number,
): string | undefined {
  for (const { names } of groupsOf(group, platform, context)) {
    const name = names.get(value);
    if (name !== undefined) {
      return name;
    }
  }
  return undefined;
}

/** The names of a group, one for each number, in the order of the table: for menus and completion. */
export function names(group: ConstantGroup, platform: Platform, context?: number): string[] {
  return groupsOf(group, platform, context).flatMap((found) => [...found.names.values()]);
}

/** Every name of a platform, for completion. */
export function allNames(platform: Platform): string[] {
  return [...columnOf(platform).values.keys()];
}

/**
 * Flags by name: `MSG_DONTWAIT|MSG_NOSIGNAL|0x100000`; 0 is `0`. For `socktype` the type comes first, then
 * SOCK_NONBLOCK and SOCK_CLOEXEC; for `openflags` the access mode.
 */
export function formatFlags(group: ConstantGroup, value: number, platform: Platform): string {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
    return String(value);
  }
  const parts: string[] = [];
  let rest = value;
  let flags = groupsOf(group, platform, undefined)[0];
  if (group === 'socktype') {
    const sockflags = groupsOf('sockflags', platform, undefined)[0];
    const mask = [...(sockflags?.names.keys() ?? [])].reduce((sum, bit) => sum | bit, 0);
    const type = constantName('socktype', (rest & ~mask) >>> 0, platform);
    if (type === undefined) {
      return String(value);
    }
    parts.push(type);
    rest &= mask;
    flags = sockflags;
  } else if (group === 'openflags') {
    const mode = flags?.names.get(rest & 3);
    if (mode !== undefined) {
      parts.push(mode);
      rest &= ~3;
    }
  }
  for (const [bits, name] of flags?.names ?? []) {
    if (bits > 0 && (rest & bits) >>> 0 === bits) {
      parts.push(name);
      rest &= ~bits;
    }
  }
  if (parts.length === 0) {
    return rest === 0 ? '0' : `0x${(rest >>> 0).toString(16)}`;
  }
  if (rest !== 0) {
    parts.push(`0x${(rest >>> 0).toString(16)}`);
  }
  return parts.join('|');
}
