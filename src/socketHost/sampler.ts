import { fstatSync } from 'node:fs';
import type { Disposable } from '../common/lifecycle.js';
import type { SocketAddress, SocketId, TcpState } from '../common/socket.js';
import { decodeTcpInfo } from '../common/tables/tcpInfo.js';
import { Descriptors } from './descriptors.js';
import type { Peers } from './peers.js';
import type { Socket } from './socket.js';
import { option, queueRequest, storageSize } from './sys/linux.js';
import { IntCell, Memory } from './sys/memory.js';
import type { SockaddrCodec } from './sys/sockaddr.js';
import { SockDiag } from './sys/sockDiag.js';
import * as sys from './sys/syscall.js';
import { readUnixMessage, unixRequest } from './system/unixDiag.js';

/** 10 times a second, and of very many sockets some at a time. */
const intervalMs = 100;
const socketsATime = 500;

/** The kernel's numbers, from 1 on. */
const tcpStates: readonly (TcpState | null)[] = [
  null,
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
  'NEW_SYN_RECV',
];

/** Asks the kernel about the sockets that a view shows, and about no others. */
export class Sampler implements Disposable {
  private readonly watched = new Set<Socket>();
  private watchesAll = false;
  private timer: NodeJS.Timeout | undefined;
  private readonly sampledAt = new Map<Socket, number>();
  private readonly address = new Memory(storageSize);
  private readonly info = new Memory(256);
  private readonly cell = new IntCell();
  private readonly inodes = new Map<number, Socket>();
  private diag: SockDiag | null = null;
  private next = 0;

  /**
   * @param onDidChange Told of a socket that is not as it was.
   * @param onDidTick Told 10 times a second while a view shows a socket.
   */
  constructor(
    private readonly codec: SockaddrCodec,
    private readonly peers: Peers,
    private readonly onDidChange: (socket: Socket) => void,
    private readonly onDidTick: () => void,
  ) {}

  watch(socketIds: SocketId[] | 'all', sockets: ReadonlyMap<SocketId, Socket>): void {
    this.watchesAll = socketIds === 'all';
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

  /** A socket is closed. */
  remove(socket: Socket): void {
    this.watched.delete(socket);
    this.sampledAt.delete(socket);
    if (socket.inode !== null) {
      this.inodes.delete(socket.inode);
    }
    this.run();
  }

  /** Asks about those of the changed sockets that a view shows and that it did not ask about just now. */
  sampleChanged(sockets: Iterable<Socket>): void {
    for (const socket of [...sockets]) {
      if (this.watched.has(socket)) {
        this.sampleUnlessJustNow(socket);
      }
    }
  }

  /** Asks about one socket, unless it did so within the interval. */
  sampleUnlessJustNow(socket: Socket): void {
    if (performance.now() - (this.sampledAt.get(socket) ?? -Infinity) >= intervalMs) {
      this.sample(socket);
    }
  }

  private sample(socket: Socket): void {
    this.sampledAt.set(socket, performance.now());
    if (this.takeOver(socket)) {
      this.onDidChange(socket);
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
      this.sample(sockets[(this.next + i) % sockets.length]!);
    }
    this.next = sockets.length === 0 ? 0 : (this.next + count) % sockets.length;
  }

  private takeOver(socket: Socket): boolean {
    const { info } = socket;
    const before = [info.tcpState, info.acceptQueue, info.receiveQueue, info.sendQueue].join();
    const local = this.name(socket, sys.getsockname);
    const remote = info.state === 'listening' ? null : this.name(socket, sys.getpeername);
    let isNews = local !== null && this.peers.setLocal(socket, local);
    isNews = (remote !== null && this.peers.setRemote(socket, remote)) || isNews;
    if (socket.isTcp) {
      this.takeTcpInfo(socket);
    }
    if (socket.isUnix) {
      isNews = this.takeUnixInfo(socket) || isNews;
    }
    const isListening = info.state === 'listening';
    info.receiveQueue = isListening ? null : this.queue(socket, queueRequest.SIOCINQ);
    info.sendQueue = isListening ? null : this.queue(socket, queueRequest.SIOCOUTQ);
    return isNews || before !== [info.tcpState, info.acceptQueue, info.receiveQueue, info.sendQueue].join();
  }

  private name({ handle }: Socket, ask: typeof sys.getsockname): SocketAddress | null {
    this.cell.value = storageSize;
    if (ask(handle, this.address, this.cell) < 0) {
      return null;
    }
    return this.codec.decode(this.address.bytes.subarray(0, Math.min(this.cell.value, storageSize)));
  }

  private takeTcpInfo({ handle, info }: Socket): void {
    this.cell.value = this.info.length;
    if (sys.getsockopt(handle, option.IPPROTO_TCP, option.TCP_INFO, this.info, this.cell) < 0) {
      info.tcpState = null;
      return;
    }
    const tcpInfo = decodeTcpInfo(this.info.bytes.subarray(0, this.cell.value)).fields;
    info.tcpState = tcpStates[Number(tcpInfo['tcpi_state'] ?? 0)] ?? null;
    const unacked = tcpInfo['tcpi_unacked'];
    // Of a listener the kernel gives the queue's length here.
    info.acceptQueue = info.tcpState === 'LISTEN' && typeof unacked === 'number' ? unacked : null;
  }

  /** Whether the other end is news. An AF_UNIX end without a name can be told by its inode only. */
  private takeUnixInfo(socket: Socket): boolean {
    const { info, handle } = socket;
    socket.inode ??= fstatSync(handle).ino;
    this.inodes.set(socket.inode, socket);
    // Without a descriptor to be had there may be one the next time.
    this.diag ??= openDiag();
    const answer = this.diag?.ask(
      unixRequest({ withDetails: false, only: { inode: socket.inode, cookie: null } }),
    );
    const diagnosis = answer instanceof DataView ? readUnixMessage(answer) : undefined;
    if (!diagnosis) {
      return false;
    }
    info.acceptQueue = info.state === 'listening' ? diagnosis.receiveQueue : null;
    const peer = diagnosis.peerInode === null ? undefined : this.inodes.get(diagnosis.peerInode);
    return peer !== undefined && this.peers.pair(socket, peer);
  }

  private queue({ handle }: Socket, request: number): number | null {
    return sys.ioctl(handle, request, this.cell) < 0 ? null : this.cell.value;
  }
}

function openDiag(): SockDiag | null {
  const opened = SockDiag.open((fd) => Descriptors.raise(fd));
  return opened instanceof SockDiag ? opened : null;
}
