import { t } from '../../common/l10n.js';
import { type CallName, parameterIndex } from '../../common/tables/signatures.js';
import type { cHelpers } from './cHelpers.js';
import { cString } from './cLiterals.js';
import { Unsupported } from './code.js';
import { optionRoom } from './optionRoom.js';
import type { CallStep, MessageOperand, NumberOperand, ProgramLine } from './program.js';

export type Helper = keyof typeof cHelpers;

/** What a block needs before and after its call. */
export interface Block {
  before: string[];
  after: string[];
  /** Behind the calls that a comparison needs. */
  compared: string[];
}

/** What the printer of one call has to hand. */
export interface CallContext {
  step: CallStep;
  line: ProgramLine;
  block: Block;
  use: (helper: Helper) => string;
  number: (operand: NumberOperand) => string;
  variable: (name: string) => string;
  arg: (index: number) => string;
  address: (index: number) => string;
  outAddress: (index: number) => string;
  data: (index: number) => string;
  buffer: (index: number) => string;
  option: (index: number) => string;
  message: (operand: MessageOperand) => string;
}

type CallPrinter = (context: CallContext) => string;

const plain =
  (count: number): CallPrinter =>
  ({ step, arg }) =>
    `${step.name}(${Array.from({ length: count }, (_, index) => arg(index)).join(', ')})`;

const asksName: CallPrinter = ({ step, arg, outAddress }) => `${step.name}(${arg(0)}, ${outAddress(1)})`;

/** One printer for each call of the vocabulary. */
export const cCalls: Readonly<Record<CallName, CallPrinter>> = {
  socket: plain(3),
  socketpair: (context) =>
    `socketpair(${context.arg(0)}, ${context.arg(1)}, ${context.arg(2)}, ${pair(context)})`,
  bind: ({ arg, address }) => `bind(${arg(0)}, ${address(1)})`,
  listen: plain(2),
  accept: asksName,
  accept4: ({ arg, outAddress }) => `accept4(${arg(0)}, ${outAddress(1)}, ${arg(3)})`,
  connect: ({ arg, address }) => `connect(${arg(0)}, ${address(1)})`,
  send: ({ arg, data }) => `send(${arg(0)}, ${data(1)}, ${arg(3)})`,
  sendto: ({ arg, data, address }) => `sendto(${arg(0)}, ${data(1)}, ${arg(3)}, ${address(4)})`,
  sendmsg: (context) => `sendmsg(${context.arg(0)}, ${messageOf(context)}, ${context.arg(2)})`,
  recv: ({ arg, buffer }) => `recv(${arg(0)}, ${buffer(1)}, ${arg(3)})`,
  recvfrom: ({ arg, buffer, outAddress }) => `recvfrom(${arg(0)}, ${buffer(1)}, ${arg(3)}, ${outAddress(4)})`,
  recvmsg: (context) => `recvmsg(${context.arg(0)}, ${messageOf(context)}, ${context.arg(2)})`,
  read: ({ arg, buffer }) => `read(${arg(0)}, ${buffer(1)})`,
  write: ({ arg, data }) => `write(${arg(0)}, ${data(1)})`,
  shutdown: plain(2),
  close: plain(1),
  getsockname: asksName,
  getpeername: asksName,
  getsockopt,
  setsockopt: ({ arg, option }) => `setsockopt(${arg(0)}, ${arg(1)}, ${arg(2)}, ${option(3)})`,
  fcntl: ({ step, arg }) =>
    `fcntl(${arg(0)}, ${arg(1)}${step.args[2]!.kind === 'omitted' ? '' : `, ${arg(2)}`})`,
  ioctl,
  poll,
  dup: plain(1),
  pipe: (context) => `pipe(${pair(context)})`,
  unlink: ({ step }) => {
    const [path] = step.args;
    if (path?.kind !== 'data' || path.bytes.includes(0)) {
      throw new Unsupported(t('An argument on this line is not exported.'));
    }
    return `unlink(${cString(path.bytes)})`;
  },
};

function pair({ step, block, variable, arg }: CallContext): string {
  const index = parameterIndex(step.name, 'fdpair');
  if (step.args[index]!.kind === 'null') {
    return arg(index);
  }
  block.before.push('int pair[2];');
  step.targets.forEach((name, at) => block.after.push(`${variable(name)} = pair[${at}];`));
  return 'pair';
}

