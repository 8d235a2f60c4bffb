import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CallRecord } from '../common/call.js';
import { Emitter } from '../common/event.js';
import { t } from '../common/l10n.js';
import {
  callCount,
  type CallStatement,
  type PauseStatement,
  type Scenario,
  type Statement,
} from '../common/notation/ast.js';
import { LineMap } from '../common/notation/lineMap.js';
import type { Mismatch } from '../common/notation/match.js';
import { Clocks, RunHold } from './clocks.js';
import { unmetNeed } from './needs.js';
import type { Playground } from './playground.js';
import { PendingNames } from './pendingNames.js';
import { type CallElsewhere, RunCalls, type RunCallsOptions, type StartedCall } from './runCalls.js';
import { RunEnded, RunEnding } from './runEnding.js';
import type { ScenarioResult } from './scenarioResult.js';
import { CallLimits, defaultLimits, type ScenarioLimits } from './scenarioLimits.js';
import { ScenarioMemory, ScenarioScope } from './scenarioScope.js';
import { Sleeps } from './sleeps.js';
import { type Conductor, runThreads, type StepStart } from './threads.js';

/** How a scenario is run. */
export interface ScenarioOptions extends RunCallsOptions {
  /** The folder that file names in the scenario are relative to. */
  folder: string;
  /** Leave the sockets that are open at the end, to be looked at. Otherwise they are closed, by real calls. */
  keepSockets?: boolean;
  limits?: Partial<ScenarioLimits>;
  /** Only the lines from the first to the last, counted from 1. What the lines before gave is in the memory. */
  lines?: { first: number; last: number };
  /** Goes on with what an earlier run has left, and leaves its own there: its socket files stay too. */
  memory?: ScenarioMemory;
}

/** The call of a line has returned and was compared with what the line says. */
export interface ScenarioCheck {
  record: CallRecord;
  statement: CallStatement;
  /** The first difference; null where everything is as expected. */
  mismatch: Mismatch | null;
}

export interface ScenarioProgress {
  /** Calls started so far, and calls in the file, those inside expressions too. */
  started: number;
  total: number;
  statement: CallStatement;
}

/** One run of a scenario. */
export class ScenarioRun {
  private readonly progressEmitter = new Emitter<ScenarioProgress>();
  private readonly checkEmitter = new Emitter<ScenarioCheck>();
  private readonly willStartEmitter = new Emitter<Statement>();
  private readonly startEmitter = new Emitter<Statement>();
  private readonly finishEmitter = new Emitter<Statement>();
  private readonly stallEmitter = new Emitter<void>();
  private readonly lines: LineMap;
  private readonly scope: ScenarioScope;
  private readonly ending: RunEnding;
  private readonly calls: RunCalls;
  private readonly limits: CallLimits;
  private readonly clocks = new Clocks();
  private readonly memory: ScenarioMemory;
  private readonly statements: readonly Statement[];
  private readonly names: PendingNames;
  private readonly sleeps: Sleeps;
  /** Lines whose call has been answered and that are not yet done with. */
  private readonly finishing = new Set<Promise<void>>();
  private readonly total: number;
  /** While somebody holds the run. */
  private readonly holding = new RunHold(this.clocks);
  private readonly passedOver = new Set<Statement>();
  private readonly standIns = new Map<Statement, CallElsewhere>();
  /** The line that is being started. */
  private starting: Promise<unknown> = Promise.resolve();
  private started = 0;
  /** How often the run was held. */
  private holdCount = 0;

  /** A call of the run has returned or was cancelled. */
  readonly onDidRecord: RunCalls['onDidRecord'];
  /** The call of a line has its answer. */
  readonly onDidCheck = this.checkEmitter.event;
  /** A call is started. */
  readonly onDidProgress = this.progressEmitter.event;
  /** A line is about to be started. Whoever listens may {@link hold} the run; then it is told of again. */
  readonly onWillStart = this.willStartEmitter.event;
  readonly onDidStart = this.startEmitter.event;
  /** The call of a line waits. */
  readonly onDidWait: RunCalls['onDidWait'];
  /** A line is done with: its thread can go on. */
  readonly onDidFinish = this.finishEmitter.event;
  /** Every call that was made waits, and no line can start until one of them is done with. */
  readonly onDidStall = this.stallEmitter.event;
  /** Something ends the run before its end. Whoever listens may {@link hold} the run until then. */
  readonly onWillEnd: RunEnding['onWillEnd'];

