import * as vscode from 'vscode';
import { t } from '../../common/l10n.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import type { LessonScore } from '../../common/protocol/lesson.js';
import type { LessonProgress } from '../scenarios/lessonProgress.js';
import { blanksText } from '../scenarios/blanks.js';
import type { ScenarioFile } from '../scenarios/scenarioFiles.js';
import { closesText } from '../scenarios/scenarioMessages.js';
import type { Scenarios } from '../scenarios/scenarios.js';
import { escapeMarkdown } from './markdown.js';

const scenariosViewId = 'socketPlayground.scenarios';

/** A row; the same object as long as the scenario is there. */
export interface ScenarioNode {
  readonly scenarioId: string;
}

/** The row of a group of lessons. */
interface GroupNode {
  readonly group: string;
}

type Node = ScenarioNode | GroupNode;

/** The tree of scenarios: the groups of the built-in course, then those of the workspace, with the state of their last run. */
export class ScenariosView implements vscode.TreeDataProvider<Node>, Disposable {
  private readonly store = new DisposableStore();
  private readonly changeEmitter = new vscode.EventEmitter<Node | undefined>();
  private readonly nodes = new Map<string, ScenarioNode>();
  private readonly groups = new Map<string, GroupNode>();
  private readonly view: vscode.TreeView<Node>;
  private files: readonly ScenarioFile[] = [];

  readonly onDidChangeTreeData = this.changeEmitter.event;

  constructor(
    private readonly scenarios: Scenarios,
    private readonly progress: LessonProgress,
  ) {
    this.store.add(this.changeEmitter);
    this.view = this.store.add(vscode.window.createTreeView(scenariosViewId, { treeDataProvider: this }));
    this.store.add(
      scenarios.onDidChange((id) =>
        this.changeEmitter.fire(id === undefined ? undefined : this.nodes.get(id)),
      ),
    );
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (node && 'scenarioId' in node) {
      return [];
    }
    const files = await this.scenarios.list();
    this.view.description = this.doneText(files.filter(({ isLesson }) => isLesson));
    this.files = files;
    const rows = files.filter(({ group }) => group === node?.group).map(({ id }) => this.nodeOf(id));
    return node ? rows : [...this.groupsOf(files), ...rows];
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return 'group' in node ? this.groupItem(node) : this.scenarioItem(node);
  }

