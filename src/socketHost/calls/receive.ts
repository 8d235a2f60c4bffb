import type { SocketId } from '../../common/socket.js';
import { type ArgumentReader, largestBuffer } from '../argumentReader.js';
import { HostCall, type MovedPayload } from '../hostCall.js';
import type { OpenFile } from '../openFile.js';
import type { PinnedSegment } from '../store/pinnedSegment.js';
import { roomWaits } from '../roomWaits.js';
import { epoll, errno, family, messageFlag, protocol, queueRequest } from '../sys/linux.js';
import { IntCell, Memory } from '../sys/memory.js';
import * as sys from '../sys/syscall.js';
import { OutAddress } from './addresses.js';
import type { CallContext } from './context.js';
import { InMessage } from './inMessage.js';
import { previewOf } from './preview.js';
import { nextMessage } from './nextMessage.js';
import { readTarget } from './target.js';
import { hasWaitingError } from './waitingError.js';

/** Up to this size the kernel writes into the capture itself. */
const largestInPlace = 64 * 1024;

type Form = 'recv' | 'recvfrom' | 'recvmsg' | 'read';

/** Files of which a call took an urgent byte, with where in the stream its place is. */
const takenUrgent = new WeakMap<OpenFile, number>();

/**
 * Corresponds to `recv(2)`, `recvfrom(2)`, `recvmsg(2)` and `read(2)`. With MSG_WAITALL on a stream a blocking call goes on after a
 * short count, until the whole is there (with SO_RCVLOWAT, so much), the stream ends, an error comes or urgent data begins. TCP
 * wakes a sleeping call, as it tells of readiness, only when so much is there anew: what the call has taken already does not count.
 */
export class ReceiveCall extends HostCall {
  override readonly queue = 'read';
  override readonly timeoutMs: number | null;
  private readonly length: number;
  /** The length of read(2) where it is negative: the kernel has an answer to that before all others. */
  private readonly negative: bigint | undefined;
  private readonly flags: number;
  private readonly from: OutAddress | null;
  private readonly message: InMessage | null;
  override readonly mayWait: boolean;
  private readonly isNullBuffer: boolean;
  /** Bytes with which the call ends; 0 where any count does. */
  private readonly target: number;
  /** For what does not go into the capture at once: large, or collected over waits. */
  private buffer: Memory | null = null;
  private place: { segment: PinnedSegment; offset: number } | null = null;
  private captured: MovedPayload['captured'] = null;
  /** Where in the stream the first byte was. */
  private offset: number | null = null;
  private received = 0;
  private kept = 0;
  /** It has found the end that a shutdown makes, and no message. */
  private hasFoundEnd = false;
  /** The call has found nothing, and waits. */
  private hasSlept = false;
  /** Who has written what came; known where it counts. */
  private writer: string | undefined;

  constructor(
    reader: ArgumentReader,
    private readonly context: CallContext,
    private readonly form: Form,
  ) {
    const { fd, socket } = readTarget(reader, context);
    super(fd, socket);
    this.message = form === 'recvmsg' ? new InMessage(reader, context, socket?.file.isUnix ?? false) : null;
    this.isNullBuffer = reader.isNull(1);
    this.negative = form === 'read' ? reader.unsigned(2) : undefined;
    this.length = this.message?.length ?? (this.negative === undefined ? reader.size(2, largestBuffer) : 0);
    this.flags = form === 'read' ? 0 : reader.int(this.message ? 2 : 3, 0);
    this.from = form === 'recvfrom' ? new OutAddress(reader, 4, context.codec) : null;
    this.timeoutMs = socket?.file.options.receiveTimeoutMs ?? null;
    this.mayWait =
      socket !== null &&
      this.negative === undefined &&
      !socket.file.isNonBlocking &&
      this.timeoutMs !== 0 &&
      !this.isAnsweredAtOnce(socket.file);
    this.target = this.targetOf();
    this.setArgs(false);
  }

  /** Flags with which no call sleeps, of the families that look at them: others pass over them. */
  private isAnsweredAtOnce(file: OpenFile): boolean {
    return (
      this.has(messageFlag.MSG_DONTWAIT) ||
      (this.has(messageFlag.MSG_OOB) && file.isTcp) ||
      (this.has(messageFlag.MSG_ERRQUEUE) && !file.isUnix && file.domain !== family.AF_NETLINK)
    );
  }

  attempt(): number | undefined {
    if (this.negative !== undefined) {
      return sys.readNegative(this.handle);
    }
    if (this.hasSlept && this.looksOnce) {
      return 0;
    }
    for (;;) {
      if (this.received > 0 && !this.has(messageFlag.MSG_PEEK) && this.endsBeforeUrgentData) {
        return this.received;
      }
      if (this.received > 0 && !this.socket?.file.isUnix && this.hasError && !(this.unseen > 0)) {
        // Another try would take the error that the next call is to report.
        return this.received;
      }
      const next = this.collectsWriters ? nextMessage(this.handle) : null;
      if (next && this.received > 0 && next.writer !== this.writer) {
        return this.received;
      }
      this.writer = next?.writer ?? this.writer;
      const result = this.receive();
      if (result === -errno.EAGAIN && this.mayWait) {
        return this.whenEmpty();
      }
      if (result < 0) {
        return this.received > 0 ? this.received : result;
      }
      this.take(result);
      const isWhole = this.received >= this.target || result === 0;
      if (isWhole || next?.hasDescriptors || this.hasTakenDescriptors) {
        return this.target > 0 ? this.received : result;
      }
      if (this.has(messageFlag.MSG_PEEK)) {
        return this.isOver ? this.received : this.wait();
      }
    }
  }

