import path from 'node:path';
import * as vscode from 'vscode';
import { t } from '../../common/l10n.js';
import { errorOf } from '../../common/errors.js';
import { Emitter, once } from '../../common/event.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import type { Scenario } from '../../common/notation/ast.js';
import { type Lesson, parseLesson } from '../../common/notation/lesson.js';
import { parseScenario } from '../../common/notation/parser.js';
import { platform } from '../platform.js';
import type { ScenarioSummary } from '../../common/protocol/panel.js';
import type { Playground } from '../../playground/playground.js';
import { isOpen } from '../../playground/socketBook.js';
import type { Calls } from '../commands/calls.js';
import { setContextKey } from '../contextKeys.js';
import { showError } from '../notify.js';
import { selectNextBlank } from './blanks.js';
import { Leftovers } from './leftovers.js';
import type { LessonProgress } from './lessonProgress.js';
import type { ScenarioResult } from '../../playground/scenarioResult.js';
import type { ScenarioRun } from '../../playground/scenarioRunner.js';
import { type RunEvent, runScenario, type RunState, tellOf } from './run.js';
import { type ScenarioFile, ScenarioFiles } from './scenarioFiles.js';
import { isShown, sayFailed, sayPassed, sayUnreadable, sayUntrusted } from './scenarioMessages.js';
import { isFile, isWithin, readText } from './scenarioText.js';

/** A lesson with its text. */
export interface LessonFile {
  file: ScenarioFile;
  scenario: Scenario;
  lesson: Lesson;
}

export interface ScenariosContext {
  /** The folders of the built-in files. */
  folders: readonly vscode.Uri[];
  playground: Playground;
  calls: Calls;
  progress: LessonProgress;
  log: vscode.LogOutputChannel;
}

/** The part of a file that runs: lines counted from 1. */
export interface RunLines {
  first: number;
  last: number;
}

const wholeFile: RunLines = { first: 1, last: Infinity };

/** Runs the scenarios that there are, one run of each at a time. */
export class Scenarios implements Disposable {
  private readonly store = new DisposableStore();
  private readonly runEmitter = this.store.add(new Emitter<RunEvent>());
  private readonly files: ScenarioFiles;
  private readonly running = new Set<{ id: string; isOurs: boolean; stop: () => void }>();

  /** The scenario that has changed; undefined when the list has. */
  readonly onDidChange: ScenarioFiles['onDidChange'];
  /** What happens in runs, line by line. */
  readonly onDidRun = this.runEmitter.event;
  readonly leftovers: Leftovers;

  constructor(private readonly context: ScenariosContext) {
    this.leftovers = new Leftovers(context.playground);
    this.files = this.store.add(new ScenarioFiles(context.folders, context.log));
    this.onDidChange = this.files.onDidChange;
    this.store.add(vscode.workspace.onDidGrantWorkspaceTrust(() => this.files.changed()));
    this.store.add(
      context.playground.onDidChange(({ sockets }) => {
        const closed = sockets.filter((socket) => !isOpen(socket));
        if (closed.length > 0) {
          this.leftovers.filesOf(closed).forEach((id) => this.files.changed(id));
        }
      }),
    );
    this.store.add(context.progress.onDidChange(() => this.files.changed()));
    this.store.add({ dispose: () => this.stop() });
  }

  /** Whether a run of the scenario goes on. */
  isRunning(id: string): boolean {
    return [...this.running].some((each) => each.id === id);
  }

  /** All scenarios, the built-in ones first. */
  list(): Promise<ScenarioFile[]> {
    return this.files.list();
  }

  /** Whether the calls in a file may be made: the built-in ones always, others where the workspace is trusted. */
  mayRun(uri: vscode.Uri): boolean {
    return vscode.workspace.isTrusted || isWithin(this.context.folders, uri);
  }

  get(id: string): ScenarioFile | undefined {
    return this.files.get(id);
  }

  /** What is known so far, null before anything is; asks for the rest, which {@link onDidChange} tells of. */
  summaries(): ScenarioSummary[] | null {
    void this.list();
    // What has blanks is to be opened and filled in, not run.
    const runnable = this.files.known?.filter(({ blankCount }) => blankCount === 0);
    if (!runnable) {
      return null;
    }
    return runnable.map((file) => ({
      id: file.id,
      title: file.title,
      description: file.description,
      group: file.group ?? null,
      obstacle: file.obstacle ?? null,
      callCount: file.callCount,
      state: file.run.state,
      made: [...this.leftovers.madeBy(file.id)],
      isLesson: file.isLesson,
      score: this.context.progress.of(file.progressKey) ?? null,
    }));
  }

