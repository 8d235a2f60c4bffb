import * as vscode from 'vscode';
import { unseen } from '../common/unseen.js';
import { escapeIcons } from './icons.js';

/*
 * The one way to the editor's messages. Their renderer makes links of `[text](target)`, commands among the
 * targets, and obeys characters that turn the direction of what follows; and what a message quotes may be of a
 * peer's or a stranger's making: a path, the name of a process.
 */

/** Corresponds to `vscode.window.showInformationMessage`, without links. */
export function showInformation(message: string, ...actions: string[]): Thenable<string | undefined> {
  return vscode.window.showInformationMessage(asText(message), ...actions);
}

/** Corresponds to `vscode.window.showWarningMessage`, without links. */
export function showWarning(message: string, ...actions: string[]): Thenable<string | undefined> {
  return vscode.window.showWarningMessage(asText(message), ...actions);
}

/** Corresponds to `vscode.window.showErrorMessage`, without links. */
export function showError(message: string, ...actions: string[]): Thenable<string | undefined> {
  return vscode.window.showErrorMessage(asText(message), ...actions);
}

/** How long a text that asks nothing stands in the status bar, in milliseconds. */
const statusTime = 10_000;

/**
 * Corresponds to `vscode.window.setStatusBarMessage`, without icons in the text.
 * @param icon The codicon in front of it.
 */
export function showInStatusBar(icon: string, message: string): void {
  vscode.window.setStatusBarMessage(`$(${icon}) ${escapeIcons(asText(message))}`, statusTime);
}

/** A modal text with all that belongs to it. */
export function showDetail(message: string, detail: string): Thenable<string | undefined> {
  return vscode.window.showInformationMessage(asText(message), { modal: true, detail: asText(detail) });
}

/** A modal warning: resolves with the chosen action; undefined when the user cancels. */
export function askModal(
  message: string,
  detail: string,
  ...actions: string[]
): Thenable<string | undefined> {
  const options = { modal: true, detail: asText(detail) };
  return vscode.window.showWarningMessage(asText(message), options, ...actions);
}

/** A space of no width between the two brackets reads the same and is no link; what is not seen is written as its number. */
function asText(text: string): string {
  return text
    .replace(unseen, (character) =>
      character === '\n' || character === '\t' ? character : `\\u{${character.charCodeAt(0).toString(16)}}`,
    )
    .replaceAll('](', ']\u200b(');
}
