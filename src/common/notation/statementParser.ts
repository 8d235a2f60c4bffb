import { t } from '../l10n.js';
import { isCallName, signatures } from '../tables/signatures.js';
import type {
  CallStatement,
  Expression,
  ListNode,
  Name,
  Outcome,
  PauseStatement,
  Range,
  ResultNode,
  Statement,
  TimeNode,
} from './ast.js';
import { aboveEither, ExpressionParser } from './expressionParser.js';
import { nearest } from './nearest.js';
import { isForeignCall } from './strace.js';
import { ParseProblem, rangeOf, shorten, span } from './tokenReader.js';
import { isOneOf, pauses, resultPlatforms, rewrittenCalls } from './vocabulary.js';

/** What a line amounts to. */
export type ParsedLine =
  | { kind: 'statement'; statement: Statement }
  /** A call outside the vocabulary. */
  | { kind: 'foreign'; name: string; range: Range }
  | { kind: 'empty' };

/** A call as written, before its arguments are given to the parameters. */
export interface WrittenCall {
  name: string;
  nameRange: Range;
  args: Expression[];
  argsRange: Range;
  thread: string;
  targets: Name[];
  result: ResultNode | null;
  platformResults: CallStatement['platformResults'];
  time: TimeNode | null;
  range: Range;
  line: number;
}

const mostProblems = 20;

/** Reads one line: `[thread] name = call(args) = result <time>`. */
export class StatementParser extends ExpressionParser {
  private problems = 0;
  /** Names on the left, also of a line that cannot be read to its end. */
  givenNames: Name[] = [];

  /** Reports everything that is wrong with the line; gives what can be run of it. */
  line(line: number, thread: string): { call: WrittenCall } | ParsedLine {
    try {
      return this.statement(line, thread);
    } catch (error) {
      this.note(error);
      return { kind: 'empty' };
    }
  }

  private statement(line: number, thread: string): { call: WrittenCall } | ParsedLine {
    const start = this.here();
    this.skipThread();
    if (this.isAtEnd) {
      return this.unexpected(t('A call is missing here.'));
    }
    const targets = this.targets();
    if (this.tokens[this.at]?.kind === 'string' || !this.isName()) {
      this.unexpected(t('A call is missing here.'));
    }
    const token = this.tokens[this.at++] as { text: string } & Range;
    const name = token.text;
    const nameRange = rangeOf(token);
    if (!this.is('(')) {
      throw new ParseProblem(
        isCallName(name)
          ? t('The arguments of {0} are missing.', name)
          : t('A call is expected here: name(arguments)'),
        nameRange,
      );
    }
    if (isOneOf(pauses, name)) {
      return this.pause(name, { start, thread, line, targets });
    }
    if (name === '___') {
      this.blanks.push(nameRange);
    } else if (!signatures.has(name) && !isOneOf(rewrittenCalls, name)) {
      if (isForeignCall(name)) {
        return { kind: 'foreign', name, range: nameRange };
      }
      const known = nearest(name, [...signatures.keys(), ...pauses]);
      this.report(
        known === undefined
          ? t('There is no call {0} here.', shorten(name))
          : t('There is no call {0} here. Did you mean {1}?', shorten(name), known),
        nameRange,
      );
    }
    this.at++;
    const argsStart = this.here();
    const args = this.args();
    const argsRange = span(argsStart, this.tokens[this.at - 1] ?? argsStart);
    const call: WrittenCall = {
      name,
      nameRange,
      args,
      argsRange,
      thread,
      targets,
      ...this.results(),
      range: span(start, this.tokens.at(-1)!),
      line,
    };
    if (name === '___') {
      return { kind: 'statement', statement: { kind: 'blank', range: call.range, line, thread, targets } };
    }
    return { call };
  }

  /** `[client]`, strace's `[pid 4101]`, and the number alone that it writes into a file. */
  private skipThread(): void {
    const first = this.tokens[this.at];
    if (this.is('[')) {
      const isPid = this.isName('pid', 1) && this.tokens[this.at + 2]?.kind === 'number';
      const name = this.tokens[this.at + (isPid ? 2 : 1)];
      if (name?.kind !== 'name' && name?.kind !== 'number') {
        this.at++;
        this.unexpected(t('The name of a thread is expected here.'));
      }
      this.at += isPid ? 3 : 2;
      this.expect(']');
    } else if (first?.kind === 'number' && first.isWhole && this.isName(undefined, 1)) {
      this.at++;
    }
  }

