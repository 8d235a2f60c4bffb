import { type CallRecord, isAddress } from '../../common/call.js';
import type { SocketId, SocketInfo } from '../../common/socket.js';
import { protocolName } from '../../common/socketText.js';
import { isAt } from '../state/acceptQueue.js';

/** The listener that a connect has reached, where it is ours: what the kernels said to each other can be drawn. */
export function handshakeWith(
  record: CallRecord,
  sockets: ReadonlyMap<SocketId, SocketInfo>,
): SocketId | null {
  const { name, errno, status, socketId, peerId, args } = record;
  if (name !== 'connect' || errno !== null || status !== 'returned' || socketId === null) {
    return null;
  }
  const own = sockets.get(socketId);
  if (!own || protocolName(own) !== 'TCP') {
    return null;
  }
  const accepted = sockets.get(peerId ?? own.peerId ?? 0);
  if (accepted?.listenerId != null) {
    return accepted.listenerId;
  }
  const [, address] = args;
  if (!isAddress(address)) {
    return null;
  }
  for (const socket of sockets.values()) {
    if (socket.state === 'listening' && protocolName(socket) === 'TCP' && isAt(socket.local, address)) {
      return socket.id;
    }
  }
  return null;
}
