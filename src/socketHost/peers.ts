import type { SocketAddress } from '../common/socket.js';
import type { OpenFile } from './openFile.js';
import { family } from './sys/linux.js';

/**
 * Finds the other end of a connection among our own sockets. Only what the kernel has said counts: of an
 * address that nobody asked for nothing is known, and then there is no peer.
 */
export class Peers {
  /** By the socket's own address. */
  private readonly byLocal = new FilesByKey<string>();
  /**
   * By the other end, as long as that is none of ours. Its port alone, where there is one: there may be ten thousand,
   * and who looks for one compares the whole address.
   */
  private readonly byRemote = new FilesByKey<string | number>();

  /** @param onDidMatch Told of both ends of a pair. */
  constructor(private readonly onDidMatch: (file: OpenFile) => void) {}

  /** The kernel has told the socket's own address. Whether it is news. */
  setLocal(file: OpenFile, local: SocketAddress): boolean {
    if (isSame(file.info.local, local)) {
      return false;
    }
    this.forgetLocal(file);
    file.info.local = local;
    this.byLocal.add(keyOf(file, local), file);
    this.rematch(file);
    return true;
  }

  /** The kernel has told the address of the socket's other end. Whether it is news. */
  setRemote(file: OpenFile, remote: SocketAddress): boolean {
    if (isSame(file.info.remote, remote)) {
      return false;
    }
    this.forgetRemote(file);
    file.info.remote = remote;
    this.match(file);
    return true;
  }

  /** The socket has been connected; its addresses may have been known before. */
  rematch(file: OpenFile): void {
    if (file.info.local) {
      for (const other of this.byRemote.get(remoteKeyOf(file, file.info.local))) {
        this.match(other);
      }
    }
    this.match(file);
  }

  /** The kernel has told that one is the other end of the other. Whether it is news. */
  pair(file: OpenFile, peer: OpenFile): boolean {
    if (file.peer === peer) {
      return false;
    }
    file.peer = peer;
    // Many datagram sockets may send to one.
    if (file.isConnectionBased) {
      peer.peer = file;
      this.onDidMatch(peer);
    }
    return true;
  }

  /** Two ends were made together. */
  join(file: OpenFile, peer: OpenFile): void {
    file.peer = peer;
    peer.peer = file;
  }

  /** Our open socket of the same family and type that has this address as its own. */
  find(file: OpenFile, address: SocketAddress): OpenFile | undefined {
    return this.byLocal.get(keyOf(file, address))[0];
  }

  /** The connection was dissolved: addresses and peer are unknown again. */
  dissolve(file: OpenFile): void {
    this.forget(file);
    file.peer = null;
    Object.assign(file.info, { local: null, remote: null });
  }

  /** The socket is closed; what was known of it stays in its description. */
  forget(file: OpenFile): void {
    this.forgetLocal(file);
    this.forgetRemote(file);
  }

  private forgetLocal(file: OpenFile): void {
    if (file.info.local) {
      this.byLocal.delete(keyOf(file, file.info.local), file);
    }
  }

  private forgetRemote(file: OpenFile): void {
    if (file.info.remote) {
      this.byRemote.delete(remoteKeyOf(file, file.info.remote), file);
    }
  }

  private match(file: OpenFile): void {
    const { local, remote } = file.info;
    if (file.peer || !remote || !isNamed(remote) || !canPair(file)) {
      return;
    }
    const candidates = this.byLocal.get(keyOf(file, remote)).filter((other) => couldPair(other, local));
    const [peer] = candidates;
    if (!peer || candidates.length > 1) {
      this.byRemote.add(remoteKeyOf(file, remote), file);
      return;
    }
    this.forgetRemote(file);
    this.forgetRemote(peer);
    file.peer = peer;
    peer.peer = file;
    this.onDidMatch(peer);
    this.onDidMatch(file);
  }
}

/** Nearly always one file has a key. */
class FilesByKey<K> {
  private readonly byKey = new Map<K, OpenFile | Set<OpenFile>>();

  add(key: K, file: OpenFile): void {
    const known = this.byKey.get(key);
    if (known instanceof Set) {
      known.add(file);
    } else {
      this.byKey.set(key, known && known !== file ? new Set([known, file]) : file);
    }
  }

  delete(key: K, file: OpenFile): void {
    const known = this.byKey.get(key);
    if (known === file || (known instanceof Set && known.delete(file) && known.size === 0)) {
      this.byKey.delete(key);
    }
  }

  get(key: K): OpenFile[] {
    const known = this.byKey.get(key);
    return known instanceof Set ? [...known] : known ? [known] : [];
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
  if (address.family === 'AF_INET') {
    return `${address.address}:${address.port}`;
  }
  return JSON.stringify(address, (_key, value: unknown) =>
    value instanceof Uint8Array ? [...value] : value,
  );
}

function keyOf({ domain, type }: OpenFile, address: SocketAddress): string {
  const isInternet = domain === family.AF_INET || domain === family.AF_INET6;
  return `${isInternet ? 'internet' : domain}/${type}/${addressKey(unmapped(address))}`;
}

function remoteKeyOf(file: OpenFile, address: SocketAddress): string | number {
  return 'port' in address && address.family !== 'AF_VSOCK' ? address.port : keyOf(file, address);
}

function canPair({ isConnectionBased, info }: OpenFile): boolean {
  return isConnectionBased && info.state === 'connected';
}

function couldPair(other: OpenFile, local: SocketAddress | null): boolean {
  const target = other.info.remote ?? other.connectedTo;
  return (
    canPair(other) && other.peer === null && (local === null || target === null || isSameEnd(target, local))
  );
}

/** AF_UNIX ends without a name are all alike. */
function isNamed(address: SocketAddress): boolean {
  return address.family !== 'AF_UNIX' || address.name.length > 0 || address.isAbstract;
}
