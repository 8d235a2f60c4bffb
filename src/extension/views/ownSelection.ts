import type { Disposable } from '../../common/lifecycle.js';
import type { SocketId } from '../../common/socket.js';

/** How long after it was selected the tree may tell of it, in ms. */
const delay = 500;

/**
 * Selects sockets in the tree on the extension's behalf, one after the other, the latest wish only. The tree tells of
 * these selections as it tells of the user's, later, and when it pleases: {@link has} keeps them apart.
 */
export class OwnSelection implements Disposable {
  private readonly ends = new Map<SocketId, NodeJS.Timeout>();
  private next: SocketId | undefined;
  private isBusy = false;

  constructor(private readonly select: (socketId: SocketId) => Promise<void>) {}

  /** Whether the selection of a socket is ours. */
  has(socketId: SocketId): boolean {
    return this.ends.has(socketId);
  }

  async make(socketId: SocketId): Promise<void> {
    this.next = socketId;
    if (this.isBusy) {
      return;
    }
    this.isBusy = true;
    for (let id = this.take(); id !== undefined; id = this.take()) {
      this.hold(id);
      try {
        await this.select(id);
      } catch {
        // Its row has gone meanwhile.
      }
      // The time counts from now, whenever it was selected before.
      this.hold(id);
    }
    this.isBusy = false;
  }

  dispose(): void {
    this.next = undefined;
    for (const end of this.ends.values()) {
      clearTimeout(end);
    }
    this.ends.clear();
  }

  private take(): SocketId | undefined {
    const { next } = this;
    this.next = undefined;
    return next;
  }

  private hold(id: SocketId): void {
    clearTimeout(this.ends.get(id));
    this.ends.set(
      id,
      setTimeout(() => this.ends.delete(id), delay),
    );
  }
}
