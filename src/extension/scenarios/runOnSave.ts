import * as vscode from 'vscode';
import type { Disposable } from '../../common/lifecycle.js';
import type { Scenarios } from './scenarios.js';

/** Runs a scenario again each time it is saved, where the user has asked for that and trusts the workspace. */
export function runOnSave(scenarios: Scenarios): Disposable {
  return vscode.workspace.onDidSaveTextDocument((document) => {
    const isWanted = vscode.workspace
      .getConfiguration('socketPlayground.scenarios', document)
      .get('runOnSave', false);
    if (isWanted && document.languageId === 'sockets' && scenarios.mayRun(document.uri)) {
      void scenarios.add(document.uri).then((id) => scenarios.run(id));
    }
  });
}
