import { t } from '../../common/l10n.js';
import { constantValue } from '../../common/tables/constants.js';
import { errnoNumber } from '../../common/tables/errnos.js';
import { cCalls } from './cCalls.js';
import type { Block, CallContext, Helper } from './cContext.js';
import { cAwait, cHelpers, cTurns } from './cHelpers.js';
import { cNumber, comment, cString } from './cLiterals.js';
import { cNames } from './cNames.js';
import { rareHeadersOf } from './cStructs.js';
import {
  headLines,
  Helpers,
  indent,
  numberText,
  type PrintedLine,
  type Spelling,
  threadFunctionName,
  Unsupported,
} from './code.js';
import { omittedLines, printLines } from './leftOut.js';
import type {
  CallStep,
  ExpectedResult,
  NumberOperand,
  PrintedProgram,
  Program,
  ProgramLine,
} from './program.js';
import { boundPaths } from './rawAddress.js';

/** A program in C for POSIX systems, compiled without a warning by `gcc -Wall -Wextra -pthread`. */
export function printC(program: Program): PrintedProgram {
  return new CPrinter(program).print();
}

const headers = `
arpa/inet.h errno.h fcntl.h limits.h netdb.h netinet/in.h netinet/tcp.h poll.h pthread.h signal.h stddef.h stdio.h
stdlib.h string.h sys/ioctl.h sys/socket.h sys/un.h time.h unistd.h`
  .trim()
  .split(/\s+/);

class CPrinter {
  private readonly helpers = new Helpers<Helper>(cHelpers);
  private readonly constants = new Set<string>();
  private readonly names = new Map<string, string>();
  private readonly spelling: Spelling = {
    constant: (name) => this.constant(name),
    variable: (name) => this.variable(name),
    port: (name) => `${this.helpers.use('port_of')}(&${this.variable(name)})`,
    callee: (name) => (/^(hton|ntoh)[sl]$/.test(name) ? name : undefined),
    number: (value, isHex) => cNumber(value, isHex),
    interfaceIndex: (name) => `if_nametoindex(${cString(name)})`,
  };

  constructor(private readonly program: Program) {}

  print(): PrintedProgram {
    const { program, helpers } = this;
    const threads = printLines(program, {
      call: (step, line) => this.call(step, line),
      sleep: (seconds) => [`${helpers.use('nap')}(${seconds});`],
    });
    const hasThreads = program.threads.length > 1;
    helpers.use('check');
    if (hasThreads) {
      helpers.use('seconds_now');
    }
    const functions = program.threads
      .slice(1)
      .map((name) => this.threadFunction(name, threads.get(name)!, hasThreads));
    const main = this.mainFunction(threads.get('main')!, hasThreads);
    const used = [...headers, ...rareHeadersOf([...functions, main].join('\n'))].sort();
    const sections = [
      [...headLines(program).map(comment), '#define _GNU_SOURCE', ...this.pragmas([...functions, main])].join(
        '\n',
      ),
      used.map((name) => `#include <${name}>`).join('\n'),
      this.fallbacks(),
      helpers.text('\n\n'),
      this.variables(),
      hasThreads ? this.turns() : '',
      ...functions,
      main,
    ];
    return {
      text: `${sections.filter((text) => text !== '').join('\n\n')}\n`,
      omitted: omittedLines(threads),
      lines: [...threads.values()].flat(),
    };
  }

