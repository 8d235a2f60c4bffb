import { type Disposable, toDisposable } from './lifecycle.js';

/** Subscribes a listener; dispose the result to stop listening. The shape of VS Code's `Event`. */
export type Event<T> = (listener: (value: T) => void) => Disposable;

/** The owner's side of an {@link Event}. */
export class Emitter<T> implements Disposable {
  private readonly listeners = new Set<{ call: (value: T) => void }>();

  readonly event: Event<T> = (listener) => {
    const entry = { call: listener };
    this.listeners.add(entry);
    return toDisposable(() => this.listeners.delete(entry));
  };

  fire(value: T): void {
    for (const listener of [...this.listeners]) {
      listener.call(value);
    }
  }

  dispose(): void {
    this.listeners.clear();
  }
}

/** Resolves with the event's next value that passes the test. */
export function once<T>(event: Event<T>, test: (value: T) => boolean = () => true): Promise<T> {
  return new Promise((resolve) => {
    const subscription = event((value) => {
      if (test(value)) {
        subscription.dispose();
        resolve(value);
      }
    });
  });
}
