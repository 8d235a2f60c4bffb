import { isData, type Value } from '../call.js';
import type { SocketAddress } from '../socket.js';

/** The length that goes with an address where none is written: the structure's, or that of its path. */
export function addressLength(address: SocketAddress): number {
  switch (address.family) {
    case 'AF_INET':
    case 'AF_VSOCK':
      return 16;
    case 'AF_INET6':
      return 28;
    case 'AF_UNIX':
      return address.isAbstract
        ? 3 + address.name.length
        : address.name.length === 0
          ? 2
          : Math.min(110, 3 + address.name.length);
    case 'AF_NETLINK':
      return 12;
    case 'AF_PACKET':
      return 20;
    case 'AF_CAN':
      return 24;
    case 'raw':
      return address.bytes.length;
  }
}

/** The length of an option's value: 4 for a number, the data's, the structure's. */
export function optionLength(value: Value | undefined): number {
  if (isData(value)) {
    return value.length;
  }
  if (typeof value === 'object' && value !== null && 'kind' in value) {
    if (value.kind === 'list') {
      return 4 * value.items.length;
    }
    if (value.kind === 'struct') {
      return structLength(value.fields.map(({ name }) => name));
    }
  }
  return value === null ? 0 : 4;
}

function structLength(names: readonly string[]): number {
  const sizes: Readonly<Record<string, number>> = { tv_sec: 8, tv_usec: 8, ipv6mr_multiaddr: 16 };
  return names.reduce((sum, name) => sum + (sizes[name] ?? 4), 0);
}