  constructor(
    private readonly playground: Playground,
    private readonly scenario: Scenario,
    private readonly options: ScenarioOptions,
  ) {
    this.lines = new LineMap(scenario.text);
    this.memory = options.memory ?? new ScenarioMemory();
    const { first = 1, last = Infinity } = options.lines ?? {};
    this.statements = scenario.statements.filter(({ line }) => line >= first && line <= last);
    this.names = new PendingNames(this.statements);
    this.limits = new CallLimits({ ...defaultLimits, ...options.limits });
    this.total = callCount(this.statements);
    const { lines, memory, limits, clocks, holding } = this;
    const ending = new RunEnding(lines, holding);
    this.ending = ending;
    this.sleeps = new Sleeps(clocks, ending.signal);
    this.calls = new RunCalls(playground, options, { scenario, lines, memory, limits, clocks, ending });
    this.onDidRecord = this.calls.onDidRecord;
    this.onDidWait = this.calls.onDidWait;
    this.onWillEnd = ending.onWillEnd;
    this.calls.onDidStart((statement) => {
      this.started++;
      this.progressEmitter.fire({ started: this.started, total: this.total, statement });
    });
    this.scope = new ScenarioScope(this.memory, options.folder, playground, async (call, statement) => {
      // Every expression of a run belongs to a line.
      const { returned } = await this.calls.perform(call, statement!);
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
    let stopClock = () => {};
    try {
      if (await this.startHost(statements)) {
        stopClock = this.clocks.start(this.limits.runMs, () =>
          this.ending.stopLate(this.limits.runMs / 1000, this.calls.waiting, this.sleeps.statements),
        );
        await this.runStatements(statements);
      }
    } finally {
      stopClock();
      await this.cleanUp();
    }
    return this.ending.result(this.limits.callCount);
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
    this.ending.cancel();
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

  /** A line that has not started yet is not made: another call stands for it, and its thread waits for that. */
  standIn(statement: CallStatement, call: CallElsewhere): void {
    this.standIns.set(statement, call);
  }

  /** Resolves when no line is being started: its call has returned, or waits. */
  async whenStarted(): Promise<void> {
    await this.starting;
  }

  /** The lines that have yet to give a value to a name in this one. */
  giversOf(statement: CallStatement): readonly CallStatement[] {
    return this.names.giversOf(statement).filter((giver) => !this.names.isFinished(giver));
  }

  /** The time that a host takes to start is neither the first call's nor the run's. False when there is nothing to run on. */
  private async startHost(statements: readonly Statement[]): Promise<boolean> {
    const first = statements.find((statement) => statement.kind === 'call');
    const { signal } = this.ending;
    if (first) {
      try {
        await Promise.race([this.playground.start(), this.ending.whenAborted]);
      } catch (error) {
        this.ending.stopBy(error, first);
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
        if (this.sleeps.statements.size === 0) {
          this.stallEmitter.fire();
        }
      },
    };
    await runThreads(statements, conductor, this.ending.signal);
    // Somebody may look at what the last line has come to.
    await Promise.race([this.holding.released, this.ending.whenAborted]);
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
    // What stands for it was made while the run was held.
    const holdCount = this.standIns.has(statement) ? -1 : this.holdCount;
    const made = await this.callOf(statement);
    if (!made) {
      return undefined;
    }
    const { answered, returned, isWaiting } = made;
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

  /** Makes the call of a line, or takes the one that stands for it; undefined when that has ended the run. */
  private async callOf(statement: CallStatement): Promise<StartedCall | undefined> {
    const standIn = this.standIns.get(statement);
    if (standIn) {
      return this.calls.adopt(standIn, statement);
    }
    let call;
    try {
      call = await this.scope.evaluate(statement);
    } catch (error) {
      this.ending.stopBy(error, statement);
      return undefined;
    }
    return this.calls.perform(call, statement);
  }

  /** Until it is known which waits the calls so far have ended: a call on loopback that would sleep for no time has not waited. */
  private async settle(): Promise<void> {
    if (this.calls.waiting.length > 0) {
      await this.playground.settle();
    }
    // Answers that have come go through several promises before their line is known to be answered.
    await nextTurn();
    await Promise.all(this.finishing);
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
        this.ending.note({
          kind: 'expectation',
          ...this.lines.diagnostic(message, range),
          expected,
          got,
        });
      }
    } catch (error) {
      this.ending.stopBy(error, statement);
    }
  }

  private pause(statement: PauseStatement): StepStart {
    const { kind, seconds, thread } = statement;
    if (kind === 'timeout') {
      this.memory.timeouts.set(thread, seconds * 1000);
      this.finishEmitter.fire(statement);
      return undefined;
    }
    return { wait: this.sleeps.begin(statement, () => this.finishEmitter.fire(statement)) };
  }

  private async cleanUp(): Promise<void> {
    this.ending.abort();
    await this.calls.end();
    if (!this.options.memory) {
      await this.memory.files.remove();
    }
    const { keepSockets, name } = this.options;
    const { made, isOutsideDenied } = this.calls;
    if (!keepSockets || isOutsideDenied) {
      await this.playground.close(keepSockets ? made : this.memory.sockets, { madeBy: name });
    }
  }
}
