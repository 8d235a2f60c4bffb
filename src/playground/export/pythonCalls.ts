import { t } from '../../common/l10n.js';
import type { CallName } from '../../common/tables/signatures.js';
import { Unsupported } from './code.js';
import type { CallStep, Operand } from './program.js';
import { type Call, type CallContext, namesIn } from './pythonContext.js';
import { checkData, dataOf, roomOf } from './pythonData.js';
import { pythonBytes } from './pythonLiterals.js';
import { recvmsg, sendmsg } from './pythonMessage.js';
import { getsockopt, setsockopt } from './pythonOptions.js';
import { request } from './pythonRequests.js';

type CallPrinter = (context: CallContext) => Call;

const method =
  (...indexes: number[]): CallPrinter =>
  ({ step, socket, arg }) => ({
    text: [`${socket(0)}.${step.name}`, ...indexes.map((index) => arg(index))].join(', '),
    after: [],
  });

const asksName: CallPrinter = (context) => {
  inherit(context.families, context.step);
  checkRoom(context.step, 1);
  return { text: `${context.socket(0)}.${context.step.name}`, after: [], isZero: true };
};

/** One printer for each call of the vocabulary. */
export const pythonCalls: Readonly<Record<CallName, CallPrinter>> = {
  socket: ({ step, arg, families }) => {
    noteFamily(families, step, step.args[0]!);
    return { text: `socket.socket, ${arg(0)}, ${arg(1)}, ${arg(2)}`, after: [] };
  },
  socketpair: ({ step, arg, families }) => {
    noteFamily(families, step, step.args[0]!);
    return { text: `socket.socketpair, ${arg(0)}, ${arg(1)}, ${arg(2)}`, after: [], isZero: true };
  },
  bind: ({ socket, passed }) => ({ text: `${socket(0)}.bind, ${passed(1)}`, after: [] }),
  listen: method(1),
  accept,
  accept4: (context) => {
    const flags = context.step.args[3]!;
    if (flags.kind === 'number' && flags.value !== 0) {
      throw new Unsupported(t('Python has no accept4(): its accept() sets SOCK_CLOEXEC by itself.'));
    }
    return accept(context);
  },
  connect: ({ socket, passed }) => ({ text: `${socket(0)}.connect, ${passed(1)}`, after: [] }),
  send: (context) => ({
    text: withFlags(`${context.socket(0)}.send, ${dataOf(context, 1)}`, context, 3),
    after: [],
  }),
  sendto: (context) => {
    const { socket, arg, step, passed } = context;
    return step.args[4]!.kind === 'address'
      ? { text: `${socket(0)}.sendto, ${dataOf(context, 1)}, ${arg(3)}, ${passed(4)}`, after: [] }
      : { text: withFlags(`${socket(0)}.send, ${dataOf(context, 1)}`, context, 3), after: [] };
  },
  sendmsg,
  recv: (context) => {
    const room = roomOf(context);
    const [, , , flags] = context.step.args;
    if (flags?.kind === 'number' && (Number(flags.value) & 0x20) !== 0) {
      throw new Unsupported(t('Python takes the length that MSG_TRUNC tells for that of the data.'));
    }
    if (room === '0') {
      throw new Unsupported(t('In Python recv() makes no call for 0 bytes.'));
    }
    return { text: withFlags(`${context.socket(0)}.recv, ${room}`, context, 3), after: checkData(context) };
  },
  recvfrom: (context) => {
    checkRoom(context.step, 4);
    return {
      text: withFlags(`${context.socket(0)}.recvfrom, ${roomOf(context)}`, context, 3),
      after: checkData(context),
    };
  },
  recvmsg,
  read: (context) => {
    context.modules.add('os');
    const [fd] = context.step.args;
    return { text: `os.read, ${context.descriptor(fd!)}, ${roomOf(context)}`, after: checkData(context) };
  },
  write: (context) => {
    context.modules.add('os');
    const [fd] = context.step.args;
    return { text: `os.write, ${context.descriptor(fd!)}, ${dataOf(context, 1)}`, after: [] };
  },
  shutdown: method(1),
  close: ({ step, helpers, modules, descriptor, socket, closed }) => {
    const [fd] = step.args;
    namesIn(fd!).forEach((name) => closed.add(name));
    try {
      const sock = socket(0);
      helpers.use('close');
      return { text: `close, ${sock}`, after: [] };
    } catch {
      modules.add('os');
      return { text: `os.close, ${descriptor(fd!)}`, after: [] };
    }
  },
  getsockname: asksName,
  getpeername: asksName,
  getsockopt,
  setsockopt,
  fcntl: request,
  ioctl: request,
  poll,
  dup: ({ step, socket, helpers, families, pipes, modules }) => {
    const [fd] = step.args;
    const [pipe] = namesIn(fd!).filter((name) => pipes.has(name));
    if (pipe !== undefined) {
      modules.add('os');
      step.targets.forEach((name) => pipes.add(name));
      return { text: `os.dup, ${pipe}`, after: [] };
    }
    const sock = socket(0);
    helpers.use('duplicate');
    inherit(families, step);
    return { text: `duplicate, ${sock}`, after: [] };
  },
  pipe: ({ step, pipes, modules }) => {
    modules.add('os');
    step.targets.forEach((name) => pipes.add(name));
    return { text: 'os.pipe', after: [], isZero: true };
  },
  unlink: ({ step, modules }) => {
    const [path] = step.args;
    if (path?.kind !== 'data' || path.bytes.includes(0)) {
      throw new Unsupported(t('An argument on this line is not exported.'));
    }
    modules.add('os');
    return { text: `os.unlink, ${pythonBytes(path.bytes)}`, after: [] };
  },
};

