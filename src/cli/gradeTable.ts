import path from 'node:path';
import { exerciseOf } from '../common/handIn.js';
import { t } from '../common/l10n.js';
import type { Grade } from '../playground/grading.js';
import { visible } from './visible.js';

export const gradeFormats = ['text', 'csv', 'json'] as const;
export type GradeFormat = (typeof gradeFormats)[number];

/** A file that was handed in. */
export interface HandIn {
  student: string;
  /** The exercise's name. */
  exercise: string;
  file: string;
  /** What was written, where the file holds more than that. */
  text?: string;
}

export interface GradeRow extends HandIn {
  grade: Grade;
}

/**
 * Whose a file is, and which exercise: `kim-first-server.sockets`, `first-server_kim.sockets`, `kim/first-server.sockets`.
 * Undefined when its name holds no exercise's name.
 */
export function attribute(file: string, exercises: readonly string[]): HandIn | undefined {
  const name = path.basename(file, path.extname(file));
  const exercise = exerciseOf(name, exercises);
  if (exercise === undefined) {
    return undefined;
  }
  const at = name.indexOf(exercise);
  const rest = [name.slice(0, at), name.slice(at + exercise.length)]
    .map((part) => part.replace(/^[\s_.-]+|[\s_.-]+$/g, ''))
    .filter((part) => part !== '')
    .join(' ');
  return { student: rest || path.basename(path.dirname(path.resolve(file))), exercise, file };
}

/** Prints a line for each student and exercise: what was not handed in too. */
export function printGrades(
  rows: readonly GradeRow[],
  exercises: readonly string[],
  format: GradeFormat,
  print: (line: string) => void,
): void {
  const students = [...new Set(rows.map(({ student }) => student))].sort((a, b) => a.localeCompare(b));
  const results = students.flatMap((student) =>
    exercises.flatMap((exercise) => {
      const own = rows.filter((row) => row.student === student && row.exercise === exercise);
      return own.length > 0
        ? own.map(({ file, grade: { isPassed, held, checks, why } }) => ({
            student,
            exercise,
            result: isPassed ? 'passed' : 'failed',
            checks: `${held}/${checks}`,
            why,
            file,
          }))
        : [{ student, exercise, result: 'missing', checks: '', why: '', file: '' }];
    }),
  );
  switch (format) {
    case 'json':
      results.forEach((result) => print(JSON.stringify(result)));
      break;
    case 'csv':
      print('student,exercise,result,checks,why,file');
      results.forEach((result) => print(Object.values(result).map(csvCell).join(',')));
      break;
    case 'text':
      results.forEach(({ student, exercise, result, checks, why }) =>
        print(visible([student, exercise, resultText(result), checks, why].filter(Boolean).join('  '))),
      );
  }
}

function resultText(result: string): string {
  return { passed: t('passed'), failed: t('failed'), missing: t('missing') }[result] ?? result;
}

/** As RFC 4180 has it. A spreadsheet takes what begins with `=` for a formula: what students write is text. */
function csvCell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
