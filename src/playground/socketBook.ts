import type { SocketId, SocketInfo } from '../common/socket.js';
import { SharedTexts } from './sharedTexts.js';

type SeenStates = NonNullable<SocketInfo['seenStates']>;

/**
 * The sockets by id, in the order in which they were made, and what is asked about all of them often: kept as
 * they change, because there may be ten thousand.
 */
export class SocketBook {
  private readonly byId = new Map<SocketId, SocketInfo>();
  private readonly openByFd = new Map<number, SocketInfo>();
  private readonly ended = new Set<SocketId>();
  private readonly waiting = new Set<SocketId>();
  private readonly automatic = new Set<SocketId>();
  private readonly taps = new Set<SocketId>();
  private readonly texts = new SharedTexts();
  /** What was seen of the latest one: very many in a row are alike. */
  private latestStates: SeenStates = [];

  get all(): ReadonlyMap<SocketId, SocketInfo> {
    return this.byId;
  }

  /** How many still hold a descriptor. */
  get openCount(): number {
    return this.byId.size - this.ended.size;
  }

  /** Whether a call waits on one of them. */
  get hasWaiting(): boolean {
    return this.waiting.size > 0;
  }

  /** Whether one of them is in an automatic mode. */
  get hasAutomatic(): boolean {
    return this.automatic.size > 0;
  }

  /** Whether one of them is where a tap listens. */
  get hasTap(): boolean {
    return this.taps.size > 0;
  }

  isOpen(id: SocketId): boolean {
    return this.byId.has(id) && !this.ended.has(id);
  }

  /** The open socket behind a descriptor. */
  ofFd(fd: number): SocketInfo | undefined {
    return this.openByFd.get(fd);
  }

  set(socket: SocketInfo): void {
    const { id, fd } = socket;
    const before = this.byId.get(id);
    this.texts.shareIn(socket, before);
    socket.seenStates = this.seenStates(socket, before);
    this.byId.set(id, socket);
    const isOpenNow = isOpen(socket);
    if (isOpenNow) {
      this.openByFd.set(fd, socket);
      this.ended.delete(id);
    } else {
      this.forgetFd(socket);
      this.ended.add(id);
    }
    mark(this.waiting, id, isOpenNow && socket.waiting.length > 0);
    mark(this.automatic, id, isOpenNow && socket.automatic !== null);
    mark(this.taps, id, isOpenNow && socket.tap?.side === 'listener');
  }

  delete(id: SocketId): void {
    const socket = this.byId.get(id);
    if (socket) {
      this.forgetFd(socket);
      this.byId.delete(id);
      this.ended.delete(id);
      this.waiting.delete(id);
      this.automatic.delete(id);
      this.taps.delete(id);
    }
  }

  /** Those that ended first, as many as there are more than `limit`. */
  surplus(limit: number): SocketId[] {
    const ids: SocketId[] = [];
    for (const id of this.ended) {
      if (this.ended.size - ids.length <= limit) {
        break;
      }
      ids.push(id);
    }
    return ids;
  }

  /** With what it is now; the same list as long as that is nothing new. */
  private seenStates({ state, tcpState }: SocketInfo, before: SocketInfo | undefined): SeenStates {
    const seen = before?.seenStates ?? [];
    const isNew = !seen.includes(state) || (tcpState !== null && !seen.includes(tcpState));
    if (!isNew) {
      return seen;
    }
    const now = [...new Set([...seen, state, ...(tcpState === null ? [] : [tcpState])])];
    if (!isSame(now, this.latestStates)) {
      this.latestStates = now;
    }
    return this.latestStates;
  }

  /** The number may be another socket's by now. */
  private forgetFd({ id, fd }: SocketInfo): void {
    if (this.openByFd.get(fd)?.id === id) {
      this.openByFd.delete(fd);
    }
  }
}

/** Whether the socket still holds a descriptor. */
export function isOpen(socket: SocketInfo): boolean {
  return socket.state !== 'closed' && !socket.isLost;
}

function isSame<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

function mark(set: Set<SocketId>, id: SocketId, isIn: boolean): void {
  if (isIn) {
    set.add(id);
  } else {
    set.delete(id);
  }
}
