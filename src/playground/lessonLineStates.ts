import type { Statement } from '../common/notation/ast.js';
import { lessonLines, type LessonLineText } from '../common/notation/lessonLines.js';
import { printResult } from '../common/notation/printer.js';
import type { LessonLine, LessonQuestion, LessonScore } from '../common/protocol/lesson.js';
import type { Platform } from '../common/tables/constants.js';
import { lineCodes } from './export/lineCode.js';
import { judge } from './lessonAnswer.js';
import type { LessonRunContext } from './lessonAttempts.js';
import type { ScenarioRecord } from './runCalls.js';
import type { ScenarioCheck } from './scenarioRunner.js';

export interface LessonLinesContext extends Pick<LessonRunContext, 'scenario' | 'lesson'> {
  platform: Platform;
  onChange: () => void;
}

/** What the calls of a lesson have come to, and what the learner thought of them before. */
export class LessonLineStates {
  private readonly texts: readonly LessonLineText[];
  private readonly byStatement = new Map<Statement, number>();
  private readonly codes: ReturnType<typeof lineCodes>;
  private states: LessonLine[];
  /** The lines that were shown as the next one: what is asked before others nobody was asked. */
  private readonly met = new Set<number>();

  constructor(private readonly context: LessonLinesContext) {
    const { scenario, lesson, platform } = context;
    this.texts = lessonLines(scenario, lesson, platform);
    this.texts.forEach((_text, index) => this.byStatement.set(this.statementAt(index), index));
    this.codes = lineCodes(scenario);
    this.states = this.fresh();
  }

  get all(): readonly LessonLine[] {
    return this.states;
  }

  get score(): LessonScore {
    const questions = this.states.flatMap(({ question }, line) =>
      question && (this.met.has(line) || question.given !== null) ? question : [],
    );
    return {
      right: questions.filter(({ verdict }) => verdict === 'right').length,
      asked: questions.length,
    };
  }

  statementAt(line: number): Statement {
    return this.context.scenario.statements[this.texts[line]!.statement]!;
  }

  /** Undefined for a statement that is no call. */
  lineOf(statement: Statement): number | undefined {
    return this.byStatement.get(statement);
  }

  /** The lesson's own call of a line as it can be read, where a text is that call in a language that it is shown in. */
  readable(line: number, text: string): string | undefined {
    const { line: number, call } = this.texts[line]!;
    const isShown = this.codes
      .get(number)
      ?.some((code) => code.text !== '' && bare(code.text) === bare(text));
    // What the kernel writes has no value here; in a text the same sign is part of it.
    return isShown ? call.replace(/"(?:\\.|[^"\\])*"|…/g, (part) => (part === '…' ? '_' : part)) : undefined;
  }

  /** Whether a call is made together with the one above. */
  isAtOnce(line: number): boolean {
    return this.texts[line]!.isAtOnce;
  }

  /** A line is the next one, and the learner can say what they expect. */
  meet(line: number): void {
    this.met.add(line);
  }

  reset(): void {
    this.met.clear();
    this.states = this.fresh();
    this.context.onChange();
  }

  set(line: number, change: Partial<LessonLine>): void {
    this.states = this.states.with(line, { ...this.states[line]!, ...change });
    this.context.onChange();
  }

  /** Notes what has become of the call of a statement. */
  update(statement: Statement, change: Partial<LessonLine>): void {
    const line = this.lineOf(statement);
    if (line !== undefined) {
      this.set(line, change);
    }
  }

  /** What the learner thinks that the kernel will say; told before the call is made. */
  answer(line: number, given: number | string): void {
    const { question, state } = this.states[line] ?? {};
    const isChoice = typeof given === 'number' && question && given < question.choices.length;
    if (
      question &&
      state === 'coming' &&
      (isChoice || (typeof given === 'string' && !question.choices.length))
    ) {
      this.set(line, { question: { ...question, given } });
    }
  }

  /** Another call stands for that of a line, and was answered so. */
  replace(line: number, { seq, answer, typed }: Pick<LessonLine, 'seq' | 'answer' | 'typed'>): void {
    this.set(line, { seq, answer, typed, ...this.judgement(line, null) });
  }

  /** Without an answer of the kernel there is nothing to compare. */
  note({ record, statement }: ScenarioRecord): void {
    if (record.name === statement.name && record.status !== 'returned') {
      this.update(statement, { state: 'cancelled', seq: record.seq });
    }
  }

  check({ statement, mismatch, record }: ScenarioCheck): void {
    const line = this.lineOf(statement);
    if (line !== undefined) {
      this.set(line, {
        state: 'made',
        seq: record.seq,
        answer: printResult(record, { platform: this.context.platform }),
        mismatch: mismatch && { expected: mismatch.expected, got: mismatch.got },
        ...this.judgement(line, mismatch, record),
      });
    }
  }

  private judgement(
    line: number,
    mismatch: ScenarioCheck['mismatch'],
    record?: ScenarioCheck['record'],
  ): { question?: LessonQuestion } {
    const { question: asked } = this.states[line]!;
    const question = this.questionAt(line);
    return asked && question
      ? { question: { ...asked, ...judge(question, asked.given, mismatch !== null, record) } }
      : {};
  }

  private questionAt(line: number) {
    const { statement } = this.texts[line]!;
    return this.context.lesson.questions.find((each) => each.statement === statement);
  }

  private fresh(): LessonLine[] {
    const hasThreads = new Set(this.texts.map(({ thread }) => thread)).size > 1;
    return this.texts.map(({ line, thread, call, written, note, answerNote }, index) => {
      const question = this.questionAt(index);
      return {
        line,
        thread: hasThreads ? thread : null,
        call,
        written,
        note,
        answerNote,
        question: question
          ? {
              text: question.text,
              choices: question.choices.map(({ text }) => text),
              given: null,
              verdict: null,
              right: null,
            }
          : null,
        state: 'coming',
        seq: null,
        answer: '',
        typed: null,
        mismatch: null,
        code: this.codes.get(line) ?? [],
      };
    });
  }
}

/** A text in quotes, or blanks between what is none. */
const textOrBlanks = /"((?:\\.|[^"\\])*)"|'(?:\\.|[^'\\])*'|\s+/g;

/** Code without what two people write differently: its blanks, the quotes of its texts and its semicolon. */
function bare(code: string): string {
  return code
    .trim()
    .replace(/;$/, '')
    .replace(textOrBlanks, (part, text?: string) =>
      part.trim() === '' ? '' : text === undefined || text.includes("'") ? part : `'${text}'`,
    );
}
