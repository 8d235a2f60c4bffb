import { Emitter } from '../common/event.js';
import { type Disposable, DisposableStore } from '../common/lifecycle.js';
import type { Statement } from '../common/notation/ast.js';
import type {
  LessonAttempt,
  LessonLine,
  LessonPhase,
  LessonPlace,
  LessonScore,
  LessonState,
} from '../common/protocol/lesson.js';
import { LessonAttempts, type LessonRunContext, patientLimits } from './lessonAttempts.js';
import { LessonLineStates } from './lessonLineStates.js';
import type { ScenarioResult } from './scenarioResult.js';
import type { CallElsewhere } from './runCalls.js';
import { ScenarioRun } from './scenarioRunner.js';
import { ScenarioMemory } from './scenarioScope.js';

/** How far the learner lets the run go before it asks again. */
type Permission = 'none' | 'one' | 'pass' | 'all';

/** A lesson that is gone through call by call: each is made when the learner says so, by the scenario's own run. */
export class LessonRun implements Disposable {
  private readonly store = new DisposableStore();
  private readonly changeEmitter = this.store.add(new Emitter<void>());
  private readonly sheet: LessonLineStates;
  private readonly typed: LessonAttempts;
  private memory = new ScenarioMemory();
  private run: ScenarioRun | undefined;
  private ended: Promise<void> = Promise.resolve();
  private result: ScenarioResult | undefined;
  private fault = '';
  /** It goes back to its start, or is over: what ends it is no news. */
  private isEnding = false;
  /** The last record of what was before it. */
  private since: number;
  private permission: Permission = 'none';
  /** The call that the run is held before. */
  private door: number | undefined;
  /** Nothing goes on until a call that waits is done with. */
  private isStalled = false;

  /** Something of what it shows has changed. */
  readonly onDidChange = this.changeEmitter.event;

  constructor(private readonly context: LessonRunContext) {
    const { scenario, lesson, playground } = context;
    const onChange = () => this.changeEmitter.fire();
    this.sheet = new LessonLineStates({ scenario, lesson, platform: playground.platform, onChange });
    this.since = playground.lastSeq;
    this.typed = new LessonAttempts({
      ...context,
      memory: () => this.memory,
      onChange,
      adopt: (statement, record) => this.run?.adopt(statement, record) ?? Promise.resolve(undefined),
      begin: () => this.begin(),
      whenAsked: () => this.whenAsked(),
      standFor: (attempt) => this.standFor(attempt),
      waitFor: (attempt, call) => this.waitFor(attempt, call),
    });
  }

  /** Everything that there is to show, with what the file is in its course. */
  state(place: LessonPlace): LessonState {
    const { before, after } = this.context.lesson;
    const { lines, next, phase, problem, attempts, score, since } = this;
    return { ...place, before, after, lines, next, phase, problem, attempts, score, since };
  }

  get lines(): readonly LessonLine[] {
    return this.sheet.all;
  }

  get attempts(): readonly LessonAttempt[] {
    return this.typed.all;
  }

  get next(): number | null {
    return this.run ? (this.door ?? null) : this.lines.length > 0 ? 0 : null;
  }

  get phase(): LessonPhase {
    if (this.fault !== '' || (this.result && !isWhole(this.result))) {
      return 'stopped';
    }
    if (this.result) {
      return 'done';
    }
    if (this.next !== null) {
      return 'ready';
    }
    return this.isStalled ? 'waiting' : 'running';
  }

  /** Why it has ended before its end. */
  get problem(): string | null {
    if (this.fault !== '') {
      return this.fault;
    }
    const { result } = this;
    return result && 'problems' in result && !isWhole(result)
      ? (result.problems.at(-1)?.message ?? null)
      : null;
  }

  get score(): LessonScore {
    return this.sheet.score;
  }

  /** Makes the next call. */
  step(): void {
    this.go('one');
  }

  /** Makes all calls that are left. */
  runToEnd(): void {
    this.go('all');
  }

  /** Goes on without the next call. */
  pass(): void {
    this.go('pass');
  }

  /** What the learner thinks that the kernel will say. */
  answer(line: number, given: number | string): void {
    this.sheet.answer(line, given);
  }

  /** Makes a call that the learner typed. */
  async type(text: string): Promise<void> {
    if (this.isEnding) {
      return;
    }
    const { next } = this;
    const statement = next === null ? undefined : this.sheet.statementAt(next);
    const readable = next === null ? undefined : this.sheet.readable(next, text);
    await this.typed.make(text, statement?.kind === 'call' ? statement : undefined, readable);
  }

  /** Back to the start: ends what runs, and closes its sockets by real calls. */
  async restart(): Promise<void> {
    if (this.isEnding) {
      return;
    }
    try {
      await this.clear();
    } finally {
      this.isEnding = false;
    }
    this.run = undefined;
    this.result = undefined;
    this.fault = '';
    this.memory = new ScenarioMemory();
    this.typed.clear();
    this.sheet.reset();
  }

