import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import type { Call, CallRecord } from '../common/call.js';
import { CallRefusedError, refusalOf } from '../common/errors.js';
import { Emitter } from '../common/event.js';
import { t } from '../common/l10n.js';
import {
  callCount,
  type CallStatement,
  type PauseStatement,
  type Scenario,
  type Statement,
} from '../common/notation/ast.js';
import { EvaluationError } from '../common/notation/evaluate.js';
import { LineMap } from '../common/notation/lineMap.js';
import type { Mismatch } from '../common/notation/match.js';
import { receivedNames } from '../common/notation/variables.js';
import type { SocketId } from '../common/socket.js';
import { type CallHandle, type CallOptions, describeFailure, HostLostError } from './callHandle.js';
import { Clocks, RunHold } from './clocks.js';
import { unmetNeed } from './needs.js';
import type { Playground } from './playground.js';
import { ResolutionError } from './resolve.js';
import { PendingNames } from './pendingNames.js';
import type { Problem, ScenarioResult } from './scenarioResult.js';
import { CallLimits, defaultLimits, type ScenarioLimits } from './scenarioLimits.js';
import { ScenarioMemory, ScenarioScope } from './scenarioScope.js';
import { aborted, type Conductor, runThreads, type StepStart } from './threads.js';

export interface ScenarioOptions {
  /** What the records call their maker. */
  name: string;
  /** The folder that file names in the scenario are relative to. */
  folder: string;
  /** Refuse addresses that are not on this machine's loopback. */
  loopbackOnly?: boolean;
  /**
   * Asked about the first call that is refused for such an address, with its text: true makes it and those that follow,
   * false ends the run and closes the sockets that it has made. The time until the answer is not the run's.
   */
  allowOutside?: (text: string) => Promise<boolean>;
  /** Leave the sockets that are open at the end, to be looked at. Otherwise they are closed, by real calls. */
  keepSockets?: boolean;
  limits?: Partial<ScenarioLimits>;
  /** Only the lines from the first to the last, counted from 1. What the lines before gave is in the memory. */
  lines?: { first: number; last: number };
  /** Goes on with what an earlier run has left, and leaves its own there: its socket files stay too. */
  memory?: ScenarioMemory;
}

/** A record of the run, and the statement that it belongs to; calls inside its expressions belong to it too. */
export interface ScenarioRecord {
  record: CallRecord;
  /** The call as it was made, its data whole. */
  call: Call;
  statement: CallStatement;
}

/** The call of a line has returned and was compared with what the line says. */
export interface ScenarioCheck {
  record: CallRecord;
  statement: CallStatement;
  /** The first difference; null where everything is as expected. */
  mismatch: Mismatch | null;
}

/** The call of a line, or one inside its expressions, waits. */
export interface ScenarioWait {
  seq: number;
  call: Call;
  statement: CallStatement;
}

export interface ScenarioProgress {
  /** Calls started so far, and calls in the file, those inside expressions too. */
  started: number;
  total: number;
  statement: CallStatement;
}

/** How long the end of a run waits for answers, in ms. */
const patience = 1000;

/** A call inside an expression has no answer because the run ends. */
class RunEnded extends Error {}

/** One run of a scenario. */
export class ScenarioRun {
  private readonly recordEmitter = new Emitter<ScenarioRecord>();
  private readonly progressEmitter = new Emitter<ScenarioProgress>();
  private readonly checkEmitter = new Emitter<ScenarioCheck>();
  private readonly willStartEmitter = new Emitter<Statement>();
  private readonly startEmitter = new Emitter<Statement>();
  private readonly waitEmitter = new Emitter<ScenarioWait>();
  private readonly finishEmitter = new Emitter<Statement>();
  private readonly stallEmitter = new Emitter<void>();
  private readonly problemEmitter = new Emitter<Problem>();
  private readonly controller = new AbortController();
  private readonly whenAborted = aborted(this.controller.signal);
  private readonly problems: Problem[] = [];
  private readonly lines: LineMap;
  private readonly scope: ScenarioScope;
  private readonly limits: CallLimits;
  private readonly clocks = new Clocks();
  private readonly memory: ScenarioMemory;
  private readonly statements: readonly Statement[];
  private readonly names: PendingNames;
  private readonly waiting = new Map<number, CallStatement>();
  private readonly sleeping = new Set<PauseStatement>();
  private readonly returns = new Set<Promise<unknown>>();
  /** Lines whose call has been answered and that are not yet done with. */
  private readonly finishing = new Set<Promise<void>>();
  private readonly total: number;
  /** While somebody holds the run. */
  private readonly holding = new RunHold(this.clocks);
  private readonly passedOver = new Set<Statement>();
  private readonly made = new Set<SocketId>();
  /** The line that is being started. */
  private starting: Promise<unknown> = Promise.resolve();
  private started = 0;
  private isStopped = false;
  private fault: Error | undefined;
  private isCancelled = false;
  private isOutsideAllowed: boolean;
  private isOutsideDenied = false;
  /** How often the run was held. */
  private holdCount = 0;

