import { t } from '../l10n.js';
import type { Range } from '../notation/ast.js';
import type { Token } from '../notation/scanner.js';
import { isErrnoName } from '../tables/errnos.js';
import { errnosOf } from '../tables/explanations.js';
import { isCallName, signatureOf, type CallName } from '../tables/signatures.js';
import { callHelp, parameterHelp, pauseHelp } from './callHelp.js';
import { constantNumber, constantSentence, errnoHelp } from './constantHelp.js';
import type { LanguageFile, SourceLine } from './file.js';
import { type VariableFacts, VariableTracker } from './variables.js';
import type { Word } from './words.js';

/** One part of a hover: Markdown of our own making, or text that is shown as it is. */
export type HoverPart =
  | { kind: 'markdown'; text: string }
  | { kind: 'code'; language: string; text: string }
  | { kind: 'rule' };

export interface Hover {
  range: Range;
  parts: HoverPart[];
}

/** More errors are a list to read, not to look at. */
const mostErrors = 12;
/** Bytes of data that are shown as hexadecimal digits. */
const mostBytes = 16;

/** What is known of the word or the data at an offset. */
export function hoverAt(file: LanguageFile, offset: number): Hover | undefined {
  const line = file.lineAt(offset);
  const string = line.tokens
    .filter((token) => token.kind === 'string')
    .find(({ start, end }) => start <= offset && offset < end);
  if (string) {
    return { range: rangeOf(string), parts: dataParts(string) };
  }
  const word = file.wordAt(offset);
  const parts = word && partsOf(file, line, word);
  return word && parts ? { range: rangeOf(word), parts } : undefined;
}

function rangeOf({ start, end }: Range): Range {
  return { start, end };
}

function partsOf(file: LanguageFile, line: SourceLine, word: Word): HoverPart[] | undefined {
  const { text, kind } = word;
  switch (kind) {
    case 'call':
      return isCallName(text) ? callParts(text) : undefined;
    case 'pause':
      return [markdown(pauseHelp[text as 'sleep' | 'timeout']())];
    case 'constant':
      return isErrnoName(text) ? errnoParts(file, line, text) : constantParts(file, text);
    case 'variable':
      return variableParts(file, line, text);
    case 'thread':
      return [markdown(t('A thread of control. Its lines run one after another, beside those of others.'))];
    case 'function':
    case 'field':
    case 'other':
      return undefined;
  }
}

function callParts(name: CallName): HoverPart[] {
  const { summary, result, c, python, node } = callHelp[name];
  const parameters = signatureOf(name).parameters.map(
    ({ name: parameter, type }) => `- \`${parameter}\`: ${parameterHelp[type]()}`,
  );
  const errnos = errnosOf(name);
  const errors = errnos
    .slice(0, mostErrors)
    .map((errno) => `- \`${errno}\`: ${errnoHelp(errno, name, 'linux').meaning ?? ''}`);
  const rest = errnos.slice(mostErrors).map((errno) => `\`${errno}\``);
  return [
    { kind: 'code', language: 'c', text: c },
    markdown(summary()),
    markdown(parameters.join('\n')),
    markdown(t('**Gives** {0}', result())),
    { kind: 'rule' },
    markdown(`**${t('Errors')}**\n\n${errors.join('\n')}`),
    ...(rest.length > 0 ? [markdown(t('Also: {0}', rest.join(', ')))] : []),
    { kind: 'rule' },
    markdown(t('The same in Python and in Node.js:')),
    { kind: 'code', language: 'python', text: python },
    node === null
      ? markdown(t('Node.js has no call for it: its event loop or its streams do it.'))
      : { kind: 'code', language: 'javascript', text: node },
  ];
}

function errnoParts(file: LanguageFile, line: SourceLine, name: string): HoverPart[] {
  const call = line.words.find(({ kind }) => kind === 'call')?.text ?? '';
  const help = errnoHelp(name, isCallName(call) ? call : undefined, file.platform);
  const heading = help.number === undefined ? name : `${name} = ${help.number}`;
  return [
    markdown(`\`${heading}\` ${help.message}`),
    ...[help.meaning, help.cause, help.remedy].filter((each) => each !== undefined).map(markdown),
  ];
}

function constantParts({ platform }: LanguageFile, name: string): HoverPart[] | undefined {
  const number = constantNumber(name, platform);
  const sentence = constantSentence(name, platform);
  if (number === undefined && sentence === undefined) {
    return undefined;
  }
  const heading = number === undefined ? name : `${name} = ${numberText(number)}`;
  return [markdown(`\`${heading}\``), ...(sentence === undefined ? [] : [markdown(sentence)])];
}

/** Flags are told as people know them: in hexadecimal. */
function numberText(value: number): string {
  return value > 255 ? `0x${value.toString(16)}` : String(value);
}

function variableParts(file: LanguageFile, line: SourceLine, name: string): HoverPart[] | undefined {
  const facts = factsOf(file, line, name);
  if (!facts) {
    return undefined;
  }
  const { giver } = facts;
  return [
    markdown(variableSentence(facts)),
    { kind: 'code', language: 'sockets', text: file.text.slice(giver.range.start, giver.range.end) },
  ];
}

/** What the name stands for on a line: by the last call before it that gave it, else by the first one. */
function factsOf({ scenario }: LanguageFile, line: SourceLine, name: string): VariableFacts | undefined {
  const tracker = new VariableTracker();
  let found: VariableFacts | undefined;
  for (const statement of scenario.statements) {
    if (statement.kind === 'call') {
      if (statement.line - 1 > line.index && found) {
        return found;
      }
      tracker.take(statement);
      found = tracker.get(name) ?? found;
    }
  }
  return found;
}

function variableSentence({ kind, domain, type, giver }: VariableFacts): string {
  const { line } = giver;
  switch (kind) {
    case 'descriptor':
      return domain === undefined || type === undefined
        ? t('A descriptor that line {0} gives.', line)
        : t('A descriptor that line {0} gives: `{1}`, `{2}`.', line, domain, type);
    case 'address':
      return t('An address that line {0} gives.', line);
    case 'number':
      return t('A number that line {0} gives.', line);
  }
}

function dataParts(token: Token & { kind: 'string' }): HoverPart[] {
  const { bytes } = token;
  const digits = [...bytes.subarray(0, mostBytes)].map((byte) => byte.toString(16).padStart(2, '0'));
  const shown = bytes.length > mostBytes ? `${digits.join(' ')} …` : digits.join(' ');
  return [
    markdown(bytes.length === 1 ? t('1 byte') : t('{0} bytes', bytes.length)),
    ...(bytes.length > 0 ? [{ kind: 'code', language: '', text: shown } as const] : []),
  ];
}

function markdown(text: string): HoverPart {
  return { kind: 'markdown', text };
}
