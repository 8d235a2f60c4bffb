import type { SocketId, SocketInfo } from '../../common/socket.js';

/** What decides where a lane stands. */
export type Ordered = Pick<SocketInfo, 'id' | 'openedSeq' | 'role' | 'listenerId' | 'peerId' | 'tap'>;

/**
 * The lanes from left to right: in the order in which the sockets were made, but what was accepted stands right of its
 * listener, each with its own client beside it where that is ours too, and the two ends of a tap beside each other. So
 * the bytes of a connection never cross another lane.
 */
export function laneOrder(sockets: Iterable<Ordered>): SocketId[] {
  const all = [...sockets].sort((a, b) => a.openedSeq - b.openedSeq || a.id - b.id);
  const byId = new Map(all.map((socket) => [socket.id, socket]));
  const acceptedBy = new Map<SocketId, Ordered[]>();
  const chains = chainsOf(all, byId);
  const listenerOf = ({ id, role, listenerId }: Ordered) =>
    role === 'accepted' && listenerId !== id ? byId.get(listenerId ?? 0) : undefined;
  for (const socket of all) {
    const listener = listenerOf(socket);
    const others = listener && acceptedBy.get(listener.id);
    if (others) {
      others.push(socket);
    } else if (listener) {
      acceptedBy.set(listener.id, [socket]);
    }
  }
  const order = new Set<SocketId>();
  const place = (socket: Ordered) => {
    const chain = chains.get(socket.id) ?? [socket];
    for (const one of chain) {
      // A listener stands left of all that came by it, also where it was made later than another one of theirs.
      const listener = listenerOf(one);
      if (listener && !chain.includes(listener)) {
        order.add(listener.id);
      }
    }
    chain.forEach(({ id }) => order.add(id));
    for (const { id } of chain) {
      acceptedBy.get(id)?.forEach(placeUnlessPlaced);
    }
  };
  const placeUnlessPlaced = (socket: Ordered) => {
    if (!order.has(socket.id)) {
      place(socket);
    }
  };
  for (const socket of all) {
    const isPlacedByListener = (chains.get(socket.id) ?? [socket]).some((one) => listenerOf(one));
    if (!isPlacedByListener) {
      place(socket);
    }
  }
  // Whatever says of each other that it stands beside the other.
  all.forEach(placeUnlessPlaced);
  return [...order];
}

/** Sockets that stand side by side, by each of them: what was accepted, its client, and on the other side of a tap again. */
function chainsOf(
  all: readonly Ordered[],
  byId: ReadonlyMap<SocketId, Ordered>,
): ReadonlyMap<SocketId, readonly Ordered[]> {
  const right = new Map<SocketId, Ordered>();
  const hasLeft = new Set<SocketId>();
  for (const socket of all) {
    const { id, role, peerId, tap } = socket;
    const next = byId.get((role === 'accepted' ? peerId : tap?.side === 'server' ? tap.otherId : null) ?? 0);
    const isNext =
      next !== undefined && next.id !== id && (next.role === 'accepted') !== (role === 'accepted');
    if (isNext && !hasLeft.has(next.id)) {
      right.set(id, next);
      hasLeft.add(next.id);
    }
  }
  const chains = new Map<SocketId, readonly Ordered[]>();
  for (const first of all) {
    if (!hasLeft.has(first.id)) {
      const chain: Ordered[] = [];
      for (let next: Ordered | undefined = first; next; next = right.get(next.id)) {
        chain.push(next);
      }
      // The two connections of a tap read from the client to the server.
      const ordered = chain.some(({ tap }) => tap) ? chain.toReversed() : chain;
      chain.forEach(({ id }) => chains.set(id, ordered));
    }
  }
  return chains;
}
