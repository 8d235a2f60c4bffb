import path from 'node:path';
import { t } from '../common/l10n.js';
import type { Scenario } from '../common/notation/ast.js';
import { parseScenario } from '../common/notation/parser.js';
import { type CodeLanguage, codeLanguages, exportCode } from '../playground/export/exportCode.js';
import { recordingExtension } from '../playground/recordingFolder.js';
import { readScenarioFile } from '../playground/scenarioFile.js';
import { type Command, UsageError } from './command.js';
import { InputError, readInput } from './input.js';
import { readRecording } from './scenario.js';
import type { Terminal } from './terminal.js';
import { visible } from './visible.js';

/** A file that cannot be read or has errors. */
const invalidStatus = 2;

/** Prints a scenario as a program; no socket is made. */
export const codeCommand: Command = {
  name: 'code',
  synopsis: '--lang LANGUAGE FILE|RECORDING|-',
  summary: () => t('Prints a scenario or a recording as a complete program in another language.'),
  options: { lang: { type: 'string' } },
  help: () => [
    { term: '--lang LANGUAGE', text: codeLanguages.map(({ id, label }) => `${id}: ${label}`).join(', ') },
  ],
  notes: () => [
    t(
      'The program makes the same calls, checks every result and tells each; it ends with status 1 when one was not as expected. What the language cannot say is a comment in its place.',
    ),
  ],
  async run({ terminal, socketHostPath }, operands, values) {
    const language = readLanguage(values['lang']);
    const [name] = operands;
    if (name === undefined || operands.length > 1) {
      throw new UsageError(t('One file is expected; - reads from standard input.'));
    }
    try {
      const { text, folder } = name.endsWith(recordingExtension)
        ? { text: await readRecording(name, socketHostPath, terminal, '', true), folder: '.' }
        : await readInput(name, terminal.signal);
      if (text === undefined) {
        return invalidStatus;
      }
      const scenario = parseScenario(text);
      if (!report(name, scenario, terminal)) {
        return invalidStatus;
      }
      const { text: code, omitted } = await exportCode(scenario, language, (file) =>
        readScenarioFile(path.resolve(folder, file)),
      );
      for (const { line, reason } of omitted) {
        terminal.warn(visible(`${name}:${line}: ${reason}`));
      }
      terminal.print(code.trimEnd());
      return 0;
    } catch (error) {
      if (!(error instanceof InputError)) {
        throw error;
      }
      const { place } = error;
      terminal.warn(visible(`${name}:${place ? `${place.line}:${place.column}:` : ''} ${error.message}`));
      return invalidStatus;
    }
  },
};

function readLanguage(value: unknown): CodeLanguage {
  const language = codeLanguages.find(({ id }) => id === value);
  if (!language) {
    const ids = codeLanguages.map(({ id }) => id).join(', ');
    throw new UsageError(t('{0} takes one of: {1}', '--lang', ids));
  }
  return language;
}

/** Tells what is wrong with the text; false when it cannot become a program. */
function report(
  name: string,
  { diagnostics, notes, blanks, statements, text }: Scenario,
  terminal: Terminal,
): boolean {
  for (const { line, column, message } of [...notes, ...diagnostics]) {
    terminal.warn(visible(`${name}:${line}:${column}: ${message}`));
  }
  for (const { start } of blanks) {
    const line = text.slice(0, start).split('\n').length;
    terminal.warn(visible(`${name}:${line}: ${t('This blank is still open.')}`));
  }
  if (diagnostics.length + blanks.length === 0 && statements.length === 0) {
    terminal.warn(visible(`${name}: ${t('There is no call in it.')}`));
    return false;
  }
  return diagnostics.length + blanks.length === 0;
}
