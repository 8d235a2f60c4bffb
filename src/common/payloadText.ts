import { t } from './l10n.js';
import {
  Base64Digits,
  HexDigits,
  parseBase64 as parseBase64Digits,
  parseHex as parseHexDigits,
  type Report,
} from './notation/literal.js';
import { escapedByte } from './notation/text.js';
import { decodeUtf8At } from './utf8.js';

/** What a line break of a text is sent as. */
export type LineEnding = 'LF' | 'CRLF' | 'CR' | 'none';

/** Bytes, or what is wrong with the text and where (an offset in UTF-16 units). */
export type PayloadResult =
  | { kind: 'bytes'; bytes: Uint8Array }
  | { kind: 'error'; message: string; offset: number };

export const lineEndings: Readonly<Record<LineEnding, string>> = {
  LF: '\n',
  CRLF: '\r\n',
  CR: '\r',
  none: '',
};

/** What stands between hexadecimal bytes where people paste them from: prefixes, separators, quotes and brackets. */
const betweenBytes = /(?<![\dA-Fa-f])0[xX](?=[\dA-Fa-f])|\\x(?=[\dA-Fa-f])|[,:;_\-"'()[\]{}]/g;

/** The bytes of hexadecimal digits; blanks, line breaks and {@link betweenBytes} are read over. */
export function bytesOfHex(text: string, report: Report): Uint8Array {
  const digits = text.replace(betweenBytes, blanks);
  return parseHexDigits(digits, 0, digits.length, report);
}

/** Blanks of the same length, so that what follows keeps its place. */
function blanks(text: string): string {
  return ' '.repeat(text.length);
}

/** The column of offsets: with a colon (xxd, tcpdump), or apart from bytes in pairs (hexdump -C, od, Wireshark). */
const offsetColumn =
  /^[ \t]*(?:0[xX])?[\dA-Fa-f]{4,16}:(?=[ 	]|$)|^[\dA-Fa-f]{4,8}(?= {2,}[\dA-Fa-f]{2}(?: |$))|^[0-7]{7}(?= +[\dA-Fa-f]{2}(?: |$))/;
/** The line that ends the output of `hexdump` and `od`: only where the bytes end. */
const lastOffset = /^[\dA-Fa-f]{7,8}[ \t]*$/;

/**
 * A hex dump with blanks where it has no bytes: in its column of offsets, and in its column of characters, which is
 * known by saying what the bytes before it are.
 */
export function maskDump(text: string): string {
  return new DumpMask(text).mask(0, text.length);
}

class DumpMask {
  private isDump = false;

  constructor(private readonly text: string) {}

  /** A part of the text that begins with a line. */
  mask(start: number, end: number): string {
    let lineEnd = start - 1;
    return this.text
      .slice(start, end)
      .split('\n')
      .map((line) => {
        lineEnd += line.length + 1;
        const offset = offsetColumn.exec(line)?.[0];
        if (offset === undefined) {
          return this.isDump && lastOffset.test(line) && this.isBlankFrom(lineEnd) ? blanks(line) : line;
        }
        this.isDump = true;
        return blanks(offset) + withoutCharacters(line.slice(offset.length));
      })
      .join('\n');
  }

  private isBlankFrom(at: number): boolean {
    const character = /\S/g;
    character.lastIndex = at;
    return !character.test(this.text);
  }
}

/** Characters that are read in one part: a few milliseconds on a slow machine. */
const partLength = 8 * 1024;

/** Hexadecimal bytes as people paste them, read a part at a time. */
class HexReader {
  private readonly digits: HexDigits;
  private readonly dump: DumpMask;
  private at = 0;
  /** What is read next goes on in a line that began before. */
  private isInLine = false;

  constructor(
    private readonly text: string,
    private readonly partLength: number,
    report: Report,
  ) {
    this.digits = new HexDigits(text.length, report);
    this.dump = new DumpMask(text);
  }

  get isAtEnd(): boolean {
    return this.digits.isWrong || this.at >= this.text.length;
  }

  readPart(): void {
    const { text, at: start } = this;
    const end = this.endOfPart();
    const part = text.slice(start, end);
    // Of a line that goes on it is known that it has no column of offsets.
    const rest = this.isInLine ? part.indexOf('\n') : 0;
    const masked = rest < 0 ? part : part.slice(0, rest) + this.dump.mask(start + rest, end);
    this.digits.push(masked.replace(betweenBytes, blanks), start);
    this.isInLine = !part.endsWith('\n');
    this.at = end;
  }

  finish(): Uint8Array {
    return this.digits.finish();
  }

  /** Behind a line; within a long one, where the digits on both sides mean the same apart. */
  private endOfPart(): number {
    const { text, at: start } = this;
    const end = start + this.partLength;
    if (end >= text.length) {
      return text.length;
    }
    const part = text.slice(start, end);
    const line = part.lastIndexOf('\n') + 1;
    if (line > 0) {
      return start + line;
    }
    const apart =
      !this.isInLine && offsetColumn.test(part) ? /\n/g : /\n|[\dA-Fa-f](?=[\dA-Fa-f](?![xX]))|[^](?=[ \t])/g;
    apart.lastIndex = end - 1;
    const found = apart.exec(text);
    return found ? found.index + 1 : text.length;
  }
}

/** Base64, read a part at a time. */
class Base64Reader {
  private readonly digits: Base64Digits;
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly partLength: number,
    report: Report,
  ) {
    this.digits = new Base64Digits(text.length, report);
  }

  get isAtEnd(): boolean {
    return this.digits.isWrong || this.at >= this.text.length;
  }

  readPart(): void {
    this.digits.push(this.text.slice(this.at, this.at + this.partLength), this.at);
    this.at += this.partLength;
  }

  finish(): Uint8Array {
    return this.digits.finish();
  }
}