  /** A call of the run has returned or was cancelled. */
  readonly onDidRecord = this.recordEmitter.event;
  /** The call of a line has its answer. */
  readonly onDidCheck = this.checkEmitter.event;
  /** A call is started. */
  readonly onDidProgress = this.progressEmitter.event;
  /** A line is about to be started. Whoever listens may {@link hold} the run; then it is told of again. */
  readonly onWillStart = this.willStartEmitter.event;
  readonly onDidStart = this.startEmitter.event;
  /** The call of a line waits. */
  readonly onDidWait = this.waitEmitter.event;
  /** A line is done with: its thread can go on. */
  readonly onDidFinish = this.finishEmitter.event;
  /** Every call that was made waits, and no line can start until one of them is done with. */
  readonly onDidStall = this.stallEmitter.event;
  /** Something ends the run before its end. Whoever listens may {@link hold} the run until then. */
  readonly onWillEnd = this.problemEmitter.event;

  constructor(
    private readonly playground: Playground,
    private readonly scenario: Scenario,
    private readonly options: ScenarioOptions,
  ) {
    this.lines = new LineMap(scenario.text);
    this.isOutsideAllowed = !options.loopbackOnly;
    this.memory = options.memory ?? new ScenarioMemory();
    const { first = 1, last = Infinity } = options.lines ?? {};
    this.statements = scenario.statements.filter(({ line }) => line >= first && line <= last);
    this.names = new PendingNames(this.statements);
    this.limits = new CallLimits({ ...defaultLimits, ...options.limits });
    this.total = callCount(this.statements);
    this.scope = new ScenarioScope(this.memory, options.folder, playground, async (call, statement) => {
      // Every expression of a run belongs to a line.
      const { returned } = await this.perform(call, statement!);
      const record = await returned;
      if (record?.status !== 'returned') {
        throw new RunEnded();
      }
      return record;
    });
  }

  /** Runs it once. Rejects only by a fault of ours; whatever the kernel or the file does is a result. */
  async run(): Promise<ScenarioResult> {
    const { diagnostics, blanks, needs } = this.scenario;
    const { statements } = this;
    const open = blanks.map((range) => this.lines.diagnostic(t('This blank is still open.'), range));
    if (diagnostics.length + open.length > 0) {
      const problems = [...diagnostics, ...open].sort((a, b) => a.range.start - b.range.start);
      return { outcome: 'invalid', problems };
    }
    const need = unmetNeed(needs);
    if (need) {
      return { outcome: 'skipped', need };
    }
    const stopClock = this.clocks.start(this.limits.runMs, () => this.stopLate());
    try {
      if (await this.startHost(statements)) {
        await this.runStatements(statements);
      }
    } finally {
      stopClock();
      await this.cleanUp();
    }
    return this.result();
  }

  /**
   * Takes a call that was made elsewhere for that of a line: its names get their values. Resolves with the first
   * difference to what the line expects.
   */
  adopt(statement: CallStatement, record: CallRecord): Promise<Mismatch | undefined> {
    return this.scope.take({ ...statement, time: null }, record);
  }

  /** Ends the run; what waits is cancelled. */
  cancel(): void {
    this.isCancelled = true;
    this.controller.abort();
    this.release();
  }

