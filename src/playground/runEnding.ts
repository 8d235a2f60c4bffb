import { CallRefusedError, errorOf } from '../common/errors.js';
import { Emitter } from '../common/event.js';
import { t } from '../common/l10n.js';
import type { CallStatement, PauseStatement, Range } from '../common/notation/ast.js';
import { EvaluationError } from '../common/notation/evaluate.js';
import type { LineMap } from '../common/notation/lineMap.js';
import { describeFailure, HostGivenUpError, HostLostError } from './callHandle.js';
import type { RunHold } from './clocks.js';
import { ResolutionError } from './resolve.js';
import type { Problem, ScenarioResult } from './scenarioResult.js';
import { aborted } from './threads.js';

/** A call has no answer because the run ends. */
export class RunEnded extends Error {}

/** How a run ends: with its last line, at a problem, by a fault of ours, or because somebody wants it to. */
export class RunEnding {
  private readonly emitter = new Emitter<Problem>();
  private readonly controller = new AbortController();
  private readonly problems: Problem[] = [];
  private isStopped = false;
  private isCancelled = false;
  private fault: Error | undefined;

  readonly signal = this.controller.signal;
  readonly whenAborted = aborted(this.signal);
  /** Something ends the run before its end. */
  readonly onWillEnd = this.emitter.event;

  constructor(
    private readonly lines: LineMap,
    private readonly holding: RunHold,
  ) {}

  /** A problem that the run goes on after. */
  note(problem: Problem): void {
    this.problems.push(problem);
  }

  /** Ends the run at a problem, or at several of one cause; those that come of ending it are not told. */
  stop(...problems: readonly [Problem, ...Problem[]]): void {
    if (this.isStopped || this.isCancelled) {
      return;
    }
    this.isStopped = true;
    this.problems.push(...problems);
    this.emitter.fire(problems[0]);
    const { released } = this.holding;
    if (released) {
      // Somebody looks at what ends it.
      void released.then(() => this.abort());
    } else {
      this.abort();
    }
  }

  /** Ends a run that takes too long: names what it waits for. */
  stopLate(seconds: number, waiting: Iterable<CallStatement>, sleeping: Iterable<PauseStatement>): void {
    const limit = (message: string, range: Range): Problem => ({
      kind: 'limit',
      ...this.lines.diagnostic(message, range),
    });
    const [first, ...others] = [
      ...[...waiting].map(({ name, nameRange, thread }) =>
        limit(
          t('The run has not ended within {0} s: {1} in thread {2} still waits.', seconds, name, thread),
          nameRange,
        ),
      ),
      ...[...sleeping].map(({ range, thread }) =>
        limit(t('The run has not ended within {0} s: thread {1} still sleeps.', seconds, thread), range),
      ),
    ];
    this.stop(
      first ?? limit(t('The run has not ended within {0} s.', seconds), { start: 0, end: 0 }),
      ...others,
    );
  }

  stopBy(error: unknown, statement: CallStatement): void {
    if (error instanceof RunEnded) {
      return;
    }
    const problem = this.problemOf(error, statement);
    if (problem) {
      this.stop(problem);
    } else {
      this.fault ??= errorOf(error);
      this.abort();
    }
  }

  cancel(): void {
    this.isCancelled = true;
    this.abort();
  }

  /** Nothing goes on from here. */
  abort(): void {
    this.controller.abort();
  }

  /** @throws the fault of ours that has ended the run. */
  result(callCount: number): ScenarioResult {
    if (this.fault) {
      throw this.fault;
    }
    const { problems } = this;
    if (this.isCancelled) {
      return { outcome: 'cancelled', callCount };
    }
    if (this.isStopped) {
      return { outcome: 'stopped', callCount, problems };
    }
    return problems.length > 0 || callCount === 0
      ? { outcome: 'failed', callCount, problems }
      : { outcome: 'passed', callCount };
  }

  private problemOf(error: unknown, statement: CallStatement): Problem | undefined {
    if (error instanceof EvaluationError) {
      return { kind: 'call', ...this.lines.diagnostic(error.message, error.range) };
    }
    if (error instanceof CallRefusedError) {
      const { argument, message, reason } = error.refusal;
      const range = (argument === null ? null : statement.args[argument]?.range) ?? statement.nameRange;
      return {
        kind: reason === 'limit' ? 'limit' : 'call',
        reason,
        ...this.lines.diagnostic(message, range),
      };
    }
    const isOfHost = error instanceof HostLostError || error instanceof HostGivenUpError;
    if (error instanceof ResolutionError || isOfHost) {
      return { kind: 'call', ...this.lines.diagnostic(describeFailure(error), statement.nameRange) };
    }
    return undefined;
  }
}
