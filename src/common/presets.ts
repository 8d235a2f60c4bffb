import type { Call, Value } from './call.js';
import { t } from './l10n.js';
import type { SocketAddress, SocketInfo } from './socket.js';
import {
  defaultBacklog,
  defaultReceiveLength,
  greeting,
  reachableAddress,
  unixAddress,
} from './usualArguments.js';
import { constantValue, type Platform } from './tables/constants.js';
import type { CallName } from './tables/signatures.js';

/** An argument of a step: a value, or what an earlier step made. */
type PresetArgument =
  | { kind: 'value'; value: Value }
  | { kind: 'constant'; name: string }
  /** The descriptor that a step made: of a pair the first or the second. */
  | { kind: 'fd'; step: number; which: number }
  /** A structure or a list, with such arguments inside. */
  | { kind: 'struct'; fields: Readonly<Record<string, PresetArgument>> }
  | { kind: 'list'; items: readonly PresetArgument[] }
  /** The address of the socket that a step made, as the kernel tells it: a port that it chose included. */
  | { kind: 'address'; step: number };

export interface PresetStep {
  name: CallName;
  args: readonly PresetArgument[];
  /** The name that the socket gets which the step makes, where that is not yet seen from what it does. */
  socketName?: string;
}

/** Calls that people often start with, made one at a time. */
export interface Preset {
  id: string;
  /** The codicon of what it makes. */
  icon: string;
  title: string;
  description: string;
  steps: readonly PresetStep[];
}

const constant = (name: string): PresetArgument => ({ kind: 'constant', name });
const value = (value: Value): PresetArgument => ({ kind: 'value', value });
const fd = (step: number, which = 0): PresetArgument => ({ kind: 'fd', step, which });
const struct = (fields: Readonly<Record<string, PresetArgument>>): PresetArgument => ({
  kind: 'struct',
  fields,
});
const list = (...items: PresetArgument[]): PresetArgument => ({ kind: 'list', items });
const any: Value = { kind: 'any' };
const address = (step: number): PresetArgument => ({ kind: 'address', step });
const anyPort: SocketAddress = { family: 'AF_INET', address: '127.0.0.1', port: 0 };

function socketStep(domain: string, type: string, socketName: string): PresetStep {
  return { name: 'socket', args: [constant(domain), constant(type), value(0)], socketName };
}

/**
 * The presets in the user's language.
 * @param options `peer` is where a client connects to, `path` a free path for a Unix socket.
 */
export function presets(options: { peer: SocketAddress; path: string }): Preset[] {
  const hello = greeting();
  return [
    {
      id: 'tcpServer',
      icon: 'broadcast',
      title: t('TCP server'),
      description: t('socket, bind, listen, accept on a free port'),
      steps: [
        socketStep('AF_INET', 'SOCK_STREAM', 'server'),
        { name: 'bind', args: [fd(0), value(anyPort)] },
        { name: 'listen', args: [fd(0), value(defaultBacklog)] },
        { name: 'accept', args: [fd(0)] },
      ],
    },
    {
      id: 'tcpClient',
      icon: 'arrow-circle-right',
      title: t('TCP client'),
      description: t('socket, connect to an address you choose'),
      steps: [
        socketStep('AF_INET', 'SOCK_STREAM', 'client'),
        { name: 'connect', args: [fd(0), value(options.peer)] },
      ],
    },
    {
      id: 'udpPair',
      icon: 'radio-tower',
      title: t('UDP pair'),
      description: t('two sockets that exchange datagrams'),
      steps: [
        socketStep('AF_INET', 'SOCK_DGRAM', 'receiver'),
        { name: 'bind', args: [fd(0), value(anyPort)] },
        socketStep('AF_INET', 'SOCK_DGRAM', 'sender'),
        { name: 'sendto', args: [fd(2), value(hello), value(hello.length), value(0), address(0)] },
      ],
    },
    {
      id: 'unixStream',
      icon: 'file-symlink-file',
      title: t('Unix stream'),
      description: t('a listening socket with a path, no network'),
      steps: [
        socketStep('AF_UNIX', 'SOCK_STREAM', 'server'),
        { name: 'bind', args: [fd(0), value(unixAddress(options.path))] },
        { name: 'listen', args: [fd(0), value(defaultBacklog)] },
        { name: 'accept', args: [fd(0)] },
      ],
    },
    {
      id: 'unixPair',
      icon: 'file-symlink-file',
      title: t('Unix pair'),
      description: t('two connected sockets in one call'),
      steps: [
        pairStep(),
        { name: 'send', args: [fd(0), value(hello), value(hello.length), value(0)] },
        { name: 'recv', args: [fd(0, 1), value(any), value(defaultReceiveLength), value(0)] },
      ],
    },
    {
      id: 'passDescriptor',
      icon: 'file-symlink-file',
      title: t('Pass a descriptor'),
      description: t('a UDP socket goes through a Unix pair, and arrives under a new number'),
      steps: [
        pairStep(),
        socketStep('AF_INET', 'SOCK_DGRAM', 'passed'),
        {
          name: 'sendmsg',
          args: [
            fd(0),
            struct({
              msg_iov: list(struct({ iov_base: value(hello), iov_len: value(hello.length) })),
              msg_control: list(
                struct({
                  cmsg_level: constant('SOL_SOCKET'),
                  cmsg_type: constant('SCM_RIGHTS'),
                  cmsg_data: list(fd(1)),
                }),
              ),
            }),
            value(0),
          ],
        },
        {
          name: 'recvmsg',
          args: [
            fd(0, 1),
            struct({
              msg_iov: list(struct({ iov_base: value(any), iov_len: value(defaultReceiveLength) })),
              msg_control: value(any),
            }),
            value(0),
          ],
        },
      ],
    },
    {
      id: 'pipe',
      icon: 'link',
      title: t('Pipe'),
      description: t('what is written at one end is read at the other'),
      steps: [
        { name: 'pipe', args: [] },
        { name: 'write', args: [fd(0, 1), value(hello), value(hello.length)] },
        { name: 'read', args: [fd(0), value(any), value(defaultReceiveLength)] },
      ],
    },
  ];
}

