import { t } from '../../common/l10n.js';
import { constantName, constantValue } from '../../common/tables/constants.js';
import { errnoNumber } from '../../common/tables/errnos.js';
import { Helpers, indent, numberText, type Spelling, Unsupported } from './code.js';
import type {
  CallStep,
  ExpectedResult,
  NumberOperand,
  Operand,
  Program,
  ProgramLine,
  Step,
} from './program.js';
import { addressText, type AddressSpelling, otherFamily, passedAddress } from './pythonAddresses.js';
import { intIn, isBeyondPython, isInherited, makers, pairs, pythonCalls } from './pythonCalls.js';
import { type Call, type CallContext, type Helper, NeedsLibc } from './pythonContext.js';
import { PythonDescriptors } from './pythonDescriptors.js';
import { pythonHelpers } from './pythonHelpers.js';
import { libcCalls } from './pythonLibc.js';
import { moduleOf, pythonString } from './pythonLiterals.js';
import { pythonNames } from './pythonNames.js';
import { givenBy } from './stepNames.js';

/** The statements of a program in Python that make calls and check what they gave, and what these need around them. */
export class PythonStatements {
  readonly helpers = new Helpers<Helper>(pythonHelpers);
  /** Constants that Python's modules have no name for. */
  readonly constants = new Set<string>();
  readonly modules = new Set(['socket', 'sys']);
  readonly descriptors: PythonDescriptors;
  private readonly variables: Program['variables'];
  private readonly addresses: AddressSpelling;
  /** Whether a line asks for FD_CLOEXEC. */
  private readonly asksCloseOnExec: boolean;
  private readonly spelling: Spelling = {
    constant: (name) => this.constant(name),
    variable: (name) => this.variable(name),
    port: (name) => `${this.variable(name)}[1]`,
    callee: (name) => (/^(hton|ntoh)[sl]$/.test(name) ? `socket.${name}` : undefined),
    number: (value, isHex) => (isHex && value >= 0 ? `0x${value.toString(16)}` : String(value)),
    interfaceIndex: (name) => `socket.if_nametoindex(${pythonString(Buffer.from(name).toString())})`,
  };

  constructor(program: Program) {
    this.variables = program.variables;
    const variable = (name: string) => this.variable(name);
    this.descriptors = new PythonDescriptors(program, {
      helpers: this.helpers,
      variable,
      argument: (operand) => this.argument(operand),
    });
    this.addresses = {
      descriptors: this.descriptors,
      variable,
      number: (operand) => this.number(operand),
    };
    this.asksCloseOnExec = program.lines.some(({ steps }) => steps.some(isCloseOnExecRequest));
  }

  /** A name of the scenario, as it is written here. */
  variable(name: string): string {
    return pythonNames.has(name) || name in pythonHelpers ? `${name}_` : name;
  }

  private constant(name: string): string {
    const module = moduleOf(name);
    if (module !== undefined) {
      this.modules.add(module);
      return `${module}.${name}`;
    }
    if (constantValue(name, 'linux') === undefined) {
      throw new Unsupported(t('A program has no constant {0}.', name));
    }
    this.constants.add(name);
    return name;
  }

  private number(operand: NumberOperand): string {
    return numberText(operand, this.spelling);
  }

  /** The statements of a call, with those of the calls that ask what came of it. */
  call(step: CallStep, line: ProgramLine): string[] {
    const printed = this.printed(step, line);
    const { expected, targets, name, asked } = step;
    const { helpers } = this;
    const [target] = targets;
    const isAddressCall = name === 'getsockname' || name === 'getpeername';
    const isName = isAddressCall && target !== undefined;
    const timed = expected.time !== null;
    const after = [
      ...printed.after,
      ...(expected.address ? [`peer = ${printed.peer || (isAddressCall ? 'answer' : 'result[-1]')}`] : []),
      ...(isName && printed.peer ? [`${this.variable(target)} = ${printed.peer}`] : []),
      ...asked.flatMap((each) => this.call(each, line)),
    ];
    this.checkAddress(step, line, after);
    const result = 'result';
    if (timed) {
      this.modules.add('time');
    }
    const answer = printed.isZero ? ['answer', `result = ${helpers.use('zero')}(answer)`] : [result];
    const taken = isName && !printed.isLibc ? [`${this.variable(target)} = answer`] : [];
    return [
      ...(printed.before ?? []),
      ...(timed ? ['started = time.monotonic()'] : []),
      `${answer[0]!} = attempt(${printed.text})`,
      ...(isName ? taken : this.keep(step, answer[0]!, printed)),
      ...answer.slice(1),
      `${isToGive(step) ? helpers.use('check_made') : 'check'}(${line.number}, '${name}', result, ${this.condition(expected.results, result)})`,
      ...(timed
        ? [
            `${helpers.use('check_time')}(${line.number}, time.monotonic() - started, ${expected.time!.min}, ${expected.time!.max})`,
          ]
        : []),
      ...(after.length > 0 ? [`if not ${helpers.use('failed')}(result):`, ...indent(after)] : []),
    ];
  }

  /** A call of Python's modules; of libc where they do not make it so. */
  private printed(step: CallStep, line: ProgramLine): Call {
    const context = this.context(step, line);
    const { name, args } = step;
    const libc = libcCalls[name];
    try {
      return libc && args.some((arg) => isBeyondPython(arg, name))
        ? libc(context)
        : pythonCalls[name](context);
    } catch (error) {
      if (!(error instanceof NeedsLibc && libc)) {
        throw error;
      }
      return libc(context);
    }
  }

