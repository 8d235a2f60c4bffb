import * as vscode from 'vscode';
import { t } from '../../common/l10n.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import { escapeIcons } from '../icons.js';
import { askModal } from '../notify.js';
import type { Panels } from '../panel/panels.js';
import type { LessonProgress } from '../scenarios/lessonProgress.js';
import type { Lessons } from '../scenarios/lessons.js';
import type { ScenarioFile } from '../scenarios/scenarioFiles.js';
import { type Choice, choose, separator } from './flow.js';
import { handIn, type HandInContext } from './handInCommand.js';
import { targetOf } from './target.js';

export interface LessonCommandsContext extends HandInContext {
  lessons: Lessons;
  panels: Panels;
  progress: LessonProgress;
}

/** The commands about lessons that are gone through call by call. */
export class LessonCommands implements Disposable {
  private readonly store = new DisposableStore();

  constructor(private readonly context: LessonCommandsContext) {
    this.register('openLesson', (argument) => this.open(argument));
    this.register('handIn', (argument) => handIn(argument, context));
    this.register('forgetProgress', () => this.forgetProgress());
  }

  dispose(): void {
    this.store.dispose();
  }

  private register(name: string, run: (argument: unknown) => unknown): void {
    this.store.add(vscode.commands.registerCommand(`socketPlayground.${name}`, run));
  }

  /** Opens the lesson of a row or of a file, else the one that the user chooses. */
  private async open(argument: unknown): Promise<void> {
    const { scenarios, lessons, panels } = this.context;
    const uri = argument instanceof vscode.Uri ? argument : await this.lessonOf(argument);
    // What a course lists need not be in the workspace.
    const id = uri && (await scenarios.add(uri));
    if (id !== undefined && (await lessons.open(id))) {
      const panel = panels.show();
      await panel.request({ kind: 'focusLesson' });
    }
  }

  /** The lesson of a row or of a course's index, in the user's language, else the one that the user chooses. */
  private async lessonOf(argument: unknown): Promise<vscode.Uri | undefined> {
    const id = targetOf(argument).scenarioId ?? (await this.choose());
    return id === undefined ? undefined : this.context.scenarios.inUsersLanguage(vscode.Uri.parse(id));
  }

  private async choose(): Promise<string | undefined> {
    const { scenarios } = this.context;
    const files = (await scenarios.list()).filter(({ blankCount }) => blankCount === 0);
    const groups = new Set(files.map(({ group }) => group));
    const choices = [...groups].flatMap((group): Choice[] => [
      separator(group ?? t('Workspace')),
      ...files.filter((file) => file.group === group).map((file) => this.choice(file)),
    ]);
    return choose(t('Open Lesson'), t('Which lesson'), choices);
  }

  private choice({ id, title, description, obstacle, progressKey }: ScenarioFile): Choice {
    const isDone = this.context.progress.of(progressKey) !== undefined;
    return {
      label: escapeIcons(title),
      description: obstacle ?? (isDone ? t('done') : ''),
      detail: escapeIcons(description),
      answer: id,
    };
  }

  private async forgetProgress(): Promise<void> {
    const forget = t('Forget');
    const answer = await askModal(
      t('Forget which lessons you have gone through?'),
      t('The check marks and predictions of all lessons go. Your files stay.'),
      forget,
    );
    if (answer === forget) {
      await this.context.progress.forget();
    }
  }
}
