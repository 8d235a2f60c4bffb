import type { Call, CallRecord } from '../common/call.js';
import { Emitter } from '../common/event.js';
import { DisposableStore, type Disposable } from '../common/lifecycle.js';
import type { CallStatement, Statement } from '../common/notation/ast.js';
import type { Mismatch } from '../common/notation/match.js';
import { Breakpoint, type BreakpointRequest, Condition } from './breakpoints.js';
import type { Playground } from './playground.js';
import { rowOf } from './recordRow.js';
import type { Problem } from './scenarioResult.js';
import type { ScenarioRun } from './scenarioRunner.js';

/** Where a thread stands. */
export type ThreadPlace =
  /** Before a line that it has yet to start; it lacks the values of some names where lines of other threads give them. */
  | { kind: 'before'; statement: Statement; lacks: readonly CallStatement[] }
  /** Its line is started. */
  | { kind: 'in'; statement: Statement }
  /** Its call would sleep in a program. */
  | { kind: 'waiting'; statement: CallStatement; call: Call; seq: number; sinceNs: number }
  /** Behind a call that has returned, where the run was stopped because of what it returned. */
  | { kind: 'after'; statement: CallStatement; record: CallRecord }
  /** Its last line is done with. */
  | { kind: 'ended' };

/** Why a run has stopped. */
export type StopReason =
  | { kind: 'entry' | 'step' | 'pause' }
  | { kind: 'breakpoint'; ids: number[]; record?: CallRecord }
  /** A line whose call has come to something else than the line says. */
  | { kind: 'unexpected'; mismatch: Mismatch; record: CallRecord }
  | { kind: 'failed'; record: CallRecord }
  /** The run is about to end before its end. */
  | { kind: 'problem'; problem: Problem };

export interface ScenarioStop {
  reason: StopReason;
  thread: string;
}

/** What stops a run besides breakpoints. */
export interface StopFilters {
  /** A result that the file does not expect, and whatever ends the run before its end. */
  unexpected: boolean;
  /** Every call that fails, or those that a display filter fits; null for none. */
  failed: { condition: string } | null;
}

/** How far a run goes on. */
type Goal =
  | { kind: 'nowhere' }
  /** To the next line, of whichever thread. */
  | { kind: 'line'; reason: 'entry' | 'step' }
  /** To the first line at this one or below, counted from 1. */
  | { kind: 'from'; line: number }
  /** To the next line of a thread; where `orWait` holds and its call waits, to the next line of another one. */
  | { kind: 'thread'; thread: string; orWait: boolean }
  /** To the end of a thread. */
  | { kind: 'end'; thread: string };

interface ThreadState {
  /** Lines not yet started, the next one last. */
  rest: Statement[];
  current: Exclude<ThreadPlace, { kind: 'before' | 'ended' }> | undefined;
  /** What its last call has come to. */
  last: CallRecord | undefined;
}

/**
 * Holds one run where somebody wants to look at it: at breakpoints, after a step, at what is unexpected. The lines
 * start in the same order as without it, and what waits in the kernel goes on waiting.
 */
export class ScenarioDebugger implements Disposable {
  private readonly store = new DisposableStore();
  private readonly stopEmitter = this.store.add(new Emitter<ScenarioStop>());
  private readonly logEmitter = this.store.add(
    new Emitter<{ message: string; statement: CallStatement; record: CallRecord }>(),
  );
  private readonly changeEmitter = this.store.add(new Emitter<string>());
  private readonly endEmitter = this.store.add(new Emitter<string>());
  private readonly states = new Map<string, ThreadState>();
  private breakpoints: Breakpoint[] = [];
  private filters: StopFilters = { unexpected: false, failed: null };
  private failedCondition: Condition | undefined;
  private goal: Goal = { kind: 'nowhere' };
  /** The line that the run was let go from. */
  private released: Statement | undefined;
  /** The line of each thread at which a breakpoint has stopped, until it starts. */
  private readonly hitLines = new Set<Statement>();
  private isHeld = false;

  /** The run is held, and no line is being started. */
  readonly onDidStop = this.stopEmitter.event;
  /** A breakpoint says something. */
  readonly onDidLog = this.logEmitter.event;
  /** A thread has got somewhere else, also while the run is held: the kernel goes on. */
  readonly onDidMove = this.changeEmitter.event;
  /** A thread has done with its last line. */
  readonly onDidEndThread = this.endEmitter.event;

