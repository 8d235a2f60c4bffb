import { t } from '../../common/l10n.js';
import { constantName, constantValue } from '../../common/tables/constants.js';
import type { CallName } from '../../common/tables/signatures.js';
import { Unsupported } from './code.js';
import { type NodeCall, type NodeContext, socketOf } from './nodeContext.js';
import { nodeBytes } from './nodeLiterals.js';
import { setsockopt } from './nodeOptions.js';
import { isSuccess, type NodeSocket, type NodeSockets, onlyError } from './nodeSockets.js';
import type { AddressOperand, CallStep, Operand } from './program.js';

/** A call of the vocabulary by Node.js's own means. */
export function nodeCalls(context: NodeContext): NodeCall {
  const printer = printers[context.step.name];
  if (!printer) {
    throw new Unsupported(t('Node.js has no {0}().', context.step.name));
  }
  return printer(context);
}

type Printer = (context: NodeContext) => NodeCall;

const printers: Readonly<Partial<Record<CallName, Printer>>> = {
  socket,
  bind,
  listen,
  accept,
  accept4: (context) => {
    const flags = context.step.args[3]!;
    if (flags.kind === 'number' && flags.value !== 0) {
      throw new Unsupported(t('Node.js has no {0}().', 'accept4'));
    }
    return accept(context);
  },
  connect,
  send,
  sendto: send,
  write: send,
  recv: receive,
  recvfrom: receive,
  read: receive,
  shutdown,
  close,
  getsockname: nameOf,
  getpeername: nameOf,
  setsockopt,
  unlink: ({ step, line, use, remark }) => {
    const [path] = step.args;
    if (!isSuccess(step)) {
      throw new Unsupported(t('Node.js removes the file of a socket that it closes by itself.'));
    }
    if (path?.kind !== 'data' || path.bytes.includes(0)) {
      throw new Unsupported(t('An argument on this line is not exported.'));
    }
    remark(t('Node.js removes the file of a socket that it closes by itself.'));
    const text = nodeBytes(path.bytes);
    const before = [`${use('checkFile')}(${line.number}, ${text});`];
    return { text: `fs.rmSync(${text}, { force: true }) ?? 0`, before, after: [] };
  },
};

function socket({ step, sockets, use, remark }: NodeContext): NodeCall {
  const [domain, type] = step.args.map((arg) =>
    arg.kind === 'number' && arg.value !== undefined ? Number(arg.value) : -1,
  );
  if (!isSuccess(step)) {
    throw new Unsupported(t('Node.js makes only sockets that it knows.'));
  }
  const plain = (type ?? 0) & ~(constantValue('SOCK_CLOEXEC', 'linux') ?? 0);
  const words = [constantName('domain', domain ?? -1, 'linux'), constantName('socktype', plain, 'linux')];
  const [name = ''] = step.targets;
  const made = sockets.made(name, words[0] ?? '', words[1] ?? '');
  if (!made) {
    throw new Unsupported(t('Node.js has no sockets of this kind.'));
  }
  if (name === '') {
    remark(t('Node.js makes the descriptor when it is needed.'));
  }
  switch (made.kind) {
    case 'datagram': {
      const options = Object.entries(made.options).map(([key, value]) => `, ${key}: ${value}`);
      return { text: `${use('makeDatagrams')}({ type: '${made.type}'${options.join('')} })`, after: [] };
    }
    case 'listener':
      return { text: `${use('makeListener')}()`, after: [] };
    default:
      return { text: `${use('makeClient')}()`, after: [] };
  }
}

