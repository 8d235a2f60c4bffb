import { isAddress, type Value } from '../call.js';
import { parseIPv4 } from '../ipAddress.js';
import { t } from '../l10n.js';
import { printAddress } from '../notation/printer.js';
import type { Named, SocketAddress, SocketId } from '../socket.js';
import type { CallName } from '../tables/signatures.js';
import type {
  CallFacts,
  ErrorFacts,
  FoundFile,
  FoundSocket,
  ProcessInfo,
  SystemSocket,
} from './systemSocket.js';
import { groupSentence, multicastGroupOf } from './groupFacts.js';
import {
  holderText,
  isAnyHost,
  isConnected,
  plainHost,
  processText,
  roleName,
  stateNames,
  systemTupleText,
} from './systemSocketText.js';

/** A call of which the kernel can be asked what has become of it. */
export interface CallQuestion {
  name: CallName;
  args: readonly Value[];
  errno: Named | null;
  socketId: SocketId | null;
}

/** Whether there is something to look up. */
export function hasFacts({ name, args, errno }: Pick<CallQuestion, 'name' | 'args' | 'errno'>): boolean {
  if (errno === null) {
    return multicastGroupOf({ name, args }) !== undefined;
  }
  return (errno === 'EADDRINUSE' && ['bind', 'listen', 'connect'].includes(name)) || errno === 'ECONNREFUSED';
}

/** The address that a call names. */
export function addressOfCall({ args }: Pick<CallQuestion, 'args'>): SocketAddress | undefined {
  return args.find(isAddress);
}

/** Whether a socket bound to the one address also takes what comes for the other. */
export function overlaps(
  a: { address: string; isV6Only?: boolean | null },
  b: { address: string; isV6Only?: boolean | null },
): boolean {
  const [hostA, hostB] = [plainHost(a.address), plainHost(b.address)];
  if (hostA === hostB) {
    return true;
  }
  const takes = (any: string, { isV6Only }: { isV6Only?: boolean | null }, host: string) =>
    isAnyHost(any) && (any === '::' ? !isV6Only || !isIPv4(host) : isIPv4(host));
  return takes(hostA, a, hostB) || takes(hostB, b, hostA);
}

function isIPv4(host: string): boolean {
  return parseIPv4(host) !== undefined;
}

/** What was found, in a sentence or two. */
function factSentence(facts: ErrorFacts): string {
  return facts.kind === 'holders' ? holderSentence(facts) : listenerSentence(facts);
}

/** Whether it tells all that is to tell, so that no guess need stand before it. */
function isAnswer({ there, elsewhere, file }: ErrorFacts): boolean {
  return there.length > 0 || elsewhere.length > 0 || file !== null;
}

/** The sentence on a call with what was found: in place of a guess where that answers it, else behind it. */
export function withFacts(sentence: string | undefined, facts: CallFacts | undefined): string | undefined {
  if (!facts) {
    return sentence;
  }
  if (facts.kind === 'group') {
    return groupSentence(facts);
  }
  const found = factSentence(facts);
  return isAnswer(facts) || sentence === undefined ? found : `${sentence} ${found}`.trim();
}

function holderSentence({ address, there, more, file, problem }: ErrorFacts): string {
  const taken = printAddress(address);
  if (problem !== null) {
    return t('Who holds {0} could not be looked up: {1}.', taken, String(problem));
  }
  if (file === 'stale') {
    return t(
      'No socket of this network namespace is bound to {0}: the file was left behind. Remove it (unlink) to use the name again.',
      taken,
    );
  }
  if (file !== null) {
    return fileSentence(taken, file);
  }
  const [first, ...others] = there;
  if (!first) {
    return t('Nobody was found to hold {0} right after the call.', taken);
  }
  const sentences = [
    holdingSentence(address, first),
    ...others.map((other) => furtherSentence(address, other)),
  ];
  return [...sentences, ...(more > 0 ? [t('And by {0} more.', more)] : [])].join(' ');
}

