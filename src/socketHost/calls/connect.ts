import type { ArgumentReader } from '../argumentReader.js';
import { HostCall } from '../hostCall.js';
import type { Socket } from '../socket.js';
import { errno, family } from '../sys/linux.js';
import * as sys from '../sys/syscall.js';
import { type InAddress, readAddress } from './addresses.js';
import type { CallContext } from './context.js';
import { readTarget } from './target.js';

/** Corresponds to `connect(2)`. */
export class ConnectCall extends HostCall {
  override readonly direction = 'write';
  override readonly timeoutMs: number | null;
  override readonly retryMs: number | null;
  private readonly address: InAddress;
  override readonly mayWait: boolean;
  private first = 0;

  constructor(
    reader: ArgumentReader,
    private readonly context: CallContext,
  ) {
    const { fd, socket } = readTarget(reader, context);
    super(fd, socket);
    this.address = readAddress(reader, 1, context, 'connect');
    this.args = [fd, ...this.address.args];
    this.timeoutMs = socket?.options.sendTimeoutMs ?? null;
    this.mayWait = socket !== null && !socket.info.isNonBlocking && this.timeoutMs !== 0;
    // A full queue of a listener tells nobody when it has room.
    this.retryMs = socket?.isUnix ? 10 : null;
  }

  attempt(): number | undefined {
    const result = sys.connect(this.handle, this.address.memory, this.address.length);
    if (!this.mayWait || !this.wouldWait(result)) {
      return result;
    }
    this.first ||= result;
    if (this.socket && !this.socket.isUnix) {
      this.socket.info.state = 'connecting';
      this.context.touch(this.socket);
    }
    return undefined;
  }

  override timedOut(): number {
    return this.first;
  }

  settle(result: number): void {
    if (!this.socket) {
      return;
    }
    const { info } = this.socket;
    const isDissolved = this.isUnspecified && result === 0;
    if (isDissolved) {
      info.state = this.socket.isBound ? 'bound' : 'open';
      this.socket.connectedTo = null;
      this.context.peers.dissolve(this.socket);
    } else if (result === 0 || result === -errno.EISCONN) {
      this.connected(this.socket, result);
    } else if (result === -errno.EINPROGRESS || result === -errno.EALREADY) {
      info.state = 'connecting';
    } else if (info.state === 'connecting') {
      info.state = this.socket.isBound ? 'bound' : 'open';
    }
    this.context.touch(this.socket);
  }

  private connected(socket: Socket, result: number): void {
    if (socket.info.state !== 'listening') {
      socket.info.state = 'connected';
    }
    if (result === 0) {
      socket.connectedTo = this.address.value;
    }
    if (socket.info.role === 'new') {
      socket.info.role = 'client';
    }
    this.context.peers.rematch(socket);
  }

  private get isUnspecified(): boolean {
    const { memory, length } = this.address;
    return (
      memory !== null && length >= 2 && (memory.bytes[0]! | (memory.bytes[1]! << 8)) === family.AF_UNSPEC
    );
  }

  private wouldWait(result: number): boolean {
    return this.socket?.isUnix
      ? result === -errno.EAGAIN
      : result === -errno.EINPROGRESS || result === -errno.EALREADY;
  }
}
