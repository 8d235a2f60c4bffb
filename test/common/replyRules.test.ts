import { describe, expect, it } from 'vitest';
import { templateValues } from '../../src/common/payloadTemplate.js';
import { compileRule, type ReplyRule } from '../../src/common/replyRules.js';

const values = templateValues(3, 0, (bytes) => bytes);
const encode = (text: string) => new TextEncoder().encode(text);

function answer(rule: ReplyRule, message: string): string | null {
  const compiled = compileRule(rule);
  if ('message' in compiled) {
    throw new Error(compiled.message);
  }
  const groups = compiled.match(encode(message));
  const reply = groups && compiled.reply({ ...values, groups });
  return reply instanceof Uint8Array ? Buffer.from(reply).toString('utf8') : null;
}

describe('a rule', () => {
  it.each<[ReplyRule['kind'], string, string, boolean]>([
    ['contains', 'b\\x63', 'abcd', true],
    ['contains', 'bd', 'abcd', false],
    ['contains', 'aab', 'aaab', true],
    ['contains', 'abab', 'abaabab', true],
    ['contains', '', '', true],
    ['startsWith', 'ab', 'abc', true],
    ['startsWith', 'bc', 'abc', false],
    ['equals', 'abc', 'abc', true],
    ['equals', 'abc', 'abcd', false],
    ['equals', '안녕', '안녕', true],
    ['regex', 'b+', 'abb', true],
    ['regex', '^b', 'ab', false],
  ])('%s %j in %j: %s', (kind, pattern, message, expected) => {
    expect(answer({ kind, pattern, reply: 'yes' }, message) !== null).toBe(expected);
  });

  it('replies with what was matched, and with variables', () => {
    const regex: ReplyRule = {
      kind: 'regex',
      pattern: 'add (\\d+) (\\d+)',
      reply: '$2+$1 of $0 $$ {{counter}}\\n',
    };
    expect(answer(regex, 'please add 1 23!')).toBe('23+1 of add 1 23 $ 3\n');
    expect(answer({ kind: 'contains', pattern: 'x', reply: '<$0>{{len}}ab' }, 'axb')).toBe('<x>2ab');
  });

  it('tells which field is wrong, and where', () => {
    expect(compileRule({ kind: 'regex', pattern: 'a(', reply: '' })).toMatchObject({
      field: 'pattern',
      offset: 1,
    });
    expect(compileRule({ kind: 'equals', pattern: 'a\\q', reply: '' })).toMatchObject({
      field: 'pattern',
      offset: 1,
    });
    expect(compileRule({ kind: 'equals', pattern: 'a', reply: 'b$1' })).toMatchObject({
      field: 'reply',
      offset: 1,
    });
  });
});
