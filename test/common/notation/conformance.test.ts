import { describe, expect, it } from 'vitest';
import { parseScenario } from '../../../src/common/notation/parser.js';
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
});
