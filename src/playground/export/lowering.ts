import { isAddress, isData, type Value } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import { readSocketAddress } from '../../common/notation/addresses.js';
import { isExpectation } from '../../common/notation/arguments.js';
import type {
  CallStatement,
  DataPart,
  Expression,
  NestedCallNode,
  Outcome,
  Scenario,
  Statement,
  StructNode,
} from '../../common/notation/ast.js';
import { isWrittenByKernel, parameterOf } from '../../common/notation/calls.js';
import { childrenOf, literalEnvironment } from '../../common/notation/evaluate.js';
import { readValue } from '../../common/notation/structures.js';
import {
  type Environment,
  EvaluationError,
  NotYetKnown,
  type Prepared,
  readData,
  readNumber,
} from '../../common/notation/values.js';
import { receivedDescriptors } from '../../common/notation/variables.js';
import { constantValue } from '../../common/tables/constants.js';
import { findFcntl, findIoctl } from '../../common/tables/pointerRequests.js';
import { encodeOption, findOption, OptionValueError, pointeeOf } from '../../common/tables/options.js';
import { parameterIndex, signatureOf, type ParameterType } from '../../common/tables/signatures.js';
import { descriptorsGiven, PendingNames } from '../pendingNames.js';
import { structOperand } from './structOperand.js';
import {
  type AddressOperand,
  type CallStep,
  type Expected,
  type ExpectedResult,
  type ExpectedValue,
  type FileContents,
  type MessageOperand,
  nothingExpected,
  type NumberOperand,
  type Operand,
  type PollItem,
  type Program,
  type ProgramLine,
  type Step,
  type VariableKind,
} from './program.js';

/** The most bytes that a program holds in one argument. */
const mostData = 16 * 1024 * 1024;
/** What fits any socket's buffer, so that sending it does not wait. */
const smallData = 4096;

/** Something that cannot be said in a program; the message is a sentence. */
export class Inexpressible extends Error {}

/** The files that a scenario sends, to be read before it is lowered. */
export function filesOf({ statements }: Scenario): (DataPart & { kind: 'file' })[] {
  const found: (DataPart & { kind: 'file' })[] = [];
  const look = (node: Expression) => {
    if (node.kind === 'data') {
      found.push(...node.parts.filter((part) => part.kind === 'file'));
    }
    childrenOf(node).forEach(look);
  };
  for (const statement of statements) {
    if (statement.kind === 'call') {
      statement.args.forEach((node) => node && look(node));
    }
  }
  return found;
}

/** Makes a program of a scenario without errors and blanks. What cannot be said becomes an unsupported step. */
export function lower(scenario: Scenario, files: FileContents = new Map()): Program {
  return new Lowering(scenario, files).lower();
}

class Lowering {
  private readonly variables = new Map<string, VariableKind>();
  /** Variables for the descriptors that a recording names by number. */
  private readonly numbered = new Map<number, string>();
  /** Variables for the ports that the kernel chose in a recording. */
  private readonly ports = new Map<number, string>();
  private readonly chosenPorts = new Set<number>();
  private readonly nonBlocking = new Set<string>();
  private readonly env: Environment;

  constructor(
    private readonly scenario: Scenario,
    files: FileContents,
  ) {
    const prepared = new Map<object, Prepared>();
    files.forEach((value, part) => prepared.set(part, { value }));
    this.env = { ...literalEnvironment('linux', false), prepared };
  }

  lower(): Program {
    const { title, description, needs, statements } = this.scenario;
    const comments = new Comments(this.scenario);
    const givers = new PendingNames(statements);
    const threads = new Set(['main']);
    const lines: ProgramLine[] = [];
    for (const statement of statements) {
      threads.add(statement.thread);
      const steps = this.stepsOf(statement);
      lines.push({
        number: statement.line,
        thread: statement.thread,
        text: comments.textOf(statement),
        comments: comments.above(statement),
        steps,
        givers:
          statement.kind === 'call'
            ? givers
                .giversOf(statement)
                .filter(({ thread }) => thread !== statement.thread)
                .map(({ line }) => line)
            : [],
        waits: this.waits(statement),
      });
    }
    return { title, description, needs, threads: [...threads], lines, variables: this.variables };
  }

