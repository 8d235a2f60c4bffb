import { t } from '../../common/l10n.js';
import type { CallStatement, Scenario, Statement } from '../../common/notation/ast.js';
import { isWrittenByKernel, parameterOf } from '../../common/notation/calls.js';
import { signatureOf } from '../../common/tables/signatures.js';
import { cHelpers } from './cHelpers.js';
import { type CodeLanguageId, codeLanguages } from './exportCode.js';
import { LinePython } from './linePython.js';
import { filesOf, lower } from './lowering.js';
import { nodeHelpers } from './nodeHelpers.js';
import { Inexpressible } from './nodes.js';
import { pythonHelpers } from './pythonHelpers.js';

/** What one call is in a language; `text` is empty where the language has nothing for it, and `remark` says why. */
export interface LineCode {
  language: CodeLanguageId;
  text: string;
  remark: string;
}

/**
 * The calls of a scenario in each language, by their line: those of the exported program, without its checks, so that
 * nothing is told of the answers.
 */
export function lineCodes(scenario: Scenario): ReadonlyMap<number, LineCode[]> {
  const codes = new Map<number, LineCode[]>();
  // The bytes of files are no part of a lesson's text.
  if (filesOf(scenario).length > 0) {
    return codes;
  }
  try {
    const program = lower({ ...scenario, statements: scenario.statements.map(unanswered) });
    for (const language of codeLanguages) {
      const plain = plainText[language.id]();
      for (const { line, code, remarks } of language.print(program).lines) {
        const text = plain(code);
        const helpers = helpersIn(text, helpersOf[language.id]);
        const own = {
          language: language.id,
          text,
          remark: [
            ...remarks,
            ...(helpers.length > 0 ? [t('Functions of the exported program: {0}', helpers.join(', '))] : []),
          ].join(' '),
        };
        codes.set(line.number, [...(codes.get(line.number) ?? []), own]);
      }
    }
  } catch (error) {
    if (!(error instanceof Inexpressible)) {
      throw error;
    }
  }
  return codes;
}

const helpersOf: Readonly<Record<CodeLanguageId, object>> = {
  c: cHelpers,
  python: pythonHelpers,
  node: nodeHelpers,
};

/** A part of the program as who checks nothing writes it; each for the parts of one program, in their order. */
const plainText: Readonly<Record<CodeLanguageId, () => (code: readonly string[]) => string>> = {
  c: () => (code) => withoutChecks(code),
  python: () => {
    const python = new LinePython();
    return (code) => python.text(code);
  },
  node: () => (code) => plainNode(withoutChecks(code)),
};

/** The functions that only the exported program has. */
function helpersIn(text: string, helpers: object): string[] {
  return Object.keys(helpers).filter((name) => new RegExp(`(?<![.\\w])${name}\\(`).test(text));
}

/** The line without anything that is expected of it. */
function unanswered(statement: Statement): Statement {
  return statement.kind === 'call'
    ? { ...statement, result: resultOf(statement), platformResults: [], time: null, args: argsOf(statement) }
    : statement;
}

/** The number of a descriptor in a recording is the name that other lines have for it. */
function resultOf({ name, result }: CallStatement): CallStatement['result'] {
  return signatureOf(name).returns === 'fd' && result?.outcomes[0]?.kind === 'value' ? result : null;
}

function argsOf({ name, args }: CallStatement): CallStatement['args'] {
  return args.map((node, index) => {
    const { type } = parameterOf(name, index);
    const isLength = node?.kind === 'number' && type === 'buffer';
    const isKept = isLength || type === 'msghdrOut' || type === 'fdpair' || !isWrittenByKernel(type);
    return isKept ? node : null;
  });
}

/** A part of a program in C or Node.js without what it checks. */
function withoutChecks(code: readonly string[]): string {
  return code
    .join('\n')
    .replace(/^\s*check\w*\(.*\n?/gm, '')
    .replace(/^\s*if \(.*\) \{\n\s*\}\n?/gm, '')
    .replace(/attempt\(\(\) => (.*)\);$/gm, '$1;')
    .replace(/^(\s*)result = (.+)\n\s*(\w+) = result(;?)$/gm, '$1$3 = $2')
    .trimEnd();
}

/** Node.js with a name for what a call gives where it gives something. */
function plainNode(code: string): string {
  return code
    .replace(/^result = await void /gm, '')
    .replace(/^result = await (fs\..*) \?\? 0;$/gm, '$1;')
    .replace(/^result = await receiveFrom\(/gm, 'const { data, from } = await receiveFrom(')
    .replace(/^result = await receive\(/gm, 'const data = await receive(')
    .replace(/^result = await /gm, 'await ');
}
