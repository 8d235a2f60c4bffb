import { t } from '../../common/l10n.js';
import type { CallName } from '../../common/tables/signatures.js';
import { Unsupported } from './code.js';
import { optionRoom } from './optionRoom.js';
import type { AddressOperand, MessageOperand } from './program.js';
import type { Call, CallContext } from './pythonContext.js';
import { bytesOf, checkData, roomOf } from './pythonData.js';
import { pythonBytes, unixName } from './pythonLiterals.js';
import { controlText, partsOf } from './pythonMessage.js';
import { valueChecks } from './pythonOptions.js';
import { rawBytes } from './rawAddress.js';

type CallPrinter = (context: CallContext) => Call;

/** The length of `struct sockaddr_storage`. */
const addressRoom = 128;
/** The room for an option's value where none is said of it. */
const leastRoom = 16;

/**
 * Calls as C makes them, by way of `ctypes`: of addresses that are only bytes, of lengths that are not those of what they
 * measure, of null pointers. Python's own modules make none of these.
 */
export const libcCalls: Partial<Record<CallName, CallPrinter>> = {
  socket: plain(0, 1, 2),
  socketpair: (context) => asIs(context, 0, 1, 2, 3),
  bind: withAddress,
  listen: plain(0, 1),
  accept: (context) => accept(context),
  accept4: (context) => accept(context, context.arg(3)),
  connect: withAddress,
  send: (context) => {
    const { arg } = context;
    return made(context, [fdOf(context), ...sent(context), arg(3)]);
  },
  sendto: (context) => {
    const { before, args } = passedAddress(context, 4);
    return made(context, [fdOf(context), ...sent(context), context.arg(3), ...args], { before });
  },
  sendmsg: (context) => {
    const operand = context.step.args[1]!;
    const { arg, helpers, modules } = context;
    if (operand.kind !== 'message') {
      return made(context, [fdOf(context), 'None', arg(2)]);
    }
    modules.add('ctypes');
    const before = [`message = ${helpers.use('msghdr')}(${messageText(context, operand)})`];
    return made(context, [fdOf(context), 'ctypes.byref(message)', arg(2)], { before });
  },
  recv: (context) => receive(context, [context.arg(3)]),
  recvfrom: (context) => {
    const name = writtenName(context, 4);
    return receive(context, [context.arg(3), ...name.args], name);
  },
  recvmsg: (context) => {
    if (context.step.args[1]!.kind === 'message') {
      throw new Unsupported(t('An argument on this line is not exported.'));
    }
    return made(context, [fdOf(context), 'None', context.arg(2)]);
  },
  read: (context) => receive(context, []),
  write: (context) => made(context, [fdOf(context), ...sent(context)]),
  shutdown: plain(0, 1),
  getsockname: asksName,
  getpeername: asksName,
  getsockopt,
  setsockopt,
  fcntl: badRequest,
  ioctl: badRequest,
  poll,
  pipe: (context) => asIs(context, 0),
};

/** A call of libc; a failed one raises its error, as those of Python's modules do. */
function made(
  { step, helpers, modules }: CallContext,
  args: readonly string[],
  rest: Partial<Call> = {},
): Call {
  modules.add('ctypes');
  modules.add('os');
  return {
    after: [],
    ...rest,
    isLibc: true,
    text: [helpers.use('libc'), `'${step.name}'`, ...args].join(', '),
  };
}

function plain(...indexes: number[]): CallPrinter {
  return (context) => {
    const { step, arg } = context;
    if (step.targets.length > 0) {
      throw new Unsupported(t('An argument on this line is not exported.'));
    }
    const args = indexes.map((index) => (index === 0 && step.name !== 'socket' ? fdOf(context) : arg(index)));
    return made(context, args);
  };
}

/** Numbers and null pointers. */
function asIs(context: CallContext, ...indexes: number[]): Call {
  const { step, arg } = context;
  const args = indexes.map((index) => (step.args[index]!.kind === 'null' ? 'None' : arg(index)));
  if (!args.includes('None')) {
    throw new Unsupported(t('An argument on this line is not exported.'));
  }
  return made(context, args);
}

function fdOf({ step, descriptors }: CallContext): string {
  return descriptors.number(step.args[0]!);
}

