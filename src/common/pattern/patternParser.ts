import { t } from '../l10n.js';
import { encodeUtf8 } from '../utf8.js';
import {
  compile,
  op,
  type PatternNode,
  type PatternProgram,
  ProgramTooLargeError,
} from './patternProgram.js';

/** Repetitions that a count may ask for. */
const maxCount = 1000;
const maxGroups = 50;
/** Groups within groups. */
const maxDepth = 100;

/** A regular expression that cannot be read, and where. */
export class PatternSyntaxError extends Error {
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
    this.name = 'PatternSyntaxError';
  }
}

const controls: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, v: 11, f: 12, a: 7, '0': 0 };

/** Sets of ASCII bytes by their escape; the capital letter is all other bytes. */
const classes: Readonly<Record<string, RegExp>> = { d: /\d/, w: /\w/, s: /[ \t\r\n\v\f]/ };

/** Reads a pattern; see `BytePattern` for what it may hold. */
export class PatternParser {
  private at = 0;
  private groups = 0;
  private depth = 0;
  private ignoresCase = false;
  private dotIsAll = false;

  constructor(private readonly text: string) {}

  /** @throws PatternSyntaxError */
  parse(): PatternProgram {
    const flags = /^\(\?([is]+)\)/.exec(this.text);
    if (flags) {
      this.ignoresCase = flags[1]!.includes('i');
      this.dotIsAll = flags[1]!.includes('s');
      this.at = flags[0].length;
    }
    const root = this.choice();
    if (this.at < this.text.length) {
      this.fail(t('This bracket closes none.'));
    }
    try {
      return compile(root, this.groups);
    } catch (error) {
      if (error instanceof ProgramTooLargeError) {
        throw new PatternSyntaxError(t('This pattern is too large: repeat less often.'), 0);
      }
      throw error;
    }
  }

  private choice(): PatternNode {
    const items = [this.sequence()];
    while (this.take('|')) {
      items.push(this.sequence());
    }
    return items.length === 1 ? items[0]! : { kind: 'choice', items };
  }

