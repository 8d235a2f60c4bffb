import { t } from '../../common/l10n.js';
import { constantName, constantValue } from '../../common/tables/constants.js';
import { errnoNumber } from '../../common/tables/errnos.js';
import {
  commentText,
  headLines,
  Helpers,
  indent,
  numberText,
  type PrintedLine,
  type Spelling,
  threadFunctionName,
  turnLines,
  Unsupported,
} from './code.js';
import { omittedLines, printLines } from './leftOut.js';
import type {
  CallStep,
  ExpectedResult,
  NumberOperand,
  Operand,
  PrintedProgram,
  Program,
  ProgramLine,
  Step,
} from './program.js';
import { addressText, type AddressSpelling, otherFamily, passedAddress } from './pythonAddresses.js';
import { intIn, isBeyondPython, isInherited, makers, pairs, pythonCalls } from './pythonCalls.js';
import { type Call, type CallContext, type Helper, NeedsLibc } from './pythonContext.js';
import { PythonDescriptors } from './pythonDescriptors.js';
import { pythonHelpers, pythonTurns } from './pythonHelpers.js';
import { libcCalls } from './pythonLibc.js';
import { moduleOf, pythonBytes, pythonString } from './pythonLiterals.js';
import { pythonNames } from './pythonNames.js';
import { boundPaths } from './rawAddress.js';

/** A program in Python 3 with nothing but its standard library. */
export function printPython(program: Program): PrintedProgram {
  return new PythonPrinter(program).print();
}

class PythonPrinter {
  private readonly helpers = new Helpers<Helper>(pythonHelpers);
  private readonly constants = new Set<string>();
  private readonly modules = new Set(['socket', 'sys']);
  private readonly descriptors: PythonDescriptors;
  private readonly addresses: AddressSpelling;
  /** Whether a line asks for FD_CLOEXEC. */
  private readonly asksCloseOnExec: boolean;
  private readonly spelling: Spelling = {
    constant: (name) => this.constant(name),
    variable: (name) => this.variable(name),
    port: (name) => `${this.variable(name)}[1]`,
    callee: (name) => (/^(hton|ntoh)[sl]$/.test(name) ? `socket.${name}` : undefined),
    number: (value, isHex) => (isHex && value >= 0 ? `0x${value.toString(16)}` : String(value)),
  };