  /** Whether a line's call may sleep: only then the others may go on before it is done. */
  private waits(statement: Statement): ProgramLine['waits'] {
    if (statement.kind !== 'call') {
      return statement.kind === 'sleep' ? 'always' : 'never';
    }
    const { name, args } = statement;
    const text = (type: ParameterType) => this.scenario.text.slice(...this.rangeOf(args, name, type));
    if (!signatureOf(name).canWait || /MSG_DONTWAIT|MSG_ERRQUEUE/.test(text('msgflags'))) {
      return 'never';
    }
    const fd = args[parameterIndex(name, 'fd')];
    if (fd?.kind === 'variable' && this.nonBlocking.has(fd.name)) {
      return 'never';
    }
    const data = args[parameterIndex(name, 'data')];
    return data?.kind === 'data' &&
      this.scenario.text.slice(data.range.start, data.range.end).length < smallData
      ? 'never'
      : 'maybe';
  }

  private rangeOf(
    args: CallStatement['args'],
    name: CallStatement['name'],
    type: ParameterType,
  ): [number, number] {
    const range = args[parameterIndex(name, type)]?.range;
    return range ? [range.start, range.end] : [0, 0];
  }

  private stepsOf(statement: Statement): Step[] {
    switch (statement.kind) {
      case 'sleep':
        return [{ kind: 'sleep', seconds: statement.seconds }];
      case 'timeout':
        return [{ kind: 'timeout' }];
      case 'blank':
        return [{ kind: 'unsupported', reason: t('This blank is still open.'), targets: [] }];
      case 'call':
        try {
          return this.callSteps(statement);
        } catch (error) {
          if (
            error instanceof Inexpressible ||
            error instanceof EvaluationError ||
            error instanceof OptionValueError
          ) {
            const targets = this.targetsOf(statement);
            return [{ kind: 'unsupported', reason: error.message, targets }];
          }
          if (error instanceof NotYetKnown) {
            const reason = t('A value on this line is known only when the tool runs it.');
            return [{ kind: 'unsupported', reason, targets: this.targetsOf(statement) }];
          }
          throw error;
        }
    }
  }

  private callSteps(statement: CallStatement): Step[] {
    const before: CallStep[] = [];
    const after: CallStep[] = [];
    const { name } = statement;
    const args = statement.args.map((node, index) => {
      const { type } = parameterOf(name, index);
      return node && this.rewrite(node, type, isWrittenByKernel(type) ? after : before);
    });
    const rewritten: CallStatement = { ...statement, args };
    const operands = args.map((node, index) =>
      this.operand(node, parameterOf(name, index).type, rewritten, index),
    );
    const expected = this.expected(rewritten);
    const targets = this.targetsOf(statement);
    this.noteBound(rewritten);
    this.noteNonBlocking(rewritten, targets);
    return [...before, { kind: 'call', name, args: operands, targets, expected, asked: after }];
  }

  /** The names that take what a call gives; descriptors of a recording have names of their own. */
  private targetsOf(statement: CallStatement): string[] {
    const { name, targets } = statement;
    const isAddressCall = name === 'getsockname' || name === 'getpeername';
    const isDescriptor =
      signatureOf(name).returns === 'fd' || targets.length > 1 || this.isDuplicate(statement);
    const kind = isAddressCall ? 'address' : isDescriptor ? 'descriptor' : 'number';
    const names = targets.map((target) => this.declare(target.name, kind));
    const given = descriptorsGiven(statement);
    const makes = given.some((number) => number !== undefined) && name !== 'recvmsg';
    if (!makes) {
      return names;
    }
    return given.map((number, index) => {
      const own = names[index];
      const variable = own ?? this.declare(this.unused(`fd${number ?? index}`), 'descriptor');
      if (number !== undefined) {
        this.numbered.set(number, variable);
      }
      return variable;
    });
  }

