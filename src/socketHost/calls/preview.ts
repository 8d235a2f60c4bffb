import { type DataValue, previewLength } from '../../common/call.js';

/** An argument's bytes as a record carries them: the beginning, and the whole length. */
export function previewOf(bytes: Uint8Array, length: number): DataValue {
  return { kind: 'data', bytes: bytes.slice(0, previewLength), length };
}
