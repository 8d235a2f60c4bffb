import type { Call, Value } from './call.js';
import { t } from './l10n.js';
import type { SocketAddress, SocketInfo } from './socket.js';
import { defaultBacklog, greeting, reachableAddress, unixAddress } from './usualArguments.js';
import { constantValue, type Platform } from './tables/constants.js';
import type { CallName } from './tables/signatures.js';

/** An argument of a step: a value, or what an earlier step made. */
export type PresetArgument =
  | { kind: 'value'; value: Value }
  | { kind: 'constant'; name: string }
  /** The descriptor that a step returned. */
  | { kind: 'fd'; step: number }
  /** The address of the socket that a step made, as the kernel tells it: a port that it chose included. */
  | { kind: 'address'; step: number };

export interface PresetStep {
  name: CallName;
  args: readonly PresetArgument[];
  /** The name that the socket gets which the step makes. */
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
const fd = (step: number): PresetArgument => ({ kind: 'fd', step });
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
        { name: 'accept', args: [fd(0)], socketName: 'peer' },
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
        socketStep('AF_INET', 'SOCK_DGRAM', 'a'),
        { name: 'bind', args: [fd(0), value(anyPort)] },
        socketStep('AF_INET', 'SOCK_DGRAM', 'b'),
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
        { name: 'accept', args: [fd(0)], socketName: 'peer' },
      ],
    },
  ];
}

/** A step as a call, once the sockets that earlier steps made are known. */
export type PresetCall =
  | { kind: 'call'; call: Call; socketName: string | null }
  /** The kernel has not told the address of this socket yet. */
  | { kind: 'needsAddress'; socket: SocketInfo }
  /** A socket that the step is about has been closed or lost. */
  | { kind: 'gone'; step: number };

/**
 * @param made The socket that each earlier step made, null where it made none.
 */
export function presetCall(
  step: PresetStep,
  made: readonly (SocketInfo | null)[],
  platform: Platform,
): PresetCall {
  const args: Value[] = [];
  for (const argument of step.args) {
    if (argument.kind === 'value') {
      args.push(argument.value);
      continue;
    }
    if (argument.kind === 'constant') {
      args.push(constantValue(argument.name, platform) ?? 0);
      continue;
    }
    const socket = made[argument.step];
    if (!socket || socket.state === 'closed' || socket.isLost) {
      return { kind: 'gone', step: argument.step };
    }
    if (argument.kind === 'fd') {
      args.push(socket.fd);
      continue;
    }
    const reachable = reachableAddress(socket);
    if (!reachable) {
      return { kind: 'needsAddress', socket };
    }
    args.push(reachable);
  }
  return { kind: 'call', call: { name: step.name, args }, socketName: step.socketName ?? null };
}
