import { t } from '../l10n.js';
import type { Range } from '../notation/ast.js';
import type { Token } from '../notation/scanner.js';
import { pauses } from '../notation/vocabulary.js';
import { signatureOf, signatures, type CallName } from '../tables/signatures.js';
import { errnoNames } from '../tables/errnos.js';
import { errnosOf } from '../tables/explanations.js';
import { argumentItems, structItems } from './argumentCompletion.js';
import { callHelp, pauseHelp } from './callHelp.js';
import { errnoHelp } from './constantHelp.js';
import type { LanguageFile } from './file.js';
import { type ArgumentPlace, type Place, placeAt } from './place.js';
import { expandSnippet, snippets } from './snippets.js';
import { VariableTracker } from './variables.js';

/** Something that can stand at the caret. */
export interface CompletionItem {
  label: string;
  kind: 'call' | 'constant' | 'variable' | 'value' | 'field' | 'keyword' | 'thread' | 'snippet';
  /** Short, beside the label. */
  detail?: string;
  /** A sentence or two. */
  documentation?: string;
  /** What is put in the place of {@link Completion.range} where that is not the label; with `$1` places to fill. */
  snippet?: string;
}

export interface Completion {
  /** The word that is replaced. */
  range: Range;
  /** The likeliest first. */
  items: CompletionItem[];
}

/** What fits at a place of the text. */
export function completeAt(file: LanguageFile, offset: number): Completion {
  const place = placeAt(file, offset);
  return { range: place.word, items: itemsOf(file, place, offset) };
}

function itemsOf(file: LanguageFile, place: Place, offset: number): CompletionItem[] {
  switch (place.kind) {
    case 'call':
      return callItems();
    case 'argument':
      return itemsOfArgument(file, place, offset);
    case 'result':
      return place.isError ? errnoItems(file, place.call) : resultItems(file, place.call, offset);
    case 'thread':
      return threadItems(file);
    case 'platform':
      return ['linux', 'darwin', 'win32'].map((label) => keyword(label, `${label}: = `));
    case 'needs':
      return ['root', 'not root', 'linux', 'darwin', 'win32', 'ipv6'].map((label) => keyword(label));
    case 'nothing':
      return [];
  }
}

function keyword(label: string, snippet?: string): CompletionItem {
  return { label, kind: 'keyword', ...(snippet === undefined ? {} : { snippet }) };
}

function callItems(): CompletionItem[] {
  const calls = [...signatures.values()].map(({ name, parameters }): CompletionItem => ({
    label: name,
    kind: 'call',
    detail: `(${parameters.map((each) => each.name).join(', ')})`,
    documentation: callHelp[name].summary(),
    snippet: `${name}($0)`,
  }));
  const pauseItems = pauses.map((label): CompletionItem => ({
    label,
    kind: 'keyword',
    documentation: pauseHelp[label](),
    snippet: `${label}(\${1:0.1})`,
  }));
  const several = snippets.map((each): CompletionItem => ({
    label: each.prefix,
    kind: 'snippet',
    detail: each.description(),
    documentation: expandSnippet(each),
    snippet: each.body.join('\n'),
  }));
  return [...calls, ...pauseItems, ...several];
}

function itemsOfArgument(file: LanguageFile, place: ArgumentPlace, offset: number): CompletionItem[] {
  const variables = variablesBefore(file, offset);
  return place.fields.length > 0
    ? structItems(place, variables, file.platform)
    : argumentItems(place, variables, file.platform);
}

/** What the names stand for that lines before the caret give. */
function variablesBefore(file: LanguageFile, offset: number): VariableTracker {
  const { index } = file.lineAt(offset);
  const tracker = new VariableTracker();
  for (const statement of file.scenario.statements) {
    if (statement.kind === 'call' && statement.line - 1 < index) {
      tracker.take(statement);
    }
  }
  return tracker;
}

function errnoItems({ platform }: LanguageFile, call: CallName | undefined): CompletionItem[] {
  const likely = call ? errnosOf(call) : [];
  const names = [...new Set([...likely, ...errnoNames().filter((name) => !name.startsWith('WSA'))])];
  return names.map((label) => {
    const { message, meaning } = errnoHelp(label, call, platform);
    return {
      label,
      kind: 'constant',
      detail: message,
      ...(meaning === undefined ? {} : { documentation: meaning }),
    };
  });
}

function resultItems(file: LanguageFile, call: CallName | undefined, offset: number): CompletionItem[] {
  const returns = call && signatureOf(call).returns;
  const error: CompletionItem = {
    label: '-1',
    kind: 'value',
    detail: t('an error'),
    snippet: '-1 ',
  };
  const anything: CompletionItem = { label: '?', kind: 'value', detail: t('anything') };
  const length = returns === 'count' ? writtenLength(file.lineAt(offset).tokens) : undefined;
  const success: CompletionItem[] =
    returns === 'zero'
      ? [{ label: '0', kind: 'value' }]
      : length === undefined
        ? []
        : [{ label: String(length), kind: 'value', detail: t('the length of the data') }];
  return [...success, error, anything];
}

/** How many bytes the literals of a line are. */
function writtenLength(tokens: readonly Token[]): number | undefined {
  const strings = tokens.filter((token) => token.kind === 'string');
  return strings.length === 0 ? undefined : strings.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

function threadItems({ lines }: LanguageFile): CompletionItem[] {
  const threads = new Set(
    lines.flatMap(({ words }) => words.filter(({ kind }) => kind === 'thread').map(({ text }) => text)),
  );
  return [...threads].map((label) => ({ label, kind: 'thread' }));
}
