import { t } from '../l10n.js';
import type { Range } from './ast.js';
import { unescape, type Report } from './literal.js';
import { isOneOf, namedFamilies } from './vocabulary.js';

/** A word of a line, with its place in the text. */
export type Token = Range &
  (
    | { kind: 'name'; text: string }
    /** A whole number, or one with a fraction or exponent. */
    | { kind: 'number'; text: string; isWhole: boolean }
    | { kind: 'string'; bytes: Uint8Array }
    | { kind: 'ipv4'; text: string }
    /** The inside of the brackets. */
    | { kind: 'ipv6'; text: string }
    /** What stands unquoted behind `unix:`, `packet:` or `can:`; a hardware address. */
    | { kind: 'word'; text: string }
    | { kind: 'punctuation'; text: string }
    /** strace's `<unfinished ...>` and `<... accept resumed>`. */
    | { kind: 'unfinished' }
    | { kind: 'resumed'; name: string }
    /** A character that the notation does not know. */
    | { kind: 'unknown'; text: string }
  );

export interface ScannedLine {
  tokens: Token[];
  /** With its `#`. */
  comment: Range | null;
}

// The bounds keep a hostile line from being searched again and again.
const blanks = /[ \t\r\v\f\uFEFF]+/y;
const name = /[A-Za-z_][A-Za-z0-9_]*/y;
const ipv4 = /\d{1,10}(?:\.\d{1,10}){3}(?![\w.])/y;
const ipv6 = /\[([0-9A-Fa-f:.]{0,64}:[0-9A-Fa-f:.]{0,64}(?:%[^\]\s",()]{1,64})?)\](?=:)/y;
const number = /0[xX][0-9A-Fa-f]+|\d+(\.(?!\.)\d+)?([eE][+-]?\d+)?/y;
/** What most numbers are; the others are looked at more closely. */
const plainNumber = /\d+(?=[ ,)\]};|]|$)/y;
/** A hardware address, which strace prints inside messages that it decoded. */
const hardware = /[0-9a-f]{2}(?::[0-9a-f]{2}){3,31}(?![\w:])/y;
/** What strace -y adds to a descriptor: `3<TCP:[127.0.0.1:1->127.0.0.1:2]>`. */
const descriptorDetail = /<[A-Za-z/](?:->|[^>"]){0,300}>/y;
const word = /[^\s,)"]+/y;
/** Inside a structure or a list its closing bracket ends it too. */
const wordInside = /[^\s,)"}\]]+/y;
const unfinished = /<unfinished \.\.\.>/y;
const resumed = /<\.\.\. ([A-Za-z_]\w{0,64}) resumed>/y;
const punctuation = /\.\.\.|\.\.|=>|<<|>>|[()[\]{},;:=|+\-*&~.<>?@/]/y;

/** The tokens of one line, `text` from `start` to `end`. Whatever stands there becomes a token; errors inside strings are reported. */
export function scanLine(text: string, start: number, end: number, report: Report): ScannedLine {
  const line = text.slice(start, end);
  const tokens: Token[] = [];
  let at = 0;
  let depth = 0;
  let canHoldNotes = line.includes('*/');

  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(line);
  };
  const range = (length: number): Range => ({ start: start + at, end: start + at + length });

  while (at < line.length) {
    const character = line[at]!;
    if (character === ' ') {
      at++;
      continue;
    }
    const gap = character < ' ' || character === '\uFEFF' ? match(blanks) : null;
    if (gap) {
      at += gap[0].length;
      continue;
    }
    if (character === '#') {
      return { tokens, comment: { start: start + at, end } };
    }
    if (canHoldNotes && line.startsWith('/*', at)) {
      const close = line.indexOf('*/', at + 2);
      if (close >= 0) {
        at = close + 2;
        continue;
      }
      canHoldNotes = false;
    }
    const token = readToken();
    tokens.push(token);
    if (token.kind === 'punctuation') {
      depth += '[{'.includes(token.text) ? 1 : ']}'.includes(token.text) ? -1 : 0;
    }
    at = token.end - start;
  }
  return { tokens, comment: null };

  function readToken(): Token {
    const character = line[at]!;
    let found: RegExpExecArray | null;
    const last = tokens.at(-1);
    const family = tokens.at(-2);
    if (
      last?.kind === 'punctuation' &&
      last.text === ':' &&
      last.end === start + at &&
      family?.kind === 'name' &&
      family.end === last.start &&
      isOneOf(namedFamilies, family.text)
    ) {
      found = isQuoted() ? null : match(depth > 0 ? wordInside : word);
      if (found) {
        return textToken('word', found[0]);
      }
    }
    if (character === '"') {
      return readString();
    }
    if (character >= '0' && character <= '9') {
      return readNumber();
    }
    found = match(name);
    if (found) {
      return textToken('name', found[0]);
    }
    if (character === '[' && (found = match(ipv6))) {
      return { kind: 'ipv6', text: found[1]!, ...range(found[0].length) };
    }
    if (character === '<') {
      if ((found = match(unfinished))) {
        return { kind: 'unfinished', ...range(found[0].length) };
      }
      if ((found = match(resumed))) {
        return { kind: 'resumed', name: found[1]!, ...range(found[0].length) };
      }
    }
    found = match(punctuation);
    if (found) {
      return textToken('punctuation', found[0]);
    }
    const whole = String.fromCodePoint(line.codePointAt(at)!);
    return { kind: 'unknown', text: whole, ...range(whole.length) };
  }

  function textToken(kind: 'word' | 'name' | 'punctuation', text: string): Token {
    return { kind, text, start: start + at, end: start + at + text.length };
  }

  function isQuoted(): boolean {
    return line[at] === '"' || line.startsWith('@"', at);
  }

  function readString(): Token {
    let close = at + 1;
    while (close < line.length && line[close] !== '"') {
      close += line[close] === '\\' ? 2 : 1;
    }
    const isOpen = close >= line.length;
    if (isOpen) {
      report(t('This string has no closing quote.'), { start: start + at, end });
      close = line.length;
    }
    const bytes = unescape(line.slice(at + 1, close), start + at + 1, isOpen ? () => {} : report);
    return { kind: 'string', bytes, ...range(close + (isOpen ? 0 : 1) - at) };
  }

  function readNumber(): Token {
    const plain = match(plainNumber);
    if (plain) {
      const end = start + at + plain[0].length;
      return { kind: 'number', text: plain[0], isWhole: true, start: start + at, end };
    }
    let found = match(hardware);
    if (found) {
      return { kind: 'word', text: found[0], ...range(found[0].length) };
    }
    found = match(ipv4);
    if (found) {
      return { kind: 'ipv4', text: found[0], ...range(found[0].length) };
    }
    found = match(number)!;
    const digits = found[0];
    const isWhole = found[1] === undefined && found[2] === undefined;
    const token = { kind: 'number', text: digits, isWhole, ...range(digits.length) } as const;
    const next = line[at + digits.length];
    if (next !== undefined && /\w/.test(next)) {
      const rest = /^\w+/.exec(line.slice(at + digits.length, at + digits.length + 40))![0];
      report(t('{0} is no number.', digits + rest), range(digits.length + rest.length));
      return { ...token, end: token.end + rest.length };
    }
    if (isWhole && next === '<') {
      at += digits.length;
      const detail = match(descriptorDetail);
      at -= digits.length;
      return detail ? { ...token, end: token.end + detail[0].length } : token;
    }
    return token;
  }
}
