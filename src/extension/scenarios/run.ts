import path from 'node:path';
import type { Uri } from 'vscode';
import type { Emitter } from '../../common/event.js';
import { problemResult, resultOf, type LineResult } from '../../common/language/lineResults.js';
import { t } from '../../common/l10n.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import type { Scenario } from '../../common/notation/ast.js';
import type { ScenarioSummary } from '../../common/protocol/panel.js';
import { needText } from '../../playground/needs.js';
import type { Playground } from '../../playground/playground.js';
import type { Problem, ScenarioResult } from '../../playground/scenarioResult.js';
import { ScenarioRun } from '../../playground/scenarioRunner.js';
import type { ScenarioMemory } from '../../playground/scenarioScope.js';
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

/** What happens in runs, line by line; the document is named by its URI. */
export type RunEvent =
  /** @property lines Those that will run, counted from 1. */
  | { kind: 'begin'; document: string; lines: number[] }
  | { kind: 'line'; document: string; line: number; result: LineResult };

export interface RunRequest {
  uri: Uri;
  title: string;
  scenario: Scenario;
  /** The part that runs, where it is not the whole. */
  lines: { first: number; last: number };
  /** What an earlier part has left. */
  memory: ScenarioMemory;
  playground: Playground;
  calls: Calls;
  signal: AbortSignal;
  onStep: (step: number) => void;
  events: Emitter<RunEvent>;
}

/** How long a call may wait where the run ends at a line: what it waits for may come only behind it. */
const patienceMs = 2000;

/**
 * Runs a scenario; asks at the first call whose address can be reached from outside. Its sockets stay, to be
 * looked at, unless the answer is no.
 */
export async function runScenario(request: RunRequest): Promise<RunState> {
  const { uri, title, scenario, lines, memory, playground, calls, signal } = request;
  if (signal.aborted) {
    return { state: 'idle' };
  }
  const run = new ScenarioRun(playground, scenario, {
    name: title,
    folder: path.dirname(uri.fsPath),
    loopbackOnly: !calls.isAllowed,
    allowOutside: (text) => calls.confirm(`${title}: ${text}`),
    keepSockets: true,
    lines,
    memory,
    ...(Number.isFinite(lines.last) && { limits: { callMs: patienceMs } }),
  });
  const told = tellOf(run, request);
  const cancel = () => run.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return told.end(await run.run());
  } finally {
    told.dispose();
    signal.removeEventListener('abort', cancel);
  }
}

/** Tells what happens in a run, line by line, until it is disposed of. */
export function tellOf(
  run: ScenarioRun,
  {
    uri,
    scenario,
    lines,
    playground,
    onStep,
    events,
  }: Pick<RunRequest, 'uri' | 'scenario' | 'lines' | 'playground' | 'onStep' | 'events'>,
): Disposable & { end(result: ScenarioResult): RunState } {
  const running = scenario.statements.map(({ line }) => line);
  const document = uri.toString();
  events.fire({
    kind: 'begin',
    document,
    lines: running.filter((line) => line >= lines.first && line <= lines.last),
  });
  const store = new DisposableStore();
  store.add(run.onDidProgress(({ started }) => onStep(started)));
  store.add(
    run.onDidCheck(({ record, statement, mismatch }) => {
      const result = resultOf(statement, record, mismatch, playground.platform);
      events.fire({ kind: 'line', document, line: statement.line, result });
    }),
  );
  return {
    end(result) {
      for (const problem of 'problems' in result ? result.problems : []) {
        if (!('kind' in problem) || problem.kind !== 'expectation') {
          events.fire({ kind: 'line', document, line: problem.line, result: problemResult(problem.message) });
        }
      }
      return stateOf(result);
    },
    dispose: () => store.dispose(),
  };
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
