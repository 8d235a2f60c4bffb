import type { Thread } from './processes.js';
import type { StraceResult } from './result.js';
import type { ReturnedCall } from './returned.js';

/** The kernel makes the call again when the signal was handled, or the program sees EINTR. */
const restarts: ReadonlySet<string> = new Set([
  'ERESTARTSYS',
  'ERESTARTNOINTR',
  'ERESTARTNOHAND',
  'ERESTART_RESTARTBLOCK',
]);

/** Calls that signals have interrupted: one with what the kernel makes again, else they have ended with EINTR. */
export class Interruptions {
  /** By the thread that may make them again. */
  private readonly interrupted = new Map<Thread, ReturnedCall>();

  /** @param observe Takes a call that has returned. */
  constructor(private readonly observe: (call: ReturnedCall) => void) {}

  has(thread: Thread): boolean {
    return this.interrupted.has(thread);
  }

  /** A call that strace says has returned, which may be made again. */
  take(returned: ReturnedCall): void {
    const { thread, result } = returned;
    const before = this.interrupted.get(thread);
    if (before && isSameCall(before, returned)) {
      this.interrupted.delete(thread);
      returned.startNs = before.startNs;
      returned.wasSplit = true;
      returned.begun = before.begun;
    }
    this.settle(thread, true);
    if (result.value === null && result.errno !== null && restarts.has(result.errno)) {
      this.interrupted.set(thread, returned);
      return;
    }
    this.observe(returned);
  }

  /** `restart_syscall(<... resuming interrupted poll ...>) = 1`: the kernel goes on with a wait that was stopped. */
  resume(thread: Thread, result: StraceResult, endNs: number | null): void {
    const before = this.interrupted.get(thread);
    if (before) {
      this.interrupted.delete(thread);
      this.take({ ...before, result, endNs, wasSplit: true });
    }
  }

  /**
   * A call that a signal has interrupted was not made again.
   * @param isSeen Whether the program goes on: it has seen EINTR.
   */
  settle(thread: Thread, isSeen: boolean): void {
    const before = this.interrupted.get(thread);
    if (before) {
      this.interrupted.delete(thread);
      const answer = isSeen ? { value: -1, errno: 'EINTR' } : { value: null, errno: null };
      const result: StraceResult = { ...before.result, ...answer };
      this.observe({ ...before, result });
    }
  }

  /** The log is over. */
  end(): void {
    [...this.interrupted.keys()].forEach((thread) => this.settle(thread, false));
  }
}

function isSameCall(one: ReturnedCall, other: ReturnedCall): boolean {
  const [a, b] = [one.args[0]?.value, other.args[0]?.value];
  return one.name === other.name && a?.kind === 'number' && b?.kind === 'number' && a.value === b.value;
}
