import path from 'node:path';
import { runCommandLine } from './commandLine.js';
import { languageOf, useLanguage } from './language.js';
import { ProcessTerminal } from './terminal.js';

/** Of a fault of ours: as of a run that could not start. */
const faultStatus = 3;

async function main(): Promise<void> {
  const terminal = new ProcessTerminal();
  useLanguage(languageOf(process.env), path.join(__dirname, '..', 'l10n'));
  let status: number;
  try {
    status = await runCommandLine(process.argv.slice(2), {
      terminal,
      socketHostPath: path.join(__dirname, 'socketHost.js'),
      exercisesPath: path.join(__dirname, '..', 'exercises'),
    });
  } catch (error) {
    terminal.warn(error instanceof Error ? (error.stack ?? error.message) : String(error));
    status = faultStatus;
  }
  await terminal.flush();
  terminal.exit(status);
}

void main();
