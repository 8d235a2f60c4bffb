import type { SocketAddress } from '../socket.js';
import type { Annotation } from './annotation.js';
import { addressKey, type ObservedFile } from './observedSocket.js';

const anyHosts = /^(?:0\.0\.0\.0|\[::\]):/;

/**
 * Finds the other end of a connection among the sockets of a log, by what the log says of their addresses. Where that is
 * not certain there is none.
 */
export class PeerFinder {
  private readonly byLocal = new Map<string, Set<ObservedFile>>();
  private readonly byInode = new Map<number, ObservedFile>();
  /** Where each is filed. */
  private readonly keys = new Map<ObservedFile, string>();

  /** The socket that an annotation is of, where that is certain: a copy of one that the log has shown. */
  same({ inode, domain, type, local, remote }: Annotation): ObservedFile | undefined {
    if (inode !== null) {
      return this.byInode.get(inode);
    }
    if (!local || !remote) {
      return undefined;
    }
    const own = addressKey(remote);
    return [...(this.byLocal.get(`${kindOf({ domain, type })}/${addressKey(local)}`) ?? [])].find(
      (file) => file.holders > 0 && file.remote && addressKey(file.remote) === own,
    );
  }

  /** Takes over the addresses of a socket. The sockets that have found each other by that. */
  note(file: ObservedFile): ObservedFile[] {
    if (file.inode !== null) {
      this.byInode.set(file.inode, file);
    }
    const key = file.local && keyOf(file, file.local);
    const known = this.keys.get(file);
    if (key !== known) {
      this.remove(file);
      if (key !== null) {
        this.keys.set(file, key);
        this.byLocal.set(key, (this.byLocal.get(key) ?? new Set()).add(file));
      }
    }
    return this.match(file);
  }

  /** The socket is closed everywhere: its address may be another one's next. */
  forget(file: ObservedFile): void {
    this.remove(file);
    if (file.inode !== null && this.byInode.get(file.inode) === file) {
      this.byInode.delete(file.inode);
    }
  }

  /** The socket that an address reaches; undefined where there are none or several. */
  at(file: ObservedFile, address: SocketAddress): ObservedFile | undefined {
    const exact = [...(this.byLocal.get(keyOf(file, address)) ?? [])];
    const found =
      exact.length > 0 || !('port' in address)
        ? exact
        : ['0.0.0.0', '[::]'].flatMap((host) => [
            ...(this.byLocal.get(`${kindOf(file)}/${host}:${address.port}`) ?? []),
          ]);
    const open = found.filter((other) => other !== file && other.holders > 0);
    return open.length === 1 ? open[0] : undefined;
  }

  private match(file: ObservedFile): ObservedFile[] {
    if (file.peer) {
      return [];
    }
    if (file.peerInode !== null) {
      const peer = this.byInode.get(file.peerInode);
      return peer && peer !== file ? this.join(file, peer) : [];
    }
    if (file.inode !== null) {
      const peer = [...this.byInode.values()].find((other) => other.peerInode === file.inode && !other.peer);
      if (peer) {
        return this.join(file, peer);
      }
    }
    const { local, remote } = file;
    if (!remote || (remote.family === 'AF_UNIX' && remote.name.length === 0)) {
      return [];
    }
    if (!file.isConnectionBased) {
      const peer = this.at(file, remote);
      file.peer = peer ?? null;
      return peer ? [file] : [];
    }
    if (!local) {
      return [];
    }
    const own = addressKey(local);
    const candidates = [...(this.byLocal.get(keyOf(file, remote)) ?? [])].filter(
      (other) => other !== file && !other.peer && other.remote && addressKey(other.remote) === own,
    );
    return candidates.length === 1 ? this.join(file, candidates[0]!) : [];
  }

  private join(file: ObservedFile, peer: ObservedFile): ObservedFile[] {
    file.peer = peer;
    if (peer.isConnectionBased || peer.peerInode === file.inode) {
      peer.peer ??= file;
    }
    return [file, peer];
  }

  private remove(file: ObservedFile): void {
    const known = this.keys.get(file);
    if (known !== undefined) {
      this.keys.delete(file);
      const files = this.byLocal.get(known);
      files?.delete(file);
      if (files?.size === 0) {
        this.byLocal.delete(known);
      }
    }
  }
}

function kindOf({ domain, type }: Pick<ObservedFile, 'domain' | 'type'>): string {
  const isInternet = domain === 'AF_INET' || domain === 'AF_INET6';
  return `${isInternet ? 'internet' : String(domain)}/${String(type)}`;
}

function keyOf(file: ObservedFile, address: SocketAddress): string {
  return `${kindOf(file)}/${addressKey(address)}`;
}

/** Whether an address is every one of the machine's. */
export function isAnyHost(address: SocketAddress): boolean {
  return anyHosts.test(addressKey(address));
}
