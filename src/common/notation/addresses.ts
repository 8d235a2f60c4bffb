import { isAddress } from '../call.js';
import { formatIPv4, formatIPv6, parseIPv4, parseIPv6 } from '../ipAddress.js';
import { t } from '../l10n.js';
import type { Named, SocketAddress } from '../socket.js';
import { constantName, type Platform } from '../tables/constants.js';
import type { AddressNode, Expression, Range, StructNode } from './ast.js';
import { join } from './literal.js';
import {
  type Environment,
  EvaluationError,
  notYetKnown,
  preparedAddress,
  readData,
  readInetPton,
  readInteger,
  readIPv4,
  readText,
  readVariable,
} from './values.js';

/** The most bytes of a path in `sockaddr_un`; an abstract name has one less. */
const pathLengths: Readonly<Record<Platform, number>> = { linux: 108, darwin: 104, win32: 108 };

/** The address that an expression stands for. */
export function readSocketAddress(node: Expression, env: Environment): SocketAddress {
  switch (node.kind) {
    case 'address':
      return readAddress(node, env);
    case 'struct': {
      const address = readStructAddress(node, env);
      if (address) {
        return address;
      }
      break;
    }
    case 'call':
      return preparedAddress(node, env);
    case 'variable': {
      const value = readVariable(node.name, node.range, env);
      if (isAddress(value)) {
        return value;
      }
      throw new EvaluationError(t('{0} is no address.', node.name), node.range);
    }
    case 'error':
    case 'blank':
      throw notYetKnown;
    default:
  }
  throw new EvaluationError(
    t('An address is expected here, such as 127.0.0.1:4000 or unix:/tmp/x.sock.'),
    node.range,
  );
}

/** An address in its short form. */
export function readAddress({ form, range }: AddressNode, env: Environment): SocketAddress {
  switch (form.family) {
    case 'AF_INET':
      return { family: 'AF_INET', address: form.address, port: readPort(form.port, env) };
    case 'AF_INET6': {
      const address = formatIPv6(parseIPv6(form.address) ?? new Uint8Array(16));
      const port = readPort(form.port, env);
      return form.scopeId === null
        ? { family: 'AF_INET6', address, port }
        : { family: 'AF_INET6', address, port, scopeId: scopeOf(form.scopeId) };
    }
    case 'host': {
      readPort(form.port, env);
      return preparedAddress(form, env);
    }
    case 'AF_UNIX':
      return unixAddress(form.name, form.isAbstract, range, env);
    case 'AF_NETLINK':
      return {
        family: 'AF_NETLINK',
        pid: readInteger(form.pid, env, 0, 0xffffffff),
        groups: readInteger(form.groups, env, 0, 0xffffffff),
      };
    case 'AF_PACKET':
      return {
        family: 'AF_PACKET',
        interface: scopeOf(form.interface),
        protocol: etherType(readInteger(form.protocol, env, 0, 0xffff), env),
      };
    case 'AF_VSOCK':
      return {
        family: 'AF_VSOCK',
        cid: readInteger(form.cid, env, 0, 0xffffffff),
        port: readInteger(form.port, env, 0, 0xffffffff),
      };
    case 'AF_CAN':
      return { family: 'AF_CAN', interface: scopeOf(form.interface) };
    case 'raw':
      return { family: 'raw', bytes: rawBytes(form.data, env) };
  }
}

function rawBytes(node: Expression, env: Environment): Uint8Array {
  const { bytes, length } = readData(node, env);
  if (length > 65535) {
    throw new EvaluationError(t('An address of more than 65535 bytes is too long.'), node.range);
  }
  return bytes;
}

/** A port that is written there may be one that the kernel chose in a recording. */
function readPort(node: Expression, env: Environment): number {
  const port = readInteger(node, env, 0, 65535);
  return node.kind === 'number' ? env.port(port) : port;
}

/** The index of an interface where it is written as a number, else its name. */
function scopeOf(text: string): Named {
  return /^\d{1,9}$/.test(text) ? Number(text) : text;
}

function etherType(value: number, { platform }: Environment): Named {
  return constantName('ethertype', value, platform) ?? value;
}

function unixAddress(
  name: Uint8Array,
  isAbstract: boolean,
  range: Range,
  { platform }: Environment,
): SocketAddress {
  const most = pathLengths[platform] - (isAbstract ? 1 : 0);
  if (name.length > most) {
    throw new EvaluationError(
      isAbstract
        ? t('An abstract name has at most {0} bytes; this one has {1}.', most, name.length)
        : t('The path of a Unix socket has at most {0} bytes; this one has {1}.', most, name.length),
      range,
    );
  }
  if (name.length === 0 && !isAbstract) {
    throw new EvaluationError(t('The path is missing.'), range);
  }
  return { family: 'AF_UNIX', name, isAbstract };
}

