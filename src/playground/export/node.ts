import { t } from '../../common/l10n.js';
import type { SocketAddress } from '../../common/socket.js';
import {
  commentText,
  headLines,
  Helpers,
  indent as indentBy4,
  numberText,
  type PrintedLine,
  type Spelling,
  threadFunctionName,
  turnLines,
  Unsupported,
} from './code.js';
import { omittedLines, printLines } from './leftOut.js';
import { nodeCalls } from './nodeCalls.js';
import type { NodeContext, NodeHelper } from './nodeContext.js';
import { nodeHelpers } from './nodeHelpers.js';
import { nodeTurns } from './nodeTurns.js';
import { nodeNames, nodeString } from './nodeLiterals.js';
import { NodeSockets } from './nodeSockets.js';
import type {
  AddressOperand,
  CallStep,
  ExpectedResult,
  NumberOperand,
  PrintedProgram,
  Program,
  ProgramLine,
} from './program.js';

/** A program for Node.js with nothing but its modules `net` and `dgram`. */
export function printNode(program: Program): PrintedProgram {
  return new NodePrinter(program).print();
}

class NodePrinter {
  private readonly helpers = new Helpers<NodeHelper>(nodeHelpers);
  private readonly sockets: NodeSockets;
  private readonly remarks = new Map<number, string[]>();
  private readonly spelling: Spelling = {
    // Node.js has no names for them.
    constant: () => {
      throw new Unsupported(t('A value on this line is known only when the tool runs it.'));
    },
    variable: (name) => this.variable(name),
    port: (name) => `${this.variable(name)}.port`,
    callee: () => undefined,
    number: (value, isHex) => (isHex && value >= 0 ? `0x${value.toString(16)}` : String(value)),
    interfaceIndex: () => {
      throw new Unsupported(t('Node.js has no {0}().', 'if_nametoindex'));
    },
  };

  constructor(private readonly program: Program) {
    this.sockets = new NodeSockets(program);
  }

  print(): PrintedProgram {
    const { program, helpers } = this;
    helpers.use('attempt');
    helpers.use('check');
    const threads = printLines(program, {
      call: (step, line) => this.call(step, line),
      sleep: (seconds) => [`await delay(${seconds * 1000});`],
    });
    const hasThreads = program.threads.length > 1;
    const functions = [...program.threads.slice(1), 'main'].map((name) =>
      this.threadFunction(name, threads.get(name)!, hasThreads),
    );
    const variables = [...program.variables.keys()].map((name) => this.variable(name));
    const sections = [
      headLines(program).map(comment).join('\n'),
      [
        "'use strict';",
        '',
        "const dgram = require('node:dgram');",
        "const { once } = require('node:events');",
        "const fs = require('node:fs');",
        "const net = require('node:net');",
        "const { setTimeout: delay } = require('node:timers/promises');",
      ].join('\n'),
      helpers.text('\n\n'),
      variables.length > 0 ? `let ${variables.join(', ')};` : '',
      ...(hasThreads ? [nodeTurns.trim(), this.turns()] : []),
      ...functions,
      [
        'main()',
        '  .catch((error) => {',
        '    console.error(error);',
        '    failures++;',
        '  })',
        '  .finally(() => process.exit(failures === 0 ? 0 : 1));',
      ].join('\n'),
    ];
    return {
      text: `${sections.filter((section) => section !== '').join('\n\n')}\n`,
      omitted: omittedLines(threads),
      lines: [...threads.values()].flat(),
    };
  }

  private turns(): string {
    const { threads, lines } = this.program;
    const firsts = threads.map((name) => {
      const first = lines.find(({ thread }) => thread === name)?.number;
      return `[${nodeString(name)}]: ${first ?? 'Infinity'}`;
    });
    return `const turns = new Turns({ ${firsts.join(', ')} });`;
  }

  private threadFunction(name: string, lines: PrintedLine[], hasThreads: boolean): string {
    const others = this.program.threads.slice(1).map((each) => this.functionName(each));
    const isStarter = name === 'main' && others.length > 0;
    const code = this.lineCode(lines, hasThreads);
    const locals = ['result', 'started'].filter((local) =>
      code.some((line) => line.startsWith(`${local} = `)),
    );
    const start = isStarter ? [`const threads = [${others.map((each) => `${each}()`).join(', ')}];`] : [];
    return [
      `async function ${this.functionName(name)}() {`,
      ...indent([...start, ...(locals.length > 0 ? [`let ${locals.join(', ')};`] : []), ...code]),
      ...indent(isStarter ? ['', 'await Promise.all(threads);'] : []),
      '}',
    ].join('\n');
  }

  private functionName(thread: string): string {
    return thread === 'main' ? 'main' : threadFunctionName(this.program, thread);
  }

  private lineCode(lines: readonly PrintedLine[], hasThreads: boolean): string[] {
    const remarked = lines.map((each) => ({
      ...each,
      remarks: [...each.remarks, ...(this.remarks.get(each.line.number) ?? [])],
    }));
    return turnLines(remarked, hasThreads, {
      comment,
      string: nodeString,
      statement: (call, mayWait) => `${mayWait ? 'await ' : ''}${call};`,
      never: 'Infinity',
    });
  }

