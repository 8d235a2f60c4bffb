import path from 'node:path';
import * as vscode from 'vscode';
import { Emitter } from '../../common/event.js';
import { t } from '../../common/l10n.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import { callCount, type Scenario } from '../../common/notation/ast.js';
import { isLesson, parseLesson } from '../../common/notation/lesson.js';
import { parseScenario } from '../../common/notation/parser.js';
import { needText, unmetNeed } from '../../playground/needs.js';
import { platform } from '../platform.js';
import { type PlacedFile, placeFiles } from './lessonFolders.js';
import type { RunState } from './run.js';
import { readText } from './scenarioText.js';

/** Files of the workspace that are listed, at most. */
const maxFiles = 200;

export interface ScenarioFile {
  /** The URI of what is run and opened. */
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

interface ReadFile {
  file: ScenarioFile;
  text: string | undefined;
}

/** The scenario files that there are: the built-in ones and those of the workspace. Read when first asked for. */
export class ScenarioFiles implements Disposable {
  private readonly store = new DisposableStore();
  private readonly changeEmitter = this.store.add(new Emitter<string | undefined>());
  private readonly files = new Map<string, ScenarioFile>();
  /** Files in whose place another language's are listed, and which: nothing of those in a language that is not the user's. */
  private readonly unlisted = new Map<string, vscode.Uri | undefined>();
  private loading: Promise<void> | undefined;
  private isFollowing = false;
  private isRead = false;

  /** The file that has changed; undefined when the list has. */
  readonly onDidChange = this.changeEmitter.event;

  /** @param folders Those of the built-in files. */
  constructor(
    private readonly folders: readonly vscode.Uri[],
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** All of them, the built-in ones first. */
  async list(): Promise<ScenarioFile[]> {
    // Who asked for what is known meanwhile has been given nothing.
    this.loading ??= this.load().then(() => this.changed());
    await this.loading;
    return [...this.files.values()];
  }

  /** What is known so far; undefined before anything is. */
  get known(): ScenarioFile[] | undefined {
    return this.isRead ? [...this.files.values()] : undefined;
  }

  get(id: string): ScenarioFile | undefined {
    return this.files.get(id);
  }

  /** Reads all files again. */
  async reload(): Promise<void> {
    this.loading = this.load();
    await this.loading;
    this.changed();
  }

  /** A file that need not be listed: of the explorer, or of an editor. */
  async add(uri: vscode.Uri): Promise<string> {
    await this.list();
    const id = uri.toString();
    if (!this.files.has(id)) {
      this.files.set(id, (await this.read({ uri, shown: uri, group: undefined }, false)).file);
      this.changed();
    }
    return id;
  }

  /** What is listed in the place of a file, itself where nothing else is. */
  async inUsersLanguage(uri: vscode.Uri): Promise<vscode.Uri> {
    await this.list();
    return this.unlisted.get(uri.toString()) ?? uri;
  }

  /** A file that is gone. */
  remove(id: string): void {
    if (this.files.delete(id)) {
      this.changed();
    }
  }

  /** Tells that a scenario has changed; without one that the list has. */
  changed(id?: string): void {
    this.changeEmitter.fire(id);
  }

  /** Takes over what the text of a file says of it. */
  describe(file: ScenarioFile, scenario: Scenario): void {
    // A first comment that is no text (control or direction characters, broken UTF-8) names nothing.
    file.title = /^[^\p{C}\uFFFD]{1,80}$/u.test(scenario.title)
      ? scenario.title
      : path.posix.basename(file.uri.path, '.sockets');
    file.description = scenario.description;
    file.callCount = callCount(scenario.statements);
    file.errorCount = scenario.diagnostics.length;
    file.blankCount = scenario.blanks.length;
    file.isLesson = isLesson(parseLesson(scenario));
    const need = unmetNeed(scenario.needs);
    file.obstacle = need && needText(need);
  }

  dispose(): void {
    this.store.dispose();
  }

  private async load(): Promise<void> {
    this.follow();
    this.unlisted.clear();
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
    this.isRead = true;
  }

  private async readAll(uris: readonly vscode.Uri[], isBuiltIn: boolean): Promise<ReadFile[]> {
    const placed = await placeFiles(uris, languageFolder(), readText);
    const listed = new Set(placed.map(({ shown }) => shown.toString()));
    const inPlaceOf = new Map(placed.map(({ uri, shown }) => [uri.toString(), shown]));
    for (const uri of uris.map(String)) {
      if (!listed.has(uri)) {
        this.unlisted.set(uri, inPlaceOf.get(uri));
      }
    }
    return Promise.all(placed.map((each) => this.read(isBuiltIn ? each : withCourse(each), isBuiltIn)));
  }

  /** The files of the extension, and their translations. */
  private async findBuiltIn(): Promise<vscode.Uri[]> {
    const folders = this.folders.flatMap((folder) => [folder, vscode.Uri.joinPath(folder, languageFolder())]);
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
      this.log.warn(t('The workspace cannot be searched for scenarios: {0}', String(error)));
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
    this.store.add(watcher.onDidDelete((uri) => this.remove(uri.toString())));
  }

  private async refresh(uri: vscode.Uri): Promise<void> {
    const id = uri.toString();
    if (!this.files.has(id) && this.unlisted.has(id)) {
      return;
    }
    const { file } = await this.read({ uri, shown: uri, group: undefined }, false);
    // It may have become known meanwhile: a new file is told of twice, when it is made and when it is written.
    const known = this.files.get(id);
    if (known) {
      const { group, isBuiltIn, run, progressKey } = known;
      Object.assign(known, { ...file, group, isBuiltIn, run, progressKey });
      this.changed(id);
    } else {
      this.files.set(id, file);
      this.changed();
    }
  }

  private async read(
    { uri, shown, group }: Omit<PlacedFile, 'course'>,
    isBuiltIn: boolean,
  ): Promise<ReadFile> {
    const file: ScenarioFile = {
      id: shown.toString(),
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
}

/** Courses of a workspace may have groups of the same title, also as the built-in one: each is named with its course. */
function withCourse({ group, course, ...file }: PlacedFile): Omit<PlacedFile, 'course'> {
  return { ...file, group: group !== undefined && course ? `${course}: ${group}` : group };
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
