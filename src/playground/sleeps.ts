import type { PauseStatement } from '../common/notation/ast.js';
import type { Clocks } from './clocks.js';

/** The threads of a run that sleep. */
export class Sleeps {
  private readonly sleeping = new Set<PauseStatement>();

  /** @param signal Ends all of them. */
  constructor(
    private readonly clocks: Clocks,
    private readonly signal: AbortSignal,
  ) {}

  /** The lines at which they sleep. */
  get statements(): ReadonlySet<PauseStatement> {
    return this.sleeping;
  }

  /** Sleeps as long as a line says; `onEnd` is called at its end, right before the promise resolves. */
  begin(statement: PauseStatement, onEnd: () => void): Promise<void> {
    this.sleeping.add(statement);
    return new Promise((resolve) => {
      const end = () => {
        stopClock();
        this.signal.removeEventListener('abort', end);
        this.sleeping.delete(statement);
        onEnd();
        resolve();
      };
      const stopClock = this.clocks.start(statement.seconds * 1000, end);
      this.signal.addEventListener('abort', end);
    });
  }
}