/** What is at a path that is no socket: somebody's, so nothing here says to remove it. */
function fileSentence(path: string, file: Exclude<FoundFile, 'stale'>): string {
  switch (file) {
    case 'regular':
      return t('{0} is an ordinary file, not a socket.', path);
    case 'directory':
      return t('{0} is a directory, not a socket.', path);
    case 'fifo':
      return t('{0} is a FIFO, not a socket.', path);
    case 'device':
      return t('{0} is a device, not a socket.', path);
    case 'link':
      return t('{0} is a symbolic link, and bind follows none.', path);
  }
}

function holdingSentence(address: SocketAddress, found: FoundSocket): string {
  const { socket } = found;
  const taken = printAddress(address);
  const state = stateText(address, socket);
  if (socket.state === 'TIME_WAIT') {
    return t(
      '{0} is held by a closed connection in state {1} for {2} more seconds.',
      taken,
      state,
      secondsLeft(socket),
    );
  }
  const who = whoText(found);
  return who === null
    ? t('{0} is held by a socket in state {1}: {2}.', taken, state, holderText(null, [socket]))
    : t('{0} is held by {1} in state {2}.', taken, who, state);
}

function furtherSentence(address: SocketAddress, found: FoundSocket): string {
  const { socket } = found;
  const state = stateText(address, socket);
  if (socket.state === 'TIME_WAIT') {
    return t('Also by a closed connection in state {0} for {1} more seconds.', state, secondsLeft(socket));
  }
  const who = whoText(found);
  return who === null
    ? t('Also by a socket in state {0}: {1}.', state, holderText(null, [socket]))
    : t('Also by {0} in state {1}.', who, state);
}

/** `LISTEN`, with the 5-tuple only where that says more than the address that was asked for. */
function stateText(address: SocketAddress, socket: SystemSocket): string {
  const { state, local } = socket;
  const isAsked = local !== null && !isConnected(socket) && printAddress(local) === printAddress(address);
  // The word for our own sockets: what holds an address and says no more is bound.
  const name = state === 'CLOSE' || state === 'BOUND_INACTIVE' ? t('bound') : stateNames[state];
  return isAsked ? name : `${name} (${systemTupleText(socket)})`;
}

function secondsLeft({ timer }: SystemSocket): number {
  return Math.ceil((timer?.expiresMs ?? 0) / 1000);
}

function listenerSentence({ address, there, elsewhere, file, problem }: ErrorFacts): string {
  const wanted = printAddress(address);
  if (problem !== null) {
    return t('Who listens could not be looked up: {0}.', String(problem));
  }
  if (file === 'stale') {
    return t('No socket of this network namespace is bound to {0}: the file was left behind.', wanted);
  }
  if (file !== null) {
    return fileSentence(wanted, file);
  }
  const [present] = there;
  if (present) {
    const who = whoText(present, true) ?? t('Somebody');
    return present.socket.kind === 'unix' && present.socket.state !== 'LISTEN'
      ? t('{0} is bound there and does not listen.', who)
      : t('{0} listens there now: it began after the call.', who);
  }
  const [other] = elsewhere;
  if (!other) {
    return 'port' in address
      ? t('No other address of this machine had a listener at port {0} right after the call.', address.port)
      : '';
  }
  const places = [...new Set(elsewhere.map(({ socket }) => placeOf(socket)))];
  return t(
    '{0} listens on {1}, not on {2}.',
    whoText(other, true) ?? t('Somebody'),
    places.join(', '),
    wanted,
  );
}

function placeOf({ local }: SystemSocket): string {
  return local ? printAddress(local) : '*';
}

/** `this playground's socket fd 22 server`, `python3 (pid 4711)`; null where nobody can be seen. */
function whoText({ own, processes, moreProcesses }: FoundSocket, isFirstWord = false): string | null {
  if (own) {
    const number = own.name === null ? String(own.fd) : `${own.fd} ${own.name}`;
    return isFirstWord
      ? t("This playground's socket fd {0}", number)
      : t("this playground's socket fd {0}", number);
  }
  if (processes.length === 0) {
    return null;
  }
  const names = processes.map(nameOf).join(', ');
  return moreProcesses > 0 ? t('{0} and {1} more processes', names, moreProcesses) : names;
}

function nameOf(process: ProcessInfo): string {
  const { role } = process;
  return role === null || role === 'ancestor'
    ? processText(process)
    : t('{0} (pid {1})', roleName(role), process.pid);
}
