import * as vscode from 'vscode';
import { type LensAction, lensesOf } from '../../common/language/lenses.js';
import { t } from '../../common/l10n.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import { blanksText } from './blanks.js';
import { languageFileOf } from './languageFiles.js';
import { closesText } from './scenarioMessages.js';
import type { Scenarios } from './scenarios.js';

/** What can be done with a scenario, above the lines of a scenario; in an untrusted workspace why nothing runs. */
export class ScenarioLenses implements vscode.CodeLensProvider, Disposable {
  private readonly store = new DisposableStore();
  private readonly changeEmitter = this.store.add(new vscode.EventEmitter<void>());

  readonly onDidChangeCodeLenses = this.changeEmitter.event;

  constructor(private readonly scenarios: Scenarios) {
    this.store.add(vscode.languages.registerCodeLensProvider('sockets', this));
    this.store.add(scenarios.onDidChange(() => this.changeEmitter.fire()));
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const { scenarios } = this;
    const id = document.uri.toString();
    const file = languageFileOf(document);
    const lenses = lensesOf(file, {
      isRunning: scenarios.isRunning(id),
      mayRun: scenarios.mayRun(document.uri),
      canGoOn: (line) => scenarios.leftovers.canGoOn(id, line, file.text),
    });
    const closes = closesText(scenarios.leftovers.openOf(id));
    return lenses.map(({ line, action }) => {
      const command = commandOf(action, document.uri);
      if (closes !== undefined && fromStart.has(action.kind)) {
        command.tooltip = `${command.tooltip} ${closes}`;
      }
      return new vscode.CodeLens(document.lineAt(line).range, command);
    });
  }

  dispose(): void {
    this.store.dispose();
  }
}

/** These begin at the first call, with the ports and paths of the last run free. */
const fromStart: ReadonlySet<LensAction['kind']> = new Set(['run', 'runTo', 'debug', 'debugTo', 'lesson']);

function commandOf(action: LensAction, uri: vscode.Uri): vscode.Command {
  const run = (
    title: string,
    tooltip: string,
    lines?: { first?: number; last?: number },
  ): vscode.Command => ({
    title,
    tooltip,
    command: 'socketPlayground.runScenarioLines',
    arguments: [uri, lines],
  });
  switch (action.kind) {
    case 'run':
      return run(`$(play) ${t('Run')}`, t('Makes the calls of this file, one after another.'));
    case 'debug':
      return {
        title: `$(debug-alt) ${t('Debug')}`,
        tooltip: t('Makes the calls of this file, with breakpoints and step by step.'),
        command: 'socketPlayground.debugScenario',
        arguments: [uri],
      };
    case 'debugTo':
      return {
        title: t('Debug to Here'),
        tooltip: t('Makes the calls above this line, then stops here to go on step by step.'),
        command: 'socketPlayground.debugScenario',
        arguments: [uri, action.line],
      };
    case 'lesson':
      return {
        title: `$(mortar-board) ${t('Open Lesson')}`,
        tooltip: t('Opens it in the panel, to go through it call by call.'),
        command: 'socketPlayground.openLesson',
        arguments: [uri],
      };
    case 'blanks':
      return {
        title: `$(edit) ${blanksText(action.count)}`,
        tooltip: t('Goes to the next blank.'),
        command: 'socketPlayground.nextBlank',
      };
    case 'handIn':
      return {
        title: `$(mail) ${t('Hand In')}`,
        tooltip: t('Runs the checks of the exercise, and writes a file for the teacher.'),
        command: 'socketPlayground.handIn',
      };
    case 'stop':
      return {
        title: `$(debug-stop) ${t('Stop')}`,
        command: 'socketPlayground.stopScenario',
        arguments: [{ scenarioId: uri.toString() }],
      };
    case 'runTo':
      return run(t('Run to Here'), t('Makes the calls above this line.'), { last: action.last });
    case 'runFrom':
      return run(t('Run from Here'), t('Goes on with the sockets that the calls above have left.'), {
        first: action.first,
      });
    case 'untrusted':
      return {
        title: `$(shield) ${t('Does not run: the workspace is not trusted')}`,
        tooltip: t('The calls of a scenario are real. They are made once you trust the workspace.'),
        command: 'workbench.trust.manage',
      };
    case 'unrunnable':
      return {
        title: `$(warning) ${action.count === 1 ? t('Does not run: 1 error') : t('Does not run: {0} errors', action.count)}`,
        tooltip: t('Goes to the first error.'),
        command: 'socketPlayground.firstError',
        arguments: [uri],
      };
  }
}
