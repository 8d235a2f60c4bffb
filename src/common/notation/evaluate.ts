import { isAddress, type Call, type CallRecord, type HostResolution, type Value } from '../call.js';
import { t } from '../l10n.js';
import type { SocketAddress } from '../socket.js';
import type { Platform } from '../tables/constants.js';
import { parameterIndex } from '../tables/signatures.js';
import { readArgument, readArguments } from './arguments.js';
import type {
  AddressNode,
  CallStatement,
  DataPart,
  Expression,
  FunctionNode,
  NestedCallNode,
  Range,
} from './ast.js';
import { isWrittenByKernel, parameterOf } from './calls.js';
import {
  type Environment,
  EvaluationError,
  NotYetKnown,
  type Prepared,
  preparedAddress,
  readData,
  readDescriptor,
  readInteger,
  readNumber,
  readText,
  readVariable,
} from './values.js';

export { EvaluationError } from './values.js';

/** What a run knows and can do for an expression. */
export interface Scope {
  readonly platform: Platform;
  /** The value of a name; undefined when it has none yet. */
  lookup(name: string): Value | undefined;
  /** The descriptor that an earlier line gave for the number written there; otherwise the number itself. */
  descriptor(written: number): number;
  /** The port of this run for one that the kernel chose in a recording; otherwise the port itself. */
  port(written: number): number;
  /** Whether the port that came is the one written there; a port that the kernel chose gets its name by this. */
  isSamePort(written: number, got: number): boolean;
  /** Makes a call that stands inside a value; it is a record of its own. */
  call(call: Call): Promise<CallRecord>;
  /** Resolves a host name for a call on a descriptor. */
  resolve(
    host: string,
    port: number,
    fd: number | null,
  ): Promise<{ address: SocketAddress; resolution: HostResolution }>;
  /** The number of a network interface. */
  interfaceIndex(name: string): Promise<number>;
  /** The bytes of a file, by a path relative to the scenario. */
  readFile(path: string): Promise<Uint8Array>;
  /** The whole payload of a record that carries only its beginning. */
  readPayload(record: CallRecord): Promise<Uint8Array>;
}

/**
 * The call that a line makes, every value in it resolved. Nested calls are made first, in the order in which they are
 * written. Arguments that the kernel writes hold no expectation here: see `expectations`.
 * @throws {EvaluationError} when a value cannot be had, with the place that is to blame.
 */
export async function evaluateCall(statement: CallStatement, scope: Scope): Promise<Call> {
  const { name, args } = statement;
  const written = args.filter(
    (node, index): node is Expression => node !== null && !isWrittenByKernel(parameterOf(name, index).type),
  );
  const fdNode = args[parameterIndex(name, 'fd')] ?? null;
  const prepared = await prepare(written, scope, fdNode);
  const values = readArguments(name, args, environmentOf(scope, prepared));
  const resolution = [...prepared.values()].find((each) => each.resolution)?.resolution;
  return resolution ? { name, args: values, resolution } : { name, args: values };
}

/**
 * The value of an expression that stands for itself. Calls inside it are made.
 * @throws {EvaluationError} when it has none.
 */
export async function evaluateExpression(node: Expression, scope: Scope): Promise<Value> {
  const env = environmentOf(scope, await prepare([node], scope));
  try {
    switch (node.kind) {
      case 'variable':
        return readVariable(node.name, node.range, env);
      case 'call':
        return preparedAddress(node, env);
      case 'address':
        return readArgument(node, { name: '', type: 'sockaddr' }, [], env);
      case 'data':
      case 'repeat':
        return readData(node, env);
      default:
        return readNumber(node, env);
    }
  } catch (error) {
    throw error instanceof NotYetKnown
      ? new EvaluationError(t('This has no value here.'), node.range)
      : error;
  }
}

/** Whether evaluating an expression makes a call, reads a file or asks a name server. */
export function asksSomething(node: Expression): boolean {
  return questionsOf([node]).next().done !== true;
}

/** What expressions are evaluated in while a scenario runs. */
export function environmentOf(scope: Scope, prepared: ReadonlyMap<object, Prepared>): Environment {
  return {
    platform: scope.platform,
    isStatic: false,
    lookup: (name) => scope.lookup(name),
    descriptor: (written) => scope.descriptor(written),
    port: (written) => scope.port(written),
    prepared,
  };
}

