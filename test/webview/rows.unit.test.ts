import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  contentTop,
  isScaled,
  maxHeight,
  scrollTopFor,
  spacerHeight,
  topToReveal,
  visibleRows,
} from '../../src/webview/state/scrollGeometry.js';
import { SeqIndex } from '../../src/webview/state/seqIndex.js';

describe('the rows of records', () => {
  it('follow the range that the store holds', () => {
    const index = new SeqIndex();
    expect(index.count).toBe(0);
    index.setRange(5, 8);
    expect(index.count).toBe(4);
    expect([0, 1, 2, 3, 4].map((row) => index.seqAt(row))).toEqual([5, 6, 7, 8, undefined]);
    expect([4, 5, 8, 9].map((seq) => index.rowOf(seq))).toEqual([-1, 0, 3, -1]);
  });

  it('leave out what was forgotten, whatever the order in which it is learnt', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 0, max: 40 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 8 }))),
        (first, length, gaps) => {
          const index = new SeqIndex();
          const last = first + length - 1;
          index.setRange(first, last);
          let expected = Array.from({ length }, (_, at) => first + at);
          for (const [from, size] of gaps) {
            index.addGap(from, from + size);
            expected = expected.filter((seq) => seq < from || seq > from + size);
          }
          expect(index.count).toBe(expected.length);
          expect(expected.map((_, row) => index.seqAt(row))).toEqual(expected);
          expect(index.seqAt(expected.length)).toBeUndefined();
          expect(expected.map((seq) => index.rowOf(seq))).toEqual(expected.map((_, row) => row));
        },
      ),
    );
  });

  it('forget gaps that the range has left behind', () => {
    const index = new SeqIndex();
    index.setRange(1, 10);
    index.addGap(2, 4);
    index.setRange(4, 12);
    expect(index.seqAt(0)).toBe(5);
    expect(index.count).toBe(8);
  });
});

describe('the scroll area', () => {
  const small = { rowHeight: 22, count: 1000, viewport: 440 };
  const huge = { rowHeight: 22, count: 5_000_000, viewport: 440 };

  it('is as tall as its rows while a browser can make it so', () => {
    expect(spacerHeight(small)).toBe(22_000);
    expect(contentTop(small, 1234)).toBe(1234);
    expect(isScaled(small)).toBe(false);
  });

  it('is scaled above, and still reaches the first and the last row', () => {
    expect(spacerHeight(huge)).toBe(maxHeight);
    expect(contentTop(huge, 0)).toBe(0);
    const end = contentTop(huge, maxHeight - huge.viewport);
    expect(end).toBeCloseTo(huge.rowHeight * huge.count - huge.viewport, 3);
    expect(visibleRows(huge, end).to).toBe(huge.count);
  });

  it('comes back to the same place', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 22 * 5_000_000 - 440 }), (top) => {
        expect(contentTop(huge, scrollTopFor(huge, top))).toBeCloseTo(top, 3);
      }),
    );
  });

  it('draws the visible rows and some around them', () => {
    expect(visibleRows(small, 2200, 8)).toEqual({ from: 92, to: 129 });
    expect(visibleRows({ ...small, count: 3 }, 0, 8)).toEqual({ from: 0, to: 3 });
  });

  it('moves no more than it takes to show a row', () => {
    expect(topToReveal(small, 2200, 105)).toBe(2200);
    expect(topToReveal(small, 2200, 50)).toBe(1100);
    expect(topToReveal(small, 0, 30)).toBe(31 * 22 - 440);
  });
});
