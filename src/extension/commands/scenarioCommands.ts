import * as vscode from 'vscode';
import { t } from '../../common/l10n.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import type { Panels } from '../panel/panels.js';
import type { Scenarios } from '../scenarios/scenarios.js';
import { type Choice, choose, separator } from './flow.js';
import { targetOf } from './target.js';

export interface ScenarioCommandsContext {
  scenarios: Scenarios;
  panels: Panels;
}

/** The commands about scenarios. */
export class ScenarioCommands implements Disposable {
  private readonly store = new DisposableStore();

  constructor(private readonly context: ScenarioCommandsContext) {
    const { scenarios } = context;
    this.register('runScenario', (argument) => this.run(argument));
    this.register('openScenario', (argument) => this.withScenario(argument, (id) => scenarios.open(id)));
    this.register('stopScenario', (argument) => scenarios.stop(targetOf(argument).scenarioId));
    this.register('refreshScenarios', () => scenarios.reload());
    this.register('newScenario', () => newScenario());
  }

  dispose(): void {
    this.store.dispose();
  }

  private register(name: string, run: (argument: unknown) => unknown): void {
    this.store.add(vscode.commands.registerCommand(`socketPlayground.${name}`, run));
  }

  private run(argument: unknown): Promise<unknown> {
    return this.withScenario(argument, (id) => {
      this.context.panels.show({ preserveFocus: true });
      return this.context.scenarios.run(id);
    });
  }

  /** The scenario of a row or of a file in the explorer, else the one that the user chooses. */
  private async withScenario(argument: unknown, run: (id: string) => unknown): Promise<unknown> {
    const { scenarios } = this.context;
    if (argument instanceof vscode.Uri) {
      return run(await scenarios.add(argument));
    }
    const id = targetOf(argument).scenarioId ?? (await this.chooseScenario());
    return id === undefined ? undefined : run(id);
  }

  private async chooseScenario(): Promise<string | undefined> {
    const files = await this.context.scenarios.list();
    const groups = new Set(files.map(({ group }) => group));
    const choices = [...groups].flatMap((group): Choice[] => [
      ...(groups.size > 1 ? [separator(group ?? t('Workspace'))] : []),
      ...files
        .filter((file) => file.group === group)
        .map(({ id, title, description, obstacle, callCount }) => ({
          label: title,
          description: obstacle ?? (callCount === 1 ? t('1 call') : t('{0} calls', callCount)),
          detail: description,
          answer: id,
        })),
    ]);
    return choose(t('Run Scenario'), t('Which scenario'), choices);
  }
}

/** Opens an unsaved file with a first scenario in it. */
async function newScenario(): Promise<void> {
  const content = [
    `# ${t('My scenario')}`,
    `# ${t('What it shows.')}`,
    '',
    'server = socket(AF_INET, SOCK_STREAM, 0)',
    'bind(server, 127.0.0.1:0) = 0',
    'listen(server, 5) = 0',
    '',
    'client = socket(AF_INET, SOCK_STREAM, 0)',
    'connect(client, getsockname(server)) = 0',
    'peer = accept(server)',
    'send(client, "hello\\n") = 6',
    'recv(peer, "hello\\n", 4096) = 6',
    '',
  ].join('\n');
  await vscode.window.showTextDocument(
    await vscode.workspace.openTextDocument({ language: 'sockets', content }),
  );
}
