import type { Call, CallRecord } from '../common/call.js';
import { t } from '../common/l10n.js';
import type { CallStatement, Scenario, Statement } from '../common/notation/ast.js';
import { literalEnvironment } from '../common/notation/evaluate.js';
import type { Lesson } from '../common/notation/lesson.js';
import type { Mismatch } from '../common/notation/match.js';
import { callForm } from '../common/notation/calls.js';
import { parseScenario } from '../common/notation/parser.js';
import { printResult } from '../common/notation/printer.js';
import { mainThread } from '../common/notation/strace.js';
import type { LessonAttempt, LessonDifference } from '../common/protocol/lesson.js';
import { isCallName } from '../common/tables/signatures.js';
import { compareWithLesson, type LessonComparison, type WrittenCall } from './lessonDifference.js';
import type { Playground } from './playground.js';
import type { CallElsewhere } from './runCalls.js';
import { type ScenarioOptions, ScenarioRun } from './scenarioRunner.js';
import type { ScenarioMemory } from './scenarioScope.js';

export interface LessonRunContext {
  playground: Playground;
  scenario: Scenario;
  lesson: Lesson;
  /** What the records call their maker. */
  name: string;
  /** The folder that file names in it are relative to. */
  folder: string;
  /** Whether addresses are allowed that others can reach, asked anew for each run. */
  outside: () => Pick<ScenarioOptions, 'loopbackOnly' | 'allowOutside'>;
}

/** As long as somebody sits before a call that waits. */
export const patientLimits = { callMs: 3_600_000, runMs: 24 * 3_600_000 };

export interface LessonAttemptsContext extends LessonRunContext {
  memory: () => ScenarioMemory;
  onChange: () => void;
  /** Gives the names of the lesson's line their values; resolves with what is not as it says. */
  adopt: (statement: CallStatement, record: CallRecord) => Promise<Mismatch | undefined>;
  /** The run is to come to its first call. */
  begin: () => void;
  /** Resolves with the call that the lesson would make next, once it can be made. */
  whenAsked: () => Promise<Statement | undefined>;
  /** The lesson's call is passed over: this one stands for it, and was answered so. */
  standFor: (attempt: LessonAttempt) => void;
  /** The lesson's call is passed over: this one stands for it, and waits. */
  waitFor: (attempt: LessonAttempt, call: CallElsewhere) => void;
}

/** What was typed, as the last line of the lesson so far. */
interface TypedCall extends WrittenCall {
  scenario: Scenario;
  line: number;
  source: string;
}

/** The calls that a learner types in the place of the lesson's: each is made for real, in the lesson's names. */
export class LessonAttempts {
  private readonly runs = new Map<ScenarioRun, Promise<unknown>>();
  /** Lines that were typed and made: later ones may use their names. */
  private written: string[] = [];
  private shown: LessonAttempt[] = [];

  constructor(private readonly context: LessonAttemptsContext) {}

  get all(): readonly LessonAttempt[] {
    return this.shown;
  }

  /** Forgets what was typed for a call that is past; one that waits goes on. */
  clear(): void {
    this.shown = [];
  }

  async cancel(): Promise<void> {
    this.runs.forEach((_end, run) => run.cancel());
    await Promise.all(this.runs.values());
    this.written = [];
  }

