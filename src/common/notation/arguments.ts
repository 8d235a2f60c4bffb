import { isData, type ListValue, type StructValue, type Value } from '../call.js';
import { t } from '../l10n.js';
import { constantValue } from '../tables/constants.js';
import { findPointerRequest, type PointerRequest } from '../tables/pointerRequests.js';
import { ianaNumber } from '../tables/protocolNumbers.js';
import { signatureOf, type CallName, type Parameter, type ParameterType } from '../tables/signatures.js';
import { readSocketAddress } from './addresses.js';
import type { Expression, StructNode } from './ast.js';
import { isPointer } from './arrange.js';
import { readStruct, readValue } from './structures.js';
import {
  type Environment,
  EvaluationError,
  notYetKnown,
  readData,
  readDescriptor,
  readInt,
  readInteger,
  readNumber,
  readSize,
} from './values.js';

/** The request whose argument the kernel writes; undefined for any other, and for arguments that are none of a request. */
export function askingRequest(
  type: ParameterType,
  request: Value | undefined,
  platform: Environment['platform'],
): PointerRequest | undefined {
  const row = typeof request === 'number' ? findPointerRequest(type, request >>> 0, platform) : undefined;
  return row?.direction === 'out' || row?.direction === 'inout' ? row : undefined;
}

/**
 * What is passed for one argument. Where the kernel writes, that is the room for it: what stands there is an
 * expectation.
 * @param before The arguments before it.
 */
export function readArgument(
  node: Expression,
  parameter: Parameter,
  before: readonly Value[],
  env: Environment,
): Value {
  if (node.kind === 'error' || node.kind === 'blank') {
    throw notYetKnown;
  }
  switch (parameter.type) {
    case 'fd':
      return readDescriptor(node, env);
    case 'size':
      return readSize(node, env);
    case 'nfds':
      return readInteger(node, env, 0, Number.MAX_SAFE_INTEGER);
    case 'data':
    case 'path':
      return node.kind === 'null' ? null : readData(node, env);
    case 'sockaddr':
      return node.kind === 'null' ? null : readSocketAddress(node, env);
    case 'buffer':
    case 'sockaddrOut':
    case 'fdpair':
      return node.kind === 'null' ? null : { kind: 'any' };
    case 'optvalOut':
      // An option that reads where it writes: `[2 => 48]`.
      return node.kind === 'null' ? null : node.kind === 'inout' ? readValue(node, env) : { kind: 'any' };
    case 'socklenInOut':
      return readLength(node, env);
    case 'optval':
      return readOptionValue(node, env);
    case 'msghdr':
      return node.kind === 'null' ? null : readStructure(node, env);
    case 'msghdrOut':
      return node.kind === 'null' ? null : readReceiveMessage(structOf(node), env);
    case 'pollfds':
      return node.kind === 'null' ? null : readPollFds(node, env);
    case 'fcntlarg':
    case 'ioctlarg': {
      const request = before.at(-1);
      const row =
        typeof request === 'number'
          ? findPointerRequest(parameter.type, request >>> 0, env.platform)
          : undefined;
      if (parameter.type === 'fcntlarg' && !row) {
        return node.kind === 'null' || node.kind === 'any' ? readValue(node, env) : readInt(node, env);
      }
      return node.kind === 'null' ? null : readRequestArgument(node, row, env);
    }
    case 'protocol':
      return readProtocol(node, before[0], env);
    default:
      return readInt(node, env);
  }
}

/** Of what the kernel writes only the fields that it reads are passed: the name of an interface. */
function readRequestArgument(node: Expression, row: PointerRequest | undefined, env: Environment): Value {
  const { direction, passed = [] } = row ?? {};
  if (direction === 'out' || (direction === 'inout' && node.kind === 'any')) {
    return { kind: 'any' };
  }
  return direction === 'inout' && node.kind === 'struct'
    ? readStruct({ ...node, fields: node.fields.filter(({ name }) => passed.includes(name)) }, env)
    : readValue(node, env);
}

/** A constant, a number, or for the Internet's families IANA's name: `ICMP`, `IPV6_ICMP`. */
function readProtocol(node: Expression, domain: Value | undefined, env: Environment): number {
  if (node.kind === 'constant' && constantValue(node.name, env.platform) === undefined) {
    const internet = ['AF_INET', 'AF_INET6'].map((name) => constantValue(name, env.platform));
    const number = ianaNumber(node.name);
    if (number !== undefined && (typeof domain !== 'number' || internet.includes(domain))) {
      return number;
    }
  }
  return readInt(node, env);
}

/** `[16]` and `16` are a length, `[128 => 16]` one with what the kernel makes of it. */
function readLength(node: Expression, env: Environment): Value {
  switch (node.kind) {
    case 'null':
      return null;
    case 'any':
      return { kind: 'any' };
    case 'list': {
      const [item] = node.items;
      if (node.items.length !== 1 || !item) {
        throw new EvaluationError(t('One length is expected: [16]'), node.range);
      }
      return { kind: 'inout', value: readInt(item, env), result: null };
    }
    case 'inout':
      return { kind: 'inout', value: readInt(node.value, env), result: null };
    default:
      return { kind: 'inout', value: readInt(node, env), result: null };
  }
}

