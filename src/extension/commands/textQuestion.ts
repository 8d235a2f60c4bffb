import type { SocketInfo } from '../../common/socket.js';
import type { CallName, Parameter } from '../../common/tables/signatures.js';
import { readArgument } from './arguments.js';
import { type Answers, atColumn, type Complaint, type TextQuestion } from './flow.js';

/** What the questions of a call depend on. */
export interface QuestionContext {
  name: CallName;
  /** The socket that the call is made on, once it is chosen. */
  socket: SocketInfo | undefined;
  /** All open sockets, in the order in which they were made. */
  sockets: readonly SocketInfo[];
  answers: Answers;
  /** What was last used for the same argument in this session. */
  remembered: (parameter: string) => string | undefined;
}

export function textQuestion(
  parameter: Parameter,
  { remembered }: QuestionContext,
  prompt: string,
  initial: string,
): TextQuestion {
  return {
    kind: 'text',
    key: parameter.name,
    prompt,
    initial: remembered(parameter.name) ?? initial,
    validate: (text) => complain(text, parameter),
  };
}

/** What is wrong with a typed argument. */
export function complain(text: string, parameter: Parameter, request?: number): Complaint | undefined {
  const reading = readArgument(text, parameter, request);
  return 'message' in reading ? { message: atColumn(reading.column, reading.message) } : undefined;
}
