import { availableParallelism } from 'node:os';
import path from 'node:path';
import { t } from '../common/l10n.js';
import type { Diagnostic } from '../common/notation/ast.js';
import { parseScenario } from '../common/notation/parser.js';
import { exportRecords, leftOutText, packetCountText } from '../playground/export/exportRecords.js';
import { writeFileWhole } from '../playground/export/fileSink.js';
import { RecordSource } from '../playground/export/recordSource.js';
import { runInOwnHost } from '../playground/ownHostRun.js';
import type { Playground } from '../playground/playground.js';
import type { ScenarioResult } from '../playground/scenarioResult.js';
import { type Command, type CommandContext, type OptionValues, UsageError } from './command.js';
import { type Input, InputError, readInput } from './input.js';
import { JunitReport } from './junit.js';
import { expandOperand } from './scenarioFiles.js';
import { TapReport } from './tap.js';
import type { Terminal } from './terminal.js';
import type { FileOutcome } from './testReport.js';
import { TranscriptWriter, type TranscriptFormat } from './transcript.js';
import { visible } from './visible.js';

/** The exit statuses of `run`; of several files the highest counts. */
const exitStatus = { passed: 0, skipped: 0, failed: 1, invalid: 2, stopped: 3, cancelled: 3 } as const;
/** Errors of one file that are shown; the rest is counted. */
const shownErrors = 200;

/** Reports for other programs. */
const reports = { tap: TapReport, junit: JunitReport } as const;
type TestFormat = keyof typeof reports;

/** Many calls wait: more files than processors run at a time. */
const usualJobs = Math.min(16, availableParallelism() * 3);
const mostJobs = 64;

interface RunOptions {
  /** How the calls are printed; undefined where only a report is. */
  transcript: TranscriptFormat | undefined;
  format: TestFormat | undefined;
  jobs: number;
  timeoutMs: number | undefined;
  loopbackOnly: boolean;
  /** A file for a capture. */
  pcapng: string | undefined;
}

export const runCommand: Command = {
  name: 'run',
  synopsis: '[OPTION…] FILE…|FOLDER…|-',
  summary: () => t('Runs scenarios and prints each call with its result.'),
  options: {
    strace: { type: 'boolean' },
    json: { type: 'boolean' },
    format: { type: 'string' },
    jobs: { type: 'string' },
    timeout: { type: 'string' },
    'loopback-only': { type: 'boolean' },
    pcapng: { type: 'string' },
  },
  help: () => [
    { term: '--strace', text: t('Print calls exactly as strace does, addresses in their long form.') },
    { term: '--json', text: t('Print one JSON object a line for each call.') },
    {
      term: '--format tap|junit',
      text: t('Print no calls but a test report; the files run several at a time.'),
    },
    { term: '--jobs N', text: t('How many files run at a time with --format.') },
    { term: '--timeout S', text: t('End a file that is not through after S seconds.') },
    { term: '--loopback-only', text: t('Refuse addresses that are not on this machine.') },
    { term: '--pcapng FILE', text: t('Write what was sent and received as a capture, of one scenario.') },
  ],
  notes: () => [
    t(
      'A file is a scenario: calls with the results that are expected of them. A folder stands for the .sockets files in it and below. - is standard input.',
    ),
    t(
      'Exit status: 0 all results were as expected; 1 one was not, or no call ran; 2 a file cannot be read or written, or has errors; 3 ended by a time limit, or at a call that could not be made.',
    ),
  ],

  async run(context, operands, values) {
    const options = readOptions(values);
    if (operands.length === 0) {
      throw new UsageError(t('A file is missing; - reads from standard input.'));
    }
    const { terminal } = context;
    const names: string[] = [];
    let status = 0;
    for (const operand of operands) {
      try {
        names.push(...(await expandOperand(operand, terminal.signal)));
      } catch (error) {
        if (!(error instanceof InputError)) {
          throw error;
        }
        terminal.warn(visible(`${operand}: ${error.message}`));
        status = exitStatus.invalid;
      }
    }
    const { format } = options;
    if (options.pcapng !== undefined && names.length > 1) {
      throw new UsageError(t('{0} takes one scenario.', '--pcapng'));
    }
    const done = format
      ? testRuns(names, { ...options, format }, context)
      : printRuns(names, options, context);
    return Math.max(status, await done);
  },
};

function readOptions(values: OptionValues): RunOptions {
  const { format, timeout, jobs, pcapng } = values;
  const seconds = timeout === undefined ? undefined : Number(timeout || NaN);
  if (seconds !== undefined && !(seconds > 0 && seconds <= 86_400)) {
    throw new UsageError(t('{0} takes a number of seconds.', '--timeout'));
  }
  if (format !== undefined && !isTestFormat(format)) {
    throw new UsageError(t('{0} takes one of: {1}.', '--format', Object.keys(reports).join(', ')));
  }
  const count = jobs === undefined ? usualJobs : Number(jobs || NaN);
  if (!(Number.isInteger(count) && count > 0 && count <= mostJobs)) {
    throw new UsageError(t('{0} takes a number from {1} to {2}.', '--jobs', 1, mostJobs));
  }
  return {
    transcript: format
      ? undefined
      : { style: values['strace'] ? 'strace' : 'short', isJson: values['json'] === true },
    format,
    jobs: count,
    timeoutMs: seconds === undefined ? undefined : seconds * 1000,
    loopbackOnly: values['loopback-only'] === true,
    pcapng: typeof pcapng === 'string' ? pcapng : undefined,
  };
}

