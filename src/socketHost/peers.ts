import type { SocketAddress } from '../common/socket.js';
import type { Socket } from './socket.js';
import { family } from './sys/linux.js';

/**
 * Finds the other end of a connection among our own sockets. Only what the kernel has said counts: of an
 * address that nobody asked for nothing is known, and then there is no peer.
 */
export class Peers {
  /** By the socket's own address. */
  private readonly byLocal = new SocketsByKey();
  /** By the address of the other end, as long as that is none of ours. */
  private readonly byRemote = new SocketsByKey();

  /** @param onDidMatch Told of both ends of a pair. */
  constructor(private readonly onDidMatch: (socket: Socket) => void) {}

  /** The kernel has told the socket's own address. Whether it is news. */
  setLocal(socket: Socket, local: SocketAddress): boolean {
    if (isSame(socket.info.local, local)) {
      return false;
    }
    this.forgetLocal(socket);
    socket.info.local = local;
    this.byLocal.add(keyOf(socket, local), socket);
    this.rematch(socket);
    return true;
  }

  /** The kernel has told the address of the socket's other end. Whether it is news. */
  setRemote(socket: Socket, remote: SocketAddress): boolean {
    if (isSame(socket.info.remote, remote)) {
      return false;
    }
    this.forgetRemote(socket);
    socket.info.remote = remote;
    this.match(socket);
    return true;
  }

  /** The socket has been connected; its addresses may have been known before. */
  rematch(socket: Socket): void {
    if (socket.info.local) {
      for (const other of this.byRemote.get(keyOf(socket, socket.info.local))) {
        this.match(other);
      }
    }
    this.match(socket);
  }

  /** The kernel has told that one is the other end of the other. Whether it is news. */
  pair(socket: Socket, peer: Socket): boolean {
    if (socket.info.peerId === peer.info.id) {
      return false;
    }
    socket.info.peerId = peer.info.id;
    // Many datagram sockets may send to one.
    if (socket.isConnectionBased) {
      peer.info.peerId = socket.info.id;
      this.onDidMatch(peer);
    }
    return true;
  }

  /** Our open socket of the same family and type that has this address as its own. */
  find(socket: Socket, address: SocketAddress): Socket | undefined {
    return this.byLocal.get(keyOf(socket, address))[0];
  }

  /** The connection was dissolved: addresses and peer are unknown again. */
  dissolve(socket: Socket): void {
    this.forget(socket);
    Object.assign(socket.info, { local: null, remote: null, peerId: null });
  }

  /** The socket is closed; what was known of it stays in its description. */
  forget(socket: Socket): void {
    this.forgetLocal(socket);
    this.forgetRemote(socket);
  }

  private forgetLocal(socket: Socket): void {
    if (socket.info.local) {
      this.byLocal.delete(keyOf(socket, socket.info.local), socket);
    }
  }

  private forgetRemote(socket: Socket): void {
    if (socket.info.remote) {
      this.byRemote.delete(keyOf(socket, socket.info.remote), socket);
    }
  }

  private match(socket: Socket): void {
    const { local, remote, peerId } = socket.info;
    if (peerId !== null || !remote || !isNamed(remote) || !canPair(socket)) {
      return;
    }
    const candidates = this.byLocal.get(keyOf(socket, remote)).filter((other) => couldPair(other, local));
    const [peer] = candidates;
    if (!peer || candidates.length > 1) {
      this.byRemote.add(keyOf(socket, remote), socket);
      return;
    }
    this.forgetRemote(socket);
    this.forgetRemote(peer);
    socket.info.peerId = peer.info.id;
    peer.info.peerId = socket.info.id;
    this.onDidMatch(peer);
    this.onDidMatch(socket);
  }
}

class SocketsByKey {
  private readonly sets = new Map<string, Set<Socket>>();

  add(key: string, socket: Socket): void {
    const set = this.sets.get(key);
    if (set) {
      set.add(socket);
    } else {
      this.sets.set(key, new Set([socket]));
    }
  }

  delete(key: string, socket: Socket): void {
    const set = this.sets.get(key);
    if (set?.delete(socket) && set.size === 0) {
      this.sets.delete(key);
    }
  }

  get(key: string): Socket[] {
    return [...(this.sets.get(key) ?? [])];
  }
}

/** Whether two addresses say the same. */
function isSame(a: SocketAddress | null, b: SocketAddress): boolean {
  return a !== null && addressKey(a) === addressKey(b);
}

/** Whether two addresses reach the same: an IPv6 socket sees an IPv4 one as `::ffff:127.0.0.1`. */
function isSameEnd(a: SocketAddress, b: SocketAddress): boolean {
  return isSame(unmapped(a), unmapped(b));
}

function unmapped(address: SocketAddress): SocketAddress {
  const mapped = address.family === 'AF_INET6' ? /^::ffff:([\d.]+)$/i.exec(address.address)?.[1] : undefined;
  return address.family === 'AF_INET6' && mapped !== undefined
    ? { family: 'AF_INET', address: mapped, port: address.port }
    : address;
}

function addressKey(address: SocketAddress): string {
  return JSON.stringify(address, (_key, value: unknown) =>
    value instanceof Uint8Array ? [...value] : value,
  );
}

function keyOf({ domain, type }: Socket, address: SocketAddress): string {
  const isInternet = domain === family.AF_INET || domain === family.AF_INET6;
  return `${isInternet ? 'internet' : domain}/${type}/${addressKey(unmapped(address))}`;
}

function canPair({ isConnectionBased, info }: Socket): boolean {
  return isConnectionBased && info.state === 'connected';
}

function couldPair(other: Socket, local: SocketAddress | null): boolean {
  const target = other.info.remote ?? other.connectedTo;
  return (
    canPair(other) &&
    other.info.peerId === null &&
    (local === null || target === null || isSameEnd(target, local))
  );
}

/** AF_UNIX ends without a name are all alike. */
function isNamed(address: SocketAddress): boolean {
  return address.family !== 'AF_UNIX' || address.name.length > 0 || address.isAbstract;
}