  constructor(
    private readonly run: ScenarioRun,
    statements: readonly Statement[],
    private readonly playground: Playground,
  ) {
    for (const { thread } of statements) {
      this.states.set(thread, { rest: [], current: undefined, last: undefined });
    }
    for (const statement of statements.toReversed()) {
      this.states.get(statement.thread)!.rest.push(statement);
    }
    this.store.add(run.onWillStart((statement) => this.decide(statement)));
    this.store.add(run.onDidStart((statement) => this.noteStart(statement)));
    this.store.add(
      run.onDidWait(({ seq, call, statement }) =>
        this.move(statement.thread, { kind: 'waiting', statement, call, seq, sinceNs: playground.now() }),
      ),
    );
    this.store.add(
      run.onDidCheck(({ record, statement, mismatch }) => this.judge(record, statement, mismatch)),
    );
    this.store.add(run.onDidFinish((statement) => this.noteFinish(statement)));
    this.store.add(run.onWillEnd((problem) => this.lookAt(problem)));
  }

  /** The threads of the file, in the order of their first lines. */
  get threads(): string[] {
    return [...this.states.keys()];
  }

  /** Whether the run is held. */
  get isStopped(): boolean {
    return this.isHeld;
  }

  placeOf(thread: string): ThreadPlace {
    const state = this.states.get(thread);
    const next = state?.rest.at(-1);
    if (state?.current) {
      return state.current;
    }
    if (!next) {
      return { kind: 'ended' };
    }
    return { kind: 'before', statement: next, lacks: next.kind === 'call' ? this.run.giversOf(next) : [] };
  }

  /** What the last call of a thread has come to. */
  lastRecordOf(thread: string): CallRecord | undefined {
    return this.states.get(thread)?.last;
  }

  /**
   * Takes the place of those before; one that stays as it was goes on counting its hits.
   * @returns The breakpoints as they were read.
   */
  setBreakpoints(requests: readonly BreakpointRequest[]): readonly Breakpoint[] {
    const before = [...this.breakpoints];
    this.breakpoints = requests.map((request) => {
      const breakpoint = new Breakpoint(request);
      const index = before.findIndex((each) => each.isOf(request));
      const [same] = index < 0 ? [] : before.splice(index, 1);
      if (same) {
        breakpoint.countFrom(same);
      }
      return breakpoint;
    });
    return this.breakpoints;
  }

  setFilters(filters: StopFilters): void {
    this.filters = filters;
    this.failedCondition = filters.failed ? new Condition(filters.failed.condition) : undefined;
  }

  /** Stops before the first line. */
  stopAtEntry(): void {
    this.goal = { kind: 'line', reason: 'entry' };
  }

  /** Stops before the first line at this one or below, counted from 1. */
  stopFrom(line: number): void {
    this.goal = { kind: 'from', line };
  }

  continue(): void {
    this.go({ kind: 'nowhere' });
  }

  /** To the next line, of whichever thread. */
  stepIn(): void {
    this.go({ kind: 'line', reason: 'step' });
  }

  /**
   * To the next line of a thread. Where its line makes a call that waits, to the next line of another one: nothing runs
   * unseen. Of a thread that waits already, until its call has returned.
   */
  next(thread: string): void {
    this.go({ kind: 'thread', thread, orWait: !isBlocked(this.placeOf(thread)) });
  }

  /** To the end of a thread. */
  stepOut(thread: string): void {
    this.go({ kind: 'end', thread });
  }

  /** Stops where the run is. */
  pause(): void {
    if (this.isHeld) {
      return;
    }
    this.stop({ kind: 'pause' }, () => {
      this.released = this.nextLine();
      return this.released?.thread ?? this.waitingThread() ?? this.threads[0]!;
    });
  }

  dispose(): void {
    this.store.dispose();
  }

  private go(goal: Goal): void {
    this.goal = goal;
    this.isHeld = false;
    for (const [thread, state] of this.states) {
      if (state.current?.kind === 'after') {
        state.current = undefined;
        this.noteEnd(thread);
      }
    }
    this.run.release();
  }

  /**
   * Holds the run, and tells of it as soon as no line is being started. While it is held the kernel may answer what
   * waits: then it is told why it would have stopped there.
   */
  private stop(reason: StopReason, threadOf: () => string): void {
    this.isHeld = true;
    this.run.hold();
    void this.run.whenStarted().then(() => {
      if (this.isHeld) {
        this.stopEmitter.fire({ reason, thread: threadOf() });
      }
    });
  }

