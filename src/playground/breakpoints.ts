import { compile } from '../common/filter/evaluate.js';
import { parseFilter } from '../common/filter/parser.js';
import type { FilterRow } from '../common/filter/row.js';
import type { Test } from '../common/filter/tests.js';
import { t } from '../common/l10n.js';

/** Where a run is to stop, or to say something. */
export interface BreakpointRequest {
  id: number;
  /** The line, counted from 1, or the name of a call: every line that makes it. */
  at: { line: number } | { call: string };
  /** A display filter over the record of the line's call: `errno == ECONNREFUSED`. */
  condition?: string | undefined;
  /** `3`, `>= 3`, `% 3`. */
  hitCondition?: string | undefined;
  /** Said instead of stopping; `{errno}` and `{name}` stand for what they name. */
  logMessage?: string | undefined;
}

/** A breakpoint that has been read. */
export class Breakpoint {
  readonly id: number;
  readonly at: BreakpointRequest['at'];
  readonly logMessage: string | undefined;
  /** What is wrong with its conditions; it never holds then. */
  readonly problem: string | undefined;
  private readonly condition: Condition | undefined;
  private readonly isTurn: ((hits: number) => boolean) | undefined;
  private readonly key: string;
  private hits = 0;

  constructor(request: BreakpointRequest) {
    const { id, at, condition = '', hitCondition = '', logMessage } = request;
    this.id = id;
    this.key = keyOf(request);
    this.at = at;
    this.logMessage = logMessage || undefined;
    this.condition = condition.trim() === '' ? undefined : new Condition(condition);
    this.isTurn = hitCondition.trim() === '' ? () => true : turnTest(hitCondition);
    this.problem =
      this.condition?.problem ??
      (this.isTurn ? undefined : t('A number of hits is expected here: 3, or >= 3, or % 3.'));
  }

  /** Whether it looks at what the call has answered; otherwise it stops before the call. */
  get isAfterCall(): boolean {
    return this.condition !== undefined || this.logMessage !== undefined;
  }

  /** Whether a request asks for the same, by whatever number. */
  isOf(request: BreakpointRequest): boolean {
    return this.key === keyOf(request);
  }

  /** Goes on with the count of an earlier one. */
  countFrom({ hits }: Breakpoint): void {
    this.hits = hits;
  }

  /**
   * Counts that a line of its kind is reached, and tells whether it is its turn.
   * @param row What the line's call has come to, where that is looked at.
   */
  hit(row?: FilterRow): boolean {
    if (
      this.problem !== undefined ||
      !this.isTurn ||
      (this.condition && !(row && this.condition.holds(row)))
    ) {
      return false;
    }
    this.hits++;
    return this.isTurn(this.hits);
  }
}

function keyOf({ at, condition, hitCondition, logMessage }: BreakpointRequest): string {
  return JSON.stringify([at, condition, hitCondition, logMessage]);
}

/** A display filter that is asked about one record. */
export class Condition {
  readonly problem: string | undefined;
  private readonly test: Test | undefined;

  constructor(text: string) {
    const { expression, errors } = parseFilter(text);
    this.problem = errors[0]?.message;
    this.test = expression && errors.length === 0 ? compile(expression) : undefined;
  }

  holds(row: FilterRow): boolean {
    return this.problem === undefined && (this.test?.(row) ?? true);
  }
}

const comparisons: Readonly<Record<string, (hits: number, count: number) => boolean>> = {
  '': (hits, count) => hits >= count,
  '==': (hits, count) => hits === count,
  '=': (hits, count) => hits === count,
  '>': (hits, count) => hits > count,
  '>=': (hits, count) => hits >= count,
  '<': (hits, count) => hits < count,
  '<=': (hits, count) => hits <= count,
  '%': (hits, count) => count > 0 && hits % count === 0,
};

function turnTest(text: string): ((hits: number) => boolean) | undefined {
  const [, operator = '', digits] = /^\s*(==|=|>=|>|<=|<|%|)\s*(\d+)\s*$/.exec(text) ?? [];
  const comparison = comparisons[operator]!;
  return digits === undefined ? undefined : (hits) => comparison(hits, Number(digits));
}
