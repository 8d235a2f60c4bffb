import { type Expression, parseFilter } from './parser.js';
import type { Test } from './tests.js';

/** Fields lie in the row, payload elsewhere; the text has to be made. */
function costOf(expression: Expression): number {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return Math.max(0, ...expression.items.map(costOf));
    case 'not':
      return costOf(expression.item);
    case 'text':
      return 2;
    default:
      return expression.field.type === 'data' ? 1 : 0;
  }
}

/** A test for a whole expression. */
export function compile(expression: Expression): Test {
  switch (expression.kind) {
    case 'and': {
      // Texts of whole rows last: most rows need none then.
      const tests = expression.items.toSorted((a, b) => costOf(a) - costOf(b)).map(compile);
      return (row) => tests.every((test) => test(row));
    }
    case 'or': {
      const tests = expression.items.toSorted((a, b) => costOf(a) - costOf(b)).map(compile);
      return (row) => tests.some((test) => test(row));
    }
    case 'not': {
      const test = compile(expression.item);
      return (row) => !test(row);
    }
    case 'text': {
      const { text } = expression;
      return (row) => row.hasWord(text);
    }
    case 'has': {
      const { field } = expression;
      return (row) => {
        const value = field.of(row);
        return typeof value === 'object' ? value !== null && value.length > 0 : value !== false;
      };
    }
    case 'test':
      return expression.test;
  }
}

/** The test that a filter's text stands for; undefined where it has errors, null where it is empty. */
export function testFor(text: string): Test | null | undefined {
  const { expression, errors } = parseFilter(text);
  return errors.length > 0 ? undefined : expression && compile(expression);
}
