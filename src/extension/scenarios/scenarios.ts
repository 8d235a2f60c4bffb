import path from 'node:path';
import * as vscode from 'vscode';
import { t } from '../../common/l10n.js';
import { Emitter, once } from '../../common/event.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import { callCount, type Scenario } from '../../common/notation/ast.js';
import { type Lesson, parseLesson } from '../../common/notation/lesson.js';
import { parseScenario } from '../../common/notation/parser.js';
import { platform } from '../platform.js';
import type { ScenarioSummary } from '../../common/protocol/panel.js';
import type { Playground } from '../../playground/playground.js';
import type { Calls } from '../commands/calls.js';
import { setContextKey } from '../contextKeys.js';
import { showError, showWarning } from '../notify.js';
import { needText, unmetNeed } from '../../playground/needs.js';
import { Leftovers } from './leftovers.js';
import type { LessonProgress } from './lessonProgress.js';
import { type PlacedFile, placeFiles } from './lessonFolders.js';
import type { ScenarioResult } from '../../playground/scenarioResult.js';
import type { ScenarioRun } from '../../playground/scenarioRunner.js';
import { type RunEvent, runScenario, type RunState, tellOf } from './run.js';
import { isWithin, readText } from './scenarioText.js';

/** Files of the workspace that are listed, at most. */
const maxFiles = 200;

export interface ScenarioFile {
  /** Stable: the URI. */
  id: string;
  /** What is run and opened: the file itself, or the same lesson in the user's language. */
  uri: vscode.Uri;
  isBuiltIn: boolean;
  title: string;
  description: string;
  /** Its group in a course. */
  group: string | undefined;
  /** Why it does not run on this machine, or by this user. */
  obstacle: string | undefined;
  callCount: number;
  errorCount: number;
  /** What a learner has to fill in. */
  blankCount: number;
  /** It says something to a learner: it opens call by call. */
  isLesson: boolean;
  /** What its progress is kept under: the same in every language and version. */
  progressKey: string;
  run: RunState;
}

/** A lesson with its text. */
export interface LessonFile {
  file: ScenarioFile;
  scenario: Scenario;
  lesson: Lesson;
}

interface ReadFile {
  file: ScenarioFile;
  text: string | undefined;
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

/** The scenario files that can be run: the built-in ones and those of the workspace. Read when first asked for. */
export class Scenarios implements Disposable {
  private readonly store = new DisposableStore();
  private readonly changeEmitter = this.store.add(new Emitter<string | undefined>());
  private readonly runEmitter = this.store.add(new Emitter<RunEvent>());
  private readonly files = new Map<string, ScenarioFile>();
  private readonly running = new Set<{ id: string; stop: () => void }>();
  private loading: Promise<void> | undefined;
  private isFollowing = false;
  private isKnown = false;

  /** The scenario that has changed; undefined when the list has. */
  readonly onDidChange = this.changeEmitter.event;
  /** What happens in runs, line by line. */
  readonly onDidRun = this.runEmitter.event;
  readonly leftovers: Leftovers;

  constructor(private readonly context: ScenariosContext) {
    this.leftovers = new Leftovers(context.playground);
    this.store.add(vscode.workspace.onDidGrantWorkspaceTrust(() => this.changeEmitter.fire(undefined)));
    this.store.add(context.progress.onDidChange(() => this.changeEmitter.fire(undefined)));
    this.store.add({ dispose: () => this.stop() });
  }

  /** The scenario whose text a document is: of a lesson its translation may be. */
  idOf(uri: vscode.Uri): string {
    const id = uri.toString();
    return [...this.files.values()].find((file) => file.uri.toString() === id)?.id ?? id;
  }

  /** Whether a run of the scenario goes on. */
  isRunning(id: string): boolean {
    return [...this.running].some((each) => each.id === id);
  }

  /** All scenarios, the built-in ones first. */
  async list(): Promise<ScenarioFile[]> {
    // Who asked for the summaries meanwhile has been given none.
    this.loading ??= this.load().then(() => this.changeEmitter.fire(undefined));
    await this.loading;
    return [...this.files.values()];
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
    if (!this.isKnown) {
      return null;
    }
    // What has blanks is to be opened and filled in, not run.
    const runnable = [...this.files.values()].filter(({ blankCount }) => blankCount === 0);
    return runnable.map((file) => ({
      id: file.id,
      title: file.title,
      description: file.description,
      group: file.group ?? null,
      obstacle: file.obstacle ?? null,
      callCount: file.callCount,
      state: file.run.state,
      isLesson: file.isLesson,
      score: this.context.progress.of(file.progressKey) ?? null,
    }));
  }

  /** Reads all files again. */
  async reload(): Promise<void> {
    this.loading = this.load();
    await this.loading;
    this.changeEmitter.fire(undefined);
  }

