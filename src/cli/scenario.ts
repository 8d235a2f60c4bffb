import path from 'node:path';
import { CallRefusedError } from '../common/errors.js';
import { t } from '../common/l10n.js';
import { recordedScenario, TooManyRecords } from '../playground/export/recordedSource.js';
import { Playground } from '../playground/playground.js';
import { Recording } from '../playground/recording.js';
import { type Command, UsageError } from './command.js';
import { filterOf } from './filterOption.js';
import type { Terminal } from './terminal.js';
import { visible } from './visible.js';

/** A recording that cannot be read, or has too many records. */
const invalidStatus = 2;

/** Prints a scenario that does again what was recorded; no call is made. */
export const scenarioCommand: Command = {
  name: 'scenario',
  synopsis: '[OPTION…] RECORDING',
  summary: () => t('Prints a recording as a scenario that makes its calls again.'),
  options: { 'no-expect': { type: 'boolean' }, filter: { type: 'string' } },
  help: () => [
    {
      term: '--no-expect',
      text: t('The calls alone: no result or data of the recording is expected.'),
    },
    {
      term: '--filter TEXT',
      text: t('Only records that fit a filter of the panel.'),
    },
  ],
  notes: () => [],
  async run({ terminal, socketHostPath }, operands, values) {
    const [file, ...others] = operands;
    if (file === undefined || others.length > 0) {
      throw new UsageError(t('Exactly one recording is needed.'));
    }
    const filter = filterOf(values);
    const text = await readRecording(file, socketHostPath, terminal, filter, values['no-expect'] !== true);
    if (text === undefined) {
      return invalidStatus;
    }
    terminal.print(text.trimEnd());
    return 0;
  },
};

/** The scenario of a recording's file; undefined where it cannot be made, which is told. */
export async function readRecording(
  file: string,
  socketHostPath: string,
  terminal: Terminal,
  filter: string,
  hasExpectations: boolean,
): Promise<string | undefined> {
  let playground: Playground | undefined;
  try {
    playground = new Playground(await Recording.open(socketHostPath, path.resolve(file)));
    await playground.start();
    return await recordedScenario(playground, { filter }, { title: path.basename(file), hasExpectations });
  } catch (error) {
    if (!(error instanceof CallRefusedError || error instanceof TooManyRecords)) {
      throw error;
    }
    const reason = error instanceof CallRefusedError ? error.refusal.message : error.message;
    terminal.warn(visible(t('{0} cannot be opened: {1}', file, reason)));
    return undefined;
  } finally {
    playground?.dispose();
  }
}
