import { expect, test } from 'vitest';
import { fuzzReaders } from '../fuzz/readers.js';

// The long form is `npm run fuzz`.
test('whatever is written, its readers neither throw nor hang', () => {
  const { count, failures } = fuzzReaders(20_261_128, { inputs: 150, ms: 1000 });
  expect(failures).toEqual([]);
  expect(count).toBeGreaterThan(100);
}, 60_000);
