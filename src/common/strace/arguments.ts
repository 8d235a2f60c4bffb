import { dataValue, type DataValue, previewLength, type Value } from '../call.js';
import { formatIPv6, parseIPv4, parseIPv6 } from '../ipAddress.js';
import type { SocketAddress } from '../socket.js';
import { constantValue } from '../tables/constants.js';
import { errnoNumber } from '../tables/errnos.js';
import type { ParameterType } from '../tables/signatures.js';
import type { StraceField, StraceValue } from './values.js';

/** Nothing is known of it. */
const any: Value = { kind: 'any' };

const AF_PACKET = 17;

/** Second spellings that strace has. */
const spellings: ReadonlyMap<string, string> = new Map([
  ['TIOCINQ', 'FIONREAD'],
  ['SIOCINQ', 'FIONREAD'],
  ['O_NDELAY', 'O_NONBLOCK'],
]);

/** The number of constants and flags as strace prints them; undefined where one has no number here. */
export function numberOf(value: StraceValue | undefined): number | undefined {
  switch (value?.kind) {
    case 'number':
      return Number(value.value);
    case 'flags': {
      let sum = 0;
      for (const part of value.parts) {
        const number = /^[-\d]/.test(part)
          ? Number(part)
          : (constantValue(spellings.get(part) ?? part, 'linux') ?? errnoNumber(part, 'linux'));
        if (number === undefined || !Number.isSafeInteger(number)) {
          return undefined;
        }
        sum = value.parts.length === 1 ? number : (sum | number) >>> 0;
      }
      return sum;
    }
    case 'function': {
      const [inner] = value.args;
      const number = numberOf(inner);
      switch (value.name) {
        case 'htons':
          return number === undefined ? undefined : ((number & 0xff) << 8) | ((number >> 8) & 0xff);
        case 'htonl':
          return number === undefined
            ? undefined
            : new DataView(Uint32Array.of(number).buffer).getUint32(0, false);
        default:
          return undefined;
      }
    }
    case 'change':
      return numberOf(value.before);
    default:
      return undefined;
  }
}

/** What an argument is in a record; `any` where strace does not say. */
export function argumentValue(value: StraceValue | undefined, type: ParameterType): Value {
  if (value === undefined) {
    return any;
  }
  if (value.kind === 'null') {
    return null;
  }
  switch (type) {
    case 'sockaddr':
    case 'sockaddrOut':
      return addressOf(value) ?? any;
    case 'socklenInOut':
      return lengthValue(value);
    case 'data':
    case 'buffer':
      return value.kind === 'string' ? preview(value.bytes, value.bytes.length) : any;
    case 'optval':
      return optionValue(value);
    case 'msghdr':
    case 'msghdrOut':
      return value.kind === 'struct' ? messageValue(value.fields) : any;
    default:
      return plainValue(value);
  }
}

/** Bytes as an argument: the beginning, and how many it were in all. */
export function preview(bytes: Uint8Array, length: number): DataValue {
  return { kind: 'data', bytes: bytes.slice(0, previewLength), length: Math.max(length, 0) };
}

/** `[16]`, `[128 => 16]`. */
function lengthValue(value: StraceValue): Value {
  const inside = value.kind === 'list' ? value.items[0] : value;
  if (inside?.kind === 'change') {
    const [before, after] = [numberOf(inside.before), numberOf(inside.after)];
    return before === undefined ? any : { kind: 'inout', value: before, result: after ?? null };
  }
  const number = numberOf(inside);
  return number === undefined || value.kind !== 'list'
    ? any
    : { kind: 'inout', value: number, result: number };
}

/** strace puts brackets around a number behind a pointer. */
function optionValue(value: StraceValue): Value {
  if (value.kind === 'list' && value.items.length === 1 && !value.isCut) {
    const number = numberOf(value.items[0]);
    return number ?? any;
  }
  return plainValue(value);
}

/** Any value by its form. */
export function plainValue(value: StraceValue): Value {
  switch (value.kind) {
    case 'null':
      return null;
    case 'number':
      return value.value;
    case 'string':
      return dataValue(value.bytes);
    case 'flags':
      return numberOf(value) ?? any;
    case 'list':
      return value.isCut ? any : { kind: 'list', items: value.items.map(plainValue) };
    case 'struct':
      return (
        addressOf(value) ??
        (value.isCut
          ? any
          : {
              kind: 'struct',
              fields: value.fields.flatMap(({ name, value: inside }) => fieldValue(name, inside)),
            })
      );
    case 'function':
      return functionValue(value.name, value.args);
    case 'change':
      return plainValue(value.after);
    case 'reference':
    case 'opaque':
      return any;
  }
}

