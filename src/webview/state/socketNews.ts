import type { ReadonlySignal } from '@preact/signals';
import type { SocketId, SocketInfo } from '../../common/socket.js';
import { isOpenSocket } from '../../common/usualArguments.js';
import type { Target } from './target.js';

/** What the form has seen of the sockets: news is what is told of them from then on. */
export class SocketNews {
  /** The latest socket that the form has seen. */
  private newestId = 0;
  /** The target as it was when the form was made for it, or told of last. */
  private followed: SocketInfo | undefined;

  constructor(private readonly sockets: ReadonlySignal<ReadonlyMap<SocketId, SocketInfo>>) {}

  /** The form is as it should be for the sockets as they are. */
  note(target: Target): void {
    this.followed = target.kind === 'socket' ? this.sockets.peek().get(target.id) : undefined;
    this.newestId = Math.max(this.newestId, this.latest()?.id ?? 0);
  }

  /** The target as it was. */
  get before(): SocketInfo | undefined {
    return this.followed;
  }

  isNew({ id }: SocketInfo): boolean {
    return id > this.newestId;
  }

  latest(): SocketInfo | undefined {
    return [...this.sockets.value.values()].filter(isOpenSocket).at(-1);
  }

  /** What a listener is there for has come: the conversation goes on with it. */
  acceptedSince({ id }: SocketInfo): SocketInfo | undefined {
    return [...this.sockets.peek().values()].findLast(
      (one) => this.isNew(one) && one.listenerId === id && isOpenSocket(one),
    );
  }
}
