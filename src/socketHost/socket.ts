import type { SocketAddress, SocketId, SocketInfo } from '../common/socket.js';
import { constantName } from '../common/tables/constants.js';
import type { Direction } from './hostCall.js';
import type { RunningCall } from './runningCall.js';
import { epoll, family, fileControl, option, socketType } from './sys/linux.js';
import { IntCell, Memory } from './sys/memory.js';
import type { Poller, ReadinessListener } from './sys/poller.js';
import * as sys from './sys/syscall.js';

export interface SocketOrigin {
  id: SocketId;
  fd: number;
  domain: number;
  type: number;
  protocol: number;
  isNonBlocking: boolean;
  name: string | null;
  openedSeq: number;
  /** The listener that accepted it. */
  listener: Socket | null;
}

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
  /** The receive buffer that SO_RCVBUF made; null when the kernel adjusts it. */
  receiveBuffer: number | null;
}

/** Whom a socket belongs to. */
export interface SocketOwner {
  /** Closes the dup that calls have waited on. */
  closeDup(socket: Socket): void;
  didEnd(socket: Socket): void;
}

/** What the host does on a socket by itself. */
export interface AutomaticFlow {
  /** Something may be there to be received, or room to send. */
  onReady(socket: Socket): void;
}

/** States in which a TCP socket has nothing to deliver, by the kernel's numbers. */
const TCP_CLOSE = 7;
const TCP_LISTEN = 10;

/** One descriptor of the user's: its state, its waiting calls, its end. */
export class Socket implements ReadinessListener {
  readonly info: SocketInfo;
  readonly domain: number;
  readonly type: number;
  readonly protocol: number;
  readonly options: BlockingOptions;
  /** The descriptor that calls use: the user's, or the host's dup once the user's is closed. */
  handle: number;
  /** What the user connected it to; kept for finding the other end. */
  connectedTo: SocketAddress | null = null;
  /** By a `bind(2)` of the user's. */
  isBound = false;
  /** Known once a view has asked. */
  inode: number | null = null;
  /** RDHUP has been told: the receiving side is shut down, which cannot be undone. */
  isReceiveShut = false;
  /** What the host does here by itself. */
  automatic: AutomaticFlow | null = null;
  /** An automatic mode has moved bytes since that was told last. */
  hasMoved = false;
  private slot = -1;
  private readonly queues: Record<Direction, RunningCall[]> = { read: [], write: [] };

  constructor(
    origin: SocketOrigin,
    private readonly poller: Poller,
    private readonly owner: SocketOwner,
  ) {
    const { domain, type, protocol, listener } = origin;
    this.domain = domain;
    this.type = type;
    this.protocol = protocol;
    this.handle = origin.fd;
    this.options = listener
      ? { ...listener.options, mayLinger: listener.options.hasLingered }
      : {
          receiveTimeoutMs: null,
          sendTimeoutMs: null,
          mayLinger: false,
          hasLingered: false,
          receiveLowWater: 1,
          receiveBuffer: null,
        };
    this.info = {
      id: origin.id,
      fd: origin.fd,
      name: origin.name,
      domain: constantName('domain', domain, 'linux') ?? domain,
      type: constantName('socktype', type, 'linux') ?? type,
      protocol: protocol === 0 ? 0 : (constantName('protocol', protocol, 'linux', domain) ?? protocol),
      role: listener ? 'accepted' : isConnectionBased(type) ? 'new' : 'datagram',
      state: listener ? 'connected' : 'open',
      tcpState: null,
      local: null,
      remote: null,
      listenerId: listener?.info.id ?? null,
      peerId: null,
      backlog: null,
      acceptQueue: null,
      receiveQueue: null,
      sendQueue: null,
      bytesReceived: 0,
      bytesSent: 0,
      isNonBlocking: origin.isNonBlocking,
      isShutdownRead: false,
      isShutdownWrite: false,
      waiting: [],
      automatic: null,
      unrecordedCalls: 0,
      openedSeq: origin.openedSeq,
      isLost: false,
    };
  }

  get isStream(): boolean {
    return this.type === socketType.SOCK_STREAM;
  }

  get isConnectionBased(): boolean {
    return isConnectionBased(this.type);
  }

  get isUnix(): boolean {
    return this.domain === family.AF_UNIX;
  }

