import { t } from '../../common/l10n.js';
import { constantName } from '../../common/tables/constants.js';
import type { CallName } from '../../common/tables/signatures.js';
import { type Helpers, Unsupported } from './code.js';
import { optionRoom } from './optionRoom.js';
import type {
  AddressOperand,
  CallStep,
  MessageOperand,
  NumberOperand,
  Operand,
  ProgramLine,
} from './program.js';
import type { pythonHelpers } from './pythonHelpers.js';
import { pythonBytes } from './pythonLiterals.js';

/** What a printed call leaves to its frame. */
export interface Call {
  /** The function and its arguments, as `attempt` takes them. */
  text: string;
  /** Behind the checks of the result; inside a condition where it has not failed. */
  after: string[];
  /** Whether the answer is no number, so that 0 stands for it. */
  isZero?: boolean;
}

export type Helper = keyof typeof pythonHelpers;

export interface CallContext {
  step: CallStep;
  line: ProgramLine;
  helpers: Helpers<Helper>;
  modules: Set<string>;
  families: Map<string, number>;
  pipes: Set<string>;
  closed: Set<string>;
  received: Set<string>;
  number: (operand: NumberOperand) => string;
  arg: (index: number) => string;
  socket: (index: number) => string;
  descriptor: (operand: Operand) => string;
  passed: (index: number) => string;
  address: (operand: AddressOperand) => string;
}

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
  fcntl: ({ step, arg, descriptor, modules, helpers }) => {
    const [fd, command, argument] = step.args;
    const name = constantName('fcntlcmd', command!.kind === 'number' ? Number(command.value) : -1, 'linux');
    if (name === 'F_GETFD' || name === 'F_SETFD' || name === 'F_DUPFD') {
      throw new Unsupported(t('Python sets FD_CLOEXEC on its descriptors by itself.'));
    }
    modules.add('fcntl');
    const text = `fcntl.fcntl, ${descriptor(fd!)}, ${arg(1)}${argument!.kind === 'omitted' ? '' : `, ${arg(2)}`}`;
    if (name === 'F_DUPFD_CLOEXEC') {
      helpers.use('adopt');
      return {
        text: `lambda *args: adopt(fcntl.fcntl(*args)), ${text.slice('fcntl.fcntl, '.length)}`,
        after: [],
      };
    }
    return { text, after: [] };
  },
  ioctl,
  poll,
  dup: ({ step, socket, helpers, families }) => {
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

function dataOf({ step, number }: CallContext, index: number): string {
  const operand = step.args[index]!;
  const size = step.args[index + 1]!;
  if (operand.kind !== 'data') {
    throw new Unsupported(t('Python passes no null pointer.'));
  }
  const length = operand.bytes.length * operand.count;
  const text = pythonBytes(operand.bytes) + (operand.count === 1 ? '' : ` * ${operand.count}`);
  if (size.kind !== 'number' || size.value === length) {
    return text;
  }
  if (size.value === undefined || size.value > length) {
    throw new Unsupported(t('The length says more bytes than there are.'));
  }
  return `${operand.count === 1 ? text : `(${text})`}[:${number(size)}]`;
}

function roomOf({ step, number }: CallContext): string {
  const [, buffer, size] = step.args;
  const said = step.expected.data?.bytes.length ?? 0;
  if (buffer!.kind === 'null') {
    throw new Unsupported(t('Python passes no null pointer.'));
  }
  if (size!.kind !== 'number') {
    return String(said);
  }
  if (size.value === undefined || size.value < 0 || size.value > mostRoom) {
    throw new Unsupported(t('A buffer of this length is not exported.'));
  }
  return number(size);
}

function checkData({ step, line, helpers }: CallContext): string[] {
  const { data } = step.expected;
  if (!data) {
    return [];
  }
  const helper = helpers.use(data.isPrefix ? 'check_prefix' : 'check_data');
  return [`${helper}(${line.number}, result, ${pythonBytes(data.bytes)})`];
}

function setsockopt({ step, socket, arg, number, modules }: CallContext): Call {
  const [, , , value, length] = step.args;
  const given = length!.kind === 'number' ? Number(length.value) : undefined;
  const call = `${socket(0)}.setsockopt, ${arg(1)}, ${arg(2)}`;
  switch (value!.kind) {
    case 'null':
    case 'omitted':
      if (given === undefined || !(given >= 0)) {
        throw new Unsupported(t('Python passes no null pointer.'));
      }
      return { text: `${call}, None, ${given}`, after: [] };
    case 'number': {
      if (given !== undefined && given !== 4) {
        if (!(given >= 0 && given < 4)) {
          throw new Unsupported(t('The length says more bytes than there are.'));
        }
        modules.add('struct');
        return { text: `${call}, struct.pack('i', ${number(value)})[:${given}]`, after: [] };
      }
      const known = value.value;
      const text =
        known !== undefined && (known > 0x7fffffff || known < -0x80000000)
          ? String(BigInt.asIntN(32, BigInt(known)))
          : number(value);
      return { text: `${call}, ${text}`, after: [] };
    }
    case 'struct': {
      const { fields, bytes } = value;
      if (given !== undefined && !(given >= 0 && given <= bytes.length)) {
        throw new Unsupported(t('The length says more bytes than there are.'));
      }
      const slice = given === undefined || given === bytes.length ? '' : `[:${given}]`;
      if (fields.length === 0) {
        return { text: `${call}, ${pythonBytes(bytes)}${slice}`, after: [] };
      }
      modules.add('struct');
      const format = fields.map(({ type }) => formats[type] ?? '').join('');
      const values = fields.map(({ value: each }) =>
        each instanceof Uint8Array ? `socket.inet_aton('${each.join('.')}')` : String(each),
      );
      return { text: `${call}, struct.pack('${format}', ${values.join(', ')})${slice}`, after: [] };
    }
    default:
      throw new Unsupported(t('An argument on this line is not exported.'));
  }
}

function getsockopt({ step, line, socket, arg, number, helpers }: CallContext): Call {
  const { args, expected } = step;
  const length = args[4]!;
  const room = optionRoom(args, length.kind === 'number' ? Number(length.value) : undefined);
  const { value } = expected;
  const call = `${socket(0)}.getsockopt, ${arg(1)}, ${arg(2)}`;
  if (args[3]!.kind === 'null' || length.kind === 'null') {
    throw new Unsupported(t('Python passes no null pointer.'));
  }
  if (length.kind === 'number' && !(Number(length.value) > 0 && Number(length.value) <= 1024)) {
    throw new Unsupported(t('Python chooses the length of this value by itself.'));
  }
  const check = (helper: Helper, what: string, got: string, said: string) =>
    `${helpers.use(helper)}(${line.number}, ${what}${got}, ${said})`;
  if (room === 4 && (value === null || value.kind === 'int')) {
    const after =
      value === null ? [] : [check('check_number', "'the value', ", 'answer', number(value.value))];
    return { text: call, after, isZero: true };
  }
  const text = `${call}, ${room}`;
  switch (value?.kind) {
    case undefined:
      return { text, after: [], isZero: true };
    case 'tcpState':
      return {
        text,
        after: [check('check_number', "'tcpi_state', ", 'answer[0]', String(value.value))],
        isZero: true,
      };
    case 'int':
      return {
        text,
        after: [
          check(
            'check_number',
            "'the value', ",
            'int.from_bytes(answer, sys.byteorder, signed=True)',
            number(value.value),
          ),
        ],
        isZero: true,
      };
    case 'bytes': {
      const end = value.bytes.indexOf(0);
      const bytes = value.isText && end >= 0 ? value.bytes.subarray(0, end) : value.bytes;
      const got = value.isText ? "answer.split(b'\\0')[0]" : 'answer';
      return { text, after: [check('check_data', '', got, pythonBytes(bytes))], isZero: true };
    }
  }
}

function ioctl({ step, line, arg, number, descriptor, modules, helpers }: CallContext): Call {
  const [fd, , argument] = step.args;
  if (argument!.kind === 'null') {
    throw new Unsupported(t('Python passes no null pointer.'));
  }
  modules.add('fcntl');
  modules.add('struct');
  const value = argument!.kind === 'number' ? arg(2) : '0';
  const said = step.expected.value;
  return {
    text: `fcntl.ioctl, ${descriptor(fd!)}, ${arg(1)}, struct.pack('i', ${value})`,
    after:
      said?.kind === 'int'
        ? [
            `${helpers.use('check_number')}(${line.number}, 'the value', struct.unpack('i', answer)[0], ${number(said.value)})`,
          ]
        : [],
    isZero: true,
  };
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
    return `${helpers.use('check_number')}(${line.number}, 'revents', dict(result).get(${names[index]}, 0), ${said ? number(said.events) : '0'})`;
  });
  return { text: `poll, [${items.join(', ')}], ${timeout!.kind === 'omitted' ? '-1' : arg(2)}`, after };
}

