import { isAddress } from '../../common/call.js';
import { parseIPv6 } from '../../common/ipAddress.js';
import { parseValueText } from '../../common/notation/parser.js';
import { printAddress } from '../../common/notation/printer.js';
import { escapeBytes } from '../../common/notation/text.js';
import type { Named, SocketAddress } from '../../common/socket.js';
import type { Platform } from '../../common/tables/constants.js';
import { toHexText } from '../../common/payloadText.js';
import {
  type AddressDraft,
  addressFields,
  type AddressKind,
  addressKinds,
  readAddressDraft,
} from './addressKinds.js';

/** The kind that a socket's addresses usually are. */
export function usualKind(domain: Named | null | undefined): AddressKind {
  switch (domain) {
    case null:
    case undefined:
      return 'text';
    case 'AF_UNIX':
      return 'unixPath';
    default:
      return typeof domain === 'string' && addressKinds.includes(domain as AddressKind)
        ? (domain as AddressKind)
        : 'raw';
  }
}

export function emptyAddress(domain: Named | null | undefined): AddressDraft {
  return { kind: usualKind(domain), fields: {} };
}

/** The fields that show an address. What has no fields of its own is shown as text. */
export function addressDraftOf(address: SocketAddress, platform: Platform): AddressDraft {
  const fields = fieldsOf(address);
  return fields ?? { kind: 'text', fields: { text: printAddress(address, 'short', platform) } };
}

function fieldsOf(address: SocketAddress): AddressDraft | undefined {
  switch (address.family) {
    case 'AF_INET':
      return { kind: 'AF_INET', fields: { address: address.address, port: String(address.port) } };
    case 'AF_INET6':
      return {
        kind: 'AF_INET6',
        fields: {
          address: address.address,
          port: String(address.port),
          ...(address.scopeId ? { scope: String(address.scopeId) } : {}),
          ...(address.flowinfo ? { flowinfo: String(address.flowinfo) } : {}),
        },
      };
    case 'AF_UNIX': {
      if (address.name.length === 0) {
        return address.isAbstract ? undefined : { kind: 'unixUnnamed', fields: {} };
      }
      const name = escapeBytes(address.name, 'short');
      return address.isAbstract
        ? { kind: 'unixAbstract', fields: { name } }
        : { kind: 'unixPath', fields: { path: name } };
    }
    case 'AF_NETLINK':
      return { kind: 'AF_NETLINK', fields: { pid: String(address.pid), groups: String(address.groups) } };
    case 'AF_PACKET':
      return {
        kind: 'AF_PACKET',
        fields: { interface: String(address.interface), protocol: String(address.protocol) },
      };
    case 'AF_VSOCK':
      return {
        kind: 'AF_VSOCK',
        fields: { cid: cidNames[address.cid] ?? String(address.cid), port: portText(address.port) },
      };
    case 'AF_CAN':
      return { kind: 'AF_CAN', fields: { interface: String(address.interface) } };
    case 'raw':
      return { kind: 'raw', fields: { hex: toHexText(address.bytes) } };
  }
}

/** Context 0 is the hypervisor's: a name for it would say more than the number. */
const cidNames: Readonly<Record<number, string>> = {
  1: 'VMADDR_CID_LOCAL',
  2: 'VMADDR_CID_HOST',
  4294967295: 'VMADDR_CID_ANY',
};

function portText(port: number): string {
  return port === 0xffffffff ? 'VMADDR_PORT_ANY' : String(port);
}

/**
 * A whole address in one field: pasted, or typed as people write it (`127.0.0.1:80`). The fields that it fills;
 * undefined where it is only a part.
 */
export function splitAddress(
  input: string,
  { kind, fields }: AddressDraft,
  platform: Platform,
): AddressDraft | undefined {
  const written = input.trim();
  const unix = /^unix:(@?)([^"]*)$/.exec(written);
  if (unix && kind !== 'text') {
    const [, at, name = ''] = unix;
    return at ? { kind: 'unixAbstract', fields: { name } } : { kind: 'unixPath', fields: { path: name } };
  }
  if (kind !== 'text' && /^(unix|netlink|packet|vsock|can|raw):/.test(written)) {
    const read = parseValueText(written, 'sockaddr', { platform });
    return 'value' in read && isAddress(read.value) ? addressDraftOf(read.value, platform) : undefined;
  }
  if (kind === 'AF_INET' && !/^(netlink|packet|vsock|can|raw):/.test(written)) {
    const found = /^([^:[\]]+):([^:]*)$/.exec(written);
    if (found) {
      return { kind, fields: { ...fields, address: found[1]!, port: found[2] || (fields['port'] ?? '') } };
    }
  }
  if (kind === 'AF_INET' || kind === 'AF_INET6') {
    const found = /^\[([^\]%]*)(?:%([^\]]*))?\](?::(\d*))?$/.exec(written);
    if (found && parseIPv6(found[1]!)) {
      const [, address = '', scope, port] = found;
      return {
        kind: 'AF_INET6',
        fields: {
          ...fields,
          address,
          ...(scope === undefined ? {} : { scope }),
          port: port || (fields['port'] ?? ''),
        },
      };
    }
  }
  if (kind === 'AF_INET6' && /^[A-Za-z0-9.-]+:\d*$/.test(written) && !parseIPv6(written)) {
    const [address = '', port] = written.split(':');
    return { kind, fields: { ...fields, address, port: port || (fields['port'] ?? '') } };
  }
  return undefined;
}

/** The same address entered in another way; the fields that both have stay where it cannot be. */
export function convertedAddress(draft: AddressDraft, kind: AddressKind, platform: Platform): AddressDraft {
  const read = readAddressDraft(draft, platform);
  const value = read && 'value' in read ? read.value : undefined;
  const address = isAddress(value) ? value : undefined;
  if (kind === 'text' && address && !(read && 'hostName' in read && read.hostName)) {
    return { kind, fields: { text: printAddress(address, 'short', platform) } };
  }
  const own = address && fieldsOf(address);
  if (own?.kind === kind) {
    return own;
  }
  const mapped = address && mappedFamily(address, kind);
  if (mapped) {
    return mapped;
  }
  const names = new Set(addressFields(kind).map(({ name }) => name));
  return {
    kind,
    fields: Object.fromEntries(
      Object.entries(draft.fields).filter(([name]) => names.has(name) && name !== 'address'),
    ),
  };
}

/** Loopback and wildcard have a counterpart in the other IP family. */
function mappedFamily(address: SocketAddress, kind: AddressKind): AddressDraft | undefined {
  const pairs: readonly [string, string][] = [
    ['127.0.0.1', '::1'],
    ['0.0.0.0', '::'],
  ];
  if (address.family === 'AF_INET' && kind === 'AF_INET6') {
    const pair = pairs.find(([four]) => four === address.address);
    return pair && { kind, fields: { address: pair[1], port: String(address.port) } };
  }
  if (address.family === 'AF_INET6' && kind === 'AF_INET') {
    const pair = pairs.find(([, six]) => six === address.address);
    return pair && { kind, fields: { address: pair[0], port: String(address.port) } };
  }
  return undefined;
}