  /** A file that need not be listed: of the explorer, or of an editor. */
  async add(uri: vscode.Uri): Promise<string> {
    await this.list();
    const id = uri.toString();
    const known = this.files.get(this.idOf(uri)) ?? this.files.get(id);
    if (known) {
      return known.id;
    }
    this.files.set(id, (await this.read({ uri, shown: uri, group: undefined }, false)).file);
    this.changeEmitter.fire(undefined);
    return id;
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
    await (document instanceof vscode.Uri
      ? vscode.window.showTextDocument(document, { preview: true })
      : vscode.window.showTextDocument(document));
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
    const end = this.noteRunning(id, () => controller.abort());
    try {
      return await this.readAndPerform(id, lines, controller.signal);
    } finally {
      end();
    }
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
    if (this.isRunning(id)) {
      // What a run leaves is there to be cleared away when it has ended.
      const ended = once(this.onDidChange, () => !this.isRunning(id));
      this.stop(id);
      await ended;
    }
    return { file, scenario, lesson: parseLesson(scenario) };
  }

  /** Closes what the last run of a file has left, so that its ports and paths are free. */
  async clearAway(uri: vscode.Uri, text: string, title: string): Promise<void> {
    await this.leftovers.take(uri.toString(), 1, text, title);
  }

  /** Shows a run that somebody else makes of the whole of a file: its state, and what happens line by line. */
  showRun(uri: vscode.Uri, scenario: Scenario, run: ScenarioRun): { end(result: ScenarioResult): void } {
    const id = this.idOf(uri);
    const show = (state: RunState) => {
      const file = this.files.get(id);
      if (file) {
        this.update(file, state);
      }
    };
    const endRunning = this.noteRunning(id, () => run.cancel());
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
        show(told.end(result));
        endRunning();
      },
    };
  }

  dispose(): void {
    this.store.dispose();
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
      void showError(t('{0} is too large for a scenario.', file.title));
      return undefined;
    }
    const scenario = parseScenario(text, platform);
    this.describe(file, scenario);
    const [first] = scenario.diagnostics;
    if (first) {
      this.update(file, { state: 'failed', line: first.line, message: first.message });
      void this.sayUnreadable(file, scenario);
      return undefined;
    }
    return scenario;
  }

  /** Says why a file does not run. */
  sayUntrusted(uri: vscode.Uri): void {
    const file = this.files.get(this.idOf(uri));
    void sayUntrusted(file?.title ?? path.posix.basename(uri.path));
  }

  /** @returns What is called at the end. */
  private noteRunning(id: string, stop: () => void): () => void {
    const entry = { id, stop };
    this.running.add(entry);
    setContextKey('isScenarioRunning', true);
    return () => {
      this.running.delete(entry);
      setContextKey('isScenarioRunning', this.running.size > 0);
      this.changeEmitter.fire(id);
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
    return this.perform(file, scenario, lines, signal);
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
    });
    const canGoOn = run.state === 'passed' && Number.isFinite(lines.last);
    await this.leftovers.leave(document, memory, scenario.text, canGoOn ? lines.last + 1 : undefined);
    // Of a part nothing is said of the whole.
    this.update(file, canGoOn ? { state: 'idle' } : run);
    if (run.state === 'failed' && !isShown(uri)) {
      void this.sayFailed(file);
    }
    return run;
  }

  private update(file: ScenarioFile, run: RunState): void {
    file.run = run;
    this.changeEmitter.fire(file.id);
  }

  private async load(): Promise<void> {
    this.follow();
    const builtIn = await this.readAll(await this.findBuiltIn(), true);
    const texts = new Set(builtIn.map(({ text }) => text));
    const others = await this.readAll(await this.findOthers(), false);
    // A copy of a built-in scenario is listed once: the repository itself may be the workspace.
    const found = [...builtIn, ...others.filter(({ text }) => !texts.has(text))];
    const before = new Map(this.files);
    this.files.clear();
    for (const { file } of found) {
      const known = before.get(file.id);
      this.files.set(file.id, known ? Object.assign(known, { ...file, run: known.run }) : file);
    }
    this.isKnown = true;
  }

  private async readAll(uris: readonly vscode.Uri[], isBuiltIn: boolean): Promise<ReadFile[]> {
    const placed = await placeFiles(uris, languageFolder(), readText);
    return Promise.all(placed.map((each) => this.read(each, isBuiltIn)));
  }

  /** The files of the extension, and their translations. */
  private async findBuiltIn(): Promise<vscode.Uri[]> {
    const folders = this.context.folders.flatMap((folder) => [
      folder,
      vscode.Uri.joinPath(folder, languageFolder()),
    ]);
    const found = await Promise.all(
      folders.map(async (each) => (await readFolder(each)).map((name) => vscode.Uri.joinPath(each, name))),
    );
    return found.flat();
  }

  /** The files of the workspace; none where it cannot be searched. */
  private async findOthers(): Promise<vscode.Uri[]> {
    try {
      const found = await vscode.workspace.findFiles('**/*.sockets', '**/node_modules/**', maxFiles);
      return found.sort((a, b) => a.toString().localeCompare(b.toString()));
    } catch (error) {
      this.context.log.warn(t('The workspace cannot be searched for scenarios: {0}', String(error)));
      return [];
    }
  }

  /** From the first listing on, the list follows the workspace. */
  private follow(): void {
    if (this.isFollowing) {
      return;
    }
    this.isFollowing = true;
    const watcher = this.store.add(vscode.workspace.createFileSystemWatcher('**/*.sockets'));
    const refresh = (uri: vscode.Uri) => void this.refresh(uri);
    this.store.add(watcher.onDidCreate(refresh));
    this.store.add(watcher.onDidChange(refresh));
    this.store.add(
      watcher.onDidDelete((uri) => {
        if (this.files.delete(uri.toString())) {
          this.changeEmitter.fire(undefined);
        }
      }),
    );
  }

  private async refresh(uri: vscode.Uri): Promise<void> {
    const known = this.files.get(uri.toString());
    const placed = { uri, shown: known?.uri ?? uri, group: known?.group };
    const { file } = await this.read(placed, known?.isBuiltIn ?? false);
    if (known) {
      Object.assign(known, { ...file, run: known.run });
      this.changeEmitter.fire(known.id);
    } else {
      this.files.set(file.id, file);
      this.changeEmitter.fire(undefined);
    }
  }

  private async read({ uri, shown, group }: PlacedFile, isBuiltIn: boolean): Promise<ReadFile> {
    const file: ScenarioFile = {
      id: uri.toString(),
      uri: shown,
      isBuiltIn,
      title: path.posix.basename(uri.path, '.sockets'),
      description: '',
      group,
      obstacle: undefined,
      callCount: 0,
      errorCount: 0,
      blankCount: 0,
      isLesson: false,
      progressKey: isBuiltIn ? uri.path.split('/').slice(-2).join('/') : uri.toString(),
      run: { state: 'idle' },
    };
    const text = await readText(shown);
    if (text !== undefined) {
      this.describe(file, parseScenario(text, platform));
    }
    return { file, text };
  }

  private describe(file: ScenarioFile, scenario: Scenario): void {
    // A first comment that is no text (control or direction characters, broken UTF-8) names nothing.
    file.title = /^[^\p{C}\uFFFD]{1,80}$/u.test(scenario.title)
      ? scenario.title
      : path.posix.basename(file.uri.path, '.sockets');
    file.description = scenario.description;
    file.callCount = callCount(scenario.statements);
    file.errorCount = scenario.diagnostics.length;
    file.blankCount = scenario.blanks.length;
    const { before, after, questions } = parseLesson(scenario);
    file.isLesson = before !== '' || after !== '' || questions.length > 0;
    const need = unmetNeed(scenario.needs);
    file.obstacle = need && needText(need);
  }

  private async sayUnreadable(file: ScenarioFile, { diagnostics }: Scenario): Promise<void> {
    const [first] = diagnostics;
    const open = t('Open File');
    const message = t('{0} cannot run: line {1}: {2}', file.title, first?.line ?? 1, first?.message ?? '');
    if ((await showError(message, open)) === open) {
      await showLine(file.uri, first?.line);
    }
  }

  private async sayFailed(file: ScenarioFile): Promise<void> {
    const { line, message = '' } = file.run;
    const open = t('Show Line');
    const text =
      line === undefined
        ? t('{0} failed: {1}', file.title, message)
        : t('{0} failed in line {1}: {2}', file.title, line, message);
    const answer = await (line === undefined ? showWarning(text) : showWarning(text, open));
    if (answer === open) {
      await showLine(file.uri, line);
    }
  }
}

