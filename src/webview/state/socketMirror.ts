import { batch, signal } from '@preact/signals';
import type { PanelChange } from '../../common/protocol/panel.js';
import type { SocketId, SocketInfo } from '../../common/socket.js';
import { isReceivable } from '../../common/socketCalls.js';
import type { FrameQueue } from './frameQueue.js';

type Sockets = ReadonlyMap<SocketId, SocketInfo>;

/** What of a socket changes with the bytes that it moves, and changes nothing of what can be done with it. */
const moving: ReadonlySet<string> = new Set<keyof SocketInfo>([
  'bytesReceived',
  'bytesSent',
  'unrecordedCalls',
  'receiveQueue',
  'sendQueue',
  'dropped',
]);

/** The sockets as the extension tells of them. While bytes flow that is many times a second, of each socket in view. */
export class SocketMirror {
  /** As they were told of last. */
  readonly all = signal<Sockets>(new Map());
  /**
   * The same for whatever shows no bytes: what was told of a socket stands here until more of it is new than what it has
   * moved. So a form need not be drawn anew with every message. Of the receive queue it tells whether something is in it.
   */
  readonly steady = signal<Sockets>(new Map());
  /** As they are drawn: with a frame, together with its records, however often they were told of before it. */
  readonly drawn = signal<Sockets>(new Map());

  constructor(private readonly frame: FrameQueue) {}

  /** Whether a socket has come, gone or become another. */
  apply({ sockets, removed }: Pick<PanelChange, 'sockets' | 'removed'>): boolean {
    const changed = sockets.filter((socket) => !isSame(this.steady.peek().get(socket.id), socket));
    const isNews = changed.length > 0 || removed.length > 0;
    batch(() => {
      this.all.value = merged(this.all.peek(), sockets, removed);
      if (isNews) {
        this.steady.value = merged(this.steady.peek(), changed, removed);
      }
    });
    this.frame.add(this.draw);
    return isNews;
  }

  /** The first record of a socket whose name, addresses or other end are told now; infinity where there is none. */
  firstOfIdentified({ sockets }: Pick<PanelChange, 'sockets'>): number {
    let first = Infinity;
    for (const socket of sockets) {
      if (socket.openedSeq < first && identity(socket) !== identity(this.all.peek().get(socket.id))) {
        first = socket.openedSeq;
      }
    }
    return first;
  }

  private readonly draw = (): void => {
    this.drawn.value = this.all.peek();
  };
}

function merged(before: Sockets, sockets: readonly SocketInfo[], removed: readonly SocketId[]): Sockets {
  const after = new Map(before);
  sockets.forEach((socket) => after.set(socket.id, socket));
  removed.forEach((id) => after.delete(id));
  return after;
}

function isSame(known: SocketInfo | undefined, told: SocketInfo): boolean {
  return known !== undefined && steadyText(known) === steadyText(told);
}

/** A call is offered for bytes that wait, however many they are; while the host takes them, they come and go. */
function steadyText(socket: SocketInfo): string {
  const isTaken = socket.automatic?.held === null;
  const isOffered = !isTaken && isReceivable(socket);
  return `${isOffered} ${JSON.stringify(socket, (key, value: unknown) => (moving.has(key) ? undefined : value))}`;
}

function identity(socket: SocketInfo | undefined): string {
  return JSON.stringify(socket ? [socket.name, socket.local, socket.remote, socket.peerId] : null);
}
