import { t } from './l10n.js';
import type { HostStatus } from './protocol/panel.js';

/** That the socket host has ended, and what the next call does. */
export function lostHostText({ reason, isGivenUp = false }: HostStatus & { kind: 'lost' }): string {
  const why = /[.!?]$/.test(reason) ? reason : `${reason}.`;
  return isGivenUp
    ? t(
        'The socket host ended: {0} Its sockets are lost. It has ended too often: the next call asks first.',
        why,
      )
    : t('The socket host ended: {0} Its sockets are lost. The next call starts a new one.', why);
}
