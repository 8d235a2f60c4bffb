import * as vscode from 'vscode';
import { t } from '../../common/l10n.js';
import type { SocketInfo } from '../../common/socket.js';
import { descriptorsText } from '../../common/socketText.js';
import type { Scenario } from '../../common/notation/ast.js';
import { showError, showInStatusBar, showWarning } from '../notify.js';
import type { ScenarioFile } from './scenarioFiles.js';

/** What a run of a file closes before its first call; undefined for nothing. */
export function closesText(made: readonly SocketInfo[]): string | undefined {
  return made.length === 0 ? undefined : t('Closes the sockets of its last run: {0}', descriptorsText(made));
}

/** Says what is wrong in a file that was to run. */
export async function sayUnreadable(file: ScenarioFile, { diagnostics }: Scenario): Promise<void> {
  const [first] = diagnostics;
  const open = t('Open File');
  const message = t('{0} cannot run: line {1}: {2}', file.title, first?.line ?? 1, first?.message ?? '');
  if ((await showError(message, open)) === open) {
    await showLine(file.uri, first?.line);
  }
}

/** Says where a run has failed. */
export async function sayFailed(file: ScenarioFile): Promise<void> {
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

/** Says that a run went as the file expects: no question, so it goes by itself. */
export function sayPassed({ title }: ScenarioFile): void {
  showInStatusBar('pass', t('{0} passed.', title));
}

/** Says why nothing of a file runs. */
export async function sayUntrusted(title: string): Promise<void> {
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
export function isShown(uri: vscode.Uri): boolean {
  return vscode.window.visibleTextEditors.some(({ document }) => document.uri.toString() === uri.toString());
}

async function showLine(uri: vscode.Uri, line: number | undefined): Promise<void> {
  const position = new vscode.Position(Math.max(0, (line ?? 1) - 1), 0);
  await vscode.window.showTextDocument(uri, { selection: new vscode.Range(position, position) });
}
