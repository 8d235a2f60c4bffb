import type { CallRecord, Value } from '../../call.js';
import { t } from '../../l10n.js';
import { printAddress } from '../../notation/printer.js';
import type { SocketAddress, SocketInfo } from '../../socket.js';
import type { ErrorFacts, SystemSocket } from '../../system/systemSocket.js';
import { constantName } from '../constants.js';
import type { CallName } from '../signatures.js';

/** What an explanation is made from: the record, and the socket behind its descriptor where it is known. */
export interface ExplanationSubject {
  record: Pick<CallRecord, 'name' | 'args' | 'errno' | 'result' | 'payload' | 'facts'>;
  socket?: SocketInfo | undefined;
}

/** What an error means, in three short parts for people. */
export interface Explanation {
  /** What it means here: the sentence that stands in the record's row. */
  meaning: string;
  /** What usually leads to it, where the meaning does not say so. */
  cause?: string;
  /** What to try. */
  remedy?: string;
}

/** What a rule needs to know of the call. */
export interface Facts {
  call: CallName;
  args: readonly Value[];
  /** The address argument, undefined when the call has none. */
  address: SocketAddress | undefined;
  socket: SocketInfo | undefined;
  /** Who was found to hold the address. */
  holder?: SystemSocket | undefined;
  /** What was found at the path of a Unix socket. */
  file?: ErrorFacts['file'];
  /** What makes the kernel accept the address that it holds, as far as that is known. */
  reuse?: ErrorFacts['reuse'];
}

export type Sentence = (facts: Facts) => string;

/** Makes the explanation of one errno of a call. */
export type Rule = (facts: Facts) => Explanation;

/** The explanations of one or several calls, by errno. */
export type Rules = Readonly<Record<string, Rule>>;

/** A rule of up to three sentences. */
export function rule(meaning: Sentence, cause?: Sentence | null, remedy?: Sentence): Rule {
  return (facts) => ({
    meaning: meaning(facts),
    ...(cause ? { cause: cause(facts) } : {}),
    ...(remedy ? { remedy: remedy(facts) } : {}),
  });
}

/** The rule of the first case that applies. */
export function choose(...cases: [...[(facts: Facts) => boolean, Rule][], Rule]): Rule {
  const otherwise = cases.at(-1) as Rule;
  const conditional = cases.slice(0, -1) as [(facts: Facts) => boolean, Rule][];
  return (facts) => (conditional.find(([applies]) => applies(facts))?.[1] ?? otherwise)(facts);
}

export const isUnix = ({ address, socket }: Facts) => (address?.family ?? socket?.domain) === 'AF_UNIX';
export const isUnixSocket = ({ socket }: Facts) => socket?.domain === 'AF_UNIX';
export const isNetlink = ({ socket }: Facts) => socket?.domain === 'AF_NETLINK';
export const isPacket = ({ socket }: Facts) => socket?.domain === 'AF_PACKET';
export const isVsock = ({ address, socket }: Facts) => (address?.family ?? socket?.domain) === 'AF_VSOCK';
export const isDatagram = ({ socket }: Facts) => socket?.type === 'SOCK_DGRAM' || socket?.type === 'SOCK_RAW';
export const isStream = ({ socket }: Facts) => socket?.type === 'SOCK_STREAM';
export const isListening = ({ socket }: Facts) => socket?.state === 'listening';
export const isShutForSending = ({ socket }: Facts) => socket?.isShutdownWrite === true;
export const isInternet = ({ socket }: Facts) =>
  socket?.domain === 'AF_INET' || socket?.domain === 'AF_INET6';

/** Whether a flags argument has a bit. */
export function hasFlag(index: number, bit: number): (facts: Facts) => boolean {
  return ({ args }) => {
    const flags = args[index];
    return typeof flags === 'number' && (flags & bit) !== 0;
  };
}

export const addressText = ({ address }: Facts) => (address ? printAddress(address) : t('this address'));

export const fileText = ({ address }: Facts) =>
  address?.family === 'AF_UNIX' && !address.isAbstract
    ? printAddress(address).replace(/^unix:/, '')
    : t('this address');

/** The descriptor that the call was made on. */
export const descriptorText = ({ args }: Facts) => (typeof args[0] === 'number' ? String(args[0]) : '?');

/** The name of the option of `getsockopt` and `setsockopt`, or its number. */
export function optionText({ args }: Facts): string {
  const [, level, name] = args;
  if (typeof level !== 'number' || typeof name !== 'number') {
    return t('this option');
  }
  return constantName('optname', name, 'linux', level) ?? String(name);
}

/** The name of a level, or its number. */
export function levelText({ args }: Facts): string {
  const [, level] = args;
  return typeof level === 'number' ? (constantName('level', level, 'linux') ?? String(level)) : '?';
}
