import type { Disposable } from '../common/lifecycle.js';
import type { SocketId } from '../common/socket.js';
import { type SocketHostService, whileAlive } from './socketHostService.js';

/** Says which sockets a view shows; only those are sampled. Dispose it with the view. */
export interface SocketWatcher extends Disposable {
  watch(socketIds: readonly SocketId[] | 'all'): void;
}

/** Tells the host which sockets several views show together. */
export class SocketWatchers {
  private readonly wanted = new Map<object, ReadonlySet<SocketId> | 'all'>();
  /** What the host that runs was told last; a new one watches nothing. */
  private told = '[]';

  constructor(
    private readonly host: SocketHostService,
    private readonly isOpen: (id: SocketId) => boolean,
  ) {}

  create(): SocketWatcher {
    const key = {};
    return {
      watch: (socketIds) => {
        this.wanted.set(key, socketIds === 'all' ? 'all' : new Set(socketIds));
        this.update();
      },
      dispose: () => {
        if (this.wanted.delete(key)) {
          this.update();
        }
      },
    };
  }

  /** A host runs from now on. */
  renew(): void {
    this.told = '[]';
    this.update();
  }

  /** Tells the host where a view shows other sockets than before, or other ones of them are open. */
  update(): void {
    const socketIds = this.union();
    const key = JSON.stringify(socketIds);
    if (key !== this.told && this.host.status.kind === 'running') {
      this.told = key;
      // Where the host ends meanwhile, the next one is told again.
      void whileAlive(this.host.watch({ socketIds }), undefined);
    }
  }

  /** The open sockets that some view shows, in the order of their ids; `all` when a view shows whatever there is. */
  private union(): SocketId[] | 'all' {
    const ids = new Set<SocketId>();
    for (const wanted of this.wanted.values()) {
      if (wanted === 'all') {
        return 'all';
      }
      for (const id of wanted) {
        if (this.isOpen(id)) {
          ids.add(id);
        }
      }
    }
    return [...ids].sort((a, b) => a - b);
  }
}