  private isDuplicate({ name, args }: CallStatement): boolean {
    const [, command] = args;
    return name === 'fcntl' && command?.kind === 'constant' && command.name.startsWith('F_DUPFD');
  }

  private declare(name: string, kind: VariableKind): string {
    const known = this.variables.get(name);
    if (known !== undefined && known !== kind) {
      throw new Inexpressible(t('{0} holds another kind of value on another line.', name));
    }
    this.variables.set(name, kind);
    return name;
  }

  private unused(name: string): string {
    const names = new Set(
      this.scenario.statements.flatMap((each) =>
        each.kind === 'call' ? each.targets.map((target) => target.name) : [],
      ),
    );
    let free = name;
    while (names.has(free)) {
      free += '_';
    }
    return free;
  }

  /** Calls inside an expression become steps, and numbers of a recording's descriptors variables. */
  private rewrite(node: Expression, type: ParameterType, steps: CallStep[]): Expression {
    if (node.kind === 'call') {
      return this.ask(node, steps);
    }
    if (type === 'fd' && node.kind === 'number') {
      const variable = this.numbered.get(Number(node.value));
      return variable === undefined ? node : { kind: 'variable', name: variable, range: node.range };
    }
    const inside = (child: Expression) => this.rewrite(child, 'optval', steps);
    switch (node.kind) {
      case 'repeat':
        return { ...node, count: inside(node.count) };
      case 'operation':
        return { ...node, operands: node.operands.map(inside) };
      case 'negative':
        return { ...node, operand: inside(node.operand) };
      case 'function':
        return { ...node, args: node.args.map(inside) };
      case 'member':
        return { ...node, object: inside(node.object) };
      case 'list':
        return {
          ...node,
          items: node.items.map((item) => this.rewrite(item, type === 'fd' ? 'fd' : type, steps)),
        };
      case 'inout':
        return { ...node, value: inside(node.value), result: inside(node.result) };
      case 'struct':
        return this.rewriteStruct(node, steps);
      case 'address': {
        const form = Object.fromEntries(
          Object.entries(node.form).map(([key, value]) => [
            key,
            typeof value === 'object' && value !== null && 'kind' in value
              ? inside(value as Expression)
              : (value as unknown),
          ]),
        ) as typeof node.form;
        return { ...node, form };
      }
      default:
        return node;
    }
  }

  private rewriteStruct(node: StructNode, steps: CallStep[]): StructNode {
    return {
      ...node,
      fields: node.fields.map((field) => ({
        ...field,
        value: this.rewrite(
          field.value,
          field.name === 'fd' || field.name === 'cmsg_data' ? 'fd' : 'optval',
          steps,
        ),
      })),
    };
  }

  /** The nested call as a step of its own, and the variable that holds its answer. */
  private ask(node: NestedCallNode, steps: CallStep[]): Expression {
    const fd = this.rewrite(node.args[0]!, 'fd', steps);
    const stem = fd.kind === 'variable' ? fd.name : 'socket';
    const ending = node.name === 'getsockname' ? 'name' : 'peer';
    const variable = this.declare(this.unused(`${stem}_${ending}`), 'address');
    steps.push({
      kind: 'call',
      name: node.name,
      args: [this.number(fd), { kind: 'omitted' }, { kind: 'omitted' }],
      targets: [variable],
      expected: { ...nothingExpected, results: [{ kind: 'number', value: literal(0) }] },
      asked: [],
    });
    return { kind: 'variable', name: variable, range: node.range };
  }

  private number(node: Expression): NumberOperand {
    for (const name of variablesIn(node)) {
      if (!this.variables.has(name)) {
        throw new Inexpressible(t('{0} has no value yet.', name));
      }
    }
    let value: number | bigint | undefined;
    try {
      value = readNumber(node, this.env);
    } catch (error) {
      const hasVariable = [...variablesIn(node)].length > 0;
      if (!hasVariable) {
        throw error;
      }
    }
    return { kind: 'number', node, value };
  }

