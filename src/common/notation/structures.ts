import { dataValue, fieldOf, type StructValue, type Value } from '../call.js';
import { t } from '../l10n.js';
import { controlLayout } from '../tables/controlMessages.js';
import { fieldRange, type NumberRange, scalarRange } from '../tables/options.js';
import { readAddress, readStructAddress } from './addresses.js';
import type { Expression, FunctionNode, StructNode } from './ast.js';
import { controlType } from './controlType.js';
import {
  type Environment,
  fail,
  preparedAddress,
  readData,
  readDescriptor,
  readInetPton,
  readInt,
  readIPv4,
  readNumber,
  readVariable,
} from './values.js';

/** Any value, as it stands inside structures and lists. */
export function readValue(node: Expression, env: Environment): Value {
  switch (node.kind) {
    case 'data': {
      const data = readData(node, env);
      // There is more than is written.
      return node.isCut ? { ...data, length: data.length + 1 } : data;
    }
    case 'repeat':
      return readData(node, env);
    case 'null':
      return null;
    case 'any':
      return { kind: 'any' };
    case 'variable':
      return readVariable(node.name, node.range, env);
    case 'call':
      return preparedAddress(node, env);
    case 'address':
      return readAddress(node, env);
    case 'list':
      return { kind: 'list', items: node.items.map((item) => readValue(item, env)) };
    case 'struct':
      return readStructAddress(node, env) ?? readStruct(node, env);
    case 'inout':
      return { kind: 'inout', value: readInt(node.value, env), result: null };
    case 'function':
      switch (node.name) {
        case 'inet_addr':
          return dataValue(readIPv4(node.args[0]!, env));
        case 'inet_pton':
          return dataValue(readInetPton(node, env));
        case 'BPF_STMT':
        case 'BPF_JUMP':
          return readInstruction(node, env);
        default:
          return readNumber(node, env);
      }
    default:
      return readNumber(node, env);
  }
}

/** An instruction of a filter, as C's macros make it: `BPF_STMT(code, k)`, `BPF_JUMP(code, k, jt, jf)`. */
function readInstruction({ args }: FunctionNode, env: Environment): StructValue {
  const numbers = args.map((node) => readNumber(node, env));
  return {
    kind: 'struct',
    fields: ['code', 'k', 'jt', 'jf'].map((name, index) => ({
      name,
      value: args[index] ? checkedNumber(numbers[index]!, fieldRange(name), args[index]) : 0,
    })),
  };
}

/** A structure by its fields. Descriptors inside (`fd=3`, passed with SCM_RIGHTS) mean what they mean as arguments. */
export function readStruct(node: StructNode, env: Environment): StructValue {
  const hasDescriptors = controlType(node) === 'SCM_RIGHTS';
  const struct: StructValue = {
    kind: 'struct',
    fields: node.fields.map(({ name, value }) => {
      if (name === 'fd') {
        return { name, value: readDescriptor(value, env) };
      }
      if (name === 'cmsg_data' && hasDescriptors && value.kind === 'list') {
        return { name, value: { kind: 'list', items: value.items.map((item) => readDescriptor(item, env)) } };
      }
      return {
        name,
        value: checkedNumber(readValue(value, env), messageRanges[name] ?? fieldRange(name), value),
      };
    }),
  };
  const data = node.fields.find(({ name }) => name === 'cmsg_data');
  if (data) {
    checkControlData(struct, data.value, env);
  }
  return struct;
}

/** What fits the fields of messages and of poll(2). */
const messageRanges: Readonly<Record<string, NumberRange | undefined>> = {
  cmsg_len: scalarRange('u64'),
  cmsg_level: scalarRange('int'),
  cmsg_type: scalarRange('int'),
  msg_flags: scalarRange('int'),
  events: { min: -0x8000n, max: 0xffffn },
};

/** A number in a control message, where its level and type say what fits. */
function checkControlData(struct: StructValue, node: Expression, env: Environment): void {
  const [level, type] = [fieldOf(struct, 'cmsg_level'), fieldOf(struct, 'cmsg_type')];
  if (typeof level !== 'number' || typeof type !== 'number') {
    return;
  }
  const range = scalarRange(controlLayout(level, type, env.platform));
  for (const item of node.kind === 'list' ? node.items : [node]) {
    if (range) {
      checkedNumber(readValue(item, env), range, item);
    }
  }
}

/** @throws EvaluationError where a number would lose bits. */
function checkedNumber(value: Value, range: NumberRange | undefined, node: Expression): Value {
  const isNumber = typeof value === 'number' || typeof value === 'bigint';
  return range && isNumber && (value < range.min || value > range.max)
    ? fail(
        t('{0} does not fit here: from {1} to {2}.', String(value), String(range.min), String(range.max)),
        node.range,
      )
    : value;
}
