import { t } from '../common/l10n.js';
import type { Diagnostic } from '../common/notation/ast.js';
import type { Problem, ScenarioResult } from '../playground/scenarioResult.js';

/** What became of one file. */
export interface FileOutcome {
  /** As the user wrote it. */
  name: string;
  /** The file could not be read. */
  unreadable?: Failure;
  result?: ScenarioResult;
  /** The capture could not be written. */
  isCaptureLost?: boolean;
  seconds: number;
}

/** Writes what became of files in a form that other programs read. */
export interface TestReport {
  begin(count: number): void;
  /** Called for the files in their order. */
  add(outcome: FileOutcome): void;
  end(): void;
}

export type Print = (line: string) => void;

/** One thing that went wrong, for a report. */
export interface Failure {
  message: string;
  line?: number;
  column?: number;
  expected?: string;
  got?: string;
}

/** What went wrong with a file; none where nothing did. */
export function failuresOf({ unreadable, result }: FileOutcome): Failure[] {
  if (unreadable) {
    return [unreadable];
  }
  switch (result?.outcome) {
    case 'failed':
    case 'stopped':
      return result.problems.length > 0 ? result.problems.map(failureOf) : [{ message: t('No call ran.') }];
    case 'invalid':
      return result.problems.map(failureOf);
    case 'cancelled':
      return [{ message: t('The run was ended before its end.') }];
    default:
      return [];
  }
}

function failureOf(problem: Problem | Diagnostic): Failure {
  const { message, line, column } = problem;
  return 'kind' in problem && problem.kind === 'expectation'
    ? { message, line, column, expected: problem.expected, got: problem.got }
    : { message, line, column };
}

/** Why a file was not run; undefined where it was. */
export function skipOf({ result }: FileOutcome): string | undefined {
  return result?.outcome === 'skipped' ? t('needs {0}', result.need) : undefined;
}
