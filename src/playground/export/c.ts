import { t } from '../../common/l10n.js';
import type { SocketAddress } from '../../common/socket.js';
import { constantValue } from '../../common/tables/constants.js';
import { errnoNumber } from '../../common/tables/errnos.js';
import { type Block, type CallContext, cCalls, type Helper } from './cCalls.js';
import { cAwait, cHelpers, cTurns } from './cHelpers.js';
import { cNumber, comment, cString } from './cLiterals.js';
import { cNames } from './cNames.js';
import {
  Helpers,
  indent,
  numberText,
  omittedLines,
  printLines,
  type PrintedLine,
  type Spelling,
  threadFunctionName,
  Unsupported,
} from './code.js';
import type {
  AddressOperand,
  CallStep,
  Expected,
  ExpectedResult,
  MessageOperand,
  NumberOperand,
  Operand,
  PrintedProgram,
  Program,
  ProgramLine,
} from './program.js';
import { boundPaths, rawBytes } from './rawAddress.js';

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
    const sections = [
      this.head(),
      headers.map((name) => `#include <${name}>`).join('\n'),
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

  private head(): string {
    const { title, description, needs } = this.program;
    const need = needs.length > 0 ? `needs: ${needs.join(', ')}` : '';
    const lines = [title, description, need].filter((text) => text !== '');
    return [...lines.map((line) => comment(line)), '#define _GNU_SOURCE'].join('\n');
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
      ...indent(boundPaths(this.program).map((bytes) => `unlink(${cString(bytes)});`)),
      '    return failures == 0 ? 0 : 1;',
      '}',
    ].join('\n');
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
      arg: (index) => this.argument(step.args[index]!),
      address: (index) => this.passedAddress(step, index, line, block),
      outAddress: (index) => this.outAddress(step, index, line, block),
      data: (index) => this.passedData(step, index, block),
      buffer: (index) => this.buffer(step, index, line, block),
      option: (index) => this.option(step, index, block),
      message: (operand) => this.message(operand, step, line, block),
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

  private argument(operand: Operand): string {
    switch (operand.kind) {
      case 'number':
        return this.number(operand);
      case 'null':
        return 'NULL';
      case 'omitted':
        return '0';
      default:
        throw new Unsupported(t('An argument on this line is not exported.'));
    }
  }

  private addressText(operand: AddressOperand, line: ProgramLine, fd: string): string {
    const { helpers } = this;
    switch (operand.form) {
      case 'variable':
        return this.variable(operand.name);
      case 'known':
        return this.knownAddress(operand.address, null);
      case 'port':
        return this.knownAddress(operand.address, this.number(operand.port));
      case 'host':
        return `${helpers.use('resolve')}(${line.number}, ${fd}, ${cString(Buffer.from(operand.host))}, ${this.number(operand.port)})`;
    }
  }

  private knownAddress(address: SocketAddress, port: string | null): string {
    const { helpers } = this;
    switch (address.family) {
      case 'AF_INET':
        return `${helpers.use('ipv4')}(${cString(Buffer.from(address.address))}, ${port ?? address.port})`;
      case 'AF_INET6': {
        const { scopeId = 0, flowinfo = 0 } = address;
        const scope = typeof scopeId === 'number' ? String(scopeId) : interfaceIndex(scopeId);
        return `${helpers.use('ipv6')}(${cString(Buffer.from(address.address))}, ${port ?? address.port}, ${flowinfo}, ${scope})`;
      }
      case 'AF_UNIX': {
        if (!address.isAbstract && address.name.length === 0) {
          return `${helpers.use('raw_address')}("\\001\\000", 2)`;
        }
        const helper = helpers.use(address.isAbstract ? 'abstract_name' : 'path');
        return `${helper}(${cString(address.name)}, ${address.name.length})`;
      }
      default: {
        const bytes = rawBytes(address);
        if (!bytes || bytes.length > 128) {
          throw new Unsupported(t('An address of this family is not exported.'));
        }
        return `${helpers.use('raw_address')}(${cString(bytes)}, ${bytes.length})`;
      }
    }
  }

  private passedAddress({ args }: CallStep, index: number, line: ProgramLine, block: Block): string {
    const operand = args[index]!;
    const length = args[index + 1];
    const given = length?.kind === 'number' ? this.number(length) : undefined;
    if (operand.kind !== 'address') {
      return `NULL, ${given ?? '0'}`;
    }
    let name: string;
    if (operand.form === 'variable') {
      name = this.variable(operand.name);
    } else {
      name = 'address';
      const [fd] = args;
      const text = this.addressText(operand, line, fd ? this.argument(fd) : '-1');
      block.before.push(`struct address address = ${text};`);
    }
    this.helpers.use('address');
    return `&${name}.as.any, ${given ?? `${name}.length`}`;
  }

  /** An address that the kernel writes: nothing is asked for where nothing is said of it. */
  private outAddress(
    { args, expected, name, targets }: CallStep,
    index: number,
    line: ProgramLine,
    block: Block,
  ): string {
    const [address, length] = [args[index]!, args[index + 1]!];
    const isAddressCall = name === 'getsockname' || name === 'getpeername';
    const isWanted =
      isAddressCall || expected.address !== null || expected.length !== null || length.kind === 'number';
    const isBad = length.kind === 'null' && address.kind !== 'null';
    if (isBad) {
      this.helpers.use('address');
      block.before.push('struct address peer = {0};');
      return '&peer.as.any, NULL';
    }
    if (!isWanted || length.kind === 'null' || (address.kind === 'null' && length.kind === 'omitted')) {
      return 'NULL, NULL';
    }
    this.helpers.use('address');
    const target = isAddressCall && targets[0] !== undefined ? this.variable(targets[0]) : 'peer';
    const room = length.kind === 'number' ? this.number(length) : `sizeof ${target}.as`;
    if (target === 'peer') {
      block.before.push('struct address peer = {0};');
    }
    block.before.push(`${target}.length = ${room};`);
    if (expected.length) {
      block.after.push(
        `${this.helpers.use('check_number')}(${line.number}, "the length of the address", ${target}.length, ${this.number(expected.length)});`,
      );
    }
    this.checkAddress(expected, target, line, block);
    return `${address.kind === 'null' ? 'NULL' : `&${target}.as.any`}, &${target}.length`;
  }

  private checkAddress({ address }: Expected, target: string, line: ProgramLine, block: Block): void {
    if (!address) {
      return;
    }
    if (address.form === 'port' && address.learns !== undefined) {
      block.compared.push(`${this.variable(address.learns)} = ${target};`);
    }
    const isVariable = address.form === 'variable';
    if (!isVariable) {
      block.compared.push(`struct address expected = ${this.addressText(address, line, '-1')};`);
    }
    const other = isVariable ? this.variable(address.name) : 'expected';
    block.compared.push(`${this.helpers.use('check_address')}(${line.number}, &${target}, &${other});`);
  }

  /** The bytes to send and their length. */
  private passedData({ args }: CallStep, index: number, block: Block): string {
    const operand = args[index]!;
    const size = args[index + 1]!;
    if (operand.kind !== 'data') {
      return `NULL, ${size.kind === 'number' ? this.number(size) : '0'}`;
    }
    const length = operand.bytes.length * operand.count;
    const given = size.kind === 'number' ? size : undefined;
    if (given && !(given.value !== undefined && given.value <= length)) {
      throw new Unsupported(t('The length says more bytes than there are.'));
    }
    const text = given ? this.number(given) : String(length);
    if (operand.count === 1 || length === 0) {
      return `${cString(operand.bytes)}, ${text}`;
    }
    block.before.push(
      `static char data[${length}];`,
      `${this.helpers.use('fill')}(data, sizeof data, ${cString(operand.bytes)}, ${operand.bytes.length});`,
    );
    return `data, ${text}`;
  }

  private buffer({ args, expected }: CallStep, index: number, line: ProgramLine, block: Block): string {
    const operand = args[index]!;
    const size = args[index + 1]!;
    const said = expected.data?.bytes.length ?? 0;
    const length = size.kind === 'number' ? size.value : said;
    if (length === undefined || length < 0 || length > mostRoom) {
      throw new Unsupported(t('A buffer of this length is not exported.'));
    }
    const text = size.kind === 'number' ? this.number(size) : String(said);
    if (operand.kind === 'null') {
      return `NULL, ${text}`;
    }
    block.before.push(`static char data[${length === 0 || length === 0n ? 1 : length}];`);
    const [, , , flags] = args;
    const isReal = flags?.kind === 'number' && (Number(flags.value) & 0x20) !== 0;
    // With MSG_TRUNC the result is the length of the whole datagram.
    this.checkData(expected, isReal ? `(result < ${text} ? result : ${text})` : 'result', line, block);
    return `data, ${text}`;
  }

  private checkData({ data }: Expected, length: string, line: ProgramLine, block: Block): void {
    if (data) {
      const helper = this.helpers.use(data.isPrefix ? 'check_prefix' : 'check_data');
      block.after.push(
        `${helper}(${line.number}, data, ${length}, ${cString(data.bytes)}, ${data.bytes.length});`,
      );
    }
  }

  /** The value of setsockopt and its length. */
  private option({ args }: CallStep, index: number, block: Block): string {
    const operand = args[index]!;
    const length = args[index + 1]!;
    const given = length.kind === 'number' ? this.number(length) : undefined;
    switch (operand.kind) {
      case 'null':
      case 'omitted':
        return `NULL, ${given ?? '0'}`;
      case 'number':
        block.before.push(`int value = ${this.intText(operand)};`);
        return `&value, ${given ?? 'sizeof value'}`;
      case 'struct': {
        const fields = operand.fields.filter(({ name }) => name !== '');
        const isNamed = operand.type.startsWith('struct ') && fields.length > 0;
        if (isNamed && knownStructs.has(operand.type)) {
          const text = fields.map(({ name, type, value }) => {
            const isAddress = type === 'in_addr' && value instanceof Uint8Array;
            const member = isAddress && operand.type !== 'struct in_addr' ? `${name}.s_addr` : name;
            return `.${member} = ${isAddress ? `inet_addr("${value.join('.')}")` : cNumber(value as number, false)}`;
          });
          block.before.push(`${operand.type} value = {${text.join(', ')}};`);
        } else {
          block.before.push(
            `static const char value[] = ${cString(operand.bytes)};${operand.type === '' ? '' : ` /* ${operand.type} */`}`,
          );
          return `value, ${given ?? String(operand.bytes.length)}`;
        }
        return `&value, ${given ?? 'sizeof value'}`;
      }
      default:
        throw new Unsupported(t('An argument on this line is not exported.'));
    }
  }

  /** An int of 4 bytes, modulo 2^32. */
  private intText(operand: NumberOperand): string {
    const { value } = operand;
    return value !== undefined && (value > 0x7fffffff || value < -0x80000000)
      ? String(BigInt.asIntN(32, BigInt(value)))
      : this.number(operand);
  }

  private message(operand: MessageOperand, step: CallStep, line: ProgramLine, block: Block): string {
    const isReceived = step.name === 'recvmsg';
    const { before, after } = block;
    const parts = operand.parts.map(({ bytes, length }) =>
      isReceived ? `{at, ${length}}` : `{(char *)${cString(bytes ?? new Uint8Array(0))}, ${length}}`,
    );
    const total = operand.parts.reduce((sum, { length }) => sum + length, 0);
    if (isReceived) {
      before.push(`static char data[${Math.max(1, total)}];`);
      let at = 0;
      operand.parts.forEach(({ length }, index) => {
        parts[index] = `{data${at === 0 ? '' : ` + ${at}`}, ${length}}`;
        at += length;
      });
    }
    before.push('struct msghdr message = {0};');
    if (parts.length > 0) {
      before.push(
        `struct iovec parts[] = {${parts.join(', ')}};`,
        'message.msg_iov = parts;',
        `message.msg_iovlen = ${parts.length};`,
      );
    }
    if (operand.name) {
      const text = isReceived ? '{0}' : this.addressText(operand.name, line, '-1');
      this.helpers.use('address');
      before.push(
        `struct address name = ${text};`,
        'message.msg_name = &name.as;',
        `message.msg_namelen = ${isReceived ? 'sizeof name.as' : 'name.length'};`,
      );
      if (isReceived) {
        after.push('name.length = message.msg_namelen;');
        this.checkAddress(step.expected, 'name', line, block);
      }
    }
    const count = operand.descriptors.length;
    if (isReceived ? operand.controlLength > 0 : count > 0) {
      const room = isReceived ? String(operand.controlLength) : `CMSG_SPACE(${count} * sizeof(int))`;
      before.push(
        `union { struct cmsghdr align; char room[${room}]; } control = {0};`,
        'message.msg_control = &control;',
        `message.msg_controllen = ${isReceived ? room : `sizeof control.room`};`,
      );
    }
    if (!isReceived && count > 0) {
      before.push(
        'struct cmsghdr *part = CMSG_FIRSTHDR(&message);',
        'part->cmsg_level = SOL_SOCKET;',
        'part->cmsg_type = SCM_RIGHTS;',
        `part->cmsg_len = CMSG_LEN(${count} * sizeof(int));`,
        `memcpy(CMSG_DATA(part), (int[]){${operand.descriptors.map((each) => this.number(each)).join(', ')}}, ${count} * sizeof(int));`,
      );
    } else if (isReceived && count > 0) {
      after.push(
        'struct cmsghdr *part = CMSG_FIRSTHDR(&message);',
        'if (part != NULL && part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS) {',
        ...operand.descriptors.map(
          (each, index) =>
            `    memcpy(&${this.number(each)}, CMSG_DATA(part) + ${index} * sizeof(int), sizeof(int));`,
        ),
        '}',
      );
    }
    if (isReceived) {
      this.checkData(step.expected, 'result', line, block);
      if (step.expected.messageFlags) {
        after.push(
          `${this.helpers.use('check_number')}(${line.number}, "msg_flags", message.msg_flags, ${this.number(step.expected.messageFlags)});`,
        );
      }
    }
    return '&message';
  }
}

/** Structures that the included headers have. */
const knownStructs: ReadonlySet<string> = new Set(
  ['linger', 'timeval', 'in_addr', 'ip_mreq', 'ip_mreqn', 'ip_mreq_source'].map((name) => `struct ${name}`),
);

/** Names that a program uses by itself. */
const ownNames: ReadonlySet<string> = new Set(
  `failures result data value peer expected address pair message parts part control fds length started threads turns
  turn_changed states since upcoming is_done latest patience begin end is_turn wait_for_change await_line unused error
  name`.split(/\s+/),
);

/** The most bytes that are received at once. */
const mostRoom = 64 * 1024 * 1024;

function body(lines: readonly PrintedLine[]): string[] {
  return lines.some(({ code }) => code.some((text) => /\bresult\b/.test(text))) ? ['long result;'] : [];
}

function interfaceIndex(name: string): string {
  throw new Unsupported(t('The number of the interface {0} is known only when the tool runs it.', name));
}
