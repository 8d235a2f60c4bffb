import { dataValue, type StructValue, type Value } from '../call.js';
import { t } from '../l10n.js';
import { readAddress, readStructAddress } from './addresses.js';
import type { Expression, StructNode } from './ast.js';
import {
  type Environment,
  fail,
  preparedAddress,
  readData,
  readDescriptor,
  readInetPton,
  readInteger,
  readIPv4,
  readNumber,
  readVariable,
} from './values.js';

/** Any value, as it stands inside structures and lists. */
export function readValue(node: Expression, env: Environment): Value {
  switch (node.kind) {
    case 'data':
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
      return {
        kind: 'inout',
        value: readInteger(node.value, env, -0x80000000, 0xffffffff),
        result: null,
      };
    case 'function':
      switch (node.name) {
        case 'inet_addr':
          return dataValue(readIPv4(node.args[0]!, env));
        case 'inet_pton':
          return dataValue(readInetPton(node, env));
        case 'if_nametoindex':
          return fail(t('Write the number of the interface here.'), node.range);
        default:
          return readNumber(node, env);
      }
    default:
      return readNumber(node, env);
  }
}

/** A structure by its fields. Descriptors inside (`fd=3`, passed with SCM_RIGHTS) mean what they mean as arguments. */
export function readStruct(node: StructNode, env: Environment): StructValue {
  const hasDescriptors = node.fields.some(
    ({ name, value }) => name === 'cmsg_type' && value.kind === 'constant' && value.name === 'SCM_RIGHTS',
  );
  return {
    kind: 'struct',
    fields: node.fields.map(({ name, value }) => {
      if (name === 'fd') {
        return { name, value: readDescriptor(value, env) };
      }
      if (name === 'cmsg_data' && hasDescriptors && value.kind === 'list') {
        return { name, value: { kind: 'list', items: value.items.map((item) => readDescriptor(item, env)) } };
      }
      return { name, value: readValue(value, env) };
    }),
  };
}
