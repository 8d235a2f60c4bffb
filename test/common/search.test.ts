import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { firstIndex } from '../../src/common/search.js';

it('finds what looking at each would find', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 20 })),
      fc.integer({ min: -1, max: 21 }),
      (values, wanted) => {
        const sorted = values.toSorted((a, b) => a - b);
        const first = sorted.findIndex((value) => value >= wanted);
        expect(firstIndex(0, sorted.length, (index) => sorted[index]! >= wanted)).toBe(
          first < 0 ? sorted.length : first,
        );
      },
    ),
  );
});

it('looks at no index outside', () => {
  expect(firstIndex(3, 3, () => true)).toBe(3);
  expect(firstIndex(1, 0, () => true)).toBe(1);
});
