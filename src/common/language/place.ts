import type { Range } from '../notation/ast.js';
import type { Token } from '../notation/scanner.js';
import { isCallName, signatureOf, type CallName } from '../tables/signatures.js';
import type { LanguageFile } from './file.js';

/** What can be written at a caret. */
export type Place = {
  /** The part of a word that stands before the caret, and what follows of it. */
  word: Range;
} & (
  | { kind: 'needs' }
  | { kind: 'thread' }
  /** Where a call begins, or a name before it. */
  | { kind: 'call' }
  | ArgumentPlace
  | { kind: 'result'; call: CallName | undefined; isError: boolean }
  | { kind: 'platform' }
  | { kind: 'nothing' }
);

/** Inside the parentheses of a call. */
export interface ArgumentPlace {
  kind: 'argument';
  call: CallName;
  /** The index of the parameter: a length in the place of a buffer counts as the length. */
  index: number;
  /** The tokens of the arguments before, by parameter. */
  before: readonly (readonly Token[])[];
  /** The function of a value that the caret is in. */
  function: string | undefined;
  /** The structures that the caret is in, the outermost first; the name of the field whose value stands there. */
  fields: readonly (string | undefined)[];
  /** The names and tokens of the fields before, in the innermost structure. */
  siblings: ReadonlyMap<string, readonly Token[]>;
}

interface Bracket {
  kind: 'call' | 'function' | 'list' | 'struct' | 'plain';
  name: string;
  /** Where its content begins, in the tokens. */
  from: number;
  /** The commas inside it so far. */
  commas: number[];
}

/** Finds out what the caret is in, by the line up to it: also of a line that is unfinished. */
export function placeAt(file: LanguageFile, offset: number): Place {
  const line = file.lineAt(offset);
  const word = wordRange(file.text, line.start, offset);
  const { comment } = line;
  if (comment && offset > comment.start) {
    const isNeeds = /^#\s*needs\s*:/.test(file.text.slice(comment.start, offset));
    return { kind: isNeeds ? 'needs' : 'nothing', word: isNeeds ? needRange(file.text, offset) : word };
  }
  const tokens = line.tokens.filter(({ start }) => start < offset);
  const last = tokens.at(-1);
  if (last && last.kind === 'string' && (offset < last.end || !isClosed(file.text, last))) {
    return { kind: 'nothing', word };
  }
  // The word at the caret is what is being written.
  const isTyping =
    last !== undefined && last.end >= offset && (last.kind === 'name' || last.kind === 'number');
  const before = isTyping ? tokens.slice(0, -1) : tokens;
  if (isTyping && last.kind === 'number') {
    return { kind: 'nothing', word };
  }
  return { ...kindOf(before), word };
}

function isClosed(text: string, { start, end }: Range): boolean {
  return end - start > 1 && text[end - 1] === '"';
}

function wordRange(text: string, lineStart: number, offset: number): Range {
  let start = offset;
  while (start > lineStart && /\w/.test(text[start - 1]!)) {
    start--;
  }
  let end = offset;
  while (end < text.length && /\w/.test(text[end]!)) {
    end++;
  }
  return { start, end };
}

/** `not root` is two words. */
function needRange(text: string, offset: number): Range {
  const before = text.slice(0, offset);
  const start = Math.max(before.lastIndexOf(':'), before.lastIndexOf(',')) + 1;
  return {
    start: start + (before.slice(start).length - before.slice(start).trimStart().length),
    end: offset,
  };
}

type Kind = Place extends infer P ? (P extends Place ? Omit<P, 'word'> : never) : never;

function kindOf(tokens: readonly Token[]): Kind {
  const brackets: Bracket[] = [];
  let call: string | undefined;
  let isBehindCall = false;
  for (const [at, token] of tokens.entries()) {
    if (token.kind !== 'punctuation') {
      continue;
    }
    if ('([{'.includes(token.text)) {
      const bracket = openBracket(tokens, at, brackets.length === 0 && !isBehindCall);
      brackets.push(bracket);
      call = bracket.kind === 'call' ? bracket.name : call;
    } else if (')]}'.includes(token.text)) {
      const closed = brackets.pop();
      isBehindCall ||= closed?.kind === 'call';
    } else if (token.text === ',') {
      brackets.at(-1)?.commas.push(at);
    }
  }
  const [outermost] = brackets;
  if (isBehindCall) {
    return behindCall(tokens, call);
  }
  if (!outermost) {
    return isStart(tokens) ? { kind: 'call' } : { kind: 'nothing' };
  }
  if (outermost.kind === 'list' && outermost.from === 1) {
    return tokens.length === 1 ? { kind: 'thread' } : { kind: 'nothing' };
  }
  return outermost.kind === 'call' && isCallName(outermost.name)
    ? argumentPlace(tokens, outermost.name, brackets)
    : { kind: 'nothing' };
}

