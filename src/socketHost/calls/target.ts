import { existsSync } from 'node:fs';
import { t } from '../../common/l10n.js';
import type { ArgumentReader } from '../argumentReader.js';
import { refusal } from '../refusal.js';
import type { Socket } from '../socket.js';
import type { CallContext } from './context.js';

/** The descriptor that a call is made on, and our socket behind it. */
export interface Target {
  fd: number;
  socket: Socket | null;
}

/**
 * The first argument. A number that is not the user's goes to the kernel, which answers EBADF; one that is
 * a descriptor of the host's own is refused.
 */
export function readTarget(reader: ArgumentReader, context: CallContext): Target {
  const fd = reader.int(0);
  return { fd, socket: checkDescriptor(fd, 0, context) };
}

/** Our socket behind a number; null when it is not open. Refuses the host's own, naming the argument. */
export function checkDescriptor(fd: number, argument: number, context: CallContext): Socket | null {
  const socket = context.socketOfFd(fd) ?? null;
  if (!socket && isOpen(fd)) {
    throw refusal(argument, t('The descriptor {0} is one of the socket host’s own.', fd), 'own-descriptor');
  }
  return socket;
}

/** Not by a call on the descriptor itself, which would be one that the user did not make. */
function isOpen(fd: number): boolean {
  return existsSync(`/proc/self/fd/${fd}`);
}
