import { t } from '../../common/l10n.js';
import { type CallName, parameterIndex } from '../../common/tables/signatures.js';
import { outAddress, passedAddress } from './cAddresses.js';
import { type CallContext, plainArgument } from './cContext.js';
import { buffer, passedData } from './cData.js';
import { cString } from './cLiterals.js';
import { messageArgument } from './cMessage.js';
import { request } from './cRequests.js';
import { valueInMemory } from './cStructs.js';
import { Unsupported } from './code.js';
import { optionRoom } from './optionRoom.js';
import type { NumberOperand } from './program.js';

type CallPrinter = (context: CallContext) => string;

/** A part of a call's text: the place of an argument or of several. */
type Part = (context: CallContext) => string;

const arg =
  (index: number): Part =>
  (context) =>
    plainArgument(context, index);
const at =
  (print: (context: CallContext, index: number) => string, index: number): Part =>
  (context) =>
    print(context, index);

const call =
  (...parts: readonly Part[]): CallPrinter =>
  (context) =>
    `${context.step.name}(${parts.map((part) => part(context)).join(', ')})`;

const asksName = call(arg(0), at(outAddress, 1));

/** One printer for each call of the vocabulary. */
export const cCalls: Readonly<Record<CallName, CallPrinter>> = {
  socket: call(arg(0), arg(1), arg(2)),
  socketpair: call(arg(0), arg(1), arg(2), pair),
  bind: call(arg(0), at(passedAddress, 1)),
  listen: call(arg(0), arg(1)),
  accept: asksName,
  accept4: call(arg(0), at(outAddress, 1), arg(3)),
  connect: call(arg(0), at(passedAddress, 1)),
  send: call(arg(0), at(passedData, 1), arg(3)),
  sendto: call(arg(0), at(passedData, 1), arg(3), at(passedAddress, 4)),
  sendmsg: call(arg(0), messageArgument, arg(2)),
  recv: call(arg(0), at(buffer, 1), arg(3)),
  recvfrom: call(arg(0), at(buffer, 1), arg(3), at(outAddress, 4)),
  recvmsg: call(arg(0), messageArgument, arg(2)),
  read: call(arg(0), at(buffer, 1)),
  write: call(arg(0), at(passedData, 1)),
  shutdown: call(arg(0), arg(1)),
  close: call(arg(0)),
  getsockname: asksName,
  getpeername: asksName,
  getsockopt,
  setsockopt: call(arg(0), arg(1), arg(2), optionValue),
  fcntl: request,
  ioctl: request,
  poll,
  dup: call(arg(0)),
  pipe: call(pair),
  unlink: ({ step, line, block, use }) => {
    const [path] = step.args;
    if (path?.kind !== 'data' || path.bytes.includes(0)) {
      throw new Unsupported(t('An argument on this line is not exported.'));
    }
    block.before.push(`${use('check_file')}(${line.number}, ${cString(path.bytes)});`);
    return `unlink(${cString(path.bytes)})`;
  },
};

function pair(context: CallContext): string {
  const { step, block, variable } = context;
  const index = parameterIndex(step.name, 'fdpair');
  if (step.args[index]!.kind === 'null') {
    return plainArgument(context, index);
  }
  block.before.push('int pair[2];');
  step.targets.forEach((name, position) => block.after.push(`${variable(name)} = pair[${position}];`));
  return 'pair';
}

/** The value of setsockopt and its length. */
function optionValue(context: CallContext): string {
  const { args } = context.step;
  const operand = args[3]!;
  const length = args[4]!;
  const given = length.kind === 'number' ? context.number(length) : undefined;
  switch (operand.kind) {
    case 'null':
    case 'omitted':
      return `NULL, ${given ?? '0'}`;
    case 'number': {
      const { address, size } = valueInMemory(context, { kind: 'int', type: 'int', value: operand });
      return `${address}, ${given ?? size}`;
    }
    case 'struct': {
      const { address, size } = valueInMemory(context, operand);
      return `${address}, ${given ?? size}`;
    }
    default:
      throw new Unsupported(t('An argument on this line is not exported.'));
  }
}

function getsockopt(context: CallContext): string {
  const { step, line, block, use } = context;
  const { args, expected } = step;
  const first = [0, 1, 2].map((index) => plainArgument(context, index)).join(', ');
  const length = args[4]!;
  const room = optionRoom(args, length.kind === 'number' ? Number(length.value) : undefined);
  const { value } = expected;
  const given = length.kind === 'number' ? plainArgument(context, 4) : 'sizeof value';
  if (length.kind === 'null' || args[3]!.kind === 'null') {
    block.before.push(`socklen_t length = ${length.kind === 'number' ? given : '4'};`);
    return `getsockopt(${first}, NULL, ${length.kind === 'null' ? 'NULL' : '&length'})`;
  }
  const isInt = room === 4 && (value === null || value.kind === 'int' || value.kind === 'descriptor');
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
  } else if (value?.kind === 'descriptor') {
    block.after.push(`${context.number(value.value)} = value;`);
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
  return `getsockopt(${first}, ${isInt ? '&value' : 'value'}, &length)`;

  function numberOf(operand: NumberOperand): string {
    return operand.value === undefined
      ? context.number(operand)
      : String(BigInt.asIntN(32, BigInt(operand.value)));
  }
}

function poll(context: CallContext): string {
  const { step, line, block, number, use } = context;
  const [fds, count] = step.args;
  const timeout = step.args[2]!.kind === 'omitted' ? '-1' : plainArgument(context, 2);
  if (fds?.kind !== 'pollfds') {
    return `poll(NULL, ${count!.kind === 'number' ? plainArgument(context, 1) : '0'}, ${timeout})`;
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
  return `poll(fds, ${count!.kind === 'number' ? plainArgument(context, 1) : items.length}, ${timeout})`;
}

function untilNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}