function isTestFormat(format: unknown): format is TestFormat {
  return typeof format === 'string' && Object.hasOwn(reports, format);
}

/** Runs files one after another, and prints what each call gave. */
async function printRuns(
  names: readonly string[],
  options: RunOptions,
  context: CommandContext,
): Promise<number> {
  const { terminal } = context;
  let status = 0;
  for (const name of names) {
    if (terminal.signal.aborted) {
      break;
    }
    const outcome = await runFile(name, options, names.length > 1, context);
    reportOutcome(outcome, terminal);
    status = Math.max(status, statusOf(outcome));
  }
  return status;
}

/** Runs files several at a time, and reports on them in their order. */
async function testRuns(
  names: readonly string[],
  options: RunOptions & { format: TestFormat },
  context: CommandContext,
): Promise<number> {
  const { terminal } = context;
  const report = new reports[options.format]((line) => terminal.print(line));
  report.begin(names.length);
  const outcomes: FileOutcome[] = [];
  let next = 0;
  let told = 0;
  const work = async () => {
    while (next < names.length && !terminal.signal.aborted) {
      const index = next++;
      outcomes[index] = await runFile(names[index]!, options, true, context);
      for (let outcome = outcomes[told]; outcome; outcome = outcomes[told]) {
        report.add(outcome);
        told++;
      }
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, work));
  report.end();
  return Math.max(0, ...outcomes.map(statusOf));
}

/** Runs one file; the transcript is printed where it is asked for. */
async function runFile(
  name: string,
  options: RunOptions,
  isOneOfSeveral: boolean,
  { terminal, socketHostPath }: CommandContext,
): Promise<FileOutcome> {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  let input: Input;
  try {
    input = await readInput(name, terminal.signal);
  } catch (error) {
    if (!(error instanceof InputError)) {
      throw error;
    }
    const { place, message } = error;
    return { name, unreadable: { message, ...place }, seconds: seconds() };
  }
  const scenario = parseScenario(input.text);
  const { transcript: format, timeoutMs, loopbackOnly, pcapng } = options;
  // A line that is skipped expects nothing: a report that says "ok" does not tell of it.
  for (const note of scenario.notes) {
    warn(terminal, name, note);
  }
  const writer = format && new TranscriptWriter(terminal, format, isOneOfSeveral ? name : undefined);
  let isCaptureLost = false;
  let hasRun = false;
  const result = await runInOwnHost({
    hostPath: socketHostPath,
    scenario,
    options: {
      name: name === '-' ? name : path.basename(name),
      folder: input.folder,
      loopbackOnly,
      limits: timeoutMs === undefined ? {} : { runMs: timeoutMs },
    },
    signal: terminal.signal,
    onRecord(record, playground) {
      hasRun = true;
      writer?.add(record, playground);
    },
    async beforeEnd(playground) {
      await writer?.end();
      if (pcapng !== undefined && hasRun) {
        isCaptureLost = !(await writeCapture(playground, pcapng, terminal));
      } else if (pcapng !== undefined) {
        terminal.warn(visible(t('{0} was not written: no call ran.', pcapng)));
      }
    },
  });
  return { name, result, isCaptureLost, seconds: seconds() };
}

function statusOf({ result, isCaptureLost = false }: FileOutcome): number {
  const status = result ? exitStatus[result.outcome] : exitStatus.invalid;
  return isCaptureLost ? Math.max(status, exitStatus.invalid) : status;
}

function reportOutcome({ name, unreadable, result }: FileOutcome, terminal: Terminal): void {
  if (unreadable) {
    const { message, line, column } = unreadable;
    terminal.warn(visible(`${name}:${line === undefined ? '' : `${line}:${column}:`} ${message}`));
  } else if (result) {
    report(name, result, terminal);
  }
}

/** Whether it could be written. */
async function writeCapture(playground: Playground, file: string, terminal: Terminal): Promise<boolean> {
  const source = new RecordSource(playground, { signal: terminal.signal });
  try {
    const summary = await writeFileWhole(
      path.resolve(file),
      (sink) => exportRecords(source, {}, 'pcapng', sink),
      terminal.signal,
    );
    terminal.warn(packetCountText(summary));
    terminal.warn(leftOutText(summary));
    return true;
  } catch (error) {
    terminal.warn(visible(t('{0} cannot be written: {1}', file, (error as Error).message)));
    return false;
  }
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
