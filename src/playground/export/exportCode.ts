import type { Scenario } from '../../common/notation/ast.js';
import { printC } from './c.js';
import { stuckLines, withoutLines } from './leftOut.js';
import { filesOf, lower } from './lowering.js';
import { printNode } from './node.js';
import type { PrintedProgram, Program } from './program.js';
import { printPython } from './python.js';

/** A language that scenarios and records can be taken away in. */
export interface CodeLanguage {
  /** As the command line has it. */
  id: CodeLanguageId;
  /** For people. */
  label: string;
  /** Of VS Code's editor. */
  editorId: string;
  extension: string;
  print(program: Program): PrintedProgram;
}

export type CodeLanguageId = 'c' | 'python' | 'node';

export const codeLanguages: readonly CodeLanguage[] = [
  { id: 'c', label: 'C (POSIX)', editorId: 'c', extension: '.c', print: printC },
  { id: 'python', label: 'Python 3', editorId: 'python', extension: '.py', print: printPython },
  { id: 'node', label: 'Node.js', editorId: 'javascript', extension: '.js', print: printNode },
];

/**
 * A scenario without errors and blanks as a complete program.
 * @param readFile Reads a file that the scenario sends, by its name there.
 */
export async function exportCode(
  scenario: Scenario,
  language: CodeLanguage,
  readFile: (name: string) => Promise<Uint8Array>,
): Promise<PrintedProgram> {
  const files = new Map<object, Uint8Array>();
  for (const part of filesOf(scenario)) {
    files.set(part, await readFile(part.path));
  }
  return printWhole(language, lower(scenario, files as Parameters<typeof lower>[1]));
}

/** Leaves out also the lines that would wait for ever for those that the language cannot say. */
function printWhole(language: CodeLanguage, program: Program): PrintedProgram {
  const printed = language.print(program);
  const stuck = stuckLines(program, printed.omitted);
  return stuck.size === 0 ? printed : printWhole(language, withoutLines(program, stuck));
}