function bind(context: NodeContext): NodeCall {
  const { step, use, address, remark } = context;
  const { text, socket: own } = socketOf(context);
  const operand = step.args[1]!;
  checkAddress(own, operand, step.args[2]!, context.sockets);
  if (own.kind === 'datagram') {
    if (own.isBound) {
      throw new Unsupported(t('Node.js binds a socket once.'));
    }
    own.isBound = isSuccess(step);
    return { text: `${use('bind')}(${text}, ${address(operand)})`, after: [] };
  }
  if (!isSuccess(step) || own.isBound || own.isConnected) {
    throw new Unsupported(t('Node.js binds when it listens or connects: it has no bind() by itself.'));
  }
  own.isBound = true;
  if (own.kind === 'listener') {
    remark(t('Node.js binds when it listens.'));
    const only = own.options['ipv6Only'];
    const at = operand.form === 'variable' ? `{ ...${address(operand)} }` : address(operand);
    const lines = [`${text}.at = ${at};`, ...(only === undefined ? [] : [`${text}.at.ipv6Only = ${only};`])];
    return { text: '', after: lines };
  }
  if (operand.form === 'variable' || operand.form === 'host') {
    throw new Unsupported(t('Node.js binds when it listens or connects: it has no bind() by itself.'));
  }
  const local = address(operand).replace('host:', 'localAddress:').replace('port:', 'localPort:');
  if (!local.includes('localAddress')) {
    throw new Unsupported(t('Node.js binds when it listens or connects: it has no bind() by itself.'));
  }
  remark(t('Node.js binds when it connects.'));
  return { text: '', after: [`${text}.at = ${local};`] };
}

/** Node.js takes addresses of the family of the socket, and knows their length. */
function checkAddress(
  { domain }: NodeSocket,
  operand: Operand,
  length: Operand,
  sockets: NodeSockets,
): asserts operand is AddressOperand {
  const isKnown = operand.kind === 'address' && (operand.form === 'known' || operand.form === 'port');
  const isForeign =
    isKnown &&
    ((domain !== '' && operand.address.family !== domain) ||
      (operand.address.family === 'AF_INET6' && operand.address.address.startsWith('::ffff:')));
  const isOther =
    operand.kind === 'address' && operand.form === 'variable' && sockets.isOther(operand.name, domain);
  if (operand.kind !== 'address' || length.kind === 'number' || isForeign || isOther) {
    throw new Unsupported(t('Node.js builds addresses by itself, of the family of the socket.'));
  }
}

/** The kernel has an answer to port 0, which Node.js does not ask. */
function checkPort(operand: AddressOperand): void {
  const isZero =
    operand.form === 'known'
      ? 'port' in operand.address && operand.address.port === 0
      : operand.form !== 'variable' && operand.port.value === 0;
  if (isZero) {
    throw new Unsupported(t('Node.js sends no datagrams to port 0.'));
  }
}

const anyAddress: Readonly<Record<string, string>> = { AF_INET: '0.0.0.0', AF_INET6: '::' };

function listen(context: NodeContext): NodeCall {
  const { step, use, number } = context;
  const { text, socket: own } = socketOf(context);
  const backlog = step.args[1]!;
  if (own.kind !== 'listener' || own.isListening || !isSuccess(step) || backlog.kind !== 'number') {
    throw new Unsupported(t('Node.js has no listen() for this socket.'));
  }
  own.isListening = true;
  // Linux binds a listener that has no address yet to any address and a free port.
  const before = own.isBound ? [] : [`${text}.at = { host: '${anyAddress[own.domain]}', port: 0 };`];
  own.isBound = true;
  return { text: `${use('listen')}(${text}, ${number(backlog)})`, before, after: [] };
}

function accept(context: NodeContext): NodeCall {
  const { step, sockets, use } = context;
  const { text, socket: own } = socketOf(context);
  if (!own.isListening || !isSuccess(step)) {
    throw new Unsupported(t('Node.js accepts by itself as long as it listens: there is no error to see.'));
  }
  const [target] = step.targets;
  if (target !== undefined) {
    sockets.accepted(target, own.domain);
  }
  return { text: `${use('accept')}(${text})`, after: step.expected.address ? ['const peer = result;'] : [] };
}

function connect(context: NodeContext): NodeCall {
  const { step, use, address } = context;
  const { text, socket: own } = socketOf(context);
  const operand = step.args[1]!;
  checkAddress(own, operand, step.args[2]!, context.sockets);
  const error = onlyError(step);
  if (error === 'EINPROGRESS' || error === 'EALREADY' || error === 'EAGAIN') {
    throw new Unsupported(t('In Node.js a call that would wait goes on by itself: there is no {0}.', error));
  }
  if (own.kind === 'datagram') {
    if (own.isConnected) {
      throw new Unsupported(t('Node.js connects a socket once.'));
    }
    checkPort(operand);
    own.isConnected = isSuccess(step);
    own.isBound = true;
    return { text: `${use('connectTo')}(${text}, ${address(operand)})`, after: [] };
  }
  if (own.kind !== 'client' || own.isConnected) {
    throw new Unsupported(t('Node.js connects a socket once.'));
  }
  if (own.domain === 'AF_UNIX' && error !== undefined) {
    throw new Unsupported(t('Node.js removes the file of a socket that it closes by itself.'));
  }
  own.isConnected = isSuccess(step);
  return { text: `${use('connect')}(${text}, ${address(operand)})`, after: [] };
}

