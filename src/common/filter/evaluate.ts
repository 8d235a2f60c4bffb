import { type Expression, parseFilter } from './parser.js';
import type { Test } from './tests.js';

/** A test for a whole expression. */
export function compile(expression: Expression): Test {
  switch (expression.kind) {
    case 'and': {
      const tests = expression.items.map(compile);
      return (row) => tests.every((test) => test(row));
    }
    case 'or': {
      const tests = expression.items.map(compile);
      return (row) => tests.some((test) => test(row));
    }
    case 'not': {
      const test = compile(expression.item);
      return (row) => !test(row);
    }
    case 'text': {
      const { text } = expression;
      return (row) => row.text.includes(text);
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