/**
 * Reads long digits so that others have their turn between the parts.
 * @param turn Ends when it is our turn again; false where nobody waits for the bytes any more.
 */
export async function readInTurns(
  mode: 'hex' | 'base64',
  text: string,
  turn: () => Promise<boolean>,
  length = partLength,
): Promise<PayloadResult | undefined> {
  let problem: { message: string; offset: number } | undefined;
  const report: Report = (message, { start }) => {
    problem ??= { message, offset: start };
  };
  const reader =
    mode === 'hex' ? new HexReader(text, length, report) : new Base64Reader(text, length, report);
  while (!reader.isAtEnd) {
    if (!(await turn())) {
      return undefined;
    }
    reader.readPart();
  }
  const bytes = reader.finish();
  return problem ? { kind: 'error', ...problem } : { kind: 'bytes', bytes };
}

/** The bytes of a dump's line, without the characters that stand for them behind. */
function withoutCharacters(line: string): string {
  for (const { index, 0: gap } of line.matchAll(/[ \t]+\|?/g)) {
    const bytes = line.slice(0, index).replace(/[\s-]/g, '');
    const start = index + gap.length;
    for (const from of gap.length > 2 && !gap.endsWith('|') ? [start, index + 2] : [start]) {
      if (bytes !== '' && saysBytes(bytes, line.slice(from))) {
        return line.slice(0, index) + blanks(line.slice(index));
      }
    }
  }
  return line;
}

function saysBytes(digits: string, characters: string): boolean {
  const count = digits.length / 2;
  // Trailing blanks are often lost on the way.
  const shown = characters.replace(/[|\r]+$/, '').padEnd(count);
  if (!Number.isInteger(count) || shown.length > count || !/^[\dA-Fa-f]+$/.test(digits)) {
    return false;
  }
  for (let index = 0; index < count; index++) {
    const code = Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16);
    const isPrintable = code >= 0x20 && code < 0x7f;
    if (shown[index] !== (isPrintable ? String.fromCharCode(code) : '.')) {
      return false;
    }
  }
  return true;
}

/** Hexadecimal bytes as people paste them, dumps too. */
export function parseHex(text: string): PayloadResult {
  return read((report) => bytesOfHex(maskDump(text), report));
}

/** Base64 and base64url; padding may be left out, blanks are read over. */
export function parseBase64(text: string): PayloadResult {
  return read((report) => parseBase64Digits(text, 0, text.length, report));
}

/** Runs a reader of the notation and takes the first thing that it complains of. */
function read(parse: (report: Report) => Uint8Array): PayloadResult {
  let problem: { message: string; offset: number } | undefined;
  const bytes = parse((message, { start }) => {
    problem ??= { message, offset: start };
  });
  return problem ? { kind: 'error', ...problem } : { kind: 'bytes', bytes };
}

/** Where an offset is, for people: both from 1. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

/** An offset in a text, for people. */
export function placedMessage(text: string, offset: number, message: string): string {
  const { line, column } = placeOf(text, offset);
  return line > 1
    ? t('Line {0}, column {1}: {2}', line, column, message)
    : t('Column {0}: {1}', column, message);
}

/** Characters that are not seen, or change how others are seen. */
// oxlint-disable-next-line no-control-regex -- control characters are what is escaped
const unseen = /[\0-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;

/** Bytes written as the text of a template that gives them back: what is no character as in a C string. */
export function payloadText(bytes: Uint8Array, ending: LineEnding): string {
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const character = decodeUtf8At(bytes, at);
    const end = at + (character?.length ?? 1);
    const shown = character && String.fromCodePoint(character.code);
    if (shown === undefined || unseen.test(shown)) {
      for (; at < end; at++) {
        text += escapedByte(bytes[at]!, bytes[at + 1]);
      }
    } else {
      text += shown === '\\' || (shown === '{' && bytes[end] === 0x7b) ? `\\${shown}` : shown;
    }
    at = end;
  }
  return ending === 'LF' ? text : text.replaceAll('\n', '\\n');
}

/** Bytes as pairs of hexadecimal digits with spaces between them. */
export function toHexText(bytes: Uint8Array): string {
  return Array.from(bytes, hexOf).join(' ');
}

function hexOf(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
