import { escapedByte } from '../../common/notation/text.js';
import { decodeUtf8At, encodeUtf8 } from '../../common/utf8.js';
import { classAt, type Marks } from './byteMarks.js';

/** A part of a line that looks the same from its beginning to its end. */
export interface Run {
  text: string;
  className: string;
}

/** One line of a hex dump. */
export interface HexLine {
  offset: string;
  /** Groups of eight bytes, filled up with blanks to the full width. */
  hex: Run[];
  text: Run[];
}

/** Bytes on a line of a dump: 8 where there is little room. */
export type LineLength = 8 | 16;

/** The dump of the bytes that stand at `offset`; `digits` wide offsets. */
export function hexLine(
  bytes: Uint8Array,
  offset: number,
  digits: number,
  length: LineLength = 16,
  kinds: readonly Marks[] = [],
): HexLine {
  const hex: Run[] = [];
  const text: Run[] = [];
  for (let at = 0; at < length; at++) {
    const byte = bytes[at];
    const className = byte === undefined ? '' : classAt(kinds, offset + at);
    const gap = at === 0 ? '' : at === 8 ? '  ' : ' ';
    const last = hex.at(-1);
    const isSame = last?.className === className;
    if (!isSame) {
      hex.push({ text: '', className });
      text.push({ text: '', className });
    }
    hex.at(-1)!.text +=
      (isSame ? gap : '') + (byte === undefined ? '  ' : byte.toString(16).padStart(2, '0'));
    text.at(-1)!.text +=
      byte === undefined ? '' : byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
    if (!isSame && gap !== '') {
      // A blank between two parts belongs to neither.
      hex.splice(-1, 0, { text: gap, className: '' });
    }
  }
  return { offset: offset.toString(16).padStart(digits, '0'), hex, text };
}

/** Characters that a line takes, with the blanks between its parts. */
export function lineWidth(digits: number, length: LineLength): number {
  return digits + 2 + (length * 3 - 1 + (length === 16 ? 1 : 0)) + 2 + length;
}

/** Digits that an offset of a payload of this length needs, at least four. */
export function offsetDigits(length: number): number {
  return Math.max(4, Math.max(0, length - 1).toString(16).length);
}

/**
 * Bytes on one line for a table: valid UTF-8 as text with line ends and other control characters shown, and
 * what is not text as `\26\3`, as calls are printed.
 */
export function previewText(bytes: Uint8Array, length: number): string {
  const text = decodeText(bytes, bytes.length < length);
  const shown = text === undefined ? escapedText(bytes) : visibleText(text);
  return bytes.length < length ? `${shown}…` : shown;
}

/** How each byte is shown of what is no text: before an octal digit, and before anything else. */
const [beforeDigit, beforeOther] = [0x30, undefined].map((next) =>
  Array.from({ length: 256 }, (_, byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : escapedByte(byte, next),
  ),
) as [string[], string[]];

/** Of the bytes that are shown just now: a text that grew by each of them would leave as many behind. */
const parts: string[] = [];

function escapedText(bytes: Uint8Array): string {
  parts.length = bytes.length;
  for (let at = 0; at < bytes.length; at++) {
    parts[at] = byteText(bytes, at);
  }
  return parts.join('');
}

function byteText(bytes: Uint8Array, at: number): string {
  const next = bytes[at + 1];
  return (next !== undefined && next >= 0x30 && next <= 0x37 ? beforeDigit : beforeOther)[bytes[at]!]!;
}

/** Text on one line, with characters that would not be seen, or would change what is seen around them, made visible. */
function visibleText(text: string): string {
  return visibleLines(
    text.replaceAll('\r\n', '⏎').replaceAll('\n', '⏎').replaceAll('\r', '\\r').replaceAll('\t', '⇥'),
  );
}

/** As {@link visibleText}, where the text keeps its lines and tabs. */
export function visibleLines(text: string): string {
  return text.replace(
    // oxlint-disable-next-line no-control-regex -- control characters are what is shown
    /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\r(?!\n)/g,
    (char, at: number) => {
      const bytes = encodeUtf8(char);
      const next = text.charCodeAt(at + 1);
      return Array.from(bytes, (byte, index) => escapedByte(byte, bytes[index + 1] ?? next)).join('');
    },
  );
}

/** All bytes with their lines and tabs, as {@link visibleLines}; what is no UTF-8 among them as it is in a C string. */
export function linesOf(bytes: Uint8Array, isCut: boolean): { text: string; isUtf8: boolean } {
  const whole = validText(bytes, isCut);
  if (whole !== undefined) {
    return { text: visibleLines(whole), isUtf8: true };
  }
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at]!;
    const character = byte < 0x80 ? { code: byte, length: 1 } : decodeUtf8At(bytes, at);
    const end = at + (character?.length ?? 1);
    if (character && isSeen(character.code, bytes[end])) {
      text += String.fromCodePoint(character.code);
      at = end;
    }
    for (; at < end; at++) {
      text += byteText(bytes, at);
    }
  }
  return { text, isUtf8: false };
}

/** Whether a character stands as it is where a text keeps its lines and tabs. */
function isSeen(code: number, next: number | undefined): boolean {
  if (code === 0x0d) {
    return next === 0x0a;
  }
  if (code >= 0x20 && code < 0x7f) {
    return true;
  }
  const char = String.fromCodePoint(code);
  return visibleLines(char) === char;
}

/** The bytes as UTF-8 text; undefined when they are none. A character cut off at the end is left out when `isCut`. */
export function decodeText(bytes: Uint8Array, isCut = false): string | undefined {
  return bytes.some(isForeign) ? undefined : validText(bytes, isCut);
}

/** The characters of valid UTF-8, whichever they are. */
export function validText(bytes: Uint8Array, isCut = false): string | undefined {
  try {
    // One that waits for the rest of a character is of no use for other bytes.
    return isCut ? newDecoder().decode(bytes, { stream: true }) : decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

const newDecoder = () => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const decoder = newDecoder();

/** A NUL, or another control character that no text has, means that these bytes are none. An escape may stand in one. */
function isForeign(byte: number): boolean {
  return byte < 0x20 && (byte < 0x09 || byte > 0x0d) && byte !== 0x1b;
}

/** The longest JSON that is laid out. */
const mostJson = 512 * 1024;

/**
 * The value as JSON with an indent of two, undefined when the bytes are no JSON object or array, and when it would be
 * too long: a few thousand brackets in one another would be hundreds of megabytes of indent.
 */
export function prettyJson(bytes: Uint8Array): string | undefined {
  const text = decodeText(bytes);
  if (text === undefined || !/^\s*[[{]/.test(text) || indentedLength(text) > mostJson) {
    return undefined;
  }
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return undefined;
  }
}

/** About how long a JSON text is with an indent of two. */
function indentedLength(text: string): number {
  let length = text.length;
  let depth = 0;
  for (const [sign] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{},]/gs)) {
    if (sign[0] === '"') {
      continue;
    }
    depth += { '[': 1, '{': 1, ']': -1, '}': -1 }[sign] ?? 0;
    length += 1 + 2 * depth;
    if (length > mostJson) {
      break;
    }
  }
  return length;
}
