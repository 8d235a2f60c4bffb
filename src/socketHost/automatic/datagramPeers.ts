import type { SocketAddress } from '../../common/socket.js';
import type { OpenFile } from '../openFile.js';
import type { Peers } from '../peers.js';
import { storageSize } from '../sys/linux.js';
import type { SockaddrCodec } from '../sys/sockaddr.js';

/** Finds our socket at the other end of datagrams as for calls by hand: of very many in a row with the same address once. */
export class DatagramPeers {
  private readonly address = new Uint8Array(storageSize);
  private length = 0;
  private asker: OpenFile | null = null;
  private version = -1;
  private found: OpenFile | undefined;

  constructor(
    private readonly peers: Peers,
    private readonly codec: SockaddrCodec,
    private readonly find: (file: OpenFile, address: SocketAddress) => OpenFile | undefined,
  ) {}

  /** @param names The address is `length` bytes from `start` on: without any, the other end is that of the socket itself. */
  at(file: OpenFile, names: Uint8Array, start: number, length: number): OpenFile | null | undefined {
    if (length === 0 || file.isConnectionBased) {
      return file.peer;
    }
    if (this.asker !== file || this.version !== this.peers.version || !this.isSame(names, start, length)) {
      const address = names.subarray(start, start + length);
      this.asker = file;
      this.version = this.peers.version;
      this.address.set(address);
      this.length = length;
      this.found = this.find(file, this.codec.decode(address));
    }
    return this.found;
  }

  private isSame(names: Uint8Array, start: number, length: number): boolean {
    if (length !== this.length) {
      return false;
    }
    for (let i = 0; i < length; i++) {
      if (names[start + i] !== this.address[i]) {
        return false;
      }
    }
    return true;
  }
}
