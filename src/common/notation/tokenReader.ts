import { t } from '../l10n.js';
import type { Range } from './ast.js';
import type { Report } from './literal.js';
import type { Token } from './scanner.js';

/** An error that ends the reading of one part of a line. */
export class ParseProblem extends Error {
  constructor(
    message: string,
    readonly range: Range,
  ) {
    super(message);
  }
}

/** A place in the tokens of one line. */
export class TokenReader {
  protected at = 0;

  constructor(
    protected readonly tokens: readonly Token[],
    /** Where the line ends, for errors about what is missing. */
    private readonly end: number,
    protected readonly text: string,
    protected readonly report: Report,
    protected readonly blanks: Range[],
  ) {}

  get isAtEnd(): boolean {
    return this.at >= this.tokens.length;
  }

  protected is(punctuation: string, ahead = 0): boolean {
    const token = this.tokens[this.at + ahead];
    return token?.kind === 'punctuation' && token.text === punctuation;
  }

  protected isName(name?: string, ahead = 0): boolean {
    const token = this.tokens[this.at + ahead];
    return token?.kind === 'name' && (name === undefined || token.text === name);
  }

  /** Takes a punctuation mark if it stands there. */
  protected take(punctuation: string): Token | undefined {
    return this.is(punctuation) ? this.tokens[this.at++] : undefined;
  }

  protected expect(punctuation: string): Token {
    return this.take(punctuation) ?? this.unexpected(t('“{0}” is expected here.', punctuation));
  }

  /** @throws {ParseProblem} about the token at hand, or about the end of the line. */
  protected unexpected(message: string): never {
    throw new ParseProblem(message, this.here());
  }

  /** The token at hand; the end of what was read where there is none. */
  protected here(): Range {
    const token = this.tokens[this.at];
    if (token) {
      return { start: token.start, end: token.end };
    }
    const last = this.tokens.at(-1)?.end ?? this.end;
    return { start: last, end: last };
  }
}

/** The range alone of what has one. */
export function rangeOf({ start, end }: Range): Range {
  return { start, end };
}

/** From the start of one to the end of the other. */
export function span(first: Range, last: Range): Range {
  return { start: first.start, end: Math.max(first.end, last.end) };
}

/** A text for a message: hostile ones are long. */
export function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
