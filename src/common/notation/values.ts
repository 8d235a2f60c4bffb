import { dataValue, isAddress, isData, type DataValue, type HostResolution, type Value } from '../call.js';
import { parseIPv4, parseIPv6 } from '../ipAddress.js';
import { t } from '../l10n.js';
import type { SocketAddress } from '../socket.js';
import { allNames, constantValue, type Platform } from '../tables/constants.js';
import { errnoNumber } from '../tables/errnos.js';
import type { DataNode, Expression, FunctionNode, OperationNode, Range, RepeatNode } from './ast.js';
import { join } from './literal.js';
import { nearest } from './nearest.js';

/** An expression that has no value, with the place that is to blame. */
export class EvaluationError extends Error {
  constructor(
    message: string,
    readonly range: Range,
  ) {
    super(message);
    this.name = 'EvaluationError';
  }
}

/** The value depends on what only a run knows. */
export class NotYetKnown extends Error {}

/** Thrown so often while a text is read that one serves all: most of the time would go into noting where. */
export const notYetKnown = new NotYetKnown();

/** What has been asked for an expression before it is evaluated: a nested call's answer, a file, a resolved name. */
export interface Prepared {
  value: SocketAddress | Uint8Array | number;
  resolution?: HostResolution;
}

/** Where names and numbers get their meaning. */
export interface Environment {
  readonly platform: Platform;
  /** Only literals are known: checks a text before it runs. Data is measured, not made. */
  readonly isStatic: boolean;
  lookup(name: string): Value | undefined;
  /** The descriptor that an earlier line gave for the number written there; otherwise the number itself. */
  descriptor(written: number): number;
  /** The port of this run for one that the kernel chose in a recording; otherwise the port itself. */
  port(written: number): number;
  readonly prepared: ReadonlyMap<object, Prepared>;
}

/** The most that one data argument holds, in bytes. */
const maxData = 64 * 1024 * 1024;

const othersPlatforms: readonly Platform[] = ['linux', 'darwin', 'win32'];

/** The number that an expression stands for. */
export function readNumber(node: Expression, env: Environment): number | bigint {
  switch (node.kind) {
    case 'number':
      return node.value;
    case 'constant':
      return readConstant(node.name, node.range, env);
    case 'variable': {
      const value = readVariable(node.name, node.range, env);
      if (typeof value !== 'number' && typeof value !== 'bigint') {
        throw new EvaluationError(t('{0} is no number.', node.name), node.range);
      }
      return value;
    }
    case 'operation':
      return readOperation(node, env);
    case 'negative': {
      const operand = BigInt(readNumber(node.operand, env));
      return narrow(node.operator === '-' ? -operand : ~operand);
    }
    case 'member': {
      const { object } = node;
      const value =
        object.kind === 'call'
          ? preparedAddress(object, env)
          : object.kind === 'variable'
            ? readVariable(object.name, object.range, env)
            : null;
      if (!isAddress(value) || !('port' in value)) {
        throw new EvaluationError(t('This has no port.'), node.object.range);
      }
      return value.port;
    }
    case 'function':
      return readFunctionNumber(node, env);
    case 'error':
    case 'blank':
      throw notYetKnown;
    default:
      throw new EvaluationError(t('A number is expected here.'), node.range);
  }
}

/** A whole number between two bounds. */
export function readInteger(node: Expression, env: Environment, min: number, max: number): number {
  return Number(readBetween(node, env, min, max));
}

/** A `size_t`: negative numbers are what C makes of them. */
export function readSize(node: Expression, env: Environment): number | bigint {
  const value = readBetween(node, env, -(1n << 63n), (1n << 64n) - 1n);
  return narrow(BigInt.asUintN(64, BigInt(value)));
}

function readBetween(
  node: Expression,
  env: Environment,
  min: number | bigint,
  max: number | bigint,
): number | bigint {
  const value = readNumber(node, env);
  if (value < min || value > max) {
    throw new EvaluationError(
      t('{0} does not fit here: from {1} to {2}.', String(value), String(min), String(max)),
      node.range,
    );
  }
  return value;
}

/** What an `int` or an `unsigned int` of C holds. */
export function readInt(node: Expression, env: Environment): number {
  return readInteger(node, env, -0x80000000, 0xffffffff);
}

function readConstant(name: string, range: Range, env: Environment): number {
  const value = constantValue(name, env.platform) ?? errnoNumber(name, env.platform);
  if (value !== undefined) {
    return value;
  }
  const isKnown = othersPlatforms.some(
    (platform) => constantValue(name, platform) !== undefined || errnoNumber(name, platform) !== undefined,
  );
  if (isKnown && env.isStatic) {
    throw notYetKnown;
  }
  const meant = isKnown ? undefined : nearest(name, allNames(env.platform));
  throw new EvaluationError(
    isKnown
      ? t('This platform has no {0}.', name)
      : meant === undefined
        ? t('There is no constant {0}.', name)
        : t('There is no constant {0}. Did you mean {1}?', name, meant),
    range,
  );
}

/**
 * The value of a variable.
 * @throws EvaluationError where it has none yet.
 */
export function readVariable(name: string, range: Range, env: Environment): Value {
  const value = env.lookup(name);
  if (value === undefined) {
    if (env.isStatic) {
      throw notYetKnown;
    }
    throw new EvaluationError(t('{0} has no value yet.', name), range);
  }
  return value;
}

