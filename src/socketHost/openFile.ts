import type { SocketAddress, SocketId, SocketInfo } from '../common/socket.js';
import { type BlockingOptions, defaultOptions, inheritedOptions } from './blockingOptions.js';
import { isV6OnlyAtFirst } from './bufferLimits.js';
import type { FilePast } from './filePast.js';
import {
  type FileIdentity,
  type FileOrigin,
  identityOf,
  isConnectionBased,
  type Names,
} from './fileIdentity.js';
import type { Queue } from './hostCall.js';
import { type MulticastLimits, noLimits } from './loopback.js';
import { certainAccepted } from './peers.js';
import type { RunningCall } from './runningCall.js';
import type { Socket } from './socket.js';
import { epoll, family, fileControl, option, queueRequest, socketType } from './sys/linux.js';
import { IntCell, Memory } from './sys/memory.js';
import type { Poller, ReadinessListener } from './sys/poller.js';
import * as sys from './sys/syscall.js';

/** What the kernel says of an open file that a view shows; of another one nothing is known. */
export type Sample = Readonly<Pick<SocketInfo, 'tcpState' | 'acceptQueue' | 'receiveQueue' | 'sendQueue'>>;

/** Shared by all to which nothing of it applies: there may be ten thousand. */
const noSockets: readonly Socket[] = [];
const noCalls = { read: [], write: [], any: [] } as const;
export const noSample: Sample = { tcpState: null, acceptQueue: null, receiveQueue: null, sendQueue: null };
/** States in which a TCP socket has nothing to deliver, by the kernel's numbers. */
const TCP_CLOSE = 7;
const TCP_LISTEN = 10;

/**
 * What the kernel calls an open file description: a socket or one end of a pipe, with the descriptors that the user has
 * of it. State, waiting calls and O_NONBLOCK are its own, so that a dup(2) shares them.
 */
export class OpenFile implements ReadinessListener {
  /*
   * What is asked with every event stands together: of a thousand files that are served in turn, each line of memory comes from
   * afar.
   */
  /**
   * The user's descriptors of it, in the order in which they were made; a closed one stays as long as calls wait on it.
   * Nearly always it is one, which needs no list.
   */
  private held: Socket | readonly Socket[] = noSockets;
  private queues: Readonly<Record<Queue, readonly RunningCall[]>> = noCalls;
  /** RDHUP has been told: the receiving side is shut down, which only {@link noteAsNew} undoes. */
  isReceiveShut = false;
  bytesReceived = 0;
  bytesSent = 0;
  unrecordedCalls = 0;
  /** The other end where it is ours. */
  peer: OpenFile | null = null;
  private readonly identity: FileIdentity;
  role: SocketInfo['role'];
  state: SocketInfo['state'];
  local: SocketAddress | null = null;
  /** Where it was accepted, as far as its listener's address makes that certain. */
  acceptedAt: SocketAddress | null;
  remote: SocketAddress | null = null;
  backlog: number | null = null;
  sample: Sample = noSample;
  isNonBlocking: boolean;
  isShutdownRead = false;
  isShutdownWrite = false;
  /** Null for nearly all, which have none that explains an answer. */
  past: FilePast | null = null;
  options: Readonly<BlockingOptions>;
  /** What the user connected it to, or is connecting it to; kept for finding the other end. */
  connectedTo: SocketAddress | null = null;
  /** connect(2) has left its SYN to the first send: that is what TCP_FASTOPEN_CONNECT asks for. */
  hasDeferredConnect = false;
  /** By a `bind(2)` of the user's. */
  isBound = false;
  /** What name that gave a Unix socket; null without one, or where the kernel chose it. */
  boundTo: SocketAddress | null = null;
  /** A TCP listener was taken back by `connect(2)` with AF_UNSPEC, and nothing has woken the calls that wait on it since. */
  isTakenBack = false;
  /** Known once a view has asked. */
  inode: number | null = null;
  /** What the user set that keeps multicast on this machine. */
  multicast: Readonly<MulticastLimits> = noLimits;
  /** IPV6_V6ONLY, as the system has it or the user set it. */
  isV6Only: boolean;
  /** The network device that the user bound it to, by its name or `#` and its index; null without one. */
  device: string | null = null;
  /** The descriptor that is in epoll, and its slot there; negative when none is. */
  private watched = -1;
  private slot = -1;