function withAddress(context: CallContext): Call {
  const { before, args } = passedAddress(context, 1);
  return made(context, [fdOf(context), ...args], { before });
}

/** An address as bytes, and the length that the line says. */
function passedAddress(context: CallContext, index: number): { before: string[]; args: string[] } {
  const { step, number } = context;
  const [operand, length] = [step.args[index]!, step.args[index + 1]!];
  const given = length.kind === 'number' ? number(length) : undefined;
  if (operand.kind !== 'address') {
    return { before: [], args: ['None', given ?? '0'] };
  }
  // The kernel looks at as many bytes as the line says, at most so many.
  const padding = given === undefined ? '' : `.ljust(${addressRoom}, b'\\0')`;
  return {
    before: [`raw_address = ${addressBytes(context, operand)}${padding}`],
    args: ['raw_address', given ?? 'len(raw_address)'],
  };
}

function addressBytes({ address, helpers, modules }: CallContext, operand: AddressOperand): string {
  const known = operand.form === 'known' ? rawBytes(operand.address) : undefined;
  if (known !== undefined) {
    return pythonBytes(known);
  }
  if (operand.form === 'host') {
    throw new Unsupported(t('A value on this line is known only when the tool runs it.'));
  }
  modules.add('struct');
  const text =
    operand.form === 'known' && operand.address.family === 'AF_UNIX'
      ? unixName(operand.address)
      : address(operand);
  return `${helpers.use('sockaddr')}(${text})`;
}

interface WrittenName {
  before: string[];
  args: string[];
  after: string[];
  peer: string;
}

/** Room for an address that the kernel writes, as the line asks for it. */
function writtenName(context: CallContext, index: number): WrittenName {
  const { step, line, number, helpers } = context;
  const { args, expected, targets } = step;
  const [address, length] = [args[index]!, args[index + 1]!];
  const isWanted =
    step.name.endsWith('name') || expected.address || expected.length || length.kind === 'number';
  const isBad = length.kind === 'null' && address.kind !== 'null';
  if (
    !isBad &&
    (!isWanted || length.kind === 'null' || (address.kind === 'null' && length.kind === 'omitted'))
  ) {
    return { before: [], args: ['None', 'None'], after: [], peer: '' };
  }
  const isRead = address.kind !== 'null' && (expected.address !== null || targets.length > 0);
  const given = length.kind === 'number' ? number(length) : String(addressRoom);
  return {
    before: [
      ...(address.kind === 'null' ? [] : [`name = ctypes.create_string_buffer(${addressRoom})`]),
      ...(isBad ? [] : [`size = ctypes.c_int(${given})`]),
    ],
    args: [address.kind === 'null' ? 'None' : 'name', isBad ? 'None' : 'ctypes.byref(size)'],
    after: expected.length
      ? [
          `${helpers.use('check_number')}(${line.number}, 'the length of the address', size.value, ${number(expected.length)})`,
        ]
      : [],
    peer: isRead ? `${helpers.use('address_in')}(name, size)` : '',
  };
}

function asksName(context: CallContext): Call {
  const { step, descriptors } = context;
  descriptors.noteAddress(step.targets, step.args[0]!);
  const { args, ...name } = writtenName(context, 1);
  return made(context, [fdOf(context), ...args], name);
}

/** A connection becomes an object, as one of Python's `accept()` is. */
function accept(context: CallContext, flags?: string): Call {
  const { step, helpers, descriptors } = context;
  const { args, ...name } = writtenName(context, 1);
  const call = made(context, [fdOf(context), ...args, ...(flags === undefined ? [] : [flags])], name);
  descriptors.inherit(step.targets, step.args[0]!, 'socket');
  return { ...call, text: call.text.replace('libc', `lambda *args: ${helpers.use('adopt')}(libc(*args))`) };
}

/** The bytes to send and their length. */
function sent(context: CallContext): [string, string] {
  const { step, number } = context;
  const [, data, size] = step.args;
  if (data!.kind !== 'data') {
    return ['None', size!.kind === 'number' ? number(size) : '0'];
  }
  const { text, length } = bytesOf(context, 1);
  return [text, size!.kind === 'number' ? number(size) : String(length)];
}