  constructor(private readonly program: Program) {
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

  print(): PrintedProgram {
    const { program, helpers } = this;
    const hasThreads = program.threads.length > 1;
    helpers.use('attempt');
    helpers.use('check');
    const threads = printLines(program, {
      call: (step, line) => this.call(step, line),
      sleep: (seconds) => {
        this.modules.add('time');
        return [`time.sleep(${seconds})`];
      },
    });
    if (hasThreads) {
      this.modules.add('threading');
      this.modules.add('time');
    }
    const functions = [...program.threads.slice(1), 'main'].map((name) =>
      this.threadFunction(name, threads.get(name)!, hasThreads),
    );
    const text = helpers.text('\n\n\n');
    for (const module of ['array', 'os', 'select', 'struct', 'time']) {
      if (text.includes(`${module}.`)) {
        this.modules.add(module);
      }
    }
    const unlinks = boundPaths(program).map((bytes) => `attempt(os.unlink, ${pythonBytes(bytes)})`);
    const end = helpers.has('check_made') ? endFunction(unlinks) : '';
    if (unlinks.length > 0 || end !== '') {
      this.modules.add('os');
    }
    const sections = [
      headLines(program).map(comment).join('\n'),
      [...this.modules]
        .sort()
        .map((name) => `import ${name}`)
        .join('\n'),
      this.ownConstants(),
      text,
      end,
      this.variables(),
      ...(hasThreads ? [pythonTurns.trim(), this.turns()] : []),
      ...functions,
      [
        "if __name__ == '__main__':",
        '    main()',
        ...(text.includes('kept = []')
          ? [
              '    for each in kept:',
              '        each.detach()  # what is still open is closed with the program',
            ]
          : []),
        ...indent(unlinks),
        '    sys.exit(1 if failures else 0)',
      ].join('\n'),
    ];
    return {
      text: `${sections.filter((section) => section !== '').join('\n\n\n')}\n`,
      omitted: omittedLines(threads),
      lines: [...threads.values()].flat(),
    };
  }

  /** Constants that Python's modules have no name for. */
  private ownConstants(): string {
    return [...this.constants]
      .sort()
      .map((name) => `${name} = ${constantValue(name, 'linux')}`)
      .join('\n');
  }

  private variables(): string {
    return [...this.program.variables.keys()].map((name) => `${this.variable(name)} = None`).join('\n');
  }

  private turns(): string {
    const { threads, lines } = this.program;
    const firsts = threads.map((name) => {
      const first = lines.find(({ thread }) => thread === name)?.number;
      return `${pythonString(name)}: ${first ?? 'LAST'}`;
    });
    return ["LAST = float('inf')", `turns = Turns({${firsts.join(', ')}})`].join('\n');
  }

  private threadFunction(name: string, lines: PrintedLine[], hasThreads: boolean): string {
    const others = this.program.threads.slice(1);
    const assigned = [
      ...new Set(
        lines.flatMap(({ line }) =>
          line.steps.flatMap((step) =>
            step.kind === 'call' ? [...assignedBy(step), ...this.descriptors.reusedBy(step)] : [],
          ),
        ),
      ),
    ].map((variable) => this.variable(variable));
    const isMain = name === 'main';
    const start =
      isMain && hasThreads
        ? [
            `threads = [threading.Thread(target=each) for each in (${others.map((each) => `${this.functionName(each)},`).join(' ')})]`,
            'for thread in threads:',
            '    thread.start()',
          ]
        : [];
    const join = isMain && hasThreads ? ['', 'for thread in threads:', '    thread.join()'] : [];
    const code = [
      ...(assigned.length > 0 ? [`global ${assigned.join(', ')}`] : []),
      ...start,
      ...this.lineCode(lines, hasThreads),
      ...join,
    ];
    return [
      `def ${this.functionName(name)}():`,
      ...indent(code.length > 0 ? [...code, ''].slice(0, -1) : ['pass']),
      ...(hasCode(code) ? [] : ['    pass']),
    ].join('\n');
  }

  private functionName(thread: string): string {
    return thread === 'main' ? 'main' : threadFunctionName(this.program, thread);
  }

  private lineCode(lines: readonly PrintedLine[], hasThreads: boolean): string[] {
    return turnLines(lines, hasThreads, {
      comment,
      string: pythonString,
      statement: (call) => call,
      never: 'LAST',
    });
  }

  private variable(name: string): string {
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

  private call(step: CallStep, line: ProgramLine): string[] {
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
    const made = makers.has(name) ? `${helpers.use('made')}(${result})` : result;
    if (pairs.has(name)) {
      if (isLibc) {
        return [];
      }
      const names = targets.map((target) => this.variable(target));
      helpers.use('failed');
      const isPipe = name === 'pipe';
      if (!isPipe) {
        helpers.use('kept');
      }
      return [
        ...inherit,
        `if not failed(${result}):`,
        ...(isPipe ? [] : [`    kept.extend(${result})`]),
        ...(names.length > 0 ? [`    ${names.join(', ')} = ${result}`] : isPipe ? ['    pass'] : []),
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

/** The end of a program that cannot go on: it waits for no other thread. */
function endFunction(unlinks: readonly string[]): string {
  return ['def end():', ...indent([...unlinks, 'os._exit(1)'])].join('\n');
}

/** Whether what a call gives is there unless it fails unexpectedly: the lines that follow may use it. */
function isToGive(step: CallStep): boolean {
  const mayFail = step.expected.results.some(({ kind }) => kind === 'error' || kind === 'any');
  return !mayFail && assignedBy({ ...step, asked: [] }).length > 0;
}

function assignedBy({ targets, args, name, expected, asked }: CallStep): string[] {
  const received = args.flatMap((arg) =>
    arg.kind === 'message' && name === 'recvmsg'
      ? arg.descriptors.flatMap(({ node }) => (node.kind === 'variable' ? [node.name] : []))
      : [],
  );
  const learned =
    expected.address?.form === 'port' && expected.address.learns !== undefined
      ? [expected.address.learns]
      : [];
  return [...targets, ...received, ...learned, ...asked.flatMap(assignedBy)];
}

function isCloseOnExecRequest(step: Step): boolean {
  const command = step.kind === 'call' && step.name === 'fcntl' ? step.args[1] : undefined;
  const name =
    command?.kind === 'number' ? constantName('fcntlcmd', Number(command.value ?? -1), 'linux') : undefined;
  return name === 'F_GETFD' || name === 'F_SETFD';
}

function comment(text: string): string {
  return `# ${commentText(text)}`.trimEnd();
}

function hasCode(lines: readonly string[]): boolean {
  return lines.some(
    (line) => line !== '' && !line.trimStart().startsWith('#') && !line.startsWith('global '),
  );
}
