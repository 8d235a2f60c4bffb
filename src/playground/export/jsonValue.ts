import type { Value } from '../../common/call.js';
import type { SocketAddress } from '../../common/socket.js';

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | JsonValue[]
  | { [name: string]: JsonValue | undefined };

/** An argument for other programs: numbers as numbers, bytes in base64, structures as objects. */
export function jsonValue(value: Value): JsonValue {
  if (value === null || typeof value === 'number') {
    return value;
  }
  if (typeof value === 'bigint') {
    return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  }
  if ('family' in value) {
    return jsonAddress(value);
  }
  switch (value.kind) {
    case 'data':
      return { length: value.length, base64: base64(value.bytes) };
    case 'struct':
      return Object.fromEntries(value.fields.map((field) => [field.name, jsonValue(field.value)]));
    case 'list':
      return value.items.map(jsonValue);
    case 'inout':
      return { value: value.value, result: value.result };
    case 'any':
      return null;
  }
}

function jsonAddress(address: SocketAddress): JsonValue {
  switch (address.family) {
    case 'AF_UNIX':
      return { family: address.family, [address.isAbstract ? 'abstract' : 'path']: jsonName(address.name) };
    case 'raw':
      return { family: address.family, base64: base64(address.bytes) };
    default:
      return { ...address };
  }
}

/** A name as text where it is text. */
function jsonName(name: Uint8Array): JsonValue {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(name);
  } catch {
    return { base64: base64(name) };
  }
}

/** Bytes in base64, with padding. */
export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
