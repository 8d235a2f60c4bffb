import type { Scenario } from '../common/notation/ast.js';
import { Playground } from './playground.js';
import type { ScenarioResult } from './scenarioResult.js';
import type { ScenarioRecord } from './runCalls.js';
import { type ScenarioOptions, ScenarioRun } from './scenarioRunner.js';
import { SocketHostProcess } from './socketHostProcess.js';

export interface OwnHostRequest {
  /** The bundle of the socket host process. */
  hostPath: string;
  scenario: Scenario;
  options: ScenarioOptions;
  /** Ends the run. */
  signal: AbortSignal;
  /** Told of each call that has returned, with what can give more of its data. */
  onRecord?: (record: ScenarioRecord, playground: Playground) => void;
  /** Awaited at the end, while the host can still be asked. */
  beforeEnd?: (playground: Playground) => Promise<void>;
}

/**
 * Runs a scenario with a socket host of its own: its descriptors are the lowest free ones, nothing of another run is in
 * its way, and the kernel closes what it leaves.
 */
export async function runInOwnHost({
  hostPath,
  scenario,
  options,
  signal,
  onRecord,
  beforeEnd,
}: OwnHostRequest): Promise<ScenarioResult> {
  const host = new SocketHostProcess(hostPath);
  const playground = new Playground(host);
  const run = new ScenarioRun(playground, scenario, { ...options, keepSockets: true });
  if (onRecord) {
    run.onDidRecord((record) => onRecord(record, playground));
  }
  const cancel = () => run.cancel();
  signal.addEventListener('abort', cancel);
  try {
    if (signal.aborted) {
      run.cancel();
    }
    const result = await run.run();
    await beforeEnd?.(playground);
    return result;
  } finally {
    signal.removeEventListener('abort', cancel);
    await host.end();
    playground.dispose();
  }
}
