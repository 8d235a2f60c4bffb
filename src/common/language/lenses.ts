import { isLesson } from '../notation/lesson.js';
import type { LanguageFile } from './file.js';
import { findSections } from './outline.js';

/** Something that can be done at a line, which stands above it. */
export type LensAction =
  | { kind: 'run' }
  /** Runs it with breakpoints and steps. */
  | { kind: 'debug' }
  | { kind: 'stop' }
  /** Opens it in the panel, to be gone through call by call. */
  | { kind: 'lesson' }
  /** Goes to a blank that is to be filled in. */
  | { kind: 'blanks'; count: number }
  /** Runs the checks of an exercise and writes the file for the teacher. */
  | { kind: 'handIn' }
  /** Runs the lines above. */
  | { kind: 'runTo'; last: number }
  /** Runs the lines above and stops before the line, counted from 1. */
  | { kind: 'debugTo'; line: number }
  /** Goes on where a run has ended. */
  | { kind: 'runFrom'; first: number }
  /** The workspace is not trusted: nothing runs. */
  | { kind: 'untrusted' }
  /** The file cannot run: it has errors. */
  | { kind: 'unrunnable'; count: number };

export interface Lens {
  /** Counted from 0. */
  line: number;
  action: LensAction;
}

/** What decides which lenses a file has. */
export interface LensState {
  isRunning: boolean;
  mayRun: boolean;
  /** Whether a run can go on at a line, counted from 1. */
  canGoOn: (line: number) => boolean;
}

/** The lenses of a file: on its first line for the whole, on each further section for what is above and what follows. */
export function lensesOf(file: LanguageFile, { isRunning, mayRun, canGoOn }: LensState): Lens[] {
  const { statements, diagnostics, blanks } = file.scenario;
  const sections = findSections(file);
  const [head] = sections;
  if (!head || (statements.length === 0 && diagnostics.length === 0)) {
    return [];
  }
  const top = (action: LensAction): Lens[] => [{ line: head.first, action }];
  if (isRunning) {
    return top({ kind: 'stop' });
  }
  if (!mayRun) {
    return top({ kind: 'untrusted' });
  }
  if (diagnostics.length > 0) {
    return top({ kind: 'unrunnable', count: diagnostics.length });
  }
  const { lesson } = file;
  const handIn = lesson.checks.length > 0 ? top({ kind: 'handIn' }) : [];
  if (blanks.length > 0) {
    return [...top({ kind: 'blanks', count: blanks.length }), ...handIn];
  }
  const firstCall = statements[0]!.line - 1;
  const parts = sections.filter(({ first, firstCall: own }) => own !== undefined && first > firstCall);
  return [
    ...top({ kind: 'run' }),
    ...top({ kind: 'debug' }),
    ...(isLesson(lesson) ? top({ kind: 'lesson' }) : []),
    ...handIn,
    ...parts.flatMap(({ first }): Lens[] => [
      { line: first, action: { kind: 'runTo', last: first } },
      { line: first, action: { kind: 'debugTo', line: first + 1 } },
      ...(canGoOn(first + 1)
        ? [{ line: first, action: { kind: 'runFrom', first: first + 1 } } as const]
        : []),
    ]),
  ];
}