  constructor(
    origin: FileOrigin,
    private readonly poller: Poller,
  ) {
    const { listener } = origin;
    this.identity = identityOf(origin);
    this.role = origin.role;
    this.state = origin.state ?? (listener ? 'connected' : 'open');
    this.acceptedAt = listener && certainAccepted(listener.file);
    this.isNonBlocking = origin.isNonBlocking;
    this.isV6Only =
      this.domain === family.AF_INET6 && this.type === socketType.SOCK_DGRAM && isV6OnlyAtFirst();
    this.options = listener ? inheritedOptions(listener.file.options) : defaultOptions;
  }

  get kind(): SocketInfo['kind'] {
    return this.identity.origin.kind;
  }

  get domain(): number | null {
    return this.identity.origin.domain;
  }

  get type(): number | null {
    return this.identity.origin.type;
  }

  get protocol(): number | null {
    return this.identity.origin.protocol;
  }

  /** The names of the three. */
  get names(): Names {
    return this.identity.names;
  }

  get listenerId(): SocketId | null {
    return this.identity.origin.listener?.id ?? null;
  }

  /** The user has set some of them. */
  setOptions(changed: Partial<BlockingOptions>): void {
    this.options = { ...this.options, ...changed };
  }

  get descriptors(): readonly Socket[] {
    return isList(this.held) ? this.held : [this.held];
  }

  /** Whether it has more than one. */
  get isShared(): boolean {
    return isList(this.held) && this.held.length > 1;
  }

  /** The user has one more descriptor of it. */
  addDescriptor(socket: Socket): void {
    this.held = this.held === noSockets ? socket : [...this.descriptors, socket];
  }

  /** A descriptor is of no use any more; the last one goes on standing for the file. */
  removeDescriptor(socket: Socket): void {
    if (this.isShared) {
      this.held = this.descriptors.filter((other) => other !== socket);
    }
  }

  /** It was only in a message for a while, and arrives. */
  forgetDescriptors(): void {
    this.held = noSockets;
  }

  get isSocket(): boolean {
    return this.kind === 'socket';
  }

  /** A stream of bytes without boundaries: a pipe is one too. */
  get isStream(): boolean {
    return this.type === socketType.SOCK_STREAM || this.kind === 'pipe';
  }

  get isConnectionBased(): boolean {
    return this.type !== null && isConnectionBased(this.type);
  }

  get isUnix(): boolean {
    return this.domain === family.AF_UNIX;
  }

  get isTcp(): boolean {
    return (
      this.type === socketType.SOCK_STREAM &&
      (this.domain === family.AF_INET || this.domain === family.AF_INET6)
    );
  }

  /** The descriptor that stands for it. */
  get first(): Socket | undefined {
    const { held } = this;
    return isList(held) ? (held.find(({ isClosed }) => !isClosed) ?? held[0]) : held;
  }

  /** A number to ask the kernel by; -1 when it is closed. */
  get handle(): number {
    const { held } = this;
    return (isList(held) ? held.find(({ handle }) => handle >= 0)?.handle : held.handle) ?? -1;
  }

  /**
   * Whether `close(2)` of the last descriptor may sleep. Where it could, the kernel is asked: a connection has
   * the SO_LINGER that its listener had at the handshake.
   */
  get mayLinger(): boolean {
    if (!this.options.mayLinger || this.isUnix || !this.isConnectionBased) {
      return false;
    }
    const linger = this.read(option.SOL_SOCKET, option.SO_LINGER, 8);
    if (linger && (linger.getInt32(0, true) === 0 || linger.getInt32(4, true) === 0)) {
      return false;
    }
    const state = this.tcpState;
    return state !== TCP_CLOSE && state !== TCP_LISTEN;
  }

