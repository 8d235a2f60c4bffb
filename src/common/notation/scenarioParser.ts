import { t } from '../l10n.js';
import type { Platform } from '../tables/constants.js';
import { isCallName } from '../tables/signatures.js';
import { arrange } from './arrange.js';
import type { CallStatement, Diagnostic, Need, Range, Scenario, Statement } from './ast.js';
import { checkStatement, findUnsendable } from './checks.js';
import { literalEnvironment } from './evaluate.js';
import { ForeignDescriptors } from './foreignDescriptors.js';
import { lessonMark } from './lesson.js';
import { placeOf } from './lineMap.js';
import { type LogicalLine, readLines } from './lines.js';
import type { Report } from './literal.js';
import { rewrite } from './rewrite.js';
import { StatementParser, type WrittenCall } from './statementParser.js';
import type { Environment } from './values.js';
import { unknownNames } from './variables.js';
import { isOneOf, needs, rewrittenCalls } from './vocabulary.js';

const maxDiagnostics = 1000;

/**
 * Reads a scenario, a transcript or strace's output. Never throws: whatever cannot be read is told in `diagnostics`,
 * every error of every line up to a thousand, and reading goes on behind it.
 */
export function parseScenario(text: string, platform: Platform = 'linux'): Scenario {
  return new ScenarioReader(text, platform).read();
}

class ScenarioReader {
  private readonly lineStarts: number[] = [];
  private readonly diagnostics: Diagnostic[] = [];
  private readonly notes: Diagnostic[] = [];
  private readonly blanks: Range[] = [];
  private readonly needs: Need[] = [];
  private readonly comments: string[] = [];
  private lastComment = 0;
  /** Where the first line begins that is no comment; −1 when there is none. */
  private firstLine: number | undefined;
  private readonly statements: Statement[] = [];
  private readonly given = new Set<string>();
  private readonly foreign = new ForeignDescriptors();
  private readonly literals: Environment;

  constructor(
    private readonly text: string,
    platform: Platform,
  ) {
    this.literals = literalEnvironment(platform, true);
  }

  read(): Scenario {
    for (const line of this.lines()) {
      this.readLine(line);
    }
    for (const { name, range, message } of unknownNames(this.statements, this.given)) {
      if (this.diagnostics.length < maxDiagnostics) {
        this.error(message ?? t('Nothing gives {0} a value.', name), range);
      }
    }
    for (const list of [this.diagnostics, this.notes]) {
      list.sort((a, b) => a.range.start - b.range.start);
    }
    const [title = '', ...description] = this.comments;
    return {
      text: this.text,
      title,
      description: description.join(' '),
      needs: this.needs,
      statements: this.statements,
      blanks: this.blanks,
      diagnostics: this.diagnostics,
      notes: this.notes,
    };
  }

  private lines(): Iterable<LogicalLine> {
    return readLines(this.text, {
      report: (message, range) => {
        if (this.diagnostics.length < maxDiagnostics) {
          this.error(message, range);
        }
      },
      isFull: () => this.diagnostics.length >= maxDiagnostics,
      stop: (number) => this.error(t('Too many errors: the rest was not read.'), this.wholeLine(number)),
      comment: (range, number) => this.readComment(range, number),
      orphan: (token) =>
        this.note(t('The beginning of this call is not in the file; the line is skipped.'), token),
      line: (start) => this.lineStarts.push(start),
    });
  }

  /** Title and description are the comment lines that the file begins with, up to the first gap. */
  private readComment({ start, end }: Range, number: number): void {
    const text = this.text.slice(start + 1, end).trim();
    const found = /^needs\s*:(.*)$/.exec(text);
    if (!found) {
      const isNext = this.comments.length === 0 ? this.isHead(start) : number === this.lastComment + 1;
      if (text !== '' && isNext && !lessonMark.test(text)) {
        this.comments.push(text);
        this.lastComment = number;
      }
      return;
    }
    const listAt = this.text.indexOf(':', start) + 1;
    let at = listAt;
    for (const part of this.text.slice(listAt, end).split(',')) {
      const need = part.trim().replace(/\s+/g, ' ');
      if (isOneOf(needs, need)) {
        this.needs.push(need);
      } else {
        const from = at + (part.length - part.trimStart().length);
        const range = { start: from, end: Math.max(from, at + part.trimEnd().length) };
        this.error(t('What a file can need: {0}.', needs.join(', ')), range);
      }
      at += part.length + 1;
    }
  }

  /** Whether only blank lines and comments come before. */
  private isHead(start: number): boolean {
    this.firstLine ??= this.text.search(/^[^\S\n]*[^\s#]/m);
    return this.firstLine < 0 || start < this.firstLine;
  }

  private readLine(line: LogicalLine): void {
    const before = this.diagnostics.length;
    const report: Report = (message, range) => this.error(message, range);
    const parser = new StatementParser(line.tokens, line.end, this.text, report, this.blanks);
    const parsed = parser.line(line.number, line.thread);
    // A line with an error gives its names too: what uses them is not to blame.
    parser.givenNames.forEach(({ name }) => this.given.add(name));
    if ('call' in parsed) {
      this.readCalls(parsed.call, before);
    } else if (parsed.kind === 'foreign') {
      this.foreign.noteForeign(parsed.name, line.tokens);
      this.skip(parsed.name, parsed.range);
    } else if (parsed.kind === 'statement' && this.diagnostics.length === before) {
      this.statements.push(parsed.statement);
    }
  }

  private readCalls(call: WrittenCall, before: number): void {
    if (!isOneOf(rewrittenCalls, call.name)) {
      this.readCall(call, before);
      return;
    }
    const calls = rewrite(call);
    if (!calls && this.diagnostics.length === before) {
      this.skip(call.name, call.nameRange);
    }
    calls?.forEach((each) => this.readCall(each, before));
  }

  private skip(name: string, range: Range): void {
    this.note(t('{0} is not among the calls of the notation; the line is skipped.', name), range);
  }

  private readCall(call: WrittenCall, before: number): void {
    if (!isCallName(call.name)) {
      return;
    }
    const report: Report = (message, range) => this.error(message, range);
    const statement = statementOf(call, report);
    if (!statement) {
      return;
    }
    const foreign = this.foreign.find(statement);
    if (foreign) {
      this.note(t('This descriptor is not of a call here; the line is skipped.'), foreign);
      return;
    }
    const unsendable = findUnsendable(statement);
    if (unsendable) {
      this.note(t('What was passed here is not in the recording; the line is skipped.'), unsendable);
      return;
    }
    checkStatement(statement, this.literals, report);
    if (this.diagnostics.length === before) {
      this.statements.push(statement);
    }
  }

  private error(message: string, range: Range): void {
    this.diagnostics.push(this.place(message, range));
  }

  private note(message: string, range: Range): void {
    if (this.notes.length >= maxDiagnostics) {
      return;
    }
    this.notes.push(this.place(message, range));
  }

  private place(message: string, { start, end }: Range): Diagnostic {
    return { message, range: { start, end }, ...placeOf(start, this.lineStarts) };
  }

  private wholeLine(number: number): Range {
    const start = this.lineStarts[number - 1] ?? 0;
    return { start, end: start };
  }
}

function statementOf(call: WrittenCall, report: Report): CallStatement | undefined {
  if (!isCallName(call.name)) {
    return undefined;
  }
  const args = arrange(call.name, call.args, { name: call.nameRange, args: call.argsRange }, report);
  const { line, range, thread, targets, name, nameRange, result, platformResults, time } = call;
  return { kind: 'call', line, range, thread, targets, name, nameRange, args, result, platformResults, time };
}
