import { describe, expect, it } from 'vitest';
import type { CallStatement } from '../../../src/common/notation/ast.js';
import { parseScenario } from '../../../src/common/notation/parser.js';
import { hasExplanation } from '../../../src/common/tables/explanations.js';
import { scenarioFiles } from './support.js';

const cases = scenarioFiles('test/conformance');

describe('the conformance cases', () => {
  it('are all there, and all read without an error or a skipped line', () => {
    expect(cases).toHaveLength(227);
    for (const { file, text } of cases) {
      const { diagnostics, notes, statements, title } = parseScenario(text);
      expect(diagnostics, file).toEqual([]);
      expect(notes, file).toEqual([]);
      expect(statements.length, file).toBeGreaterThan(0);
      expect(title, file).not.toBe('');
    }
  });

  it('fail only with errors that are explained', () => {
    const pairs = new Set<string>();
    for (const { text } of cases) {
      for (const statement of parseScenario(text).statements) {
        if (statement.kind === 'call') {
          errorsOf(statement).forEach((errno) => pairs.add(`${statement.name} ${errno}`));
        }
      }
    }
    expect(pairs.size).toBeGreaterThan(80);
    const silent = [...pairs].filter((pair) => {
      const [name, errno] = pair.split(' ') as [CallStatement['name'], string];
      return !hasExplanation(name, errno);
    });
    expect(silent).toEqual([]);
  });
});

function errorsOf({ result }: CallStatement): string[] {
  return (result?.outcomes ?? []).flatMap((outcome) =>
    outcome.kind === 'error' && outcome.errno !== null ? [outcome.errno] : [],
  );
}