function openBracket(tokens: readonly Token[], at: number, isOutermost: boolean): Bracket {
  const before = tokens[at - 1];
  const name = before?.kind === 'name' ? before.text : '';
  const mark = tokens[at]!.kind === 'punctuation' ? (tokens[at] as { text: string }).text : '';
  const base = { name, from: at + 1, commas: [] };
  if (mark === '(') {
    return { ...base, kind: name === '' ? 'plain' : isOutermost ? 'call' : 'function' };
  }
  return { ...base, kind: mark === '{' ? 'struct' : 'list' };
}

/** Whether a call can begin here: at the start, behind a thread, behind `name =`. */
function isStart(tokens: readonly Token[]): boolean {
  const last = tokens.at(-1);
  return (
    last === undefined ||
    is(last, '=') ||
    (is(last, ']') && is(tokens[0], '[')) ||
    (is(last, ',') && tokens.at(-2)?.kind === 'name')
  );
}

function behindCall(tokens: readonly Token[], name: string | undefined): Kind {
  const call = name !== undefined && isCallName(name) ? name : undefined;
  const [last, previous] = [tokens.at(-1), tokens.at(-2)];
  if (is(last, ';')) {
    return { kind: 'platform' };
  }
  if (is(last, '=') || is(last, '|')) {
    return { kind: 'result', call, isError: false };
  }
  const isMinusOne = last?.kind === 'number' && last.text === '1' && is(previous, '-');
  return isMinusOne ? { kind: 'result', call, isError: true } : { kind: 'nothing' };
}

function argumentPlace(tokens: readonly Token[], call: CallName, brackets: readonly Bracket[]): Kind {
  const outermost = brackets[0]!;
  const before = parts(tokens, outermost);
  const shift = lengthShift(call, before, tokens.slice(outermost.from));
  const padded = shift === undefined ? before : [...before.slice(0, shift), [], ...before.slice(shift)];
  const innermost = brackets.at(-1)!;
  const inFunction = innermost.kind === 'function' ? innermost.name : undefined;
  const structs = brackets.filter(({ kind }) => kind === 'struct');
  return {
    kind: 'argument',
    call,
    index: padded.length,
    before: padded,
    function: inFunction,
    fields: structs.map((struct) => openField(tokens, struct)),
    siblings: siblingsOf(tokens, structs.at(-1)),
  };
}

/** The tokens between the commas of a bracket, without the part that the caret is in. */
function parts(tokens: readonly Token[], { from, commas }: Bracket): Token[][] {
  return commas.map((comma, index) => tokens.slice(index === 0 ? from : commas[index - 1]! + 1, comma));
}

/** Where a number in the place of a buffer is its length, the arguments behind it are one parameter further. */
function lengthShift(
  call: CallName,
  before: readonly (readonly Token[])[],
  inside: readonly Token[],
): number | undefined {
  const buffer = signatureOf(call).parameters.findIndex(({ type }) => type === 'buffer');
  if (buffer < 0 || before.length < buffer) {
    return undefined;
  }
  const [first] = before[buffer] ?? inside.slice(-1);
  const isLength = first?.kind === 'number' || (first?.kind === 'name' && /^[A-Za-z]/.test(first.text));
  return before.length > buffer && isLength ? buffer : undefined;
}

function openField(tokens: readonly Token[], { from, commas }: Bracket): string | undefined {
  const start = commas.length === 0 ? from : commas.at(-1)! + 1;
  const name = tokens[start];
  return name?.kind === 'name' && is(tokens[start + 1], '=') ? name.text : undefined;
}

function siblingsOf(tokens: readonly Token[], struct: Bracket | undefined): Map<string, readonly Token[]> {
  const found = new Map<string, readonly Token[]>();
  for (const [name, , ...value] of struct ? parts(tokens, struct) : []) {
    if (name?.kind === 'name') {
      found.set(name.text, value);
    }
  }
  return found;
}

function is(token: Token | undefined, punctuation: string): boolean {
  return token?.kind === 'punctuation' && token.text === punctuation;
}
