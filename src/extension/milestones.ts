import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../common/lifecycle.js';
import type { Playground } from '../playground/playground.js';
import { setContextKey } from './contextKeys.js';
import type { Scenarios } from './scenarios/scenarios.js';

/** As VS Code knows it: the extension's identifier, and its own. */
export const extensionId = 'socket-playground.socket-playground';
export const walkthroughId = `${extensionId}#start`;

/** The key by which a step of the walkthrough is ticked, and the step. */
const steps = {
  didOpenPanel: 'open',
  didListen: 'server',
  didConnect: 'connect',
  didReceive: 'send',
  didPassScenario: 'scenario',
} as const;

/** The real thing of a step has happened, however it was done. */
export function reach(milestone: keyof typeof steps): void {
  if (!setContextKey(milestone, true)) {
    return;
  }
  // A key that was set before VS Code has read the walkthrough, which it does when it shows one, would never tick the step.
  const step = `${walkthroughId}#${steps[milestone]}`;
  vscode.commands.executeCommand('welcome.markStepComplete', step).then(undefined, () => {
    // It says that it does not know the step yet, and keeps it ticked. Where there is no such command the key is left.
  });
}

/** Follows the model for the steps of the walkthrough. Opening the panel is told by the panel itself. */
export function followMilestones(playground: Playground, scenarios: Scenarios): Disposable {
  const store = new DisposableStore();
  store.add(
    playground.onDidChange(({ sockets }) => {
      if (sockets.some(({ state }) => state === 'listening')) {
        reach('didListen');
      }
      if (sockets.some(({ state, role }) => state === 'connected' && role !== 'pair')) {
        reach('didConnect');
      }
      if (sockets.some(({ bytesReceived }) => bytesReceived > 0)) {
        reach('didReceive');
      }
    }),
  );
  store.add(
    scenarios.onDidChange((id) => {
      if (id !== undefined && scenarios.get(id)?.run.state === 'passed') {
        reach('didPassScenario');
      }
    }),
  );
  return store;
}
