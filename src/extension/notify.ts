import * as vscode from 'vscode';

/*
 * The one way to the editor's messages. Their renderer makes links of `[text](target)`, commands among the
 * targets, and what a message quotes may be of a peer's or a stranger's making.
 */

/** Corresponds to `vscode.window.showInformationMessage`, without links. */
export function showInformation(message: string, ...actions: string[]): Thenable<string | undefined> {
  return vscode.window.showInformationMessage(withoutLinks(message), ...actions);
}

/** Corresponds to `vscode.window.showWarningMessage`, without links. */
export function showWarning(message: string, ...actions: string[]): Thenable<string | undefined> {
  return vscode.window.showWarningMessage(withoutLinks(message), ...actions);
}

/** Corresponds to `vscode.window.showErrorMessage`, without links. */
export function showError(message: string, ...actions: string[]): Thenable<string | undefined> {
  return vscode.window.showErrorMessage(withoutLinks(message), ...actions);
}

/** A modal warning: resolves with the chosen action; undefined when the user cancels. */
export function askModal(
  message: string,
  detail: string,
  ...actions: string[]
): Thenable<string | undefined> {
  const options = { modal: true, detail: withoutLinks(detail) };
  return vscode.window.showWarningMessage(withoutLinks(message), options, ...actions);
}

/** A space of no width between the two brackets: it reads the same and is no link. */
function withoutLinks(text: string): string {
  return text.replaceAll('](', ']\u200b(');
}
