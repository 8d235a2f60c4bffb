import { t } from '../l10n.js';
import type { Range, Scenario } from './ast.js';
import { scanLine } from './scanner.js';
import { lessonMarks } from './vocabulary.js';

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

interface Choice {
  text: string;
  isRight: boolean;
}

/** A line without which the lesson would not be one. */
interface Key {
  /** Counted from 1. */
  line: number;
  statement: number;
  /** What is said of it; empty when nothing is. */
  text: string;
}

/** A comment that stands above a call and means nothing but itself. */
interface Note {
  text: string;
  /** The call below it, as an index into the scenario's statements. */
  statement: number;
  /** It stands behind the question about the call, so that it may hold the answer. */
  isAnswer: boolean;
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
  notes: Note[];
  /** Statements whose call is made at once after the one before: a pause between them would change the answer. */
  atOnce: number[];
  /** Comments that mean nothing where they stand. */
  problems: LessonProblem[];
}

/** How comments begin that have a meaning. */
export const lessonMark = new RegExp(`^(${lessonMarks.join('|')})\\s*:\\s*(.*)$`);
const choiceMark = /^\[([ x])\]\s*(.*)$/;
const keyMark = /^key(?:\s*:\s*(.*))?$/;
const atOnceMark = /^at once$/;
const anyMark = new RegExp(`^(?:${lessonMarks.join('|')}|needs)\\s*:`);

/**
 * Reads what a scenario says to a learner: `# before:`, `# after:`, `# predict:` with choices (`# [x]` is the right one),
 * `# check:`, and `# key` or `# at once` behind a call. A text goes on in the comment lines below it, up to a gap.
 */
export function parseLesson(scenario: Scenario): Lesson {
  return new LessonReader(scenario).read();
}

/** Whether a scenario says something to a learner: it opens call by call. */
export function isLesson({ before, after, questions }: Lesson): boolean {
  return before !== '' || after !== '' || questions.length > 0;
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
  private readonly statementOn: ReadonlyMap<number, number>;
  /** Comments that wait for the call below them. */
  private above: { text: string; isAnswer: boolean }[] = [];
  /** The first lines are title and description. */
  private isHead = true;
  private isBehindQuestion = false;

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
      notes: [],
      atOnce: [],
      problems: [],
    };
    this.statementOn = new Map(scenario.statements.map(({ line }, index) => [line, index]));
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
        this.isHead = false;
        this.takeNotes(this.statementOn.get(line));
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
      this.readNote(text);
    } else {
      this.open.parts.push(text);
    }
  }

  private readNote(text: string): void {
    if (text === '' || anyMark.test(text)) {
      this.isHead = false;
    } else if (!this.isHead) {
      this.above.push({ text, isAnswer: this.isBehindQuestion });
    }
  }

  /** The comments above are of this call. */
  private takeNotes(statement: number | undefined): void {
    if (statement === undefined) {
      return;
    }
    for (const isAnswer of [false, true]) {
      const text = this.above.filter((note) => note.isAnswer === isAnswer).map((note) => note.text);
      if (text.length > 0) {
        this.lesson.notes.push({ text: text.join(' '), statement, isAnswer });
      }
    }
    this.above = [];
    this.isBehindQuestion = false;
  }

  /** A comment behind a call. */
  private readRemark(text: string, line: number, range: Range): void {
    const found = keyMark.exec(text);
    const isAtOnce = atOnceMark.test(text);
    if (!found && !isAtOnce) {
      return;
    }
    const statement = this.statementOn.get(line);
    if (statement === undefined) {
      this.complain(t('No call stands here.'), line, range);
    } else if (!found) {
      this.lesson.atOnce.push(statement);
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
      this.isBehindQuestion = true;
      this.lesson.questions.push({ text, choices, line, statement });
    }
  }

  private complain(message: string, line: number, range: Range): void {
    this.lesson.problems.push({ message, line, range });
  }
}
