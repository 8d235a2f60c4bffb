import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { completeAt } from '../../../src/common/language/completion.js';
import { LanguageFile } from '../../../src/common/language/file.js';
import { hoverAt } from '../../../src/common/language/hover.js';
import { findDefinition, findReferences } from '../../../src/common/language/navigation.js';
import { findSections, outlineCalls } from '../../../src/common/language/outline.js';
import { threadTokens } from '../../../src/common/language/semanticTokens.js';
import { signatureAt } from '../../../src/common/language/signatureHelp.js';
import { findWarnings } from '../../../src/common/language/warnings.js';
import { formatScenario } from '../../../src/common/notation/format.js';
import { scenarioFiles } from '../notation/support.js';

const texts = [
  'scenarios',
  'test/conformance/recvfrom-recvmsg',
  'test/conformance/getsockopt-setsockopt',
].flatMap((folder) => scenarioFiles(folder).map(({ text }) => text));

/** A piece of a real file with something cut out and something put in: what an editor has while somebody types. */
const edited = fc
  .tuple(
    fc.constantFrom(...texts),
    fc.nat(),
    fc.nat({ max: 40 }),
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.constantFrom(
        '(',
        ')',
        '[',
        ']',
        '{',
        '}',
        '"',
        '=',
        ', ',
        '# ',
        '\n',
        '\r\n',
        '-1 ',
        'unix:',
        '___',
      ),
    ),
  )
  .map(([text, at, length, added]) => {
    const start = at % (text.length + 1);
    return { text: text.slice(0, start) + added + text.slice(start + length), caret: start + added.length };
  });

it('answers whatever is being typed, with places that are in the text', () => {
  fc.assert(
    fc.property(edited, fc.nat(), ({ text, caret }, other) => {
      const file = new LanguageFile(text, 'linux');
      const isInside = ({ start, end }: { start: number; end: number }) =>
        start >= 0 && start <= end && end <= text.length;
      for (const offset of [caret, other % (text.length + 1)]) {
        const { range } = completeAt(file, offset);
        expect(range.start <= offset && offset <= range.end && isInside(range)).toBe(true);
        signatureAt(file, offset);
        const hover = hoverAt(file, offset);
        expect(hover === undefined || isInside(hover.range)).toBe(true);
        findDefinition(file, offset);
        expect(findReferences(file, offset).every(isInside)).toBe(true);
      }
      expect(findWarnings(file.scenario, 'linux').every(({ range }) => isInside(range))).toBe(true);
      expect(file.scenario.diagnostics.every(({ range }) => isInside(range))).toBe(true);
      for (const { first, last } of findSections(file)) {
        expect(first <= last && last < file.lines.length).toBe(true);
        outlineCalls(file, first, last);
      }
      threadTokens(file);
      expect(formatScenario(formatScenario(text))).toBe(formatScenario(text));
    }),
    { seed: 20261128, numRuns: 400 },
  );
});
