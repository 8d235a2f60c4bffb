/** Something that holds a resource until it is disposed. `dispose` may be called more than once. */
export interface Disposable {
  dispose(): void;
}

/** Makes a disposable of a function that is called at most once. */
export function toDisposable(dispose: () => void): Disposable {
  let isDisposed = false;
  return {
    dispose() {
      if (!isDisposed) {
        isDisposed = true;
        dispose();
      }
    },
  };
}

/** Disposables that end together, last in first out. What is added after the end is disposed at once. */
export class DisposableStore implements Disposable {
  private items: Disposable[] = [];
  private isDisposed = false;

  add<T extends Disposable>(item: T): T {
    if (this.isDisposed) {
      item.dispose();
    } else {
      this.items.push(item);
    }
    return item;
  }

  dispose(): void {
    this.isDisposed = true;
    const items = this.items;
    this.items = [];
    for (const item of items.reverse()) {
      item.dispose();
    }
  }
}
