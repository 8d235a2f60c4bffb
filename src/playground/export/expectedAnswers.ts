import { isAddress, isData, type Value } from '../../common/call.js';
import { isExpectation } from '../../common/notation/arguments.js';
import type { CallStatement, Expression, Outcome } from '../../common/notation/ast.js';
import { parameterOf } from '../../common/notation/calls.js';
import { readValue } from '../../common/notation/structures.js';
import { type Environment, readData, readNumber } from '../../common/notation/values.js';
import { isDuplicate } from '../../common/notation/variables.js';
import { encodeOption, findOption } from '../../common/tables/options.js';
import { type ParameterType, signatureOf } from '../../common/tables/signatures.js';
import { checkSize, fieldNode, isNumeric, memberOf, takePort, takesInt } from './nodes.js';
import type { Operands } from './operands.js';
import {
  type AddressOperand,
  type Expected,
  type ExpectedResult,
  type ExpectedValue,
  nothingExpected,
  type NumberOperand,
} from './program.js';
import type { ProgramNames } from './programNames.js';

/** What the lines of a scenario say of the answers, as a program checks it. */
export class ExpectedAnswers {
  constructor(
    private readonly env: Environment,
    private readonly names: ProgramNames,
    private readonly operands: Operands,
  ) {}

  /** @param rewritten An item of poll's list, with variables in the place of numbers. */
  of(statement: CallStatement, rewritten: (item: Expression) => Expression): Expected {
    const { name, args, time } = statement;
    const own = statement.platformResults.find(({ platform }) => platform === 'linux')?.result;
    const result = own ?? statement.result;
    const results = result?.outcomes.map((outcome) => this.result(outcome, statement)) ?? [];
    let expected: Expected = {
      ...nothingExpected,
      results,
      time: time?.isRange ? { min: time.min, max: time.max } : null,
    };
    args.forEach((node, index) => {
      if (isExpectation(node)) {
        expected = { ...expected, ...this.argument(node, parameterOf(name, index).type, statement) };
      }
    });
    if (result?.output) {
      const ready = result.output.items.map((item) => this.operands.pollItem(rewritten(item), 'revents'));
      expected = { ...expected, ready };
    }
    return expected;
  }

  private result(outcome: Outcome, statement: CallStatement): ExpectedResult {
    switch (outcome.kind) {
      case 'error':
        return { kind: 'error', errno: outcome.errno };
      case 'range':
        return {
          kind: 'range',
          min: this.operands.number(outcome.min),
          max: this.operands.number(outcome.max),
        };
      case 'value': {
        const value = this.operands.number(outcome.value);
        const isDescriptor = signatureOf(statement.name).returns === 'fd' || isDuplicate(statement);
        return isDescriptor && (value.value ?? 0) >= 0 ? { kind: 'success' } : { kind: 'number', value };
      }
      default:
        return { kind: 'any' };
    }
  }

  private argument(node: Expression, type: ParameterType, statement: CallStatement): Partial<Expected> {
    const { args } = statement;
    switch (type) {
      case 'buffer': {
        const { bytes } = readData(node, this.env);
        checkSize(bytes.length);
        return { data: { bytes, isPrefix: node.kind === 'data' && node.isCut } };
      }
      case 'sockaddrOut':
        return { address: this.address(node) };
      case 'socklenInOut': {
        const written = node.kind === 'inout' ? node.result : node.kind === 'list' ? node.items[0]! : null;
        return written ? { length: this.operands.number(written) } : {};
      }
      case 'optvalOut': {
        const [made] = this.operands.messages.receivedNames(statement);
        return { value: made ? { kind: 'descriptor', value: made } : this.option(node, args) };
      }
      case 'fcntlarg':
      case 'ioctlarg':
        return { value: this.operands.requests.expected(node, type, args) };
      case 'msghdrOut':
        return this.message(node);
      default:
        return {};
    }
  }

  private message(node: Expression): Partial<Expected> {
    const [list, flags, name, control] = ['msg_iov', 'msg_flags', 'msg_name', 'msg_control'].map((each) =>
      fieldNode(node, each),
    );
    const bases = (list?.kind === 'list' ? list.items : []).map((item) => fieldNode(item, 'iov_base'));
    const isCut = (base: Expression | undefined) => base?.kind === 'data' && base.isCut;
    const isSaid =
      bases.length > 0 &&
      bases.every((base) => base && isExpectation(base) && base.kind === 'data') &&
      !bases.slice(0, -1).some(isCut);
    return {
      ...(isSaid && {
        data: {
          bytes: concat(bases.map((base) => readData(base!, this.env).bytes)),
          isPrefix: isCut(bases.at(-1)),
        },
      }),
      control: this.operands.messages.expectedControl(control),
      ...(flags && isExpectation(flags) && { messageFlags: this.operands.number(flags) }),
      ...(name && isExpectation(name) && { address: this.address(name) }),
    };
  }

  /** A port that only a recording knows gets its name by the address that comes. */
  private address(node: Expression): AddressOperand | null {
    const [portNode] = takePort(node);
    const written = portNode?.kind === 'number' ? Number(portNode.value) : 0;
    if (written === 0 || this.names.ports.has(written) || this.names.chosenPorts.has(written)) {
      return this.operands.address(node);
    }
    const address = this.operands.address(node);
    if (address.form !== 'known' || !('port' in address.address)) {
      return address;
    }
    const variable = this.names.declare(this.names.unused(`port${written}`), 'address');
    this.names.ports.set(written, variable);
    const port: NumberOperand = { kind: 'number', node: memberOf(variable, node), value: undefined };
    return {
      kind: 'address',
      form: 'port',
      address: { ...address.address, port: 0 },
      port,
      learns: variable,
    };
  }

  private option(node: Expression, args: CallStatement['args']): ExpectedValue | null {
    const [level, optname] = [args[1], args[2]].map((each) => each && Number(readNumber(each, this.env)));
    const option = findOption(level ?? -1, optname ?? -1, 'linux');
    const single = node.kind === 'list' && node.items.length === 1 ? node.items[0]! : node;
    if (isNumeric(single) && (option === undefined || takesInt(option.layout))) {
      return { kind: 'int', value: this.operands.number(single) };
    }
    const value = readValue(node, this.env);
    if (option?.layout === 'tcp_info') {
      const state = tcpStateOf(value);
      return state === undefined ? null : { kind: 'tcpState', value: state };
    }
    return { kind: 'bytes', bytes: encodeOption(option, value), isText: option?.layout === 'string' };
  }
}

function tcpStateOf(value: Value): number | undefined {
  if (isData(value)) {
    return value.bytes[0];
  }
  const isStruct =
    value !== null && typeof value === 'object' && !isAddress(value) && value.kind === 'struct';
  const state = isStruct ? value.fields.find(({ name }) => name === 'tcpi_state')?.value : undefined;
  return state === undefined ? undefined : Number(state);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
