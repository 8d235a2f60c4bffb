import { t } from '../../common/l10n.js';
import { Unsupported } from './code.js';
import type { Operand } from './program.js';
import { type CallContext, NeedsLibc } from './pythonContext.js';
import { pythonBytes } from './pythonLiterals.js';
import { comparedData } from './receiveFlags.js';

/** The most bytes that are received at once. */
const mostRoom = 64 * 1024 * 1024;

/** The bytes to send, and how many they are. */
export function bytesOf({ step }: CallContext, index: number): { text: string; length: number } {
  const operand = step.args[index]!;
  const size = step.args[index + 1]!;
  if (operand.kind !== 'data') {
    throw new NeedsLibc();
  }
  const length = operand.bytes.length * operand.count;
  if (size.kind === 'number' && !(size.value !== undefined && size.value >= 0 && size.value <= length)) {
    throw new Unsupported(t('The length says more bytes than there are.'));
  }
  return { text: pythonBytes(operand.bytes) + (operand.count === 1 ? '' : ` * ${operand.count}`), length };
}

/** The bytes to send, as many as the line says. */
export function dataOf(context: CallContext, index: number): string {
  const { step, number } = context;
  const { text, length } = bytesOf(context, index);
  const size = step.args[index + 1]!;
  if (size.kind !== 'number' || size.value === length) {
    return text;
  }
  return `${text.includes(' * ') ? `(${text})` : text}[:${number(size)}]`;
}

/** How many bytes are asked for. */
export function roomOf({ step, number }: CallContext): string {
  const [, , size] = step.args;
  const said = step.expected.data?.bytes.length ?? 0;
  if (size!.kind !== 'number') {
    return String(said);
  }
  if (size.value === undefined || size.value < 0 || size.value > mostRoom) {
    throw new Unsupported(t('A buffer of this length is not exported.'));
  }
  return number(size);
}

/**
 * Compares what has been received.
 * @param received An expression of the bytes, or of a tuple that begins with them.
 */
export function checkData(
  { step, line, helpers }: CallContext,
  flags?: Operand,
  received = 'result',
): string[] {
  const data = comparedData(step.expected.data, flags);
  if (!data) {
    return [];
  }
  const helper = helpers.use(data.isPrefix ? 'check_prefix' : 'check_data');
  return [`${helper}(${line.number}, ${received}, ${pythonBytes(data.bytes)})`];
}
