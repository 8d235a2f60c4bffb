import * as vscode from 'vscode';

/**
 * Opens an unsaved text beside what is in front. Behind another such text that stands beside something already it takes
 * the place of that one: each would make a group of its own, and leave less room to the panel.
 */
export async function openBeside(language: string, content: string): Promise<void> {
  const { activeTextEditor, tabGroups } = vscode.window;
  const isBeside = activeTextEditor?.document.isUntitled === true && tabGroups.all.length > 1;
  const document = await vscode.workspace.openTextDocument({ language, content });
  await vscode.window.showTextDocument(document, {
    viewColumn: isBeside ? vscode.ViewColumn.Active : vscode.ViewColumn.Beside,
  });
}
