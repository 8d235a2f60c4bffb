import { commentText } from './code.js';

/** A comment in which nothing ends it, begins another or is a trigraph. */
export function comment(text: string): string {
  const safe = commentText(text).replaceAll('*/', '* /').replaceAll('/*', '/ *').replaceAll('??', '? ?');
  return safe === '' ? '/* */' : `/* ${safe} */`;
}

/** Bytes as a string literal; long ones go on in the next line. */
export function cString(bytes: Uint8Array): string {
  let text = '';
  const lines: string[] = [];
  for (const [at, byte] of bytes.entries()) {
    text +=
      (isTrigraph(bytes, at) ? '\\' : '') +
      (escapes[byte] ??
        (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`));
    if (text.length >= longestLine) {
      lines.push(`"${text}"`);
      text = '';
    }
  }
  return [...lines, ...(text !== '' || lines.length === 0 ? [`"${text}"`] : [])].join('\n    ');
}

const longestLine = 100;

const escapes: Readonly<Record<number, string>> = {
  9: '\\t',
  10: '\\n',
  13: '\\r',
  34: '\\"',
  92: '\\\\',
};

/** Whether it is the second question mark of a trigraph: before C23 `??!` is read as `|`, also in a string. */
function isTrigraph(bytes: Uint8Array, at: number): boolean {
  const isPair = bytes[at] === 63 && bytes[at - 1] === 63;
  return isPair && "=/'()!<>-".includes(String.fromCharCode(bytes[at + 1] ?? 0));
}

/** A number in C, with the suffix that its size needs. */
export function cNumber(value: number | bigint, isHex: boolean): string {
  const text = isHex && value >= 0 ? `0x${value.toString(16)}` : String(value);
  if (value > 0x7fffffffffffffffn) {
    return `${text}UL`;
  }
  return value > 0x7fffffff || value < -0x80000000 ? `${text}L` : text;
}
