import { Emitter } from '../../common/event.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import type { SocketId } from '../../common/socket.js';
import type { Playground } from '../../playground/playground.js';

/** Which scenario made which socket, by the records of the calls that did. */
export class SocketMakers implements Disposable {
  private readonly store = new DisposableStore();
  private readonly names = new Map<SocketId, string>();
  private readonly learnEmitter = this.store.add(new Emitter<readonly SocketId[]>());

  /** The maker of these has become known. */
  readonly onDidLearn = this.learnEmitter.event;

  constructor(playground: Playground) {
    this.store.add(
      playground.onDidReturn(({ madeBy, createdIds }) => {
        if (madeBy !== null && createdIds.length > 0) {
          for (const id of createdIds) {
            this.names.set(id, madeBy);
          }
          this.learnEmitter.fire(createdIds);
        }
      }),
    );
    this.store.add(
      playground.onDidChange(({ removed }) => {
        for (const id of removed) {
          this.names.delete(id);
        }
      }),
    );
  }

  /** The name of the scenario; undefined for a socket that was made by hand. */
  readonly of = (id: SocketId): string | undefined => this.names.get(id);

  dispose(): void {
    this.store.dispose();
  }
}
