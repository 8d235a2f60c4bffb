import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import path from 'node:path';
import { CallRefusedError } from '../common/errors.js';
import { t } from '../common/l10n.js';
import { logSentences, problemSentence } from '../common/strace/logText.js';
import { recordedScenario, TooManyRecords } from '../playground/export/recordedSource.js';
import { jsonLine, transcriptLine } from '../playground/export/recordLines.js';
import { RecordSource } from '../playground/export/recordSource.js';
import { Playground } from '../playground/playground.js';
import { Recording } from '../playground/recording.js';
import {
  attachObstacle,
  knownProcess,
  straceArguments,
  straceObstacle,
  type TraceTarget,
} from '../playground/trace/strace.js';
import { LogLimit, mostOfLog } from '../playground/trace/logLimit.js';
import { endTraced } from '../playground/trace/endTraced.js';
import { TraceFolder } from '../playground/trace/traceFolder.js';
import { type Command, type CommandContext, type OptionValues, UsageError } from './command.js';
import { filterOf } from './filterOption.js';
import { visible } from './visible.js';

/** Nothing in the log is a call on a socket. */
const emptyStatus = 1;
/** The log cannot be read. */
const fileStatus = 2;
/** It could not begin. */
const failedStatus = 3;
const usualBytes = 65_536;
const mostBytes = 1 << 20;

export const traceCommand: Command = {
  name: 'trace',
  synopsis: '[OPTION…] -- COMMAND… | --pid N | --log FILE',
  summary: () => t('Runs a command under strace and tells its calls on sockets, or reads a log of strace.'),
  options: {
    log: { type: 'string' },
    pid: { type: 'string', short: 'p' },
    output: { type: 'string', short: 'o' },
    'no-expect': { type: 'boolean' },
    bytes: { type: 'string', short: 's' },
    json: { type: 'boolean' },
    filter: { type: 'string' },
  },
  help: () => [
    { term: '--log FILE', text: t('Read this log; without it a command or a process is traced.') },
    { term: '-p, --pid N', text: t('Attach to this process until it ends, or until Ctrl+C.') },
    { term: '-o, --output FILE', text: t('Write a scenario that does the same here.') },
    { term: '--no-expect', text: t('With -o: the calls alone, without what they answered.') },
    { term: '-s, --bytes N', text: t('Bytes of each payload that are kept; 65536 where nothing is said.') },
    { term: '--json', text: t('Print one JSON object a line for each call.') },
    { term: '--filter TEXT', text: t('Only records that fit a filter of the panel.') },
  ],
  notes: () => [
    t(
      'What is told of a command or a process goes to the standard error, of a log to the standard output. The exit status is that of the command.',
    ),
    t('Exit status 1 of a log: nothing in it is a call on a socket.'),
  ],

  async run(context, operands, values) {
    const { log, pid } = values;
    // Before anything is traced.
    filterOf(values);
    const given = [operands.length > 0, log !== undefined, pid !== undefined].filter(Boolean).length;
    if (given !== 1) {
      throw new UsageError(t('Give either a command behind --, a process or a log.'));
    }
    if (typeof log === 'string') {
      return readLog(context, path.resolve(log), values);
    }
    return traceLive(
      context,
      typeof pid === 'string' ? processOf(pid) : { kind: 'program', command: operands },
      values,
    );
  },
};

function processOf(text: string): TraceTarget {
  if (!/^[1-9]\d{0,9}$/.test(text)) {
    throw new UsageError(t('The number of a process is a whole number from 1.'));
  }
  return { kind: 'process', pid: Number(text) };
}

function bytesOf({ bytes }: OptionValues): number {
  const number = typeof bytes === 'string' ? Number(bytes) : usualBytes;
  if (!Number.isInteger(number) || number < 0 || number > mostBytes) {
    throw new UsageError(t('{0} takes a whole number from {1} to {2}.', '--bytes', 0, mostBytes));
  }
  return number;
}

async function readLog(
  { terminal, socketHostPath }: CommandContext,
  file: string,
  values: OptionValues,
): Promise<number> {
  let recording: Recording;
  try {
    recording = await Recording.openTrace(socketHostPath, { file, of: path.basename(file), isLive: false });
  } catch (error) {
    if (error instanceof CallRefusedError) {
      terminal.warn(visible(`${file}: ${error.refusal.message}`));
      return fileStatus;
    }
    throw error;
  }
  return tell(recording, (line) => terminal.print(line), { terminal, values, file });
}

