import type { ArgumentReader } from '../argumentReader.js';
import { HostCall } from '../hostCall.js';
import { roomWaits } from '../roomWaits.js';
import { errno, socketType } from '../sys/linux.js';
import * as sys from '../sys/syscall.js';
import { OutAddress } from './addresses.js';
import type { CallContext } from './context.js';
import { readTarget } from './target.js';

/** Corresponds to `accept(2)` and `accept4(2)`. The new descriptor is non-blocking and close-on-exec. */
export class AcceptCall extends HostCall {
  override readonly queue = 'read';
  override readonly timeoutMs: number | null;
  private readonly address: OutAddress;
  private readonly flags: number;
  override readonly mayWait: boolean;

  constructor(
    reader: ArgumentReader,
    private readonly context: CallContext,
    hasFlags: boolean,
  ) {
    const { fd, socket } = readTarget(reader, context);
    super(fd, socket);
    this.address = new OutAddress(reader, 1, context.codec);
    this.flags = hasFlags ? reader.int(3, 0) : 0;
    this.timeoutMs = socket?.file.options.receiveTimeoutMs ?? null;
    this.mayWait = socket !== null && !socket.file.isNonBlocking && this.timeoutMs !== 0;
    this.args = this.withFlags(hasFlags, this.address.argsBefore);
  }

  attempt(): number | undefined {
    const result = this.accept();
    if (result !== -errno.EAGAIN || !this.mayWait || !this.socket) {
      return result;
    }
    // Non-blocking, an AF_UNIX listener that was shut down goes on saying EAGAIN.
    return this.socket.file.isUnix && this.socket.file.isReceiveShut
      ? this.socket.withoutNonBlocking(() => this.accept())
      : undefined;
  }

  /** The kernel wakes only one of those that wait on a listener which is taken back. */
  override isAsleep(): boolean {
    return this.socket?.file.isTakenBack ?? false;
  }

  /** The kernel looks once more, and says of what was taken back that it does not listen. */
  override timedOut(): number {
    return this.isAsleep() ? this.accept() : super.timedOut();
  }

  settle(result: number): void {
    if (this.socket && (result >= 0 || result === -errno.EFAULT)) {
      // The connection is taken before it is found that its address cannot be written.
      roomWaits.wakeFirst(this.socket.file);
    }
    if (result < 0 || !this.socket) {
      return;
    }
    this.args = this.withFlags(this.args.length > 3, this.address.argsAfter);
    const { domain, type, protocol } = this.socket.file;
    const accepted = this.context.adopt({
      fd: result,
      file: {
        kind: 'socket',
        domain,
        type,
        protocol,
        role: 'accepted',
        isNonBlocking: (this.flags & socketType.SOCK_NONBLOCK) !== 0,
        listener: this.socket,
      },
      isCloseOnExec: (this.flags & socketType.SOCK_CLOEXEC) !== 0,
      name: this.socketNames[0] ?? null,
      openedSeq: this.seq,
    });
    this.createdIds.push(accepted.info.id);
    const { address } = this.address;
    if (address && address.family !== 'raw') {
      this.context.peers.setRemote(accepted.file, address);
    }
    this.context.didAccept(this.socket, accepted);
    this.context.touch(this.socket.file);
  }

  private accept(): number {
    const { memory, cell } = this.address.prepare();
    const flags = this.flags | socketType.SOCK_NONBLOCK | socketType.SOCK_CLOEXEC;
    return sys.accept4(this.handle, memory, cell, flags);
  }

  private withFlags(hasFlags: boolean, address: OutAddress['argsBefore']): HostCall['args'] {
    return hasFlags ? [this.fd, ...address, this.flags] : [this.fd, ...address];
  }

  override peerId() {
    const id = this.createdIds[0];
    return id === undefined ? null : (this.context.socketOfId(id)?.info.peerId ?? null);
  }
}