  get isTcp(): boolean {
    return this.isStream && (this.domain === family.AF_INET || this.domain === family.AF_INET6);
  }

  get isClosed(): boolean {
    return this.info.state === 'closed';
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

  /** A call has succeeded that only a connected socket makes. */
  noteConnected(): void {
    if (this.info.state === 'connecting') {
      this.info.state = 'connected';
    }
  }

  /** Whether a call of the same kind waits already: the new one stands behind it, untried. */
  hasWaiting(direction: Direction, name: string): boolean {
    return this.queues[direction].some((waiting) => waiting.record.name === name);
  }

  /** The call waits from now on. Readiness that is up already is told at once. */
  enqueue(call: RunningCall, direction: Direction): void {
    this.queues[direction].push(call);
    this.info.waiting.push({
      seq: call.record.seq,
      name: call.record.name,
      startNs: call.record.startNs,
    });
    this.watch();
  }

  /** Is told of readiness from now on. */
  watch(): void {
    if (this.slot < 0) {
      this.slot = this.poller.add(this.handle, this);
    }
  }

  /** The call waits no more. */
  dequeue(call: RunningCall, direction: Direction): void {
    remove(this.queues[direction], (waiting) => waiting === call);
    remove(this.info.waiting, ({ seq }) => seq === call.record.seq);
    if (this.isClosed && !this.isWaiting) {
      this.release();
    }
  }

  /** Serves the calls that wait, the first one first. */
  serve(direction: Direction, events: number): void {
    const queue = this.queues[direction];
    for (;;) {
      const head = queue[0];
      if (!head?.proceed(events)) {
        return;
      }
    }
  }

  get isWaitingToSend(): boolean {
    return this.queues.write.length > 0;
  }

  get isWaiting(): boolean {
    return this.queues.read.length > 0 || this.queues.write.length > 0;
  }

  /** All calls that wait, in the order in which they came. */
  get waitingCalls(): RunningCall[] {
    return [...this.queues.read, ...this.queues.write].sort((a, b) => a.record.seq - b.record.seq);
  }

  /** Makes one try with a descriptor that blocks. Only where the kernel cannot let it sleep. */
  withoutNonBlocking<T>(attempt: () => T): T {
    const flags = sys.fcntl(this.handle, fileControl.F_GETFL, 0);
    sys.fcntl(this.handle, fileControl.F_SETFL, flags & ~fileControl.O_NONBLOCK);
    try {
      return attempt();
    } finally {
      sys.fcntl(this.handle, fileControl.F_SETFL, flags);
    }
  }

  /** Takes the user's descriptor out of epoll: it is about to be closed. */
  unwatch(): void {
    if (this.slot >= 0) {
      this.poller.remove(this.handle, this.slot);
      this.slot = -1;
    }
  }

  /** Calls go on waiting on another descriptor of the same socket. */
  moveTo(handle: number): void {
    this.handle = handle;
    this.slot = this.poller.add(handle, this);
  }

  /** The user's descriptor is gone. */
  close(): void {
    this.automatic = null;
    this.info.automatic = null;
    this.info.state = 'closed';
    this.info.tcpState = null;
    this.info.acceptQueue = null;
    this.info.receiveQueue = null;
    this.info.sendQueue = null;
    if (!this.isWaiting) {
      this.handle = -1;
      this.owner.didEnd(this);
    }
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

  private release(): void {
    this.unwatch();
    this.owner.closeDup(this);
    this.handle = -1;
    this.owner.didEnd(this);
  }

  onReady(events: number): void {
    if (events & epoll.RDHUP) {
      this.isReceiveShut = true;
    }
    const broken = epoll.ERR | epoll.HUP;
    if (events & (epoll.IN | epoll.RDHUP | broken)) {
      this.serve('read', events);
    }
    if (events & (epoll.OUT | broken)) {
      this.serve('write', events);
    }
    this.automatic?.onReady(this);
  }
}

function remove<T>(items: T[], isMeant: (item: T) => boolean): void {
  const index = items.findIndex(isMeant);
  if (index >= 0) {
    items.splice(index, 1);
  }
}

/** Datagram and raw sockets have no connection to establish. */
function isConnectionBased(type: number): boolean {
  return type === socketType.SOCK_STREAM || type === socketType.SOCK_SEQPACKET;
}
