import path from 'node:path';
import { Emitter } from '../../common/event.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import type { LessonAction, LessonState } from '../../common/protocol/lesson.js';
import { LessonRun } from '../../playground/lessonRun.js';
import type { Playground } from '../../playground/playground.js';
import type { Calls } from '../commands/calls.js';
import type { LessonProgress } from './lessonProgress.js';
import type { ScenarioFile } from './scenarioFiles.js';
import type { Scenarios } from './scenarios.js';

export interface LessonsContext {
  playground: Playground;
  calls: Calls;
  scenarios: Scenarios;
  progress: LessonProgress;
}

interface OpenLesson {
  file: ScenarioFile;
  run: LessonRun;
  following: LessonState['following'];
  /** Its score is kept once for each time that it is gone through. */
  isKept: boolean;
}

/** The lesson that is open in the panel: at most one. Nothing of it runs before the learner asks for it. */
export class Lessons implements Disposable {
  private readonly store = new DisposableStore();
  private readonly changeEmitter = this.store.add(new Emitter<void>());
  private current: OpenLesson | undefined;
  private isTelling = false;

  /** The open lesson, or what it shows, has changed; told at most once a turn. */
  readonly onDidChange = this.changeEmitter.event;

  constructor(private readonly context: LessonsContext) {
    this.store.add({ dispose: () => this.current?.run.dispose() });
  }

  /** What the panel shows; null while no lesson is open. */
  get state(): LessonState | null {
    const { current } = this;
    if (!current) {
      return null;
    }
    const { file, run, following } = current;
    return run.state({
      id: file.id,
      title: file.title,
      description: file.description,
      group: file.group ?? null,
      obstacle: file.obstacle ?? null,
      following,
    });
  }

  /**
   * Opens a lesson in the place of the one before, whose sockets are closed. One that has blanks is no lesson to step
   * through.
   * @returns Whether it was opened.
   */
  async open(id: string): Promise<boolean> {
    const { scenarios, playground, calls } = this.context;
    const read = await scenarios.readLesson(id);
    if (!read) {
      return false;
    }
    const { file, scenario, lesson } = read;
    // The one before is shown until this one is: who works with the keyboard stays in the lesson.
    await this.current?.run.end();
    await scenarios.clearAway(file.uri, scenario.text, file.title);
    const run = new LessonRun({
      playground,
      scenario,
      lesson,
      name: file.title,
      folder: path.dirname(file.uri.fsPath),
      outside: () => ({
        loopbackOnly: !calls.isAllowed,
        allowOutside: (text) => calls.confirm(`${file.title}: ${text}`),
      }),
    });
    run.onDidChange(() => this.tell());
    this.current = { file, run, following: await this.following(file), isKept: false };
    this.tell();
    return true;
  }

  async act(action: LessonAction): Promise<void> {
    const { current } = this;
    if (!current || (current.file.obstacle !== undefined && makesCalls.has(action.kind))) {
      return;
    }
    const { run, file, following } = current;
    switch (action.kind) {
      case 'step':
        return run.step();
      case 'runToEnd':
        return run.runToEnd();
      case 'pass':
        return run.pass();
      case 'answer':
        return run.answer(action.line, action.given);
      case 'type':
        return run.type(action.text);
      case 'restart':
        return run.restart();
      case 'next':
        await (following && this.open(following.id));
        return;
      case 'openFile':
        return this.context.scenarios.open(file.id);
      case 'close':
        return this.close(({ run }) => run.end());
      case 'leave':
        return this.close(async ({ run, file }) => {
          const memory = await run.leave();
          await this.context.scenarios.leftovers.leave(file.uri.toString(), memory);
        });
    }
  }

  dispose(): void {
    this.store.dispose();
  }

  private async close(end: (lesson: OpenLesson) => Promise<void>): Promise<void> {
    const { current } = this;
    this.current = undefined;
    if (current) {
      this.tell();
      await end(current);
    }
  }

  /** The next lesson of the course that can be gone through here. */
  private async following(file: ScenarioFile): Promise<LessonState['following']> {
    const all = await this.context.scenarios.list();
    const next = all
      .slice(all.indexOf(file) + 1)
      .find(
        (each) =>
          each.isBuiltIn === file.isBuiltIn &&
          each.isLesson &&
          each.blankCount === 0 &&
          each.obstacle === undefined,
      );
    return next ? { id: next.id, title: next.title } : null;
  }

  private tell(): void {
    if (this.isTelling) {
      return;
    }
    this.isTelling = true;
    setImmediate(() => {
      this.isTelling = false;
      const { current } = this;
      if (current) {
        const isDone = current.run.phase === 'done';
        if (isDone && !current.isKept) {
          void this.context.progress.keep(current.file.progressKey, current.run.score);
        }
        current.isKept = isDone;
      }
      this.changeEmitter.fire();
    });
  }
}

const makesCalls: ReadonlySet<LessonAction['kind']> = new Set(['step', 'runToEnd', 'pass', 'type']);
