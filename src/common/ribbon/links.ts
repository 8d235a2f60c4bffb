import { type CallRecord, isAddress } from '../call.js';
import type { SocketLookup } from '../recordText.js';
import type { SocketId } from '../socket.js';

/** Whether a call asks for the connection to be dissolved: `connect(2)` with AF_UNSPEC. */
export function isDissolving({ name, args }: CallRecord): boolean {
  const address = name === 'connect' ? args[1] : undefined;
  return isAddress(address) && address.family === 'raw' && address.bytes[0] === 0 && address.bytes[1] === 0;
}

/** Which descriptors are of one open file, and which file is the other end of which, as records and sockets say. */
export class SocketLinks {
  private readonly copies = new Map<SocketId, Set<SocketId>>();
  private readonly peers = new Map<SocketId, SocketId>();
  /** From this record on the other end is another one, or none. */
  private readonly dissolvedAt = new Map<SocketId, number>();

  constructor(private readonly sockets: () => SocketLookup) {}

  learn(record: CallRecord): void {
    const { name, socketId, createdIds, peerId, payload } = record;
    if ((name === 'dup' || name === 'fcntl') && socketId !== null) {
      for (const id of createdIds) {
        this.noteCopy(socketId, id);
        this.noteCopy(id, socketId);
      }
    }
    if (isDissolving(record) && socketId !== null && record.errno === null) {
      const known = this.dissolvedAt.get(socketId) ?? Infinity;
      this.dissolvedAt.set(socketId, Math.min(known, record.seq));
    }
    const [first = null, second = null] = createdIds;
    if (name === 'socketpair' || name === 'pipe') {
      this.notePeers(first, second);
    } else if (name === 'accept' || name === 'accept4') {
      this.notePeers(first, peerId);
    } else if (name === 'connect' || payload?.offset != null) {
      this.notePeers(socketId, peerId);
    }
  }

  clear(): void {
    this.copies.clear();
    this.peers.clear();
    this.dissolvedAt.clear();
  }

  /** All descriptors of the open file, this one first. */
  sameFile(id: SocketId): SocketId[] {
    const found = new Set([id]);
    for (const one of found) {
      for (const copy of this.copies.get(one) ?? []) {
        found.add(copy);
      }
      for (const copy of this.sockets().get(one)?.sharedWith ?? []) {
        found.add(copy);
      }
    }
    return [...found];
  }

  /** The descriptors of the other end of the stream that a record is about. */
  peersOf({ seq, socketId, peerId }: CallRecord): SocketId[] {
    if (socketId === null) {
      return [];
    }
    const own = this.sameFile(socketId);
    const isDissolved = own.some((id) => (this.dissolvedAt.get(id) ?? Infinity) <= seq);
    return isDissolved ? [] : peerId === null ? this.peersOfSocket(socketId) : this.sameFile(peerId);
  }

  /** The descriptors of a socket's other end. */
  peersOfSocket(socketId: SocketId): SocketId[] {
    for (const id of this.sameFile(socketId)) {
      const isDissolved = this.dissolvedAt.has(id);
      const peer = this.sockets().get(id)?.peerId ?? (isDissolved ? undefined : this.peers.get(id));
      if (peer !== undefined) {
        return this.sameFile(peer);
      }
    }
    return [];
  }

  private noteCopy(id: SocketId, copy: SocketId): void {
    const copies = this.copies.get(id);
    if (copies) {
      copies.add(copy);
    } else {
      this.copies.set(id, new Set([copy]));
    }
  }

  private notePeers(one: SocketId | null, other: SocketId | null): void {
    if (one !== null && other !== null && one !== other) {
      this.peers.set(one, other);
      this.peers.set(other, one);
    }
  }
}
