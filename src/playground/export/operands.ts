import { t } from '../../common/l10n.js';
import { readSocketAddress } from '../../common/notation/addresses.js';
import type { CallStatement, Expression } from '../../common/notation/ast.js';
import { readValue } from '../../common/notation/structures.js';
import { type Environment, type Prepared, readData, readNumber } from '../../common/notation/values.js';
import { constantValue } from '../../common/tables/constants.js';
import { findOption, pointeeOf } from '../../common/tables/options.js';
import { ianaNumber } from '../../common/tables/protocolNumbers.js';
import type { ParameterType } from '../../common/tables/signatures.js';
import {
  checkSize,
  fieldNode,
  hasInterface,
  Inexpressible,
  interfacesIn,
  isNumeric,
  isPointerAt,
  literal,
  memberOf,
  numbersIn,
  takePort,
  takesInt,
  variablesIn,
} from './nodes.js';
import { Unsupported } from './code.js';
import { MessageOperands } from './messageOperands.js';
import type { AddressOperand, NumberOperand, Operand, PollItem, StructOperand } from './program.js';
import type { ProgramNames } from './programNames.js';
import { RequestOperands } from './requestOperands.js';
import { type Laid, structOperand } from './structOperand.js';

/** What the arguments of a call are in a program. */
export class Operands {
  readonly requests: RequestOperands;
  readonly messages: MessageOperands;

  constructor(
    private readonly env: Environment,
    private readonly names: ProgramNames,
  ) {
    this.requests = new RequestOperands(env, (node) => this.number(node));
    this.messages = new MessageOperands(env, names, this);
  }

  number(node: Expression): NumberOperand {
    for (const [name, isAddress] of numbersIn(node)) {
      const kind = this.names.variables.get(name);
      if (kind === undefined) {
        throw new Inexpressible(t('{0} has no value yet.', name));
      }
      if (isAddress !== (kind === 'address')) {
        throw new Inexpressible(isAddress ? t('{0} is no address.', name) : t('{0} is no number.', name));
      }
    }
    let value: number | bigint | undefined;
    try {
      value = readNumber(node, this.env);
    } catch (error) {
      const isKnownLater = [...variablesIn(node)].length > 0 || hasInterface(node);
      if (!isKnownLater) {
        throw error;
      }
    }
    return { kind: 'number', node, value };
  }

  of(node: Expression | null, type: ParameterType, { name, args }: CallStatement, index: number): Operand {
    if (type === 'fcntlarg' || type === 'ioctlarg') {
      return this.requests.passed(node, type, args);
    }
    if (node === null || node.kind === 'any') {
      return { kind: 'omitted' };
    }
    if (node.kind === 'null') {
      return { kind: 'null' };
    }
    switch (type) {
      case 'data':
      case 'path':
        return this.data(node);
      case 'sockaddr':
        return this.address(node);
      case 'optvalOut':
        if (node.kind === 'inout') {
          throw new Unsupported(t('An argument on this line is not exported.'));
        }
        return { kind: 'omitted' };
      case 'buffer':
      case 'sockaddrOut':
      case 'fdpair':
        return { kind: 'omitted' };
      case 'socklenInOut':
        return this.number(node.kind === 'list' ? node.items[0]! : node.kind === 'inout' ? node.value : node);
      case 'optval':
        return this.optionValue(node, args);
      case 'pollfds':
        return this.pollFds(node);
      case 'msghdr':
      case 'msghdrOut':
        return this.messages.passed(node, type === 'msghdrOut', { name, args });
      case 'protocol':
        return this.protocol(node);
      case 'size':
        return this.number(node);
      default:
        return this.number(isPointerAt(args, index) ? literal(0).node : node);
    }
  }

  /** IANA's names of protocols are no constants of a program: their numbers are. */
  private protocol(node: Expression): NumberOperand {
    const number =
      node.kind === 'constant' && constantValue(node.name, 'linux') === undefined
        ? ianaNumber(node.name)
        : undefined;
    return number === undefined ? this.number(node) : literal(number);
  }

