import { t } from '../l10n.js';
import { encodeUtf8 } from '../utf8.js';
import type { Range } from './ast.js';
import { escapes } from './vocabulary.js';

/** Tells of an error at a place of the text. */
export type Report = (message: string, range: Range) => void;

const escape = /\\(?:x([0-9A-Fa-f]{1,2})|([0-7]{1,3})|([nrtvfab\\"'])|)/y;

/**
 * The bytes of a C string literal's inside.
 * @param offset Where the inside starts in the whole text, for the report.
 */
export function unescape(inside: string, offset: number, report: Report): Uint8Array {
  const parts: Uint8Array[] = [];
  let plainStart = 0;
  for (let at = inside.indexOf('\\'); at >= 0; at = inside.indexOf('\\', plainStart)) {
    if (at > plainStart) {
      parts.push(encodeUtf8(inside.slice(plainStart, at)));
    }
    escape.lastIndex = at;
    const [whole, hex, octal, simple] = escape.exec(inside)!;
    const value =
      hex !== undefined
        ? Number.parseInt(hex, 16)
        : octal !== undefined
          ? Number.parseInt(octal, 8)
          : simple !== undefined
            ? escapes[simple]!
            : 256;
    const length = value > 255 ? Math.max(2, whole.length) : whole.length;
    if (value > 255) {
      const text = inside.slice(at, at + length);
      report(t('This escape stands for no byte: {0}', text), {
        start: offset + at,
        end: offset + at + text.length,
      });
    } else {
      parts.push(Uint8Array.of(value));
    }
    plainStart = at + length;
  }
  if (plainStart < inside.length) {
    parts.push(encodeUtf8(inside.slice(plainStart)));
  }
  return join(parts);
}

/** The bytes of digits, a part at a time: those of one byte may stand in two parts. */
export interface DigitReader {
  /** Something was reported that ends the reading. */
  readonly isWrong: boolean;
  /** Reads a part that stands at `offset` of the whole, for the report; nothing more once something was wrong. */
  push(part: string, offset: number): void;
  /** All bytes: nothing follows. */
  finish(): Uint8Array;
}

/** The bytes of hexadecimal digits with blanks anywhere. */
export function parseHex(text: string, start: number, end: number, report: Report): Uint8Array {
  return readWhole(new HexDigits(end - start, report), text, start, end);
}

function readWhole(reader: DigitReader, text: string, start: number, end: number): Uint8Array {
  reader.push(text.slice(start, end), start);
  return reader.finish();
}

/** Reads bytes written as hexadecimal digits. */
export class HexDigits implements DigitReader {
  private readonly bytes: Uint8Array;
  private length = 0;
  private high = -1;
  private highAt = 0;
  isWrong = false;

  /** @param count Characters that are read, at most. */
  constructor(
    count: number,
    private readonly report: Report,
  ) {
    this.bytes = new Uint8Array(count >> 1);
  }

  push(part: string, offset: number): void {
    if (this.isWrong) {
      return;
    }
    const { bytes } = this;
    let { length, high, highAt } = this;
    for (let at = 0; at < part.length; at++) {
      const code = part.charCodeAt(at);
      const digit = hexDigit(code);
      if (digit < 0) {
        if (!isBlank(code)) {
          this.report(t('{0} is no hexadecimal digit.', part[at]!), {
            start: offset + at,
            end: offset + at + 1,
          });
          this.isWrong = true;
          break;
        }
      } else if (high < 0) {
        high = digit;
        highAt = offset + at;
      } else {
        bytes[length++] = (high << 4) | digit;
        high = -1;
      }
    }
    Object.assign(this, { length, high, highAt });
  }

  finish(): Uint8Array {
    const { high, highAt } = this;
    if (high >= 0 && !this.isWrong) {
      this.report(t('A byte has two hexadecimal digits; the last one has only one.'), {
        start: highAt,
        end: highAt + 1,
      });
    }
    return this.bytes.slice(0, this.length);
  }
}

/** What `\s` matches; there are many of them in a dump. */
function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || (code > 127 && /\s/.test(String.fromCharCode(code)));
}

function hexDigit(code: number): number {
  return code >= 48 && code <= 57
    ? code - 48
    : (code | 32) >= 97 && (code | 32) <= 102
      ? (code | 32) - 87
      : -1;
}

/** The values of the digits by their codes; -1 of what is none. The last two are those of the URL alphabet. */
const base64Values = new Int8Array(128).fill(-1);
const base64Digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_';
for (let index = 0; index < base64Digits.length; index++) {
  base64Values[base64Digits.charCodeAt(index)] = index < 64 ? index : index - 2;
}

/** The bytes of Base64 (RFC 4648, also the URL alphabet) with blanks anywhere; the padding may be left out. */
export function parseBase64(text: string, start: number, end: number, report: Report): Uint8Array {
  return readWhole(new Base64Digits(end - start, report), text, start, end);
}

/** Reads bytes written in base64. */
export class Base64Digits implements DigitReader {
  private readonly bytes: Uint8Array;
  private length = 0;
  private bits = 0;
  private digits = 0;
  private lastAt = 0;
  private isPadded = false;
  isWrong = false;

  /** @param count Characters that are read, at most. */
  constructor(
    count: number,
    private readonly report: Report,
  ) {
    this.bytes = new Uint8Array(Math.ceil((count * 3) / 4));
  }

  push(part: string, offset: number): void {
    if (this.isWrong) {
      return;
    }
    const { bytes } = this;
    let { length, bits, digits, lastAt, isPadded } = this;
    for (let at = 0; at < part.length; at++) {
      const code = part.charCodeAt(at);
      const digit = base64Values[code] ?? -1;
      if (digit < 0 && isBlank(code)) {
        continue;
      }
      const character = part[at]!;
      if (character === '=' && digits % 4 >= 2) {
        isPadded = true;
      } else if (digit < 0 || isPadded) {
        this.report(t('{0} does not belong here in Base64.', character), {
          start: offset + at,
          end: offset + at + 1,
        });
        this.isWrong = true;
        break;
      } else {
        bits = ((bits << 6) | digit) & 0xffffff;
        digits++;
        lastAt = offset + at;
        if (digits % 4 !== 1) {
          bytes[length++] = (bits >> [0, 0, 4, 2][digits % 4]!) & 255;
        }
      }
    }
    Object.assign(this, { length, bits, digits, lastAt, isPadded });
  }

  finish(): Uint8Array {
    const { lastAt } = this;
    if (this.digits % 4 === 1 && !this.isWrong) {
      this.report(t('The last character of Base64 stands alone.'), { start: lastAt, end: lastAt + 1 });
    }
    return this.bytes.slice(0, this.length);
  }
}

/** Several pieces as one. */
export function join(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) {
    return parts[0]!;
  }
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
