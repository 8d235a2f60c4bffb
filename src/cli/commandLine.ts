import { parseArgs } from 'node:util';
import { version } from '../../package.json';
import { t } from '../common/l10n.js';
import { type Command, type CommandContext, type HelpRow, UsageError } from './command.js';
import { codeCommand } from './code.js';
import { exportCommand } from './export.js';
import { familiesCommand } from './families.js';
import { gradeCommand } from './grade.js';
import { optionsCommand } from './options.js';
import { runCommand } from './run.js';
import { scenarioCommand } from './scenario.js';
import { socketsCommand } from './sockets.js';
import { tapCommand } from './tapCommand.js';
import { traceCommand } from './traceCommand.js';

const program = 'socket-playground';
const commands: readonly Command[] = [
  runCommand,
  codeCommand,
  scenarioCommand,
  optionsCommand,
  familiesCommand,
  socketsCommand,
  exportCommand,
  tapCommand,
  traceCommand,
  gradeCommand,
];
/** Of a command line that means nothing, as of a file that cannot be parsed. */
const usageStatus = 2;

/** Does what the arguments ask for and resolves with the exit status. */
export async function runCommandLine(args: string[], context: CommandContext): Promise<number> {
  const [name, ...rest] = args;
  const command = commands.find((candidate) => candidate.name === name);
  if (!command) {
    return runWithoutCommand(name, context);
  }
  try {
    const { values, positionals } = parseArgs({
      args: rest,
      options: { ...command.options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
    if (values.help) {
      printHelp(context, `${command.name} ${command.synopsis}`, command.summary(), [
        { title: t('Options:'), rows: [...command.help(), helpRow()] },
      ]);
      for (const note of command.notes()) {
        context.terminal.print('');
        context.terminal.print(note);
      }
      return 0;
    }
    return await command.run(context, positionals, values);
  } catch (error) {
    const problem = error instanceof UsageError ? error.message : parseProblem(error, command);
    if (problem !== undefined) {
      context.terminal.warn(`${program}: ${problem}`);
      context.terminal.warn(t('Try {0} for help.', `'${program} ${command.name} --help'`));
      return usageStatus;
    }
    throw error;
  }
}

function runWithoutCommand(name: string | undefined, context: CommandContext): number {
  const { terminal } = context;
  switch (name) {
    case '--version':
      terminal.print(version);
      return 0;
    case '--help':
    case '-h':
      printHelp(context, t('COMMAND …'), t('Real socket calls, one at a time.'), [
        {
          title: t('Commands:'),
          rows: commands.map((command) => ({
            term: `${command.name} ${command.synopsis}`,
            text: command.summary(),
          })),
        },
        { title: t('Options:'), rows: [helpRow(), { term: '--version', text: t('Show the version.') }] },
      ]);
      return 0;
    default: {
      const message =
        name === undefined ? t('A command is missing.') : t('There is no command {0}.', JSON.stringify(name));
      terminal.warn(`${program}: ${message}`);
      terminal.warn(t('Try {0} for help.', `'${program} --help'`));
      return usageStatus;
    }
  }
}

function helpRow(): HelpRow {
  return { term: '-h, --help', text: t('Show this help.') };
}

function printHelp(
  { terminal }: CommandContext,
  usage: string,
  summary: string,
  sections: { title: string; rows: HelpRow[] }[],
): void {
  terminal.print(t('Usage: {0}', `${program} ${usage}`));
  terminal.print('');
  terminal.print(summary);
  for (const { title, rows } of sections) {
    const width = Math.max(...rows.map(({ term }) => term.length));
    terminal.print('');
    terminal.print(title);
    for (const { term, text } of rows) {
      terminal.print(`  ${term.padEnd(width)}  ${text}`);
    }
  }
}

/** What is wrong with the options; Node's own words are English, and advise what does not help here. */
function parseProblem(error: unknown, { options }: Command): string | undefined {
  const { code, message } = error as NodeJS.ErrnoException;
  const name = /'(-[^', ]+)/.exec(message)?.[1];
  if (!(error instanceof TypeError) || !code?.startsWith('ERR_PARSE_ARGS')) {
    return undefined;
  }
  if (name === undefined) {
    return message;
  }
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    return t('There is no option {0}.', name);
  }
  const option = Object.entries(options).find(
    ([long, { short }]) => name === `--${long}` || name === `-${short}`,
  );
  return option?.[1].type === 'string'
    ? t('The option {0} needs a value.', name)
    : t('The option {0} takes no value.', name);
}
