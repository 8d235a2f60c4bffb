import { constantValue, type Platform } from '../tables/constants.js';
import { askingRequest } from './arguments.js';
import type { CallStatement, Scenario } from './ast.js';
import { parameterOf } from './calls.js';
import type { Lesson } from './lesson.js';
import { expectations } from './match.js';

/** A call of a lesson, as it is told to who has not seen its answer yet. */
export interface LessonLineText {
  /** Index into the scenario's statements. */
  statement: number;
  /** Counted from 1. */
  line: number;
  thread: string;
  /** The call alone: `…` stands for what the kernel will write. */
  call: string;
  /** The call with what it says of what the kernel writes. */
  written: string;
  /** What is said above it. */
  note: string;
  /** What is said of its answer, above it or behind it. */
  answerNote: string;
  isAtOnce: boolean;
}

const remarkMark = /^(?:key|at once)(?:\s*:\s*(.*))?$/;

/** The calls of a lesson, without its pauses. */
export function lessonLines(scenario: Scenario, lesson: Lesson, platform: Platform): LessonLineText[] {
  const note = (statement: number, isAnswer: boolean) =>
    lesson.notes.find((each) => each.statement === statement && each.isAnswer === isAnswer)?.text ?? '';
  return scenario.statements.flatMap((each, statement): LessonLineText[] => {
    if (each.kind !== 'call') {
      return [];
    }
    const { line, thread } = each;
    const remark = remarkOf(scenario.text, each);
    return [
      {
        statement,
        line,
        thread,
        call: unansweredCall(scenario.text, each, platform),
        written: callText(scenario.text, each, new Set()),
        note: note(statement, false),
        answerNote: [note(statement, true), remark].filter((text) => text !== '').join(' '),
        isAtOnce: lesson.atOnce.includes(statement),
      },
    ];
  });
}

/** The call of a line as it is written, without anything that the kernel answers. */
function unansweredCall(text: string, statement: CallStatement, platform: Platform): string {
  const answered = expectations(statement, platform).flatMap((each) =>
    each.kind === 'argument' && !isGiven(statement, each.index, platform) ? [each.index] : [],
  );
  return callText(text, statement, new Set(answered));
}

function callText(text: string, statement: CallStatement, hidden: ReadonlySet<number>): string {
  const { name, args, targets } = statement;
  const last = args.findLastIndex((node) => node !== null);
  const written = args.slice(0, last + 1).map((node, index) => {
    if (node === null) {
      return '_';
    }
    return hidden.has(index) ? '…' : text.slice(node.range.start, node.range.end);
  });
  const given = targets.length > 0 ? `${targets.map((target) => target.name).join(', ')} = ` : '';
  return `${given}${name}(${written.join(', ')})`;
}

/** The argument of an ioctl or fcntl is given or written, as its request says. */
function isGiven({ name, args }: CallStatement, index: number, platform: Platform): boolean {
  const { type } = parameterOf(name, index);
  const request = args[1];
  const value =
    request?.kind === 'constant'
      ? constantValue(request.name, platform)
      : request?.kind === 'number'
        ? Number(request.value)
        : undefined;
  return (type === 'ioctlarg' || type === 'fcntlarg') && askingRequest(type, value, platform) === undefined;
}

/** The comment behind a call, but for marks. */
function remarkOf(text: string, { range }: CallStatement): string {
  const newline = text.indexOf('\n', range.end);
  const rest = text.slice(range.end, newline < 0 ? undefined : newline);
  const comment = /#\s*(.*?)\s*$/.exec(rest)?.[1] ?? '';
  const mark = remarkMark.exec(comment);
  return mark ? (mark[1] ?? '') : comment;
}