function messageOf({ step, message }: CallContext): string {
  const operand = step.args[1]!;
  return operand.kind === 'message' ? message(operand) : 'NULL';
}

function getsockopt({ step, line, block, arg, use }: CallContext): string {
  const { args, expected } = step;
  const length = args[4]!;
  const room = optionRoom(args, length.kind === 'number' ? Number(length.value) : undefined);
  const { value } = expected;
  const given = length.kind === 'number' ? arg(4) : 'sizeof value';
  if (length.kind === 'null' || args[3]!.kind === 'null') {
    block.before.push(`socklen_t length = ${length.kind === 'number' ? given : '4'};`);
    return `getsockopt(${arg(0)}, ${arg(1)}, ${arg(2)}, NULL, ${length.kind === 'null' ? 'NULL' : '&length'})`;
  }
  const isInt = room === 4 && (value === null || value.kind === 'int');
  block.before.push(
    isInt ? 'int value = 0;' : `unsigned char value[${Math.max(1, room)}] = {0};`,
    `socklen_t length = ${given};`,
  );
  if (value?.kind === 'int') {
    const got = isInt ? 'value' : `*(int *)(void *)value`;
    if (!isInt && room < 4) {
      block.after.push(
        `${use('check_number')}(${line.number}, "the value", value[0], ${numberOf(value.value)});`,
      );
    } else {
      block.after.push(
        `${use('check_number')}(${line.number}, "the value", ${got}, ${numberOf(value.value)});`,
      );
    }
  } else if (value?.kind === 'tcpState') {
    block.after.push(`${use('check_number')}(${line.number}, "tcpi_state", value[0], ${value.value});`);
  } else if (value?.kind === 'bytes') {
    const size = value.isText ? `strnlen((char *)value, length)` : 'length';
    const bytes = value.isText ? untilNul(value.bytes) : value.bytes;
    block.after.push(
      `${use('check_data')}(${line.number}, value, ${size}, ${cString(bytes)}, ${bytes.length});`,
    );
  }
  if (expected.length) {
    block.after.push(
      `${use('check_number')}(${line.number}, "the length of the value", length, ${numberOf(expected.length)});`,
    );
  }
  return `getsockopt(${arg(0)}, ${arg(1)}, ${arg(2)}, ${isInt ? '&value' : 'value'}, &length)`;

  function numberOf(operand: NumberOperand): string {
    if (operand.value === undefined) {
      throw new Unsupported(t('A value on this line is known only when the tool runs it.'));
    }
    return String(BigInt.asIntN(32, BigInt(operand.value)));
  }
}

function ioctl({ step, line, block, arg, use }: CallContext): string {
  const operand = step.args[2]!;
  const { value } = step.expected;
  const request = arg(1);
  if (operand.kind === 'null') {
    return `ioctl(${arg(0)}, ${request}, NULL)`;
  }
  block.before.push(`int value = ${operand.kind === 'number' ? arg(2) : '0'};`);
  if (value?.kind === 'int' && value.value.value !== undefined) {
    block.after.push(
      `${use('check_number')}(${line.number}, "the value", value, ${Number(value.value.value)});`,
    );
  }
  return `ioctl(${arg(0)}, ${request}, &value)`;
}

function poll({ step, line, block, arg, number, use }: CallContext): string {
  const [fds, count] = step.args;
  const timeout = step.args[2]!.kind === 'omitted' ? '-1' : arg(2);
  if (fds?.kind !== 'pollfds') {
    return `poll(NULL, ${count!.kind === 'number' ? arg(1) : '0'}, ${timeout})`;
  }
  const items = fds.items.map(({ fd, events }) => `{${number(fd)}, ${number(events)}, 0}`);
  block.before.push(`struct pollfd fds[] = {${items.join(', ')}};`);
  const { ready } = step.expected;
  if (ready) {
    fds.items.forEach(({ fd }, index) => {
      const said = ready.find((each) => number(each.fd) === number(fd));
      block.after.push(
        `${use('check_number')}(${line.number}, "revents", fds[${index}].revents, ${said ? number(said.events) : '0'});`,
      );
    });
  }
  return `poll(fds, ${count!.kind === 'number' ? arg(1) : items.length}, ${timeout})`;
}

function untilNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}
