import { t } from '../../common/l10n.js';
import type { CallName } from '../../common/tables/signatures.js';
import { Unsupported } from './code.js';
import type { CallStep, Operand } from './program.js';
import { type Call, type CallContext, NeedsLibc } from './pythonContext.js';
import { checkData, dataOf, roomOf } from './pythonData.js';
import { pythonBytes } from './pythonLiterals.js';
import { recvmsg, sendmsg } from './pythonMessage.js';
import { getsockopt, setsockopt } from './pythonOptions.js';
import { request } from './pythonRequests.js';
import { tellsWholeLength } from './receiveFlags.js';

type CallPrinter = (context: CallContext) => Call;

const plain =
  (...indexes: number[]): CallPrinter =>
  ({ step, method, arg }) => ({
    text: [method(step.name), ...indexes.map((index) => arg(index))].join(', '),
    after: [],
  });

const asksName: CallPrinter = (context) => {
  const { step, descriptors, method } = context;
  descriptors.noteAddress(step.targets, step.args[0]!);
  checkRoom(step, 1);
  return { text: method(step.name), after: [], isZero: true };
};

/** One printer for each call of the vocabulary. */
export const pythonCalls: Readonly<Record<CallName, CallPrinter>> = {
  socket: ({ step, arg, descriptors }) => {
    descriptors.note(step.targets, 'socket', numberIn(step.args[0]!));
    return { text: `socket.socket, ${arg(0)}, ${arg(1)}, ${arg(2)}`, after: [] };
  },
  socketpair: ({ step, arg, descriptors }) => {
    checkPair(step.args[3]!);
    descriptors.note(step.targets, 'socket', numberIn(step.args[0]!));
    return { text: `socket.socketpair, ${arg(0)}, ${arg(1)}, ${arg(2)}`, after: [], isZero: true };
  },
  bind: withAddress,
  listen: plain(1),
  accept,
  accept4: (context) => {
    const flags = context.step.args[3]!;
    if (flags.kind === 'number' && flags.value !== 0 && !isCloseOnExec(flags)) {
      throw new NeedsLibc();
    }
    return accept(context);
  },
  connect: withAddress,
  send: (context) => {
    const data = dataOf(context, 1);
    return { text: withFlags(`${context.method('send')}, ${data}`, context, 3), after: [] };
  },
  sendto: (context) => {
    const { method, arg, step, passed } = context;
    const data = dataOf(context, 1);
    if (step.args[4]!.kind !== 'address') {
      return { text: withFlags(`${method('send')}, ${data}`, context, 3), after: [] };
    }
    const rest = `${data}, ${arg(3)}, ${passed(4)}`;
    return { text: `${method('sendto', step.args[4])}, ${rest}`, after: [] };
  },
  sendmsg,
  recv: (context) => {
    const room = bufferOf(context);
    // For 0 bytes its recv() makes no call.
    return receive(context, room === '0' ? 'recvfrom' : 'recv', room);
  },
  recvfrom: (context) => {
    checkRoom(context.step, 4);
    return receive(context, 'recvfrom', bufferOf(context));
  },
  recvmsg,
  read: (context) => {
    const [fd] = context.step.args;
    const text = `os.read, ${context.descriptors.number(fd!)}, ${bufferOf(context)}`;
    context.modules.add('os');
    return { text, after: checkData(context) };
  },
  write: (context) => {
    const [fd] = context.step.args;
    const text = `os.write, ${context.descriptors.number(fd!)}, ${dataOf(context, 1)}`;
    context.modules.add('os');
    return { text, after: [] };
  },
  shutdown: plain(1),
  close: ({ step, helpers, modules, descriptors }) => {
    const fd = step.args[0]!;
    if (descriptors.kindOf(fd) === 'number') {
      modules.add('os');
      return { text: `os.close, ${descriptors.number(fd)}`, after: [] };
    }
    const reused = descriptors.reusedBy(step);
    if (reused.length === 0) {
      return { text: `${helpers.use('close')}, ${descriptors.text(fd)}`, after: [] };
    }
    const name = descriptors.text(fd);
    // Also where it fails: an object that was closed once has no number any more.
    const before = [
      `freed, ${name} = ${name}, ${descriptors.number(fd)}  # another may be given this number`,
    ];
    descriptors.note(reused, 'either');
    return { before, text: `${helpers.use('close')}, freed`, after: [] };
  },
  getsockname: asksName,
  getpeername: asksName,
  getsockopt,
  setsockopt,
  fcntl: request,
  ioctl: request,
  poll,
  dup: ({ step, helpers, descriptors }) => {
    const fd = step.args[0]!;
    const text = `${helpers.use('duplicate')}, ${descriptors.text(fd)}`;
    descriptors.inherit(step.targets, fd);
    return { text, after: [] };
  },
  pipe: ({ step, descriptors, modules }) => {
    checkPair(step.args[0]!);
    modules.add('os');
    descriptors.note(step.targets, 'number');
    return { text: 'os.pipe', after: [], isZero: true };
  },
  unlink: ({ step, line, modules, helpers }) => {
    const [path] = step.args;
    if (path?.kind !== 'data' || path.bytes.includes(0)) {
      throw new Unsupported(t('An argument on this line is not exported.'));
    }
    modules.add('os');
    const text = pythonBytes(path.bytes);
    const before = [`${helpers.use('check_file')}(${line.number}, ${text})`];
    return { text: `os.unlink, ${text}`, before, after: [] };
  },
};

