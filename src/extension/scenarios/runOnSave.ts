import * as vscode from 'vscode';
import type { Disposable } from '../../common/lifecycle.js';
import { languageFileOf } from './languageFiles.js';
import type { Scenarios } from './scenarios.js';

/**
 * Runs a scenario again each time it is saved, where the user has asked for that and trusts the workspace. What is not
 * finished, with errors or open blanks, is left alone: it is marked already. So is what is being debugged.
 */
export function runOnSave(scenarios: Scenarios): Disposable {
  return vscode.workspace.onDidSaveTextDocument((document) => {
    const isWanted = vscode.workspace
      .getConfiguration('socketPlayground.scenarios', document)
      .get('runOnSave', false);
    if (
      isWanted &&
      document.languageId === 'sockets' &&
      scenarios.mayRun(document.uri) &&
      isWhole(document)
    ) {
      void scenarios.add(document.uri).then((id) => scenarios.runAnew(id));
    }
  });
}

function isWhole(document: vscode.TextDocument): boolean {
  const { diagnostics, blanks } = languageFileOf(document).scenario;
  return diagnostics.length + blanks.length === 0;
}
