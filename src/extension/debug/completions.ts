import type { DebugProtocol } from '@vscode/debugprotocol';
import { completeAt, type CompletionItem } from '../../common/language/completion.js';
import { LanguageFile } from '../../common/language/file.js';
import { VariableTracker } from '../../common/language/variables.js';
import type { Platform } from '../../common/tables/constants.js';

const types: Partial<Record<CompletionItem['kind'], DebugProtocol.CompletionItemType>> = {
  call: 'function',
  variable: 'variable',
  constant: 'enum',
  value: 'value',
  field: 'field',
};

/**
 * What fits in a line of the debug console.
 * @param before The text that the line comes after: the scenario.
 * @param offset Where the caret is in the line.
 */
export function completions(
  before: string,
  line: string,
  offset: number,
  platform: Platform,
): DebugProtocol.CompletionItem[] {
  const file = new LanguageFile(before + line, platform);
  const { range, items } = completeAt(file, before.length + offset);
  const start = range.start - before.length;
  if (start < 0) {
    return [];
  }
  const isAtCall = items.some(({ kind }) => kind === 'call');
  const known = items.filter(({ kind }) => types[kind] !== undefined);
  return [...(isAtCall ? namesOf(file, before.length) : []), ...known].map((item) => ({
    label: item.label,
    type: types[item.kind]!,
    start,
    length: range.end - range.start,
    ...(item.detail === undefined ? {} : { detail: item.detail }),
    ...(item.kind === 'call' ? inParentheses(item.label) : {}),
  }));
}

/** A value can be asked for where a call can be made. */
function namesOf({ scenario }: LanguageFile, end: number): CompletionItem[] {
  const tracker = new VariableTracker();
  for (const statement of scenario.statements) {
    if (statement.kind === 'call' && statement.range.start < end) {
      tracker.take(statement);
    }
  }
  return [...tracker.entries()].map(([label]) => ({ label, kind: 'variable' }));
}

function inParentheses(name: string): Pick<DebugProtocol.CompletionItem, 'text' | 'selectionStart'> {
  return { text: `${name}()`, selectionStart: name.length + 1 };
}
