import { fstatSync } from 'node:fs';
import type { Disposable } from '../common/lifecycle.js';
import { portOf, type SocketAddress, type SocketId, tcpStates } from '../common/socket.js';
import { Descriptors } from './descriptors.js';
import { certainRemote, type Peers } from './peers.js';
import { noSample, type OpenFile, type Sample } from './openFile.js';
import type { Socket } from './socket.js';
import { option, queueRequest, storageSize } from './sys/linux.js';
import { IntCell, Memory } from './sys/memory.js';
import type { SockaddrCodec } from './sys/sockaddr.js';
import { SockDiag } from './sys/sockDiag.js';
import * as sys from './sys/syscall.js';
import { readUnixMessage, unixRequest } from './system/unixDiag.js';

/** 10 times a second, and of very many sockets some at a time. */
const intervalMs = 100;
const socketsATime = 32;

/** The beginning of `struct tcp_info`: all that is asked for so often. */
const tcpInfo = { state: 0, unacked: 24, length: 28 } as const;

const sampled = Object.keys(noSample) as (keyof Sample)[];

/** Asks the kernel about the sockets that a view shows, and about no others. */
export class Sampler implements Disposable {
  private readonly watched = new Set<Socket>();
  private watchesAll = false;
  /** Whether a view shows any sockets. */
  private isLookedAt = false;
  private timer: NodeJS.Timeout | undefined;
  private readonly sampled = new Map<OpenFile, { at: number; madeOf: string; moved: number }>();
  private readonly address = new Memory(storageSize);
  private readonly info = new Memory(tcpInfo.length);
  private readonly cell = new IntCell();
  private readonly inodes = new Map<number, OpenFile>();
  private diag: SockDiag | null = null;
  private next = 0;

  /**
   * @param onDidChange Told of a socket that is not as it was.
   * @param onDidTick Told 10 times a second while a view shows a socket.
   */
  constructor(
    private readonly codec: SockaddrCodec,
    private readonly peers: Peers,
    private readonly onDidChange: (file: OpenFile) => void,
    private readonly onDidTick: () => void,
  ) {}

  watch(socketIds: SocketId[] | 'all', sockets: ReadonlyMap<SocketId, Socket>): void {
    this.watchesAll = socketIds === 'all';
    this.isLookedAt = this.watchesAll || socketIds.length > 0;
    this.watched.clear();
    for (const id of socketIds === 'all' ? sockets.keys() : socketIds) {
      const socket = sockets.get(id);
      if (socket && !socket.isClosed) {
        this.watched.add(socket);
      }
    }
    this.sampleChanged([...this.watched].slice(0, socketsATime));
    this.run();
  }

  isWatched(socket: Socket): boolean {
    return this.watched.has(socket);
  }

  /** A socket is new. */
  add(socket: Socket): void {
    if (this.watchesAll) {
      this.watched.add(socket);
      this.run();
    }
  }

  /**
   * A socket is about to be closed: one that was open for less than a frame has not been asked for its addresses, and the
   * views have not been able to say that they show it. Nor has its other end been asked, if that is ours: whose end it was
   * is found while both are open.
   */
  askBeforeClose({ file }: Socket): void {
    if (!this.isLookedAt || !file.isSocket) {
      return;
    }
    if (file.local === null || file.remote === null) {
      this.takeNames(file);
    }
    this.nameEndsOf(file);
  }

  /** Asks those of ours for their addresses that may be its other end. */
  private nameEndsOf(file: OpenFile): void {
    for (const other of this.peers.unnamedEndsOf(file)) {
      if (file.peer === null && this.takeNames(other)) {
        this.onDidChange(other);
      }
    }
  }

  /** Asks for its addresses now, where a view shows it. */
  askNames(socket: Socket): void {
    if (this.watched.has(socket) && socket.file.isSocket) {
      this.takeNames(socket.file);
    }
  }

  /** A socket is closed. */
  remove(socket: Socket): void {
    this.watched.delete(socket);
    const { file } = socket;
    if (file.handle < 0) {
      this.sampled.delete(file);
      if (file.inode !== null) {
        this.inodes.delete(file.inode);
      }
    }
    this.run();
  }

  /** Asks about those of the changed sockets that a view shows and that it did not ask about just now. */
  sampleChanged(sockets: Iterable<Socket>): void {
    // Of very many that move bytes the others wait for their turn.
    let left = socketsATime;
    for (const socket of [...sockets]) {
      if (this.watched.has(socket) && this.sampleUnlessJustNow(socket.file, left > 0)) {
        left -= 1;
      }
    }
  }

  /**
   * Asks about one open file, unless it did so within the interval, and no call has made something else of it since.
   * @param isAskedWhenMoved What waits in its queues is something else once a call has moved bytes.
   * @returns Whether it asked.
   */
  sampleUnlessJustNow(file: OpenFile, isAskedWhenMoved = true): boolean {
    const last = this.sampled.get(file);
    const isDue =
      !last ||
      last.madeOf !== madeOf(file) ||
      (isAskedWhenMoved && last.moved !== movedBy(file)) ||
      performance.now() - last.at >= intervalMs;
    if (isDue) {
      this.sample(file);
    }
    return isDue;
  }

  private sample(file: OpenFile): void {
    this.sampled.set(file, { at: performance.now(), madeOf: madeOf(file), moved: movedBy(file) });
    if (this.takeOver(file)) {
      this.onDidChange(file);
    }
  }

