import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { type Course, courseFile, parseCourse } from '../../common/course.js';
import {
  exerciseOf,
  type HandIn,
  type HandInExercise,
  handInExtension,
  handInFileName,
  handInObstacle,
  printHandIn,
} from '../../common/handIn.js';
import { t } from '../../common/l10n.js';
import { type Lesson, parseLesson } from '../../common/notation/lesson.js';
import { parseScenario } from '../../common/notation/parser.js';
import { gradeHandIn } from '../../playground/grading.js';
import { askModal, showError, showInformation, showWarning } from '../notify.js';
import { readText } from '../scenarios/scenarioText.js';
import type { Scenarios } from '../scenarios/scenarios.js';
import { targetOf } from './target.js';

export interface HandInContext {
  scenarios: Scenarios;
  /** The folder of the built-in exercises. */
  exercises: vscode.Uri;
  /** The bundle of the socket host process. */
  hostPath: string;
  /** Keeps the student's name. */
  state: vscode.Memento;
}

/** An exercise of a course, and where the student has done it. */
interface Task {
  name: string;
  /** As the index names it. */
  file: string;
  lesson: Lesson;
  /** Titles in the languages of the course. */
  titles: ReadonlySet<string>;
  /** What the student wrote; undefined where nothing was found. */
  work: Work | undefined;
}

interface Work {
  uri: vscode.Uri;
  text: string;
}

interface Found {
  course: Course;
  tasks: Task[];
}

const nameKey = 'handInName';

/** Runs the checks of what a student wrote, and writes it into one file for the teacher. */
export async function handIn(argument: unknown, context: HandInContext): Promise<void> {
  const found = await findWork(argument, context);
  const done = found?.tasks.filter(({ work }) => work !== undefined) ?? [];
  if (!found || done.length === 0) {
    const folder = await askFolder();
    return folder && handIn(folder, context);
  }
  const refused = done.find(({ work }) => !context.scenarios.mayRun(work!.uri));
  if (refused) {
    void showWarning(
      t('The checks run what you wrote, and the calls are real: they run only once you trust the workspace.'),
    );
    return;
  }
  const obstacle = handInObstacle(done.map(({ name, work }) => ({ exercise: name, text: work!.text })));
  if (obstacle !== undefined) {
    void showWarning(obstacle);
    return;
  }
  const student = await askName(context.state);
  if (student === undefined) {
    return;
  }
  const exercises = await check(done, context);
  if (!exercises) {
    return;
  }
  const handedIn = new Date().toISOString();
  const written: HandIn = { student, course: found.course.title, handedIn, exercises };
  if (await isAgreed(written, found.tasks)) {
    await write(written);
  }
}

/** Tells that there is nothing to hand in, and asks for the folder of the course; undefined where the user has left. */
async function askFolder(): Promise<vscode.Uri | undefined> {
  const choose = t('Choose Folder…');
  const message = t(
    'There is nothing to hand in: open the exercise that you have done, or choose the folder of the course.',
  );
  if ((await showWarning(message, choose)) !== choose) {
    return undefined;
  }
  const [folder] =
    (await vscode.window.showOpenDialog({
      title: t('Folder of the course'),
      canSelectFiles: false,
      canSelectFolders: true,
    })) ?? [];
  return folder;
}

async function askName(state: vscode.Memento): Promise<string | undefined> {
  const name = await vscode.window.showInputBox({
    title: t('Hand In'),
    prompt: t('Your name, as your teacher knows it'),
    value: state.get<string>(nameKey, ''),
    ignoreFocusOut: true,
    validateInput: (text) =>
      text.trim() === ''
        ? t('A name is missing.')
        : text.length > 100
          ? t('The name is too long.')
          : undefined,
  });
  const student = name?.trim();
  if (student !== undefined) {
    await state.update(nameKey, student);
  }
  return student;
}

/** The course that the argument or the editor in front belongs to, else the built-in one, with what the student has done of it. */
async function findWork(
  argument: unknown,
  { scenarios, exercises }: HandInContext,
): Promise<Found | undefined> {
  const id = targetOf(argument).scenarioId;
  const row = id === undefined ? undefined : scenarios.get(id);
  const active = vscode.window.activeTextEditor?.document;
  const uri =
    argument instanceof vscode.Uri
      ? argument
      : row && !row.isBuiltIn
        ? row.uri
        : row || active?.languageId !== 'sockets'
          ? undefined
          : active.uri;
  const candidates = await worksAt(uri);
  const folder = uri && (await folderOf(uri));
  const own = folder && (await readExercises(folder));
  const course = own ?? (await readExercises(exercises));
  if (!course) {
    return undefined;
  }
  const names = course.tasks.map(({ name }) => name);
  const tasks = await Promise.all(
    course.tasks.map(async (task) => ({
      ...task,
      work: workOf(task, names, candidates) ?? (own && folder ? await inFolder(folder, task) : undefined),
    })),
  );
  // A file of the explorer is handed in alone.
  const only =
    argument instanceof vscode.Uri && argument.path.endsWith('.sockets') ? argument.toString() : undefined;
  return {
    course: course.course,
    tasks: only === undefined ? tasks : tasks.filter(({ work }) => work?.uri.toString() === only),
  };
}

/** What is open, and the file that was chosen. */
async function worksAt(uri: vscode.Uri | undefined): Promise<Work[]> {
  const open = vscode.workspace.textDocuments
    .filter(({ languageId }) => languageId === 'sockets')
    .map((document) => ({ uri: document.uri, text: document.getText() }));
  const text = uri?.path.endsWith('.sockets') ? await readText(uri) : undefined;
  return uri && text !== undefined ? [{ uri, text }, ...open] : open;
}

