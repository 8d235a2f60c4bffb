import { t } from '../../common/l10n.js';
import type { CallContext } from './cContext.js';
import { cString } from './cLiterals.js';
import { Unsupported } from './code.js';
import type { Operand } from './program.js';
import { comparedData, tellsWholeLength } from './receiveFlags.js';

/** The most bytes that are received at once. */
const mostRoom = 64 * 1024 * 1024;

/** The bytes to send and their length. */
export function passedData({ step, block, use, number }: CallContext, index: number): string {
  const operand = step.args[index]!;
  const size = step.args[index + 1]!;
  if (operand.kind !== 'data') {
    return `NULL, ${size.kind === 'number' ? number(size) : '0'}`;
  }
  const length = operand.bytes.length * operand.count;
  const given = size.kind === 'number' ? size : undefined;
  if (given && !(given.value !== undefined && given.value >= 0 && given.value <= length)) {
    throw new Unsupported(t('The length says more bytes than there are.'));
  }
  const text = given ? number(given) : String(length);
  if (operand.count === 1 || length === 0) {
    return `${cString(operand.bytes)}, ${text}`;
  }
  block.before.push(
    `static char data[${length}];`,
    `${use('fill')}(data, sizeof data, ${cString(operand.bytes)}, ${operand.bytes.length});`,
  );
  return `data, ${text}`;
}

/** Room for bytes to receive and its length. */
export function buffer(context: CallContext, index: number): string {
  const { step, block, number } = context;
  const { args, expected } = step;
  const operand = args[index]!;
  const size = args[index + 1]!;
  const said = expected.data?.bytes.length ?? 0;
  const length = size.kind === 'number' ? size.value : said;
  if (length === undefined || length < 0 || length > mostRoom) {
    throw new Unsupported(t('A buffer of this length is not exported.'));
  }
  const text = size.kind === 'number' ? number(size) : String(said);
  if (operand.kind === 'null') {
    return `NULL, ${text}`;
  }
  block.before.push(`static char data[${length === 0 || length === 0n ? 1 : length}];`);
  checkReceived(context, args[3], text);
  return `data, ${text}`;
}

/** Compares what came into `data`, which has this room. */
export function checkReceived(context: CallContext, flags: Operand | undefined, room: string): void {
  const { step, line, block, use } = context;
  const length = tellsWholeLength(flags) ? `(result < ${room} ? result : ${room})` : 'result';
  const data = comparedData(step.expected.data, flags);
  if (data) {
    const helper = use(data.isPrefix ? 'check_prefix' : 'check_data');
    block.after.push(
      `${helper}(${line.number}, data, ${length}, ${cString(data.bytes)}, ${data.bytes.length});`,
    );
  }
}