  /**
   * Makes what was typed; resolves when the call has returned or could not be made.
   * @param expected The lesson's call that it may stand for.
   * @param readable The same call as the lesson writes it, where it was typed in another language.
   */
  async make(text: string, expected: CallStatement | undefined, readable = text): Promise<void> {
    const { playground, name, folder, outside, memory } = this.context;
    const attempt: LessonAttempt = {
      text,
      state: 'running',
      seq: null,
      answer: '',
      message: null,
      differences: [],
    };
    const typed = this.read(readable, expected?.thread ?? mainThread);
    this.shown = [...this.shown, attempt];
    if (typeof typed === 'string') {
      this.change(attempt, { state: 'refused', message: typed });
      return;
    }
    this.context.begin();
    const run = new ScenarioRun(playground, typed.scenario, {
      name,
      folder,
      ...outside(),
      keepSockets: true,
      memory: memory(),
      limits: patientLimits,
      lines: { first: typed.line, last: typed.line },
    });
    let made: { comparison: LessonComparison | undefined; record: CallRecord } | undefined;
    let isTaken = Promise.resolve(false);
    const answer = deferred<CallRecord>();
    run.onDidWait(({ seq, call, statement }) => {
      this.change(attempt, { state: 'waiting', seq });
      if (call.name === statement.name && expected) {
        const comparison = this.compare(expected, typed, call);
        isTaken = this.letWait(attempt, expected, comparison, { seq, call, returned: answer.promise });
      }
    });
    run.onDidRecord(({ call, record, statement }) => {
      // Calls that what it expects needs come behind it.
      if (record.name === statement.name) {
        made ??= { comparison: expected && this.compare(expected, typed, call), record };
        answer.resolve(record);
      }
    });
    const end = run.run();
    this.runs.set(
      run,
      end.catch(() => {}),
    );
    try {
      const result = await end;
      const [problem] = 'problems' in result ? result.problems : [];
      if (!made) {
        const why = result.outcome === 'cancelled' ? t('{0} was cancelled.', text) : t('It makes no call.');
        const message = problem?.message ?? why;
        this.change(attempt, { state: 'refused', message });
        answer.reject(new Error(message));
        return;
      }
      const { comparison, record } = made;
      const isMade = record.status === 'returned';
      if (isMade) {
        this.written.push(typed.source);
      }
      this.change(attempt, {
        state: isMade ? 'made' : 'cancelled',
        seq: record.seq,
        answer: isMade ? printResult(record, { platform: playground.platform }) : '',
        message: problem?.message ?? null,
        differences: comparison?.isOther ? comparison.differences : [],
      });
      if (
        isMade &&
        !(await isTaken) &&
        expected &&
        comparison &&
        (await this.isAskedFor(expected, comparison))
      ) {
        await this.take(attempt, expected, { ...comparison, record });
      }
    } catch (error) {
      answer.reject(error);
      throw error;
    } finally {
      this.runs.delete(run);
    }
  }

  /** Whether a call is the one that the lesson would make next. */
  private async isAskedFor(expected: CallStatement, { isOther }: LessonComparison): Promise<boolean> {
    return !isOther && (await this.context.whenAsked()) === expected;
  }

  /** Lets a call that waits, and is the lesson's, stand for it: others go on meanwhile. */
  private async letWait(
    attempt: LessonAttempt,
    expected: CallStatement,
    comparison: LessonComparison,
    call: CallElsewhere,
  ): Promise<boolean> {
    const isAskedFor = await this.isAskedFor(expected, comparison);
    if (isAskedFor) {
      this.context.waitFor(attempt, call);
    }
    return isAskedFor;
  }

  /** Lets a call that is the lesson's, and was answered so, stand for it. */
  private async take(
    attempt: LessonAttempt,
    expected: CallStatement,
    { record, differences }: { record: CallRecord; differences: LessonDifference[] },
  ): Promise<void> {
    const mismatch = await this.context.adopt(expected, record);
    if (mismatch) {
      this.change(attempt, { message: t('The lesson expects {0} here.', mismatch.expected), differences });
    } else {
      this.context.standFor(attempt);
    }
  }

  /** What was typed as the last line of the lesson so far, or why it is no call. */
  private read(text: string, thread: string): TypedCall | string {
    const own = text.replace(/\s*[\r\n]+\s*/g, ' ').trim();
    const source = own.startsWith('[') || thread === mainThread ? own : `[${thread}] ${own}`;
    const { text: whole } = this.context.scenario;
    const before = [whole.endsWith('\n') ? whole.slice(0, -1) : whole, ...this.written];
    const line = before.join('\n').split('\n').length + 1;
    const scenario = parseScenario([...before, source].join('\n'), this.context.playground.platform);
    const [problem] = scenario.diagnostics.filter((each) => each.line >= line);
    if (problem) {
      const method = /^(?:[\w, ]+=\s*)?\w+\.(\w+)\(/.exec(own)?.[1] ?? '';
      return isCallName(method)
        ? t('A call is typed as in C here, with the socket in front: {0}', callForm(method))
        : problem.message;
    }
    const statement = scenario.statements.find((each) => each.line === line);
    if (scenario.blanks.length > 0) {
      return t('This blank is still open.');
    }
    return statement?.kind === 'call'
      ? { scenario, line, source, text: scenario.text, statement }
      : t('It makes no call.');
  }

  private compare(expected: CallStatement, typed: TypedCall, call: Call): LessonComparison {
    const { playground, scenario, memory } = this.context;
    const { variables } = memory();
    const env = {
      ...literalEnvironment(playground.platform, false),
      lookup: (name: string) => variables.get(name),
    };
    return compareWithLesson({ text: scenario.text, statement: expected }, typed, call, env);
  }

  private change(attempt: LessonAttempt, change: Partial<LessonAttempt>): void {
    Object.assign(attempt, change);
    this.context.onChange();
  }
}

/** A promise that is settled from outside, and that nobody need listen to. */
function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((resolvePromise, rejectPromise) => {
    resolve = resolvePromise;
    reject = rejectPromise;
  });
  promise.catch(() => {});
  return { promise, resolve, reject };
}
