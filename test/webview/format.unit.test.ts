import { expect, it } from 'vitest';
import { shortTime } from '../../src/webview/text/format.js';

it('keeps a time short enough for the gutter of the lanes, beside the number of the record', () => {
  const times = [0.001, 9.876, 9.996, 10.08, 99.96, 701.354, 1234.56, 9999.7, 54_321];
  expect(times.map((seconds) => shortTime(seconds * 1e9))).toEqual([
    '0.00',
    '9.88',
    '10.0',
    '10.1',
    '100',
    '701',
    '1235',
    '10k',
    '54k',
  ]);
});