/** A structure with `sa_family` as the address it is, undefined for any other structure. */
export function readStructAddress(node: StructNode, env: Environment): SocketAddress | undefined {
  const family = node.fields.find(({ name }) => name === 'sa_family')?.value;
  if (!family) {
    return undefined;
  }
  const fields = new Fields(node, env);
  const data = fields.get('sa_data');
  if (data) {
    return { family: 'raw', bytes: rawStruct(family, data, env) };
  }
  const value = readInteger(family, env, 0, 0xffff);
  if (node.fields.length === 1 && constantName('domain', value, env.platform) !== 'AF_UNIX') {
    // The structure was cut behind its family.
    return { family: 'raw', bytes: Uint8Array.of(value & 255, value >> 8) };
  }
  switch (constantName('domain', value, env.platform)) {
    case 'AF_INET':
      return {
        family: 'AF_INET',
        address: fields.ipv4('sin_addr'),
        port: fields.port('sin_port'),
      };
    case 'AF_INET6':
      return fields.inet6();
    case 'AF_UNIX':
      return fields.unix();
    case 'AF_NETLINK':
      return {
        family: 'AF_NETLINK',
        pid: fields.number('nl_pid', 0xffffffff),
        groups: fields.number('nl_groups', 0xffffffff),
      };
    case 'AF_PACKET':
      return {
        family: 'AF_PACKET',
        interface: fields.interface('sll_ifindex'),
        protocol: etherType(fields.swapped('sll_protocol', 'htons', 0xffff), env),
      };
    case 'AF_VSOCK':
      return {
        family: 'AF_VSOCK',
        cid: fields.number('svm_cid', 0xffffffff),
        port: fields.number('svm_port', 0xffffffff),
      };
    case 'AF_CAN':
      return { family: 'AF_CAN', interface: fields.interface('can_ifindex') };
    default:
      throw new EvaluationError(
        t('There is no form for this family: write the bytes, raw:hex("…").'),
        family.range,
      );
  }
}

function rawStruct(family: Expression, data: Expression, env: Environment): Uint8Array {
  const number = readInteger(family, env, 0, 0xffff);
  return join([Uint8Array.of(number & 255, number >> 8), rawBytes(data, env)]);
}

/** The fields of an address as strace prints it; those left out are 0. */
class Fields {
  constructor(
    private readonly node: StructNode,
    private readonly env: Environment,
  ) {}

  get(name: string): Expression | undefined {
    return this.node.fields.find((field) => field.name === name)?.value;
  }

  number(name: string, max: number): number {
    const node = this.get(name);
    return node ? readInteger(node, this.env, 0, max) : 0;
  }

  /** A number in network order, written with `htons()` or `htonl()`. */
  swapped(name: string, order: 'htons' | 'htonl', max: number): number {
    const node = this.get(name);
    if (!node) {
      return 0;
    }
    if (node.kind === 'function' && node.name === order) {
      return readInteger(node.args[0]!, this.env, 0, max);
    }
    if (node.kind === 'number' && node.value === 0) {
      return 0;
    }
    throw new EvaluationError(t('{0} is in network order: {0}={1}(…)', name, order), node.range);
  }

  port(name: string): number {
    const port = this.swapped(name, 'htons', 65535);
    const node = this.get(name);
    const isWritten = node?.kind === 'function' && node.args[0]!.kind === 'number';
    return isWritten ? this.env.port(port) : port;
  }

  ipv4(name: string): string {
    const node = this.get(name);
    if (!node) {
      return '0.0.0.0';
    }
    if (node.kind === 'function' && node.name === 'inet_addr') {
      return formatIPv4(readIPv4(node.args[0]!, this.env));
    }
    if (node.kind === 'function' && node.name === 'inet_pton') {
      return formatIPv4(readInetPton(node, this.env));
    }
    const value =
      node.kind === 'function' && node.name === 'htonl'
        ? readInteger(node.args[0]!, this.env, 0, 0xffffffff)
        : readInteger(node, this.env, 0, 0xffffffff);
    if (node.kind !== 'function' && value !== 0 && value !== 0xffffffff) {
      throw new EvaluationError(
        t('The address is in network order: {0}=inet_addr("127.0.0.1")', name),
        node.range,
      );
    }
    return [value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255].join('.');
  }

