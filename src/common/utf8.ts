/** The UTF-8 bytes of a text; half of a surrogate pair becomes U+FFFD, as with TextEncoder, which not every process has here. */
export function encodeUtf8(text: string): Uint8Array {
  let bytes = new Uint8Array(text.length + 16);
  let length = 0;
  for (let index = 0; index < text.length; index++) {
    if (length + 4 > bytes.length) {
      const larger = new Uint8Array(2 * bytes.length);
      larger.set(bytes);
      bytes = larger;
    }
    let code = text.charCodeAt(index);
    if (code >= 0xd800 && code <= 0xdfff) {
      const whole = text.codePointAt(index)!;
      if (whole > 0xffff) {
        code = whole;
        index++;
      } else {
        code = 0xfffd;
      }
    }
    if (code < 0x80) {
      bytes[length++] = code;
    } else if (code < 0x800) {
      bytes[length++] = 0xc0 | (code >> 6);
      bytes[length++] = 0x80 | (code & 63);
    } else if (code < 0x10000) {
      bytes[length++] = 0xe0 | (code >> 12);
      bytes[length++] = 0x80 | ((code >> 6) & 63);
      bytes[length++] = 0x80 | (code & 63);
    } else {
      bytes[length++] = 0xf0 | (code >> 18);
      bytes[length++] = 0x80 | ((code >> 12) & 63);
      bytes[length++] = 0x80 | ((code >> 6) & 63);
      bytes[length++] = 0x80 | (code & 63);
    }
  }
  return bytes.slice(0, length);
}

/** The character that starts at a position, and its length in bytes; undefined where the bytes are no valid UTF-8. */
export function decodeUtf8At(
  bytes: Uint8Array,
  position: number,
): { code: number; length: number } | undefined {
  const first = bytes[position]!;
  if (first < 0x80) {
    return { code: first, length: 1 };
  }
  const length = first >= 0xf0 && first <= 0xf4 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (length === 0 || first > 0xf4 || position + length > bytes.length) {
    return undefined;
  }
  let code = first & (0xff >> (length + 1));
  for (let index = 1; index < length; index++) {
    const byte = bytes[position + index]!;
    if ((byte & 0xc0) !== 0x80) {
      return undefined;
    }
    code = (code << 6) | (byte & 63);
  }
  const smallest = length === 2 ? 0x80 : length === 3 ? 0x800 : 0x10000;
  return code < smallest || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)
    ? undefined
    : { code, length };
}

/** Whether all of it is well-formed UTF-8. */
export function isUtf8(bytes: Uint8Array): boolean {
  for (let position = 0; position < bytes.length;) {
    const length = bytes[position]! < 0x80 ? 1 : decodeUtf8At(bytes, position)?.length;
    if (length === undefined) {
      return false;
    }
    position += length;
  }
  return true;
}

/** The text of UTF-8 bytes; each that is not valid becomes U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = '';
  for (let position = 0; position < bytes.length;) {
    const first = bytes[position]!;
    if (first < 0x80) {
      text += String.fromCharCode(first);
      position++;
      continue;
    }
    const { code, length } = decodeUtf8At(bytes, position) ?? { code: 0xfffd, length: 1 };
    text += String.fromCodePoint(code);
    position += length;
  }
  return text;
}
