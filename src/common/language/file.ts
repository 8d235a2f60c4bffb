import type { Scenario } from '../notation/ast.js';
import { type Lesson, parseLesson } from '../notation/lesson.js';
import { parseScenario } from '../notation/parser.js';
import { scanLine, type Token } from '../notation/scanner.js';
import { mainThread } from '../notation/strace.js';
import type { Platform } from '../tables/constants.js';
import { classify, type Word } from './words.js';
import { firstIndex } from '../search.js';

/** One line of a file as it is written, whether it can be read or not. */
export interface SourceLine {
  /** Counted from 0. */
  index: number;
  start: number;
  /** Without the end of line. */
  end: number;
  tokens: readonly Token[];
  /** With its `#`; null where there is none. */
  comment: { start: number; end: number } | null;
  /** The thread that the line names; `main` where it names none. */
  thread: string;
  words: readonly Word[];
}

const ignore = () => {
  // The parser tells what is wrong.
};

/** One version of the text of a `.sockets` file, and what its language features look at. Nothing is read before it is asked for. */
export class LanguageFile {
  private knownScenario: Scenario | undefined;
  private knownLesson: Lesson | undefined;
  private knownLines: readonly SourceLine[] | undefined;

  constructor(
    readonly text: string,
    readonly platform: Platform,
  ) {}

  get scenario(): Scenario {
    return (this.knownScenario ??= parseScenario(this.text, this.platform));
  }

  get lesson(): Lesson {
    return (this.knownLesson ??= parseLesson(this.scenario));
  }

  get lines(): readonly SourceLine[] {
    return (this.knownLines ??= readLines(this.text));
  }

  /** The line that an offset is in. */
  lineAt(offset: number): SourceLine {
    const { lines } = this;
    return lines[firstIndex(1, lines.length, (index) => lines[index]!.start > offset) - 1]!;
  }

  /** The word at an offset, or that ends there. */
  wordAt(offset: number): Word | undefined {
    const { words } = this.lineAt(offset);
    return (
      words.find(({ start, end }) => start <= offset && offset < end) ??
      words.find(({ end }) => end === offset)
    );
  }
}

function readLines(text: string): SourceLine[] {
  const lines: SourceLine[] = [];
  for (let start = 0; start <= text.length;) {
    const newline = text.indexOf('\n', start);
    const next = newline < 0 ? text.length + 1 : newline + 1;
    const last = next - 1;
    const end = last > start && text[last - 1] === '\r' ? last - 1 : last;
    const { tokens, comment } = scanLine(text, start, end, ignore);
    lines.push({
      index: lines.length,
      start,
      end,
      tokens,
      comment,
      thread: threadOf(tokens),
      words: classify(tokens),
    });
    start = next;
  }
  return lines;
}

function threadOf([open, name, number]: readonly Token[]): string {
  if (open?.kind !== 'punctuation' || open.text !== '[' || !name || !('text' in name)) {
    return mainThread;
  }
  return name.text === 'pid' && number?.kind === 'number' ? `pid ${number.text}` : name.text;
}
