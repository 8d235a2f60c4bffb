/** What comes at a time, taken out in the order of the times; of one time in the order in which it was put in. */
export class TimeQueue<T> {
  private readonly heap: { time: number; order: number; item: T }[] = [];
  private lastOrder = 0;

  push(time: number, item: T): void {
    const { heap } = this;
    const entry = { time, order: ++this.lastOrder, item };
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) {
        break;
      }
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  /** Everything up to a time. */
  *take(until: number): Generator<T> {
    while (this.heap.length > 0 && this.heap[0]!.time <= until) {
      yield this.pop();
    }
  }

  private pop(): T {
    const { heap } = this;
    const [first] = heap;
    const last = heap.pop()!;
    if (heap.length > 0) {
      let at = 0;
      for (;;) {
        let child = 2 * at + 1;
        if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) {
          child++;
        }
        if (child >= heap.length || !isBefore(heap[child]!, last)) {
          break;
        }
        heap[at] = heap[child]!;
        at = child;
      }
      heap[at] = last;
    }
    return first!.item;
  }
}

function isBefore(a: { time: number; order: number }, b: { time: number; order: number }): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}