  private sequence(): PatternNode {
    const items: PatternNode[] = [];
    while (this.at < this.text.length && !/[|)]/.test(this.text[this.at]!)) {
      items.push(this.repeated());
    }
    return { kind: 'sequence', items };
  }

  private repeated(): PatternNode {
    const start = this.at;
    const item = this.atom();
    const count = this.count();
    if (!count) {
      return item;
    }
    if (item.kind === 'assertion') {
      this.fail(t('There is nothing before this to repeat.'), start);
    }
    const isLazy = this.take('?');
    const again = this.at;
    if (this.count()) {
      this.fail(t('What is repeated already is repeated again; put it in brackets.'), again);
    }
    return { kind: 'repeat', item, ...count, isLazy };
  }

  private count(): { min: number; max: number } | undefined {
    if (this.take('*')) {
      return { min: 0, max: Infinity };
    }
    if (this.take('+')) {
      return { min: 1, max: Infinity };
    }
    if (this.take('?')) {
      return { min: 0, max: 1 };
    }
    const found = /^\{(\d{1,6})(,(\d{0,6}))?\}/.exec(this.text.slice(this.at, this.at + 20));
    if (!found) {
      return undefined;
    }
    const min = Number(found[1]);
    const max = found[2] === undefined ? min : found[3] === '' ? Infinity : Number(found[3]);
    if (min > maxCount || (max !== Infinity && max > maxCount)) {
      this.fail(t('A count is at most {0}.', maxCount));
    }
    if (max < min) {
      this.fail(t('The larger count comes last.'));
    }
    this.at += found[0].length;
    return { min, max };
  }

  private atom(): PatternNode {
    const start = this.at;
    const code = this.text.codePointAt(this.at)!;
    const character = String.fromCodePoint(code);
    this.at += character.length;
    switch (character) {
      case '(':
        return this.group(start);
      case '[':
        return this.bracketed(start);
      case '.':
        return { kind: 'set', set: setOf((byte) => this.dotIsAll || byte !== 10) };
      case '^':
        return { kind: 'assertion', operation: op.start, operand: 0 };
      case '$':
        return { kind: 'assertion', operation: op.end, operand: 0 };
      case '\\':
        return this.escape(start);
      case '*':
      case '+':
      case '?':
        return this.fail(t('There is nothing before this to repeat.'), start);
      default:
        return this.literal(character);
    }
  }

  private literal(character: string): PatternNode {
    const items = Array.from(encodeUtf8(character), (byte) => this.byte(byte));
    return items.length === 1 ? items[0]! : { kind: 'sequence', items };
  }

  private byte(value: number): PatternNode {
    return { kind: 'set', set: this.folded(setOf((byte) => byte === value)) };
  }

  /** With the letters of the other case, where case does not matter. */
  private folded(set: Uint8Array): Uint8Array {
    if (this.ignoresCase) {
      for (let upper = 65; upper <= 90; upper++) {
        const either = set[upper]! | set[upper + 32]!;
        set[upper] = either;
        set[upper + 32] = either;
      }
    }
    return set;
  }

  private group(start: number): PatternNode {
    let index: number | null = null;
    if (this.take('?')) {
      const name = /^<[A-Za-z_]\w*>/.exec(this.text.slice(this.at, this.at + 100));
      if (name) {
        this.at += name[0].length;
        index = ++this.groups;
      } else if (!this.take(':')) {
        this.fail(t('Look-around and flags within a pattern are not supported.'), start);
      }
    } else {
      index = ++this.groups;
    }
    if (this.groups > maxGroups) {
      this.fail(t('A pattern has at most {0} groups.', maxGroups), start);
    }
    if (++this.depth > maxDepth) {
      this.fail(t('The brackets are too deep.'), start);
    }
    const item = this.choice();
    this.depth--;
    if (!this.take(')')) {
      this.fail(t('This bracket is not closed.'), start);
    }
    return index === null ? item : { kind: 'group', item, index };
  }

  private escape(start: number): PatternNode {
    const next = this.text[this.at];
    if (next === 'b' || next === 'B') {
      this.at++;
      return { kind: 'assertion', operation: op.wordBoundary, operand: next === 'b' ? 1 : 0 };
    }
    if (next !== undefined && /[1-9k]/.test(next)) {
      this.fail(t('Back-references are not supported: they cannot be matched in bounded time.'), start);
    }
    const escaped = this.escaped(start);
    return typeof escaped === 'number' ? this.byte(escaped) : { kind: 'set', set: this.folded(escaped) };
  }

  /** After a backslash: a byte, or a set of some. */
  private escaped(start: number): number | Uint8Array {
    const next = this.text[this.at++];
    if (next === undefined) {
      this.fail(t('The pattern ends after a backslash.'), start);
    }
    const named = classes[next.toLowerCase()];
    if (named) {
      const isOther = next !== next.toLowerCase();
      return setOf((byte) => named.test(String.fromCharCode(byte)) !== isOther);
    }
    if (next === 'x') {
      const digits = /^[\dA-Fa-f]{2}/.exec(this.text.slice(this.at, this.at + 2));
      if (!digits) {
        this.fail(t('Two hexadecimal digits follow \\x.'), start);
      }
      this.at += 2;
      return Number.parseInt(digits[0], 16);
    }
    const control = controls[next];
    if (control !== undefined) {
      return control;
    }
    if (/[\w\u0080-\uffff]/.test(next)) {
      this.fail(t('This escape has no meaning here: {0}', `\\${next}`), start);
    }
    return next.charCodeAt(0);
  }

  /** A class: single characters, ranges of ASCII and bytes, and sets by their escape. */
  private bracketed(start: number): PatternNode {
    const isOther = this.take('^');
    const set = new Uint8Array(256);
    const others: PatternNode[] = [];
    let isFirst = true;
    while (isFirst || this.text[this.at] !== ']') {
      isFirst = false;
      const at = this.at;
      if (at >= this.text.length) {
        this.fail(t('This bracket is not closed.'), start);
      }
      const low = this.member();
      if (low instanceof Uint8Array) {
        low.forEach((bit, byte) => (set[byte]! |= bit));
      } else if (this.text[this.at] === '-' && !/^-(\]|$)/.test(this.text.slice(this.at, this.at + 2))) {
        this.at++;
        const high = this.member();
        if (high instanceof Uint8Array || low > 255 || high > 255 || high < low) {
          this.fail(t('A range goes from a lower byte to a higher one.'), at);
        }
        set.fill(1, low, high + 1);
      } else if (low > 255) {
        others.push(this.literal(String.fromCodePoint(low - notByte)));
      } else {
        set[low] = 1;
      }
    }
    this.at++;
    if (isOther && others.length > 0) {
      this.fail(t('A negated class holds single bytes only: this pattern matches bytes.'), start);
    }
    const folded = this.folded(set);
    const whole: PatternNode = { kind: 'set', set: isOther ? folded.map((bit) => 1 - bit) : folded };
    return others.length === 0 ? whole : { kind: 'choice', items: [whole, ...others] };
  }

  /** One byte, several, or a character beyond ASCII: its number and {@link notByte}. */
  private member(): number | Uint8Array {
    const start = this.at;
    const code = this.text.codePointAt(this.at)!;
    this.at += code > 0xffff ? 2 : 1;
    if (code === 92) {
      if (this.text[this.at] === 'b') {
        this.at++;
        return 8;
      }
      return this.escaped(start);
    }
    return code < 128 ? code : code + notByte;
  }

  private take(character: string): boolean {
    const isThere = this.text[this.at] === character;
    this.at += isThere ? 1 : 0;
    return isThere;
  }

  private fail(message: string, offset = this.at): never {
    throw new PatternSyntaxError(message, offset);
  }
}

/** Added to the number of a character that is several bytes. */
const notByte = 0x200000;

function setOf(has: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (has(byte) ? 1 : 0));
}
