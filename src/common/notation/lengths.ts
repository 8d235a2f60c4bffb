import { isData, type Value } from '../call.js';
import type { SocketAddress } from '../socket.js';
import { encodeOption, OptionValueError, type SocketOption } from '../tables/options.js';

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

/** The length of an option's value: what its bytes are; 0 of what has none. */
export function optionLength(option: SocketOption | undefined, value: Value | undefined): number {
  if (value === undefined || value === null) {
    return 0;
  }
  if (isData(value)) {
    return value.length;
  }
  try {
    return encodeOption(option, value).length;
  } catch (error) {
    if (error instanceof OptionValueError) {
      return 0;
    }
    throw error;
  }
}
