import { effect, type ReadonlySignal, signal } from '@preact/signals';
import type { SocketId, SocketInfo } from '../../common/socket.js';
import { isOpenSocket } from '../../common/usualArguments.js';

/** The kernel is asked about other sockets at most so often, in ms. */
const stayMs = 100;

export interface WatchedContext {
  sockets: ReadonlySignal<ReadonlyMap<SocketId, SocketInfo>>;
  /** What is looked at besides the records in view. */
  others(): readonly (SocketId | null)[];
  watch(socketIds: SocketId[]): void;
}

/** Which sockets the extension is to ask the kernel about: those that can be seen. */
export class WatchedSockets {
  private readonly shown = signal<readonly SocketId[]>([]);
  private toShow: readonly SocketId[] = [];
  private shownAt = -Infinity;
  private showing: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly page: WatchedContext) {}

  /** The sockets whose records are in view. The kernel is not asked about all that are only scrolled past. */
  show(socketIds: readonly SocketId[]): void {
    this.toShow = socketIds;
    this.showing ??= setTimeout(
      () => {
        this.showing = undefined;
        this.shownAt = performance.now();
        if (this.toShow.join() !== this.shown.peek().join()) {
          this.shown.value = this.toShow;
        }
      },
      Math.max(0, this.shownAt + stayMs - performance.now()),
    );
  }

  /** Tells the extension, now and with every change; of none while the page is hidden. */
  publish(): void {
    let last = '';
    let isHidden = document.hidden;
    const send = () => {
      const ids = isHidden ? [] : [...this.all()].sort((a, b) => a - b);
      if (ids.join() !== last) {
        last = ids.join();
        this.page.watch(ids);
      }
    };
    effect(send);
    document.addEventListener('visibilitychange', () => {
      isHidden = document.hidden;
      send();
    });
  }

  private all(): Set<SocketId> {
    const sockets = this.page.sockets.value;
    const candidates = [
      ...this.shown.value,
      // What a client connects to is shown where an accept waits.
      ...[...sockets.values()].filter(({ waiting }) => waiting.length > 0).map(({ id }) => id),
      ...this.page.others(),
    ];
    return new Set(
      candidates.filter((id): id is SocketId => {
        const socket = id === null ? undefined : sockets.get(id);
        return socket !== undefined && isOpenSocket(socket);
      }),
    );
  }
}