  override endedBy(error: number): number {
    // Where the connection is dissolved (EPIPE), that of MPTCP says only what it has.
    const isTold = error !== errno.EPIPE || this.socket?.file.protocol !== protocol.IPPROTO_MPTCP;
    return this.received > 0 || !isTold ? this.received : -error;
  }

  override timedOut(): number {
    return this.looksOnce ? 0 : super.timedOut();
  }

  settle(result: number): void {
    if (result < 0) {
      if (result === -errno.EFAULT && this.socket && !(this.message && this.isNullBuffer)) {
        // The message is taken before it is found that it cannot be written.
        roomWaits.wakeFirst(this.socket.file);
      }
      return;
    }
    if (this.place) {
      this.context.capture.commit(this.place, this.kept, this.seq, this.context.now());
      this.captured = { segment: this.place.segment.id, offset: this.place.offset };
    }
    this.adopt();
    this.setArgs(true);
    if (this.socket) {
      if (!this.hasFoundEnd) {
        roomWaits.wakeFirst(this.socket.file);
      }
      this.socket.file.noteConnected();
      this.context.touch(this.socket.file);
    }
  }

  override get moved(): number {
    return Math.min(this.received, this.length);
  }

  override payload(): MovedPayload | null {
    return {
      direction: 'in',
      bytes: this.bytes,
      length: this.moved,
      offset: this.offset,
      captured: this.captured,
    };
  }

  override peerId(): SocketId | null {
    const source = this.from?.address ?? this.message?.source;
    return source && this.socket && !this.socket.file.isConnectionBased
      ? (this.context.peers.senderAt(this.socket.file, source)?.first?.id ?? null)
      : super.peerId();
  }

  /** For no bytes TCP waits until something happens, or its time is over, and looks no more what it was. */
  private get looksOnce(): boolean {
    return this.length === 0 && (this.socket?.file.isTcp ?? false);
  }

  private has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  private targetOf(): number {
    if (!this.mayWait || !this.socket?.file.isStream) {
      return 0;
    }
    if (this.socket.file.isUnix && this.has(messageFlag.MSG_PEEK)) {
      // What is there, however little.
      return 0;
    }
    const { receiveLowWater } = this.socket.file.options;
    const isWhole = this.has(messageFlag.MSG_WAITALL);
    return isWhole ? this.length : receiveLowWater > 1 ? Math.min(receiveLowWater, this.length) : 0;
  }

  /** With SO_PASSCRED the kernel joins only what one process has written. */
  private get collectsWriters(): boolean {
    const { file } = this.socket ?? {};
    return this.target > 0 && file !== undefined && file.isUnix && file.options.passesCredentials;
  }

  /** Descriptors end a call, also those that there was no room for. */
  private get hasTakenDescriptors(): boolean {
    const { message } = this;
    const { isUnix = false, options } = this.socket?.file ?? {};
    return (
      (message?.hasDescriptors ?? false) ||
      (isUnix && !options?.passesCredentials && (message?.isCut ?? false))
    );
  }

  private get isUrgentDataThere(): boolean {
    const { file } = this.socket ?? {};
    return (
      file !== undefined &&
      (file.isTcp || file.isUnix) &&
      (sys.readiness(this.handle, epoll.PRI) & epoll.PRI) !== 0
    );
  }

  private get hasError(): boolean {
    return hasWaitingError(this.handle, this.socket?.file.isTcp ?? false);
  }

  /** A look sees no more: the stream has ended, an error waits for its call, or urgent data begins. */
  private get isOver(): boolean {
    const isEnded = (sys.readiness(this.handle, epoll.RDHUP) & (epoll.RDHUP | epoll.HUP)) !== 0;
    return isEnded || this.hasError || this.hasSeenUpToMark;
  }

  /** How many bytes are there that the call has not had; NaN where the kernel does not tell. */
  private get unseen(): number {
    return this.queued() - (this.has(messageFlag.MSG_PEEK) ? this.received : 0);
  }

  /** What can be read, up to an urgent byte; NaN where the kernel does not tell. */
  private queued(): number {
    const cell = new IntCell();
    return sys.ioctl(this.handle, queueRequest.SIOCINQ, cell) === 0 ? cell.value : NaN;
  }

  /** What was looked at ends where urgent data begins, or where an urgent byte was that was taken. */
  private get hasSeenUpToMark(): boolean {
    return this.isUrgentDataThere ? !this.isAtMark : this.markTaken === this.received;
  }

