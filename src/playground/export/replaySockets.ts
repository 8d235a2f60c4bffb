import { type CallRecord, itemsOf, type Value } from '../../common/call.js';
import type { SocketAddress, SocketId, SocketInfo } from '../../common/socket.js';
import { endpointText } from '../../common/socketText.js';
import { constantValue } from '../../common/tables/constants.js';

/** What stands for a socket in a replay: fork(2) gives numbers to processes that no call here could make. */
export class ReplaySockets {
  private readonly made = new Set<SocketId>();
  private readonly left = new Set<SocketId>();
  private readonly lastCloses = new Map<SocketId, number>();
  /** Those whose stream a call ends. */
  private readonly ending = new Set<SocketId>();
  /** Those that are connected for certain: bytes have moved, or the kernel has said that there is no error. */
  private readonly connected = new Set<SocketId>();
  private nextId: SocketId;

  constructor(
    records: readonly CallRecord[],
    private readonly infos: ReadonlyMap<SocketId, SocketInfo>,
  ) {
    for (const { createdIds, name, socketId } of records) {
      // What arrives in a message is another number of a socket that is there; of one that nobody made nothing is made.
      if (name === 'recvmsg' || (socketId !== null && this.nameFor(socketId) === null)) {
        continue;
      }
      createdIds.forEach((id) => this.made.add(id));
    }
    const failed = new Set<SocketId>();
    for (const { name, seq, socketId, errno, args, payload } of records) {
      if (name === 'connect' && errno !== null && socketId !== null) {
        failed.add(this.fileOf(socketId));
      }
      if (socketId !== null && errno === null && (payload || (name === 'getsockopt' && isNoError(args)))) {
        this.connected.add(this.fileOf(socketId));
      }
      if (name === 'shutdown' && errno === null && socketId !== null && args[1] !== 0) {
        this.ending.add(this.fileOf(socketId));
      }
      const id = socketId === null || name !== 'close' || errno !== null ? null : this.nameFor(socketId);
      if (id !== null) {
        this.lastCloses.set(id, seq);
        this.ending.add(this.fileOf(id));
      }
    }
    for (const file of failed) {
      // It was tried, and nothing came of it.
      if (!this.hasConnected(file) && this.infos.get(file)?.backlog == null) {
        this.left.add(file);
      }
    }
    this.nextId = Math.max(0, ...infos.keys(), ...this.made) + 1;
  }

  /** A number for a socket that no record has made. */
  newId(): SocketId {
    return this.nextId++;
  }

  /** The same for all descriptors of a socket. */
  fileOf(id: SocketId): SocketId {
    return Math.min(id, ...(this.infos.get(id)?.sharedWith ?? []));
  }

  /** The descriptor here that a descriptor there is; null where no record has made it. */
  nameFor(id: SocketId): SocketId | null {
    if (this.made.has(id)) {
      return id;
    }
    const { sharedWith = [], fd } = this.infos.get(id) ?? {};
    const originals = sharedWith.filter((other) => this.made.has(other));
    return originals.find((other) => this.infos.get(other)?.fd === fd) ?? originals[0] ?? null;
  }

  /** No call on this socket is made here. */
  leave(id: SocketId | undefined): void {
    if (id !== undefined) {
      this.left.add(this.fileOf(id));
    }
  }

  isPlayed(id: SocketId): boolean {
    return !this.left.has(this.fileOf(id));
  }

  /** Whether some call ends what a socket sends; else its process has ended. */
  isEnded(id: SocketId): boolean {
    return this.ending.has(this.fileOf(id));
  }

  /** Whether a close is the one that closes what is one descriptor here. */
  isLastClose({ seq, socketId }: CallRecord): boolean {
    const id = socketId === null ? null : this.nameFor(socketId);
    return id !== null && this.lastCloses.get(id) === seq;
  }

  /** The other end of a connection, where its socket is made here too. */
  peerOf(id: SocketId): SocketId | null {
    const peer = [id, ...(this.infos.get(id)?.sharedWith ?? [])]
      .map((each) => this.infos.get(each)?.peerId ?? null)
      .find((each) => each !== null);
    return peer === undefined || this.nameFor(peer) === null ? null : this.fileOf(peer);
  }