/** Only what a text says by itself: for checks, and for calls and values without names. */
export function literalEnvironment(platform: Platform, isStatic: boolean): Environment {
  return {
    platform,
    isStatic,
    lookup: () => undefined,
    descriptor: (written) => written,
    port: (written) => written,
    prepared: new Map(),
  };
}

type Question =
  | { kind: 'call'; node: NestedCallNode }
  | { kind: 'host'; form: AddressNode['form'] & { family: 'host' }; range: Range }
  | { kind: 'interface'; node: FunctionNode }
  | { kind: 'file'; part: DataPart & { kind: 'file' } };

/**
 * Asks for everything that some expressions need: nested calls, files, host names.
 * @param fdNode The descriptor of the call that they belong to, whose family chooses among a host's addresses.
 */
export async function prepare(
  nodes: readonly Expression[],
  scope: Scope,
  fdNode: Expression | null = null,
): Promise<Map<object, Prepared>> {
  const prepared = new Map<object, Prepared>();
  const env = environmentOf(scope, prepared);
  for (const question of questionsOf(nodes)) {
    switch (question.kind) {
      case 'call':
        prepared.set(question.node, { value: await askAddress(question.node, scope, env) });
        break;
      case 'file':
        prepared.set(question.part, { value: await readFile(question.part, scope) });
        break;
      case 'interface': {
        const { node } = question;
        const index = await scope.interfaceIndex(readText(node.args[0]!, env));
        if (index === 0) {
          throw new EvaluationError(
            t('There is no network interface {0}.', readText(node.args[0]!, env)),
            node.range,
          );
        }
        prepared.set(node, { value: index });
        break;
      }
      case 'host': {
        const { form, range } = question;
        const port = readInteger(form.port, env, 0, 65535);
        const fd = fdNode ? readDescriptor(fdNode, env) : null;
        const { address, resolution } = await blame(range, scope.resolve(form.host, port, fd));
        prepared.set(form, { value: address, resolution });
      }
    }
  }
  return prepared;
}

/** What has to be asked, innermost first. The nesting of expressions is bounded by the parser. */
function* questionsOf(nodes: readonly Expression[]): Generator<Question> {
  for (const node of nodes) {
    // In an address the name itself stands for the interface.
    const isAddressForm = node.kind === 'struct' && node.fields.some(({ name }) => name === 'sa_family');
    yield* questionsOf(childrenOf(node).filter((child) => !isAddressForm || !isInterface(child)));
    if (node.kind === 'call') {
      yield { kind: 'call', node };
    } else if (node.kind === 'address' && node.form.family === 'host') {
      yield { kind: 'host', form: node.form, range: node.range };
    } else if (isInterface(node)) {
      yield { kind: 'interface', node };
    } else if (node.kind === 'data') {
      for (const part of node.parts) {
        if (part.kind === 'file') {
          yield { kind: 'file', part };
        }
      }
    }
  }
}

/** The expressions inside an expression, in the order of the text. */
export function childrenOf(node: Expression): Expression[] {
  switch (node.kind) {
    case 'repeat':
      return [node.data, node.count];
    case 'operation':
      return node.operands;
    case 'negative':
      return [node.operand];
    case 'function':
    case 'call':
      return node.args;
    case 'member':
      return [node.object];
    case 'list':
      return node.items;
    case 'inout':
      return [node.value, node.result];
    case 'struct':
      return node.fields.map(({ value }) => value);
    case 'address':
      return Object.values(node.form).filter(isExpression);
    default:
      return [];
  }
}

function isInterface(node: Expression): node is FunctionNode {
  return node.kind === 'function' && node.name === 'if_nametoindex';
}

function isExpression(value: unknown): value is Expression {
  return typeof value === 'object' && value !== null && 'kind' in value && 'range' in value;
}

async function askAddress(node: NestedCallNode, scope: Scope, env: Environment): Promise<SocketAddress> {
  const fd = readDescriptor(node.args[0]!, env);
  const record = await scope.call({ name: node.name, args: [fd] });
  const address = record.args[1];
  if (record.result === null || record.result < 0 || !isAddress(address)) {
    const answer = record.errno === null ? t('no address') : String(record.errno);
    throw new EvaluationError(t('{0} answers {1}.', node.name, answer), node.range);
  }
  return address;
}

async function readFile(part: DataPart & { kind: 'file' }, scope: Scope): Promise<Uint8Array> {
  return blame(part.range, scope.readFile(part.path));
}

/** Errors of the scope get the place in the text that they are about. */
async function blame<T>(range: Range, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new EvaluationError(error instanceof Error ? error.message : String(error), range);
  }
}
