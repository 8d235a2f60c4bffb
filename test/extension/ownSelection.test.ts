import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OwnSelection } from '../../src/extension/views/ownSelection.js';

describe('What the extension selects in the tree', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is the latest wish only, one after the other', async () => {
    const selected: number[] = [];
    const own = new OwnSelection(async (id) => {
      selected.push(id);
      await Promise.resolve();
    });
    await Promise.all([own.make(1), own.make(2), own.make(3)]);
    expect(selected).toEqual([1, 3]);
  });

  it("is ours however often and late the tree tells of it, and the user's after that", async () => {
    const own = new OwnSelection(() => Promise.resolve());
    await own.make(1);
    vi.advanceTimersByTime(400);
    await own.make(2);
    await own.make(1);
    // The end of the first selection of 1 is not that of the second.
    vi.advanceTimersByTime(400);
    expect([own.has(1), own.has(1), own.has(2), own.has(3)]).toEqual([true, true, true, false]);
    vi.advanceTimersByTime(100);
    expect(own.has(1)).toBe(false);
  });

  it('does not end with a row that has gone', async () => {
    const selected: number[] = [];
    const own = new OwnSelection((id) => {
      selected.push(id);
      return id === 1 ? Promise.reject(new Error('gone')) : Promise.resolve();
    });
    await own.make(1);
    await own.make(2);
    expect(selected).toEqual([1, 2]);
  });
});
