import { t } from '../l10n.js';
import { encodeUtf8 } from '../utf8.js';

/** Places in the filter's text, `to` not included. */
export interface Range {
  from: number;
  to: number;
}

export interface FilterError extends Range {
  message: string;
}

export type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=';

export type Token = Range &
  (
    | { kind: 'word'; text: string }
    /** `bytes` are the text in UTF-8, and each `\\x` the byte it says. */
    | { kind: 'string'; text: string; bytes: Uint8Array }
    | { kind: 'regex'; source: string; flags: string }
    | { kind: 'operator'; operator: Operator }
    | { kind: '(' | ')' | '{' | '}' | ',' | '..' | '&&' | '||' | '!' | 'end' }
  );

const punctuation = ['&&', '||', '..', '(', ')', '{', '}', ',', '!'] as const;
const operators: readonly (readonly [text: string, operator: Operator])[] = [
  ['==', '=='],
  ['!=', '!='],
  ['<=', '<='],
  ['>=', '>='],
  ['<', '<'],
  ['>', '>'],
  ['=', '=='],
];
const wordEnd = /[\s(){},"'&|!=<>]/;
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '0': '\0' };

/** Reads a filter's text token by token; never fails: what is odd becomes an error beside it. */
export class Scanner {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly onError: (error: FilterError) => void,
  ) {}

  /** @param wantsRegex A slash begins a pattern here. */
  next(wantsRegex = false): Token {
    while (/\s/.test(this.text[this.at] ?? '')) {
      this.at++;
    }
    const from = this.at;
    const character = this.text[from];
    if (character === undefined) {
      return { kind: 'end', from, to: from };
    }
    if (character === '"' || character === "'") {
      return this.string(character);
    }
    if (wantsRegex && character === '/') {
      return this.regex();
    }
    const operator = operators.find(([text]) => this.text.startsWith(text, from));
    if (operator) {
      this.at += operator[0].length;
      return { kind: 'operator', operator: operator[1], from, to: this.at };
    }
    const mark = punctuation.find((text) => this.text.startsWith(text, from));
    if (mark) {
      this.at += mark.length;
      return { kind: mark, from, to: this.at };
    }
    if (character === '&' || character === '|') {
      this.at++;
      this.onError({ from, to: this.at, message: t('Write {0}.', character + character) });
      return { kind: character === '&' ? '&&' : '||', from, to: this.at };
    }
    return this.word();
  }

  private word(): Token {
    const from = this.at;
    while (this.at < this.text.length && !wordEnd.test(this.text[this.at]!)) {
      // The end of a range; `...` belongs to the word.
      if (this.at > from && this.text.startsWith('..', this.at)) {
        break;
      }
      this.at++;
    }
    return { kind: 'word', text: this.text.slice(from, this.at), from, to: this.at };
  }

  private string(quote: string): Token {
    const from = this.at++;
    const bytes: number[] = [];
    let text = '';
    const add = (part: string) => {
      text += part;
      bytes.push(...encodeUtf8(part));
    };
    for (;;) {
      const whole = this.text.codePointAt(this.at);
      const character = whole === undefined ? undefined : String.fromCodePoint(whole);
      this.at += character?.length ?? 0;
      if (character === undefined || character === quote) {
        if (character === undefined) {
          this.onError({ from, to: this.at, message: t('The text is not closed: {0} is missing.', quote) });
        }
        return { kind: 'string', text, bytes: Uint8Array.from(bytes), from, to: this.at };
      }
      const hex = /^x([0-9a-fA-F]{2})/.exec(this.text.slice(this.at, this.at + 3));
      if (character === '\\' && hex) {
        this.at += 3;
        bytes.push(Number.parseInt(hex[1]!, 16));
        text += String.fromCharCode(bytes.at(-1)!);
      } else {
        add(character === '\\' ? this.escape() : character);
      }
    }
  }

  private escape(): string {
    const code = this.text.codePointAt(this.at);
    const character = code === undefined ? '' : String.fromCodePoint(code);
    this.at += character.length;
    return escapes[character] ?? character;
  }

  private regex(): Token {
    const from = this.at++;
    let isInClass = false;
    let source = '';
    for (;;) {
      const character = this.text[this.at++];
      if (character === undefined || (character === '/' && !isInClass)) {
        const isClosed = character !== undefined;
        this.at = Math.min(this.at, this.text.length);
        const flags = /^[a-z]*/.exec(this.text.slice(this.at))![0];
        this.at += flags.length;
        if (!isClosed) {
          this.onError({ from, to: this.at, message: t('The pattern is not closed: {0} is missing.', '/') });
        }
        return { kind: 'regex', source, flags, from, to: this.at };
      }
      isInClass = character === '[' || (isInClass && character !== ']');
      source += character;
      if (character === '\\') {
        source += this.text[this.at++] ?? '';
      }
    }
  }
}
