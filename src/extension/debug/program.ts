import type { Scenario } from '../../common/notation/ast.js';
import type { Playground } from '../../playground/playground.js';
import type { ScenarioResult } from '../../playground/scenarioResult.js';
import type { ScenarioRun } from '../../playground/scenarioRunner.js';
import type { ScenarioMemory } from '../../playground/scenarioScope.js';

/** A scenario that is to be debugged. */
export interface DebugProgram {
  /** As the client names it: a path, or a URI. */
  path: string;
  title: string;
  /** The folder that file names in it are relative to. */
  folder: string;
  scenario: Scenario;
  loopbackOnly: boolean;
  /** Asked about the first call that others can reach. */
  allowOutside(text: string): Promise<boolean>;
  /** What its names stand for; what an earlier run has left is cleared away. */
  memory: ScenarioMemory;
  /** Shows what the run does, until it ends, with its result or the fault. The end resolves when nothing of it is left. */
  follow(run: ScenarioRun): { end(result: ScenarioResult | Error): Promise<void> };
  /** The text as the editor has it now. */
  currentText(): string | undefined;
}

/** What a debug session needs of its surroundings. */
export interface DebugContext {
  playground: Playground;
  /** Reads a program. Rejects where it cannot run, with an error whose message says why. */
  open(path: string): Promise<DebugProgram>;
}
