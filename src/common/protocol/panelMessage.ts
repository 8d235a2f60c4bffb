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
    return encodedBigint(value);
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

/** Byte arrays as they cross: all of a message's, one behind the other, in one. */
interface PackedMessage {
  $message: unknown;
  $packed: Uint8Array;
}

/** Where in {@link PackedMessage.$packed} a byte array is. */
interface PackedBytes {
  $at: number;
  $length: number;
}

/**
 * {@link encodeMessage}, with all byte arrays in one. VS Code hands each array of a message on as an argument of its own,
 * and counts arguments in a byte: of a page of 256 records with data it would lose what is too much, and the message with it.
 */
export function packMessage(message: unknown): unknown {
  const arrays: Uint8Array[] = [];
  let length = 0;
  const pack = (part: unknown, depth: number): unknown => {
    if (part instanceof Uint8Array) {
      const packed: PackedBytes = { $at: length, $length: part.length };
      arrays.push(part);
      length += part.length;
      return packed;
    }
    return typeof part === 'bigint' ? encodedBigint(part) : mapParts(part, pack, depth);
  };
  const $message = pack(message, 0);
  if (arrays.length < 2) {
    return arrays.length === 0 ? $message : encodeMessage(message);
  }
  const $packed = new Uint8Array(length);
  let at = 0;
  for (const array of arrays) {
    $packed.set(array, at);
    at += array.length;
  }
  return { $message, $packed } satisfies PackedMessage;
}

/**
 * The message that {@link packMessage} was given, made in place. Never throws: what is malformed stays as it came. Its byte
 * arrays are parts of one: a page of records is one buffer, not one for each.
 */
export function unpackMessage(value: unknown): unknown {
  if (!isPackedMessage(value)) {
    return decodeMessage(value);
  }
  return unpackPart(value.$message, value.$packed, 0);
}

function unpackPart(part: unknown, packed: Uint8Array, depth: number): unknown {
  if (typeof part !== 'object' || part === null) {
    return part;
  }
  if (isPackedBytes(part, packed.length)) {
    return packed.subarray(part.$at, part.$at + part.$length);
  }
  if (isEncodedBigint(part)) {
    return BigInt(part.$bigint);
  }
  if (depth < maxDepth) {
    const parts = part as Record<string, unknown>;
    for (const key in parts) {
      const inner = parts[key];
      if (typeof inner === 'object' && inner !== null) {
        parts[key] = unpackPart(inner, packed, depth + 1);
      }
    }
  }
  return part;
}

function isPackedMessage(value: unknown): value is PackedMessage {
  return typeof value === 'object' && value !== null && '$message' in value && hasBytes(value);
}

function hasBytes(value: object): boolean {
  return '$packed' in value && value.$packed instanceof Uint8Array;
}

function isPackedBytes(value: unknown, most: number): value is PackedBytes {
  if (typeof value !== 'object' || value === null || !('$at' in value) || !('$length' in value)) {
    return false;
  }
  const { $at, $length } = value;
  return isLength($at) && isLength($length) && $at + $length <= most;
}

function isLength(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** Far more than any message has. */
const maxDepth = 100;

/** The value with its parts as `map` gives them; the same one where none is another. A hot path: pages of records cross here. */
function mapParts(value: unknown, map: (part: unknown, depth: number) => unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth >= maxDepth) {
    return value;
  }
  if (Array.isArray(value)) {
    const items = value as unknown[];
    let copy: unknown[] | undefined;
    for (let index = 0; index < items.length; index++) {
      const mapped = map(items[index], depth + 1);
      if (mapped !== items[index]) {
        copy ??= [...items];
        copy[index] = mapped;
      }
    }
    return copy ?? value;
  }
  const parts = value as Record<string, unknown>;
  let copy: Record<string, unknown> | undefined;
  for (const key of Object.keys(parts)) {
    const mapped = map(parts[key], depth + 1);
    if (mapped !== parts[key]) {
      copy ??= { ...parts };
      copy[key] = mapped;
    }
  }
  return copy ?? value;
}

function encodedBigint(value: bigint): EncodedBigint {
  return { $bigint: value.toString() };
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
