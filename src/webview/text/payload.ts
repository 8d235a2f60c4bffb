import {
  join,
  parseBase64 as parseBase64Digits,
  parseHex as parseHexDigits,
  type Report,
  unescape,
} from '../../common/notation/literal.js';

/** How the payload of a call is written in the form. */
export type PayloadMode = 'text' | 'hex' | 'base64' | 'file';

export type LineEnding = 'LF' | 'CRLF' | 'CR' | 'none';

/** Bytes, or what is wrong with the text and where (an offset in UTF-16 units). */
export type PayloadResult =
  { kind: 'bytes'; bytes: Uint8Array } | { kind: 'error'; message: string; offset: number };

const endings: Record<LineEnding, string> = { LF: '\n', CRLF: '\r\n', CR: '\r', none: '' };

/** Runs a reader of the notation and takes the first thing that it complains of. */
function read(parse: (report: Report) => Uint8Array): PayloadResult {
  let problem: { message: string; offset: number } | undefined;
  const bytes = parse((message, { start }) => {
    problem ??= { message, offset: start };
  });
  return problem ? { kind: 'error', ...problem } : { kind: 'bytes', bytes };
}

/**
 * Text as a person types it: a line break of the field becomes the chosen ending (`none` leaves it out), and
 * the escapes of C string literals stand for their bytes.
 */
export function parseText(text: string, ending: LineEnding): PayloadResult {
  const lineEnd = new TextEncoder().encode(endings[ending]);
  return read((report) => {
    const parts: Uint8Array[] = [];
    let offset = 0;
    for (const line of text.split('\n')) {
      if (offset > 0) {
        parts.push(lineEnd);
      }
      parts.push(unescape(line, offset, report));
      offset += line.length + 1;
    }
    return join(parts);
  });
}

/** What stands between hexadecimal bytes where people paste them from: prefixes, separators, a dump's offsets. */
const betweenBytes = /(?<![\dA-Fa-f])0[xX](?=[\dA-Fa-f])|\\x(?=[\dA-Fa-f])|^[\dA-Fa-f]{4,16}:|[,:;_-]/gm;

/**
 * Hexadecimal bytes as people paste them: blanks, line breaks, commas, colons and `0x` are read over, and so
 * is a hex dump's column of offsets that ends in a colon.
 */
export function parseHex(text: string): PayloadResult {
  const digits = text.replace(betweenBytes, (found) => ' '.repeat(found.length));
  return read((report) => parseHexDigits(digits, 0, digits.length, report));
}

/** Base64 and base64url; padding may be left out, blanks are read over. */
export function parseBase64(text: string): PayloadResult {
  return read((report) => parseBase64Digits(text, 0, text.length, report));
}

/** Where an offset is, for people: both from 1. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

/** Bytes written so that {@link parseText} gives them back: for a payload that comes from a record or a suggestion. */
export function payloadText(bytes: Uint8Array, ending: LineEnding): string | undefined {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
  const escaped = text
    .replaceAll('\\', '\\\\')
    // eslint-disable-next-line no-control-regex -- control characters are what is escaped
    .replace(/[\0-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, (char) =>
      [...new TextEncoder().encode(char)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
    )
    .replaceAll('\\x0d', '\\r')
    .replaceAll('\\x09', '\\t');
  return ending === 'LF' ? escaped : escaped.replaceAll('\n', '\\n');
}

export function toHexText(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
