import { describe, expect, it } from 'vitest';
import { type LineEdit, LineResults, resultOf } from '../../../src/common/language/lineResults.js';
import type { CallStatement } from '../../../src/common/notation/ast.js';
import { parseScenario } from '../../../src/common/notation/parser.js';
import { recordOf } from '../../support/records.js';

function statement(line: string): CallStatement {
  return parseScenario(line).statements[0] as CallStatement;
}

describe('what stands behind a line', () => {
  it('is the answer, with a mark where it was expected', () => {
    const record = recordOf('listen', [3, 5]);
    expect(resultOf(statement('listen(3, 5) = 0'), record, null, 'linux')).toEqual({
      kind: 'passed',
      text: '✓ = 0',
      record: 'listen(3, 5) = 0',
    });
    expect(resultOf(statement('listen(3, 5)'), record, null, 'linux')).toMatchObject({
      kind: 'plain',
      text: '= 0',
    });
  });

  it('is both what was expected and what came', () => {
    const record = recordOf('listen', [3, 5], { result: -1, errno: 'EINVAL' });
    const mismatch = { expected: '0', got: '-1 EINVAL (Invalid argument)', range: { start: 0, end: 1 } };
    expect(resultOf(statement('listen(3, 5) = 0'), record, mismatch, 'linux')).toMatchObject({
      kind: 'failed',
      text: '✗ expected 0, got -1 EINVAL (Invalid argument)',
    });
  });

  it('tells how long the call has waited', () => {
    const record = recordOf('accept', [3], { result: 4, hasWaited: true, startNs: 0, endNs: 201_000_000 });
    expect(resultOf(statement('accept(3)'), record, null, 'linux').text).toBe('= 4 after 0.201 s');
  });

  it('does not tell a short wait as none', () => {
    const record = recordOf('accept', [3], { result: 4, hasWaited: true, startNs: 0, endNs: 31_000 });
    expect(resultOf(statement('accept(3)'), record, null, 'linux').text).toBe('= 4 after 0.031 ms');
  });
});

describe('results by line', () => {
  const edit = (change: Partial<LineEdit> & { first: number }): LineEdit => ({
    last: change.first,
    added: 0,
    keepsFirst: false,
    keepsLast: false,
    ...change,
  });

  function after(change: LineEdit): string {
    const results = new LineResults([1, 3, 4, 6]);
    [1, 3, 4, 6].forEach((line) => results.set(line, { kind: 'plain', text: `${line}` }));
    results.edit(change);
    return [...results].map(([at, { text }]) => `${text}@${at}`).join(' ');
  }

  it.each([
    ['typing in a line takes its result away', edit({ first: 2 }), '1@0 4@3 6@5'],
    ['lines that are put in move those below', edit({ first: 2, added: 2 }), '1@0 4@5 6@7'],
    [
      'a new line at the end of a line leaves it',
      edit({ first: 2, added: 1, keepsFirst: true }),
      '1@0 3@2 4@4 6@6',
    ],
    ['a new line before a line moves it', edit({ first: 2, added: 1, keepsLast: true }), '1@0 3@3 4@4 6@6'],
    ['lines that are removed take theirs away', edit({ first: 1, last: 3 }), '1@0 6@3'],
  ])('%s', (_, change, expected) => {
    expect(after(change)).toBe(expected);
  });

  it('are not shown of lines that were edited while the run went on', () => {
    const results = new LineResults([1, 2]);
    results.edit(edit({ first: 0 }));
    results.set(1, { kind: 'plain', text: 'late' });
    results.set(2, { kind: 'plain', text: 'kept' });
    expect([...results]).toEqual([[1, { kind: 'plain', text: 'kept' }]]);
  });
});