  /**
   * Starts no further line until {@link release}; time limits and `sleep` stand still meanwhile. What waits in the kernel
   * goes on waiting, and may be answered.
   */
  hold(): void {
    if (!this.holding.released) {
      this.holdCount++;
      this.holding.begin();
    }
  }

  release(): void {
    this.holding.end();
  }

  /** A line that has not started yet is not made. */
  passOver(statement: Statement): void {
    this.passedOver.add(statement);
  }

  /** Resolves when no line is being started: its call has returned, or waits. */
  async whenStarted(): Promise<void> {
    await this.starting;
  }

  /** The lines that have yet to give a value to a name in this one. */
  giversOf(statement: CallStatement): readonly CallStatement[] {
    return this.names.giversOf(statement).filter((giver) => !this.names.isFinished(giver));
  }

  /** The time that a host takes to start is not the first call's. False when there is nothing to run on. */
  private async startHost(statements: readonly Statement[]): Promise<boolean> {
    const first = statements.find((statement) => statement.kind === 'call');
    const { signal } = this.controller;
    if (first) {
      try {
        await Promise.race([this.playground.start(), this.whenAborted]);
      } catch (error) {
        this.stopBy(error, first);
      }
    }
    return !signal.aborted;
  }

  private async runStatements(statements: readonly Statement[]): Promise<void> {
    const conductor: Conductor<Statement> = {
      start: (statement) => {
        const start = this.start(statement);
        this.starting = start;
        return start;
      },
      held: (statement) => {
        if (!this.holding.released) {
          this.willStartEmitter.fire(statement);
        }
        return this.holding.released;
      },
      isReady: (statement) => statement.kind !== 'call' || this.names.isReady(statement),
      settle: () => this.settle(),
      noteStall: () => {
        // A thread that sleeps goes on by itself.
        if (this.sleeping.size === 0) {
          this.stallEmitter.fire();
        }
      },
    };
    await runThreads(statements, conductor, this.controller.signal);
    // Somebody may look at what the last line has come to.
    await Promise.race([this.holding.released, this.whenAborted]);
  }

  private async start(statement: Statement): Promise<StepStart> {
    this.startEmitter.fire(statement);
    if (this.passedOver.has(statement)) {
      if (statement.kind === 'call') {
        this.names.finish(statement);
      }
      this.finishEmitter.fire(statement);
      return undefined;
    }
    switch (statement.kind) {
      case 'call':
        return this.startCall(statement);
      case 'sleep':
      case 'timeout':
        return this.pause(statement);
      case 'blank':
        // Its blank is open, so the run has not begun.
        return undefined;
    }
  }

  private async startCall(statement: CallStatement): Promise<StepStart> {
    let call;
    const { holdCount } = this;
    try {
      call = await this.scope.evaluate(statement);
    } catch (error) {
      this.stopBy(error, statement);
      return undefined;
    }
    const { answered, returned, isWaiting } = await this.perform(call, statement);
    const finished = returned
      .then((record) => (record ? this.finish(statement, record, holdCount) : undefined))
      .finally(() => {
        this.finishing.delete(finished);
        this.names.finish(statement);
        this.finishEmitter.fire(statement);
      });
    void answered.then(() => this.finishing.add(finished));
    if (isWaiting) {
      return { wait: finished };
    }
    await finished;
    return undefined;
  }

  /**
   * Makes a call of the file, or one inside its expressions. `returned` resolves with the record once that is taken
   * over, with undefined when the run ends before it; `answered` as soon as it has come. Neither rejects.
   */
  private async perform(
    call: Call,
    statement: CallStatement,
  ): Promise<{
    isWaiting: boolean;
    answered: Promise<unknown>;
    returned: Promise<CallRecord | undefined>;
  }> {
    const excess = this.limits.add(call);
    if (excess !== undefined) {
      this.stop({ kind: 'limit', ...this.lines.diagnostic(excess, statement.nameRange) });
      const nothing = Promise.resolve(undefined);
      return { isWaiting: false, answered: nothing, returned: nothing };
    }
    this.started++;
    this.progressEmitter.fire({ started: this.started, total: this.total, statement });
    const { thread } = statement;
    const handle = this.make(call, statement);
    const stopClock = this.clocks.start(this.timeoutOf(thread), () => this.stopWaiting(statement));
    let isOver = false;
    const answered = handle.returned.catch(() => undefined);
    const returned = handle.returned
      .finally(() => {
        isOver = true;
      })
      .then((record) => this.note(record, call, statement))
      .catch((error: unknown) => {
        this.stopBy(error, statement);
        return undefined;
      })
      .finally(() => {
        stopClock();
        this.returns.delete(returned);
      });
    this.returns.add(returned);
    const start = await handle.started.catch(() => undefined);
    if (start?.kind !== 'waiting') {
      return { isWaiting: false, answered, returned };
    }
    if (!isOver) {
      this.waiting.set(start.seq, statement);
      this.waitEmitter.fire({ seq: start.seq, call, statement });
      if (this.controller.signal.aborted) {
        await this.playground.cancel(start.seq);
      }
    }
    return { isWaiting: true, answered, returned };
  }

