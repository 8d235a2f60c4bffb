import { t } from '../l10n.js';
import { type Field, fieldOf, fields } from './fields.js';
import { operatorsOf } from './parser.js';
import { type Range, Scanner, type Token } from './scanner.js';

/** Something that can stand at the caret. */
export interface Completion {
  /** What is put in the place of {@link Completions.range}. */
  text: string;
  kind: 'field' | 'operator' | 'value' | 'keyword';
  /** One sentence for people. */
  detail: string;
}

export interface Completions {
  range: Range;
  items: Completion[];
}

/** More are a list to read, not to choose from. */
const most = 12;

/**
 * What fits at the caret: fields where a condition begins, operators that the field knows, values.
 * @param valuesOf Values that there are just now, such as the names of sockets.
 */
export function completeFilter(
  text: string,
  caret: number,
  valuesOf: (field: Field) => readonly string[] = () => [],
): Completions {
  const { tokens, isOpen } = tokensBefore(text, caret);
  const last = tokens.at(-1);
  const range = { from: caret, to: caret };
  if (isOpen && last?.kind !== 'string') {
    return { range, items: [] };
  }
  const isTyping = isOpen || (last?.kind === 'word' && last.to === caret);
  const typed = isTyping && last && 'text' in last ? last.text : '';
  const before = isTyping ? tokens.slice(0, -1) : tokens;
  range.from = isTyping && last ? last.from : caret;
  // Between quotes nothing but a value has a meaning.
  const all = candidates(before, valuesOf).filter(({ kind }) => !isOpen || kind === 'value');
  const named = all.filter(({ text: candidate }) => fits(candidate, typed));
  // Who does not know the name looks for what it means; of values only their field is told.
  const isMeant = ({ kind, detail }: Completion) => kind !== 'value' && isAbout(detail, typed);
  const items = named.length > 0 ? named : all.filter(isMeant);
  const isWhole = items.length === 1 && items[0]!.text === typed;
  return { range, items: isWhole ? [] : items.slice(0, most) };
}

/** @returns `isOpen`: the caret is inside the last one, a text or a pattern that is not closed. */
function tokensBefore(text: string, caret: number): { tokens: Token[]; isOpen: boolean } {
  let openTo = -1;
  const scanner = new Scanner(text.slice(0, caret), ({ to }) => {
    openTo = to;
  });
  const tokens: Token[] = [];
  for (let token = scanner.next(); token.kind !== 'end'; token = scanner.next(isMatches(token))) {
    tokens.push(token);
  }
  const last = tokens.at(-1);
  const canBeOpen = last?.kind === 'string' || last?.kind === 'regex';
  return { tokens, isOpen: canBeOpen && last.to === caret && openTo === caret };
}

function isMatches(token: Token): boolean {
  return token.kind === 'word' && token.text === 'matches';
}

function candidates(before: Token[], valuesOf: (field: Field) => readonly string[]): Completion[] {
  const [last, previous] = [before.at(-1), before.at(-2)];
  const field = fieldIn(last);
  if (field) {
    return [...operatorItems(field), ...connectives()];
  }
  const compared = last && isOperator(last) ? fieldIn(previous) : fieldOfSet(before);
  if (compared) {
    return valueItems(compared, valuesOf);
  }
  const isAfterCondition =
    last !== undefined && ['word', 'string', 'regex', ')', '}'].includes(last.kind) && !isOperator(last);
  return isAfterCondition && !isConnective(last) ? connectives() : fieldItems();
}

function fieldItems(): Completion[] {
  return fields.map((field) => ({ text: field.name, kind: 'field', detail: field.description() }));
}

function operatorItems({ name, type }: Field): Completion[] {
  const details: Record<string, string> = {
    in:
      type === 'name' || type === 'text'
        ? t('One of a set: {a b}.')
        : t('Within a range: 1..2, or of a set.'),
    contains: t('Has the text in it.'),
    matches: t('A pattern: /GET|POST/i.'),
  };
  return operatorsOf[type].map((operator) => ({
    text: operator,
    kind: 'operator',
    detail: details[operator] ?? name,
  }));
}

function valueItems(field: Field, valuesOf: (field: Field) => readonly string[]): Completion[] {
  const values = [...new Set([...valuesOf(field), ...(field.values?.() ?? [])])];
  return values.map((value) => ({ text: quoted(value), kind: 'value', detail: field.description() }));
}

function connectives(): Completion[] {
  return [
    { text: '&&', kind: 'keyword', detail: t('Both hold.') },
    { text: '||', kind: 'keyword', detail: t('One of them holds.') },
  ];
}

function fieldIn(token: Token | undefined): Field | undefined {
  return token?.kind === 'word' ? fieldOf(token.text) : undefined;
}

function isOperator(token: Token): boolean {
  return (
    token.kind === 'operator' || (token.kind === 'word' && ['in', 'contains', 'matches'].includes(token.text))
  );
}

function isConnective(token: Token): boolean {
  return token.kind === 'word' && ['and', 'or', 'not'].includes(token.text);
}

/** The field of a set that is open at the end. */
function fieldOfSet(tokens: Token[]): Field | undefined {
  const open = tokens.findLastIndex(({ kind }) => kind === '{');
  const isClosed = open < 0 || tokens.slice(open).some(({ kind }) => kind === '}');
  return isClosed ? undefined : fieldIn(tokens[open - 2]);
}

function quoted(value: string): string {
  return /^[\w.:/%*-]+$/.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
}

function isAbout(detail: string, typed: string): boolean {
  const words = detail.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  // A syllable of Korean is a character.
  const least = /\P{ASCII}/u.test(typed) ? 2 : 4;
  return typed.length >= least && words.some((word) => word.startsWith(typed.toLowerCase()));
}

function fits(candidate: string, typed: string): boolean {
  const [text, wanted] = [candidate.toLowerCase().replace(/^"/, ''), typed.toLowerCase()];
  return text.startsWith(wanted) || (wanted.length > 1 && text.includes(wanted));
}
