import type { Disposable } from '../common/lifecycle.js';
import type { SocketInspection } from '../common/socket.js';
import type { Socket } from './socket.js';

/** At most 10 times a second. */
const intervalMs = 100;

type Answer = SocketInspection | null;

interface Waiting {
  levels: Set<string>;
  timer: NodeJS.Timeout;
  answer: Promise<Answer>;
  settle(answer: Answer): void;
}

/**
 * Looks at sockets when somebody asks, and at each not more often than the interval: who asks sooner gets the next look,
 * together with all others that wait for it.
 */
export class Inspections implements Disposable {
  private readonly lastAt = new Map<Socket, number>();
  private readonly waiting = new Map<Socket, Waiting>();

  /** @param look Asks the kernel; null when the socket is gone. */
  constructor(private readonly look: (socket: Socket, levels: ReadonlySet<string>) => Answer) {}

  ask(socket: Socket, levels: readonly string[]): Promise<Answer> {
    const waiting = this.waiting.get(socket);
    if (waiting) {
      for (const level of levels) {
        waiting.levels.add(level);
      }
      return waiting.answer;
    }
    const wait = (this.lastAt.get(socket) ?? -Infinity) + intervalMs - performance.now();
    return wait <= 0
      ? Promise.resolve(this.lookNow(socket, new Set(levels)))
      : this.wait(socket, levels, wait);
  }

  /** The socket is closed: who waits for a look is answered. */
  remove(socket: Socket): void {
    this.lastAt.delete(socket);
    const waiting = this.waiting.get(socket);
    if (waiting) {
      clearTimeout(waiting.timer);
      this.waiting.delete(socket);
      waiting.settle(null);
    }
  }

  dispose(): void {
    for (const socket of [...this.waiting.keys()]) {
      this.remove(socket);
    }
  }

  private wait(socket: Socket, levels: readonly string[], ms: number): Promise<Answer> {
    const { promise, resolve } = deferred();
    const timer = setTimeout(() => {
      const { levels: all } = this.waiting.get(socket)!;
      this.waiting.delete(socket);
      resolve(this.lookNow(socket, all));
    }, ms);
    this.waiting.set(socket, { levels: new Set(levels), timer, answer: promise, settle: resolve });
    return promise;
  }

  private lookNow(socket: Socket, levels: ReadonlySet<string>): Answer {
    this.lastAt.set(socket, performance.now());
    return this.look(socket, levels);
  }
}

function deferred(): { promise: Promise<Answer>; resolve: (answer: Answer) => void } {
  let resolve!: (answer: Answer) => void;
  const promise = new Promise<Answer>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