  private variable(name: string): string {
    return nodeNames.has(name) || name in nodeHelpers ? `${name}_` : name;
  }

  private number(operand: NumberOperand): string {
    try {
      return numberText(operand, this.spelling);
    } catch (error) {
      if (operand.value === undefined) {
        throw error;
      }
      return String(operand.value);
    }
  }

  private call(step: CallStep, line: ProgramLine): string[] {
    const context: NodeContext = {
      step,
      line,
      sockets: this.sockets,
      use: (helper) => this.helpers.use(helper),
      variable: (name) => this.variable(name),
      number: (operand) => this.number(operand),
      address: (operand) => this.address(operand),
      remark: (text) => {
        this.remarks.set(line.number, [...(this.remarks.get(line.number) ?? []), text]);
      },
    };
    this.remarks.delete(line.number);
    const { text, before = [], after, alternative } = nodeCalls(context);
    if (text === '') {
      return after;
    }
    const { expected, targets, name, asked } = step;
    const [target] = targets;
    const checks = [
      ...after,
      ...asked.flatMap((each) => this.call(each, line)),
      ...this.addressCheck(step, line),
    ];
    // Node.js connects and accepts by itself, so only the time that data takes is the scenario's.
    const time = name === 'connect' || name === 'accept' ? null : expected.time;
    this.helpers.use('failed');
    return [
      ...before,
      ...(time ? ['started = performance.now();'] : []),
      `result = await attempt(() => ${text});`,
      ...(target === undefined ? [] : [`${this.variable(target)} = result;`]),
      `check(${line.number}, '${name}', result, ${[this.condition(expected.results), ...(alternative === undefined ? [] : [alternative])].join(' || ')});`,
      ...(time
        ? [
            `${this.helpers.use('checkTime')}(${line.number}, performance.now() - started, ${time.min}, ${time.max});`,
          ]
        : []),
      ...(checks.length > 0 ? ['if (!failed(result)) {', ...indent(checks), '}'] : []),
    ];
  }

  private addressCheck({ expected, name }: CallStep, line: ProgramLine): string[] {
    const { address } = expected;
    if (!address) {
      return [];
    }
    const isName = name === 'getsockname' || name === 'getpeername';
    const got = isName ? 'peer' : name === 'recvfrom' ? 'peer.from' : `${this.helpers.use('peerOf')}(peer)`;
    return [
      ...(address.form === 'port' && address.learns !== undefined
        ? [`${this.variable(address.learns)} = ${got};`]
        : []),
      `${this.helpers.use('checkAddress')}(${line.number}, ${got}, ${this.address(address)});`,
    ];
  }

  private condition(results: readonly ExpectedResult[]): string {
    if (results.length === 0) {
      return '!failed(result)';
    }
    return results
      .map((each): string => {
        switch (each.kind) {
          case 'number':
            return `${this.helpers.use('count')}(result) === ${this.number(each.value)}`;
          case 'range':
            return `(count(result) >= ${this.number(each.min)} && ${this.helpers.use('count')}(result) <= ${this.number(each.max)})`;
          case 'error':
            return each.errno === null ? 'failed(result)' : `failed(result, ${nodeString(each.errno)})`;
          case 'success':
            return '!failed(result)';
          case 'any':
            return 'true';
        }
      })
      .join(' || ');
  }

  private address(operand: AddressOperand): string {
    switch (operand.form) {
      case 'variable':
        return this.variable(operand.name);
      case 'host':
        return `{ host: ${nodeString(operand.host)}, port: ${this.number(operand.port)} }`;
      case 'known':
        return knownAddress(operand.address, null);
      case 'port':
        return knownAddress(operand.address, this.number(operand.port));
    }
  }
}

function knownAddress(address: SocketAddress, port: string | null): string {
  switch (address.family) {
    case 'AF_INET':
      return `{ host: '${address.address}', port: ${port ?? address.port} }`;
    case 'AF_INET6': {
      const scope = address.scopeId === undefined ? '' : `%${address.scopeId}`;
      return `{ host: ${nodeString(address.address + scope)}, port: ${port ?? address.port} }`;
    }
    case 'AF_UNIX': {
      const text = Buffer.from(address.name);
      const isText = Buffer.from(text.toString()).equals(text) && !text.includes(0) && text.length > 0;
      if (!isText) {
        throw new Unsupported(t('Node.js takes paths that are text.'));
      }
      return `{ path: ${nodeString(`${address.isAbstract ? '\0' : ''}${text.toString()}`)} }`;
    }
    default:
      throw new Unsupported(t('Node.js has no addresses of this family.'));
  }
}

function comment(text: string): string {
  return `// ${commentText(text)}`.trimEnd();
}

function indent(lines: readonly string[]): string[] {
  return indentBy4(lines).map((line) => line.replace(/^ {4}/, '  '));
}