  inet6(): SocketAddress {
    const node = this.get('sin6_addr');
    const bytes =
      node?.kind === 'function' && node.name === 'inet_pton'
        ? readInetPton(node, this.env)
        : node
          ? this.unfit(node)
          : new Uint8Array(16);
    if (bytes.length !== 16) {
      this.unfit(node!);
    }
    const flowinfo = this.swapped('sin6_flowinfo', 'htonl', 0xffffffff);
    const scopeId = this.interface('sin6_scope_id');
    return {
      family: 'AF_INET6',
      address: formatIPv6(bytes),
      port: this.port('sin6_port'),
      ...(flowinfo !== 0 && { flowinfo }),
      ...(scopeId !== 0 && { scopeId }),
    };
  }

  private unfit(node: Expression): never {
    throw new EvaluationError(
      t('An IPv6 address is expected here: inet_pton(AF_INET6, "::1", &sin6_addr)'),
      node.range,
    );
  }

  unix(): SocketAddress {
    const node = this.get('sun_path');
    if (!node) {
      return { family: 'AF_UNIX', name: new Uint8Array(0), isAbstract: false };
    }
    const isAbstract = node.kind === 'data' && node.isAbstract;
    const { bytes } = readData(isAbstract ? { ...node, isAbstract: false } : node, {
      ...this.env,
      isStatic: false,
    });
    // In memory a path ends at its first NUL; what strace prints behind it does not count.
    return unixAddress(bytes, isAbstract, node.range, this.env);
  }

  interface(name: string): Named {
    const node = this.get(name);
    if (!node) {
      return 0;
    }
    if (node.kind === 'function' && node.name === 'if_nametoindex') {
      return readText(node.args[0]!, this.env);
    }
    return readInteger(node, this.env, 0, 0xffffffff);
  }
}

/** Whether two addresses are the same: host, port, path to the first NUL. Names of interfaces only compare with names. */
export function isSameAddress(
  expected: SocketAddress,
  got: SocketAddress,
  samePort: (expected: number, got: number) => boolean,
): boolean {
  if (expected.family === 'AF_INET' && got.family === 'AF_INET') {
    return isSameHost(expected.address, got.address, parseIPv4) && samePort(expected.port, got.port);
  }
  if (expected.family === 'AF_INET6' && got.family === 'AF_INET6') {
    return isSameHost(expected.address, got.address, parseIPv6) && samePort(expected.port, got.port);
  }
  if (expected.family === 'AF_UNIX' && got.family === 'AF_UNIX') {
    const cut = (name: Uint8Array, isAbstract: boolean) => {
      const end = isAbstract ? -1 : name.indexOf(0);
      return end < 0 ? name : name.subarray(0, end);
    };
    return (
      expected.isAbstract === got.isAbstract &&
      isSameBytes(cut(expected.name, expected.isAbstract), cut(got.name, got.isAbstract))
    );
  }
  if (expected.family === 'raw' && got.family === 'raw') {
    return isSameBytes(expected.bytes, got.bytes);
  }
  const told = expected.family === 'raw' ? readRaw(expected.bytes) : undefined;
  if (told) {
    return isSameAddress(told, got, samePort);
  }
  if (expected.family === 'raw' || got.family === 'raw' || expected.family !== got.family) {
    return false;
  }
  const actual: Record<string, unknown> = { ...got };
  return Object.entries(expected).every(
    ([name, value]) => typeof value !== typeof actual[name] || value === actual[name],
  );
}

/** What raw bytes say, as Linux lays them out. */
function readRaw(bytes: Uint8Array): SocketAddress | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const family = bytes.length < 2 ? undefined : constantName('domain', view.getUint16(0, true), 'linux');
  if (family === 'AF_UNIX') {
    const isAbstract = bytes[2] === 0;
    return { family, name: bytes.subarray(isAbstract ? 3 : 2), isAbstract };
  }
  if (family === 'AF_INET' && bytes.length >= 16) {
    return { family, address: formatIPv4(bytes.subarray(4, 8)), port: view.getUint16(2) };
  }
  if (family === 'AF_INET6' && bytes.length >= 28) {
    return { family, address: formatIPv6(bytes.subarray(8, 24)), port: view.getUint16(2) };
  }
  return undefined;
}

function isSameHost(a: string, b: string, parse: (text: string) => Uint8Array | undefined): boolean {
  const [first, second] = [parse(a), parse(b)];
  return first !== undefined && second !== undefined ? isSameBytes(first, second) : a === b;
}

/** Whether two are equal, byte by byte. */
export function isSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
