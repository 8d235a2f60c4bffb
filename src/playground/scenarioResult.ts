import type { CallRefusal } from '../common/errors.js';
import type { Diagnostic, Need } from '../common/notation/ast.js';

/** Something that went otherwise than the scenario says, at its place in the text. */
export type Problem = Diagnostic &
  (
    | {
        /** The kernel answered otherwise than expected. */
        kind: 'expectation';
        expected: string;
        got: string;
      }
    | {
        /**
         * `limit`: a call or the run did not end in time, or the run asks for more than a scenario may.
         * `call`: a call could not be made: refused, not known to the host, an operand without a value.
         */
        kind: 'limit' | 'call';
        /** Why the call was refused, where it was. */
        reason?: CallRefusal['reason'];
      }
  );

/** What a run has come to. */
export type ScenarioResult =
  /** Every expectation held. */
  | { outcome: 'passed'; callCount: number }
  /** One did not, or no call was made. */
  | { outcome: 'failed'; callCount: number; problems: Problem[] }
  /** It cannot be run: errors in the text, blanks that are still open. */
  | { outcome: 'invalid'; problems: Diagnostic[] }
  /** It ended before its end: by a limit, or at a call that could not be made. */
  | { outcome: 'stopped'; callCount: number; problems: Problem[] }
  /** This machine or user lacks what it needs. */
  | { outcome: 'skipped'; need: Need }
  | { outcome: 'cancelled'; callCount: number };
