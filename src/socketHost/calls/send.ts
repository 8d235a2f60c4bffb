import type { SocketAddress, SocketId } from '../../common/socket.js';
import { type ArgumentReader, largestBuffer } from '../argumentReader.js';
import { HostCall, type MovedPayload } from '../hostCall.js';
import type { OpenFile } from '../openFile.js';
import type { Socket } from '../socket.js';
import { epoll, errno, family, messageFlag, socketType, storageSize } from '../sys/linux.js';
import { IntCell, Memory } from '../sys/memory.js';
import * as sys from '../sys/syscall.js';
import { type InAddress, type PassedAddress, readAddress } from './addresses.js';
import type { CallContext } from './context.js';
import { OutMessage } from './outMessage.js';
import { previewOf } from './preview.js';
import { readTarget } from './target.js';
import { UnstampedPart } from './unstampedPart.js';
import { hasWaitingError } from './waitingError.js';

/** The length of an address that says its family only. */
const familySize = 2;

type Form = 'send' | 'sendto' | 'sendmsg' | 'write';

/** Readiness tells neither that a receiver's full queue has room nor that a peer elsewhere has shut down its receiving side. */
function isBlindTo(file: OpenFile): boolean {
  return !file.isStream || file.peer === null;
}

function isUnnamed(handle: number): boolean {
  const length = new IntCell();
  length.value = storageSize;
  return sys.getsockname(handle, new Memory(storageSize), length) === 0 && length.value === familySize;
}

