import { t } from '../../common/l10n.js';
import type { SocketId, SocketInfo } from '../../common/socket.js';
import { type CallName, signatureOf } from '../../common/tables/signatures.js';
import type { Problem } from '../form/problem.js';

/** What the call is made on: one of our sockets, or a number that the user gives. */
export type Target = { kind: 'socket'; id: SocketId } | { kind: 'number'; text: string } | { kind: 'none' };

/** The same for all calls that are one to the user: of one name, on one socket. */
export function keyOf(name: CallName, target: Target): string {
  if (signatureOf(name).parameters[0]?.type !== 'fd') {
    return name;
  }
  return target.kind === 'socket' ? `${name} socket ${target.id}` : `${name} ${target.kind}`;
}

/** The number that the call is made on, or what is wrong with it; null for none. */
export function descriptorOf(target: Target, socket: SocketInfo | undefined): number | Problem | null {
  switch (target.kind) {
    case 'socket':
      return socket?.fd ?? null;
    case 'number': {
      const text = target.text.trim();
      const fd = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
      return Number.isSafeInteger(fd) ? fd : { message: t('A descriptor is a whole number.'), offset: null };
    }
    case 'none':
      return null;
  }
}
