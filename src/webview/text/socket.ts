import type { SocketAddress, SocketInfo } from '../../common/socket.js';
import { endpointText, roleText } from '../../common/socketText.js';

/** The socket's own name where it has one, otherwise its role. */
export function socketTitle(socket: SocketInfo): string {
  return socket.name ?? roleText(socket);
}

/** Both ends on one line, the second shortened to its port where the host is the same: `127.0.0.1:8080 ← :51240`. */
export function pairText({ local, remote, role }: Pick<SocketInfo, 'local' | 'remote' | 'role'>): string {
  if (!remote) {
    return local && !isUnset(local) ? endpointText(local) : '';
  }
  const arrow = role === 'accepted' ? '←' : '→';
  if (!local) {
    return `${arrow} ${endpointText(remote)}`;
  }
  const isSameHost =
    (local.family === 'AF_INET' || local.family === 'AF_INET6') &&
    local.family === remote.family &&
    local.address === remote.address;
  return `${endpointText(local)} ${arrow} ${isSameHost ? `:${remote.port}` : endpointText(remote)}`;
}

/** What `getsockname(2)` says of a socket that is not bound. */
function isUnset(address: SocketAddress): boolean {
  return (address.family === 'AF_INET' || address.family === 'AF_INET6') && address.port === 0;
}

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
