import type { SocketInfo, WaitingCall } from '../../common/socket.js';
import { waitingForOther, waitingForRoom } from '../../common/socketCalls.js';
import { reachableAddress } from '../../common/usualArguments.js';

/** The selected socket when it waits for somebody to come, otherwise the one whose wait is the latest. */
export function waitingServer(
  sockets: readonly SocketInfo[],
  selectedId: number | null,
): SocketInfo | undefined {
  const waiting = sockets.filter(canBeReached);
  return waiting.find(({ id }) => id === selectedId) ?? waiting.at(-1);
}

/** What of a socket waits for nobody who could be brought here: a send for room first, for it has something in its way. */
export function otherWait(socket: SocketInfo): WaitingCall | undefined {
  const isTaken = socket.automatic !== null || Boolean(socket.tap) || canBeReached(socket);
  return waitingForRoom(socket) ?? (isTaken ? undefined : socket.waiting[0]);
}

/** Whether a call of a socket waits for somebody to come, who has an address to come to. */
function canBeReached(socket: SocketInfo): boolean {
  return waitingForOther(socket) !== undefined && reachableAddress(socket) !== null;
}
