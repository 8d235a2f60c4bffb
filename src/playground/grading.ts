import { t } from '../common/l10n.js';
import type { Check } from '../common/notation/lesson.js';
import { parseScenario } from '../common/notation/parser.js';
import { needText } from './needs.js';
import { runInOwnHost } from './ownHostRun.js';
import type { ScenarioResult } from './scenarioResult.js';

/** Time for what is handed in, with its checks, in ms. */
const runMs = 20_000;
/** Time for each call of a check, in s: what it asks for is there, or is not. */
const checkSeconds = 1;

/** What an exercise that was handed in is worth. */
export interface Grade {
  isPassed: boolean;
  /** How many checks held. */
  held: number;
  checks: number;
  /** Where it first went otherwise; empty when it did not. */
  why: string;
}

export interface GradingRequest {
  /** What was handed in: a scenario. */
  text: string;
  /** Of the exercise as it was given out, never of what was handed in. */
  checks: readonly Check[];
  /** The folder that file names in it are relative to. */
  folder: string;
  hostPath: string;
  signal: AbortSignal;
}

/**
 * Runs what was handed in, then the checks of its exercise on the sockets that it has left. Only the checks count: another
 * way to the same end passes too. It stays on loopback.
 */
export async function gradeHandIn({
  text,
  checks,
  folder,
  hostPath,
  signal,
}: GradingRequest): Promise<Grade> {
  const own = text.endsWith('\n') ? text : `${text}\n`;
  // The checks begin a line below: behind the one that sets their time.
  const firstCheck = own.split('\n').length + 1;
  const scenario = parseScenario(
    [own, `timeout(${checkSeconds})\n`, ...checks.map(({ call }) => `${call}\n`)].join(''),
  );
  const made = new Set<number>();
  const result = await runInOwnHost({
    hostPath,
    scenario,
    options: { name: 'grade', folder, loopbackOnly: true, limits: { runMs } },
    signal,
    onRecord: ({ record, statement }) => {
      if (record.status === 'returned' && statement.line >= firstCheck) {
        made.add(statement.line);
      }
    },
  });
  const problems = 'problems' in result ? result.problems : [];
  problems.forEach(({ line }) => made.delete(line));
  const why = whyNot(result, checks, firstCheck);
  return { isPassed: why === '', held: made.size, checks: checks.length, why };
}

/** Why what was handed in has not passed; empty where it has. */
function whyNot(result: ScenarioResult, checks: readonly Check[], firstCheck: number): string {
  if (result.outcome === 'skipped') {
    return needText(result.need);
  }
  const problems = 'problems' in result ? result.problems : [];
  const isOwnExpectation = (problem: (typeof problems)[number]) =>
    problem.line < firstCheck && 'kind' in problem && problem.kind === 'expectation';
  const first = problems.find((problem) => !isOwnExpectation(problem));
  if (!first) {
    // Its own expectations do not count.
    return result.outcome === 'passed' || problems.length > 0 ? '' : t('It makes no call.');
  }
  const check = checks[first.line - firstCheck];
  return check
    ? t('Check {0}: {1}', check.call, first.message)
    : t('Line {0}: {1}', first.line, first.message);
}