  isConnectionBased(id: SocketId): boolean {
    return this.infos.get(id)?.type !== 'SOCK_DGRAM';
  }

  isIPv6(id: SocketId): boolean {
    return this.infos.get(id)?.domain === 'AF_INET6' && !this.meetsIPv4(id);
  }

  /** Whether an IPv6 socket has to do with IPv4 addresses: then it is one of IPv4 here. */
  meetsIPv4(id: SocketId): boolean {
    const own = this.infos.get(id);
    const family = [...this.infos.values()].filter(
      ({ listenerId, id: other }) => listenerId === id || other === id || other === own?.listenerId,
    );
    const connections = [...this.infos.values()].filter(({ listenerId }) => listenerId === own?.listenerId);
    return [...family, ...(own?.listenerId == null ? [] : connections)].some(
      ({ local, remote, peerId }) =>
        isIPv4(local) || isIPv4(remote) || (peerId !== null && this.infos.get(peerId)?.domain === 'AF_INET'),
    );
  }

  /** The listener that took a connection, or that is at the address. */
  listenerOf(id: SocketId, address: SocketAddress): SocketId | null {
    const peer = this.peerOf(id);
    const listener = peer === null ? null : (this.infos.get(peer)?.listenerId ?? null);
    if (listener !== null) {
      return this.nameFor(listener) === null ? null : this.fileOf(listener);
    }
    if (peer === null && address.family !== 'AF_UNIX') {
      // Nobody in the log took it: it was taken elsewhere, even where a listener of the log has the same port.
      return null;
    }
    const found = [...this.infos.values()].find(
      ({ backlog, local }) => backlog !== null && local && endpointText(local) === endpointText(address),
    );
    return found ? this.fileOf(found.id) : null;
  }

  /** Whether a connection that had begun was made. */
  hasConnected(id: SocketId): boolean {
    return this.connected.has(this.fileOf(id)) || this.peerOf(id) !== null;
  }

  /** The datagram socket that an address reaches; null where there is none, or there are several. */
  at(id: SocketId, address: SocketAddress): SocketId | null {
    const { type } = this.infos.get(id) ?? {};
    const files = new Set(
      [...this.infos.values()]
        .filter((other) => other.type === type && reaches(other.local, address))
        .map((other) => this.fileOf(other.id)),
    );
    const [only = null] = files;
    return files.size === 1 ? only : null;
  }

  /** The arguments of `socket` for another one like it. */
  kindOf(id: SocketId, isIPv6: boolean): Value[] {
    const { domain, type } = this.infos.get(id) ?? {};
    const family = domain === 'AF_INET6' && !isIPv6 ? 'AF_INET' : String(domain);
    return [constantValue(family, 'linux') ?? 2, constantValue(String(type), 'linux') ?? 1, 0];
  }

  remoteText(id: SocketId): string | undefined {
    const { remote, local } = this.infos.get(id) ?? {};
    const address = remote ?? local;
    return address ? endpointText(address) : undefined;
  }
}

/** `getsockopt(3, SOL_SOCKET, SO_ERROR, [0])` */
function isNoError([, level, option, value]: readonly Value[]): boolean {
  const isAsked =
    level === constantValue('SOL_SOCKET', 'linux') && option === constantValue('SO_ERROR', 'linux');
  return isAsked && itemsOf(value)[0] === 0;
}

function reaches(local: SocketAddress | null, address: SocketAddress): boolean {
  if (!local || !('port' in local) || !('port' in address)) {
    return local !== null && endpointText(local) === endpointText(address);
  }
  const isAny = 'address' in local && /^(?:0\.0\.0\.0|::)$/.test(local.address);
  return local.port === address.port && (isAny || endpointText(local) === endpointText(address));
}

function isIPv4(address: SocketAddress | null): boolean {
  return (
    address?.family === 'AF_INET' || (address?.family === 'AF_INET6' && /^::ffff:/i.test(address.address))
  );
}
