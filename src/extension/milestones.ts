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

/**
 * Shows the sidebar's view and the walkthrough, once in a profile and where the environment asks for it, as `npm start`
 * does: in a window of the user's own that is VS Code's to do.
 */
export async function welcome(state: vscode.Memento): Promise<void> {
  const key = 'socketPlayground.hasWelcomed';
  if (process.env['SOCKET_PLAYGROUND_WELCOME'] === undefined || state.get(key) === true) {
    return;
  }
  await state.update(key, true);
  await vscode.commands.executeCommand('workbench.view.extension.socketPlayground');
  await vscode.commands.executeCommand('workbench.action.openWalkthrough', walkthroughId);
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
