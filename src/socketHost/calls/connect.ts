import type { SocketAddress } from '../../common/socket.js';
import type { ArgumentReader } from '../argumentReader.js';
import { HostCall } from '../hostCall.js';
import type { OpenFile } from '../openFile.js';
import { errno, family } from '../sys/linux.js';
import * as sys from '../sys/syscall.js';
import { type InAddress, readAddress } from './addresses.js';
import type { CallContext } from './context.js';
import { readTarget } from './target.js';

/** What the kernel says of an address before it looks at the socket. */
const addressErrors: readonly number[] = [errno.EINVAL, errno.EFAULT];

/** Corresponds to `connect(2)`. */
export class ConnectCall extends HostCall {
  override readonly queue = 'write';
  override readonly timeoutMs: number | null;
  override readonly isRetried: boolean;
  override readonly takesTurns: boolean;
  private readonly address: InAddress;
  override readonly mayWait: boolean;
  /** Another call has begun the handshake. */
  private readonly joins: boolean;
  private first = 0;
  private readonly wasShut: boolean;
  private isAborted = false;
  /** Another call that waited for the same connection has had the kernel's answer. */
  private isAnswered = false;

  constructor(
    reader: ArgumentReader,
    private readonly context: CallContext,
  ) {
    const { fd, socket } = readTarget(reader, context);
    super(fd, socket);
    this.address = readAddress(reader, 1, context, 'connect');
    this.args = [fd, ...this.address.args];
    // That of vsock has a time-out of its own.
    const hasOther = socket?.file.domain === family.AF_VSOCK;
    this.timeoutMs = hasOther ? null : (socket?.file.options.sendTimeoutMs ?? null);
    // To dissolve a connection is done at once, also while other calls wait for it.
    this.mayWait =
      socket !== null && !socket.file.isNonBlocking && this.timeoutMs !== 0 && !this.isUnspecified;
    this.wasShut = isShut(socket?.file);
    this.joins = socket !== null && socket.file.isTcp && socket.file.state === 'connecting';
    // A full queue of a listener tells nobody when it has room.
    this.isRetried = socket?.file.isUnix ?? false;
    this.takesTurns = !socket?.file.isUnix;
  }

  attempt(events: number): number | undefined {
    const isAgain = events !== 0 || this.first !== 0;
    const error = isAgain ? this.errorOfFirst() : 0;
    if (error !== 0) {
      this.isAborted = this.socket?.file.isTcp ?? false;
      return -error;
    }
    if (isAgain && this.joins && isOver(this.socket!.file)) {
      // Another call that waited for it has had the error, and one more connect would begin a handshake.
      return -errno.EPIPE;
    }
    const result = sys.connect(this.handle, this.address.memory, this.address.length);
    if (result === -errno.EISCONN && isAgain && this.mayWait && !this.socket?.file.isUnix) {
      this.isAnswered = true;
      return 0;
    }
    if (!this.mayWait || !this.wouldWait(result)) {
      return result;
    }
    this.first ||= result;
    if (this.socket && !this.socket.file.isUnix) {
      this.connecting(this.socket.file, result);
      this.context.touch(this.socket.file);
    } else if (this.socket && this.room === undefined) {
      this.room = this.passed && this.context.roomAt(this.socket.file, this.passed);
    }
    return undefined;
  }

  override isAsleep(events: number): boolean {
    if (events !== 0 && this.socket?.file.isUnix) {
      // What is told is of its own socket, not of the room at the listener: those that have waited for longer come first there.
      return true;
    }
    return this.room ? this.room.isShutdownRead && this.context.isUsersRoom(this.room) : false;
  }

  override timedOut(): number {
    // One that stood behind another was never tried.
    return this.first || -errno.EALREADY;
  }

  settle(result: number): void {
    if (!this.socket) {
      return;
    }
    const { file } = this.socket;
    const isDissolved = this.isUnspecified && result === 0;
    if (isDissolved) {
      this.dissolve(file);
    } else if (result === 0 || result === -errno.EISCONN) {
      this.connected(file, result);
      this.context.nameByRole(this.socket);
    } else if (result === -errno.EINPROGRESS || result === -errno.EALREADY) {
      this.connecting(file, result);
    } else if (file.state === 'connecting' && !addressErrors.includes(-result)) {
      file.noteNotConnected();
      file.wakeTakenBack();
    }
    if (this.isAborted) {
      file.noteAsNew();
    }
    this.context.didName(this.socket);
    this.context.touch(file);
  }

  private dissolve(file: OpenFile): void {
    const wasListening = file.state === 'listening';
    file.isTakenBack ||= file.isTcp && wasListening;
    file.noteNotConnected();
    this.context.peers.dissolve(file);
    if (file.isTcp) {
      file.noteAsNew();
    }
    if (file.isTcp && !wasListening) {
      // The kernel wakes whatever sleeps on the connection. Another try would begin a new one, or take the error that it leaves.
      file.endWaits(errno.EPIPE);
    }
    if (file.isTakenBack) {
      // Of several calls that wait to accept it wakes one.
      queueMicrotask(() => file.wakeReader());
    }
  }

  /**
   * The error of a handshake that is over where another connect would begin a new one: after a shutdown(2), and with vsock
   * always. 0 when that is not so. Where another call that waited for it has had the error, the connection was given up.
   */
  private errorOfFirst(): number {
    const file = this.socket?.file;
    const isForgotten = file?.domain === family.AF_VSOCK || (file?.isTcp && !this.wasShut && isShut(file));
    if (!isForgotten) {
      return 0;
    }
    return file.takeError() || (file.isTcpClosed ? errno.ECONNABORTED : 0);
  }

  /** A handshake is under way: with the address of the call that began it, whatever later ones were given. */
  private connecting(file: OpenFile, result: number): void {
    file.state = 'connecting';
    if (result === -errno.EINPROGRESS) {
      file.connectedTo = this.passed;
      file.watchHandshake();
    }
  }

  private connected(file: OpenFile, result: number): void {
    // A connect that only finds the connection made succeeds too, whatever address it was given.
    const isKnown = file.isConnectionBased && file.connectedTo !== null;
    if (result === 0 && !this.isAnswered && file.state !== 'connecting') {
      file.connectedTo = isKnown ? file.connectedTo : this.passed;
      // A descriptor that never waits has its TCP connection at once only where nothing has been sent for it yet.
      file.hasDeferredConnect = file.isTcp;
    }
    if (file.state !== 'listening') {
      file.state = 'connected';
    }
    file.wakeTakenBack();
    if (file.role === 'new') {
      file.role = 'client';
    }
    this.context.peers.rematch(file);
  }

  /** The address as the kernel got it: the length may have cut it. */
  private get passed(): SocketAddress | null {
    const { memory, length } = this.address;
    return memory && this.context.codec.decode(memory.bytes, Math.min(length, memory.length));
  }

  private get isUnspecified(): boolean {
    const { memory, length } = this.address;
    return (
      memory !== null && length >= 2 && (memory.bytes[0]! | (memory.bytes[1]! << 8)) === family.AF_UNSPEC
    );
  }

  private wouldWait(result: number): boolean {
    return this.socket?.file.isUnix
      ? result === -errno.EAGAIN
      : result === -errno.EINPROGRESS || result === -errno.EALREADY;
  }
}

/** A handshake that was under way has failed. */
function isOver({ state }: OpenFile): boolean {
  return state === 'open' || state === 'bound';
}

function isShut(file: OpenFile | undefined): boolean {
  return file !== undefined && (file.isShutdownRead || file.isShutdownWrite);
}