  /** Whether TCP has no connection, and no handshake under way. */
  get isTcpClosed(): boolean {
    return this.tcpState === TCP_CLOSE;
  }

  /** By the kernel's number; undefined of what is no TCP. */
  private get tcpState(): number | undefined {
    return this.isTcp ? this.read(option.IPPROTO_TCP, option.TCP_INFO, 1)?.getUint8(0) : undefined;
  }

  /** Its error, which the kernel forgets by that, as it does when a call of the user's tells it; 0 without one. */
  takeError(): number {
    return this.read(option.SOL_SOCKET, option.SO_ERROR, 4)?.getInt32(0, true) ?? 0;
  }

  /** Whether what it has sent, and nobody has taken yet, fills its send buffer. */
  get isSendBufferFull(): boolean {
    const size = this.read(option.SOL_SOCKET, option.SO_SNDBUF, 4)?.getInt32(0, true);
    const cell = new IntCell();
    const isTold = sys.ioctl(this.handle, queueRequest.SIOCOUTQ, cell) === 0;
    // The kernel begins to count at 1, and tells one less.
    return size !== undefined && isTold && cell.value + 1 >= size;
  }

  /** The last descriptor is about to be closed: whoever else has the file gets it back as it came. */
  leave(): void {
    if (this.identity.origin.isForeign && !this.isNonBlocking) {
      const flags = sys.fcntl(this.handle, fileControl.F_GETFL, 0);
      sys.fcntl(this.handle, fileControl.F_SETFL, flags & ~fileControl.O_NONBLOCK);
    }
  }

  /** A call has succeeded that only a connected socket makes. */
  noteConnected(): void {
    if (this.state === 'connecting') {
      this.state = 'connected';
    }
  }

  /** The handshake has failed, or the association is dissolved. */
  noteNotConnected(): void {
    this.state = this.isBound ? 'bound' : 'open';
    this.connectedTo = null;
  }

  /** The kernel has made it as new, and not shut down any more. */
  noteAsNew(): void {
    this.isShutdownRead = false;
    this.isShutdownWrite = false;
    this.isReceiveShut = false;
  }

  /** Whether a call of the same kind waits already: the new one stands behind it, untried. */
  hasWaiting(queue: Queue, name: string): boolean {
    return (
      queue !== 'any' &&
      this.queues[queue].some((waiting) => waiting.record.name === name && !waiting.call.isAsleep(0))
    );
  }

  /** The call waits from now on. Readiness that is up already is told at once. */
  enqueue(call: RunningCall, queue: Queue): void {
    this.queues = { ...this.queues, [queue]: [...this.queues[queue], call] };
    if (!this.watchAgain() && this.watched >= 0 && queue !== 'read') {
      this.poller.addRoom(this.watched, this.slot);
    }
  }

  /** The call waits no more. */
  dequeue(call: RunningCall, queue: Queue): void {
    const queues = { ...this.queues, [queue]: this.queues[queue].filter((waiting) => waiting !== call) };
    const isEmpty = queues.read.length + queues.write.length + queues.any.length === 0;
    this.queues = isEmpty ? noCalls : queues;
  }

  /** Serves the calls that wait to read or to write, the first one first; of sends on a Unix socket the kernel wakes the last one first. */
  serve(queue: 'read' | 'write', events: number): void {
    const calls = this.queues[queue];
    for (const running of this.isUnix && queue === 'write' ? calls.toReversed() : calls) {
      if (!running.proceed(events) && running.call.takesTurns) {
        return;
      }
    }
  }

  /** Wakes the call that has waited for the longest to read. */
  wakeReader(): void {
    this.queues.read[0]?.proceed(0, true);
  }

