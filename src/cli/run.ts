import path from 'node:path';
import { t } from '../common/l10n.js';
import type { Diagnostic } from '../common/notation/ast.js';
import { parseScenario } from '../common/notation/parser.js';
import { exportRecords, leftOutText, packetCountText } from '../playground/export/exportRecords.js';
import { writeFileWhole } from '../playground/export/fileSink.js';
import { RecordSource } from '../playground/export/recordSource.js';
import { Playground } from '../playground/playground.js';
import type { ScenarioResult } from '../playground/scenarioResult.js';
import { ScenarioRun } from '../playground/scenarioRunner.js';
import { SocketHostProcess } from '../playground/socketHostProcess.js';
import { type Command, type CommandContext, type OptionValues, UsageError } from './command.js';
import { type Input, InputError, readInput } from './input.js';
import type { Terminal } from './terminal.js';
import { TranscriptWriter, type TranscriptFormat } from './transcript.js';
import { visible } from './visible.js';

/** The exit statuses of `run`; of several files the highest counts. */
const exitStatus = { passed: 0, skipped: 0, failed: 1, invalid: 2, stopped: 3, cancelled: 3 } as const;
/** Errors of one file that are shown; the rest is counted. */
const shownErrors = 200;

interface RunOptions {
  format: TranscriptFormat;
  timeoutMs: number | undefined;
  loopbackOnly: boolean;
  /** A file for a capture. */
  pcapng: string | undefined;
}

export const runCommand: Command = {
  name: 'run',
  synopsis: '[OPTION…] FILE…|-',
  summary: () => t('Runs scenarios and prints each call with its result.'),
  options: {
    strace: { type: 'boolean' },
    json: { type: 'boolean' },
    timeout: { type: 'string' },
    'loopback-only': { type: 'boolean' },
    pcapng: { type: 'string' },
  },
  help: () => [
    { term: '--strace', text: t('Print calls exactly as strace does, addresses in their long form.') },
    { term: '--json', text: t('Print one JSON object a line for each call.') },
    { term: '--timeout S', text: t('End a file that is not through after S seconds.') },
    { term: '--loopback-only', text: t('Refuse addresses that are not on this machine.') },
    { term: '--pcapng FILE', text: t('Write what was sent and received as a capture, of one scenario.') },
  ],
  notes: () => [
    t('A file is a scenario: calls with the results that are expected of them. - is standard input.'),
    t(
      'Exit status: 0 all results were as expected; 1 one was not, or no call ran; 2 a file cannot be read or has errors; 3 ended by a time limit, or at a call that could not be made.',
    ),
  ],

  async run(context, operands, values) {
    const options = readOptions(values);
    if (operands.length === 0) {
      throw new UsageError(t('A file is missing; - reads from standard input.'));
    }
    if (options.pcapng !== undefined && operands.length > 1) {
      throw new UsageError(t('{0} takes one scenario.', '--pcapng'));
    }
    let status = 0;
    for (const name of operands) {
      if (context.terminal.signal.aborted) {
        break;
      }
      status = Math.max(status, await runFile(name, options, operands.length > 1, context));
    }
    return status;
  },
};

function readOptions(values: OptionValues): RunOptions {
  const { timeout, pcapng } = values;
  const seconds = timeout === undefined ? undefined : Number(timeout || NaN);
  if (seconds !== undefined && !(seconds > 0 && seconds <= 86_400)) {
    throw new UsageError(t('{0} takes a number of seconds.', '--timeout'));
  }
  return {
    format: { style: values['strace'] ? 'strace' : 'short', isJson: values['json'] === true },
    timeoutMs: seconds === undefined ? undefined : seconds * 1000,
    loopbackOnly: values['loopback-only'] === true,
    pcapng: typeof pcapng === 'string' ? pcapng : undefined,
  };
}

async function runFile(
  name: string,
  options: RunOptions,
  isOneOfSeveral: boolean,
  { terminal, socketHostPath }: CommandContext,
): Promise<number> {
  let input: Input;
  try {
    input = await readInput(name, terminal.signal);
  } catch (error) {
    if (!(error instanceof InputError)) {
      throw error;
    }
    const { place } = error;
    terminal.warn(visible(`${name}:${place ? `${place.line}:${place.column}:` : ''} ${error.message}`));
    return exitStatus.invalid;
  }
  const result = await runScenario(input, options, isOneOfSeveral, { terminal, socketHostPath });
  report(input.name, result, terminal);
  return exitStatus[result.outcome];
}

/** Each file has a socket host of its own: descriptors are the lowest free ones, and the kernel closes what it leaves. */
async function runScenario(
  { name, text, folder }: Input,
  { format, timeoutMs, loopbackOnly, pcapng }: RunOptions,
  isOneOfSeveral: boolean,
  { terminal, socketHostPath }: CommandContext,
): Promise<ScenarioResult> {
  const host = new SocketHostProcess(socketHostPath);
  const playground = new Playground(host);
  const scenario = parseScenario(text);
  for (const note of scenario.notes) {
    warn(terminal, name, note);
  }
  const run = new ScenarioRun(playground, scenario, {
    name: name === '-' ? name : path.basename(name),
    folder,
    loopbackOnly,
    keepSockets: true,
    limits: timeoutMs === undefined ? {} : { runMs: timeoutMs },
  });
  const transcript = new TranscriptWriter(playground, terminal, format, isOneOfSeveral ? name : undefined);
  run.onDidRecord((record) => transcript.add(record));
  const cancel = () => run.cancel();
  terminal.signal.addEventListener('abort', cancel);
  try {
    const result = await run.run();
    await transcript.end();
    if (pcapng !== undefined) {
      await writeCapture(playground, pcapng, terminal);
    }
    return result;
  } finally {
    terminal.signal.removeEventListener('abort', cancel);
    await host.end();
    playground.dispose();
  }
}

async function writeCapture(playground: Playground, file: string, terminal: Terminal): Promise<void> {
  const source = new RecordSource(playground, { signal: terminal.signal });
  const summary = await writeFileWhole(path.resolve(file), (sink) =>
    exportRecords(source, {}, 'pcapng', sink),
  );
  terminal.warn(packetCountText(summary));
  terminal.warn(leftOutText(summary));
}

function report(name: string, result: ScenarioResult, terminal: Terminal): void {
  if (result.outcome === 'skipped') {
    terminal.warn(t('{0}: skipped, because it needs: {1}', visible(name), result.need));
    return;
  }
  const problems = 'problems' in result ? result.problems : [];
  for (const problem of problems.slice(0, shownErrors)) {
    warn(terminal, name, problem);
  }
  if (problems.length > shownErrors) {
    terminal.warn(t('{0}: {1} more errors.', visible(name), problems.length - shownErrors));
  }
  if (result.outcome === 'failed' && problems.length === 0) {
    terminal.warn(t('{0}: no call ran.', visible(name)));
  }
}

function warn(terminal: Terminal, name: string, { line, column, message }: Diagnostic): void {
  terminal.warn(visible(`${name}:${line}:${column}: ${message}`));
}