function accept({ step, socket, families }: CallContext): Call {
  checkRoom(step, 1);
  inherit(families, step);
  return { text: `${socket(0)}.accept`, after: [] };
}

/** Python asks for addresses with room of its own. */
function checkRoom({ args }: CallStep, index: number): void {
  const [address, length] = [args[index]!, args[index + 1]!];
  if (
    length.kind === 'number' &&
    !(length.value !== undefined && length.value >= 28 && length.value <= 0xffff)
  ) {
    throw new Unsupported(t('Python chooses the room for an address by itself.'));
  }
  if ((address.kind === 'null') !== (length.kind === 'null')) {
    throw new Unsupported(t('Python chooses the room for an address by itself.'));
  }
}

function noteFamily(families: Map<string, number>, { targets }: CallStep, domain: Operand): void {
  if (domain.kind === 'number' && domain.value !== undefined) {
    targets.forEach((name) => families.set(name, Number(domain.value)));
  }
}

function inherit(families: Map<string, number>, { args, targets }: CallStep): void {
  const [fd] = args;
  const family =
    fd?.kind === 'number' && fd.node.kind === 'variable' ? families.get(fd.node.name) : undefined;
  if (family !== undefined) {
    targets.forEach((name) => families.set(name, family));
  }
}

function withFlags(text: string, { step, arg }: CallContext, index: number): string {
  const flags = step.args[index]!;
  return flags.kind === 'number' && flags.value !== 0 ? `${text}, ${arg(index)}` : text;
}

function poll({ step, line, arg, number, descriptor, modules, helpers, closed }: CallContext): Call {
  const [fds, count, timeout] = step.args;
  const isWhole = fds?.kind === 'pollfds' && (count!.kind !== 'number' || count.value === fds.items.length);
  if (fds?.kind !== 'pollfds' || !isWhole) {
    throw new Unsupported(t('Python polls all descriptors of a list.'));
  }
  modules.add('select');
  helpers.use('poll');
  const names = fds.items.map(({ fd }) => descriptor(fd));
  if (
    fds.items.some(({ fd }) => fd.value !== undefined && fd.value < 0) ||
    new Set(names).size < names.length
  ) {
    throw new Unsupported(t('Python polls each descriptor once, and none below 0.'));
  }
  if (fds.items.some(({ fd }) => namesIn(fd).some((name) => closed.has(name)))) {
    throw new Unsupported(t('Python forgets the number of a socket that is closed.'));
  }
  const items = fds.items.map(({ events }, index) => `(${names[index]}, ${number(events)})`);
  const after = (step.expected.ready ? fds.items : []).map(({ fd }, index) => {
    const said = step.expected.ready!.find((each) => descriptor(each.fd) === descriptor(fd));
    return `${helpers.use('check_number')}(${line.number}, 'revents', dict(result).get(fds[${index}][0], 0), ${said ? number(said.events) : '0'})`;
  });
  // A socket that is closed meanwhile has no number any more.
  const before = [`fds = [${items.join(', ')}]`];
  return { before, text: `poll, fds, ${timeout!.kind === 'omitted' ? '-1' : arg(2)}`, after };
}

export const makers: ReadonlySet<CallName> = new Set<CallName>(['socket', 'accept', 'accept4', 'dup']);
export const pairs: ReadonlySet<CallName> = new Set<CallName>(['socketpair', 'pipe']);
