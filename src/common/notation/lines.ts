import type { Range } from './ast.js';
import type { Report } from './literal.js';
import { scanLine, type Token } from './scanner.js';
import { isRemark, mainThread, StraceThreads, tornAt } from './strace.js';

/** One call: a line, or the pieces of it that strace wrote apart. */
export interface LogicalLine {
  tokens: Token[];
  /** The thread of control that makes the call. */
  thread: string;
  /** Of the first piece, counted from 1. */
  number: number;
  end: number;
}

export interface LineVisitor {
  report: Report;
  /** Whether so much was reported that nothing more is to be read. */
  isFull(): boolean;
  /** Called instead of reading on, with the number of the line that would have come next. */
  stop(number: number): void;
  /** A comment alone on its line, before the first call. */
  comment(range: Range, number: number): void;
  /** The end of a call whose beginning is not in the text. */
  orphan(token: Range): void;
  /** Where each line starts. */
  line(start: number): void;
}

/** What strace says between or inside the calls; most files have none of it. */
const remarkSigns = /strace: |\+\+\+ |--- /;

/** The calls of a text as tokens, each as soon as it is complete: of a large file only what is at hand is kept. */
export function* readLines(text: string, visitor: LineVisitor): Generator<LogicalLine, void> {
  const joiner = new LineJoiner(visitor);
  const threads = new StraceThreads();
  const hasRemarks = remarkSigns.test(text);
  let isBeforeCalls = true;
  let start = 0;
  for (let number = 1; start <= text.length; number++) {
    visitor.line(start);
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    if (visitor.isFull() && text.slice(start, end).trim() !== '') {
      visitor.stop(number);
      return;
    }
    const beginning = hasRemarks ? text.slice(start, Math.min(end, start + 500)) : '';
    if (hasRemarks && isRemark(beginning)) {
      threads.note(beginning);
    } else {
      const tear = hasRemarks ? tornAt(beginning) : undefined;
      const { tokens, comment } = scanLine(
        text,
        start,
        tear === undefined ? end : start + tear,
        visitor.report,
      );
      if (comment && tokens.length === 0 && isBeforeCalls) {
        visitor.comment(comment, number);
      }
      if (tokens.length > 0) {
        isBeforeCalls = false;
        const thread = threads.threadOf(threadText(tokens));
        joiner.add({ tokens, thread, number, end }, tear !== undefined);
        yield* joiner.complete();
      }
      if (tear !== undefined) {
        threads.note(beginning);
      }
    }
    start = end + 1;
  }
  yield* joiner.rest();
}

/** Puts together what strace wrote in pieces, at the place of the first. */
class LineJoiner {
  /** From the first line on that may still get a piece. */
  private lines: LogicalLine[] = [];
  /** Calls whose end has not come, by thread. */
  private readonly open = new Map<string, { line: LogicalLine; call: string }>();
  /** A line into which strace wrote a remark of its own: the next one goes on with it. */
  private torn: LogicalLine | undefined;

  constructor(private readonly visitor: LineVisitor) {}

  /** Takes the lines that nothing is added to any more, in their order. */
  complete(): LogicalLine[] {
    return this.open.size === 0 && !this.torn ? this.rest() : none;
  }

  /** Takes all lines that are left. */
  rest(): LogicalLine[] {
    const { lines } = this;
    this.lines = [];
    return lines;
  }

  add(line: LogicalLine, isTorn: boolean): void {
    const { torn } = this;
    this.torn = undefined;
    if (torn) {
      torn.tokens = [...torn.tokens, ...line.tokens];
      torn.end = line.end;
      this.noteOpen(torn);
      return;
    }
    const resumedAt = line.tokens.findIndex(({ kind }) => kind === 'resumed');
    if (resumedAt >= 0 && resumedAt <= 4) {
      this.resume(line, resumedAt);
      return;
    }
    this.lines.push(line);
    if (isTorn) {
      this.torn = line;
    }
    this.noteOpen(line);
  }

  private noteOpen(line: LogicalLine): void {
    if (line.tokens.at(-1)!.kind === 'unfinished') {
      this.open.delete(line.thread);
      this.open.set(line.thread, { line, call: callText(line.tokens) });
    }
  }

  private resume(line: LogicalLine, resumedAt: number): void {
    const resumed = line.tokens[resumedAt];
    const key = this.openThread(line.thread, resumed?.kind === 'resumed' ? resumed.name : '');
    const first = key === undefined ? undefined : this.open.get(key)?.line;
    if (key === undefined || !first) {
      this.visitor.orphan(line.tokens[0]!);
      return;
    }
    this.open.delete(key);
    first.tokens = [...first.tokens.slice(0, -1), ...line.tokens.slice(resumedAt + 1)];
    first.end = line.end;
  }

  /** The thread whose call goes on. Where strace says nothing of its processes (`-q`), the same one may have two names. */
  private openThread(thread: string, call: string): string | undefined {
    const isCall = (key: string) => this.open.get(key)?.call === call;
    const others = thread === mainThread ? [...this.open.keys()].slice(-mostThreads).reverse() : [mainThread];
    return [thread, ...others].find(isCall);
  }
}

const none: LogicalLine[] = [];

/** Threads that are looked through for the beginning of a call, the latest first. */
const mostThreads = 100;

/** The name of the call on a line. */
function callText(tokens: readonly Token[]): string {
  const open = tokens.findIndex((token) => token.kind === 'punctuation' && token.text === '(');
  const name = tokens[open - 1];
  return name?.kind === 'name' ? name.text : '';
}

/** What names the thread at the start of a line, as text; undefined where nothing does. */
function threadText(tokens: readonly Token[]): string | undefined {
  const words = tokens.slice(0, 4).map((token) => ('text' in token ? token.text : token.kind));
  if (words[0] === '[') {
    return words[1] === 'pid' ? `pid ${words[2] ?? ''}` : (words[1] ?? '');
  }
  return tokens[0]?.kind === 'number' ? `pid ${tokens[0].text}` : undefined;
}
