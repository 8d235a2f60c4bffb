/** A text as a string literal. */
export function nodeString(text: string): string {
  const inside = text.replace(/[^A-Za-z0-9 !#-&(-[\]-_{-~]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return `'${inside}'`;
}

/** Bytes as a Buffer. */
export function nodeBytes(bytes: Uint8Array): string {
  const isText = bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 10);
  if (isText) {
    const text = Array.from(bytes, (byte) => {
      const character = String.fromCharCode(byte);
      return character === '\n'
        ? '\\n'
        : character === "'" || character === '\\'
          ? `\\${character}`
          : character;
    });
    return `Buffer.from('${text.join('')}')`;
  }
  return `Buffer.from('${Buffer.from(bytes).toString('hex')}', 'hex')`;
}

/** Names that a variable of a program must not take: keywords, globals, and what the program has itself. */
export const nodeNames: ReadonlySet<string> = new Set(
  `abstract arguments async await boolean break byte case catch char class const continue debugger default delete do
  double else enum eval export extends false final finally float for from function get global goto if implements import
  in instanceof int interface let long module name native new null of package private process protected public require
  exports return set short static super switch synchronized this throw throws transient true try typeof undefined var
  void volatile while with yield console performance fetch crypto structuredClone atob btoa escape unescape isFinite
  isNaN parseFloat parseInt navigator dgram once fs net delay main turns threads result started peer failures data`.split(
    /\s+/,
  ),
);