  /** `a, b =` */
  private targets(): Name[] {
    let ahead = 0;
    while (this.isName(undefined, ahead) && this.is(',', ahead + 1)) {
      ahead += 2;
    }
    if (!this.isName(undefined, ahead) || !this.is('=', ahead + 1)) {
      return [];
    }
    const names: Name[] = [];
    for (let index = this.at; index <= this.at + ahead; index += 2) {
      const token = this.tokens[index] as { text: string } & Range;
      if (token.text === '___') {
        this.blanks.push(rangeOf(token));
      } else if (!/^[a-z]/.test(token.text)) {
        this.report(t('The name of a variable begins with a lower-case letter.'), rangeOf(token));
      } else if (names.some(({ name }) => name === token.text)) {
        this.report(t('The name {0} stands here twice.', shorten(token.text)), rangeOf(token));
      }
      names.push({ name: token.text, range: rangeOf(token) });
    }
    this.at += ahead + 2;
    this.givenNames = names;
    return names;
  }

  /** The arguments up to the closing parenthesis. One that cannot be read does not keep the others from being read. */
  private args(): Expression[] {
    const args: Expression[] = [];
    for (;;) {
      if (this.take(')') || this.tokens[this.at]?.kind === 'unfinished') {
        return args;
      }
      if (this.isAtEnd) {
        this.unexpected(t('“{0}” is expected here.', ')'));
      }
      if (args.length > 0) {
        try {
          this.expect(',');
        } catch (error) {
          this.note(error);
          args.push({ kind: 'error', range: this.skipArgument() });
          continue;
        }
      }
      if (this.isAtEnd || this.tokens[this.at]!.kind === 'unfinished') {
        continue;
      }
      try {
        args.push(this.expression());
      } catch (error) {
        this.note(error);
        args.push({ kind: 'error', range: this.skipArgument() });
      }
    }
  }

  /** To the next comma or the closing parenthesis of the call. */
  private skipArgument(): Range {
    const start = this.here();
    let depth = 0;
    for (; this.at < this.tokens.length; this.at++) {
      const token = this.tokens[this.at]!;
      if (token.kind === 'punctuation') {
        if (depth === 0 && (token.text === ',' || token.text === ')')) {
          break;
        }
        if ('([{'.includes(token.text)) {
          depth++;
        } else if (')]}'.includes(token.text)) {
          depth = Math.max(0, depth - 1);
        }
      }
    }
    return span(start, this.tokens[this.at - 1] ?? start);
  }

  private note(error: unknown): void {
    if (!(error instanceof ParseProblem)) {
      throw error;
    }
    this.problems++;
    this.report(error.message, error.range);
    if (this.problems >= mostProblems) {
      this.at = this.tokens.length;
    }
  }

  private results(): Pick<WrittenCall, 'result' | 'platformResults' | 'time'> {
    let result: ResultNode | null = null;
    let time: TimeNode | null = null;
    const platformResults: CallStatement['platformResults'] = [];
    if (this.tokens[this.at]?.kind === 'unfinished') {
      this.at++;
    }
    if (this.is('=')) {
      result = this.result();
    }
    while (!this.isAtEnd) {
      if (this.is('<')) {
        time = this.time();
      } else if (this.take(';')) {
        const token = this.tokens[this.at];
        if (token?.kind !== 'name' || !isOneOf(resultPlatforms, token.text)) {
          this.unexpected(t('A platform is expected here: linux, darwin or win32.'));
        }
        this.at++;
        this.expect(':');
        platformResults.push({ platform: token.text, result: this.result() });
      } else {
        this.unexpected(
          result === null
            ? t('“=” and a result are expected here, or the end of the line.')
            : t('The end of the line is expected here.'),
        );
      }
    }
    return { result, platformResults, time };
  }

  private result(): ResultNode {
    const start = this.expect('=');
    const outcomes = [this.outcome()];
    while (this.take('|')) {
      const next = this.outcome();
      const flags = joinedFlags(outcomes.at(-1)!, next);
      outcomes.splice(flags ? -1 : outcomes.length, 1, flags ?? next);
    }
    let output: ListNode | null = null;
    if (this.is('(')) {
      output = this.remark();
    }
    return { outcomes, output, range: span(start, this.tokens[this.at - 1]!) };
  }

