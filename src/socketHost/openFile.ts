import type { SocketAddress, SocketInfo } from '../common/socket.js';
import { constantName } from '../common/tables/constants.js';
import type { Queue } from './hostCall.js';
import { type MulticastLimits, noLimits } from './loopback.js';
import type { RunningCall } from './runningCall.js';
import type { Socket } from './socket.js';
import { epoll, family, fileControl, option, socketType } from './sys/linux.js';
import { IntCell, Memory } from './sys/memory.js';
import type { Poller, ReadinessListener } from './sys/poller.js';
import * as sys from './sys/syscall.js';

/** What is known of something open, whatever descriptor it came by. */
export interface FileOrigin {
  kind: SocketInfo['kind'];
  /** Null for what is no socket. */
  domain: number | null;
  type: number | null;
  protocol: number | null;
  role: SocketInfo['role'];
  /** `open`, or for what was accepted `connected`, where it is left out. */
  state?: SocketInfo['state'];
  isNonBlocking: boolean;
  /** Somebody else made it, and may have it too. */
  isForeign?: boolean;
  /** What it accepted from: the listener. */
  listener: Socket | null;
}

/** What all descriptors of one open file have in common. */
export type FileInfo = Pick<
  SocketInfo,
  | 'kind'
  | 'domain'
  | 'type'
  | 'protocol'
  | 'role'
  | 'state'
  | 'tcpState'
  | 'local'
  | 'remote'
  | 'listenerId'
  | 'backlog'
  | 'acceptQueue'
  | 'receiveQueue'
  | 'sendQueue'
  | 'bytesReceived'
  | 'bytesSent'
  | 'isNonBlocking'
  | 'isShutdownRead'
  | 'isShutdownWrite'
  | 'unrecordedCalls'
>;

/** What the user set and blocking calls obey, which a non-blocking descriptor does not. */
export interface BlockingOptions {
  /** SO_RCVTIMEO and SO_SNDTIMEO in ms; null is for ever, 0 at once. */
  receiveTimeoutMs: number | null;
  sendTimeoutMs: number | null;
  /** `close(2)` may wait, by the SO_LINGER that was set last or may have been inherited. */
  mayLinger: boolean;
  /** It could once, which connections may have inherited. */
  hasLingered: boolean;
  receiveLowWater: number;
  /** SO_PASSCRED. */
  passesCredentials: boolean;
  /** The receive buffer that SO_RCVBUF made; null when the kernel adjusts it. */
  receiveBuffer: number | null;
}

/** Shared by all to which nothing of it applies: there may be ten thousand. */
const noSockets: readonly Socket[] = [];
const noCalls = { read: [], write: [], any: [] } as const;
const defaultOptions: Readonly<BlockingOptions> = {
  receiveTimeoutMs: null,
  sendTimeoutMs: null,
  mayLinger: false,
  hasLingered: false,
  receiveLowWater: 1,
  passesCredentials: false,
  receiveBuffer: null,
};

/** States in which a TCP socket has nothing to deliver, by the kernel's numbers. */
const TCP_CLOSE = 7;
const TCP_LISTEN = 10;

/**
 * What the kernel calls an open file description: a socket or one end of a pipe, with the descriptors that the user has
 * of it. State, waiting calls and O_NONBLOCK are its own, so that a dup(2) shares them.
 */
export class OpenFile implements ReadinessListener {
  readonly info: FileInfo;
  readonly domain: number | null;
  readonly type: number | null;
  readonly protocol: number | null;
  options: Readonly<BlockingOptions>;
  /** The user's descriptors of it, in the order in which they were made; a closed one stays as long as calls wait on it. */
  descriptors: readonly Socket[] = noSockets;
  /** The other end where it is ours. */
  peer: OpenFile | null = null;
  /** What the user connected it to; kept for finding the other end. */
  connectedTo: SocketAddress | null = null;
  /** By a `bind(2)` of the user's. */
  isBound = false;
  /** Known once a view has asked. */
  inode: number | null = null;
  /** What the user set that keeps multicast on this machine. */
  multicast: Readonly<MulticastLimits> = noLimits;
  /** RDHUP has been told: the receiving side is shut down, which cannot be undone. */
  isReceiveShut = false;
  private readonly isForeign: boolean;
  /** The descriptor that is in epoll, and its slot there; negative when none is. */
  private watched = -1;
  private slot = -1;
  private queues: Readonly<Record<Queue, readonly RunningCall[]>> = noCalls;

  constructor(
    origin: FileOrigin,
    private readonly poller: Poller,
  ) {
    const { domain, type, protocol, listener } = origin;
    this.isForeign = origin.isForeign ?? false;
    this.domain = domain;
    this.type = type;
    this.protocol = protocol;
    this.options = listener ? inherited(listener.file.options) : defaultOptions;
    const named = namesOf(origin);
    this.info = {
      kind: origin.kind,
      domain: named.domain,
      type: named.type,
      protocol: named.protocol,
      role: origin.role,
      state: origin.state ?? (listener ? 'connected' : 'open'),
      tcpState: null,
      local: null,
      remote: null,
      listenerId: listener?.id ?? null,
      backlog: null,
      acceptQueue: null,
      receiveQueue: null,
      sendQueue: null,
      bytesReceived: 0,
      bytesSent: 0,
      isNonBlocking: origin.isNonBlocking,
      isShutdownRead: false,
      isShutdownWrite: false,
      unrecordedCalls: 0,
    };
  }

