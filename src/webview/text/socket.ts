import type { SocketAddress } from '../../common/socket.js';
import { endpointText } from '../../common/socketText.js';

/** Host and port apart, for cells of their own; a path has no port. */
export function addressParts(address: SocketAddress | null): { host: string; port: string } {
  switch (address?.family) {
    case 'AF_INET':
    case 'AF_INET6':
      return { host: address.address, port: String(address.port) };
    case undefined:
      return { host: '', port: '' };
    default:
      return { host: endpointText(address!), port: '' };
  }
}
