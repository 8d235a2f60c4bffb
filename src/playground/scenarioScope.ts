import path from 'node:path';
import { type Call, type CallRecord, isAddress, type Value } from '../common/call.js';
import type { CallStatement, Expression } from '../common/notation/ast.js';
import { evaluateCall, evaluateExpression, type Scope } from '../common/notation/evaluate.js';
import { matchRecord, type Mismatch } from '../common/notation/match.js';
import { receivedDescriptors } from '../common/notation/variables.js';
import type { SocketId } from '../common/socket.js';
import { parameterIndex, signatureOf } from '../common/tables/signatures.js';
import { BoundFiles } from './boundFiles.js';
import { descriptorsGiven } from './pendingNames.js';
import type { Playground } from './playground.js';
import { resolveHost } from './resolve.js';
import { readScenarioFile } from './scenarioFile.js';

/** What the names and numbers of a run stand for: it can go on with those of the run that went before. */
export class ScenarioMemory {
  readonly variables = new Map<string, Value>();
  /** Descriptors of this run by the number that a recording gives them. */
  readonly descriptors = new Map<number, number>();
  /** Ports of this run by the number that they have in a recording. */
  readonly ports = new Map<number, number>();
  /** Ports that the file itself asked for: they stand for themselves. */
  readonly chosenPorts = new Set<number>();
  /** The limit of each thread's calls in ms, where the scenario sets it. */
  readonly timeouts = new Map<string, number>();
  /** Socket files that its calls have made. */
  readonly files = new BoundFiles();
  /** Sockets that its calls have made. */
  readonly sockets = new Set<SocketId>();
  /** The socket behind each name that stands for one. */
  readonly named = new Map<string, SocketId>();
}

/** Gives the names and numbers of one run their meaning. */
export class ScenarioScope {
  /** @param perform Makes a call that stands inside an expression, of a statement where there is one. */
  constructor(
    private readonly memory: ScenarioMemory,
    private readonly folder: string,
    private readonly playground: Playground,
    private readonly perform: (call: Call, statement: CallStatement | null) => Promise<CallRecord>,
  ) {}

  /** The call of a statement, its values resolved. Rejects with `EvaluationError`. */
  evaluate(statement: CallStatement): Promise<Call> {
    return evaluateCall(statement, this.scopeOf(statement));
  }

  /** The value of an expression that stands for itself. Rejects with `EvaluationError`. */
  evaluateExpression(node: Expression): Promise<Value> {
    return evaluateExpression(node, this.scopeOf(null));
  }

  /** Gives names their values by what a call has returned, and compares it with what its line expects. */
  async take(statement: CallStatement, record: CallRecord): Promise<Mismatch | undefined> {
    this.nameDescriptors(statement, record);
    this.nameValues(statement, record);
    this.nameSockets(statement, record);
    if (record.name === 'bind' && record.result === 0) {
      const address = record.args[1];
      if (isAddress(address) && 'port' in address) {
        this.memory.chosenPorts.add(address.port);
      }
    }
    return matchRecord(statement, record, this.scopeOf(statement));
  }

  private scopeOf(statement: CallStatement | null): Scope {
    return {
      platform: this.playground.platform,
      lookup: (name) => this.memory.variables.get(name),
      descriptor: (written) => this.memory.descriptors.get(written) ?? written,
      port: (written) => this.memory.ports.get(written) ?? written,
      isSamePort: (written, got) => this.isSamePort(written, got),
      call: (call) => this.perform(call, statement),
      resolve: async (host, port, fd) =>
        resolveHost(host, port, fd === null ? undefined : await this.playground.domainOf(fd)),
      interfaceIndex: (name) => this.playground.interfaceIndex(name),
      readFile: (name) => readScenarioFile(path.resolve(this.folder, name)),
      readPayload: ({ seq, payload }) => this.playground.readData(seq, 0, payload?.length ?? 0),
    };
  }

