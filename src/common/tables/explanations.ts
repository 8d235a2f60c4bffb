import { isAddress, type Value } from '../call.js';
import { t } from '../l10n.js';
import type { SocketAddress, SocketInfo } from '../socket.js';
import { withFacts } from '../system/errorFacts.js';
import { accepting, connecting, shuttingDown } from './explanations/connecting.js';
import {
  closing,
  controlling,
  duplicating,
  piping,
  polling,
  requesting,
  unlinking,
} from './explanations/descriptors.js';
import { asking, binding, listening } from './explanations/naming.js';
import { opening, pairing } from './explanations/opening.js';
import { gettingOptions, settingOptions } from './explanations/options.js';
import { reading, receiving } from './explanations/receiving.js';
import { sending, sendingMessages, sendingTo } from './explanations/sending.js';
import { closedDescriptor, common, noSocket } from './explanations/shared.js';
import type { Explanation, ExplanationSubject, Rule, Rules } from './explanations/subject.js';
import { type CallName, parameterIndex, signatureOf } from './signatures.js';

export type { Explanation, ExplanationSubject } from './explanations/subject.js';

/** What the errors of each call mean. */
const own: Readonly<Record<CallName, Rules>> = {
  socket: opening,
  socketpair: pairing,
  bind: binding,
  listen: listening,
  accept: accepting,
  accept4: accepting,
  connect: connecting,
  send: sending,
  sendto: sendingTo,
  sendmsg: sendingMessages,
  recv: receiving,
  recvfrom: receiving,
  recvmsg: receiving,
  read: reading,
  write: sending,
  shutdown: shuttingDown,
  close: closing,
  getsockname: asking,
  getpeername: asking,
  getsockopt: gettingOptions,
  setsockopt: settingOptions,
  fcntl: controlling,
  ioctl: requesting,
  poll: polling,
  dup: duplicating,
  pipe: piping,
  unlink: unlinking,
};

/** Of every call on a descriptor. */
const onDescriptor: Rules = { EBADF: closedDescriptor, ENOTSOCK: noSocket };

function ownRule(call: CallName, errno: string): Rule | undefined {
  return own[call][errno] ?? (parameterIndex(call, 'fd') < 0 ? undefined : onDescriptor[errno]);
}

/** Whether an errno of a call is explained for this call, not only for calls in general. */
export function hasOwnExplanation(call: CallName, errno: string): boolean {
  return ownRule(call, errno) !== undefined;
}

/** Whether an errno of a call has its sentence. */
export function hasExplanation(call: CallName, errno: string): boolean {
  return hasOwnExplanation(call, errno) || common[errno] !== undefined;
}

/**
 * What an error means here, what usually leads to it, and what to try. Undefined for an answer that is no error, and for
 * an error that nothing is known of.
 */
export function explainError({ record, socket }: ExplanationSubject): Explanation | undefined {
  const { name, args, errno } = record;
  const facts = record.facts?.kind === 'group' ? undefined : record.facts;
  if (typeof errno !== 'string') {
    return undefined;
  }
  const rule = ownRule(name, errno) ?? common[errno];
  const holder = facts?.kind === 'holders' ? facts.there[0]?.socket : undefined;
  const reuse = facts?.reuse ?? null;
  return rule?.({
    call: name,
    args,
    address: addressOf(args),
    socket,
    holder,
    file: facts?.file ?? null,
    reuse,
  });
}

/** What an error of a call means when nothing more is known than that; of errors in general without a call. */
export function explainErrno(errno: string, call?: CallName): Explanation | undefined {
  const rule = (call && ownRule(call, errno)) ?? common[errno];
  return rule?.({ call: call ?? 'close', args: [], address: undefined, socket: undefined });
}

/** The errors of a call that are explained for it, in the order of the table. */
export function errnosOf(call: CallName): string[] {
  const shared = parameterIndex(call, 'fd') < 0 ? [] : Object.keys(onDescriptor);
  return [...new Set([...Object.keys(own[call]), ...shared])];
}

/** The address that a call names, in a message too. */
function addressOf(args: readonly Value[]): SocketAddress | undefined {
  const named = args.flatMap((value) =>
    typeof value === 'object' && value !== null && 'fields' in value
      ? value.fields.filter(({ name }) => name === 'msg_name').map((field) => field.value)
      : [value],
  );
  return named.find(isAddress);
}

/**
 * One plain sentence on what the kernel's answer means here: for an error, for the end of a stream, for
 * bytes that did not fit. Undefined when there is nothing to say beyond the answer.
 */
export function explain(subject: ExplanationSubject): string | undefined {
  const { errno, result } = subject.record;
  if (errno !== null || result === null) {
    return withFacts(explainError(subject)?.meaning, subject.record.facts);
  }
  return (
    explainClose(subject) ??
    withFacts(explainCount(subject.record, result, subject.socket), subject.record.facts)
  );
}

function explainClose({ record, socket }: ExplanationSubject): string | undefined {
  const [first, ...more] = (record.name === 'close' && socket?.heldBy) || [];
  if (first === undefined) {
    return undefined;
  }
  return more.length === 0
    ? t('The call that waits goes on (record {0}), and the kernel keeps the socket until it returns.', first)
    : t(
        '{0} calls that wait go on (from record {1}), and the kernel keeps the socket until they return.',
        more.length + 1,
        first,
      );
}

function explainCount(
  { name, args }: ExplanationSubject['record'],
  result: number,
  socket: SocketInfo | undefined,
): string | undefined {
  const { parameters, returns } = signatureOf(name);
  const size = args[parameters.findIndex(({ type }) => type === 'size')];
  if (returns !== 'count' || typeof size !== 'number' || size === 0 || socket === undefined) {
    return undefined;
  }
  const isReceive = parameters.some(({ type }) => type === 'buffer');
  if (isReceive && result === 0) {
    if (socket.type === 'SOCK_DGRAM') {
      return t('An empty datagram.');
    }
    // Also of a socket that is closed by now: it was connected once.
    if (socket.role === 'new') {
      return undefined;
    }
    return socket.isShutdownRead
      ? t('End of file: this side was shut down for receiving.')
      : t('End of file: the peer has closed its side, nothing more will come.');
  }
  return !isReceive && result < size
    ? t('{0} of {1} bytes fitted into the send queue.', result, size)
    : undefined;
}
