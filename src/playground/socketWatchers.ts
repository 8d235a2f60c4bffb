import type { Disposable } from '../common/lifecycle.js';
import type { SocketId } from '../common/socket.js';

/** Says which sockets a view shows; only those are sampled. Dispose it with the view. */
export interface SocketWatcher extends Disposable {
  watch(socketIds: readonly SocketId[] | 'all'): void;
}

/** The sockets of several views together. */
export class SocketWatchers {
  private readonly wanted = new Map<object, ReadonlySet<SocketId> | 'all'>();

  /** @param onDidChange Told when a view has changed what it shows. */
  constructor(private readonly onDidChange: () => void) {}

  create(): SocketWatcher {
    const key = {};
    return {
      watch: (socketIds) => {
        this.wanted.set(key, socketIds === 'all' ? 'all' : new Set(socketIds));
        this.onDidChange();
      },
      dispose: () => {
        if (this.wanted.delete(key)) {
          this.onDidChange();
        }
      },
    };
  }

  /** The open sockets that some view shows, in the order of their ids; `all` when a view shows whatever there is. */
  union(isOpen: (id: SocketId) => boolean): SocketId[] | 'all' {
    const ids = new Set<SocketId>();
    for (const wanted of this.wanted.values()) {
      if (wanted === 'all') {
        return 'all';
      }
      for (const id of wanted) {
        if (isOpen(id)) {
          ids.add(id);
        }
      }
    }
    return [...ids].sort((a, b) => a - b);
  }
}