  private isSamePort(written: number, got: number): boolean {
    const known = this.memory.ports.get(written);
    if (known !== undefined || written === got) {
      return (known ?? written) === got;
    }
    const isNamed = [...this.memory.ports.values()].includes(got);
    if (
      written === 0 ||
      got === 0 ||
      isNamed ||
      this.memory.chosenPorts.has(got) ||
      this.memory.chosenPorts.has(written)
    ) {
      return false;
    }
    this.memory.ports.set(written, got);
    return true;
  }

  private nameDescriptors(statement: CallStatement, record: CallRecord): void {
    if (record.result === null || record.result < 0) {
      return;
    }
    const got = descriptorsOf(record);
    descriptorsGiven(statement).forEach((written, index) => {
      const descriptor = got[index];
      if (descriptor !== undefined && written !== undefined) {
        this.memory.descriptors.set(written, descriptor);
      }
    });
    receivedDescriptors(statement).forEach((node, index) => {
      const descriptor = got[index];
      if (node.kind === 'variable' && descriptor !== undefined && !this.memory.variables.has(node.name)) {
        this.memory.variables.set(node.name, descriptor);
      }
    });
  }

  private nameSockets(statement: CallStatement, { createdIds }: CallRecord): void {
    const received = receivedDescriptors(statement);
    const targets = statement.targets.map(({ name }) => name);
    targets.forEach((name) => this.memory.named.delete(name));
    // Of a call that receives some its own name stands for a number.
    const given =
      received.length > 0 ? received.map((node) => (node.kind === 'variable' ? node.name : null)) : targets;
    given.forEach((name, index) => {
      const id = createdIds[index];
      if (name !== null && id !== undefined) {
        this.memory.named.set(name, id);
      }
    });
  }

  private nameValues({ targets }: CallStatement, record: CallRecord): void {
    const values = targets.length > 1 ? descriptorsOf(record) : [valueOf(record)];
    targets.forEach((target, index) => {
      const value = values[index];
      if (value !== undefined) {
        this.memory.variables.set(target.name, value);
      } else {
        this.memory.variables.delete(target.name);
      }
    });
  }
}

/** What a name takes of a call: the address that it asked for, else the returned number. */
function valueOf({ name, args, result }: CallRecord): Value | undefined {
  if (name === 'getsockname' || name === 'getpeername') {
    const address = args[1];
    return result === 0 && isAddress(address) ? address : undefined;
  }
  return result ?? undefined;
}

/** The descriptors that a call has made, in their order. */
function descriptorsOf({ name, args, result, createdIds }: CallRecord): number[] {
  if (result === null || result < 0) {
    return [];
  }
  if (signatureOf(name).returns === 'fd') {
    return [result];
  }
  if (name === 'getsockopt') {
    return createdIds.length > 0 ? numbersIn(args[parameterIndex(name, 'optvalOut')]) : [];
  }
  return name === 'recvmsg'
    ? receivedIn(args[parameterIndex(name, 'msghdrOut')])
    : numbersIn(args[parameterIndex(name, 'fdpair')]);
}

function receivedIn(message: Value | undefined): number[] {
  return itemsOf(fieldOf(message, 'msg_control')).flatMap((part) => {
    const isDescriptors =
      fieldOf(part, 'cmsg_level') === 1 && [1, 4].includes(Number(fieldOf(part, 'cmsg_type')));
    return isDescriptors ? numbersIn(fieldOf(part, 'cmsg_data')) : [];
  });
}

function fieldOf(value: Value | undefined, name: string): Value | undefined {
  return typeof value === 'object' && value !== null && 'fields' in value
    ? value.fields.find((field) => field.name === name)?.value
    : undefined;
}

function itemsOf(value: Value | undefined): Value[] {
  return typeof value === 'object' && value !== null && 'items' in value ? value.items : [];
}

function numbersIn(value: Value | undefined): number[] {
  return itemsOf(value).filter((item): item is number => typeof item === 'number');
}
