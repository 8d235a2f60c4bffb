import { expect, it } from 'vitest';
import { cString } from '../../../src/playground/export/cLiterals.js';

it('writes a question mark as it is, unless it would make a trigraph', () => {
  const c = (text: string) => cString(new TextEncoder().encode(text));
  expect(c('Hello, who is there?\n')).toBe(String.raw`"Hello, who is there?\n"`);
  expect(c('what??')).toBe('"what??"');
  expect(c('what?? "no"')).toBe(String.raw`"what?? \"no\""`);
  expect(c('??! ???= ??-')).toBe(String.raw`"?\?! ??\?= ?\?-"`);
});