/** A field of a structure. `inet_pton(AF_INET6, "::1", &ipv6mr_multiaddr)` names its field itself. */
function fieldValue(name: string, value: StraceValue): { name: string; value: Value }[] {
  if (name === 'ifr_hwaddr' && value.kind === 'struct') {
    // A family of its own stands there, ARPHRD_.
    const [family, bytes] = value.fields.map((field) => plainValue(field.value));
    return [
      { name: 'ifr_hwfamily', value: family ?? any },
      { name, value: bytes ?? any },
    ];
  }
  const filled = value.kind === 'function' ? value.args.at(-1) : undefined;
  const own = filled?.kind === 'reference' ? filled.name : name;
  return own === '' ? [] : [{ name: own, value: plainValue(value) }];
}

function functionValue(name: string, args: readonly StraceValue[]): Value {
  const [text] = args;
  if (name === 'if_nametoindex' && text?.kind === 'string') {
    // The number is that of the machine where the log was made: the name says more.
    return dataValue(text.bytes);
  }
  const address = addressBytes({ kind: 'function', name, args: [...args] });
  return address ? dataValue(address) : (numberOf({ kind: 'function', name, args: [...args] }) ?? any);
}

/** The bytes that `inet_addr` and `inet_pton` make. */
function addressBytes(value: StraceValue | undefined): Uint8Array | undefined {
  if (value?.kind !== 'function') {
    return undefined;
  }
  const text = (each: StraceValue | undefined) =>
    each?.kind === 'string' ? String.fromCharCode(...each.bytes.subarray(0, 64)) : '';
  switch (value.name) {
    case 'inet_addr':
      return parseIPv4(text(value.args[0]));
    case 'inet_pton':
      return parseIPv6(text(value.args[1])) ?? parseIPv4(text(value.args[1]));
    default:
      return undefined;
  }
}

/** A socket's address; undefined where the value is none, or of a form that is not known. */
function addressOf(value: StraceValue): SocketAddress | undefined {
  if (value.kind === 'change') {
    return addressOf(value.after);
  }
  if (value.kind !== 'struct') {
    return undefined;
  }
  const field = (name: string) => value.fields.find((each) => each.name === name)?.value;
  const family = field('sa_family');
  if (!family) {
    return undefined;
  }
  const name = family.kind === 'flags' ? family.parts.join('|') : '';
  // Ports stand in the order of the network, behind `htons`.
  const port = (of: string) => {
    const said = field(of);
    return (said?.kind === 'function' ? numberOf(said.args[0]) : numberOf(said)) ?? 0;
  };
  switch (name) {
    case 'AF_INET': {
      const bytes = addressBytes(field('sin_addr'));
      return bytes && { family: name, address: bytes.join('.'), port: port('sin_port') };
    }
    case 'AF_INET6':
      return inet6Of(value.fields, port('sin6_port'));
    case 'AF_UNIX': {
      const path = field('sun_path');
      if (path && path.kind !== 'string') {
        return undefined;
      }
      return {
        family: name,
        name: path?.bytes ?? new Uint8Array(),
        isAbstract: path?.isAbstract ?? false,
      };
    }
    case 'AF_NETLINK':
      return {
        family: name,
        pid: numberOf(field('nl_pid')) ?? 0,
        groups: Number.parseInt(String(numberOf(field('nl_groups')) ?? 0), 10),
      };
    case 'AF_VSOCK':
      return {
        family: name,
        cid: numberOf(field('svm_cid')) ?? 0,
        port: numberOf(field('svm_port')) ?? 0,
      };
    case 'AF_PACKET': {
      const protocol = field('sll_protocol');
      if (!protocol) {
        // Of one that is cut short strace prints the bytes.
        return rawAddress(AF_PACKET, field('sa_data'));
      }
      const inner = protocol?.kind === 'function' ? protocol.args[0] : protocol;
      return {
        family: name,
        interface: interfaceOf(field('sll_ifindex')) ?? 0,
        protocol: inner?.kind === 'flags' ? inner.parts.join('|') : (numberOf(inner) ?? 0),
      };
    }
    default: {
      const number = numberOf(family);
      return number === undefined ? undefined : rawAddress(number, field('sa_data'));
    }
  }
}