  private groupItem({ group }: GroupNode): vscode.TreeItem {
    // The whole course would fill more than the view: it begins with its first group.
    const [first] = this.groups.keys();
    const { Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(group, group === first ? Expanded : Collapsed);
    item.id = `group ${group}`;
    item.contextValue = 'scenarioGroup';
    const lessons = this.files.filter(
      (file) => file.group === group && file.isLesson && file.blankCount === 0,
    );
    item.description = this.doneText(lessons);
    item.accessibilityInformation = { label: `${group}, ${item.description}` };
    return item;
  }

  private scenarioItem({ scenarioId }: ScenarioNode): vscode.TreeItem {
    const file = this.scenarios.get(scenarioId);
    if (!file) {
      return new vscode.TreeItem('');
    }
    const item = new vscode.TreeItem(file.title);
    item.id = scenarioId;
    const score = this.progress.of(file.progressKey);
    item.description = describe(file, score);
    item.iconPath = icon(file, score);
    item.contextValue = contextOf(file);
    item.accessibilityInformation = { label: `${file.title}, ${describe(file, score)}` };
    item.command = {
      ...(isPlayed(file)
        ? { command: 'socketPlayground.openLesson', title: t('Open Lesson') }
        : { command: 'socketPlayground.openScenario', title: t('Open Scenario File') }),
      arguments: [{ scenarioId }],
    };
    item.tooltip = tooltipOf(file, closesText(this.scenarios.leftovers.openOf(scenarioId)));
    return item;
  }

  private nodeOf(id: string): ScenarioNode {
    const known = this.nodes.get(id) ?? { scenarioId: id };
    this.nodes.set(id, known);
    return known;
  }

  private groupsOf(files: readonly ScenarioFile[]): GroupNode[] {
    const titles = new Set(files.flatMap(({ group }) => group ?? []));
    return [...titles].map((group) => {
      const known = this.groups.get(group) ?? { group };
      this.groups.set(group, known);
      return known;
    });
  }

  dispose(): void {
    this.store.dispose();
  }

  /** How many lessons were gone through. */
  private doneText(lessons: readonly ScenarioFile[]): string {
    const done = lessons.filter(({ progressKey }) => this.progress.of(progressKey) !== undefined).length;
    return done === 0 ? '' : t('{0} of {1}', done, lessons.length);
  }
}

/** Whether it opens in the panel, call by call: what has blanks is to be filled in first. */
function isPlayed({ isLesson, blankCount, errorCount }: ScenarioFile): boolean {
  return isLesson && blankCount === 0 && errorCount === 0;
}

/** What the manifest's menus go by. */
function contextOf(file: ScenarioFile): string {
  const { run, blankCount, errorCount } = file;
  const words = ['scenario', run.state === 'running' ? 'running' : 'idle'];
  if (blankCount === 0 && errorCount === 0) {
    words.push('steppable');
  }
  if (isPlayed(file)) {
    words.push('lesson');
  }
  if (blankCount > 0) {
    words.push('exercise');
  }
  return words.join(' ');
}

function tooltipOf(
  { title, description, obstacle, run, isBuiltIn, uri }: ScenarioFile,
  closes = '',
): vscode.MarkdownString {
  const place = isBuiltIn ? t('Built in') : vscode.workspace.asRelativePath(uri);
  const paragraphs = [
    `**${escapeMarkdown(title)}**`,
    description,
    obstacle ?? '',
    run.message ?? '',
    closes,
    place,
  ];
  return new vscode.MarkdownString(
    paragraphs
      .filter((text) => text !== '')
      .map((text, index) => (index === 0 ? text : escapeMarkdown(text)))
      .join('\n\n'),
  );
}

function describe(
  { run, obstacle, callCount, errorCount, blankCount }: ScenarioFile,
  score: LessonScore | undefined,
): string {
  if (run.state === 'running') {
    return run.step === undefined ? t('running') : t('step {0} of {1}', run.step, callCount);
  }
  if (errorCount > 0) {
    return errorCount === 1 ? t('1 error') : t('{0} errors', errorCount);
  }
  if (obstacle !== undefined) {
    return obstacle;
  }
  if (blankCount > 0) {
    return blanksText(blankCount);
  }
  if (run.state === 'failed' && run.line !== undefined) {
    return t('failed in line {0}', run.line);
  }
  if (score && score.asked > 0) {
    return t('done, predicted {0} of {1}', score.right, score.asked);
  }
  if (score) {
    return t('done');
  }
  return callCount === 1 ? t('1 call') : t('{0} calls', callCount);
}

function icon(
  { run, obstacle, errorCount, blankCount, isLesson }: ScenarioFile,
  score: LessonScore | undefined,
): vscode.ThemeIcon {
  if (obstacle !== undefined) {
    return new vscode.ThemeIcon('circle-slash', new vscode.ThemeColor('disabledForeground'));
  }
  switch (run.state) {
    case 'running':
      return new vscode.ThemeIcon('loading~spin');
    case 'passed':
      return new vscode.ThemeIcon('pass', new vscode.ThemeColor('charts.green'));
    case 'failed':
      return new vscode.ThemeIcon('error', new vscode.ThemeColor('charts.red'));
    default:
      if (score) {
        return new vscode.ThemeIcon('pass-filled', new vscode.ThemeColor('charts.green'));
      }
      if (blankCount > 0) {
        return new vscode.ThemeIcon('edit');
      }
      return errorCount > 0
        ? new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'))
        : new vscode.ThemeIcon(isLesson ? 'mortar-board' : 'play-circle');
  }
}
