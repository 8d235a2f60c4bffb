import path from 'node:path';
import type { Uri } from 'vscode';
import { t } from '../../common/l10n.js';
import type { Scenario } from '../../common/notation/ast.js';
import type { ScenarioSummary } from '../../common/protocol/panel.js';
import { needText } from '../../playground/needs.js';
import type { Playground } from '../../playground/playground.js';
import type { Problem, ScenarioResult } from '../../playground/scenarioResult.js';
import { ScenarioRun } from '../../playground/scenarioRunner.js';
import type { Calls } from '../commands/calls.js';

/** How a scenario's last run stands. */
export interface RunState {
  state: ScenarioSummary['state'];
  /** The call that runs, counted from 1. */
  step?: number;
  /** Where it did not go as the file says. */
  line?: number;
  message?: string;
}

export interface RunRequest {
  uri: Uri;
  title: string;
  scenario: Scenario;
  playground: Playground;
  calls: Calls;
  signal: AbortSignal;
  onStep: (step: number) => void;
}

/**
 * Runs a scenario; asks at the first call whose address can be reached from outside. Its sockets stay, to be
 * looked at, unless the answer is no.
 */
export async function runScenario({
  uri,
  title,
  scenario,
  playground,
  calls,
  signal,
  onStep,
}: RunRequest): Promise<RunState> {
  if (signal.aborted) {
    return { state: 'idle' };
  }
  const run = new ScenarioRun(playground, scenario, {
    name: title,
    folder: path.dirname(uri.fsPath),
    loopbackOnly: !calls.isAllowed,
    allowOutside: ({ line }) => calls.confirm(`${title}: ${lineOf(scenario, line)}`),
    keepSockets: true,
  });
  const subscription = run.onDidProgress(({ started }) => onStep(started));
  const cancel = () => run.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return stateOf(await run.run());
  } finally {
    subscription.dispose();
    signal.removeEventListener('abort', cancel);
  }
}

function lineOf({ text }: Scenario, line: number): string {
  return text.split('\n')[line - 1]?.trim() ?? '';
}

function stateOf(result: ScenarioResult): RunState {
  switch (result.outcome) {
    case 'passed':
      return { state: 'passed' };
    case 'cancelled':
      return { state: 'idle' };
    case 'skipped':
      return { state: 'failed', message: needText(result.need) };
    case 'invalid': {
      const [first] = result.problems;
      return { state: 'failed', ...(first && { line: first.line, message: first.message }) };
    }
    case 'failed':
    case 'stopped': {
      const [first] = result.problems;
      return first
        ? { state: 'failed', line: first.line, message: messageOf(first) }
        : { state: 'failed', message: t('It makes no call.') };
    }
  }
}

function messageOf(problem: Problem): string {
  return problem.kind === 'expectation'
    ? t('Expected {0}, got {1}', problem.expected, problem.got)
    : problem.message;
}
