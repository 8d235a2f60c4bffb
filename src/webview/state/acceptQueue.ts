import {
  portOf,
  type SocketAddress,
  type SocketId,
  type SocketInfo,
  type TcpState,
} from '../../common/socket.js';
import { protocolName } from '../../common/socketText.js';
import { isOpenSocket } from '../../common/usualArguments.js';

/** Connections that the kernel has made for a listener of ours, and that no accept has taken yet. */
export interface AcceptQueue {
  listener: SocketInfo;
  /** The first of those of which the client is ours, too. */
  clients: readonly SocketInfo[];
  /** All of them, as the kernel counts. */
  count: number;
}

/** A backlog may hold thousands: so many are named. */
const mostNamed = 10;

/** Before it is accepted, nobody can have closed the other end. */
const beforeAccept: ReadonlySet<TcpState> = new Set(['ESTABLISHED', 'FIN_WAIT1', 'FIN_WAIT2']);

/**
 * Who waits to be accepted, by both the listener and the client. The kernel tells how many wait; who they are follows from
 * the addresses, and where the two do not agree nobody is named.
 */
export function acceptQueues(sockets: ReadonlyMap<SocketId, SocketInfo>): ReadonlyMap<SocketId, AcceptQueue> {
  const queues = new Map<SocketId, AcceptQueue>();
  const listeners = [...sockets.values()].filter(
    (one) => one.acceptQueue && one.state === 'listening' && isOpenTcp(one),
  );
  if (listeners.length === 0) {
    return queues;
  }
  const taken = new Set<string>();
  for (const { role, listenerId, remote } of sockets.values()) {
    if (role === 'accepted') {
      taken.add(`${listenerId} ${portOf(remote)}`);
    }
  }
  const clients = new Map<SocketId, SocketInfo[]>();
  for (const client of sockets.values()) {
    const { id, state, tcpState, peerId, local, remote, sharedWith } = client;
    if (
      state !== 'connected' ||
      peerId !== null ||
      !local ||
      !remote ||
      tcpState === null ||
      !beforeAccept.has(tcpState) ||
      sharedWith.some((other) => other < id) ||
      !isOpenTcp(client)
    ) {
      continue;
    }
    const [listener, another] = listeners.filter(
      (one) => isAt(one.local, remote) && (isHere(local, remote) || isSameHost(one.local, remote)),
    );
    if (listener && !another && !taken.has(`${listener.id} ${portOf(local)}`)) {
      const found = clients.get(listener.id) ?? [];
      clients.set(listener.id, found);
      found.push(client);
    }
  }
  for (const listener of listeners) {
    const count = listener.acceptQueue!;
    const found = clients.get(listener.id) ?? [];
    const agreed = found.length > count ? [] : found;
    const queue = { listener, clients: agreed.slice(0, mostNamed), count };
    queues.set(listener.id, queue);
    agreed.forEach(({ id }) => queues.set(id, queue));
  }
  return queues;
}

/** How many connections each listener has accepted that are still known. */
export function acceptedCounts(sockets: ReadonlyMap<SocketId, SocketInfo>): ReadonlyMap<SocketId, number> {
  const counts = new Map<SocketId, number>();
  for (const { id, listenerId, sharedWith } of sockets.values()) {
    // Several descriptors of one connection are one.
    if (listenerId !== null && sharedWith.every((other) => other > id)) {
      counts.set(listenerId, (counts.get(listenerId) ?? 0) + 1);
    }
  }
  return counts;
}

/** Whether a socket with this address of its own is reached at another one. */
export function isAt(local: SocketAddress | null, address: SocketAddress): boolean {
  return (
    (local?.family === 'AF_INET' || local?.family === 'AF_INET6') &&
    local.family === address.family &&
    local.port === address.port &&
    (local.address === address.address || /^(0\.0\.0\.0|::)$/.test(local.address))
  );
}

/** A connection within this machine. A server elsewhere may have the port of a listener that takes any address. */
function isHere(local: SocketAddress, remote: SocketAddress): boolean {
  return isSameHost(local, remote) || ('address' in remote && /^(127\.|::1$)/.test(remote.address));
}

function isSameHost(one: SocketAddress | null, other: SocketAddress): boolean {
  return one !== null && 'address' in one && 'address' in other && one.address === other.address;
}

function isOpenTcp(socket: SocketInfo): boolean {
  return isOpenSocket(socket) && protocolName(socket) === 'TCP';
}