  /** Of a null pointer that the kernel is to refuse the compiler would warn. */
  private pragmas(functions: readonly string[]): string[] {
    return functions.some((text) => /\b(read|write|pipe|socketpair|poll)\(([^;]*, )?NULL/.test(text))
      ? ['#pragma GCC diagnostic ignored "-Wnonnull"']
      : [];
  }

  /** Constants that this machine's headers may not have. */
  private fallbacks(): string {
    return [...this.constants]
      .filter(
        (name) => !/^(E[A-Z0-9]+|[AP]F_(UNIX|INET6?)|SOCK_(STREAM|DGRAM)|SHUT_\w+|SOL_SOCKET)$/.test(name),
      )
      .sort()
      .map((name) => {
        const value = constantValue(name, 'linux') ?? errnoNumber(name, 'linux') ?? 0;
        return `#ifndef ${name}\n#define ${name} ${cNumber(value, false)}\n#endif`;
      })
      .join('\n');
  }

  private variables(): string {
    const lines = [...this.program.variables].flatMap(([name, kind]) => {
      const spelled = this.names.get(name);
      if (spelled === undefined) {
        return [];
      }
      if (kind === 'address') {
        this.helpers.use('address');
        return [`static struct address ${spelled};`];
      }
      return [kind === 'descriptor' ? `static int ${spelled} = -1;` : `static long ${spelled};`];
    });
    return lines.join('\n');
  }

  private turns(): string {
    const { threads, lines } = this.program;
    const firsts = threads.map((name) => lines.find(({ thread }) => thread === name)?.number);
    const last = Math.max(...lines.map(({ number }) => number));
    const waits = lines.some(({ givers }) => givers.length > 0);
    return [
      `#define LAST_LINE ${last}`,
      `#define NONE (LAST_LINE + 1)`,
      `enum { ${threads.map((name) => threadFunctionName(this.program, name).toUpperCase()).join(', ')}, THREADS };`,
      `#define FIRST_LINES {${firsts.map((number) => number ?? 'NONE').join(', ')}}`,
      cTurns.trimEnd(),
      ...(waits ? [cAwait.trimEnd()] : []),
    ].join('\n');
  }

  private threadFunction(name: string, lines: PrintedLine[], hasThreads: boolean): string {
    return [
      ...(/^\w+$/.test(name) ? [] : [comment(name)]),
      `static void *${threadFunctionName(this.program, name)}(void *unused)`,
      '{',
      ...indent(body(lines)),
      '    (void)unused;',
      ...indent(this.lineCode(lines, hasThreads)),
      '    return NULL;',
      '}',
    ].join('\n');
  }

  private mainFunction(lines: PrintedLine[], hasThreads: boolean): string {
    const others = this.program.threads.slice(1);
    const start = others.map(
      (name, index) =>
        `pthread_create(&threads[${index}], NULL, ${threadFunctionName(this.program, name)}, NULL);`,
    );
    return [
      'int main(void)',
      '{',
      ...indent(body(lines)),
      ...indent(hasThreads ? [`pthread_t threads[${others.length}];`] : []),
      '    signal(SIGPIPE, SIG_IGN);  /* so that EPIPE is a result */',
      '    setvbuf(stdout, NULL, _IOLBF, 0);',
      ...indent(start),
      ...indent(this.lineCode(lines, hasThreads)),
      ...indent(others.map((_, index) => `pthread_join(threads[${index}], NULL);`)),
      ...indent(boundPaths(this.program).flatMap((bytes) => this.removal(cString(bytes)))),
      '    return failures == 0 ? 0 : 1;',
      '}',
    ].join('\n');
  }

  /** At its end: a bind that failed may have met somebody's file there. */
  private removal(path: string): string[] {
    return [`if (!${this.helpers.use('is_other_file')}(${path})) {`, `    unlink(${path});`, '}'];
  }

  private lineCode(lines: readonly PrintedLine[], hasThreads: boolean): string[] {
    const awaited = new Set<number>();
    return lines.flatMap(({ line, code, remarks }, index) => {
      const givers = line.givers.filter((giver) => !awaited.has(giver));
      givers.forEach((giver) => awaited.add(giver));
      const next = lines[index + 1]?.line.number;
      const thread = threadFunctionName(this.program, line.thread).toUpperCase();
      const state = { never: 'RUNS', maybe: 'MAY_WAIT', always: 'WAITS' }[line.waits];
      const { number } = line;
      const [first, last] = hasThreads
        ? [
            [
              ...[...new Set(givers)].map((giver) => `await_line(${thread}, ${giver});`),
              `begin(${thread}, ${number}, ${next ?? 'NONE'}, ${state});`,
            ],
            [`end(${thread}, ${number});`],
          ]
        : [[], []];
      return [
        '',
        ...line.comments.map((text) => comment(text)),
        comment(`${number}: ${line.text}`),
        ...remarks.map((text) => comment(text)),
        ...first,
        ...code,
        ...last,
      ];
    });
  }

  private variable(name: string): string {
    const spelled = cNames.has(name) || name in cHelpers || ownNames.has(name) ? `${name}_` : name;
    this.names.set(name, spelled);
    return spelled;
  }

  private constant(name: string): string {
    this.constants.add(name);
    return name;
  }

  private number(operand: NumberOperand): string {
    return numberText(operand, this.spelling);
  }

  private call(step: CallStep, line: ProgramLine): string[] {
    const block: Block = { before: [], after: [], compared: [] };
    const text = cCalls[step.name](this.context(step, line, block));
    return this.frame(text, step, line, block);
  }

  private context(step: CallStep, line: ProgramLine, block: Block): CallContext {
    return {
      step,
      line,
      block,
      use: (helper) => this.helpers.use(helper),
      number: (operand) => this.number(operand),
      variable: (name) => this.variable(name),
    };
  }

  /** The call with its checks, in braces where it has things of its own. */
  private frame(
    text: string,
    { name, targets, expected, asked }: CallStep,
    line: ProgramLine,
    block: Block,
  ): string[] {
    const [target] = targets;
    const isAddressCall = name === 'getsockname' || name === 'getpeername';
    const isSingle = targets.length === 1 && !isAddressCall;
    const value = isSingle ? this.variable(target!) : 'result';
    const checks = `${this.helpers.use('check')}(${line.number}, "${name}", ${value}, ${this.condition(expected.results, value)});`;
    const timed = expected.time !== null;
    const inner = [...block.after, ...asked.flatMap((each) => this.call(each, line)), ...block.compared];
    const after = inner.length === 0 ? [] : [`if (${value} >= 0) {`, ...indent(inner), '}'];
    const code = [
      ...block.before,
      ...(timed ? [`double started = ${this.helpers.use('seconds_now')}();`] : []),
      `${value} = ${text};`,
      checks,
      ...(timed
        ? [
            `${this.helpers.use('check_time')}(${line.number}, ${this.helpers.use('seconds_now')}() - started, ${expected.time!.min}, ${expected.time!.max});`,
          ]
        : []),
      ...after,
    ];
    return block.before.length > 0 || timed ? ['{', ...indent(code), '}'] : code;
  }

  private condition(results: readonly ExpectedResult[], value: string): string {
    if (results.length === 0) {
      return `${value} >= 0`;
    }
    return results
      .map((result): string => {
        switch (result.kind) {
          case 'number':
            return `${value} == ${this.number(result.value)}`;
          case 'range':
            return `(${value} >= ${this.number(result.min)} && ${value} <= ${this.number(result.max)})`;
          case 'error':
            return result.errno === null
              ? `${value} == -1`
              : `${results.length > 1 ? '(' : ''}${value} == -1 && errno == ${this.errno(result.errno)}${results.length > 1 ? ')' : ''}`;
          case 'success':
            return `${value} >= 0`;
          case 'any':
            return '1';
        }
      })
      .join(' || ');
  }

  private errno(name: string): string {
    if (errnoNumber(name, 'linux') === undefined) {
      throw new Unsupported(t('A program has no constant {0}.', name));
    }
    return this.constant(name);
  }
}

/** Names that a program uses by itself. */
const ownNames: ReadonlySet<string> = new Set(
  `failures result data value peer expected address pair message parts part control fds length started threads turns
  turn_changed states since upcoming is_done latest patience begin end is_turn wait_for_change await_line unused error
  name got list`.split(/\s+/),
);

function body(lines: readonly PrintedLine[]): string[] {
  return lines.some(({ code }) => code.some((text) => /\bresult\b/.test(text))) ? ['long result;'] : [];
}