  /** Ends what runs, and closes its sockets. */
  async end(): Promise<void> {
    await this.clear();
    this.dispose();
  }

  /** Ends what runs, and leaves its sockets open: what it has made is somebody else's from now on. */
  async leave(): Promise<ScenarioMemory> {
    await this.stop();
    this.dispose();
    return this.memory;
  }

  dispose(): void {
    this.run?.cancel();
    void this.typed.cancel();
    this.store.dispose();
  }

  private async stop(): Promise<void> {
    this.isEnding = true;
    this.permission = 'none';
    this.door = undefined;
    this.run?.cancel();
    await this.typed.cancel();
    await this.ended;
  }

  private async clear(): Promise<void> {
    await this.stop();
    const { playground, name } = this.context;
    const closed = await playground.close(this.memory.sockets, { madeBy: name });
    this.since = Math.max(playground.lastSeq, ...closed.map(({ seq }) => seq));
    await this.memory.files.remove();
  }

  private go(permission: Permission): void {
    if (this.result || this.fault !== '' || this.isEnding) {
      return;
    }
    if (this.door !== undefined) {
      this.permission = permission;
      this.letGo();
    } else if (!this.run || permission === 'all') {
      this.permission = permission;
      this.begin();
    }
  }

  private letGo(): void {
    this.door = undefined;
    this.typed.clear();
    this.run?.release();
    this.changeEmitter.fire();
  }

  /** Starts the run, which is held before its first call. */
  private begin(): void {
    if (this.run || this.isEnding) {
      return;
    }
    // It was shown as the next one before there was a run to be held.
    this.sheet.meet(0);
    const { playground, scenario, name, folder, outside } = this.context;
    const run = new ScenarioRun(playground, scenario, {
      name,
      folder,
      ...outside(),
      keepSockets: true,
      memory: this.memory,
      limits: patientLimits,
    });
    this.run = run;
    run.onWillStart((statement) => this.meet(statement));
    run.onDidFinish(() => this.lookAnew());
    run.onDidStall(() => {
      this.isStalled = true;
      this.changeEmitter.fire();
    });
    run.onDidProgress(({ statement }) => this.sheet.update(statement, { state: 'running' }));
    run.onDidWait(({ seq, statement }) => this.sheet.update(statement, { state: 'waiting', seq }));
    run.onDidRecord((event) => this.sheet.note(event));
    run.onDidCheck((event) => this.sheet.check(event));
    this.ended = this.follow(run);
  }

  private async follow(run: ScenarioRun): Promise<void> {
    let result: ScenarioResult | undefined;
    try {
      result = await run.run();
    } catch (error) {
      this.fault = error instanceof Error ? error.message : String(error);
    }
    if (!this.isEnding) {
      this.result = result;
      this.door = undefined;
      this.changeEmitter.fire();
    }
  }

  /** The next line of the run: it is made, passed over, or the run is held before it. */
  private meet(statement: Statement): void {
    const line = this.sheet.lineOf(statement);
    // Nobody has to press a button for a pause.
    if (line === undefined || this.sheet.isAtOnce(line)) {
      return;
    }
    const { permission } = this;
    if (permission === 'none') {
      this.door = line;
      this.sheet.meet(line);
      this.run?.hold();
      this.changeEmitter.fire();
    } else if (permission === 'pass') {
      this.run?.passOver(statement);
      this.sheet.set(line, { state: this.lines[line]!.typed === null ? 'passed' : 'made' });
    }
    if (permission !== 'all') {
      this.permission = 'none';
    }
  }

  /** A wait has ended: where the run is held, another line may be the next. */
  private lookAnew(): void {
    this.isStalled = false;
    if (this.door !== undefined) {
      this.door = undefined;
      this.run?.release();
    }
  }

  /** Resolves with the next call, once it can be made; undefined when there is none. */
  private async whenAsked(): Promise<Statement | undefined> {
    while (this.door === undefined && this.phase === 'running') {
      await new Promise<void>((resolve) => {
        const subscription = this.onDidChange(() => {
          subscription.dispose();
          resolve();
        });
      });
    }
    const { door } = this;
    return door === undefined ? undefined : this.sheet.statementAt(door);
  }

  /** The learner's own call stands for the next one. */
  private standFor({ seq, answer, text }: LessonAttempt): void {
    if (this.door !== undefined) {
      this.sheet.replace(this.door, { seq, answer, typed: text });
      this.go('pass');
    }
  }

  /** The learner's own call stands for the next one, and waits. */
  private waitFor({ text }: LessonAttempt, call: CallElsewhere): void {
    const { door } = this;
    const statement = door === undefined ? undefined : this.sheet.statementAt(door);
    if (door !== undefined && statement?.kind === 'call') {
      this.run?.standIn(statement, call);
      this.sheet.set(door, { state: 'waiting', seq: call.seq, typed: text });
      this.go('one');
    }
  }
}

/** Whether all calls were made, whatever they were answered. */
function isWhole({ outcome }: ScenarioResult): boolean {
  return outcome === 'passed' || outcome === 'failed';
}
