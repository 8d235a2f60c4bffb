import { t } from '../../common/l10n.js';
import type { SocketAddress } from '../../common/socket.js';
import { endpointText } from '../../common/socketText.js';
import type { AcceptQueue } from '../state/acceptQueue.js';

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

/** Who waits to be accepted; of other programs only how many: who they are is asked while the inspector shows it. */
export function acceptQueueText({ clients, count }: AcceptQueue): string {
  const known = clients.map(({ fd, name }) => (name === null ? `fd ${fd}` : `fd ${fd} ${name}`)).join(', ');
  const others = count - clients.length;
  if (known === '') {
    return count === 1
      ? t('1 connection waits to be accepted')
      : t('{0} connections wait to be accepted', count);
  }
  return others === 0
    ? t('waiting to be accepted: {0}', known)
    : t('waiting to be accepted: {0}, and {1} more', known, others);
}
