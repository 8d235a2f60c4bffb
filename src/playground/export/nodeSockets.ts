import type { CallStep, NumberOperand, Operand, Program } from './program.js';
import { constantName } from '../../common/tables/constants.js';

/** What a line's socket is in Node.js, and what the lines so far have made of it. */
export interface NodeSocket {
  kind: 'listener' | 'client' | 'connection' | 'datagram';
  /** The family; empty where it is not known. */
  domain: string;
  /** `udp4`, `udp6`; empty where it is no datagram socket. */
  type: string;
  isBound: boolean;
  isListening: boolean;
  isConnected: boolean;
  isClosed: boolean;
  isReadingShut: boolean;
  isSendingShut: boolean;
  isReset: boolean;
  /** The socket at the other end may have been closed. */
  mayHaveLostPeer: boolean;
  /** The other end may have reset the connection. */
  mayBeReset: boolean;
  /** Options that Node.js takes when it makes the socket. */
  options: Readonly<Record<string, boolean>>;
}

/** Which variable of each program does what, as the whole of it tells. */
export class NodeSockets {
  private readonly sockets = new Map<string, NodeSocket>();
  private readonly names = new Map<string, string>();
  private readonly steps: readonly CallStep[];

  constructor(private readonly program: Program) {
    this.steps = program.lines.flatMap(({ steps }) => steps.filter((step) => step.kind === 'call'));
  }

  get(name: string): NodeSocket | undefined {
    return this.sockets.get(name);
  }

  /** An address that a socket of a family has given to a name. */
  named(name: string, domain: string): void {
    this.names.set(name, domain);
  }

  /** Whether a name holds an address of another family. */
  isOther(name: string, domain: string): boolean {
    const own = this.names.get(name) ?? '';
    return own !== '' && domain !== '' && own !== domain;
  }

  accepted(name: string, domain: string): void {
    this.sockets.set(name, { ...fresh, domain, kind: 'connection', isConnected: true, isBound: true });
  }

  /** What `socket(2)` makes; undefined where Node.js has no such socket. */
  made(name: string, domain: string, type: string): NodeSocket | undefined {
    const isListener = this.isSaid(name, 'listen');
    const options = this.optionsOf(name);
    const kinds: Readonly<Record<string, Partial<NodeSocket>>> = {
      'AF_INET SOCK_STREAM': { kind: isListener ? 'listener' : 'client' },
      'AF_INET6 SOCK_STREAM': { kind: isListener ? 'listener' : 'client' },
      'AF_UNIX SOCK_STREAM': { kind: isListener ? 'listener' : 'client' },
      'AF_INET SOCK_DGRAM': { kind: 'datagram', type: 'udp4' },
      'AF_INET6 SOCK_DGRAM': { kind: 'datagram', type: 'udp6' },
    };
    const found = kinds[`${domain} ${type}`];
    if (!found) {
      return undefined;
    }
    const socket: NodeSocket = { ...fresh, ...found, domain, options };
    this.sockets.set(name, socket);
    return socket;
  }

  /** Another socket may have been its peer: what the kernel tells that one. */
  closed(closed: NodeSocket): void {
    for (const socket of this.sockets.values()) {
      socket.mayHaveLostPeer = true;
      // A listener of TCP resets the connections that it has not accepted.
      socket.mayBeReset ||= closed.isReset || (closed.kind === 'listener' && closed.domain !== 'AF_UNIX');
    }
  }

  /** Whether another thread shuts down the receiving side of a socket. */
  isWokenByShutdown(name: string, thread: string): boolean {
    return this.program.lines.some(
      (line) =>
        line.thread !== thread &&
        line.steps.some(
          (step) =>
            step.kind === 'call' && step.name === 'shutdown' && isOn(step, name) && shutsReading(step),
        ),
    );
  }

  /** Whether a later line binds it. */
  isBoundLater(name: string, step: CallStep): boolean {
    const later = this.steps.slice(this.steps.indexOf(step) + 1);
    return later.some((each) => each.name === 'bind' && isOn(each, name));
  }

  private isSaid(name: string, call: CallStep['name']): boolean {
    return this.steps.some((step) => step.name === call && isOn(step, name) && isSuccess(step));
  }

  private optionsOf(name: string): Record<string, boolean> {
    const options: Record<string, boolean> = {};
    for (const step of this.steps) {
      const option = step.name === 'setsockopt' && isOn(step, name) ? optionName(step) : undefined;
      const key = option === undefined ? undefined : optionsOfMaking[option];
      const value = step.args[3];
      if (key !== undefined && value?.kind === 'number') {
        options[key] = value.value !== 0;
      }
    }
    return options;
  }
}

/** Options that Node.js takes when it makes a datagram socket, or when it listens. */
export const optionsOfMaking: Readonly<Record<string, string>> = {
  SO_REUSEADDR: 'reuseAddr',
  SO_REUSEPORT: 'reusePort',
  IPV6_V6ONLY: 'ipv6Only',
};

const fresh: NodeSocket = {
  kind: 'client',
  domain: '',
  type: '',
  isBound: false,
  isListening: false,
  isConnected: false,
  isClosed: false,
  isReadingShut: false,
  isSendingShut: false,
  isReset: false,
  mayHaveLostPeer: false,
  mayBeReset: false,
  options: {},
};

/** The name of the option that a call reads or sets. */
export function optionName({ args }: CallStep): string | undefined {
  const [level, optname] = [args[1], args[2]].map((each) =>
    each?.kind === 'number' && each.value !== undefined ? Number(each.value) : undefined,
  );
  return level === undefined || optname === undefined
    ? undefined
    : constantName('optname', optname, 'linux', level);
}

/** `SHUT_RD` or `SHUT_RDWR`. */
function shutsReading({ args: [, how] }: CallStep): boolean {
  return how?.kind === 'number' && (how.value === 0 || how.value === 2);
}

function isOn({ args }: CallStep, name: string): boolean {
  const [fd] = args;
  return fd !== undefined && variableOf(fd) === name;
}

/** The variable that an operand is; undefined where it is none. */
export function variableOf(operand: Operand | NumberOperand): string | undefined {
  return operand.kind === 'number' && operand.node.kind === 'variable' ? operand.node.name : undefined;
}

/** Whether a call may succeed as its line says. */
export function isSuccess({ expected }: CallStep): boolean {
  return expected.results.length === 0 || expected.results.some(({ kind }) => kind !== 'error');
}

/** The only error that a line expects; undefined where it expects none, or several things. */
export function onlyError({ expected }: CallStep): string | undefined {
  const [first, second] = expected.results;
  return second === undefined && first?.kind === 'error' ? (first.errno ?? undefined) : undefined;
}
