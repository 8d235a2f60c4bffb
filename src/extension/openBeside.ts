import * as vscode from 'vscode';

/** What was opened here, and is not the user's own. */
const opened = new WeakSet<vscode.TextDocument>();

/**
 * Opens an unsaved text beside what is in front. Behind another one from here that stands beside something already it comes
 * into the group of that one: each would make a group of its own, and leave less room to the panel.
 */
export async function openBeside(language: string, content: string): Promise<void> {
  const { activeTextEditor, tabGroups } = vscode.window;
  const isBeside =
    activeTextEditor !== undefined && opened.has(activeTextEditor.document) && tabGroups.all.length > 1;
  const document = await vscode.workspace.openTextDocument({ language, content });
  opened.add(document);
  await vscode.window.showTextDocument(document, {
    viewColumn: isBeside ? vscode.ViewColumn.Active : vscode.ViewColumn.Beside,
  });
}
