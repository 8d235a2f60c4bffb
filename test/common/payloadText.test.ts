import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  expandTemplate,
  parseTemplate,
  type PayloadTemplate,
  type TemplateProblem,
  templateValues,
} from '../../src/common/payloadTemplate.js';
import {
  type LineEnding,
  parseBase64,
  parseHex,
  payloadText,
  type PayloadResult,
  placeOf,
  readInTurns,
  toHexText,
} from '../../src/common/payloadText.js';

function bytesOf(result: PayloadResult): number[] {
  if (result.kind === 'error') {
    throw new Error(`${result.message} (${result.offset})`);
  }
  return [...result.bytes];
}

/** What a text without variables is sent as. */
function parseText(text: string, ending: LineEnding): PayloadResult {
  const template = parseTemplate({ mode: 'text', text, ending });
  const bytes = 'message' in template ? template : expandTemplate(template, values);
  return 'message' in bytes ? { kind: 'error', ...bytes } : { kind: 'bytes', bytes };
}

const values = templateValues(1, 0, (bytes) => bytes.fill(0xaa));

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

  it.each([
    ['text', fc.string({ unit: 'binary', maxLength: 40 }).map((text) => new TextEncoder().encode(text))],
    ['any bytes', fc.uint8Array({ maxLength: 40 })],
  ])('of %s is written back so that it gives the same bytes', (_what, source) => {
    fc.assert(
      fc.property(source, fc.constantFrom('LF', 'CRLF', 'CR', 'none'), (bytes, ending) => {
        expect(bytesOf(parseText(payloadText(bytes, ending), ending))).toEqual([...bytes]);
      }),
    );
  });

  it('has escapes for what is no character, as calls are printed', () => {
    expect(payloadText(Uint8Array.of(0xff, 0x37, 0x09, 0x5c, 0), 'LF')).toBe(String.raw`\3777\t\\\0`);
  });
});