  /** How far off the place of an urgent byte is that was taken; undefined where none was. */
  private get markTaken(): number | undefined {
    const { file } = this.socket ?? {};
    const mark = file && takenUrgent.get(file);
    return mark === undefined ? undefined : mark - file!.bytesReceived;
  }

  /** The kernel counts what can be read up to the urgent byte. Asked when that is taken: later nothing tells its place. */
  private noteMark(file: OpenFile): void {
    takenUrgent.set(file, file.bytesReceived + this.queued());
  }

  /** Asked only where an urgent byte is there, or was taken: its place stays, and ends a call all the same. */
  private get endsBeforeUrgentData(): boolean {
    const { file } = this.socket ?? {};
    return file !== undefined && (takenUrgent.has(file) || this.isUrgentDataThere) && this.isAtMark;
  }

  /** The next byte is the urgent one. */
  private get isAtMark(): boolean {
    const cell = new IntCell();
    return sys.ioctl(this.handle, queueRequest.SIOCATMARK, cell) === 0 && cell.value === 1;
  }

  /** Where the next bytes go: behind those that came, except for a peek, which begins again. */
  private get position(): number {
    return this.target > 0 && !this.has(messageFlag.MSG_PEEK) ? this.received : 0;
  }

  private get bytes(): Uint8Array {
    const { segment, offset } = this.place ?? {};
    const memory = segment?.bytes ?? this.buffer?.bytes ?? new Uint8Array();
    return memory.subarray(offset ?? 0, (offset ?? 0) + this.kept);
  }

  private receive(): number {
    const at = this.position;
    const rest = this.length - at;
    if (this.isNullBuffer) {
      return this.receiveInto(null, 0, rest);
    }
    if (this.length > largestInPlace) {
      this.buffer ??= new Memory(this.length);
    }
    if (this.buffer) {
      return this.receiveInto(this.buffer, at, rest);
    }
    if (at === 0) {
      this.place = this.context.capture.reserve(this.length);
    }
    const { segment, offset } = this.place!;
    return this.receiveInto(segment.memory, offset + at, rest);
  }

  private receiveInto(memory: Memory | null, offset: number, length: number): number {
    if (this.message) {
      return this.message.receive(this.handle, memory, offset, this.length - length, this.flags);
    }
    if (this.form === 'read') {
      return sys.read(this.handle, memory, offset, length);
    }
    const from = this.from?.prepare() ?? { memory: null, cell: null };
    return sys.recvfrom(this.handle, memory, offset, length, this.flags, from.memory, from.cell);
  }

  private take(count: number): void {
    if (this.socket && !this.has(messageFlag.MSG_PEEK)) {
      const { file } = this.socket;
      this.offset ??= file.isStream && !this.has(messageFlag.MSG_OOB) ? file.bytesReceived : null;
      file.bytesReceived += Math.min(count, this.length);
      if (this.has(messageFlag.MSG_OOB)) {
        this.noteMark(file);
      }
    }
    this.received = this.position + count;
    // TCP throws the bytes away with MSG_TRUNC, other streams pass over it; of a datagram it tells the whole length.
    const isDiscarded = this.has(messageFlag.MSG_TRUNC) && this.socket?.file.isTcp;
    this.kept = isDiscarded || this.isNullBuffer ? 0 : Math.min(this.received, this.length);
  }

  /** A place in the capture is good for one try: what has come moves to memory of its own. */
  private wait(): undefined {
    if (this.received > 0 && this.place) {
      this.buffer = new Memory(this.length);
      this.buffer.bytes.set(this.bytes);
    }
    this.place = null;
    this.hasSlept = true;
  }

  /** Nothing is there. Non-blocking, a datagram socket that was shut down goes on saying EAGAIN where the blocking call says 0. */
  private whenEmpty(): number | undefined {
    const { socket } = this;
    if (socket?.file.isReceiveShut && !socket.file.isStream) {
      const result = socket.withoutNonBlocking(() => this.receive());
      this.hasFoundEnd = true;
      if (result >= 0) {
        this.take(result);
      }
      return result;
    }
    return this.wait();
  }

  /** Descriptors that came with the message are the user's from now on. */
  private adopt(): void {
    const isCloseOnExec = this.has(messageFlag.MSG_CMSG_CLOEXEC);
    this.message?.descriptors.forEach((fd, index) => {
      const name = this.socketNames[index] ?? null;
      this.createdIds.push(this.context.receive(fd, isCloseOnExec, name, this.seq).id);
    });
  }

  private setArgs(hasReturned: boolean): void {
    if (this.message) {
      this.args = [this.fd, this.message.value(hasReturned ? this.bytes : null, this.kept), this.flags];
      return;
    }
    const buffer = this.isNullBuffer ? null : ({ kind: 'any' } as const);
    const from = this.from && (hasReturned ? this.from.argsAfter : this.from.argsBefore);
    this.args = [
      this.fd,
      hasReturned && !this.isNullBuffer ? previewOf(this.bytes, this.kept) : buffer,
      this.negative ?? this.length,
      ...(this.form === 'read' ? [] : [this.flags]),
      ...(from ?? []),
    ];
  }
}
