import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseBase64,
  parseHex,
  parseText,
  payloadText,
  type PayloadResult,
  placeOf,
  toHexText,
} from '../../src/webview/text/payload.js';

function bytesOf(result: PayloadResult): number[] {
  if (result.kind === 'error') {
    throw new Error(`${result.message} (${result.offset})`);
  }
  return [...result.bytes];
}

describe('text', () => {
  it('is UTF-8', () => {
    expect(bytesOf(parseText('안녕', 'LF'))).toEqual([0xec, 0x95, 0x88, 0xeb, 0x85, 0x95]);
  });

  it.each([
    ['LF', [0x61, 0x0a, 0x62]],
    ['CRLF', [0x61, 0x0d, 0x0a, 0x62]],
    ['CR', [0x61, 0x0d, 0x62]],
    ['none', [0x61, 0x62]],
  ] as const)('sends a line break as %s', (ending, expected) => {
    expect(bytesOf(parseText('a\nb', ending))).toEqual(expected);
  });

  it('reads the escapes of C', () => {
    expect(bytesOf(parseText(String.raw`\x00\xff\r\n\t\\\0\377\"`, 'LF'))).toEqual([
      0x00, 0xff, 0x0d, 0x0a, 0x09, 0x5c, 0x00, 0xff, 0x22,
    ]);
  });

  it.each([
    ['ab\\', 2],
    ['ab\\q', 2],
    ['a\\xg', 1],
    ['\\777', 0],
  ])('tells where an escape in %j is wrong', (text, offset) => {
    expect(parseText(text, 'LF')).toMatchObject({ kind: 'error', offset });
  });

  it('is written back so that it gives the same bytes', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.constantFrom('LF', 'CRLF', 'CR', 'none'),
        (text, ending) => {
          const bytes = new TextEncoder().encode(text);
          const written = payloadText(bytes, ending);
          expect(written).toBeDefined();
          expect(bytesOf(parseText(written!, ending))).toEqual([...bytes]);
        },
      ),
    );
  });

  it('is not written back when the bytes are no text', () => {
    expect(payloadText(Uint8Array.of(0xff, 0xfe), 'LF')).toBeUndefined();
  });
});

describe('hexadecimal', () => {
  it.each([
    ['de ad be ef', [0xde, 0xad, 0xbe, 0xef]],
    ['DEADBEEF', [0xde, 0xad, 0xbe, 0xef]],
    ['0xde, 0xad', [0xde, 0xad]],
    ['de:ad\nbe-ef', [0xde, 0xad, 0xbe, 0xef]],
    [String.raw`\xde\xad`, [0xde, 0xad]],
    ['00000000: 4745 5420\n00000010: 2f', [0x47, 0x45, 0x54, 0x20, 0x2f]],
    ['', []],
    ['00', [0]],
  ])('reads %j', (text, expected) => {
    expect(bytesOf(parseHex(text))).toEqual(expected);
  });

  it('tells the place of an odd digit', () => {
    expect(parseHex('de ad b')).toMatchObject({ kind: 'error', offset: 6 });
  });

  it('tells the place of what is no digit', () => {
    expect(parseHex('de xy')).toMatchObject({
      kind: 'error',
      offset: 3,
      message: 'x is no hexadecimal digit.',
    });
    expect(parseHex('de 😀')).toMatchObject({ kind: 'error', offset: 3 });
  });

  it('gives back the bytes it was written from', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(bytesOf(parseHex(toHexText(bytes)))).toEqual([...bytes]);
      }),
    );
  });
});

describe('Base64', () => {
  it('gives back the bytes it was written from, with and without padding', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = Buffer.from(bytes).toString('base64');
        expect(bytesOf(parseBase64(text))).toEqual([...bytes]);
        expect(bytesOf(parseBase64(text.replaceAll('=', '')))).toEqual([...bytes]);
        expect(bytesOf(parseBase64(Buffer.from(bytes).toString('base64url')))).toEqual([...bytes]);
      }),
    );
  });

  it.each([
    ['aGk*', 3],
    ['aGkxa', 4],
    ['aGk=aGk=', 4],
  ])('tells where %j is wrong', (text, offset) => {
    expect(parseBase64(text)).toMatchObject({ kind: 'error', offset });
  });
});

it('counts lines and columns from 1', () => {
  expect(placeOf('ab\ncd', 4)).toEqual({ line: 2, column: 2 });
  expect(placeOf('', 0)).toEqual({ line: 1, column: 1 });
});