  /** Whether a line may start. */
  private decide(statement: Statement): void {
    if (this.isHeld || statement === this.released) {
      return;
    }
    const hit = this.hitLines.has(statement)
      ? []
      : this.hits(statement, (each) => !each.isAfterCall && each.hit());
    if (hit.length > 0) {
      this.hitLines.add(statement);
    }
    const reason: StopReason | undefined =
      hit.length > 0 ? { kind: 'breakpoint', ids: hit.map(({ id }) => id) } : this.reached(statement);
    if (reason) {
      this.released = statement;
      this.stop(reason, () => statement.thread);
    }
  }

  private reached(statement: Statement): StopReason | undefined {
    const { goal } = this;
    switch (goal.kind) {
      case 'nowhere':
        return undefined;
      case 'line':
        return { kind: goal.reason };
      case 'from':
        return statement.line >= goal.line ? { kind: 'step' } : undefined;
      case 'thread': {
        const place = this.placeOf(goal.thread);
        const isThere =
          statement.thread === goal.thread || place.kind === 'ended' || (goal.orWait && isBlocked(place));
        return isThere ? { kind: 'step' } : undefined;
      }
      case 'end':
        return this.placeOf(goal.thread).kind === 'ended' ? { kind: 'step' } : undefined;
    }
  }

  /** A call has its answer. */
  private judge(record: CallRecord, statement: CallStatement, mismatch: Mismatch | null): void {
    const { thread } = statement;
    const state = this.states.get(thread);
    if (state) {
      state.last = record;
    }
    const row = rowOf(record, this.playground.sockets, this.playground.platform);
    const hit = this.hits(statement, (each) => each.isAfterCall && each.hit(row));
    for (const { logMessage } of hit) {
      if (logMessage !== undefined) {
        this.logEmitter.fire({ message: logMessage, statement, record });
      }
    }
    const ids = hit.filter(({ logMessage }) => logMessage === undefined).map(({ id }) => id);
    if (mismatch && this.filters.unexpected) {
      this.stopAfter({ kind: 'unexpected', mismatch, record }, statement, record);
    } else if (ids.length > 0) {
      this.stopAfter({ kind: 'breakpoint', ids, record }, statement, record);
    } else if (record.errno !== null && this.failedCondition?.holds(row)) {
      this.stopAfter({ kind: 'failed', record }, statement, record);
    }
  }

  private stopAfter(reason: StopReason, statement: CallStatement, record: CallRecord): void {
    this.move(statement.thread, { kind: 'after', statement, record });
    this.stop(reason, () => statement.thread);
  }

  private lookAt(problem: Problem): void {
    if (this.filters.unexpected) {
      const place = [...this.states.keys()].find((name) => {
        const place = this.placeOf(name);
        return 'statement' in place && place.kind !== 'before' && place.statement.line === problem.line;
      });
      this.stop({ kind: 'problem', problem }, () => place ?? this.waitingThread() ?? this.threads[0]!);
    }
  }

  private hits(statement: Statement, isHit: (breakpoint: Breakpoint) => boolean): Breakpoint[] {
    return this.breakpoints.filter(
      (each) =>
        ('line' in each.at
          ? each.at.line === statement.line
          : statement.kind === 'call' && each.at.call === statement.name) && isHit(each),
    );
  }

  private noteStart(statement: Statement): void {
    this.released = undefined;
    this.hitLines.delete(statement);
    this.states.get(statement.thread)?.rest.pop();
    this.move(statement.thread, { kind: 'in', statement });
  }

  private noteFinish({ thread }: Statement): void {
    // Somebody looks at what its call has come to: the thread is there until the run goes on.
    if (this.states.get(thread)?.current?.kind !== 'after') {
      this.move(thread, undefined);
      this.noteEnd(thread);
    }
  }

  private noteEnd(thread: string): void {
    if (this.states.get(thread)?.rest.length === 0) {
      this.endEmitter.fire(thread);
    }
  }

  private move(thread: string, current: ThreadState['current']): void {
    const state = this.states.get(thread);
    if (state) {
      state.current = current;
      this.changeEmitter.fire(thread);
    }
  }

  /** The line that comes next, as far as things stand. */
  private nextLine(): Statement | undefined {
    const ready = this.threads.flatMap((thread) => {
      const place = this.placeOf(thread);
      return place.kind === 'before' && !isBlocked(place) ? [place.statement] : [];
    });
    return ready.sort((a, b) => a.range.start - b.range.start)[0];
  }

  private waitingThread(): string | undefined {
    return this.threads.find((thread) => isBlocked(this.placeOf(thread)));
  }
}

/** Whether a thread can go on only when something else happens. */
function isBlocked(place: ThreadPlace): boolean {
  return (
    place.kind === 'waiting' || place.kind === 'in' || (place.kind === 'before' && place.lacks.length > 0)
  );
}