function receive(context: CallContext, rest: readonly string[], name?: WrittenName): Call {
  const [, buffer] = context.step.args;
  const room = roomOf(context);
  const isNull = buffer!.kind === 'null';
  const data = isNull ? [] : [`room = ctypes.create_string_buffer(${room === '0' ? '1' : room})`];
  return made(context, [fdOf(context), isNull ? 'None' : 'room', room, ...rest], {
    ...name,
    before: [...data, ...(name?.before ?? [])],
    after: [
      ...(isNull ? [] : checkData(context, context.step.args[3], 'room.raw[:result]')),
      ...(name?.after ?? []),
    ],
  });
}

function getsockopt(context: CallContext): Call {
  const { step, line, arg, number, helpers } = context;
  const { args, expected } = step;
  const [, , , value, length] = args;
  const given = length!.kind === 'number' ? Number(length.value) : undefined;
  const room = optionRoom(args, given);
  const isNull = value!.kind === 'null' || length!.kind === 'null';
  const before = [
    ...(isNull ? [] : [`room = ctypes.create_string_buffer(${Math.max(leastRoom, room)})`]),
    ...(length!.kind === 'null'
      ? []
      : [`size = ctypes.c_int(${length!.kind === 'number' ? number(length) : room})`]),
  ];
  const size = length!.kind === 'null' ? 'None' : 'ctypes.byref(size)';
  return made(context, [fdOf(context), arg(1), arg(2), isNull ? 'None' : 'room', size], {
    before,
    after: [
      ...(expected.value && !isNull ? ['answer = room.raw[:size.value]', ...valueChecks(context)] : []),
      ...(expected.length
        ? [
            `${helpers.use('check_number')}(${line.number}, 'the length of the value', size.value, ${number(expected.length)})`,
          ]
        : []),
    ],
  });
}

/** A request on a negative number: the kernel looks at nothing else. */
function badRequest(context: CallContext): Call {
  const { step, arg } = context;
  const { kind } = step.args[2]!;
  const passed = kind === 'number' ? [arg(2)] : kind === 'omitted' ? [] : ['None'];
  return made(context, [fdOf(context), arg(1), ...passed]);
}

function setsockopt(context: CallContext): Call {
  const { step, arg, number } = context;
  const [, , , value, length] = step.args;
  if (value!.kind !== 'null' && value!.kind !== 'omitted') {
    throw new Unsupported(t('The length says more bytes than there are.'));
  }
  const given = length!.kind === 'number' ? number(length) : '0';
  return made(context, [fdOf(context), arg(1), arg(2), 'None', given]);
}

function poll(context: CallContext): Call {
  const { step, line, arg, number, descriptors, helpers } = context;
  const [fds, count, timeout] = step.args;
  const wait = timeout!.kind === 'omitted' ? '-1' : arg(2);
  if (fds?.kind !== 'pollfds') {
    return made(context, ['None', count!.kind === 'number' ? arg(1) : '0', wait]);
  }
  if (count!.kind === 'number' && !(Number(count.value) <= fds.items.length)) {
    throw new Unsupported(t('The length says more bytes than there are.'));
  }
  const names = fds.items.map(({ fd }) => descriptors.number(fd));
  const items = fds.items.map(({ events }, index) => `(${names[index]}, ${number(events)})`);
  const { ready } = step.expected;
  const checks = (ready ? fds.items : []).map((_, index) => {
    const said = ready!.find(({ fd }) => descriptors.number(fd) === names[index]);
    return `${helpers.use('check_number')}(${line.number}, 'revents', fds[${index}].revents, ${said ? number(said.events) : '0'})`;
  });
  const size = count!.kind === 'number' ? arg(1) : String(items.length);
  return made(context, ['fds', size, wait], {
    before: [`fds = ${helpers.use('pollfds')}(${items.join(', ')})`],
    after: checks,
  });
}

function messageText(context: CallContext, { name, parts, control }: MessageOperand): string {
  const texts = [
    name ? addressBytes(context, name) : "b''",
    `[${partsOf(parts).join(', ')}]`,
    `[${control.map((part) => controlText(part, context)).join(', ')}]`,
  ];
  return texts.join(', ');
}