  /** Wakes all that sleep since the listener was taken back. */
  wakeTakenBack(): void {
    if (this.isTakenBack) {
      this.isTakenBack = false;
      queueMicrotask(() => this.serve('read', 0));
    }
  }

  /** A handshake has begun on a listener that was taken back: its end, whatever it is, wakes all that sleep since. */
  watchHandshake(): void {
    if (this.isTakenBack && this.watched >= 0) {
      this.poller.addRoom(this.watched, this.slot);
    }
  }

  /** Ends the calls that wait to read or to write, but for those that sleep on: another one has dissolved the connection. */
  endWaits(error: number): void {
    const { read, write } = this.queues;
    for (const running of [...read, ...write]) {
      if (!running.call.isAsleep(0)) {
        running.end(running.call.endedBy(error));
      }
    }
  }

  /** Takes a descriptor out of epoll: it is about to be closed. */
  unwatch(handle: number): void {
    if (handle >= 0 && this.watched === handle) {
      this.poller.remove(handle, this.slot);
      this.watched = -1;
    }
  }

  /**
   * Watches by a descriptor that is left, when calls wait or the host does something by itself. Whether it begins to:
   * then what is up already is told at once.
   */
  watchAgain(): boolean {
    const { handle } = this;
    if (this.watched >= 0 || handle < 0 || !this.isWatchNeeded) {
      return false;
    }
    const { write, any } = this.queues;
    this.slot = this.poller.add(handle, this, write.length + any.length > 0);
    this.watched = handle;
    return true;
  }

  private get isWatchNeeded(): boolean {
    const { read, write, any } = this.queues;
    return (
      read.length + write.length + any.length > 0 ||
      this.descriptors.some(({ automatic }) => automatic !== null)
    );
  }

  private read(level: number, name: number, length: number): DataView | null {
    const memory = new Memory(length);
    const cell = new IntCell();
    cell.value = length;
    const result = sys.getsockopt(this.handle, level, name, memory, cell);
    return result < 0 || cell.value < length
      ? null
      : new DataView(memory.bytes.buffer, memory.bytes.byteOffset, length);
  }

  onReady(events: number): boolean {
    if (events & epoll.RDHUP) {
      this.isReceiveShut = true;
    }
    if (this.isTakenBack && this.state === 'connecting' && events & (epoll.OUT | epoll.HUP)) {
      this.wakeTakenBack();
    }
    let isQuiet = true;
    // Asked at once, because of automatic traffic nearly nothing waits.
    if (this.queues !== noCalls) {
      this.serveWaiting(events);
      isQuiet = false;
    }
    // Room to send alone is nothing that an automatic mode waits for: its sends wait like the user's.
    if (events & ~epoll.OUT) {
      const { held } = this;
      if (isList(held)) {
        for (const socket of held) {
          isQuiet = serveAutomatic(socket) && isQuiet;
        }
      } else {
        isQuiet = serveAutomatic(held) && isQuiet;
      }
    }
    return isQuiet;
  }

  private serveWaiting(events: number): void {
    // Who only looks does so before others take what is there.
    for (const running of this.queues.any) {
      if (running.call.isInterested(this, events)) {
        running.proceed(events);
      }
    }
    const broken = epoll.ERR | epoll.HUP;
    // Urgent data alone lets nothing more be read, but ends a call that has taken what is before it.
    if (events & (epoll.IN | epoll.PRI | epoll.RDHUP | broken)) {
      this.serve('read', events);
    }
    if (events & (epoll.OUT | broken)) {
      this.serve('write', events);
    }
  }
}

function isList(held: Socket | readonly Socket[]): held is readonly Socket[] {
  return Array.isArray(held);
}

/** Whether it leaves nothing for the loop to do. */
function serveAutomatic(socket: Socket): boolean {
  return socket.automatic !== null && socket.automatic.onReady(socket);
}
