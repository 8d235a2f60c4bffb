import { expect, it } from 'vitest';
import { shortTime } from '../../src/webview/text/format.js';

it('tells times to the hundredth for long', () => {
  expect([0.001, 9.876, 701.354, 1234.56, 54_321].map((seconds) => shortTime(seconds * 1e9))).toEqual([
    '0.00',
    '9.88',
    '701.35',
    '1234.6',
    '54.32k',
  ]);
});