/** Lets strace run, and tells at its end what it has seen. */
async function traceLive(
  { terminal, socketHostPath }: CommandContext,
  target: TraceTarget,
  values: OptionValues,
): Promise<number> {
  const bytes = bytesOf(values);
  const obstacle =
    (await straceObstacle()) ?? (target.kind === 'process' ? attachObstacle(target.pid) : undefined);
  if (obstacle !== undefined) {
    terminal.warn(obstacle);
    return failedStatus;
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'socket-playground-trace-'));
  try {
    const log = new TraceFolder(folder).newLog();
    const of = target.kind === 'program' ? target.command.join(' ') : `pid ${target.pid}`;
    const known = target.kind === 'process' ? knownProcess(target.pid) : null;
    const recording = await Recording.openTrace(socketHostPath, {
      file: log,
      of,
      isLive: true,
      limit: mostOfLog,
      originTime: Date.now(),
      process: known,
    });
    if (terminal.signal.aborted) {
      // Ctrl+C has come before there was anything to trace.
      recording.dispose();
      return failedStatus;
    }
    const limit = new LogLimit(log);
    const child = spawn('strace', straceArguments(target, { log, bytes }), { stdio: 'inherit' });
    const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    const signals = terminal.takeSignals((name) => {
      if (target.kind === 'process') {
        child.kill('SIGTERM');
      } else if (name !== 'SIGINT') {
        // Ctrl+C is the program's, which has the same terminal. Of others it does not know, and strace waits them out.
        void endTraced(child.pid!);
      }
    });
    const [code, signal] = await exit;
    signals.dispose();
    limit.dispose();
    await recording.endTrace();
    const told = await tell(recording, (line) => terminal.warn(line), { terminal, values });
    const status = code ?? 128 + (signal ? constants.signals[signal] : 0);
    return told === 0 && target.kind === 'program' ? status : told;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Prints the calls in the order of their beginnings, and writes the scenario.
 * @param about.file The log that was given.
 */
async function tell(
  recording: Recording,
  print: (line: string) => void,
  { terminal, values, file }: Pick<CommandContext, 'terminal'> & { values: OptionValues; file?: string },
): Promise<number> {
  const playground = new Playground(recording);
  try {
    await playground.start();
    await untilRead(recording);
    const source = new RecordSource(playground);
    const scope = { filter: filterOf(values) };
    for await (const full of source.withPayload(source.read(scope))) {
      const { thread } = full.record;
      const isJson = values['json'] === true;
      const line = isJson
        ? jsonLine(full, playground.platform)
        : (thread === null ? '' : `${visible(thread)} `) + transcriptLine(full, playground.platform);
      print(line);
    }
    const { trace } = recording;
    if (trace) {
      [...logSentences(trace), problemSentence(trace, String)]
        .filter(Boolean)
        .forEach((sentence) => terminal.warn(visible(sentence)));
    }
    if (file !== undefined && playground.lastSeq === 0) {
      terminal.warn(visible(t('Nothing in {0} is a call on a socket.', file)));
      return emptyStatus;
    }
    const { output } = values;
    if (typeof output === 'string') {
      const title = t('What {0} did on its sockets, as strace saw it', recording.info.observed?.of ?? '');
      const hasExpectations = values['no-expect'] !== true;
      await writeFile(output, await recordedScenario(playground, scope, { title, hasExpectations }));
    }
    return 0;
  } catch (error) {
    if (error instanceof TooManyRecords || (error as NodeJS.ErrnoException).code !== undefined) {
      terminal.warn(visible((error as Error).message));
      return fileStatus;
    }
    throw error;
  } finally {
    playground.dispose();
  }
}

/** Until the whole log is read: what it says was told before. */
async function untilRead(recording: Recording): Promise<void> {
  await new Promise<void>((resolve) => {
    const look = () => {
      if (recording.trace?.progress === 'done') {
        resolve();
      }
    };
    recording.onDidChangeTrace(look);
    recording.onDidChangeStatus(() => resolve());
    look();
  });
}