function sendmsg({ step, socket, arg, descriptor, address, modules }: CallContext): Call {
  const message = messageOf(step);
  const parts = message.parts.map(({ bytes, length }) =>
    pythonBytes((bytes ?? new Uint8Array(0)).subarray(0, length)),
  );
  const { length } = message.descriptors;
  if (length > 0) {
    modules.add('struct');
  }
  const fds = message.descriptors.map((fd) => descriptor(fd)).join(', ');
  const control =
    length > 0 ? `[(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack('${length}i', ${fds}))]` : '[]';
  const name = message.name ? `, ${address(message.name)}` : '';
  return { text: `${socket(0)}.sendmsg, [${parts.join(', ')}], ${control}, ${arg(2)}${name}`, after: [] };
}

function recvmsg(context: CallContext): Call {
  const { step, line, socket, arg, number, helpers } = context;
  const message = messageOf(step);
  if (message.parts.length > 1) {
    throw new Unsupported(t('Python receives a message into one buffer.'));
  }
  const [part] = message.parts;
  const after = checkData(context);
  const names = message.descriptors.map((each) => number(each));
  if (names.length > 0) {
    helpers.use('received');
    after.push(
      ...names.map((name, index) => (index === 0 ? `fds = received(result[1])` : '') || name).slice(0, 1),
    );
    message.descriptors.flatMap(namesIn).forEach((name) => context.received.add(name));
    names.forEach((name, index) => after.push(`${name} = fds[${index}] if len(fds) > ${index} else None`));
  }
  if (step.expected.messageFlags) {
    after.push(
      `${helpers.use('check_number')}(${line.number}, 'msg_flags', result[2] & ~socket.MSG_CMSG_CLOEXEC, ${number(step.expected.messageFlags)})`,
    );
  }
  return { text: `${socket(0)}.recvmsg, ${part?.length ?? 0}, ${message.controlLength}, ${arg(2)}`, after };
}

function messageOf({ args }: CallStep): MessageOperand {
  const operand = args[1]!;
  if (operand.kind !== 'message') {
    throw new Unsupported(t('Python passes no null pointer.'));
  }
  return operand;
}

/** The variable that a descriptor is, as a list of one; empty where it is none. */
export function namesIn(operand: Operand): string[] {
  return operand.kind === 'number' && operand.node.kind === 'variable' ? [operand.node.name] : [];
}

export const makers: ReadonlySet<CallName> = new Set<CallName>(['socket', 'accept', 'accept4', 'dup']);
export const pairs: ReadonlySet<CallName> = new Set<CallName>(['socketpair', 'pipe']);

/** The most bytes that are received at once. */
const mostRoom = 64 * 1024 * 1024;

const formats: Readonly<Record<string, string>> = {
  u8: 'B',
  u16: 'H',
  i32: 'i',
  u32: 'I',
  i64: 'q',
  u64: 'Q',
  in_addr: '4s',
};
