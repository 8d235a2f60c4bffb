import { t } from '../../common/l10n.js';
import type { Expression } from '../../common/notation/ast.js';
import { literalEnvironment } from '../../common/notation/evaluate.js';
import { readData } from '../../common/notation/values.js';
import type { NumberOperand, Program, ProgramLine } from './program.js';

/** Something that a language does not have; the message is a sentence. */
export class Unsupported extends Error {}

/** How a language writes numbers and names. */
export interface Spelling {
  constant(name: string): string;
  variable(name: string): string;
  /** The port in an address that a variable holds. */
  port(variable: string): string;
  /** `htons` and the like; undefined where there is none. */
  callee(name: string): string | undefined;
  number(value: number | bigint, isHex: boolean): string;
  /** Asks for the number of a network interface. */
  interfaceIndex(name: Uint8Array): string;
}

/** An expression of numbers in any of the languages: their operators are the same. */
export function numberText({ node, value }: NumberOperand, spelling: Spelling): string {
  return expressionText(node, value, spelling);
}

function expressionText(node: Expression, value: number | bigint | undefined, spelling: Spelling): string {
  const inside = (child: Expression): string => {
    const text = expressionText(child, undefined, spelling);
    return child.kind === 'operation' ? `(${text})` : text;
  };
  switch (node.kind) {
    case 'number':
      return spelling.number(node.value, node.isHex);
    case 'constant':
      return spelling.constant(node.name);
    case 'variable':
      return spelling.variable(node.name);
    case 'member':
      return spelling.port((node.object as Expression & { kind: 'variable' }).name);
    case 'operation':
      return node.operands
        .map((operand, index) => (index === 0 ? '' : ` ${node.operators[index - 1]!} `) + inside(operand))
        .join('');
    case 'negative':
      return `${node.operator}${inside(node.operand)}`;
    case 'function': {
      const [named] = node.args;
      if (node.name === 'if_nametoindex' && named) {
        return spelling.interfaceIndex(readData(named, literalEnvironment('linux', false)).bytes);
      }
      const callee = spelling.callee(node.name);
      if (callee !== undefined && node.args.length === 1) {
        return `${callee}(${expressionText(node.args[0]!, undefined, spelling)})`;
      }
      break;
    }
    default:
  }
  if (value !== undefined) {
    return spelling.number(value, false);
  }
  throw new Unsupported(t('A value on this line is known only when the tool runs it.'));
}

/** Characters that would end a comment, act on a terminal or hide what stands there. */
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu;

/** A text from elsewhere as the inside of a comment that ends with its line. */
export function commentText(text: string): string {
  return text
    .trim()
    .replace(/\r?\n/g, ' ')
    .replace(hidden, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** A thread of the scenario as the name of a function, in the characters that all languages have. */
export function threadFunctionName({ threads }: Program, thread: string): string {
  const spell = (name: string) => name.replace(/[^A-Za-z0-9_]/g, '_');
  const isClear = threads.filter((each) => spell(each) === spell(thread)).length === 1;
  // No thread that is spelled by its name is spelled so.
  return isClear ? `thread_${spell(thread)}` : `thread${threads.indexOf(thread)}`;
}

/** What a program says of itself in its first lines. */
export function headLines({ title, description, needs }: Program): string[] {
  const need = needs.length > 0 ? `needs: ${needs.join(', ')}` : '';
  return [title, description, need].filter((text) => text !== '');
}

/** How a language writes the turns of threads whose functions are those of an object. */
export interface TurnSpelling {
  comment: (text: string) => string;
  string: (text: string) => string;
  /** The statement that a call of a method of `turns` is. */
  statement: (call: string, mayWait: boolean) => string;
  /** The number of a line that never comes. */
  never: string;
}

/** The statements of a thread: each line with where it comes from, in its turn where there are several threads. */
export function turnLines(
  lines: readonly PrintedLine[],
  hasThreads: boolean,
  { comment, string, statement, never }: TurnSpelling,
): string[] {
  return lines.flatMap(({ line, code, remarks }, index) => {
    const { number, givers } = line;
    const next = lines[index + 1]?.line.number ?? never;
    const state = { never: 'runs', maybe: 'may wait', always: 'waits' }[line.waits];
    const thread = string(line.thread);
    const given = givers.length > 0 ? `, [${[...new Set(givers)].join(', ')}]` : '';
    return [
      '',
      ...line.comments.map((text) => comment(text)),
      comment(`${number}: ${line.text}`),
      ...remarks.map((text) => comment(text)),
      ...(hasThreads
        ? [statement(`turns.begin(${thread}, ${number}, ${next}, '${state}'${given})`, true)]
        : []),
      ...code,
      ...(hasThreads ? [statement(`turns.end(${thread}, ${number})`, false)] : []),
    ];
  });
}

/** Lines one level further in. */
export function indent(lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? '' : `    ${line}`));
}

/** The lines of a program's parts with what they need of helpers. */
export class Helpers<N extends string> {
  private readonly used = new Set<N>();

  constructor(private readonly table: Readonly<Record<N, { needs?: readonly N[]; text: string }>>) {}

  use(name: N): N {
    if (!this.used.has(name)) {
      this.used.add(name);
      this.table[name].needs?.forEach((each) => this.use(each));
    }
    return name;
  }

  has(name: N): boolean {
    return this.used.has(name);
  }

  /** The helpers that were used, in the order of the table. */
  text(separator: string): string {
    return (Object.keys(this.table) as N[])
      .filter((name) => this.used.has(name))
      .map((name) => this.table[name].text.trim())
      .join(separator);
  }
}

/** One line of the scenario, in the language or as comments that say why it is not. */
export interface PrintedLine {
  line: ProgramLine;
  code: string[];
  remarks: string[];
  /** Why it is not said in the language; null where it is. */
  omitted: string | null;
}
