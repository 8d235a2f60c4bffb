import { decodeUtf8At } from '../utf8.js';

/** `strace` escapes every byte beyond ASCII; `short` shows text that is safe to show. */
export type PrintStyle = 'short' | 'strace';

const simple: Readonly<Record<number, string>> = {
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
  34: '\\"',
  92: '\\\\',
};

/** Letters, marks, digits, punctuation and symbols; nothing invisible, nothing that reorders its neighbours. */
const visible = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u;
const invisible = /^[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}]$/u;
const mark = /^\p{M}$/u;

/**
 * Bytes as the inside of a C string: what it says reads back as the same bytes, and nothing in it acts on a
 * terminal. Other bytes are octal, as short as the next character allows.
 */
export function escapeBytes(bytes: Uint8Array, style: PrintStyle): string {
  return new EscapedBytes(bytes, style).take(bytes.length);
}

/** What {@link escapeBytes} says, a part at a time. */
export class EscapedBytes {
  private at = 0;
  private canCarryMark = false;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly style: PrintStyle,
  ) {}

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  /** What so many bytes more say, with the rest of a character that ends behind them. */
  take(count: number): string {
    const { bytes, style } = this;
    const stop = Math.min(bytes.length, this.at + count);
    let { at: index, canCarryMark } = this;
    let text = '';
    while (index < stop) {
      const byte = bytes[index]!;
      const known = simple[byte];
      if (known !== undefined) {
        text += known;
        canCarryMark = false;
        index++;
        continue;
      }
      if (byte >= 0x20 && byte < 0x7f) {
        text += String.fromCharCode(byte);
        canCarryMark = byte !== 0x20;
        index++;
        continue;
      }
      const character = style === 'short' && byte >= 0x80 ? decodeUtf8At(bytes, index) : undefined;
      const shown = character && String.fromCodePoint(character.code);
      if (shown && visible.test(shown) && !invisible.test(shown) && (canCarryMark || !mark.test(shown))) {
        text += shown;
        canCarryMark = true;
        index += character.length;
        continue;
      }
      const end = index + (character?.length ?? 1);
      for (; index < end; index++) {
        text += octal(bytes[index]!, bytes[index + 1]);
      }
      canCarryMark = false;
    }
    this.at = index;
    this.canCarryMark = canCarryMark;
    return text;
  }
}

/** A byte that is no character to show, as in a C string; `next` is what follows it there. */
export function escapedByte(byte: number, next: number | undefined): string {
  return simple[byte] ?? octal(byte, next);
}

function octal(byte: number, next: number | undefined): string {
  const digits = byte.toString(8);
  return `\\${next !== undefined && next >= 0x30 && next <= 0x37 ? digits.padStart(3, '0') : digits}`;
}

/** Data from this length on is printed as a repetition where it is one. */
const shortestRepetition = 128;
const longestUnit = 64;

/** The bytes that long data repeats; undefined where it does not. */
export function repeatedUnit(bytes: Uint8Array): Uint8Array | undefined {
  const { length } = bytes;
  if (length < shortestRepetition) {
    return undefined;
  }
  for (let size = 1; size <= longestUnit && size * 2 <= length; size++) {
    if (length % size === 0 && isRepetition(bytes, size)) {
      return bytes.subarray(0, size);
    }
  }
  return undefined;
}

function isRepetition(bytes: Uint8Array, size: number): boolean {
  for (let index = size; index < bytes.length; index++) {
    if (bytes[index] !== bytes[index - size]) {
      return false;
    }
  }
  return true;
}
