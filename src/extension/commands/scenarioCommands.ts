import * as v from 'valibot';
import * as vscode from 'vscode';
import { t } from '../../common/l10n.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import { escapeIcons } from '../icons.js';
import type { Debugging } from '../debug/debugging.js';
import type { Panels } from '../panel/panels.js';
import { selectNextBlank } from '../scenarios/blanks.js';
import { showFirstError } from '../scenarios/diagnostics.js';
import { closesText } from '../scenarios/scenarioMessages.js';
import type { Scenarios } from '../scenarios/scenarios.js';
import { type Choice, choose, separator } from './flow.js';
import { targetOf } from './target.js';

export interface ScenarioCommandsContext {
  scenarios: Scenarios;
  panels: Panels;
  debugging: Debugging;
}

const lineNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
/** Lines counted from 1. */
const partOfFile = v.object({ first: v.optional(lineNumber), last: v.optional(lineNumber) });
/** A row of the tree. */
const scenarioGroup = v.object({ group: v.string() });

/** The commands about scenarios. */
export class ScenarioCommands implements Disposable {
  private readonly store = new DisposableStore();

  constructor(private readonly context: ScenarioCommandsContext) {
    const { scenarios } = context;
    this.register('runScenario', (argument) => this.run(argument));
    this.register('runScenarioLines', (uri, lines) => this.runLines(uri, lines));
    this.register('runScenarioToLine', () => this.runToCursor());
    this.register('debugScenario', (argument, line) => this.debug(argument, line));
    this.register('debugScenarioToLine', () => this.debugToCursor());
    this.register('runScenarioGroup', (row) => this.runGroup(row));
    this.register('openScenario', (argument) => this.withScenario(argument, (id) => scenarios.open(id)));
    this.register('stopScenario', (argument) => scenarios.stop(targetOf(argument).scenarioId));
    this.register('refreshScenarios', () => scenarios.reload());
    this.register('newScenario', () => newScenario());
    this.register('nextBlank', () => goToNextBlank());
    this.register('firstError', (uri) => goToFirstError(uri));
  }

  dispose(): void {
    this.store.dispose();
  }

  private register(name: string, run: (...values: unknown[]) => unknown): void {
    this.store.add(vscode.commands.registerCommand(`socketPlayground.${name}`, run));
  }

  private run(argument: unknown): Promise<unknown> {
    if (argument instanceof vscode.Uri) {
      return this.runLines(argument, {});
    }
    return this.withScenario(argument, (id) => {
      this.context.panels.show({ preserveFocus: true });
      return this.context.scenarios.run(id);
    });
  }

  /** Runs a file, or a part of it, from its editor: the panel opens beside it. */
  private async runLines(uri: unknown, lines: unknown): Promise<unknown> {
    const { scenarios, panels } = this.context;
    const { first = 1, last = Infinity } = v.is(partOfFile, lines) ? lines : {};
    if (!(uri instanceof vscode.Uri)) {
      return undefined;
    }
    panels.showBeside();
    return scenarios.run(await scenarios.add(uri), { first, last });
  }

  /** Debugs a file, or the scenario of a row; up to a line where one is given, counted from 1. */
  private async debug(argument: unknown, line: unknown): Promise<void> {
    const { scenarios, debugging } = this.context;
    const start = { stopAtLine: v.is(lineNumber, line) ? line : undefined };
    if (argument instanceof vscode.Uri) {
      await debugging.start(argument, start);
      return;
    }
    await this.withScenario(
      argument,
      (id) => {
        const file = scenarios.get(id);
        return file && debugging.start(file.uri, start);
      },
      t('Debug Scenario'),
    );
  }

  private async debugToCursor(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (editor?.document.languageId === 'sockets') {
      await this.debug(editor.document.uri, editor.selection.active.line + 1);
    }
  }

  /** Runs the scenarios of a group one after another, until one is stopped. */
  private async runGroup(row: unknown): Promise<void> {
    const { scenarios, panels } = this.context;
    if (!v.is(scenarioGroup, row)) {
      return;
    }
    panels.show({ preserveFocus: true });
    const files = await scenarios.list();
    for (const { id } of files.filter(
      ({ group, obstacle }) => group === row.group && obstacle === undefined,
    )) {
      const run = await scenarios.run(id);
      if (run === undefined || run.state === 'idle') {
        return;
      }
    }
  }

  private runToCursor(): Promise<unknown> {
    const editor = vscode.window.activeTextEditor;
    return editor?.document.languageId === 'sockets'
      ? this.runLines(editor.document.uri, { last: editor.selection.active.line + 1 })
      : Promise.resolve(undefined);
  }

  /** The scenario of a row or of a file in the explorer, else the one that the user chooses. */
  private async withScenario(
    argument: unknown,
    run: (id: string) => unknown,
    title = t('Run Scenario'),
  ): Promise<unknown> {
    const { scenarios } = this.context;
    if (argument instanceof vscode.Uri) {
      return run(await scenarios.add(argument));
    }
    const id = targetOf(argument).scenarioId ?? (await this.chooseScenario(title));
    return id === undefined ? undefined : run(id);
  }

  private async chooseScenario(title: string): Promise<string | undefined> {
    const files = await this.context.scenarios.list();
    const groups = new Set(files.map(({ group }) => group));
    const choices = [...groups].flatMap((group): Choice[] => [
      ...(groups.size > 1 ? [separator(escapeIcons(group ?? t('Workspace')))] : []),
      ...files
        .filter((file) => file.group === group)
        .map(({ id, title, description, obstacle, callCount }) => ({
          label: escapeIcons(title),
          description: obstacle ?? (callCount === 1 ? t('1 call') : t('{0} calls', callCount)),
          detail: closesText(this.context.scenarios.leftovers.openOf(id)) ?? escapeIcons(description),
          answer: id,
        })),
    ]);
    return choose(title, t('Which scenario'), choices);
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

function goToNextBlank(): void {
  const editor = vscode.window.activeTextEditor;
  if (editor) {
    selectNextBlank(editor);
  }
}

async function goToFirstError(uri: unknown): Promise<void> {
  if (uri instanceof vscode.Uri) {
    await showFirstError(await vscode.window.showTextDocument(uri));
  }
}