  /** The user has set some of them. */
  setOptions(changed: Partial<BlockingOptions>): void {
    this.options = { ...this.options, ...changed };
  }

  /** The user has one more descriptor of it. */
  addDescriptor(socket: Socket): void {
    // Written so because a spread leaves room for 16 more, and nearly always it is one.
    this.descriptors = this.descriptors.length === 0 ? [socket] : [...this.descriptors, socket];
  }

  /** A descriptor is of no use any more; the last one goes on standing for the file. */
  removeDescriptor(socket: Socket): void {
    if (this.descriptors.length > 1) {
      this.descriptors = this.descriptors.filter((other) => other !== socket);
    }
  }

  get isSocket(): boolean {
    return this.info.kind === 'socket';
  }

  /** A stream of bytes without boundaries: a pipe is one too. */
  get isStream(): boolean {
    return this.type === socketType.SOCK_STREAM || this.info.kind === 'pipe';
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
    return this.descriptors.find(({ isClosed }) => !isClosed) ?? this.descriptors[0];
  }

  /** A number to ask the kernel by; -1 when it is closed. */
  get handle(): number {
    return this.descriptors.find(({ handle }) => handle >= 0)?.handle ?? -1;
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
    const state = this.isTcp ? this.read(option.IPPROTO_TCP, option.TCP_INFO, 1)?.getUint8(0) : undefined;
    return state !== TCP_CLOSE && state !== TCP_LISTEN;
  }

  /** Its error, which the kernel forgets by that, as it does when a call of the user's tells it; 0 without one. */
  takeError(): number {
    return this.read(option.SOL_SOCKET, option.SO_ERROR, 4)?.getInt32(0, true) ?? 0;
  }

  /** The last descriptor is about to be closed: whoever else has the file gets it back as it came. */
  leave(): void {
    if (this.isForeign && !this.info.isNonBlocking) {
      const flags = sys.fcntl(this.handle, fileControl.F_GETFL, 0);
      sys.fcntl(this.handle, fileControl.F_SETFL, flags & ~fileControl.O_NONBLOCK);
    }
  }

  /** A call has succeeded that only a connected socket makes. */
  noteConnected(): void {
    if (this.info.state === 'connecting') {
      this.info.state = 'connected';
    }
  }

  /** Whether a call of the same kind waits already: the new one stands behind it, untried. */
  hasWaiting(queue: Queue, name: string): boolean {
    return queue !== 'any' && this.queues[queue].some((waiting) => waiting.record.name === name);
  }

  /** The call waits from now on. Readiness that is up already is told at once. */
  enqueue(call: RunningCall, queue: Queue): void {
    this.queues = { ...this.queues, [queue]: [...this.queues[queue], call] };
    this.watchAgain();
  }

  /** The call waits no more. */
  dequeue(call: RunningCall, queue: Queue): void {
    const queues = { ...this.queues, [queue]: this.queues[queue].filter((waiting) => waiting !== call) };
    const isEmpty = queues.read.length + queues.write.length + queues.any.length === 0;
    this.queues = isEmpty ? noCalls : queues;
  }

  /** Serves the calls that wait to read or to write, the first one first. */
  serve(queue: 'read' | 'write', events: number): void {
    for (;;) {
      const head = this.queues[queue][0];
      if (!head?.proceed(events)) {
        return;
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
    this.slot = this.poller.add(handle, this);
    this.watched = handle;
    return true;
  }

  get isWaitingToSend(): boolean {
    return this.queues.write.length > 0;
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
    let isQuiet = true;
    // Asked at once, because of automatic traffic nearly nothing waits.
    if (this.queues !== noCalls) {
      this.serveWaiting(events);
      isQuiet = false;
    }
    // Room to send alone is nothing that an automatic mode waits for: its sends wait like the user's.
    if (events & ~epoll.OUT) {
      for (const socket of this.descriptors) {
        isQuiet = socket.automatic !== null && socket.automatic.onReady(socket) && isQuiet;
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
    if (events & (epoll.IN | epoll.RDHUP | broken)) {
      this.serve('read', events);
    }
    if (events & (epoll.OUT | broken)) {
      this.serve('write', events);
    }
  }
}

/** By what the latest ones came from: very many in a row are accepted by one listener. */
let latest: { origin: FileOrigin; names: Pick<FileInfo, 'domain' | 'type' | 'protocol'> } | null = null;

function namesOf(origin: FileOrigin): Pick<FileInfo, 'domain' | 'type' | 'protocol'> {
  if (latest?.origin !== origin) {
    const { domain, type, protocol } = origin;
    const names = {
      domain: domain === null ? null : (constantName('domain', domain, 'linux') ?? domain),
      type: type === null ? null : (constantName('socktype', type, 'linux') ?? type),
      protocol:
        domain === null || protocol === null || protocol === 0
          ? protocol
          : (constantName('protocol', protocol, 'linux', domain) ?? protocol),
    };
    latest = { origin, names };
  }
  return latest.names;
}

/** What a connection has of its listener. */
function inherited(options: Readonly<BlockingOptions>): Readonly<BlockingOptions> {
  const { mayLinger, hasLingered } = options;
  return mayLinger === hasLingered ? options : { ...options, mayLinger: hasLingered };
}

/** Datagram and raw sockets have no connection to establish. */
export function isConnectionBased(type: number): boolean {
  return type === socketType.SOCK_STREAM || type === socketType.SOCK_SEQPACKET;
}
