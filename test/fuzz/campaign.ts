import * as fc from 'fast-check';
import { Finding, FuzzHost } from './host.js';
import { type Pairs, Run } from './run.js';
import { run, type Step } from './steps.js';

/** What a campaign has found: a run that fails, as short as it could be made. */
export interface Failure {
  message: string;
  /** The calls, as a scenario file. */
  scenario: string;
  /** With the seed it leads straight to this run. */
  path: string;
}

export interface CampaignOptions {
  modulePath: string;
  seed: number;
  /** How many runs at most, and for how long; what is found is shortened after that. */
  runs: number;
  ms: number;
  /** A run that an earlier campaign found. */
  path?: string;
}

/** How long what was found may take to be shortened, and what has to come during that may take, in ms. */
const shorteningMs = 60_000;
const shortPatience = 1000;
const longPatience = 20_000;

/** Runs against one host after another: each until something is found. */
export class Campaign {
  readonly pairs: Pairs = new Map();
  readonly counts = { runs: 0, returned: 0, refused: 0, cancelled: 0 };
  private host: FuzzHost | undefined;
  private patienceMs = longPatience;

  /** Resolves with the first failure, shortened; undefined when there is none. */
  async start({ modulePath, seed, runs, ms, path }: CampaignOptions): Promise<Failure | undefined> {
    const property = fc.asyncProperty(run, (steps) => this.execute(modulePath, steps));
    try {
      const result = await fc.check(property, {
        seed,
        numRuns: runs,
        interruptAfterTimeLimit: ms,
        endOnFailure: true,
        ...(path === undefined ? {} : { path }),
      });
      if (!result.failed || result.counterexamplePath === null) {
        return undefined;
      }
      this.patienceMs = shortPatience;
      const shortest = await fc.check(property, {
        seed,
        path: result.counterexamplePath,
        numRuns: 1,
        interruptAfterTimeLimit: shorteningMs,
      });
      const { counterexample, counterexamplePath, errorInstance } = shortest.counterexample
        ? shortest
        : result;
      return await this.describe(modulePath, counterexample[0], {
        message: describeError(errorInstance),
        path: counterexamplePath,
      });
    } finally {
      await this.endHost();
    }
  }

  private async execute(modulePath: string, steps: readonly Step[]): Promise<void> {
    this.host ??= await FuzzHost.start(modulePath);
    const current = new Run(this.host, this.pairs, this.patienceMs);
    try {
      await current.execute(steps);
    } catch (error) {
      // What is left of it would tell on the runs after it.
      await this.endHost();
      throw error;
    } finally {
      this.counts.runs++;
      this.counts.returned += current.counts.returned;
      this.counts.refused += current.counts.refused;
      this.counts.cancelled += current.counts.cancelled;
    }
  }

  /** Makes the shortest run once more, for its text. */
  private async describe(
    modulePath: string,
    steps: readonly Step[],
    failure: Omit<Failure, 'scenario'>,
  ): Promise<Failure> {
    await this.endHost();
    const host = await FuzzHost.start(modulePath);
    const last = new Run(host, new Map(), longPatience);
    let { message } = failure;
    try {
      await last.execute(steps);
      message += ' (It did not come again when the run was repeated with a fresh host.)';
    } catch (error) {
      message = describeError(error);
    } finally {
      await host.end();
    }
    return { ...failure, message, scenario: last.scenario };
  }

  private async endHost(): Promise<void> {
    const { host } = this;
    this.host = undefined;
    await host?.end();
  }
}

function describeError(error: unknown): string {
  return error instanceof Finding
    ? error.message
    : error instanceof Error
      ? (error.stack ?? error.message)
      : String(error);
}