/** The student's own copy: by its file name, or by the title that it has kept. */
function workOf(
  { name, titles }: Pick<Task, 'name' | 'titles'>,
  names: readonly string[],
  candidates: readonly Work[],
): Work | undefined {
  return candidates.find(
    ({ uri, text }) =>
      exerciseOf(path.posix.basename(uri.path, '.sockets'), names) === name ||
      titles.has(parseScenario(text).title),
  );
}

async function inFolder(folder: vscode.Uri, { file }: Pick<Task, 'file'>): Promise<Work | undefined> {
  const uri = vscode.Uri.joinPath(folder, file);
  const text = await readText(uri);
  return text === undefined ? undefined : { uri, text };
}

/** The folder that is meant; undefined for what is in none. */
async function folderOf(uri: vscode.Uri): Promise<vscode.Uri | undefined> {
  if (uri.scheme === 'untitled') {
    return undefined;
  }
  try {
    const { type } = await vscode.workspace.fs.stat(uri);
    return (type & vscode.FileType.Directory) === 0 ? vscode.Uri.joinPath(uri, '..') : uri;
  } catch {
    return vscode.Uri.joinPath(uri, '..');
  }
}

/** The exercises of a course; undefined where the folder is none, or has none. */
async function readExercises(
  folder: vscode.Uri,
): Promise<{ course: Course; tasks: Omit<Task, 'work'>[] } | undefined> {
  const index = await readText(vscode.Uri.joinPath(folder, courseFile));
  if (index === undefined) {
    return undefined;
  }
  const course = parseCourse(index);
  const tasks: Omit<Task, 'work'>[] = [];
  for (const { file } of course.groups.flatMap(({ lessons }) => lessons)) {
    const text = await readText(vscode.Uri.joinPath(folder, file));
    const lesson = text === undefined ? undefined : parseLesson(parseScenario(text));
    if (lesson && lesson.checks.length > 0) {
      const translated = await readText(
        vscode.Uri.joinPath(
          folder,
          path.posix.dirname(file),
          vscode.env.language.slice(0, 2),
          path.posix.basename(file),
        ),
      );
      const titles = [lesson.title, translated === undefined ? '' : parseScenario(translated).title];
      tasks.push({
        name: path.posix.basename(file, '.sockets'),
        file,
        lesson,
        titles: new Set(titles.filter((title) => title !== '')),
      });
    }
  }
  return tasks.length > 0 ? { course, tasks } : undefined;
}

/** Runs the checks; undefined when the user gives up waiting. */
async function check(
  tasks: readonly Task[],
  { hostPath }: HandInContext,
): Promise<HandInExercise[] | undefined> {
  const controller = new AbortController();
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: t('The checks of your exercises run'),
    cancellable: true,
  };
  return vscode.window.withProgress(options, async (progress, token) => {
    token.onCancellationRequested(() => controller.abort());
    const exercises: HandInExercise[] = [];
    for (const { name, lesson, work } of tasks) {
      progress.report({ message: name, increment: 100 / tasks.length });
      const started = Date.now();
      const { isPassed, held, checks, why } = await gradeHandIn({
        text: work!.text,
        checks: lesson.checks,
        folder: work!.uri.scheme === 'file' ? path.dirname(work!.uri.fsPath) : os.homedir(),
        hostPath,
        signal: controller.signal,
      });
      exercises.push({
        exercise: name,
        text: work!.text,
        result: { isPassed, held, checks, why },
        checkedAt: new Date(started).toISOString(),
        tookMs: Date.now() - started,
      });
    }
    return controller.signal.aborted ? undefined : exercises;
  });
}

/** Tells what will be in the file, before it is written. */
async function isAgreed({ student, course, exercises }: HandIn, tasks: readonly Task[]): Promise<boolean> {
  const lines = [
    t('Name: {0}', student),
    t('Course: {0}', course),
    ...exercises.map(({ exercise, result: { isPassed, held, checks, why } }) =>
      isPassed
        ? t('{0}: passed, {1} of {2} checks', exercise, held, checks)
        : t('{0}: not passed, {1} of {2} checks. {3}', exercise, held, checks, why),
    ),
    ...tasks.filter(({ work }) => !work).map(({ name }) => t('{0}: not handed in', name)),
    '',
    t(
      'The file holds your name, the texts of these exercises, whether their checks held, and when and how long they ran. It is written where you choose, and sent nowhere.',
    ),
  ];
  const choose = t('Choose a Place…');
  const question =
    exercises.length === 1 ? t('Hand in 1 exercise?') : t('Hand in {0} exercises?', exercises.length);
  return (await askModal(question, lines.join('\n'), choose)) === choose;
}

async function write(written: HandIn): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(os.homedir());
  const uri = await vscode.window.showSaveDialog({
    title: t('Hand In'),
    defaultUri: vscode.Uri.joinPath(folder, handInFileName(written)),
    filters: { [t('Hand-in')]: [handInExtension.slice(1)] },
  });
  if (!uri) {
    return;
  }
  try {
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(printHandIn(written)));
  } catch (error) {
    void showError(t('The file cannot be written: {0}', (error as Error).message));
    return;
  }
  void showInformation(t('{0} is written. Give it to your teacher.', path.posix.basename(uri.path)));
}
