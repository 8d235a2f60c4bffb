import type { CallRecord } from '../../common/call.js';
import type { SocketId } from '../../common/socket.js';
import type { RecordedRole } from './recordedNames.js';

const threadNames: Readonly<Partial<Record<RecordedRole, string>>> = {
  server: 'server',
  peer: 'server',
  client: 'client',
};

/**
 * The thread of each record, by `seq`. A call that waited while others were made is in a thread of its own, and so is
 * what is done on that socket from then on. What is not named here is `main`.
 */
export function threadsOf(
  records: readonly CallRecord[],
  roleOf: (id: SocketId) => RecordedRole,
): Map<number, string> {
  const threads = new Map<number, string>();
  const busyUntil = new Map<string, number>();
  /** The thread in which a socket has waited. */
  const own = new Map<SocketId, string>();
  records.forEach((record, index) => {
    const { seq, startNs, endNs, hasWaited, socketId, thread, createdIds } = record;
    const next = records[index + 1];
    const isBeside = hasWaited && next !== undefined && next.startNs < (endNs ?? Infinity);
    const isFree = (name: string) => (busyUntil.get(name) ?? -Infinity) <= startNs;
    const known = socketId === null ? undefined : own.get(socketId);
    let name = thread ?? (known !== undefined && isFree(known) ? known : 'main');
    if (thread === null && isBeside && name === 'main') {
      const stem = (socketId === null ? undefined : threadNames[roleOf(socketId)]) ?? 'waiter';
      name = stem;
      for (let count = 2; !isFree(name); count++) {
        name = `${stem}${count}`;
      }
    }
    if (name !== 'main') {
      threads.set(seq, name);
      [...(isBeside && socketId !== null ? [socketId] : []), ...(isBeside ? createdIds : [])].forEach((id) =>
        own.set(id, name),
      );
    }
    if (hasWaited) {
      busyUntil.set(name, endNs ?? Infinity);
    }
  });
  return threads;
}