function readOptionValue(node: Expression, env: Environment): Value {
  switch (node.kind) {
    case 'any':
      throw new EvaluationError(t('A value is missing here.'), node.range);
    case 'null':
    case 'list':
    case 'struct':
    case 'data':
    case 'repeat':
    case 'function':
    case 'variable':
    case 'call':
    case 'address':
      return readValue(node, env);
    default:
      return readNumber(node, env);
  }
}

function structOf(node: Expression): StructNode {
  if (node.kind !== 'struct') {
    throw new EvaluationError(t('A structure is expected here: {name=value, …}'), node.range);
  }
  return node;
}

function readStructure(node: Expression, env: Environment): StructValue {
  return readStruct(structOf(node), env);
}

/** Only what is passed of a message to receive: lengths of buffers, and whether there is room for control data. */
function readReceiveMessage(node: StructNode, env: Environment): StructValue {
  const fields: StructValue['fields'] = [];
  for (const { name, value } of node.fields) {
    switch (name) {
      case 'msg_iov':
        fields.push({ name, value: value.kind === 'null' ? null : readBuffers(value, env) });
        break;
      case 'msg_name':
      case 'msg_control':
        fields.push({ name, value: value.kind === 'null' ? null : { kind: 'any' } });
        break;
      case 'msg_iovlen':
      case 'msg_namelen':
      case 'msg_controllen':
        fields.push({ name, value: readLength(value, env) });
        break;
      default:
    }
  }
  return { kind: 'struct', fields };
}

function readBuffers(node: Expression, env: Environment): ListValue {
  if (node.kind !== 'list') {
    throw new EvaluationError(t('A list is expected here.'), node.range);
  }
  return {
    kind: 'list',
    items: node.items.map((item) => {
      const struct = structOf(item);
      const length = struct.fields.find(({ name }) => name === 'iov_len')?.value;
      const base = struct.fields.find(({ name }) => name === 'iov_base')?.value;
      if (!length && base?.kind !== 'data') {
        throw new EvaluationError(t('The length is missing: iov_len=…'), item.range);
      }
      return {
        kind: 'struct',
        fields: [
          { name: 'iov_base', value: base?.kind === 'null' ? null : { kind: 'any' } },
          {
            name: 'iov_len',
            value: length
              ? readInteger(length, env, -1, Number.MAX_SAFE_INTEGER)
              : readData(base!, env).length,
          },
        ],
      };
    }),
  };
}

function readPollFds(node: Expression, env: Environment): ListValue {
  if (node.kind !== 'list') {
    throw new EvaluationError(t('A list is expected here.'), node.range);
  }
  return {
    kind: 'list',
    items: node.items.map((item) => {
      const struct = readStructure(item, env);
      return { kind: 'struct', fields: struct.fields.filter(({ name }) => name !== 'revents') };
    }),
  };
}

/**
 * The arguments of a call that are passed, without those left out at the end. A length that is obvious from the data
 * is filled in where something follows it.
 * @param onError Told of an argument that has no value; without it the error is thrown.
 */
export function readArguments(
  name: CallName,
  nodes: readonly (Expression | null)[],
  env: Environment,
  onError?: (error: unknown) => void,
): Value[] {
  const { parameters } = signatureOf(name);
  const values: Value[] = [];
  let length = 0;
  parameters.forEach((parameter, index) => {
    const node = nodes[index] ?? null;
    try {
      if (node) {
        values.push(readArgument(node, parameter, values, env));
        length = index + 1;
      } else {
        values.push(obvious(nodes, values, index, env));
        // The buffer's length has to be passed even where it is not written.
        length = parameter.isOptional ? length : index + 1;
      }
    } catch (error) {
      if (!onError) {
        throw error;
      }
      onError(error);
      values.push({ kind: 'any' });
    }
  });
  return values.slice(0, length);

  /** What is passed for an argument that is not written. */
  function obvious(
    written: readonly (Expression | null)[],
    before: readonly Value[],
    index: number,
    environment: Environment,
  ): Value {
    const { type } = parameters[index]!;
    const previous = before[index - 1];
    if (type === 'size') {
      const expected = written[index - 1];
      const isBuffer = parameters[index - 1]!.type === 'buffer';
      return isData(previous)
        ? previous.length
        : isBuffer && (expected?.kind === 'data' || expected?.kind === 'repeat')
          ? readData(expected, environment).length
          : 0;
    }
    return type === 'msgflags' || type === 'sockflags' || type === 'protocol' ? 0 : { kind: 'any' };
  }
}

/** Whether something is said of an argument that the kernel writes. */
export function isExpectation(node: Expression | null): node is Expression {
  if (node === null || node.kind === 'any' || node.kind === 'null' || isPointer(node)) {
    return false;
  }
  return !(node.kind === 'list' && node.isCut);
}
