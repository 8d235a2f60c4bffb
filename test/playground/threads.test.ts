import { describe, expect, it } from 'vitest';
import { runThreads, type StepStart } from '../../src/playground/threads.js';

/** Runs steps named `thread:name`; those in `waits` wait until `end(name)`. */
function run(names: string[], waits: string[] = [], isReady: (name: string) => boolean = () => true) {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const controller = new AbortController();
  const done = runThreads(
    names.map((name) => ({ thread: name.split(':')[0]!, name })),
    {
      start: ({ name }) => {
        started.push(name);
        const start: StepStart = waits.includes(name)
          ? { wait: new Promise((resolve) => ends.set(name, resolve)) }
          : undefined;
        return Promise.resolve(start);
      },
      isReady: ({ name }) => isReady(name),
      settle: () => Promise.resolve(),
    },
    controller.signal,
  );
  return { started, ends, done, controller };
}

describe('the next step', () => {
  it('is the first of the list when nothing waits', async () => {
    const { started, done } = run(['a:1', 'b:1', 'a:2', 'c:1', 'b:2']);
    await done;
    expect(started).toEqual(['a:1', 'b:1', 'a:2', 'c:1', 'b:2']);
  });

  it('is never of a thread that waits, and goes back to its earlier steps when it waits no more', async () => {
    const { started, ends, done } = run(['b:1', 'b:2', 'a:1', 'b:3', 'a:2', 'a:3'], ['b:1', 'a:2']);
    await expect.poll(() => started).toEqual(['b:1', 'a:1', 'a:2']);
    ends.get('b:1')!();
    await expect.poll(() => started).toEqual(['b:1', 'a:1', 'a:2', 'b:2', 'b:3']);
    ends.get('a:2')!();
    await done;
    expect(started.at(-1)).toBe('a:3');
  });

  it('is not one that still lacks something', async () => {
    let isGiven = false;
    const { started, ends, done } = run(['a:1', 'b:1', 'a:2'], ['a:1'], (name) => name !== 'b:1' || isGiven);
    await expect.poll(() => started).toEqual(['a:1']);
    isGiven = true;
    ends.get('a:1')!();
    await done;
    expect(started).toEqual(['a:1', 'b:1', 'a:2']);
  });

  it('is chosen after it is known which waits have ended', async () => {
    const order: string[] = [];
    let end!: () => void;
    await runThreads(
      [
        { thread: 'b', name: 'b:1' },
        { thread: 'a', name: 'a:1' },
        { thread: 'b', name: 'b:2' },
        { thread: 'a', name: 'a:2' },
      ],
      {
        start: ({ name }) => {
          order.push(name);
          return Promise.resolve(
            name === 'b:1' ? { wait: new Promise<void>((resolve) => (end = resolve)) } : undefined,
          );
        },
        isReady: () => true,
        settle: () => {
          end();
          return new Promise((resolve) => setImmediate(resolve));
        },
      },
      new AbortController().signal,
    );
    expect(order).toEqual(['b:1', 'a:1', 'b:2', 'a:2']);
  });
});

it('waits for the last waits to end', async () => {
  const { ends, done } = run(['a:1'], ['a:1']);
  let isDone = false;
  const ended = done.then(() => (isDone = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isDone).toBe(false);
  ends.get('a:1')!();
  await ended;
});

it('ends at once when it is aborted', async () => {
  const { started, done, controller } = run(['a:1', 'a:2'], ['a:1']);
  await expect.poll(() => started).toEqual(['a:1']);
  controller.abort();
  await done;
  expect(started).toEqual(['a:1']);
});

it('rejects with what a step is rejected with', async () => {
  const fault = new Error('fault');
  const done = runThreads(
    [{ thread: 'a' }],
    { start: () => Promise.reject(fault), isReady: () => true, settle: () => Promise.resolve() },
    new AbortController().signal,
  );
  await expect(done).rejects.toBe(fault);
});
