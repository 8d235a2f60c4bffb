import type { Range } from '../notation/ast.js';
import type { Token } from '../notation/scanner.js';
import {
  addressFamilies,
  dataFunctions,
  isOneOf,
  pauses,
  resultPlatforms,
  valueFunctions,
} from '../notation/vocabulary.js';

/** What a word of a line is. */
export type WordKind =
  | 'call'
  /** `sleep`, `timeout`. */
  | 'pause'
  /** Functions of values: `hex`, `htons`. */
  | 'function'
  | 'constant'
  | 'variable'
  | 'thread'
  /** The name of a field of a structure. */
  | 'field'
  | 'other';

/** A name in the text. */
export interface Word extends Range {
  kind: WordKind;
  text: string;
  /** Whether a variable is given its value here: it stands on the left, or takes a descriptor that comes in a message. */
  isGiven: boolean;
}

const others: ReadonlySet<string> = new Set(['_', '___', 'NULL']);

/** The names of a line and what each is, by its neighbours alone: also of a line that cannot be read. */
export function classify(tokens: readonly Token[]): Word[] {
  const words: Word[] = [];
  const targetCount = countTargets(tokens);
  let braces = 0;
  let functionName = '';
  tokens.forEach((token, index) => {
    if (token.kind === 'punctuation') {
      braces += token.text === '{' ? 1 : token.text === '}' ? -1 : 0;
      return;
    }
    if (token.kind !== 'name') {
      return;
    }
    const [before, after] = [tokens[index - 1], tokens[index + 1]];
    const add = (kind: WordKind, isGiven = false) =>
      words.push({ kind, text: token.text, start: token.start, end: token.end, isGiven });
    if (is(after, '(')) {
      functionName = token.text;
      add(kindOfFunction(token.text));
    } else if (others.has(token.text) || isApart(token, before, after)) {
      add('other');
    } else if (index === 1 && is(before, '[') && is(after, ']')) {
      add('thread');
    } else if (isField(before, after, braces, functionName)) {
      add('field');
    } else if (/^_?[A-Z]/.test(token.text)) {
      add('constant');
    } else {
      add('variable', index < targetCount || isReceived(tokens, index));
    }
  });
  return words;
}

function kindOfFunction(name: string): WordKind {
  if (isOneOf(pauses, name)) {
    return 'pause';
  }
  return Object.hasOwn(valueFunctions, name) || isOneOf(dataFunctions, name) ? 'function' : 'call';
}

/** Words that belong to the notation: families of addresses, platforms, `.port`, strace's `pid`. */
function isApart(token: Token & { kind: 'name' }, before: Token | undefined, after: Token | undefined) {
  const isPrefix =
    is(after, ':') && (isOneOf(addressFamilies, token.text) || isOneOf(resultPlatforms, token.text));
  return isPrefix || is(before, '.') || (token.text === 'pid' && is(before, '[') && after?.kind === 'number');
}

/** The last argument of inet_pton names a field too: `&sin6_addr`. */
function isField(
  before: Token | undefined,
  after: Token | undefined,
  braces: number,
  functionName: string,
): boolean {
  return (
    (braces > 0 && is(after, '=') && (is(before, '{') || is(before, ','))) ||
    (functionName === 'inet_pton' && is(before, '&'))
  );
}

/** Names in `cmsg_data=[fd]` of a message to receive take descriptors; in one to send they are passed. */
function isReceived(tokens: readonly Token[], index: number): boolean {
  let at = index - 1;
  while (tokens[at]?.kind === 'name' || tokens[at]?.kind === 'number' || is(tokens[at], ',')) {
    at--;
  }
  const field = tokens[at - 2];
  return (
    is(tokens[at], '[') &&
    is(tokens[at - 1], '=') &&
    field?.kind === 'name' &&
    field.text === 'cmsg_data' &&
    tokens.some((token) => token.kind === 'name' && (token.text === 'recvmsg' || token.text === 'recvmmsg'))
  );
}

/** The index behind the last name on the left: `a, b =`. */
function countTargets(tokens: readonly Token[]): number {
  const open = is(tokens[0], '[') ? tokens.findIndex((token) => is(token, ']')) + 1 : 0;
  let at = open;
  while (tokens[at]?.kind === 'name' && is(tokens[at + 1], ',')) {
    at += 2;
  }
  return tokens[at]?.kind === 'name' && is(tokens[at + 1], '=') ? at + 1 : 0;
}

function is(token: Token | undefined, punctuation: string): boolean {
  return token?.kind === 'punctuation' && token.text === punctuation;
}