function rawAddress(family: number, data: StraceValue | undefined): SocketAddress | undefined {
  return data?.kind === 'string'
    ? { family: 'raw', bytes: Uint8Array.of(family & 255, family >> 8, ...data.bytes) }
    : undefined;
}

function inet6Of(fields: readonly StraceField[], port: number): SocketAddress | undefined {
  const field = (name: string) => fields.find((each) => each.name === name)?.value;
  // strace prints the address with the name of its field as the last argument of inet_pton.
  const bytes = fields.map(({ value }) => addressBytes(value)).find((each) => each?.length === 16);
  if (!bytes) {
    return undefined;
  }
  const said = field('sin6_flowinfo');
  const flowinfo = (said?.kind === 'function' ? numberOf(said.args[0]) : numberOf(said)) ?? 0;
  const scopeId = interfaceOf(field('sin6_scope_id')) ?? 0;
  return {
    family: 'AF_INET6',
    address: formatIPv6(bytes),
    port,
    ...(flowinfo !== 0 && { flowinfo }),
    ...(scopeId !== 0 && { scopeId }),
  };
}

function interfaceOf(value: StraceValue | undefined): string | number | undefined {
  if (value?.kind === 'function' && value.name === 'if_nametoindex') {
    const [name] = value.args;
    return name?.kind === 'string' ? String.fromCharCode(...name.bytes.subarray(0, 16)) : undefined;
  }
  return numberOf(value);
}

const messageNumbers: ReadonlySet<string> = new Set(['msg_iovlen', 'msg_controllen', 'msg_flags', 'msg_len']);

/** `struct msghdr`, with the beginning of its data. */
function messageValue(fields: readonly StraceField[]): Value {
  return {
    kind: 'struct',
    fields: fields.flatMap(({ name, value }) => {
      switch (name) {
        case '':
          return [];
        case 'msg_name':
          return [{ name, value: value.kind === 'null' ? null : (addressOf(value) ?? any) }];
        case 'msg_namelen':
          return [{ name, value: lengthOfName(value) }];
        case 'msg_iov':
          return [{ name, value: vectorValue(value) }];
        default:
          return [{ name, value: messageNumbers.has(name) ? (numberOf(value) ?? any) : plainValue(value) }];
      }
    }),
  };
}

function lengthOfName(value: StraceValue): Value {
  if (value.kind !== 'change') {
    return numberOf(value) ?? any;
  }
  const before = numberOf(value.before);
  return before === undefined ? any : { kind: 'inout', value: before, result: numberOf(value.after) ?? null };
}

function vectorValue(value: StraceValue): Value {
  let room = previewLength;
  if (value.kind !== 'list') {
    return any;
  }
  return {
    kind: 'list',
    items: value.items.map((item) => {
      const [base, length] = partOf(item);
      const bytes = (base?.kind === 'string' ? base.bytes : new Uint8Array()).slice(0, room);
      room -= bytes.length;
      return {
        kind: 'struct',
        fields: [
          {
            name: 'iov_base',
            value:
              base?.kind === 'string'
                ? { kind: 'data', bytes, length: base.isCut ? length : base.bytes.length }
                : any,
          },
          { name: 'iov_len', value: length },
        ],
      };
    }),
  };
}

function partOf(item: StraceValue): [StraceValue | undefined, number] {
  const fields = item.kind === 'struct' ? item.fields : [];
  const find = (name: string) => fields.find((field) => field.name === name)?.value;
  return [find('iov_base'), numberOf(find('iov_len')) ?? 0];
}

/**
 * The bytes that strace has printed of a vector of buffers, one after the other, and the room that there was: null where
 * not all of the buffers are printed.
 */
export function vectorBytes(value: StraceValue | undefined): {
  bytes: Uint8Array;
  room: number | null;
} {
  const parts = value?.kind === 'list' ? value.items.map(partOf) : [];
  let isCut = false;
  const pieces: Uint8Array[] = [];
  let room = 0;
  for (const [base, length] of parts) {
    room += length;
    if (!isCut && base?.kind === 'string') {
      pieces.push(base.bytes);
    }
    // Behind what is missing nothing has its place.
    isCut ||= base?.kind !== 'string' || base.isCut;
  }
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return { bytes, room: value?.kind === 'list' && value.isCut ? null : room };
}