  dispose(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private run(): void {
    if (this.watched.size === 0) {
      this.dispose();
    } else {
      this.timer ??= setInterval(() => this.tick(), intervalMs);
    }
  }

  private tick(): void {
    this.onDidTick();
    const sockets = [...this.watched];
    const count = Math.min(sockets.length, socketsATime);
    for (let i = 0; i < count; i++) {
      this.sample(sockets[(this.next + i) % sockets.length]!.file);
    }
    this.next = sockets.length === 0 ? 0 : (this.next + count) % sockets.length;
  }

  private takeOver(file: OpenFile): boolean {
    const before = file.sample;
    let isNews = false;
    if (file.isSocket) {
      isNews = this.takeSocket(file);
    } else {
      // Of a pipe the kernel tells how much waits in it; of another file nothing that would mean the same.
      const receiveQueue = file.kind === 'pipe' ? this.queue(file, queueRequest.SIOCINQ) : null;
      file.sample = { ...noSample, receiveQueue };
    }
    return isNews || sampled.some((field) => before[field] !== file.sample[field]);
  }

  /** Whether its addresses or its other end are news. */
  private takeSocket(file: OpenFile): boolean {
    const isListening = file.state === 'listening';
    const { tcpState, acceptQueue } = file.isTcp ? this.tcpSample(file) : file.sample;
    const receiveQueue = isListening ? null : this.queue(file, queueRequest.SIOCINQ);
    const sendQueue = isListening ? null : this.queue(file, queueRequest.SIOCOUTQ);
    file.sample = { tcpState, acceptQueue, receiveQueue, sendQueue };
    const isNews = this.takeNames(file);
    if (isNews) {
      // A view that shows the one end only is to know the other all the same.
      this.nameEndsOf(file);
    }
    return (file.isUnix && this.takeUnixInfo(file)) || isNews;
  }

  private takeNames(file: OpenFile): boolean {
    const local = this.newName(file, file.local, sys.getsockname);
    const isNews = local !== null && this.peers.setLocal(file, local);
    const remote = file.state === 'listening' ? null : this.newRemote(file);
    return (remote !== null && this.peers.setRemote(file, remote)) || isNews;
  }

  /** Once both ends have sent FIN the kernel says nothing: then it is what `connect(2)` was given. */
  private newRemote(file: OpenFile): SocketAddress | null {
    const told = this.newName(file, file.remote, sys.getpeername);
    // One whose SYN is left to its first send has no port yet.
    const isOver = file.sample.tcpState === 'CLOSE' && portOf(file.local) !== 0;
    return told ?? (isOver && file.remote === null ? certainRemote(file) : null);
  }

  /** What `getsockname(2)` says now; null when it says nothing. */
  localOf({ file }: Socket): SocketAddress | null {
    return this.newName(file, null, sys.getsockname);
  }

  /** What the kernel says; null where it says nothing, or what is known already. */
  private newName(
    { handle }: OpenFile,
    known: SocketAddress | null,
    ask: typeof sys.getsockname,
  ): SocketAddress | null {
    const { address, cell, codec } = this;
    cell.value = storageSize;
    if (ask(handle, address, cell) < 0) {
      return null;
    }
    const length = Math.min(cell.value, storageSize);
    return known && codec.isKnown(address.bytes, length, known) ? null : codec.decode(address.bytes, length);
  }

  private tcpSample({ handle, sample }: OpenFile): Pick<Sample, 'tcpState' | 'acceptQueue'> {
    this.cell.value = tcpInfo.length;
    if (sys.getsockopt(handle, option.IPPROTO_TCP, option.TCP_INFO, this.info, this.cell) < 0) {
      return { tcpState: null, acceptQueue: sample.acceptQueue };
    }
    const tcpState = tcpStates[this.info.bytes[tcpInfo.state]! - 1] ?? null;
    // Of a listener the kernel gives the queue's length here.
    return { tcpState, acceptQueue: tcpState === 'LISTEN' ? this.info.i32![tcpInfo.unacked >> 2]! : null };
  }

  /** Whether the other end is news. An AF_UNIX end without a name can be told by its inode only. */
  private takeUnixInfo(file: OpenFile): boolean {
    file.inode ??= fstatSync(file.handle).ino;
    this.inodes.set(file.inode, file);
    // Without a descriptor to be had there may be one the next time.
    this.diag ??= openDiag();
    const answer = this.diag?.ask(
      unixRequest({ withDetails: false, only: { inode: file.inode, cookie: null } }),
    );
    const diagnosis = answer instanceof DataView ? readUnixMessage(answer) : undefined;
    if (!diagnosis) {
      return false;
    }
    const acceptQueue = file.state === 'listening' ? diagnosis.receiveQueue : null;
    file.sample = { ...file.sample, acceptQueue };
    const peer = diagnosis.peerInode === null ? undefined : this.inodes.get(diagnosis.peerInode);
    return peer !== undefined && this.peers.pair(file, peer);
  }

  private queue({ handle }: OpenFile, request: number): number | null {
    return sys.ioctl(handle, request, this.cell) < 0 ? null : this.cell.value;
  }
}

/** What our calls have made of a file: an answer from before they did would be told as one of now. */
function madeOf({ state, isShutdownWrite }: OpenFile): string {
  return `${state} ${isShutdownWrite}`;
}

function movedBy({ bytesReceived, bytesSent }: OpenFile): number {
  return bytesReceived + bytesSent;
}

function openDiag(): SockDiag | null {
  const opened = SockDiag.open((fd) => Descriptors.raise(fd));
  return opened instanceof SockDiag ? opened : null;
}