async function sayUntrusted(title: string): Promise<void> {
  const manage = t('Manage Workspace Trust');
  const answer = await showWarning(
    t(
      '{0} does not run: it is a file of this workspace, which you do not trust. Its calls are real, so they run only once you trust the workspace.',
      title,
    ),
    manage,
  );
  if (answer === manage) {
    await vscode.commands.executeCommand('workbench.trust.manage');
  }
}

/** Whether an editor shows the file: what went wrong stands behind the line then. */
function isShown(uri: vscode.Uri): boolean {
  return vscode.window.visibleTextEditors.some(({ document }) => document.uri.toString() === uri.toString());
}

async function showLine(uri: vscode.Uri, line: number | undefined): Promise<void> {
  const position = new vscode.Position(Math.max(0, (line ?? 1) - 1), 0);
  await vscode.window.showTextDocument(uri, { selection: new vscode.Range(position, position) });
}

/** The names of the scenarios in a folder; none where there is no such folder. */
async function readFolder(folder: vscode.Uri): Promise<string[]> {
  try {
    const entries = await vscode.workspace.fs.readDirectory(folder);
    return entries
      .filter(([name, type]) => type === vscode.FileType.File && name.endsWith('.sockets'))
      .map(([name]) => name)
      .sort();
  } catch {
    return [];
  }
}

/** The folder with the lessons in the user's language: `ko`. */
function languageFolder(): string {
  return vscode.env.language.slice(0, 2);
}
