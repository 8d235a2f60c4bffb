import { t } from '../l10n.js';
import type { DataPart, Expression, Range } from './ast.js';
import { parseBase64, parseHex } from './literal.js';
import type { Token } from './scanner.js';
import { rangeOf, shorten, span, TokenReader } from './tokenReader.js';
import { dataFunctions, isOneOf } from './vocabulary.js';

const longestNumber = 40;
/** Digits, or `0x` and digits, that are below 2^53 in any case. */
const shortNumber = 15;

/** Reads numbers and bytes off the tokens of one line. */
export class LiteralParser extends TokenReader {
  protected number(token: Token & { kind: 'number' }): Expression {
    const range = rangeOf(token);
    const fail = (message: string): Expression => {
      this.report(message, range);
      return { kind: 'error', range };
    };
    const { text } = token;
    if (!token.isWhole) {
      return fail(t('A whole number is expected, not {0}.', shorten(text)));
    }
    if (text.length > longestNumber) {
      return fail(t('This number is too large.'));
    }
    const isHex = text[1] === 'x' || text[1] === 'X';
    const isOctal = !isHex && text.length > 1 && text.startsWith('0');
    if (isOctal && /[89]/.test(text)) {
      return fail(t('{0} begins with 0 and so is octal, which has no 8 and no 9.', text));
    }
    if (!isOctal && text.length <= shortNumber) {
      return { kind: 'number', value: Number(text), isHex, range };
    }
    const value = BigInt(isOctal ? `0o${text}` : text);
    if (value >= 1n << 64n) {
      return fail(t('This number is too large.'));
    }
    return {
      kind: 'number',
      value: value <= Number.MAX_SAFE_INTEGER ? Number(value) : value,
      isHex,
      range,
    };
  }

  /** String literals and `hex()`, `base64()`, `file()` side by side. */
  protected data(): Expression & { kind: 'data' } {
    const parts: DataPart[] = [];
    const start = this.here();
    for (;;) {
      const token = this.tokens[this.at];
      if (token?.kind === 'string') {
        this.at++;
        parts.push({ kind: 'bytes', bytes: token.bytes, range: rangeOf(token) });
      } else if (token?.kind === 'name' && isOneOf(dataFunctions, token.text) && this.is('(', 1)) {
        parts.push(this.dataFunction(token.text, rangeOf(token)));
      } else {
        break;
      }
    }
    let range = span(start, parts.at(-1)!.range);
    const cut = this.take('...');
    if (cut) {
      range = span(range, cut);
    }
    return { kind: 'data', parts, isCut: cut !== undefined, isAbstract: false, range };
  }

  private dataFunction(name: string, start: Range): DataPart {
    this.at += 2;
    const token = this.tokens[this.at];
    if (token?.kind !== 'string') {
      return this.unexpected(t('A quoted text is expected here.'));
    }
    this.at++;
    const range = span(start, this.expect(')'));
    const [from, to] = [token.start + 1, token.end - 1];
    if (name === 'file') {
      const path = this.text.slice(from, to);
      if (path === '') {
        this.report(t('The name of the file is missing.'), rangeOf(token));
      }
      return { kind: 'file', path, range };
    }
    const bytes = (name === 'hex' ? parseHex : parseBase64)(this.text, from, to, this.report);
    return { kind: 'bytes', bytes, range };
  }
}
