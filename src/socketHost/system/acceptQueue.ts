import { portOf, type SocketAddress } from '../../common/socket.js';
import type {
  AcceptQueueLook,
  SystemSocket,
  SystemSocketKind,
  WaitingClient,
} from '../../common/system/systemSocket.js';
import { isAnyHost, isNotAccepted, plainHost } from '../../common/system/systemSocketText.js';

/** A backlog may hold thousands: so many are told of. */
const mostTold = 20;
const VMADDR_CID_ANY = 0xffffffff;

/** Connections of MPTCP are listed as what carries them, too: there they have their states. */
export function kindOfClients({ kind }: SystemSocket): SystemSocketKind {
  return kind === 'mptcp' ? 'tcp' : kind;
}

/**
 * Who waits to be accepted. Of TCP the kernel lists the listener's ends, which nobody holds yet; of AF_UNIX it tells the
 * inodes of the clients.
 * @param listener With its details.
 * @param sockets All of {@link kindOfClients}.
 */
export function waitingAt(listener: SystemSocket, sockets: readonly SystemSocket[]): AcceptQueueLook {
  return listener.kind === 'unix' ? unixQueue(listener, sockets) : internetQueue(listener, sockets);
}

function unixQueue({ details }: SystemSocket, sockets: readonly SystemSocket[]): AcceptQueueLook {
  const inodes = details?.waitingInodes ?? [];
  const clients = inodes.slice(0, mostTold).map((inode): WaitingClient => ({
    taken: null,
    client: sockets.find((socket) => inode !== 0 && socket.inode === inode) ?? null,
    isClosed: inode === 0,
  }));
  return { clients, more: inodes.length - clients.length, unlisted: 0, isShared: false };
}

function internetQueue(listener: SystemSocket, sockets: readonly SystemSocket[]): AcceptQueueLook {
  const listeners = sockets.filter(({ state }) => state === 'LISTEN');
  let isShared = false;
  const taken = sockets.filter((socket) => {
    const takers = isNotAccepted(socket) ? takersOf(socket, listeners) : [];
    const isOurs = takers.some(({ inode }) => inode === listener.inode);
    isShared ||= isOurs && takers.length > 1;
    return isOurs;
  });
  const clients = taken.slice(0, mostTold).map((socket): WaitingClient => {
    const client = sockets.find((other) => isOtherEnd(other, socket)) ?? null;
    return { taken: socket, client, isClosed: client !== null && client.inode === null };
  });
  // Where an accept has taken some since, the list says so.
  const listed = listeners.find(({ inode }) => inode === listener.inode);
  const count = Math.min(listener.receiveQueue ?? 0, listed?.receiveQueue ?? Infinity);
  return {
    clients,
    more: taken.length - clients.length,
    unlisted: isShared ? 0 : Math.max(0, count - taken.length),
    isShared,
  };
}

/** Who may have taken a connection: a listener on its very address goes before one on any. */
function takersOf({ domain, local }: SystemSocket, listeners: readonly SystemSocket[]): SystemSocket[] {
  const [at, anywhere]: [SystemSocket[], SystemSocket[]] = [[], []];
  for (const listener of listeners) {
    if (listener.domain === domain && portOf(listener.local) === portOf(local)) {
      const host = hostOf(listener.local);
      if (host === hostOf(local)) {
        at.push(listener);
      } else if (isAnyHost(host)) {
        anywhere.push(listener);
      }
    }
  }
  return at.length > 0 ? at : anywhere;
}

function isOtherEnd(one: SystemSocket, other: SystemSocket): boolean {
  return isSameEnd(one.local, other.remote) && isSameEnd(one.remote, other.local);
}

function isSameEnd(one: SocketAddress | null, other: SocketAddress | null): boolean {
  return portOf(one) === portOf(other) && hostOf(one) === hostOf(other);
}

function hostOf(address: SocketAddress | null): string {
  if (address?.family === 'AF_VSOCK') {
    return address.cid === VMADDR_CID_ANY ? '::' : String(address.cid);
  }
  return address && 'address' in address ? plainHost(address.address) : '';
}