  /** Reads all files again. */
  reload(): Promise<void> {
    return this.files.reload();
  }

  /** A file that need not be listed: of the explorer, or of an editor. */
  add(uri: vscode.Uri): Promise<string> {
    return this.files.add(uri);
  }

  /** What is listed in the place of a lesson: its translation, where there is one in the user's language. */
  inUsersLanguage(uri: vscode.Uri): Promise<vscode.Uri> {
    return this.files.inUsersLanguage(uri);
  }

  async open(id: string): Promise<void> {
    const file = this.files.get(id);
    if (!file) {
      return;
    }
    // An exercise of ours is to be filled in, so it opens as a file of the user's own.
    const content = file.isBuiltIn && file.blankCount > 0 ? await readText(file.uri) : undefined;
    const document =
      content === undefined
        ? file.uri
        : await vscode.workspace.openTextDocument({ language: 'sockets', content });
    const editor = await (document instanceof vscode.Uri
      ? vscode.window.showTextDocument(document, { preview: true })
      : vscode.window.showTextDocument(document));
    if (file.blankCount > 0) {
      selectNextBlank(editor);
    }
  }

  /** Ends a run; all runs where none is named. */
  stop(id?: string): void {
    for (const each of this.running) {
      if (id === undefined || id === each.id) {
        each.stop();
      }
    }
  }

  /**
   * Runs a scenario by real calls and resolves at its end. A file of the workspace runs only where the workspace
   * is trusted: the calls in it were chosen by whoever wrote it. The built-in ones are our own.
   * @returns How it ended; undefined when it did not run.
   */
  async run(id: string, lines: RunLines = wholeFile): Promise<RunState | undefined> {
    if (this.isRunning(id)) {
      return undefined;
    }
    const controller = new AbortController();
    // At once: a second click comes while the file is still read.
    const end = this.noteRunning({ id, isOurs: true, stop: () => controller.abort() });
    try {
      return await this.readAndPerform(id, lines, controller.signal);
    } finally {
      end();
    }
  }

  /** Runs a scenario as its text is now: a run of ours that goes on is ended before, one that somebody debugs goes on. */
  async runAnew(id: string): Promise<RunState | undefined> {
    if ([...this.running].some((each) => each.id === id && !each.isOurs)) {
      return undefined;
    }
    await this.end(id);
    return this.run(id);
  }

  /** A scenario that is gone through call by call; undefined where it cannot be, which is said. */
  async readLesson(id: string): Promise<LessonFile | undefined> {
    const file = await this.runnable(id);
    const scenario = file && (await this.readScenario(file));
    if (!file || !scenario) {
      return undefined;
    }
    if (scenario.blanks.length > 0) {
      await this.open(id);
      return undefined;
    }
    await this.end(id);
    return { file, scenario, lesson: parseLesson(scenario) };
  }

  /** Closes what the last run of a file has left, so that its ports and paths are free. */
  async clearAway(uri: vscode.Uri, text: string, title: string): Promise<void> {
    await this.leftovers.take(uri.toString(), 1, text, title);
  }

  /** Shows a run that somebody else makes of the whole of a file: its state, and what happens line by line. */
  showRun(
    uri: vscode.Uri,
    scenario: Scenario,
    run: ScenarioRun,
  ): { end(result: ScenarioResult | Error): void } {
    const id = uri.toString();
    const show = (state: RunState) => {
      const file = this.files.get(id);
      if (file) {
        this.update(file, state);
      }
    };
    const endRunning = this.noteRunning({ id, isOurs: false, stop: () => run.cancel() });
    show({ state: 'running' });
    const told = tellOf(run, {
      uri,
      scenario,
      lines: wholeFile,
      playground: this.context.playground,
      events: this.runEmitter,
      onStep: (step) => show({ state: 'running', step }),
    });
    return {
      end: (result) => {
        told.dispose();
        show(result instanceof Error ? faultState(result) : told.end(result));
        endRunning();
      },
    };
  }

  dispose(): void {
    this.store.dispose();
  }