function newDatagramSocket(): number {
  const { SOCK_DGRAM, SOCK_NONBLOCK, SOCK_CLOEXEC } = socketType;
  return sys.socket(family.AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/**
 * Corresponds to `send(2)`, `sendto(2)`, `sendmsg(2)` and `write(2)`. On a stream a blocking call goes on after a short count: its
 * result is the whole, or what had been sent when an error or the time-out came.
 */
export class SendCall extends HostCall {
  override readonly queue = 'write';
  override readonly timeoutMs: number | null;
  override readonly isRetried: boolean;
  override readonly takesTurns: boolean;
  private readonly data: Memory | null;
  private readonly length: number;
  /** The length of write(2) where it is negative: the kernel has an answer to that before all others. */
  private readonly negative: bigint | undefined;
  private flags: number;
  private readonly address: InAddress | null;
  private readonly message: OutMessage | null;
  override readonly mayWait: boolean;
  /** What the socket was connected to when the call began to wait. */
  private connectedTo: SocketAddress | null = null;
  /** Where in the stream the first byte is. */
  private offset: number | null = null;
  private sent = 0;
  /** Where the call would get more time stamps for being sent in parts. */
  private readonly unstamped: UnstampedPart | null;
  /** The SYN has gone, mostly with bytes, and its answer is outstanding: a blocking call waits for it. */
  private isOpening = false;

  constructor(
    reader: ArgumentReader,
    private readonly context: CallContext,
    private readonly form: Form,
  ) {
    const { fd, socket } = readTarget(reader, context);
    super(fd, socket);
    this.negative = form === 'write' ? reader.unsigned(2) : undefined;
    this.message = form === 'sendmsg' ? new OutMessage(reader, context) : null;
    if (this.message) {
      this.data = this.message.data;
      this.length = this.message.length;
      this.flags = reader.int(2, 0);
      this.address = null;
      this.args = [fd, this.message.value, this.flags];
    } else {
      const bytes = reader.data(1);
      this.data = bytes && new Memory(bytes);
      this.length =
        this.negative === undefined ? reader.size(2, bytes?.length ?? largestBuffer, bytes?.length ?? 0) : 0;
      this.flags = form === 'write' ? 0 : reader.int(3, 0);
      this.address = form === 'sendto' ? readAddress(reader, 4, context, 'send') : null;
      this.args = [
        fd,
        bytes && previewOf(bytes, bytes.length),
        this.negative ?? this.length,
        ...(form === 'write' ? [] : [this.flags]),
        ...(this.address?.args ?? []),
      ];
    }
    this.timeoutMs = socket?.file.options.sendTimeoutMs ?? null;
    this.mayWait =
      socket !== null &&
      this.negative === undefined &&
      !socket.file.isNonBlocking &&
      this.timeoutMs !== 0 &&
      (this.flags & messageFlag.MSG_DONTWAIT) === 0;
    this.unstamped = this.partWithoutStamps(socket?.file);
    this.isRetried = socket !== null && socket.file.isUnix && isBlindTo(socket.file);
    // The kernel has nobody stand in line where there is room.
    this.takesTurns = !socket?.file.isUnix;
  }

  /** So much of it has been sent already, by a try that was made elsewhere. */
  goOnAfter(bytes: number): this {
    if (bytes > 0) {
      this.count(bytes);
    }
    return this;
  }

  attempt(events: number): number | undefined {
    if (events & epoll.ERR && !this.isOpening) {
      const error = this.whenBroken();
      if (error !== 0) {
        return error;
      }
    }
    for (;;) {
      if (this.isOpening) {
        const result = this.finishOpening();
        if (result === undefined || result < 0 || this.sent >= this.length) {
          return result;
        }
      }
      const result = this.heldRoom ? this.sendTo(this.heldRoom) : this.send();
      if (this.mayWait && result === -errno.EAGAIN) {
        if (this.room === undefined) {
          this.room = this.roomOf(this.socket);
          this.connectedTo = this.socket!.file.connectedTo;
        }
        this.isHeldBack = isBlindTo(this.socket!.file) && this.socket!.file.isSendBufferFull;
        return undefined;
      }
      if (result === -errno.ENOTCONN && this.room && this.room.handle < 0 && !this.isHeldBack) {
        // Another one that waited has had the error. Who sleeps on the receiver is told that there was a connection.
        return -errno.ECONNRESET;
      }
      const hasBegun = result >= 0 || result === -errno.EINPROGRESS || result === -errno.EALREADY;
      this.isOpening = this.mayWait && this.opens && hasBegun;
      if (result < 0 && !this.isOpening) {
        return this.sent > 0 ? this.sent : result;
      }
      this.count(Math.max(result, 0));
      if (this.sent > 0) {
        // The call ends once, and is told of once: each part with the flag would have an end of its own.
        this.flags &= ~messageFlag.MSG_ZEROCOPY;
      }
      if (this.isOpening) {
        // Once the connection is made the flag is an error.
        this.flags &= ~messageFlag.MSG_FASTOPEN;
        continue;
      }
      const { isStream = false, kind, isNonBlocking = false } = this.socket?.file ?? {};
      // Whether a write to a pipe goes on waiting the kernel looks up each time; of a socket it knows since the call began.
      const waitsOn = this.mayWait && !(kind === 'pipe' && isNonBlocking);
      if (!isStream || !waitsOn || this.sent >= this.length) {
        return isStream ? this.sent : result;
      }
    }
  }

  override isAsleep(events: number): boolean {
    const { file } = this.socket ?? {};
    if (this.isHeldBack && file) {
      // Its own buffer is full. A non-blocking send would go as soon as one byte is free; the kernel wakes who sleeps when
      // three quarters are, and readiness tells.
      return !(events & (epoll.OUT | epoll.ERR | epoll.HUP)) && !this.mayBeShut(file);
    }
    const isTold = this.destination || this.heldRoom;
    if (events & epoll.OUT && file?.isUnix && !file.isConnectionBased && isTold) {
      // A try that finds the receiver's queue full gives its room in the sender's buffer back, and readiness tells of that:
      // each would lead to the next one. The receiver's room is found by the clock, or by the call that makes it.
      return true;
    }
    const sleepsOn = this.room?.isShutdownRead || this.heldRoom;
    if (!this.room || !sleepsOn || !this.context.isUsersRoom(this.room)) {
      return false;
    }
    // Between two that are connected with each other it is the sender's own room, of which readiness tells.
    const isOwnRoom = this.room === this.socket?.file || this.room.peer === this.socket?.file;
    return !(isOwnRoom && events & epoll.OUT);
  }

  /** No more can be sent, as far as it is told here: what another process does to the peer is not. */
  private mayBeShut({ isShutdownWrite, isConnectionBased, peer }: OpenFile): boolean {
    const isTold = peer !== null && !peer.isShutdownRead && this.context.isUsersRoom(peer);
    return isShutdownWrite || (isConnectionBased && !isTold);
  }

  override endedBy(error: number): number {
    if (this.isOpening) {
      this.takeBack();
    }
    return this.sent > 0 ? this.sent : -error;
  }

  override timedOut(): number {
    return this.sent > 0 ? this.sent : -(this.isOpening ? errno.EINPROGRESS : errno.EAGAIN);
  }

  settle(result: number): void {
    if (result >= 0) {
      this.message?.descriptors.forEach((fd) => {
        const passed = this.context.socketOfFd(fd);
        if (passed) {
          this.context.notePassed(passed.file);
        }
      });
    }
    if (result >= 0 && this.socket) {
      this.socket.file.noteConnected();
      if (this.socket.file.state === 'open' && !this.socket.file.isUnix) {
        this.context.didName(this.socket);
      }
      this.context.touch(this.socket.file);
    }
  }

  override get moved(): number {
    return this.sent;
  }

  override payload(): MovedPayload | null {
    return {
      direction: 'out',
      bytes: this.data?.bytes.subarray(0, this.sent) ?? new Uint8Array(),
      length: this.sent,
      offset: this.offset,
      captured: null,
    };
  }

  override peerId(): SocketId | null {
    const destination = this.destination ?? this.socket?.file.connectedTo;
    return destination && this.socket && !this.socket.file.isConnectionBased
      ? (this.context.peers.receiverAt(this.socket.file, destination)?.first?.id ?? null)
      : super.peerId();
  }

  /** The address that the call itself says; null where it says none. */
  private get destination(): SocketAddress | null {
    return this.address?.value ?? this.message?.destination ?? null;
  }

  private roomOf(socket: Socket | null): OpenFile | null {
    // What shuts down the receiving side of one with a connection wakes its peer.
    if (!socket?.file.isUnix || socket.file.isConnectionBased) {
      return null;
    }
    const address = this.destination ?? (socket.file.peer ? null : socket.file.connectedTo);
    return address ? this.context.roomAt(socket.file, address) : socket.file.peer;
  }

  /**
   * The receiver that the call waits for: the kernel holds on to it, whatever has become of the sender's own socket since, which
   * another try would run into. Null where that makes no difference.
   */
  private get heldRoom(): OpenFile | null {
    const { room, socket } = this;
    const isHeld = room && socket && room.peer !== socket.file && !this.isHeldBack;
    return isHeld && (this.isElsewhere || socket.file.isShutdownWrite) ? room : null;
  }

  /** The socket was connected to somebody else since the call began to wait, or to nobody. */
  private get isElsewhere(): boolean {
    return !this.destination && this.socket?.file.connectedTo !== this.connectedTo;
  }

  private sendTo(room: OpenFile): number {
    if (room.handle < 0) {
      return -(this.isElsewhere ? errno.ECONNRESET : errno.ECONNREFUSED);
    }
    const bytes = room.boundTo && this.context.codec.encode(room.boundTo);
    const to = bytes && { memory: Memory.of(bytes, storageSize), length: bytes.length };
    // The kernel has looked before whether the sender is shut down. One without a name cannot be told from another.
    const isStoodInFor = this.socket!.file.isShutdownWrite && isUnnamed(this.handle);
    const standIn = isStoodInFor ? newDatagramSocket() : -1;
    const result = this.send(standIn < 0 ? this.handle : standIn, to);
    if (standIn >= 0) {
      sys.close(standIn);
    }
    return result;
  }

  /** Urgent data is marked at the end of each part, as the kernel does when a call waits. */
  private partWithoutStamps(file: OpenFile | undefined): UnstampedPart | null {
    const { data, length, message } = this;
    const isStamped = file?.isTcp && (file.options.mayStamp || message?.isStamping);
    const isUrgent = (this.flags & messageFlag.MSG_OOB) !== 0;
    const control = message ? message.plainControl : this.address?.memory ? null : [];
    return this.mayWait && isStamped && !isUrgent && data && length === data.length && length > 1 && control
      ? new UnstampedPart(data, length, control)
      : null;
  }

  /** @param to In place of the address that the call says. */
  private send(handle = this.handle, to: PassedAddress | null = null): number {
    if (this.unstamped && this.sent < this.unstamped.length) {
      return this.unstamped.send(handle, this.sent, this.flags);
    }
    if (this.message) {
      return this.message.send(handle, this.sent, this.flags, to);
    }
    const rest = this.length - this.sent;
    if (this.negative !== undefined) {
      return sys.writeNegative(handle);
    }
    if (this.form === 'write' && !to) {
      return sys.write(handle, this.data, this.sent, rest);
    }
    const { memory = null, length = 0 } = to ?? this.address ?? {};
    return sys.sendto(handle, this.data, this.sent, rest, this.flags, memory, length);
  }

  /** The call sends the SYN too: by its flag, or because connect(2) has left it to the first send. */
  private get opens(): boolean {
    const { file } = this.socket ?? {};
    return (
      file !== undefined &&
      file.isTcp &&
      ((this.flags & messageFlag.MSG_FASTOPEN) !== 0 || file.hasDeferredConnect)
    );
  }

  /** What a blocking call says once the handshake is over: that it failed, or what has been sent. */
  private finishOpening(): number | undefined {
    const { file } = this.socket!;
    const address = new Memory(storageSize);
    address.bytes[0] = file.domain!;
    const result = sys.connect(this.handle, address, storageSize);
    if (result === -errno.EALREADY || result === -errno.EINPROGRESS) {
      return undefined;
    }
    this.isOpening = false;
    if (result < 0 && result !== -errno.EISCONN) {
      this.takeBack();
      file.noteNotConnected();
      return result;
    }
    return this.sent;
  }

  /** An error has come while the call waits. The answer; 0 to try again. */
  private whenBroken(): number {
    const { sent } = this;
    if (this.socket?.file.isUnix && this.socket.file.isStream) {
      // A call that sleeps takes the error; another try would say EPIPE and leave it.
      const error = this.socket.file.takeError();
      return error !== 0 && sent === 0 ? -error : sent;
    }
    // Another try would take the error that the next call is to report.
    return hasWaitingError(this.handle, this.socket?.file.isTcp ?? false) ? sent : 0;
  }

  /** What went with the SYN counts only where the connection is made. */
  private takeBack(): void {
    this.socket!.file.bytesSent -= this.sent;
    this.sent = 0;
  }

  private count(bytes: number): void {
    this.sent += bytes;
    if (this.socket) {
      const { file } = this.socket;
      this.offset ??= file.isStream ? file.bytesSent : null;
      file.bytesSent += bytes;
      file.hasDeferredConnect = false;
    }
  }
}