function send(context: NodeContext): NodeCall {
  const { step, use, number, address } = context;
  const { text, socket: own } = socketOf(context);
  const [, data, size, flags, to] = step.args;
  // A piece of a datagram cannot be handed over without the rest.
  checkFlags(flags, ['MSG_NOSIGNAL', 'MSG_DONTWAIT', ...(own.kind === 'datagram' ? [] : ['MSG_MORE'])]);
  if (data?.kind !== 'data') {
    throw new Unsupported(t('Node.js passes no null pointer.'));
  }
  const length = data.bytes.length * data.count;
  const whole =
    data.count === 1 ? nodeBytes(data.bytes) : `Buffer.alloc(${length}, ${nodeBytes(data.bytes)})`;
  const isCut = size?.kind === 'number' && size.value !== length;
  if (isCut && (size.value === undefined || size.value > length)) {
    throw new Unsupported(t('The length says more bytes than there are.'));
  }
  const bytes = isCut ? `${whole}.subarray(0, ${number(size)})` : whole;
  if (own.kind === 'datagram') {
    own.isBound = true;
    if (to?.kind === 'address') {
      checkAddress(own, to, step.args[5]!, context.sockets);
      checkPort(to);
      if (own.isConnected) {
        throw new Unsupported(t('Node.js sends the datagrams of a connected socket to its peer only.'));
      }
    }
    const target = to?.kind === 'address' ? `, ${address(to)}` : '';
    if (target === '' && !own.isConnected) {
      throw new Unsupported(t('Node.js sends on a socket that is connected.'));
    }
    return { text: `${use('sendTo')}(${text}, ${bytes}${target})`, after: [] };
  }
  if (own.kind === 'listener' || !own.isConnected) {
    throw new Unsupported(t('Node.js sends on a socket that is connected.'));
  }
  if (onlyError(step) === 'EAGAIN') {
    throw new Unsupported(
      t('In Node.js a call that would wait goes on by itself: there is no {0}.', 'EAGAIN'),
    );
  }
  own.mayBeReset ||= own.mayHaveLostPeer;
  return { text: `${use('send')}(${text}, ${bytes})`, after: [] };
}

function receive(context: NodeContext): NodeCall {
  const { step, line, sockets, use, number, remark } = context;
  const { name, text, socket: own } = socketOf(context);
  const [, buffer, size, flags] = step.args;
  const bits = checkFlags(flags, ['MSG_DONTWAIT', 'MSG_PEEK', 'MSG_WAITALL', 'MSG_NOSIGNAL', 'MSG_TRUNC']);
  if (onlyError(step) === 'EAGAIN') {
    throw new Unsupported(
      t('In Node.js a call that would wait goes on by itself: there is no {0}.', 'EAGAIN'),
    );
  }
  const isReadable = own.kind === 'datagram' ? own.isBound : own.isConnected && own.kind !== 'listener';
  if (!isReadable || own.isReadingShut || buffer?.kind === 'null' || has(bits, 'MSG_TRUNC')) {
    throw new Unsupported(t('Node.js has no such receive: data comes by itself on a connection.'));
  }
  if (endsWithNothing(step) && sockets.isWokenByShutdown(name, line.thread)) {
    throw new Unsupported(t('Node.js has no shutdown() but for the sending side of a connection.'));
  }
  const said = step.expected.data?.bytes.length ?? 0;
  const length = size?.kind === 'number' ? number(size) : String(said);
  const options = [
    ...(has(bits, 'MSG_PEEK') ? ['peek: true'] : []),
    ...(has(bits, 'MSG_WAITALL') && own.kind !== 'datagram' ? ['whole: true'] : []),
  ];
  const rest = options.length > 0 ? `, { ${options.join(', ')} }` : '';
  const { data, address } = step.expected;
  const after = [
    ...(data
      ? [
          `${use(data.isPrefix ? 'checkPrefix' : 'checkData')}(${line.number}, result, ${nodeBytes(data.bytes)});`,
        ]
      : []),
    ...(address ? ['const peer = result;'] : []),
  ];
  if (address && own.kind !== 'datagram') {
    throw new Unsupported(t('Node.js has no such receive: data comes by itself on a connection.'));
  }
  const helper = use(own.kind === 'datagram' ? 'receiveFrom' : 'receive');
  const mayEnd = onlyError(step) === 'ECONNRESET' && own.kind !== 'datagram' && !own.mayBeReset;
  if (mayEnd) {
    remark(
      t('Or the end: what would be left unread, and cause a reset, Node.js may have read by itself before.'),
    );
  }
  return {
    text: `${helper}(${text}, ${length}${rest})`,
    after,
    ...(mayEnd ? { alternative: `${use('count')}(result) === 0` } : {}),
  };
}

