import type { ParseArgsConfig } from 'node:util';
import type { Terminal } from './terminal.js';

export interface CommandContext {
  terminal: Terminal;
  /** The bundle of the socket host process. */
  socketHostPath: string;
  /** The folder of the built-in exercises. */
  exercisesPath: string;
}

type OptionRows = NonNullable<ParseArgsConfig['options']>;

/** The values of a command's options, by name. */
export type OptionValues = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** One row of the help. */
export interface HelpRow {
  term: string;
  text: string;
}

/** `socket-playground NAME …` */
export interface Command {
  name: string;
  /** What follows the name in the usage line. */
  synopsis: string;
  /** One sentence; evaluated late, when the language is known. */
  summary(): string;
  options: OptionRows;
  help(): HelpRow[];
  /** Paragraphs at the end of the help. */
  notes(): string[];
  /** Resolves with the exit status. Throws {@link UsageError}. */
  run(context: CommandContext, operands: string[], values: OptionValues): Promise<number>;
}

/** A command line that means nothing. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}
