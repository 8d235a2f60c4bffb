/** A step of a thread of control. */
export interface Step {
  /** Threads with the same name take their steps one after another. */
  thread: string;
}

/** What starting a step comes to: it is done, or its thread waits until the promise, which never rejects, resolves. */
export type StepStart = { wait: Promise<void> } | undefined;

interface Thread<S> {
  /** Steps not yet started, the first one last. */
  rest: { index: number; step: S }[];
  isWaiting: boolean;
}

/** How the steps of a run are taken. */
export interface Conductor<S> {
  /** Starts a step; resolves as soon as it is done or waits. Rejects to end the whole. */
  start(step: S): Promise<StepStart>;
  /** Whether a step has what it needs; until then its thread waits. What it needs comes from earlier steps. */
  isReady(step: S): boolean;
  /**
   * Called before a step is started: a promise where the whole is held just now. When that resolves, the first step is
   * looked for anew: waits may have ended meanwhile.
   */
  held?(step: S): Promise<void> | undefined;
  /**
   * Called before the next step is chosen while a thread waits: resolves when it is known which waits have ended. One
   * that ends by then has not been a wait to speak of.
   */
  settle(): Promise<void>;
  /** No step can be started until a wait ends. */
  noteStall?(): void;
}

/**
 * Runs the steps of several threads of control one at a time: the next to start is always the first in the
 * list, not yet started, whose thread is not waiting. Resolves when all have started and nothing waits any
 * more, or at once when the signal is aborted; what waits then goes on unwatched.
 */
export async function runThreads<S extends Step>(
  steps: readonly S[],
  conductor: Conductor<S>,
  signal: AbortSignal,
): Promise<void> {
  const threads = new Map<string, Thread<S>>();
  for (let index = steps.length - 1; index >= 0; index--) {
    const step = steps[index]!;
    const thread = threads.get(step.thread) ?? { rest: [], isWaiting: false };
    thread.rest.push({ index, step });
    threads.set(step.thread, thread);
  }
  const ended = aborted(signal);
  const waits = new Set<Promise<void>>();
  while (!signal.aborted) {
    const thread = nextOf(threads.values(), conductor);
    const hold = thread && conductor.held?.(thread.rest.at(-1)!.step);
    if (hold) {
      await Promise.race([hold, ended]);
      if (waits.size > 0) {
        await Promise.race([conductor.settle(), ended]);
      }
    } else if (thread) {
      const started = await Promise.race([conductor.start(thread.rest.pop()!.step), ended]);
      if (started) {
        thread.isWaiting = true;
        const wait = started.wait.finally(() => {
          thread.isWaiting = false;
          waits.delete(wait);
        });
        waits.add(wait);
      }
      if (waits.size > 0) {
        await Promise.race([conductor.settle(), ended]);
      }
    } else if (waits.size > 0) {
      conductor.noteStall?.();
      await Promise.race([...waits, ended]);
    } else {
      return;
    }
  }
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
    } else {
      signal.addEventListener('abort', () => resolve(), { once: true });
    }
  });
}

function nextOf<S>(threads: Iterable<Thread<S>>, conductor: Conductor<S>): Thread<S> | undefined {
  let next: Thread<S> | undefined;
  for (const thread of threads) {
    const first = thread.isWaiting ? undefined : thread.rest.at(-1);
    if (first && first.index < (next?.rest.at(-1)?.index ?? Infinity) && conductor.isReady(first.step)) {
      next = thread;
    }
  }
  return next;
}
