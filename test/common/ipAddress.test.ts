import { isIPv4, isIPv6 } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIPv4, formatIPv6, parseIPv4, parseIPv6 } from '../../src/common/ipAddress.js';
import { decodeUtf8At, encodeUtf8 } from '../../src/common/utf8.js';

describe('IP addresses', { timeout: 30_000 }, () => {
  it('are read as Node reads them', () => {
    const text = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.string({ unit: fc.constantFrom(...'0123456789abcf:.'.split('')), maxLength: 30 }),
    );
    fc.assert(
      fc.property(text, (value) => {
        expect(parseIPv4(value) !== undefined, value).toBe(isIPv4(value));
        expect(parseIPv6(value) !== undefined, value).toBe(isIPv6(value));
      }),
      { numRuns: 3000 },
    );
  });

  it('are written as inet_ntop writes them, and read back', () => {
    for (const [bytes, text] of [
      ['00000000000000000000000000000000', '::'],
      ['00000000000000000000000000000001', '::1'],
      ['00000000000000000000ffff7f000001', '::ffff:127.0.0.1'],
      ['00000000000000000000000001020304', '::1.2.3.4'],
      ['20010db8000000000000000000000001', '2001:db8::1'],
      ['20010000000000010000000000000001', '2001:0:0:1::1'],
      ['00010000000200030004000500060007', '1:0:2:3:4:5:6:7'],
      ['fe800000000000000000000000000000', 'fe80::'],
    ] as const) {
      expect(formatIPv6(Uint8Array.from(Buffer.from(bytes, 'hex')))).toBe(text);
    }
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        expect(parseIPv6(formatIPv6(bytes))).toEqual(bytes);
        expect(parseIPv4(formatIPv4(bytes))).toEqual(bytes.slice(0, 4));
      }),
    );
  });
});

describe('UTF-8', { timeout: 30_000 }, () => {
  it('is what TextEncoder makes and TextDecoder takes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const bytes = encodeUtf8(text);
        expect(bytes).toEqual(new TextEncoder().encode(text));
      }),
    );
    expect(encodeUtf8('\ud800x')).toEqual(new TextEncoder().encode('\ud800x'));
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 6 }), (bytes) => {
        const found = decodeUtf8At(bytes, 0);
        const isValid = [1, 2, 3, 4].some((length) => {
          try {
            return length <= bytes.length && /^.$/su.test(decoder.decode(bytes.subarray(0, length)));
          } catch {
            return false;
          }
        });
        expect(found !== undefined).toBe(isValid);
        const text = found ? String.fromCodePoint(found.code) : '';
        expect(text).toBe(decoder.decode(bytes.subarray(0, found?.length ?? 0)));
      }),
      { numRuns: 2000 },
    );
  });
});