  /** Ends a run that goes on. What it leaves is there to be cleared away then. */
  private async end(id: string): Promise<void> {
    if (this.isRunning(id)) {
      const ended = once(this.onDidChange, () => !this.isRunning(id));
      this.stop(id);
      await ended;
    }
  }

  /** The file, where its calls may be made; otherwise it is said why not. */
  private async runnable(id: string): Promise<ScenarioFile | undefined> {
    await this.list();
    const file = this.files.get(id);
    if (file && !this.mayRun(file.uri)) {
      void sayUntrusted(file.title);
      return undefined;
    }
    return file;
  }

  /** The text as it is now, without errors; otherwise it is said why it does not run. */
  private async readScenario(file: ScenarioFile): Promise<Scenario | undefined> {
    const text = await readText(file.uri);
    if (text === undefined) {
      void this.sayUnread(file);
      return undefined;
    }
    const scenario = parseScenario(text, platform);
    this.files.describe(file, scenario);
    const [first] = scenario.diagnostics;
    if (first) {
      this.update(file, { state: 'failed', line: first.line, message: first.message });
      void sayUnreadable(file, scenario);
      return undefined;
    }
    return scenario;
  }

  /** Says why a file does not run. */
  sayUntrusted(uri: vscode.Uri): void {
    const file = this.files.get(uri.toString());
    void sayUntrusted(file?.title ?? path.posix.basename(uri.path));
  }

  /** Says why a file has no text; one that is gone is listed no longer. */
  private async sayUnread({ id, uri, title }: ScenarioFile): Promise<void> {
    const isThere = await isFile(uri);
    void showError(isThere ? t('{0} is too large for a scenario.', title) : t('{0} cannot be read.', title));
    if (!isThere) {
      this.files.remove(id);
    }
  }

  /** @returns What is called at the end. */
  private noteRunning(entry: { id: string; isOurs: boolean; stop: () => void }): () => void {
    this.running.add(entry);
    setContextKey('isScenarioRunning', true);
    return () => {
      this.running.delete(entry);
      setContextKey('isScenarioRunning', this.running.size > 0);
      this.files.changed(entry.id);
    };
  }

  private async readAndPerform(
    id: string,
    lines: RunLines,
    signal: AbortSignal,
  ): Promise<RunState | undefined> {
    const file = await this.runnable(id);
    if (!file) {
      return undefined;
    }
    const scenario = await this.readScenario(file);
    if (!scenario) {
      return file.errorCount > 0 ? file.run : undefined;
    }
    try {
      return await this.perform(file, scenario, lines, signal);
    } catch (error) {
      // A fault of ours is no answer of the kernel, and yet the end of the run.
      const run = faultState(errorOf(error));
      this.update(file, run);
      void sayFailed(file);
      return run;
    }
  }

  private async perform(
    file: ScenarioFile,
    scenario: Scenario,
    lines: RunLines,
    signal: AbortSignal,
  ): Promise<RunState> {
    this.update(file, { state: 'running' });
    const { uri, title } = file;
    const document = uri.toString();
    const memory = await this.leftovers.take(document, lines.first, scenario.text, title);
    const run = await runScenario({
      uri,
      title,
      scenario,
      lines,
      memory,
      events: this.runEmitter,
      playground: this.context.playground,
      calls: this.context.calls,
      signal,
      onStep: (step) => this.update(file, { state: 'running', step }),
    }).catch(async (error: unknown) => {
      // What it has made is there for the next run to clear away.
      await this.leftovers.leave(document, memory);
      throw error;
    });
    const canGoOn = run.state === 'passed' && Number.isFinite(lines.last);
    const goOn = canGoOn ? { line: lines.last + 1, text: scenario.text } : undefined;
    await this.leftovers.leave(document, memory, goOn);
    // Of a part nothing is said of the whole.
    this.update(file, canGoOn ? { state: 'idle' } : run);
    if (!isShown(uri)) {
      if (run.state === 'failed') {
        void sayFailed(file);
      } else if (run.state === 'passed' && !canGoOn) {
        sayPassed(file);
      }
    }
    return run;
  }

  private update(file: ScenarioFile, run: RunState): void {
    file.run = run;
    this.files.changed(file.id);
  }
}

function faultState({ message }: Error): RunState {
  return { state: 'failed', message };
}
