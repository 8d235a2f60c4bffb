import { t } from '../../common/l10n.js';
import { Unsupported } from './code.js';
import type { cHelpers } from './cHelpers.js';
import type { CallStep, NumberOperand, Operand, ProgramLine } from './program.js';

export type Helper = keyof typeof cHelpers;

/** What a block needs before and after its call. */
export interface Block {
  before: string[];
  after: string[];
  /** Behind the calls that a comparison needs. */
  compared: string[];
}

/** What the printers of a call and of its arguments have to hand. */
export interface CallContext {
  step: CallStep;
  line: ProgramLine;
  block: Block;
  use: (helper: Helper) => string;
  number: (operand: NumberOperand) => string;
  variable: (name: string) => string;
}

/** An argument that stands in the call by itself. */
export function plainArgument({ step, number }: CallContext, index: number): string {
  const operand: Operand = step.args[index]!;
  switch (operand.kind) {
    case 'number':
      return number(operand);
    case 'null':
      return 'NULL';
    case 'omitted':
      return '0';
    default:
      throw new Unsupported(t('An argument on this line is not exported.'));
  }
}

/** A check of a number, for the place behind the call. */
export function checkNumber({ line, use }: CallContext, what: string, got: string, said: string): string {
  return `${use('check_number')}(${line.number}, "${what}", ${got}, ${said});`;
}