  private data(node: Expression): Operand {
    if (node.kind === 'repeat') {
      const count = Number(readNumber(node.count, this.env));
      const unit = readData(node.data, this.env).bytes;
      checkSize(unit.length * count);
      return { kind: 'data', bytes: unit, count };
    }
    const { bytes } = readData(node, this.env);
    checkSize(bytes.length);
    return { kind: 'data', bytes, count: 1 };
  }

  address(node: Expression): AddressOperand {
    if (node.kind === 'variable') {
      if (this.names.variables.get(node.name) !== 'address') {
        throw new Inexpressible(t('{0} is no address.', node.name));
      }
      return { kind: 'address', form: 'variable', name: node.name };
    }
    if (node.kind === 'address' && node.form.family === 'host') {
      return { kind: 'address', form: 'host', host: node.form.host, port: this.number(node.form.port) };
    }
    const [portNode, portless] = takePort(node);
    if (!portNode) {
      return { kind: 'address', form: 'known', address: readSocketAddress(node, this.env) };
    }
    const port = this.port(portNode);
    const address = readSocketAddress(portless, this.env);
    if (!('port' in address)) {
      throw new Inexpressible(t('This has no port.'));
    }
    return port.value === undefined
      ? { kind: 'address', form: 'port', address: { ...address, port: 0 }, port }
      : { kind: 'address', form: 'known', address: readSocketAddress(node, this.env) };
  }

  /** A port that is written there may be one that the kernel chose in the recording. */
  private port(node: Expression): NumberOperand {
    const known = node.kind === 'number' ? this.names.ports.get(Number(node.value)) : undefined;
    return known === undefined
      ? this.number(node)
      : { kind: 'number', node: memberOf(known, node), value: undefined };
  }

  private optionValue(node: Expression, args: CallStatement['args']): Operand {
    const [level, optname] = [args[1], args[2]].map((each) => each && Number(readNumber(each, this.env)));
    const option = findOption(level ?? -1, optname ?? -1, 'linux');
    const single = node.kind === 'list' && node.items.length === 1 ? node.items[0]! : node;
    if (isNumeric(single) && (option === undefined || takesInt(option.layout))) {
      return this.number(single);
    }
    if (node.kind === 'variable') {
      throw new Inexpressible(t('A value on this line is known only when the tool runs it.'));
    }
    if (!hasInterface(node) && pointeeOf(option, readValue(node, this.env))) {
      throw new Inexpressible(t('A structure with a pointer in it is not exported.'));
    }
    return this.struct(option, node);
  }

  /** A structure that is passed: a field that holds the number of an interface is given the call that asks for it. */
  struct(laid: Laid | undefined, node: Expression): StructOperand {
    const interfaces = [...interfacesIn(node)];
    if (interfaces.length === 0) {
      return structOperand(laid, readValue(node, this.env));
    }
    const unknown = interfaces.map((each): [object, Prepared] => [each, { value: 0 }]);
    const env = { ...this.env, prepared: new Map([...this.env.prepared, ...unknown]) };
    const operand = structOperand(laid, readValue(node, env), node, (field) =>
      hasInterface(field) ? this.number(field) : null,
    );
    if (operand.fields.filter(({ written }) => written).length !== interfaces.length) {
      throw new Inexpressible(t('The number of an interface in this structure is not exported.'));
    }
    return operand;
  }

  private pollFds(node: Expression): Operand {
    if (node.kind !== 'list') {
      throw new Inexpressible(t('A list is expected here.'));
    }
    return { kind: 'pollfds', items: node.items.map((item) => this.pollItem(item, 'events')) };
  }

  pollItem(item: Expression, events: 'events' | 'revents'): PollItem {
    const field = (name: string) => fieldNode(item, name) ?? literal(0).node;
    return { fd: this.number(field('fd')), events: this.number(field(events)) };
  }
}
