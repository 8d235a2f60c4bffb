import { describe, expect, it } from 'vitest';
import { escapeBytes } from '../../src/common/notation/text.js';
import {
  decodeText,
  hexLine,
  linesOf,
  lineWidth,
  offsetDigits,
  prettyJson,
  previewText,
  visibleLines,
} from '../../src/webview/text/bytes.js';

/** A line as it is read, whatever its parts look like. */
function line(...args: Parameters<typeof hexLine>) {
  const { offset, hex, text } = hexLine(...args);
  const joined = (runs: typeof hex) => runs.map((run) => run.text).join('');
  return { offset, hex: joined(hex), text: joined(text) };
}

const encode = (text: string) => new TextEncoder().encode(text);

describe('a line of a hex dump', () => {
  it('holds two groups of eight bytes and what of them is ASCII', () => {
    expect(line(encode('GET / HTTP/1.1\r\n'), 0x10, 4)).toEqual({
      offset: '0010',
      hex: '47 45 54 20 2f 20 48 54  54 50 2f 31 2e 31 0d 0a',
      text: 'GET / HTTP/1.1..',
    });
  });

  it('keeps its width when it is short', () => {
    const { hex } = line(encode('GET / HTTP/1.1\r\n'), 0, 4);
    expect(line(encode('ab'), 0, 4).hex).toHaveLength(hex.length);
    expect(line(new Uint8Array(), 0, 4).hex.trim()).toBe('');
  });

  it('is half as long where there is little room', () => {
    expect(line(encode('GET / HTTP/1.1'), 8, 4, 8)).toEqual({
      offset: '0008',
      hex: '47 45 54 20 2f 20 48 54',
      text: 'GET / HT',
    });
    for (const length of [8, 16] as const) {
      const { offset, hex, text } = line(new Uint8Array(length), 0, 4, length);
      expect(lineWidth(4, length)).toBe(`${offset}  ${hex}  ${text}`.length);
    }
  });

  it('has parts that look different, and blanks between them that do not', () => {
    const { hex, text } = hexLine(encode('GET /a\nGET'), 4, 4, 16, [
      [
        { from: 2, to: 7, className: 'a' },
        { from: 7, to: 11, className: 'b' },
      ],
      [{ from: 6, to: 9, className: 'x' }],
    ]);
    expect(hex.filter(({ className }) => className !== '')).toEqual([
      { text: '47 45', className: 'a' },
      { text: '54', className: 'a x' },
      { text: '20 2f', className: 'b x' },
      { text: '61 0a', className: 'b' },
    ]);
    expect(text.map((run) => run.text)).toEqual(['GE', 'T', ' /', 'a.', 'GET']);
    expect(hex.map((run) => run.text).join('')).toHaveLength(16 * 3);
  });

  it('has as many digits as the last offset needs', () => {
    expect([0, 1, 0x10000, 0x10001].map(offsetDigits)).toEqual([4, 4, 4, 5]);
  });
});

describe('bytes on one line', () => {
  it('are text where they are valid UTF-8, with line ends shown', () => {
    expect(previewText(encode('GET /\r\n안녕\n'), 14)).toBe('GET /⏎안녕⏎');
  });

  it('are escapes where they are not', () => {
    expect(previewText(Uint8Array.of(0x16, 0x03, 0x41), 3)).toBe(String.raw`\26\3A`);
  });

  it('are written as calls are printed, so that one byte looks the same everywhere', () => {
    const random = Uint8Array.of(0xeb, 0x35, 0, 0x0d, 0x1b, 0xff, 0x37, 0x38);
    expect(previewText(random, 8)).toBe(escapeBytes(random, 'short'));
    expect(linesOf(random, false)).toEqual({ text: escapeBytes(random, 'short'), isUtf8: false });
    const text = encode('a\u0007\u007f7\u200b');
    expect(previewText(text, text.length)).toBe(escapeBytes(text, 'short'));
  });

  it('tell that they were cut, also inside of a character', () => {
    expect(previewText(encode('안녕').subarray(0, 4), 6)).toBe('안…');
  });

  it('cannot change what stands around them where they keep their lines', () => {
    expect(visibleLines('a\u202Eb\u200b\r\n\t\u001b[31m\rc')).toBe(
      'a\\342\\200\\256b\\342\\200\\213\r\n\t\\33[31m\\rc',
    );
  });

  it('cannot change what stands around them', () => {
    expect(previewText(encode('a\u202Eb\u0007\u001b]52'), 13)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });
});

it('reads text only where the bytes are text', () => {
  expect(decodeText(encode('a\tb\n'))).toBe('a\tb\n');
  expect(decodeText(Uint8Array.of(0, 1, 2))).toBeUndefined();
  expect(decodeText(Uint8Array.of(0xff))).toBeUndefined();
});

it('shows all bytes with their lines, and says whether they are UTF-8', () => {
  expect(linesOf(encode('a\0\n안\n'), false)).toEqual({ text: 'a\\0\n안\n', isUtf8: true });
  expect(linesOf(encode('안녕').subarray(0, 4), true)).toEqual({ text: '안', isUtf8: true });
  expect(linesOf(Uint8Array.of(0x61, 0x0a, 0xff, 0x37, 0xec), false)).toEqual({
    text: 'a\n\\3777\\354',
    isUtf8: false,
  });
});

it('does not lay out JSON that is short and has an endless indent', () => {
  const deep = (depth: number) => encode('['.repeat(depth) + ']'.repeat(depth));
  expect(prettyJson(deep(50))).toContain('  [\n');
  expect(prettyJson(deep(20_000))).toBeUndefined();
  // Brackets within a text are none.
  expect(prettyJson(encode(JSON.stringify([`${'['.repeat(20_000)}"`])))).toContain('[[[[');
});

it('reads JSON only where the bytes are an object or an array', () => {
  expect(prettyJson(encode('{"a":[1]}'))).toBe('{\n  "a": [\n    1\n  ]\n}');
  expect(prettyJson(encode('[1,'))).toBeUndefined();
  expect(prettyJson(encode('7'))).toBeUndefined();
});
