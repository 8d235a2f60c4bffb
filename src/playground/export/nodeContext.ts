import { t } from '../../common/l10n.js';
import { Unsupported } from './code.js';
import type { nodeHelpers } from './nodeHelpers.js';
import { type NodeSocket, type NodeSockets, variableOf } from './nodeSockets.js';
import type { AddressOperand, CallStep, NumberOperand, ProgramLine } from './program.js';

export type NodeHelper = keyof typeof nodeHelpers;

/** What the printer of one call has to hand. */
export interface NodeContext {
  step: CallStep;
  line: ProgramLine;
  sockets: NodeSockets;
  use: (helper: NodeHelper) => string;
  variable: (name: string) => string;
  number: (operand: NumberOperand) => string;
  address: (operand: AddressOperand) => string;
  /** Tells something beside a line that is said in another way. */
  remark: (text: string) => void;
}

export interface NodeCall {
  /** The call; empty where there is none to make. */
  text: string;
  /** Lines before it. */
  before?: string[];
  /** Lines behind its check. */
  after: string[];
  /** A condition that is as good as what the line expects. */
  alternative?: string;
}

/** The socket that a call is made on, which is still open. */
export function socketOf({ step, sockets, variable }: NodeContext): {
  name: string;
  text: string;
  socket: NodeSocket;
} {
  const name = variableOf(step.args[0]!);
  const socket = name === undefined ? undefined : sockets.get(name);
  if (name === undefined || !socket) {
    throw new Unsupported(t('Node.js makes calls on sockets only, not on numbers.'));
  }
  if (socket.isClosed) {
    throw new Unsupported(t('Node.js makes no calls on a socket that is closed.'));
  }
  return { name, text: variable(name), socket };
}
