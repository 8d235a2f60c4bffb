import { t } from '../l10n.js';
import type { Range, Scenario } from './ast.js';
import { scanLine } from './scanner.js';

/** Something to think about before a call is made. */
export interface Question {
  text: string;
  /** What to choose from; empty where the answer is free. */
  choices: Choice[];
  /** Of the comment, counted from 1. */
  line: number;
  /** The call that answers it, as an index into the scenario's statements. */
  statement: number;
}

export interface Choice {
  text: string;
  isRight: boolean;
}

/** A line without which the lesson would not be one. */
export interface Key {
  /** Counted from 1. */
  line: number;
  statement: number;
  /** What is said of it; empty when nothing is. */
  text: string;
}

/** What holds at the end of an exercise, whatever way led there: a call with its expectation. */
export interface Check {
  /** In the notation. */
  call: string;
  line: number;
}

export interface LessonProblem {
  message: string;
  /** Counted from 1. */
  line: number;
  range: Range;
}

/** What the comments of a scenario say to a learner. */
export interface Lesson {
  title: string;
  description: string;
  /** To read before the first call. */
  before: string;
  /** To read after the last one. */
  after: string;
  questions: Question[];
  keys: Key[];
  checks: Check[];
  /** Comments that mean nothing where they stand. */
  problems: LessonProblem[];
}

/** How comments begin that have a meaning. */
export const lessonMark = /^(before|after|predict|check)\s*:\s*(.*)$/;
const choiceMark = /^\[([ x])\]\s*(.*)$/;
const keyMark = /^key(?:\s*:\s*(.*))?$/;
const anyMark = /^(?:before|after|predict|check|needs)\s*:/;

/**
 * Reads what a scenario says to a learner: `# before:`, `# after:`, `# predict:` with choices (`# [x]` is the right one),
 * `# check:`, and `# key` behind a call. A text goes on in the comment lines below it, up to a gap.
 */
export function parseLesson(scenario: Scenario): Lesson {
  return new LessonReader(scenario).read();
}

/** A text that may go on in the next line. */
interface OpenText {
  mark: string;
  parts: string[];
  choices: Choice[];
  line: number;
  range: Range;
}

class LessonReader {
  private readonly lesson: Lesson;
  private open: OpenText | undefined;

  constructor(private readonly scenario: Scenario) {
    const { title, description } = scenario;
    this.lesson = {
      title,
      description,
      before: '',
      after: '',
      questions: [],
      keys: [],
      checks: [],
      problems: [],
    };
  }

  read(): Lesson {
    const { text } = this.scenario;
    let start = 0;
    for (let line = 1; start <= text.length; line++) {
      const newline = text.indexOf('\n', start);
      const end = newline < 0 ? text.length : newline;
      const { tokens, comment } = scanLine(text, start, end, () => {});
      if (comment && tokens.length === 0) {
        this.readComment(text.slice(comment.start + 1, end).trim(), line, comment);
      } else {
        this.close();
        if (comment) {
          this.readRemark(text.slice(comment.start + 1, end).trim(), line, comment);
        }
      }
      start = end + 1;
    }
    this.close();
    return this.lesson;
  }

  private readComment(text: string, line: number, range: Range): void {
    const found = lessonMark.exec(text);
    const choice = choiceMark.exec(text);
    if (found) {
      this.close();
      this.open = { mark: found[1]!, parts: [found[2]!], choices: [], line, range };
    } else if (choice && this.open?.mark === 'predict') {
      this.open.choices.push({ text: choice[2]!, isRight: choice[1] === 'x' });
    } else if (text === '' || anyMark.test(text) || !this.open || this.open.choices.length > 0) {
      this.close();
    } else {
      this.open.parts.push(text);
    }
  }

  /** A comment behind a call. */
  private readRemark(text: string, line: number, range: Range): void {
    const found = keyMark.exec(text);
    if (!found) {
      return;
    }
    const statement = this.scenario.statements.findIndex((each) => each.line === line);
    if (statement < 0) {
      this.complain(t('No call stands here.'), line, range);
    } else {
      this.lesson.keys.push({ line, statement, text: found[1] ?? '' });
    }
  }

  private close(): void {
    const { open, lesson } = this;
    this.open = undefined;
    if (!open) {
      return;
    }
    const { mark, parts, choices, line, range } = open;
    const text = parts.filter((part) => part !== '').join(' ');
    if (text === '') {
      this.complain(t('A text is missing behind {0}.', `${mark}:`), line, range);
    } else if (mark === 'predict') {
      this.addQuestion(text, choices, line, range);
    } else if (mark === 'check') {
      lesson.checks.push({ call: text, line });
    } else if (lesson[mark as 'before' | 'after'] === '') {
      lesson[mark as 'before' | 'after'] = text;
    } else {
      this.complain(t('{0} stands twice.', `${mark}:`), line, range);
    }
  }

  private addQuestion(text: string, choices: Choice[], line: number, range: Range): void {
    const statement = this.scenario.statements.findIndex((each) => each.line > line && each.kind === 'call');
    if (statement < 0) {
      this.complain(t('No call follows that answers this question.'), line, range);
    } else if (choices.length > 0 && choices.filter(({ isRight }) => isRight).length !== 1) {
      this.complain(t('One choice is to be marked with [x].'), line, range);
    } else {
      this.lesson.questions.push({ text, choices, line, statement });
    }
  }

  private complain(message: string, line: number, range: Range): void {
    this.lesson.problems.push({ message, line, range });
  }
}
