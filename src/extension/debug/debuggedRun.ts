import type { DebugProtocol } from '@vscode/debugprotocol';
import type { CallRecord } from '../../common/call.js';
import { errorOf } from '../../common/errors.js';
import { DisposableStore, type Disposable } from '../../common/lifecycle.js';
import { t } from '../../common/l10n.js';
import { LineMap } from '../../common/notation/lineMap.js';
import { printRecord } from '../../common/notation/printer.js';
import type { Statement } from '../../common/notation/ast.js';
import type { Platform } from '../../common/tables/constants.js';
import { needText } from '../../playground/needs.js';
import type { Playground } from '../../playground/playground.js';
import { ScenarioConsole } from '../../playground/scenarioConsole.js';
import { ScenarioDebugger, type StopReason, type ThreadPlace } from '../../playground/scenarioDebugger.js';
import type { ScenarioResult } from '../../playground/scenarioResult.js';
import { ScenarioRun } from '../../playground/scenarioRunner.js';
import { frameName } from './frames.js';
import type { DebugProgram } from './program.js';
import { TextShift } from './textShift.js';
import { Variables } from './variables.js';

/** Something to print in the debug console; with a line, counted from 1, where it belongs to one. */
export interface DebugOutput {
  category: 'console' | 'stdout' | 'stderr';
  text: string;
  line?: number;
}

/** The exit codes of the command line. */
const exitCodes: Readonly<Record<ScenarioResult['outcome'], number>> = {
  passed: 0,
  skipped: 0,
  failed: 1,
  cancelled: 1,
  invalid: 2,
  stopped: 3,
};

/** One run of a program in a debug session. */
export class DebuggedRun implements Disposable {
  private readonly store = new DisposableStore();
  private readonly run: ScenarioRun;
  private readonly lines: LineMap;
  readonly control: ScenarioDebugger;
  readonly console: ScenarioConsole;
  readonly variables: Variables;
  /** Why the run has stopped, by thread; empty while it runs. */
  readonly stops = new Map<string, StopReason>();
  /** Where each thread was seen last while the run is held. */
  private readonly seen = new Map<string, string>();
  private lastSeq = 0;

  constructor(
    private readonly playground: Playground,
    readonly program: DebugProgram,
    private readonly output: (output: DebugOutput) => void,
  ) {
    const { scenario, title, folder, loopbackOnly, memory } = program;
    this.lines = new LineMap(scenario.text);
    this.run = new ScenarioRun(playground, scenario, {
      name: title,
      folder,
      loopbackOnly,
      allowOutside: (text) => program.allowOutside(text),
      memory,
    });
    this.control = this.store.add(new ScenarioDebugger(this.run, scenario.statements, playground));
    this.console = new ScenarioConsole(playground, scenario, memory, {
      name: title,
      folder,
      loopbackOnly,
      allowOutside: (text) => program.allowOutside(text),
    });
    this.variables = new Variables(playground, memory, this.console, (record) => {
      this.note(record);
      this.tell(record);
    });
    this.follow();
  }

  /** Runs it. Resolves at its end, when its sockets are closed, with the exit code; rejects by a fault of ours. */
  async perform(): Promise<number> {
    const shown = this.program.follow(this.run);
    const result = await this.run.run().catch(errorOf);
    try {
      await this.console.end();
    } finally {
      await shown.end(result);
    }
    if (result instanceof Error) {
      throw result;
    }
    this.tellEnd(result);
    return exitCodes[result.outcome];
  }

  /** Ends it; what waits is cancelled. */
  cancel(): void {
    this.run.cancel();
  }

  /** The frame of a thread; none of one that has ended. */
  frameOf(thread: string, id: number): DebugProtocol.StackFrame | undefined {
    const place = this.control.placeOf(thread);
    if (place.kind === 'ended') {
      return undefined;
    }
    const { text } = this.program.scenario;
    const { platform } = this.playground;
    const name = frameName(place, { text, nowNs: this.playground.now(), platform });
    const { column } = this.lines.diagnostic('', place.statement.range);
    const line = this.lineNow(place.statement.line);
    return line === undefined
      ? { id, name, line: 0, column: 0, presentationHint: 'subtle' }
      : { id, name, line, column, source: this.source };
  }

