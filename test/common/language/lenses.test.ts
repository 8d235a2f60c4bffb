import { expect, it } from 'vitest';
import { LanguageFile } from '../../../src/common/language/file.js';
import { lensesOf, type LensState } from '../../../src/common/language/lenses.js';

const text = `# Title

# First
a = socket(AF_INET, SOCK_DGRAM, 0)

# Second
close(a) = 0

# Nothing more
`;

function lenses(content: string, state: Partial<LensState> = {}): string[] {
  const file = new LanguageFile(content, 'linux');
  return lensesOf(file, { isRunning: false, mayRun: true, canGoOn: () => false, ...state }).map(
    ({ line, action }) => `${line} ${Object.values(action).join(' ')}`,
  );
}

it('are on the file, and on each section behind the first call', () => {
  expect(lenses(text)).toEqual(['0 run', '0 debug', '5 runTo 5', '5 debugTo 6']);
});

it('offer to go on where a run has ended', () => {
  expect(lenses(text, { canGoOn: (line) => line === 6 })).toEqual([
    '0 run',
    '0 debug',
    '5 runTo 5',
    '5 debugTo 6',
    '5 runFrom 6',
  ]);
});

it('open a lesson, go to the blanks of an exercise, and hand it in', () => {
  const lesson = '# Title\n# before: Look.\n\na = dup(0)\n';
  expect(lenses(lesson)).toEqual(['0 run', '0 debug', '0 lesson']);
  const check = '# check: close(a) = 0\n';
  expect(lenses(`${lesson}close(___)\n${check}`)).toEqual(['0 blanks 1', '0 handIn']);
  expect(lenses(`# Title\na = dup(0)\n${check}`)).toEqual(['0 run', '0 debug', '0 handIn']);
});

it('are only one where nothing else makes sense', () => {
  expect(lenses(text, { isRunning: true })).toEqual(['0 stop']);
  expect(lenses(text, { mayRun: false })).toEqual(['0 untrusted']);
  expect(lenses(`${text}close(\nclose(a) = ___\n`)).toEqual(['0 unrunnable 1']);
  expect(lenses('# only a comment\n')).toEqual([]);
  expect(lenses('')).toEqual([]);
});
