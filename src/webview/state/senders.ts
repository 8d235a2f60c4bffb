import { type CallRecord, isAddress } from '../../common/call.js';
import { messageName } from '../../common/messageText.js';
import type { SocketAddress, SocketId } from '../../common/socket.js';
import { parameterIndex } from '../../common/tables/signatures.js';
import { isReachable } from '../../common/usualArguments.js';
import type { RecordSink } from './recordPages.js';

/** Where the last datagram came from that each socket has received, of the records that the page has read. */
export class Senders implements RecordSink {
  private readonly last = new Map<SocketId, { seq: number; address: SocketAddress }>();

  add(record: CallRecord): void {
    const { name, seq, socketId, args, errno } = record;
    const source =
      name === 'recvfrom'
        ? args[parameterIndex('recvfrom', 'sockaddrOut')]
        : name === 'recvmsg'
          ? messageName(record)
          : undefined;
    const isLater = socketId !== null && seq >= (this.last.get(socketId)?.seq ?? 0);
    if (isLater && errno === null && isAddress(source) && isReachable(source)) {
      this.last.set(socketId, { seq, address: source });
    }
  }

  remove(): void {
    // It stays what it was.
  }

  clear(): void {
    this.last.clear();
  }

  of(id: SocketId): SocketAddress | undefined {
    return this.last.get(id)?.address;
  }
}