  /** The threads that have got somewhere else since this was asked last. */
  movedThreads(): string[] {
    return this.control.threads.filter((thread) => {
      const place = placeKey(this.control.placeOf(thread));
      const isMoved = this.seen.get(thread) !== place;
      this.seen.set(thread, place);
      return isMoved;
    });
  }

  get platform(): Platform {
    return this.playground.platform;
  }

  get source(): DebugProtocol.Source {
    const { path } = this.program;
    return { name: path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1), path };
  }

  /** The first line with a statement at a line of the text as it is now, or below; undefined where there is none. */
  statementFrom(line: number): Statement | undefined {
    const shift = this.shift();
    const then = shift ? shift.toThen(line) : line;
    return then === undefined
      ? undefined
      : this.program.scenario.statements.find((each) => each.line >= then);
  }

  /** Where a line of the program stands in the text as it is now; undefined where it was changed. */
  lineNow(line: number): number | undefined {
    const shift = this.shift();
    return shift ? shift.toNow(line) : line;
  }

  /** Whether the text is another by now than the one that runs. */
  get isTextChanged(): boolean {
    return this.shift() !== undefined;
  }

  /** Resolves when the sockets are known as the last call has left them. */
  async whenKnown(): Promise<void> {
    await this.playground.whenKnown(this.lastSeq);
  }

  /** A call has returned, of a line or of the console. */
  note({ seq }: CallRecord): void {
    this.lastSeq = Math.max(this.lastSeq, seq);
  }

  tell(record: CallRecord, line?: number): void {
    const { platform } = this.playground;
    const prefix = this.control.threads.length > 1 && record.thread !== null ? `[${record.thread}] ` : '';
    const text = `${prefix}${printRecord(record, { platform, maxData: 256 })}`;
    this.output({ category: 'stdout', text, ...(line === undefined ? {} : { line }) });
  }

  /** The names of the run with the values that they have, for what is said by log points. */
  valueOf(name: string): string | undefined {
    return this.variables.all().find((each) => each.name === name)?.value;
  }

  dispose(): void {
    this.store.dispose();
  }

  private follow(): void {
    this.store.add(
      this.run.onDidRecord(({ record, statement }) => {
        this.note(record);
        this.tell(record, statement.line);
      }),
    );
    this.store.add(
      this.run.onDidCheck(({ statement, mismatch }) => {
        if (mismatch) {
          const text = t('✗ expected {0}, got {1}', mismatch.expected, mismatch.got);
          this.output({ category: 'stderr', text, line: statement.line });
        }
      }),
    );
    this.store.add(
      this.run.onWillEnd((problem) =>
        this.output({ category: 'stderr', text: `✗ ${problem.message}`, line: problem.line }),
      ),
    );
  }

  private tellEnd(result: ScenarioResult): void {
    this.output({ category: 'console', text: endText(result) });
  }

  private shift(): TextShift | undefined {
    const now = this.program.currentText();
    const { text } = this.program.scenario;
    return now === undefined || now === text ? undefined : new TextShift(text, now);
  }
}

function placeKey(place: ThreadPlace): string {
  const line = place.kind === 'ended' ? null : place.statement.line;
  const lacks = place.kind === 'before' ? place.lacks.map((giver) => giver.line) : [];
  return JSON.stringify([place.kind, line, lacks]);
}

function endText(result: ScenarioResult): string {
  switch (result.outcome) {
    case 'passed':
      return t('Ended: everything as expected. Calls: {0}', result.callCount);
    case 'failed':
      return result.problems.length > 0
        ? t('Ended. Calls: {0}, not as expected: {1}', result.callCount, result.problems.length)
        : t('It makes no call.');
    case 'stopped':
      return t('Ended before its last line. Calls: {0}', result.callCount);
    case 'cancelled':
      return t('Stopped; its sockets are closed. Calls: {0}', result.callCount);
    case 'skipped':
      return needText(result.need);
    case 'invalid':
      return t('It cannot run.');
  }
}
