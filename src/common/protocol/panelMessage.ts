/** How a bigint crosses: JSON has none. */
interface EncodedBigint {
  $bigint: string;
}

/**
 * A message as a webview's `postMessage` can carry it: bigints become tagged text, and every byte array is a
 * plain `Uint8Array` over a buffer of its own (VS Code sends the whole buffer below a view, and a Node
 * `Buffer` as a list of numbers). Parts that need no change are kept, not copied.
 */
export function encodeMessage(value: unknown, depth = 0): unknown {
  if (typeof value === 'bigint') {
    return { $bigint: value.toString() } satisfies EncodedBigint;
  }
  if (value instanceof Uint8Array) {
    const isPlain = value.constructor === Uint8Array && value.byteLength === value.buffer.byteLength;
    return isPlain ? value : new Uint8Array(value);
  }
  return mapParts(value, encodeMessage, depth);
}

/** The message that {@link encodeMessage} was given. Never throws: what is malformed, or nested beyond all sense, stays as it came. */
export function decodeMessage(value: unknown, depth = 0): unknown {
  if (isEncodedBigint(value)) {
    return BigInt(value.$bigint);
  }
  return value instanceof Uint8Array ? value : mapParts(value, decodeMessage, depth);
}

/** Far more than any message has. */
const maxDepth = 100;

function mapParts(value: unknown, map: (part: unknown, depth: number) => unknown, depth: number): unknown {
  if (depth >= maxDepth) {
    return value;
  }
  if (Array.isArray(value)) {
    let copy: unknown[] | undefined;
    value.forEach((item, index) => {
      const mapped = map(item, depth + 1);
      if (mapped !== item) {
        copy ??= [...(value as unknown[])];
        copy[index] = mapped;
      }
    });
    return copy ?? value;
  }
  if (typeof value === 'object' && value !== null) {
    let copy: Record<string, unknown> | undefined;
    for (const [key, part] of Object.entries(value)) {
      const mapped = map(part, depth + 1);
      if (mapped !== part) {
        copy ??= { ...value };
        copy[key] = mapped;
      }
    }
    return copy ?? value;
  }
  return value;
}

function isEncodedBigint(value: unknown): value is EncodedBigint {
  return (
    typeof value === 'object' &&
    value !== null &&
    '$bigint' in value &&
    typeof value.$bigint === 'string' &&
    /^-?\d{1,40}$/.test(value.$bigint)
  );
}