  private make(call: Call, statement: CallStatement): CallHandle {
    const options: CallOptions = {
      thread: statement.thread,
      madeBy: this.options.name,
      ...socketName(call, statement),
    };
    if (this.isOutsideAllowed) {
      return this.playground.call(call, options);
    }
    const first = this.playground.call(call, { ...options, loopbackOnly: true });
    const { allowOutside } = this.options;
    if (!allowOutside) {
      return first;
    }
    const made = first.started.then(
      () => first,
      async (error: unknown) => {
        if (refusalOf(error)?.reason !== 'not-loopback') {
          return first;
        }
        const { start, end } = statement.range;
        await this.ask(allowOutside(this.scenario.text.slice(start, end)));
        return this.playground.call(call, options);
      },
    );
    return {
      started: made.then(({ started }) => started),
      returned: made.then(({ returned }) => returned),
    };
  }

  /** Resolves when addresses that others can reach are allowed; ends the run when they are not. */
  private async ask(answer: Promise<boolean>): Promise<void> {
    const { signal } = this.controller;
    const isAllowed = await this.clocks.hold(Promise.race([answer, this.whenAborted]));
    if (signal.aborted) {
      throw new RunEnded();
    }
    if (!isAllowed) {
      this.isOutsideDenied = true;
      this.cancel();
      throw new RunEnded();
    }
    this.isOutsideAllowed = true;
  }

  /** Until it is known which waits the calls so far have ended: a call on loopback that would sleep for no time has not waited. */
  private async settle(): Promise<void> {
    if (this.waiting.size > 0) {
      await this.playground.settle();
    }
    // Answers that have come go through several promises before their line is known to be answered.
    await nextTurn();
    await Promise.all(this.finishing);
  }

  /** Takes a returned call over, and tells of it. */
  private async note(record: CallRecord, call: Call, statement: CallStatement): Promise<CallRecord> {
    this.waiting.delete(record.seq);
    this.limits.addDescriptors(record.createdIds.length);
    for (const id of record.createdIds) {
      this.made.add(id);
      this.memory.sockets.add(id);
    }
    await this.memory.files.note(record);
    this.recordEmitter.fire({ record, call, statement });
    return record;
  }

  /**
   * The call of a line has returned: gives names their values, then compares with what the line expects.
   * @param holdCount What it was when the call was made.
   */
  private async finish(statement: CallStatement, record: CallRecord, holdCount: number): Promise<void> {
    if (record.status !== 'returned') {
      return;
    }
    const wasHeldUp = this.holdCount > holdCount;
    try {
      const mismatch = await this.scope.take(wasHeldUp ? { ...statement, time: null } : statement, record);
      this.checkEmitter.fire({ record, statement, mismatch: mismatch ?? null });
      if (mismatch) {
        const { expected, got, range } = mismatch;
        const message = t('Expected {0}, got {1}', expected, got);
        this.problems.push({
          kind: 'expectation',
          ...this.lines.diagnostic(message, range),
          expected,
          got,
        });
      }
    } catch (error) {
      this.stopBy(error, statement);
    }
  }

