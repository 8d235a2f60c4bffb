import type { SocketId, SocketInfo } from '../../common/socket.js';

/** What decides where a lane stands. */
export type Ordered = Pick<SocketInfo, 'id' | 'openedSeq' | 'role' | 'listenerId' | 'peerId'>;

/**
 * The lanes from left to right: in the order in which the sockets were made, but what was accepted stands right of its
 * listener, each with its own client beside it where that is ours too. So the bytes of a connection never cross
 * another lane.
 */
export function laneOrder(sockets: Iterable<Ordered>): SocketId[] {
  const all = [...sockets].sort((a, b) => a.openedSeq - b.openedSeq || a.id - b.id);
  const byId = new Map(all.map((socket) => [socket.id, socket]));
  const acceptedBy = new Map<SocketId, Ordered[]>();
  const clientOf = new Map<SocketId, SocketId>();
  for (const socket of all) {
    if (socket.role !== 'accepted') {
      continue;
    }
    const client = socket.peerId === null ? undefined : byId.get(socket.peerId);
    if (client && client.role !== 'accepted' && !clientOf.has(client.id)) {
      clientOf.set(client.id, socket.id);
    }
    const listener = socket.listenerId ?? 0;
    if (byId.has(listener) && listener !== socket.id) {
      acceptedBy.set(listener, [...(acceptedBy.get(listener) ?? []), socket]);
    }
  }
  const order = new Set<SocketId>();
  const place = (socket: Ordered) => {
    if (order.has(socket.id)) {
      return;
    }
    order.add(socket.id);
    if (socket.role === 'accepted') {
      const client = byId.get(socket.peerId ?? 0);
      if (client && clientOf.get(client.id) === socket.id) {
        place(client);
      }
    }
    acceptedBy.get(socket.id)?.forEach(place);
  };
  for (const socket of all) {
    const isPlacedByListener = socket.role === 'accepted' && byId.has(socket.listenerId ?? 0);
    if (!isPlacedByListener && !clientOf.has(socket.id)) {
      place(socket);
    }
  }
  // Whatever says of each other that it stands beside the other.
  all.forEach(place);
  return [...order];
}