function pairStep(): PresetStep {
  return { name: 'socketpair', args: [constant('AF_UNIX'), constant('SOCK_STREAM'), value(0)] };
}

/** A client of this family and type that connects to the address. */
export function clientPreset(peer: SocketAddress, type: string): Preset {
  const domain = peer.family === 'raw' ? 'AF_INET' : peer.family;
  return {
    id: 'client',
    icon: 'arrow-circle-right',
    title: t('client'),
    description: t('socket, connect to an address you choose'),
    steps: [socketStep(domain, type, 'client'), { name: 'connect', args: [fd(0), value(reachedFrom(peer))] }],
  };
}

/** Who is bound to every address is reached at the loopback one. */
function reachedFrom(address: SocketAddress): SocketAddress {
  switch (address.family) {
    case 'AF_INET':
      return address.address === '0.0.0.0' ? { ...address, address: '127.0.0.1' } : address;
    case 'AF_INET6':
      return address.address === '::' ? { ...address, address: '::1' } : address;
    default:
      return address;
  }
}

/** A step as a call, once the sockets that earlier steps made are known. */
export type PresetCall =
  | { kind: 'call'; call: Call; socketName: string | null }
  /** The kernel has not told the address of this socket yet. */
  | { kind: 'needsAddress'; socket: SocketInfo }
  /** A socket that the step is about has been closed or lost. */
  | { kind: 'gone'; step: number };

/** Why a step has no call yet. */
class NotReady extends Error {
  constructor(readonly reason: PresetCall & { kind: 'needsAddress' | 'gone' }) {
    super(reason.kind);
  }
}

/**
 * @param made The sockets that each earlier step made.
 */
export function presetCall(
  step: PresetStep,
  made: readonly (readonly SocketInfo[])[],
  platform: Platform,
): PresetCall {
  const socketOf = (index: number, which: number): SocketInfo => {
    const socket = made[index]?.[which];
    if (!socket || socket.state === 'closed' || socket.isLost) {
      throw new NotReady({ kind: 'gone', step: index });
    }
    return socket;
  };
  const valueOf = (argument: PresetArgument): Value => {
    switch (argument.kind) {
      case 'value':
        return argument.value;
      case 'constant':
        return constantValue(argument.name, platform) ?? 0;
      case 'struct':
        return {
          kind: 'struct',
          fields: Object.entries(argument.fields).map(([name, field]) => ({ name, value: valueOf(field) })),
        };
      case 'list':
        return { kind: 'list', items: argument.items.map(valueOf) };
      case 'fd':
        return socketOf(argument.step, argument.which).fd;
      case 'address': {
        const socket = socketOf(argument.step, 0);
        const reachable = reachableAddress(socket);
        if (!reachable) {
          throw new NotReady({ kind: 'needsAddress', socket });
        }
        return reachable;
      }
    }
  };
  try {
    const call = { name: step.name, args: step.args.map(valueOf) };
    return { kind: 'call', call, socketName: step.socketName ?? null };
  } catch (error) {
    if (error instanceof NotReady) {
      return error.reason;
    }
    throw error;
  }
}
