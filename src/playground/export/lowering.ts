import { t } from '../../common/l10n.js';
import type {
  CallStatement,
  DataPart,
  Expression,
  NestedCallNode,
  Scenario,
  Statement,
  StructNode,
} from '../../common/notation/ast.js';
import { isWrittenByKernel, parameterOf } from '../../common/notation/calls.js';
import { childrenOf, literalEnvironment } from '../../common/notation/evaluate.js';
import { EvaluationError, NotYetKnown, type Prepared } from '../../common/notation/values.js';
import { isDuplicate } from '../../common/notation/variables.js';
import { OptionValueError } from '../../common/tables/options.js';
import { parameterIndex, type ParameterType, signatureOf } from '../../common/tables/signatures.js';
import { descriptorsGiven, PendingNames } from '../pendingNames.js';
import { ExpectedAnswers } from './expectedAnswers.js';
import { Inexpressible, literal, takePort } from './nodes.js';
import { Operands } from './operands.js';
import {
  type CallStep,
  type FileContents,
  nothingExpected,
  type Program,
  type ProgramLine,
  type Step,
} from './program.js';
import { ProgramNames } from './programNames.js';
import { SourceComments } from './sourceComments.js';

/** What fits any socket's buffer, so that sending it does not wait. */
const smallData = 4096;

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
  private readonly names: ProgramNames;
  private readonly operands: Operands;
  private readonly expected: ExpectedAnswers;
  private readonly nonBlocking = new Set<string>();
  /**
   * On which a send may wait, however small: Unix sockets of datagrams, of which the receiver's queue holds a few, and those that
   * another thread connects.
   */
  private readonly queued = new Set<string>();

  constructor(
    private readonly scenario: Scenario,
    files: FileContents,
  ) {
    const prepared = new Map<object, Prepared>();
    files.forEach((value, part) => prepared.set(part, { value }));
    const env = { ...literalEnvironment('linux', false), prepared };
    this.names = new ProgramNames(scenario.statements);
    this.operands = new Operands(env, this.names);
    this.expected = new ExpectedAnswers(env, this.names, this.operands);
  }

  lower(): Program {
    const { title, description, needs, statements } = this.scenario;
    const comments = new SourceComments(this.scenario);
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
    return { title, description, needs, threads: [...threads], lines, variables: this.names.variables };
  }

  /** Whether a line's call may sleep: only then the others may go on before it is done. */
  private waits(statement: Statement): ProgramLine['waits'] {
    if (statement.kind !== 'call') {
      return statement.kind === 'sleep' ? 'always' : 'never';
    }
    const { name, args, range } = statement;
    if (name === 'fcntl' && /_SETLKW\b/.test(this.scenario.text.slice(range.start, range.end))) {
      return 'maybe';
    }
    const text = (type: ParameterType) => this.scenario.text.slice(...this.rangeOf(args, name, type));
    if (!signatureOf(name).canWait || /MSG_DONTWAIT/.test(text('msgflags'))) {
      return 'never';
    }
    const fd = this.descriptorOf(args[parameterIndex(name, 'fd')]);
    if (this.nonBlocking.has(fd)) {
      return 'never';
    }
    const data = args[parameterIndex(name, 'data')];
    return !this.queued.has(fd) &&
      data?.kind === 'data' &&
      this.scenario.text.slice(data.range.start, data.range.end).length < smallData
      ? 'never'
      : 'maybe';
  }

  /** The variable that holds a descriptor; empty where none does. */
  private descriptorOf(node: Expression | null | undefined): string {
    return node?.kind === 'variable'
      ? node.name
      : (node?.kind === 'number' && this.names.numbered.get(Number(node.value))) || '';
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
          return [this.unsupported(statement, reasonOf(error))];
        }
    }
  }

  private unsupported(statement: CallStatement, reason: string): Step {
    const outcomes = statement.result?.outcomes ?? [];
    const maySucceed = outcomes.length === 0 || outcomes.some(({ kind }) => kind !== 'error');
    return {
      kind: 'unsupported',
      reason,
      targets: this.targetsOf(statement),
      ...(maySucceed && { call: statement.name }),
    };
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
      this.operands.of(node, parameterOf(name, index).type, rewritten, index),
    );
    const expected = this.expected.of(rewritten, (item) => this.rewrite(item, 'pollfds', []));
    const targets = this.targetsOf(statement);
    this.noteBound(rewritten);
    this.noteNonBlocking(rewritten, targets);
    this.noteQueued(rewritten, targets);
    return [...before, { kind: 'call', name, args: operands, targets, expected, asked: after }];
  }

  /** The names that take what a call gives; descriptors of a recording have names of their own. */
  private targetsOf(statement: CallStatement): string[] {
    const { name, targets } = statement;
    const isAddressCall = name === 'getsockname' || name === 'getpeername';
    const isDescriptor = signatureOf(name).returns === 'fd' || targets.length > 1 || isDuplicate(statement);
    const kind = isAddressCall ? 'address' : isDescriptor ? 'descriptor' : 'number';
    const names = targets.map((target) => this.names.declare(target.name, kind));
    const given = descriptorsGiven(statement);
    const makes = given.some((number) => number !== undefined) && name !== 'recvmsg';
    if (!makes) {
      return names;
    }
    return given.map((number, index) => {
      const own = names[index];
      const variable = own ?? this.names.declare(this.names.unused(`fd${number ?? index}`), 'descriptor');
      if (number !== undefined) {
        this.names.numbered.set(number, variable);
      }
      return variable;
    });
  }

  /** Calls inside an expression become steps, and numbers of a recording's descriptors variables. */
  private rewrite(node: Expression, type: ParameterType, steps: CallStep[]): Expression {
    if (node.kind === 'call') {
      return this.ask(node, steps);
    }
    if (type === 'fd' && node.kind === 'number') {
      const variable = this.names.numbered.get(Number(node.value));
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
    const variable = this.names.declare(this.names.unused(`${stem}_${ending}`), 'address');
    steps.push({
      kind: 'call',
      name: node.name,
      args: [this.operands.number(fd), { kind: 'omitted' }, { kind: 'omitted' }],
      targets: [variable],
      expected: { ...nothingExpected, results: [{ kind: 'number', value: literal(0) }] },
      asked: [],
    });
    return { kind: 'variable', name: variable, range: node.range };
  }

  private noteBound({ name, args }: CallStatement): void {
    const [, address] = args;
    const [port] = name === 'bind' && address ? takePort(address) : [];
    if (port?.kind === 'number') {
      this.names.chosenPorts.add(Number(port.value));
    }
  }

  private noteQueued(statement: CallStatement, targets: readonly string[]): void {
    const { name, args, range } = statement;
    const text = this.scenario.text.slice(range.start, range.end);
    const isMade = /^socket(pair)?$/.test(name) && /AF_UNIX/.test(text) && /SOCK_DGRAM/.test(text);
    const isCopy = isDuplicate(statement) && this.queued.has(this.descriptorOf(args[0]));
    if (name === 'connect' && statement.thread !== 'main') {
      this.queued.add(this.descriptorOf(args[0]));
    }
    if (isMade || isCopy) {
      targets.forEach((target) => this.queued.add(target));
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

/** Why a call cannot be said; any other error is thrown again. */
function reasonOf(error: unknown): string {
  if (error instanceof NotYetKnown) {
    return t('A value on this line is known only when the tool runs it.');
  }
  if (
    error instanceof Inexpressible ||
    error instanceof EvaluationError ||
    error instanceof OptionValueError
  ) {
    return error.message;
  }
  throw error;
}