function readOperation({ operands, operators }: OperationNode, env: Environment): number | bigint {
  let result = BigInt(readNumber(operands[0]!, env));
  operators.forEach((operator, index) => {
    const node = operands[index + 1]!;
    const operand = BigInt(readNumber(node, env));
    switch (operator) {
      case '|':
        result |= operand;
        break;
      case '&':
        result &= operand;
        break;
      case '+':
        result += operand;
        break;
      case '-':
        result -= operand;
        break;
      case '*':
        result *= operand;
        break;
      default:
        if (operand < 0n || operand > 63n) {
          throw new EvaluationError(t('A shift goes from 0 to 63 bits.'), node.range);
        }
        result = operator === '<<' ? result << operand : result >> operand;
    }
    if (result > 1n << 64n || result < -(1n << 64n)) {
      throw new EvaluationError(t('This number is too large.'), node.range);
    }
  });
  return narrow(result);
}

function narrow(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

function readFunctionNumber(node: FunctionNode, env: Environment): number {
  const [argument] = node.args as [Expression];
  switch (node.name) {
    case 'htons':
    case 'ntohs': {
      const value = readInteger(argument, env, 0, 0xffff);
      return ((value & 0xff) << 8) | (value >> 8);
    }
    case 'htonl':
    case 'ntohl': {
      const value = readInteger(argument, env, 0, 0xffffffff);
      return swap32(value);
    }
    case '_IOC':
      return readIoc(node, env);
    case 'inet_addr':
      return new DataView(readIPv4(argument, env).buffer).getUint32(0, true);
    case 'if_nametoindex': {
      readText(argument, env);
      const index = env.prepared.get(node)?.value;
      if (typeof index !== 'number') {
        throw notYetKnown;
      }
      return index;
    }
    default:
      throw new EvaluationError(t('A number is expected here.'), node.range);
  }
}

/** strace's form of an ioctl request without a name. */
function readIoc({ args }: FunctionNode, env: Environment): number {
  const [direction, type, number, size] = args as [Expression, Expression, Expression, Expression];
  return (
    readInteger(direction, env, 0, 3) * 0x40000000 +
    readInteger(size, env, 0, 0x3fff) * 0x10000 +
    readInteger(type, env, 0, 0xff) * 0x100 +
    readInteger(number, env, 0, 0xff)
  );
}

function swap32(value: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value);
  return view.getUint32(0, true);
}

/** The bytes of the text inside `inet_addr("…")`. */
export function readIPv4(node: Expression, env: Environment): Uint8Array {
  const text = readText(node, env);
  return parseIPv4(text) ?? fail(t('{0} is no IPv4 address.', text), node.range);
}

/** The bytes of the address inside `inet_pton(AF_INET6, "…", &field)`. */
export function readInetPton(node: FunctionNode, env: Environment): Uint8Array {
  const [family, text] = node.args as [Expression, Expression];
  if (family.kind === 'constant' && family.name === 'AF_INET') {
    return readIPv4(text, env);
  }
  if (family.kind !== 'constant' || family.name !== 'AF_INET6') {
    return fail(t('The family is AF_INET or AF_INET6.'), family.range);
  }
  const address = readText(text, env);
  return parseIPv6(address) ?? fail(t('{0} is no IPv6 address.', address), text.range);
}

/** A short text such as a name: what stands in the quotes, of ASCII only. */
export function readText(node: Expression, env: Environment): string {
  const { bytes } = readData(node, { ...env, isStatic: false });
  return String.fromCharCode(...bytes.subarray(0, 256));
}

/** @throws {EvaluationError} */
export function fail(message: string, range: Range): never {
  throw new EvaluationError(message, range);
}

/** The bytes that an expression stands for. */
export function readData(node: Expression, env: Environment): DataValue {
  switch (node.kind) {
    case 'data':
      return readLiteral(node, env);
    case 'repeat':
      return readRepeat(node, env);
    case 'variable': {
      const value = readVariable(node.name, node.range, env);
      return isData(value) ? value : fail(t('{0} is no data.', node.name), node.range);
    }
    case 'error':
    case 'blank':
      throw notYetKnown;
    default:
      return fail(t('Data is expected here, such as "text" or hex("00 ff").'), node.range);
  }
}

function readLiteral(node: DataNode, env: Environment): DataValue {
  if (node.isAbstract) {
    fail(t('@ stands before abstract names only.'), node.range);
  }
  return dataValue(
    join(
      node.parts.map((part) => {
        if (part.kind === 'bytes') {
          return part.bytes;
        }
        const prepared = env.prepared.get(part)?.value;
        if (prepared instanceof Uint8Array) {
          return prepared;
        }
        throw notYetKnown;
      }),
    ),
  );
}

function readRepeat(node: RepeatNode, env: Environment): DataValue {
  const count = readInteger(node.count, env, 0, maxData);
  const once = readLiteral(node.data, env).bytes;
  const length = once.length * count;
  if (length > maxData) {
    fail(t('At most {0} bytes at once.', maxData), node.range);
  }
  if (env.isStatic) {
    return { kind: 'data', bytes: new Uint8Array(0), length };
  }
  const bytes = new Uint8Array(length);
  bytes.set(once.subarray(0, length));
  for (let filled = once.length; filled > 0 && filled < length; filled *= 2) {
    bytes.copyWithin(filled, 0, Math.min(filled, length - filled));
  }
  return dataValue(bytes);
}

/** The address that a nested call or a name server gave, by its place in the text. */
export function preparedAddress(node: object, env: Environment): SocketAddress {
  const value = env.prepared.get(node)?.value;
  if (value === undefined || value instanceof Uint8Array || typeof value === 'number') {
    throw notYetKnown;
  }
  return value;
}

/** A descriptor: only a number that is written there can be one of a recording. */
export function readDescriptor(node: Expression, env: Environment): number {
  const value = readInteger(node, env, -0x80000000, 0x7fffffff);
  const isWritten = node.kind === 'number' || node.kind === 'negative';
  return isWritten ? env.descriptor(value) : value;
}