describe('hexadecimal', () => {
  it.each([
    ['de ad be ef', [0xde, 0xad, 0xbe, 0xef]],
    ['DEADBEEF', [0xde, 0xad, 0xbe, 0xef]],
    ['0xde, 0xad', [0xde, 0xad]],
    ['de:ad\nbe-ef', [0xde, 0xad, 0xbe, 0xef]],
    [String.raw`\xde\xad`, [0xde, 0xad]],
    // An array of C, a text of C, a list of Python.
    ['{ 0xde, 0xad };', [0xde, 0xad]],
    [String.raw`"\xde\xad" "\xbe"`, [0xde, 0xad, 0xbe]],
    ["['de', 'ad']", [0xde, 0xad]],
    ['00000000: 4745 5420\n00000010: 2f', [0x47, 0x45, 0x54, 0x20, 0x2f]],
    ['', []],
    ['00', [0]],
    // xxd, whose characters look like digits here; a line that lost its last blanks.
    ['00000000: 6162                                     ab', [0x61, 0x62]],
    ['00000000: 4142 2020                                AB', [0x41, 0x42, 0x20, 0x20]],
    // hexdump -C, with the offset that ends it.
    [
      '00000000  47 45 54 20 2f 20 48 54  54 50 2f 31 2e 31 0d 0a  |GET / HTTP/1.1..|\n00000010  0a                                                |.|\n00000011',
      [...Buffer.from('GET / HTTP/1.1\r\n\n')],
    ],
    // tcpdump -X, Wireshark, od -tx1.
    ['\t0x0000:  4500 003c                                E..<', [0x45, 0, 0, 0x3c]],
    ['0000   47 45 54 20 2f 61                                  GET /a', [...Buffer.from('GET /a')]],
    ['0000000 47 45 54\n0000003', [0x47, 0x45, 0x54]],
    // Eight bytes in a row are no offset.
    ['00000000 4745', [0, 0, 0, 0, 0x47, 0x45]],
    ['deadbeef\n00000001', [0xde, 0xad, 0xbe, 0xef, 0, 0, 0, 1]],
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

describe('a template', () => {
  const read = (text: string, mode: 'text' | 'hex' = 'text', groups?: number) =>
    parseTemplate({ mode, text, ending: 'LF' }, groups);
  const expand = (text: string, mode: 'text' | 'hex' = 'text', more: Partial<typeof values> = {}) => {
    const template = read(text, mode, more.groups && more.groups.length - 1);
    if ('message' in template) {
      throw new Error(template.message);
    }
    const bytes = expandTemplate(template, { ...values, ...more });
    return 'message' in bytes ? bytes : Buffer.from(bytes).toString('latin1');
  };
  const problemOf = (result: PayloadTemplate | TemplateProblem) =>
    'message' in result ? result.offset : undefined;

  it('has variables', () => {
    expect(expand('n={{counter}};', 'text', { counter: 7 })).toBe('n=7;');
    expect(expand('{{ counter : u16le }}', 'text', { counter: 258 })).toBe('\x02\x01');
    const time = Date.UTC(2026, 1, 3, 4, 5, 6, 789);
    expect(expand('{{time}}', 'text', { time })).toBe('2026-02-03T04:05:06Z');
    expect(expand('{{time:u32be}}', 'text', { time: 0x01020304 * 1000 })).toBe('\x01\x02\x03\x04');
    expect(expand('{{random:2}}|{{random:2:hex}}')).toBe('\xaa\xaa|aaaa');
  });

  it('counts with len the bytes that follow it', () => {
    expect(expand('{{len:u16be}}안녕')).toBe('\x00\x06\xec\x95\x88\xeb\x85\x95');
    expect(expand('{{len:u8}}{{len:u32le}}ab{{len}}')).toBe('\x07\x03\x00\x00\x00ab0');
    expect(expand('{{len:u16be}} 47 45 54', 'hex')).toBe('\x00\x03GET');
    expect(expand('ff {{len:u32be}} 00', 'hex')).toBe('\xff\x00\x00\x00\x01\x00');
    expect(expand(`ab{{len:u8}}${'x'.repeat(256)}`)).toEqual({
      message: 'len is 256 here, which does not fit into u8.',
      offset: 2,
    });
  });

  it('draws other random bytes for each of its variables, in order', () => {
    let next = 0;
    const random = (length: number) => Uint8Array.from({ length }, () => next++);
    expect(expand('{{random:2}}{{random:1}}', 'text', { random })).toBe('\x00\x01\x02');
  });

  it('has braces as they are', () => {
    expect(expand('\\{{a}}')).toBe('{{a}}');
    expect(expand('{ {"a":{}}')).toBe('{ {"a":{}}');
    expect(expand('\\\\{{counter}}')).toBe('\\1');
    expect(expand('\\{{{counter}}')).toBe('{1');
    expect(expand('\\x7b{a}}')).toBe('{{a}}');
  });

  it.each([
    ['ab{{nonsense}}', 2],
    ['{{}}', 0],
    ['x{{counter', 1],
    ['{{counter:u17}}', 0],
    ['{{len:u8:u8}}', 0],
    ['a{{random}}', 1],
    ['a{{random:0}}', 1],
    ['a{{random:65537}}', 1],
    ['a{{random:8:text}}', 1],
    ['{{counter}}\\q', 11],
    ['\n\n{{x}}', 2],
  ])('tells where %j is wrong', (text, offset) => {
    expect(problemOf(read(text))).toBe(offset);
  });

  it('tells where hexadecimal bytes around a variable are wrong', () => {
    expect(problemOf(read('de a {{len}} ff', 'hex'))).toBe(3);
    expect(problemOf(read('de {{len}} fx', 'hex'))).toBe(12);
    expect(problemOf(read('de {{x}}', 'hex'))).toBe(3);
  });

  it('has the groups of a pattern, in a reply only', () => {
    const groups = ['all', 'one', ''].map((text) => Buffer.from(text));
    expect(expand('<$1|$2|$0> $$5', 'text', { groups })).toBe('<one||all> $5');
    expect(expand('$1 $x')).toBe('$1 $x');
    expect(problemOf(read('a$3', 'text', 2))).toBe(1);
    expect(problemOf(read('a$', 'text', 2))).toBe(1);
  });

  it('never makes more than fits', () => {
    const groups = [Buffer.alloc(1024 * 1024)];
    expect(expand('$0'.repeat(17), 'text', { groups })).toMatchObject({ offset: 0 });
  });
});

it('counts lines and columns from 1', () => {
  expect(placeOf('ab\ncd', 4)).toEqual({ line: 2, column: 2 });
  expect(placeOf('', 0)).toEqual({ line: 1, column: 1 });
});

describe('digits that are read in turns', () => {
  const always = async () => true;
  const dump = '00000000  47 45 54 20 2f 0a 30 78  0a                       |GET /.0x.|\n00000009\n';
  const piece = fc.oneof(
    fc.constantFrom(
      '4f',
      '0x4f',
      '\\x4f',
      '0',
      'x',
      ' ',
      '\n',
      ',',
      '4f4b'.repeat(9),
      '\\',
      '00000008\n',
      dump,
    ),
    fc.stringMatching(/^[\da-fxX]*$/),
  );

  it('are those that are read at once, wherever a turn ends', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 60 }).map((all) => all.join('')),
        fc.integer({ min: 64, max: 200 }),
        async (text, length) => {
          expect(await readInTurns('hex', text, always, length)).toEqual(parseHex(text));
          expect(await readInTurns('base64', text, always, length)).toEqual(parseBase64(text));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