  private pause(statement: PauseStatement): StepStart {
    const { kind, seconds, thread } = statement;
    if (kind === 'timeout') {
      this.memory.timeouts.set(thread, seconds * 1000);
      this.finishEmitter.fire(statement);
      return undefined;
    }
    const { signal } = this.controller;
    this.sleeping.add(statement);
    const wait = new Promise<void>((resolve) => {
      const end = () => {
        stopClock();
        signal.removeEventListener('abort', end);
        this.sleeping.delete(statement);
        this.finishEmitter.fire(statement);
        resolve();
      };
      const stopClock = this.clocks.start(seconds * 1000, end);
      signal.addEventListener('abort', end);
    });
    return { wait };
  }

  private timeoutOf(thread: string): number {
    return this.memory.timeouts.get(thread) ?? this.limits.callMs;
  }

  /** A call has waited for too long. */
  private stopWaiting({ name, nameRange, thread }: CallStatement): void {
    const seconds = this.timeoutOf(thread) / 1000;
    const message = t('{0} in thread {1} has not returned within {2} s.', name, thread, seconds);
    this.stop({ kind: 'limit', ...this.lines.diagnostic(message, nameRange) });
  }

  /** The run takes too long: names what it waits for. */
  private stopLate(): void {
    const seconds = this.limits.runMs / 1000;
    const problems = [
      ...[...this.waiting.values()].map(({ name, nameRange, thread }) =>
        this.lines.diagnostic(
          t('The run has not ended within {0} s: {1} in thread {2} still waits.', seconds, name, thread),
          nameRange,
        ),
      ),
      ...[...this.sleeping].map(({ range, thread }) =>
        this.lines.diagnostic(
          t('The run has not ended within {0} s: thread {1} still sleeps.', seconds, thread),
          range,
        ),
      ),
    ];
    if (problems.length === 0) {
      const message = t('The run has not ended within {0} s.', seconds);
      problems.push(this.lines.diagnostic(message, { start: 0, end: 0 }));
    }
    const late = problems.map((problem): Problem => ({ kind: 'limit', ...problem }));
    this.problems.push(...late);
    this.isStopped = true;
    this.endAfter(late[0]!);
  }

  private stopBy(error: unknown, statement: CallStatement): void {
    if (error instanceof RunEnded) {
      return;
    }
    const problem = this.problemOf(error, statement);
    if (problem) {
      this.stop(problem);
    } else {
      this.fault ??= error instanceof Error ? error : new Error(String(error));
      this.controller.abort();
    }
  }

  /** Ends the run at a problem; those that come of ending it are not told. */
  private stop(problem: Problem): void {
    if (!this.isStopped && !this.isCancelled) {
      this.isStopped = true;
      this.problems.push(problem);
      this.endAfter(problem);
    }
  }

  /** Ends the run, once nobody holds it any more to look at what ends it. */
  private endAfter(problem: Problem): void {
    this.problemEmitter.fire(problem);
    const { released } = this.holding;
    if (released) {
      void released.then(() => this.controller.abort());
    } else {
      this.controller.abort();
    }
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
    if (error instanceof ResolutionError || error instanceof HostLostError) {
      return { kind: 'call', ...this.lines.diagnostic(describeFailure(error), statement.nameRange) };
    }
    return undefined;
  }

  private async cleanUp(): Promise<void> {
    this.controller.abort();
    const cancelled = [...this.waiting.keys()].map((seq) => this.playground.cancel(seq));
    // A host that does not answer any more keeps nobody waiting.
    await Promise.race([
      Promise.all([...cancelled, ...this.returns]),
      delay(patience, undefined, { ref: false }),
    ]);
    if (!this.options.memory) {
      await this.memory.files.remove();
    }
    const { keepSockets, name } = this.options;
    if (!keepSockets || this.isOutsideDenied) {
      await this.playground.close(keepSockets ? this.made : this.memory.sockets, { madeBy: name });
    }
  }

  private result(): ScenarioResult {
    if (this.fault) {
      throw this.fault;
    }
    const { callCount } = this.limits;
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
}

/** The names of the sockets that the call of a statement makes; calls inside its expressions make none. */
export function socketName(call: Call, statement: CallStatement): { socketName?: string[] } {
  const { name, targets } = statement;
  const names = targets.length > 0 ? targets : receivedNames(statement);
  return call.name === name && names.length > 0 ? { socketName: names.map((each) => each.name) } : {};
}