function endsWithNothing({ expected }: CallStep): boolean {
  return expected.results.some((each) => each.kind === 'number' && each.value.value === 0);
}

function shutdown(context: NodeContext): NodeCall {
  const { step, sockets, use, remark } = context;
  const { text, socket: own } = socketOf(context);
  const how = step.args[1]!;
  const value = how.kind === 'number' ? how.value : undefined;
  if (own.isListening && isSuccess(step) && (value === 0 || value === 2)) {
    remark(t('Node.js has no shutdown() of a listener: it is closed instead.'));
    own.isListening = false;
    sockets.closed(own);
    return { text: `${use('close')}(${text})`, after: [] };
  }
  if (
    own.kind === 'datagram' ||
    own.kind === 'listener' ||
    !own.isConnected ||
    !isSuccess(step) ||
    !(value === 1 || value === 2)
  ) {
    throw new Unsupported(t('Node.js has no shutdown() but for the sending side of a connection.'));
  }
  if (value === 2) {
    own.isReadingShut = true;
    remark(t('Node.js has no shutdown() for the receiving side: only the sending side is closed.'));
  }
  own.isSendingShut = true;
  return { text: `${use('shutdown')}(${text})`, after: [] };
}

function close(context: NodeContext): NodeCall {
  const { step, sockets, use } = context;
  const { text, socket: own } = socketOf(context);
  if (!isSuccess(step)) {
    throw new Unsupported(t('Node.js makes no calls on a socket that is closed.'));
  }
  own.isClosed = true;
  sockets.closed(own);
  return { text: `${use(own.isReset && own.isConnected ? 'reset' : 'close')}(${text})`, after: [] };
}

function nameOf(context: NodeContext): NodeCall {
  const { step, use } = context;
  const { text, socket: own } = socketOf(context);
  const isPeer = step.name === 'getpeername';
  const hasName =
    own.kind === 'listener'
      ? own.isListening && !isPeer
      : own.kind === 'datagram'
        ? own.isBound && !isPeer
        : own.isConnected && own.domain !== 'AF_UNIX';
  if (!hasName || !isSuccess(step)) {
    throw new Unsupported(t('Node.js has no name for a socket that does not listen and is not connected.'));
  }
  step.targets.forEach((target) => context.sockets.named(target, own.domain));
  const call = `${use(isPeer ? 'peerOf' : 'nameOf')}(${text})`;
  return { text: call, after: step.expected.address ? ['const peer = result;'] : [] };
}

/** The flags of a call, of which Node.js can express some. */
function checkFlags(operand: CallStep['args'][number] | undefined, known: readonly string[]): number {
  const value = operand?.kind === 'number' ? operand.value : 0;
  const bits = known.reduce((sum, name) => sum | (constantValue(name, 'linux') ?? 0), 0);
  if (value === undefined || (Number(value) & ~bits) !== 0) {
    throw new Unsupported(t('Node.js has no flags for this call.'));
  }
  return Number(value);
}

function has(bits: number, flag: string): boolean {
  return (bits & (constantValue(flag, 'linux') ?? 0)) !== 0;
}
