import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../common/lifecycle.js';
import type { Playground } from '../playground/playground.js';

const values = new Map<string, unknown>();

/** Sets a key for the `when` clauses of the manifest. False, and nothing is done, when it has that value already. */
export function setContextKey(name: string, value: unknown): boolean {
  if (values.get(name) === value) {
    return false;
  }
  values.set(name, value);
  void vscode.commands.executeCommand('setContext', `socketPlayground.${name}`, value);
  return true;
}

/** Keeps the keys that follow from the model. */
export function followPlayground(playground: Playground): Disposable {
  const store = new DisposableStore();
  const update = () => {
    setContextKey('hasSockets', playground.openCount > 0);
    setContextKey('hasWaiting', playground.hasWaiting);
    setContextKey('hasAutomatic', playground.hasAutomatic);
    setContextKey('hasTap', playground.hasTap);
    setContextKey('hasRecords', playground.lastSeq >= playground.firstSeq);
    setContextKey('hostStatus', playground.status.kind);
  };
  store.add(playground.onDidChange(update));
  store.add(playground.onDidChangeStatus(update));
  update();
  return store;
}