function withAddress({ step, method, passed }: CallContext): Call {
  const address = passed(1);
  return { text: `${method(step.name, step.args[1])}, ${address}`, after: [] };
}

function accept({ step, method, descriptors }: CallContext): Call {
  checkRoom(step, 1);
  const text = method('accept');
  descriptors.inherit(step.targets, step.args[0]!, 'socket');
  return { text, after: [] };
}

function receive(context: CallContext, name: 'recv' | 'recvfrom', room: string): Call {
  const { method, step, arg } = context;
  if (tellsWholeLength(step.args[3])) {
    // Into a buffer it tells also of bytes that had no room there.
    return {
      before: [`room = bytearray(${room})`],
      text: `${method(`${name}_into`)}, room, ${room}, ${arg(3)}`,
      after: checkData(context, step.args[3], 'bytes(room[:number(result)])'),
    };
  }
  return { text: withFlags(`${method(name)}, ${room}`, context, 3), after: checkData(context) };
}

/** How much is asked for, into a buffer that there is. */
function bufferOf(context: CallContext): string {
  if (context.step.args[1]!.kind === 'null') {
    throw new NeedsLibc();
  }
  return roomOf(context);
}

function checkPair(operand: Operand): void {
  if (operand.kind === 'null') {
    throw new NeedsLibc();
  }
}

/** Python asks for addresses with room of its own. */
function checkRoom({ args }: CallStep, index: number): void {
  const [address, length] = [args[index]!, args[index + 1]!];
  if (
    length.kind === 'number' &&
    !(length.value !== undefined && length.value >= 28 && length.value <= 0xffff)
  ) {
    throw new NeedsLibc();
  }
  if ((address.kind === 'null') !== (length.kind === 'null')) {
    throw new NeedsLibc();
  }
}

function withFlags(text: string, { step, arg }: CallContext, index: number): string {
  const flags = step.args[index]!;
  return flags.kind === 'number' && flags.value !== 0 ? `${text}, ${arg(index)}` : text;
}

function poll({ step, line, arg, number, descriptors, modules, helpers }: CallContext): Call {
  const [fds, count, timeout] = step.args;
  const isWhole = fds?.kind === 'pollfds' && (count!.kind !== 'number' || count.value === fds.items.length);
  if (fds?.kind !== 'pollfds' || !isWhole) {
    throw new NeedsLibc();
  }
  const names = fds.items.map(({ fd }) => descriptors.number(fd));
  if (
    fds.items.some(({ fd }) => fd.value !== undefined && fd.value < 0) ||
    new Set(names).size < names.length
  ) {
    throw new NeedsLibc();
  }
  modules.add('select');
  helpers.use('poll');
  const items = fds.items.map(({ events }, index) => `(${names[index]}, ${number(events)})`);
  const after = (step.expected.ready ? fds.items : []).map(({ fd }, index) => {
    const said = step.expected.ready!.find((each) => descriptors.number(each.fd) === descriptors.number(fd));
    return `${helpers.use('check_number')}(${line.number}, 'revents', dict(result).get(fds[${index}][0], 0), ${said ? number(said.events) : '0'})`;
  });
  // A socket that is closed meanwhile has no number any more.
  const before = [`fds = [${items.join(', ')}]`];
  return { before, text: `poll, fds, ${timeout!.kind === 'omitted' ? '-1' : arg(2)}`, after };
}

/** Whether Python makes something else of a number: 0 of a backlog below, its own choice of a socket's -1. */
export function isBeyondPython(operand: Operand, name: CallName): boolean {
  const value = intIn(operand) ?? 0;
  return (name === 'listen' && value < 0) || (name === 'socket' && value === -1);
}

/** What a call makes in C without FD_CLOEXEC, which Python sets on all that it makes. */
export function isInherited({ name, args }: CallStep): boolean {
  switch (name) {
    case 'socket':
    case 'socketpair':
      return !isCloseOnExec(args[1]!, true);
    case 'accept4':
      return !isCloseOnExec(args[3]!);
    default:
      return makers.has(name) || pairs.has(name);
  }
}

/** Whether flags are SOCK_CLOEXEC, or have it. */
function isCloseOnExec(flags: Operand, isAmongOthers = false): boolean {
  const cloexec = 0x80000;
  const value = numberIn(flags) ?? 0;
  return isAmongOthers ? (value & cloexec) !== 0 : value === cloexec;
}

/** What the kernel takes of a number that is too large for an int. */
export function intIn(operand: Operand): number | undefined {
  const value = operand.kind === 'number' ? operand.value : undefined;
  return value === undefined ? undefined : Number(BigInt.asIntN(32, BigInt(value)));
}

function numberIn(operand: Operand): number | undefined {
  return operand.kind === 'number' && operand.value !== undefined ? Number(operand.value) : undefined;
}

export const makers: ReadonlySet<CallName> = new Set<CallName>(['socket', 'accept', 'accept4', 'dup']);
export const pairs: ReadonlySet<CallName> = new Set<CallName>(['socketpair', 'pipe']);
