import * as vscode from 'vscode';
import { t } from '../../common/l10n.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import type { ScenarioFile, Scenarios } from '../scenarios/scenarios.js';
import { escapeMarkdown } from './markdown.js';

export const scenariosViewId = 'socketPlayground.scenarios';

/** A row; the same object as long as the scenario is there. */
export interface ScenarioNode {
  readonly scenarioId: string;
}

/** The tree of scenarios: the built-in ones, then those of the workspace, with the state of their last run. */
export class ScenariosView implements vscode.TreeDataProvider<ScenarioNode>, Disposable {
  private readonly store = new DisposableStore();
  private readonly changeEmitter = new vscode.EventEmitter<ScenarioNode | undefined>();
  private readonly nodes = new Map<string, ScenarioNode>();

  readonly onDidChangeTreeData = this.changeEmitter.event;

  constructor(private readonly scenarios: Scenarios) {
    this.store.add(this.changeEmitter);
    this.store.add(vscode.window.createTreeView(scenariosViewId, { treeDataProvider: this }));
    this.store.add(
      scenarios.onDidChange((id) =>
        this.changeEmitter.fire(id === undefined ? undefined : this.nodes.get(id)),
      ),
    );
  }

  async getChildren(node?: ScenarioNode): Promise<ScenarioNode[]> {
    if (node) {
      return [];
    }
    const files = await this.scenarios.list();
    return files.map(({ id }) => {
      const known = this.nodes.get(id) ?? { scenarioId: id };
      this.nodes.set(id, known);
      return known;
    });
  }

  getTreeItem({ scenarioId }: ScenarioNode): vscode.TreeItem {
    const file = this.scenarios.get(scenarioId);
    if (!file) {
      return new vscode.TreeItem('');
    }
    const item = new vscode.TreeItem(file.title);
    item.id = scenarioId;
    item.description = describe(file);
    item.iconPath = icon(file);
    item.contextValue = file.run.state === 'running' ? 'scenario running' : 'scenario idle';
    item.accessibilityInformation = { label: `${file.title}, ${describe(file)}` };
    item.command = {
      command: 'socketPlayground.openScenario',
      title: t('Open Scenario File'),
      arguments: [{ scenarioId }],
    };
    item.tooltip = tooltipOf(file);
    return item;
  }

  dispose(): void {
    this.store.dispose();
  }
}

function tooltipOf({ title, description, run, isBuiltIn, uri }: ScenarioFile): vscode.MarkdownString {
  const place = isBuiltIn ? t('Built in') : vscode.workspace.asRelativePath(uri);
  const paragraphs = [`**${escapeMarkdown(title)}**`, description, run.message ?? '', place];
  return new vscode.MarkdownString(
    paragraphs
      .filter((text) => text !== '')
      .map((text, index) => (index === 0 ? text : escapeMarkdown(text)))
      .join('\n\n'),
  );
}

function describe({ run, callCount, errorCount }: ScenarioFile): string {
  if (run.state === 'running') {
    return run.step === undefined ? t('running') : t('step {0} of {1}', run.step, callCount);
  }
  if (errorCount > 0) {
    return errorCount === 1 ? t('1 error') : t('{0} errors', errorCount);
  }
  if (run.state === 'failed' && run.line !== undefined) {
    return t('failed in line {0}', run.line);
  }
  return callCount === 1 ? t('1 call') : t('{0} calls', callCount);
}

function icon({ run, errorCount }: ScenarioFile): vscode.ThemeIcon {
  switch (run.state) {
    case 'running':
      return new vscode.ThemeIcon('loading~spin');
    case 'passed':
      return new vscode.ThemeIcon('pass', new vscode.ThemeColor('charts.green'));
    case 'failed':
      return new vscode.ThemeIcon('error', new vscode.ThemeColor('charts.red'));
    default:
      return errorCount > 0
        ? new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'))
        : new vscode.ThemeIcon('play-circle');
  }
}