  private operand(
    node: Expression | null,
    type: ParameterType,
    { name, args }: CallStatement,
    index: number,
  ): Operand {
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
      case 'buffer':
      case 'sockaddrOut':
      case 'optvalOut':
      case 'fdpair':
        return { kind: 'omitted' };
      case 'socklenInOut':
        return this.number(node.kind === 'list' ? node.items[0]! : node.kind === 'inout' ? node.value : node);
      case 'optval':
        return this.optionValue(node, args);
      case 'pollfds':
        return this.pollFds(node);
      case 'fcntlarg':
        return this.fcntlArgument(node, args, isPointerAt(args, index));
      case 'ioctlarg':
        return this.ioctlArgument(node, args);
      case 'msghdr':
      case 'msghdrOut':
        return this.message(node, type === 'msghdrOut', { name, args });
      case 'protocol':
        return this.protocol(node);
      default:
        return this.number(isPointerAt(args, index) ? literal(0).node : node);
    }
  }

  /** IANA's names of protocols are no constants of a program. */
  private protocol(node: Expression): NumberOperand {
    return node.kind === 'constant' && constantValue(node.name, 'linux') === undefined
      ? (() => {
          throw new Inexpressible(t('A program has no constant {0}.', node.name));
        })()
      : this.number(node);
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

  private address(node: Expression): AddressOperand {
    if (node.kind === 'variable') {
      if (this.variables.get(node.name) !== 'address') {
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
    const known = node.kind === 'number' ? this.ports.get(Number(node.value)) : undefined;
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
    const value = readValue(node, this.env);
    if (pointeeOf(option, value)) {
      throw new Inexpressible(t('A structure with a pointer in it is not exported.'));
    }
    return structOperand(option, value);
  }

  private pollFds(node: Expression): Operand {
    if (node.kind !== 'list') {
      throw new Inexpressible(t('A list is expected here.'));
    }
    return { kind: 'pollfds', items: node.items.map((item) => this.pollItem(item, 'events')) };
  }

  private pollItem(item: Expression, events: 'events' | 'revents'): PollItem {
    const field = (name: string) => fieldNode(item, name) ?? literal(0).node;
    return { fd: this.number(field('fd')), events: this.number(field(events)) };
  }

  private fcntlArgument(node: Expression, args: CallStatement['args'], isPointer: boolean): Operand {
    if (findFcntl(args[1] ? Number(readNumber(args[1], this.env)) : -1, 'linux')) {
      throw new Inexpressible(t('The argument of this request is not exported.'));
    }
    return this.number(isPointer ? literal(0).node : node);
  }

  private ioctlArgument(node: Expression, args: CallStatement['args']): Operand {
    const request = args[1] ? Number(readNumber(args[1], this.env)) : -1;
    const known = findIoctl(request, 'linux');
    if (!known || (known.layout !== null && !takesInt(known.layout))) {
      throw new Inexpressible(t('The argument of this request is not exported.'));
    }
    if (known.direction === 'out') {
      return { kind: 'omitted' };
    }
    return this.number(node.kind === 'list' ? node.items[0]! : node);
  }

  private message(
    node: Expression,
    isReceived: boolean,
    { name, args }: Pick<CallStatement, 'name' | 'args'>,
  ): MessageOperand {
    if (node.kind !== 'struct') {
      throw new Inexpressible(t('A structure is expected here: {name=value, …}'));
    }
    const list = fieldNode(node, 'msg_iov');
    const nameNode = fieldNode(node, 'msg_name');
    const parts = (list?.kind === 'list' ? list.items : []).map((item) => this.messagePart(item, isReceived));
    const control = fieldNode(node, 'msg_control');
    const hasControl = control !== undefined && control.kind !== 'null';
    return {
      kind: 'message',
      name: !nameNode || nameNode.kind === 'null' ? null : isReceived ? anyAddress : this.address(nameNode),
      parts,
      descriptors: isReceived ? this.receivedNames({ name, args }) : this.passedDescriptors(control),
      controlLength: hasControl ? this.controlLength(node) : 0,
    };
  }

  private messagePart(item: Expression, isReceived: boolean): { bytes: Uint8Array | null; length: number } {
    const [base, size] = [fieldNode(item, 'iov_base'), fieldNode(item, 'iov_len')];
    const bytes = base && base.kind !== 'any' && base.kind !== 'null' ? readData(base, this.env).bytes : null;
    const length = size ? Number(readNumber(size, this.env)) : (bytes?.length ?? 0);
    checkSize(length);
    if (!isReceived && length > (bytes?.length ?? 0)) {
      throw new Inexpressible(t('The length says more bytes than there are.'));
    }
    return { bytes, length };
  }

  private controlLength(node: StructNode): number {
    const written = fieldNode(node, 'msg_controllen');
    const number =
      written?.kind === 'inout' ? written.value : written?.kind === 'list' ? written.items[0] : written;
    return number ? Number(readNumber(number, this.env)) : 256;
  }

  private passedDescriptors(control: Expression | undefined): NumberOperand[] {
    if (control?.kind !== 'list') {
      return [];
    }
    if (control.items.length > 1) {
      throw new Inexpressible(t('More than one control message is not exported.'));
    }
    return control.items.flatMap((item) => {
      const [level, type, data] = ['cmsg_level', 'cmsg_type', 'cmsg_data'].map((each) =>
        fieldNode(item, each),
      );
      const isRights =
        level?.kind === 'constant' &&
        level.name === 'SOL_SOCKET' &&
        type?.kind === 'constant' &&
        type.name === 'SCM_RIGHTS';
      if (!isRights || data?.kind !== 'list') {
        throw new Inexpressible(t('Only descriptors (SCM_RIGHTS) are exported of control messages.'));
      }
      return data.items.map((each) => this.number(each));
    });
  }

  private receivedNames(statement: Pick<CallStatement, 'name' | 'args'>): NumberOperand[] {
    return receivedDescriptors(statement).map((node) => {
      if (node.kind === 'variable') {
        this.declare(node.name, 'descriptor');
      } else if (node.kind === 'number') {
        const variable = this.declare(this.unused(`fd${node.value}`), 'descriptor');
        this.numbered.set(Number(node.value), variable);
        return {
          kind: 'number',
          node: { kind: 'variable', name: variable, range: node.range },
          value: undefined,
        };
      }
      return this.number(node);
    });
  }

  private expected(statement: CallStatement): Expected {
    const { name, args, time } = statement;
    const own = statement.platformResults.find(({ platform }) => platform === 'linux')?.result;
    const result = own ?? statement.result;
    const results = result?.outcomes.map((outcome) => this.expectedResult(outcome, statement)) ?? [];
    let expected: Expected = {
      ...nothingExpected,
      results,
      time: time?.isRange ? { min: time.min, max: time.max } : null,
    };
    args.forEach((node, index) => {
      if (isExpectation(node)) {
        expected = { ...expected, ...this.expectedArgument(node, parameterOf(name, index).type, statement) };
      }
    });
    if (result?.output) {
      const ready = result.output.items.map((item) =>
        this.pollItem(this.rewrite(item, 'pollfds', []), 'revents'),
      );
      expected = { ...expected, ready };
    }
    return expected;
  }

  private expectedResult(outcome: Outcome, statement: CallStatement): ExpectedResult {
    switch (outcome.kind) {
      case 'error':
        return { kind: 'error', errno: outcome.errno };
      case 'range':
        return { kind: 'range', min: this.number(outcome.min), max: this.number(outcome.max) };
      case 'value': {
        const value = this.number(outcome.value);
        const isDescriptor = signatureOf(statement.name).returns === 'fd' || this.isDuplicate(statement);
        return isDescriptor && (value.value ?? 0) >= 0 ? { kind: 'success' } : { kind: 'number', value };
      }
      default:
        return { kind: 'any' };
    }
  }

  private expectedArgument(
    node: Expression,
    type: ParameterType,
    { args }: CallStatement,
  ): Partial<Expected> {
    switch (type) {
      case 'buffer': {
        const { bytes } = readData(node, this.env);
        checkSize(bytes.length);
        return { data: { bytes, isPrefix: node.kind === 'data' && node.isCut } };
      }
      case 'sockaddrOut':
        return { address: this.expectedAddress(node) };
      case 'socklenInOut': {
        const written = node.kind === 'inout' ? node.result : node.kind === 'list' ? node.items[0]! : null;
        return written ? { length: this.number(written) } : {};
      }
      case 'optvalOut':
        return { value: this.expectedOption(node, args) };
      case 'ioctlarg': {
        const request = args[1] ? Number(readNumber(args[1], this.env)) : -1;
        const isAnswer = findIoctl(request, 'linux')?.direction === 'out';
        const single = node.kind === 'list' ? node.items[0]! : node;
        return isAnswer ? { value: { kind: 'int', value: this.number(single) } } : {};
      }
      case 'msghdrOut':
        return this.expectedMessage(node);
      default:
        return {};
    }
  }

  private expectedMessage(node: Expression): Partial<Expected> {
    const [list, flags, name] = ['msg_iov', 'msg_flags', 'msg_name'].map((each) => fieldNode(node, each));
    const bases = (list?.kind === 'list' ? list.items : []).map((item) => fieldNode(item, 'iov_base'));
    const isSaid =
      bases.length > 0 && bases.every((base) => base && isExpectation(base) && base.kind === 'data');
    return {
      ...(isSaid && {
        data: { bytes: concat(bases.map((base) => readData(base!, this.env).bytes)), isPrefix: false },
      }),
      ...(flags && isExpectation(flags) && { messageFlags: this.number(flags) }),
      ...(name && isExpectation(name) && { address: this.expectedAddress(name) }),
    };
  }

  /** A port that only a recording knows gets its name by the address that comes. */
  private expectedAddress(node: Expression): AddressOperand | null {
    const [portNode] = takePort(node);
    const written = portNode?.kind === 'number' ? Number(portNode.value) : 0;
    if (written === 0 || this.ports.has(written) || this.chosenPorts.has(written)) {
      return this.address(node);
    }
    const address = this.address(node);
    if (address.form !== 'known' || !('port' in address.address)) {
      return address;
    }
    const variable = this.declare(this.unused(`port${written}`), 'address');
    this.ports.set(written, variable);
    const port: NumberOperand = { kind: 'number', node: memberOf(variable, node), value: undefined };
    return {
      kind: 'address',
      form: 'port',
      address: { ...address.address, port: 0 },
      port,
      learns: variable,
    };
  }

  private expectedOption(node: Expression, args: CallStatement['args']): ExpectedValue | null {
    const [level, optname] = [args[1], args[2]].map((each) => each && Number(readNumber(each, this.env)));
    const option = findOption(level ?? -1, optname ?? -1, 'linux');
    const single = node.kind === 'list' && node.items.length === 1 ? node.items[0]! : node;
    if (isNumeric(single) && (option === undefined || takesInt(option.layout))) {
      return { kind: 'int', value: this.number(single) };
    }
    const value = readValue(node, this.env);
    if (option?.layout === 'tcp_info') {
      const state = tcpStateOf(value);
      return state === undefined ? null : { kind: 'tcpState', value: state };
    }
    return { kind: 'bytes', bytes: encodeOption(option, value), isText: option?.layout === 'string' };
  }

  private noteBound({ name, args }: CallStatement): void {
    const [, address] = args;
    const [port] = name === 'bind' && address ? takePort(address) : [];
    if (port?.kind === 'number') {
      this.chosenPorts.add(Number(port.value));
    }
  }

  private noteNonBlocking({ name, args, range }: CallStatement, targets: readonly string[]): void {
    const text = this.scenario.text.slice(range.start, range.end);
    if (/SOCK_NONBLOCK/.test(text)) {
      targets.forEach((target) => this.nonBlocking.add(target));
    }
    const [fd] = args;
    if (
      (name === 'fcntl' || name === 'ioctl') &&
      /O_NONBLOCK|FIONBIO/.test(text) &&
      fd?.kind === 'variable'
    ) {
      this.nonBlocking.add(fd.name);
    } else if (name === 'fcntl' && /F_SETFL/.test(text) && fd?.kind === 'variable') {
      this.nonBlocking.delete(fd.name);
    }
  }
}

/** The source lines of a scenario, and the comments between them. */
class Comments {
  private readonly lines: string[];
  private next: number;

  constructor(private readonly scenario: Scenario) {
    this.lines = scenario.text.split('\n');
    // The comment lines at the top are the title and the description.
    const isComment = (line: string) => /^\s*#/.test(line);
    const first = this.lines.findIndex((line) => !isComment(line));
    this.next = first < 0 ? this.lines.length : first;
  }

  textOf({ range }: Statement): string {
    return this.scenario.text.slice(range.start, range.end);
  }

  above({ line }: Statement): string[] {
    const between = this.lines.slice(this.next, Math.max(this.next, line - 1));
    this.next = Math.max(this.next, line);
    return between.flatMap((each) => /^\s*#\s?(.*)$/.exec(each)?.[1] ?? []);
  }
}

const anyAddress: AddressOperand = {
  kind: 'address',
  form: 'known',
  address: { family: 'raw', bytes: new Uint8Array(0) },
};

/** The port of an address, where it has one, and the address with 0 in its place. */
function takePort(node: Expression): [Expression | undefined, Expression] {
  const zero: Expression = literal(0).node;
  if (node.kind === 'address' && 'port' in node.form) {
    return [node.form.port, { ...node, form: { ...node.form, port: zero } }];
  }
  if (node.kind === 'struct') {
    const field = node.fields.find(({ name }) => name === 'sin_port' || name === 'sin6_port');
    if (field?.value.kind === 'function') {
      const fields = node.fields.map((each) => (each === field ? { ...each, value: zero } : each));
      return [field.value.args[0], { ...node, fields }];
    }
  }
  return [undefined, node];
}

function fieldNode(node: Expression | undefined, name: string): Expression | undefined {
  return node?.kind === 'struct' ? node.fields.find((field) => field.name === name)?.value : undefined;
}

export function literal(value: number): NumberOperand {
  return {
    kind: 'number',
    value,
    node:
      value < 0
        ? { kind: 'negative', operator: '-', operand: literal(-value).node, range: nowhere }
        : { kind: 'number', value, isHex: false, range: nowhere },
  };
}

const nowhere = { start: 0, end: 0 };

function memberOf(variable: string, { range }: Expression): Expression {
  return { kind: 'member', name: 'port', object: { kind: 'variable', name: variable, range }, range };
}

export function* variablesIn(node: Expression): Generator<string> {
  if (node.kind === 'variable') {
    yield node.name;
  }
  for (const child of childrenOf(node)) {
    yield* variablesIn(child);
  }
}

function isNumeric({ kind }: Expression): boolean {
  return ['number', 'constant', 'operation', 'negative', 'member'].includes(kind);
}

function takesInt(layout: string): boolean {
  return ['int', 'bool', 'intOrByte', 'ints', 'timestamping'].includes(layout);
}

/** A pointer of strace's in the place of a number. */
function isPointerAt(args: CallStatement['args'], index: number): boolean {
  const node = args[index];
  return node?.kind === 'number' && node.isHex && node.value > 0xffffffff;
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

function checkSize(length: number): void {
  if (!(length <= mostData)) {
    throw new Inexpressible(t('More than {0} MiB in one call are not exported.', mostData / 1024 / 1024));
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
