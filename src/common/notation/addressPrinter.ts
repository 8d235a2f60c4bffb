import type { Named, SocketAddress } from '../socket.js';
import { constantName, type Platform } from '../tables/constants.js';
import { escapeBytes, type PrintStyle } from './text.js';
import { TokenWriter } from './tokens.js';

/** Characters of a path that need no quotes behind `unix:`. */
const plainPath = /^[A-Za-z0-9._/~+=:-][A-Za-z0-9._/~+=:@%#-]*$/;

/**
 * An address, short (`127.0.0.1:4000`, `unix:/tmp/x.sock`) or as strace prints it. What has no short form is printed
 * long, what has no form as its bytes.
 */
export function printAddress(
  address: SocketAddress,
  style: PrintStyle = 'short',
  platform: Platform = 'linux',
): string {
  const writer = new TokenWriter();
  writeAddress(writer, address, style, platform);
  return writer.text;
}

/** Writes a socket address: `127.0.0.1:80` in the short style where that tells all of it, else its structure. */
export function writeAddress(
  writer: TokenWriter,
  address: SocketAddress,
  style: PrintStyle,
  platform: Platform,
): void {
  const short = style === 'short' ? shortText(address) : undefined;
  if (short !== undefined) {
    writer.write('address', short);
  } else if (address.family === 'raw') {
    writeRaw(writer, address.bytes, style, platform);
  } else {
    writeLong(writer, address);
  }
}

function shortText(address: SocketAddress): string | undefined {
  switch (address.family) {
    case 'AF_INET':
      return `${address.address}:${address.port}`;
    case 'AF_INET6': {
      const { scopeId, flowinfo } = address;
      const isPlain = scopeId === undefined || typeof scopeId === 'number' || /^[\w.-]+$/.test(scopeId);
      return flowinfo || !isPlain
        ? undefined
        : `[${address.address}${scopeId === undefined || scopeId === 0 ? '' : `%${scopeId}`}]:${address.port}`;
    }
    case 'AF_UNIX':
      return unixText(address.name, address.isAbstract);
    case 'AF_NETLINK':
      return `netlink:${address.pid}/${address.groups}`;
    case 'AF_PACKET':
      return isPlainInterface(address.interface)
        ? `packet:${address.interface}/${hex(address.protocol)}`
        : undefined;
    case 'AF_VSOCK':
      return `vsock:${address.cid}:${address.port}`;
    case 'AF_CAN':
      return isPlainInterface(address.interface) ? `can:${address.interface}` : undefined;
    case 'raw':
      return undefined;
  }
}

function unixText(name: Uint8Array, isAbstract: boolean): string | undefined {
  if (name.length === 0 && !isAbstract) {
    return undefined;
  }
  const text = escapeBytes(name, 'short');
  return `unix:${isAbstract ? '@' : ''}${plainPath.test(text) ? text : `"${text}"`}`;
}

function isPlainInterface(name: Named): boolean {
  return typeof name === 'number' || /^[A-Za-z0-9._-]+$/.test(name);
}

function hex(value: Named): string {
  return typeof value === 'number' ? `0x${value.toString(16)}` : value;
}

/** Bytes that are no address of their family: short as bytes, long with the family's name where there is one. */
function writeRaw(writer: TokenWriter, bytes: Uint8Array, style: PrintStyle, platform: Platform): void {
  if (style === 'short' || bytes.length < 2) {
    writer.write('address', `raw:hex("${hexText(bytes)}")`);
    return;
  }
  const family = bytes[0]! | (bytes[1]! << 8);
  const name = constantName('domain', family, platform);
  const written: Field = ['sa_family', name ? constant(name) : number(`0x${family.toString(16)}`)];
  const isUnnamed = bytes.length === 2 && name !== 'AF_UNIX';
  const data: Field = ['sa_data', string(escapeBytes(bytes.subarray(2), 'strace'))];
  writeFields(writer, isUnnamed ? [written] : [written, data]);
}

function hexText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

type Field = readonly [name: string, write: (writer: TokenWriter) => void];

const constant = (text: string) => (writer: TokenWriter) => writer.write('constant', text);
const number = (text: string | number) => (writer: TokenWriter) => writer.write('number', String(text));
const string = (inside: string) => (writer: TokenWriter) => writer.write('string', `"${inside}"`);
const called = (name: string, argument: (writer: TokenWriter) => void) => (writer: TokenWriter) => {
  writer.write('punctuation', `${name}(`);
  argument(writer);
  writer.write('punctuation', ')');
};

/** A field without a name of its own is written by itself: strace's `inet_pton(…, &sin6_addr)`. */
function writeFields(writer: TokenWriter, fields: readonly Field[]): void {
  writer.list('{', fields, '}', ([name, write]) => {
    if (name !== '') {
      writer.write('punctuation', `${name}=`);
    }
    write(writer);
  });
}

function writeLong(writer: TokenWriter, address: Exclude<SocketAddress, { family: 'raw' }>): void {
  const family: Field = ['sa_family', constant(address.family)];
  switch (address.family) {
    case 'AF_INET':
      writeFields(writer, [
        family,
        ['sin_port', called('htons', number(address.port))],
        ['sin_addr', called('inet_addr', string(address.address))],
      ]);
      return;
    case 'AF_INET6':
      writeFields(writer, [
        family,
        ['sin6_port', called('htons', number(address.port))],
        ['sin6_flowinfo', called('htonl', number(address.flowinfo ?? 0))],
        ['', inetPton(address.address, 'sin6_addr')],
        ['sin6_scope_id', interfaceIndex(address.scopeId ?? 0)],
      ]);
      return;
    case 'AF_UNIX': {
      const isUnnamed = address.name.length === 0 && !address.isAbstract;
      const text = `${address.isAbstract ? '@' : ''}"${escapeBytes(address.name, 'strace')}"`;
      writeFields(writer, isUnnamed ? [family] : [family, ['sun_path', (out) => out.write('string', text)]]);
      return;
    }
    case 'AF_NETLINK':
      writeFields(writer, [
        family,
        ['nl_pid', number(address.pid)],
        ['nl_groups', number(groupsText(address.groups))],
      ]);
      return;
    case 'AF_PACKET': {
      const { protocol } = address;
      const written = typeof protocol === 'number' ? number(hex(protocol)) : constant(protocol);
      writeFields(writer, [
        family,
        ['sll_protocol', called('htons', written)],
        ['sll_ifindex', interfaceIndex(address.interface)],
      ]);
      return;
    }
    case 'AF_VSOCK': {
      const cid = cidNames[address.cid];
      writeFields(writer, [
        family,
        ['svm_cid', cid ? constant(cid) : number(hex(address.cid))],
        ['svm_port', address.port === 0xffffffff ? constant('VMADDR_PORT_ANY') : number(hex(address.port))],
        ['svm_flags', number(0)],
      ]);
      return;
    }
    case 'AF_CAN':
      writeFields(writer, [family, ['can_ifindex', interfaceIndex(address.interface)]]);
  }
}

const cidNames: Readonly<Record<number, string>> = {
  0: 'VMADDR_CID_HYPERVISOR',
  1: 'VMADDR_CID_LOCAL',
  2: 'VMADDR_CID_HOST',
  4294967295: 'VMADDR_CID_ANY',
};

/** As printf's `%#08x`. */
function groupsText(groups: number): string {
  return groups === 0 ? '00000000' : `0x${groups.toString(16).padStart(6, '0')}`;
}

/** The number of an interface; of one that is known by name as the call that gives it. */
export function interfaceIndex(value: Named): (writer: TokenWriter) => void {
  return typeof value === 'number'
    ? number(value)
    : called(
        'if_nametoindex',
        string(
          escapeBytes(
            Uint8Array.from(value, (each) => each.charCodeAt(0)),
            'strace',
          ),
        ),
      );
}

/** strace writes an IPv6 address as the call that fills the field. */
export function inetPton(address: string, field: string): (writer: TokenWriter) => void {
  return (writer) => {
    writer.write('punctuation', 'inet_pton(');
    writer.write('constant', 'AF_INET6');
    writer.write('punctuation', ', ');
    writer.write('string', `"${address}"`);
    writer.write('punctuation', `, &${field})`);
  };
}
