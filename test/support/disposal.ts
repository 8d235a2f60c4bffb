import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, onTestFinished } from 'vitest';

/** Something that a test holds until it says so. */
export interface Held {
  dispose(): Promise<void>;
}

/** Gives it back when the running test ends, passed or not. Not for what a whole file shares: dispose that in `afterAll`. */
export function untilTestEnds<T extends Held>(held: T): T {
  onTestFinished(() => held.dispose());
  return held;
}

/**
 * What the tests of a block share: made before the first of them and given back after the last. For what takes longer to
 * make than to look at; each test leaves it so that the others can go on with it.
 */
export function sharedByTests<T extends Held>(make: () => Promise<T>): () => T {
  let held: T | undefined;
  beforeAll(async () => {
    held = await make();
  });
  afterAll(() => held?.dispose());
  return () => {
    if (held === undefined) {
      throw new Error('What the tests share is there while they run.');
    }
    return held;
  };
}

/** An empty folder of the test's own. */
export async function tempDir(): Promise<Held & { readonly path: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'socket-playground-test-'));
  return { path: folder, dispose: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }) };
}
