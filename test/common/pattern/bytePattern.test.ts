import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BytePattern } from '../../../src/common/pattern/bytePattern.js';

const latin1 = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const budget = 4_000_000;

function pattern(text: string): BytePattern {
  const parsed = BytePattern.parse(text);
  if ('message' in parsed) {
    throw new Error(`${parsed.message} (${parsed.offset})`);
  }
  return parsed;
}

function match(text: string, data: string | Uint8Array): string[] | null | undefined {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
  const found = pattern(text).match(bytes, budget);
  return found ? found.map((part) => Buffer.from(part).toString('utf8')) : found;
}

describe('a byte pattern', () => {
  it.each([
    ['^GET (\\S+) HTTP/1\\.[01]\\r\\n', 'GET /a HTTP/1.1\r\nHost: b\r\n', ['GET /a HTTP/1.1\r\n', '/a']],
    ['a|ab', 'ab', ['a']],
    ['(a+)(a*)', 'xaaa', ['aaa', 'aaa', '']],
    ['(a+?)(a*)', 'aaa', ['aaa', 'a', 'aa']],
    ['x{2,3}', 'xxxx', ['xxx']],
    ['x{2}y{0,}', 'xxyy', ['xxyy']],
    ['(?:a(b)?)+c', 'abac', ['abac', 'b']],
    ['(?<name>\\d+)-(\\d+)', 'n 12-34', ['12-34', '12', '34']],
    ['(?i)hello [k-m]', 'HeLLo L', ['HeLLo L']],
    ['a.b', 'a\nb', null],
    ['(?s)a.b', 'a\nb', ['a\nb']],
    ['\\bcat\\b', 'concat cat', ['cat']],
    ['\\Bcat', 'cat concat', ['cat']],
    ['[^a-c\\d]+', 'ab1xyz2', ['xyz']],
    ['[]a]+', 'x]a]', [']a]']],
    ['[a-]+', 'b-a-', ['-a-']],
    ['안녕+', '안녕녕', ['안녕녕']],
    ['[안a]+', 'b안a안', ['안a안']],
    ['', 'abc', ['']],
    ['$', 'ab', ['']],
    ['{x}', '{x}', ['{x}']],
    ['(|a)b', 'ab', ['ab', 'a']],
  ])('%j in %j', (text, data, expected) => {
    expect(match(text, data)).toEqual(expected);
  });

  it('matches bytes that are no text', () => {
    expect(match('\\xff[\\x00-\\x02]{2}', Uint8Array.of(1, 0xff, 0, 2))).not.toBeNull();
    expect(match('^.$', Uint8Array.of(0x80))).not.toBeNull();
  });

  it.each([
    ['a(b', 1],
    ['ab)', 2],
    ['a[b', 1],
    ['*a', 0],
    ['a**', 2],
    ['a{2}{3}', 4],
    ['a{3,2}', 1],
    ['a{1001}', 1],
    ['^*', 0],
    ['(a)\\1', 3],
    ['x(?=a)', 1],
    ['x(?<!a)', 1],
    ['a\\', 1],
    ['a\\x4', 1],
    ['\\q', 0],
    ['[b-a]', 1],
    ['[^안]', 0],
    ['[a-안]', 1],
    ['(((a{100}){100}){100})', 0],
    ['('.repeat(60), 50],
  ])('tells where %j is wrong', (text, offset) => {
    expect(BytePattern.parse(text)).toMatchObject({ offset });
  });

  // Engines that try one way after the other take time beyond all measure for these.
  it.each(['(a+)+$', '(a|a)*$', '(a|aa)+$', '(.*a){12}$', '(?:a?){30}a{30}$', '((a*)*)*$', '(a*)*b'])(
    'is never slow: %s',
    (text) => {
      const data = latin1(`${'a'.repeat(65_535)}!`);
      const found = pattern(text).match(data, budget);
      // Some match nothing at the end, some give up, and none takes longer than the data is long.
      expect(found?.[0]?.length ?? 0).toBe(0);
    },
  );

  it('says when its steps do not suffice', () => {
    expect(pattern('(x+x+)+y').match(latin1('x'.repeat(1000)), 100)).toBeUndefined();
    expect(pattern('(x+x+)+y').match(latin1('x'.repeat(1000)), budget)).toBeNull();
  });

  it('finds what the engine of JavaScript finds', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\w', 'c');
    const count = fc.constantFrom('', '', '*', '+', '?', '{1,2}', '*?', '+?');
    const piece = fc.tuple(atom, count).map(([one, times]) => one + times);
    const sequence = fc.array(piece, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''));
    // Groups that always take something: engines differ in repeating nothing.
    const grouped = fc
      .tuple(sequence, atom, fc.constantFrom('', '+', '*', '{2}'))
      .map(([inside, last, times]) => `(${inside}${last})${times}`);
    const whole = fc
      .array(fc.oneof(sequence, grouped), { minLength: 1, maxLength: 3 })
      .chain((parts) =>
        fc.constantFrom(parts.join(''), parts.join('|'), `^${parts.join('')}`, `${parts.join('')}$`),
      );
    const data = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '\n'), maxLength: 12 });
    fc.assert(
      fc.property(whole, data, (text, input) => {
        const expected = new RegExp(text).exec(input)?.[0] ?? null;
        expect(match(text, input)?.[0] ?? null, text).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });
});
