import { type Helpers, Unsupported } from './code.js';
import type { AddressOperand, CallStep, NumberOperand, Operand, ProgramLine } from './program.js';
import type { PythonDescriptors } from './pythonDescriptors.js';
import type { pythonHelpers } from './pythonHelpers.js';

/** What a printed call leaves to its frame. */
export interface Call {
  /** The function and its arguments, as `attempt` takes them. */
  text: string;
  /** What stands before it. */
  before?: string[];
  /** Behind the checks of the result; inside a condition where it has not failed. */
  after: string[];
  /** Whether the answer is no number, so that 0 stands for it. */
  isZero?: boolean;
  /** Whether libc is called, which sets no FD_CLOEXEC. */
  isLibc?: boolean;
  /** An expression of the address that has come, where it is not a part of the answer. */
  peer?: string;
}

/** A call that Python's own modules do not make as it is written. */
export class NeedsLibc extends Unsupported {}

export type Helper = keyof typeof pythonHelpers;

export interface CallContext {
  step: CallStep;
  line: ProgramLine;
  helpers: Helpers<Helper>;
  modules: Set<string>;
  descriptors: PythonDescriptors;
  number: (operand: NumberOperand) => string;
  arg: (index: number) => string;
  /** A method of the socket that the call is made on, for an address that it passes. */
  method: (name: string, address?: Operand) => string;
  passed: (index: number) => string;
  address: (operand: AddressOperand) => string;
}

/** The variable that a descriptor is, as a list of one; empty where it is none. */
export function namesIn(operand: Operand): string[] {
  return operand.kind === 'number' && operand.node.kind === 'variable' ? [operand.node.name] : [];
}