  private outcome(): Outcome {
    const token = this.tokens[this.at];
    const start = this.here();
    if (this.take('?')) {
      // strace's `? ERESTARTSYS (To be restarted)`: a signal ended the wait, and nobody knows with what.
      const signal = this.tokens[this.at];
      if (signal?.kind === 'name' && signal.text.startsWith('ERESTART')) {
        this.at++;
      }
      return { kind: 'any', range: start };
    }
    if (token?.kind === 'name' && token.text === '___') {
      this.at++;
      this.blanks.push(start);
      return { kind: 'blank', range: start };
    }
    if (token?.kind === 'name' && /^(WSA)?E[A-Z0-9]+$/.test(token.text)) {
      this.unexpected(t('A call that fails returns -1: = -1 {0}', shorten(token.text)));
    }
    const value = this.expression(aboveEither);
    if (this.take('..')) {
      const max = this.expression(aboveEither);
      return { kind: 'range', min: value, max, range: span(value.range, max.range) };
    }
    const isMinusOne =
      value.kind === 'negative' && value.operand.kind === 'number' && value.operand.value === 1;
    if (!isMinusOne) {
      return { kind: 'value', value, range: value.range };
    }
    const name = this.tokens[this.at];
    if (name?.kind === 'name' && name.text === '___') {
      this.at++;
      this.blanks.push(rangeOf(name));
      return { kind: 'blank', range: span(value.range, name) };
    }
    if (name?.kind !== 'name') {
      return { kind: 'error', errno: null, range: value.range };
    }
    this.at++;
    return { kind: 'error', errno: name.text, range: span(value.range, name) };
  }

  /** What strace writes in parentheses: text is read over, poll's list is an expectation. */
  private remark(): ListNode | null {
    const start = this.expect('(');
    if (this.is('[')) {
      const output = this.expression();
      this.expect(')');
      if (output.kind !== 'list') {
        throw new ParseProblem(t('A list is expected here.'), output.range);
      }
      return output;
    }
    for (let depth = 1; depth > 0; this.at++) {
      if (this.isAtEnd) {
        throw new ParseProblem(t('This parenthesis is not closed.'), rangeOf(start));
      }
      depth += this.is('(') ? 1 : this.is(')') ? -1 : 0;
    }
    return null;
  }

  private time(): TimeNode {
    const start = this.expect('<');
    const min = this.seconds();
    let max = min;
    const isRange = this.take('..') !== undefined;
    if (isRange) {
      max = this.seconds();
    }
    const range = span(start, this.expect('>'));
    if (max < min) {
      this.report(t('The first time is the shorter one.'), range);
    }
    return { min, max, isRange, range };
  }

  private seconds(): number {
    const token = this.tokens[this.at];
    const value = token?.kind === 'number' ? Number(token.text) : Number.NaN;
    if (!Number.isFinite(value)) {
      this.unexpected(t('A number of seconds is expected here.'));
    }
    this.at++;
    return value;
  }

  private pause(
    kind: PauseStatement['kind'],
    { start, thread, line, targets }: { start: Range; thread: string; line: number; targets: Name[] },
  ): ParsedLine {
    if (targets.length > 0) {
      this.report(t('{0} is no call and returns nothing.', kind), targets[0]!.range);
    }
    this.at++;
    const number = this.here();
    const seconds = this.seconds();
    if (seconds > 3600) {
      this.report(t('At most an hour, 3600 seconds.'), number);
    }
    const end = this.expect(')');
    if (!this.isAtEnd) {
      this.unexpected(t('The end of the line is expected here.'));
    }
    const statement: PauseStatement = { kind, seconds, range: span(start, end), line, thread };
    return { kind: 'statement', statement };
  }
}

/** `O_RDWR|O_NONBLOCK` is one number; undefined where the two are one result or the other. */
function joinedFlags(first: Outcome, second: Outcome): Outcome | undefined {
  if (first.kind !== 'value' || second.kind !== 'value' || !isFlags(first.value) || !isFlags(second.value)) {
    return undefined;
  }
  const range = span(first.range, second.range);
  const operands = [first.value, second.value];
  return { kind: 'value', value: { kind: 'operation', operands, operators: ['|'], range }, range };
}

/** A constant, or some joined: `8*1024` is a number by itself. */
function isFlags(node: Expression): boolean {
  return (
    node.kind === 'constant' ||
    (node.kind === 'operation' &&
      node.operators.every((operator) => operator === '|') &&
      node.operands.every(isFlags))
  );
}