  /** What the call has made gets its name, and a reference where it has none. */
  private keep(step: CallStep, result: string, { isLibc = false }: Call): string[] {
    const { name, targets } = step;
    const { helpers } = this;
    const inherit =
      this.asksCloseOnExec && !isLibc && isInherited(step)
        ? [`${helpers.use('inheritable')}(${result})`]
        : [];
    const isCopied =
      name === 'fcntl' && targets.some((target) => this.variables.get(target) === 'descriptor');
    const made = makers.has(name) || isCopied ? `${helpers.use('made')}(${result})` : result;
    if (pairs.has(name)) {
      if (isLibc) {
        return [];
      }
      const names = targets.map((target) => this.variable(target));
      helpers.use('failed');
      const isPipe = name === 'pipe';
      const nothing = isPipe ? '-1' : `${helpers.use('made')}(${result})`;
      if (!isPipe) {
        helpers.use('kept');
      }
      return [
        ...inherit,
        `if not failed(${result}):`,
        ...(isPipe ? [] : [`    kept.extend(${result})`]),
        ...(names.length > 0 ? [`    ${names.join(', ')} = ${result}`] : isPipe ? ['    pass'] : []),
        ...(names.length > 0 ? ['else:', `    ${names.join(' = ')} = ${nothing}`] : []),
      ];
    }
    const [target] = targets;
    const kept =
      target !== undefined ? [`${this.variable(target)} = ${made}`] : makers.has(name) ? [made] : [];
    return [...inherit, ...kept];
  }

  private checkAddress({ expected }: CallStep, line: ProgramLine, after: string[]): void {
    const { address } = expected;
    if (!address) {
      return;
    }
    if (address.form === 'port' && address.learns !== undefined) {
      after.push(`${this.variable(address.learns)} = peer`);
    }
    after.push(
      `${this.helpers.use('check_address')}(${line.number}, peer, ${addressText(address, this.addresses)})`,
    );
  }

  private condition(results: readonly ExpectedResult[], result: string): string {
    this.helpers.use('failed');
    if (results.length === 0) {
      return `not failed(${result})`;
    }
    return results
      .map((each): string => {
        switch (each.kind) {
          case 'number':
            return `number(${result}) == ${this.number(each.value)}`;
          case 'range':
            return `${this.number(each.min)} <= number(${result}) <= ${this.number(each.max)}`;
          case 'error':
            return each.errno === null
              ? `failed(${result})`
              : `number(${result}) == -${this.errno(each.errno)}`;
          case 'success':
            return `not failed(${result})`;
          case 'any':
            return 'True';
        }
      })
      .join(' or ');
  }

  private errno(name: string): string {
    if (errnoNumber(name, 'linux') === undefined) {
      throw new Unsupported(t('A program has no constant {0}.', name));
    }
    return this.constant(name);
  }

  private context(step: CallStep, line: ProgramLine): CallContext {
    return {
      step,
      line,
      helpers: this.helpers,
      modules: this.modules,
      descriptors: this.descriptors,
      number: (operand) => this.number(operand),
      arg: (index) => this.intArgument(step, index),
      method: (method, address) => this.method(method, step.args[0]!, address),
      passed: (index) => passedAddress(step.args[index]!, step.args[index + 1]!, this.addresses),
      address: (operand) => addressText(operand, this.addresses),
    };
  }

  /** Python passes no number that is too large for an int; a request of ioctl(2) is none. */
  private intArgument({ name, args }: CallStep, index: number): string {
    const operand = args[index]!;
    const value = operand.kind === 'number' && name !== 'ioctl' ? operand.value : undefined;
    const int = intIn(operand);
    return value === undefined || Number(value) === int ? this.argument(operand) : String(int);
  }

  private argument(operand: Operand): string {
    switch (operand.kind) {
      case 'number':
        return this.number(operand);
      case 'omitted':
        return '0';
      default:
        throw new Unsupported(t('An argument on this line is not exported.'));
    }
  }

  /** A method of the socket that a call is made on, for an address that it passes. */
  private method(name: string, fd: Operand, address: Operand | undefined): string {
    const family = address?.kind === 'address' ? otherFamily(address, fd, this.addresses) : undefined;
    return this.descriptors.method(name, fd, family === undefined ? null : this.constant(family));
  }
}

/** Whether what a call gives is there unless it fails unexpectedly: the lines that follow may use it. */
function isToGive(step: CallStep): boolean {
  const mayFail = step.expected.results.some(({ kind }) => kind === 'error' || kind === 'any');
  return !mayFail && assignedBy({ ...step, asked: [] }).length > 0;
}

/** The names that a call and those that ask for it give a value. */
export function assignedBy(step: CallStep): string[] {
  const { address } = step.expected;
  const learned = address?.form === 'port' && address.learns !== undefined ? [address.learns] : [];
  return [...givenBy(step), ...learned, ...step.asked.flatMap(assignedBy)];
}

function isCloseOnExecRequest(step: Step): boolean {
  const command = step.kind === 'call' && step.name === 'fcntl' ? step.args[1] : undefined;
  const name =
    command?.kind === 'number' ? constantName('fcntlcmd', Number(command.value ?? -1), 'linux') : undefined;
  return name === 'F_GETFD' || name === 'F_SETFD';
}
