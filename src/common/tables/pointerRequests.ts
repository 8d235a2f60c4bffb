import type { Value } from '../call.js';
import { constantValue, type Platform } from './constants.js';
import { layoutOf, type OptionLayout } from './optionLayouts.js';
import type { ParameterType } from './signatures.js';

/** A request of ioctl(2), or a command of fcntl(2), whose argument is a pointer to something that has a form here. */
export interface PointerRequest {
  name: string;
  /** What the argument points to; null for a request without one. */
  layout: OptionLayout | null;
  /** Whether the kernel reads what is there, writes it, or reads some fields and writes some. */
  direction: 'none' | 'in' | 'out' | 'inout';
  /** Of a structure that goes both ways, the fields that are passed. */
  passed?: readonly string[];
}

const ask = (name: string, layout: OptionLayout = 'int'): PointerRequest => ({
  name,
  layout,
  direction: 'out',
});
const tell = (name: string, layout: OptionLayout = 'int'): PointerRequest => ({
  name,
  layout,
  direction: 'in',
});
const bare = (name: string): PointerRequest => ({ name, layout: null, direction: 'none' });
const exchange = (name: string, layout: OptionLayout, ...passed: string[]): PointerRequest => ({
  name,
  layout,
  direction: 'inout',
  passed,
});
const interfaceFact = (name: string, layout: OptionLayout): PointerRequest =>
  exchange(name, layout, 'ifr_name');
const lockQuestion = (name: string): PointerRequest =>
  exchange(name, 'flock', 'l_type', 'l_whence', 'l_start', 'l_len');

/** Requests of sockets and pipes; a further one is a row. */
const ioctlRows: readonly PointerRequest[] = [
  ask('FIONREAD'),
  ask('SIOCOUTQ'),
  ask('SIOCOUTQNSD'),
  ask('SIOCATMARK'),
  ask('FIOGETOWN'),
  ask('SIOCGPGRP'),
  ask('FIOQSIZE', 'u64'),
  ask('SIOCGSTAMP', 'timeval'),
  ask('SIOCGSTAMP_NEW', 'timeval'),
  ask('SIOCGSTAMPNS', 'timespec'),
  ask('SIOCGSTAMPNS_NEW', 'timespec'),
  tell('FIONBIO'),
  tell('FIOASYNC'),
  tell('FIOSETOWN'),
  tell('SIOCSPGRP'),
  bare('FIOCLEX'),
  bare('FIONCLEX'),
  exchange('SIOCGIFNAME', 'ifreq_index', 'ifr_ifindex'),
  interfaceFact('SIOCGIFINDEX', 'ifreq_index'),
  interfaceFact('SIOCGIFFLAGS', 'ifreq_flags'),
  interfaceFact('SIOCGIFADDR', 'ifreq_addr'),
  interfaceFact('SIOCGIFDSTADDR', 'ifreq_dstaddr'),
  interfaceFact('SIOCGIFBRDADDR', 'ifreq_broadaddr'),
  interfaceFact('SIOCGIFNETMASK', 'ifreq_netmask'),
  interfaceFact('SIOCGIFHWADDR', 'ifreq_hwaddr'),
  interfaceFact('SIOCGIFMETRIC', 'ifreq_metric'),
  interfaceFact('SIOCGIFMTU', 'ifreq_mtu'),
  interfaceFact('SIOCGIFTXQLEN', 'ifreq_qlen'),
  interfaceFact('SIOCGIFMAP', 'ifreq_map'),
  exchange('SIOCGIFCONF', 'ifconf', 'ifc_len', 'ifc_buf'),
];

/** Commands of fcntl(2) that take no number. */
const fcntlRows: readonly PointerRequest[] = [
  lockQuestion('F_GETLK'),
  tell('F_SETLK', 'flock_set'),
  tell('F_SETLKW', 'flock_set'),
  lockQuestion('F_OFD_GETLK'),
  tell('F_OFD_SETLK', 'flock_set'),
  tell('F_OFD_SETLKW', 'flock_set'),
  tell('F_SETOWN_EX', 'f_owner_ex'),
  ask('F_GETOWN_EX', 'f_owner_ex'),
  ask('F_GETOWNER_UIDS', 'f_owner_uids'),
  ask('F_GET_RW_HINT', 'u64'),
  tell('F_SET_RW_HINT', 'u64'),
  ask('F_GET_FILE_RW_HINT', 'u64'),
  tell('F_SET_FILE_RW_HINT', 'u64'),
];

const byPlatform = new Map<string, ReadonlyMap<number, PointerRequest>>();

/** The request of `ioctl(2)` with this number; undefined when its argument has no form here. */
export function findIoctl(request: number, platform: Platform): PointerRequest | undefined {
  return find('ioctl', ioctlRows, request, platform);
}

/** The command of `fcntl(2)` with this number; undefined when its argument is no pointer, or has no form here. */
export function findFcntl(command: number, platform: Platform): PointerRequest | undefined {
  return find('fcntl', fcntlRows, command, platform);
}

/** By the type of the argument. */
export function findPointerRequest(
  type: ParameterType,
  number: number,
  platform: Platform,
): PointerRequest | undefined {
  return type === 'ioctlarg'
    ? findIoctl(number, platform)
    : type === 'fcntlarg'
      ? findFcntl(number, platform)
      : undefined;
}

function find(
  call: string,
  rows: readonly PointerRequest[],
  number: number,
  platform: Platform,
): PointerRequest | undefined {
  const key = `${call}:${platform}`;
  let requests = byPlatform.get(key);
  if (!requests) {
    requests = new Map(
      rows.flatMap((row) => {
        const value = constantValue(row.name, platform);
        return value === undefined ? [] : [[value, row] as const];
      }),
    );
    byPlatform.set(key, requests);
  }
  return requests.get(number);
}

/** The names of the fields of its argument; those that are passed first. None where it is no structure. */
export function requestFields({ layout, passed = [] }: PointerRequest): readonly string[] {
  if (layout === null || layout === 'ifconf') {
    return passed;
  }
  const [struct = []] = layoutOf(layout).structs ?? [];
  const names = struct.map(([name]) => name).filter((name) => name !== '');
  return [...passed, ...names.filter((name) => !passed.includes(name))];
}

/** An argument as it is written, to begin with. */
export function requestExample({ layout, passed: [key] = [] }: PointerRequest): string {
  switch (layout) {
    case 'flock':
    case 'flock_set':
      return '{l_type=F_RDLCK, l_whence=SEEK_SET, l_start=0, l_len=0}';
    case 'f_owner_ex':
      return '{type=F_OWNER_PID, pid=0}';
    case 'ifconf':
      return '{ifc_len=2560}';
    default:
      return key === 'ifr_name' ? '{ifr_name="lo"}' : key === undefined ? '[0]' : `{${key}=1}`;
  }
}

/** Of what a record tells of such an argument the part that was passed. */
export function passedPart({ direction, passed = [] }: PointerRequest, told: Value): Value {
  if (direction === 'in' || told === null) {
    return told;
  }
  if (direction !== 'inout' || typeof told !== 'object' || !('kind' in told) || told.kind !== 'struct') {
    return { kind: 'any' };
  }
  return {
    kind: 'struct',
    fields: told.fields
      .filter(({ name }) => passed.includes(name))
      .map(({ name, value }) => ({ name, value: passedValue(value) })),
  };
}

function passedValue(value: Value): Value {
  if (typeof value !== 'object' || value === null || !('kind' in value)) {
    return value;
  }
  return value.kind === 'inout' ? value.value : value.kind === 'list' ? { kind: 'any' } : value;
}
