import { type Disposable, DisposableStore } from '../common/lifecycle.js';
import type { Playground } from '../playground/playground.js';
import { setContextKey } from './contextKeys.js';
import type { Scenarios } from './scenarios/scenarios.js';

/**
 * Keeps the keys by which the walkthrough ticks its steps: each is set when the real thing has happened, however it was
 * done. Opening the panel is told by the panel itself.
 */
export function followMilestones(playground: Playground, scenarios: Scenarios): Disposable {
  const store = new DisposableStore();
  const reach = (milestone: string, isReached: boolean) => {
    if (isReached) {
      setContextKey(milestone, true);
    }
  };
  store.add(
    playground.onDidChange(({ sockets }) => {
      reach(
        'didListen',
        sockets.some(({ state }) => state === 'listening'),
      );
      reach(
        'didConnect',
        sockets.some(({ state, role }) => state === 'connected' && role !== 'pair'),
      );
      reach(
        'didReceive',
        sockets.some(({ bytesReceived }) => bytesReceived > 0),
      );
    }),
  );
  store.add(
    scenarios.onDidChange((id) =>
      reach('didPassScenario', id !== undefined && scenarios.get(id)?.run.state === 'passed'),
    ),
  );
  return store;
}
