import { expect, it } from 'vitest';
import { jsonValue } from '../../../src/playground/export/jsonValue.js';
import { dataValue, type Value } from '../../../src/common/call.js';

const bytes = (text: string) => new TextEncoder().encode(text);

it.each<[string, Value, unknown]>([
  ['a number', 18, 18],
  ['a null pointer', null, null],
  ['a large number', 2n ** 63n, '9223372036854775808'],
  ['a small large number', 7n, 7],
  ['bytes', { ...dataValue(bytes('hi')), length: 9 }, { length: 9, base64: 'aGk=' }],
  ['a structure', { kind: 'struct', fields: [{ name: 'l_onoff', value: 1 }] }, { l_onoff: 1 }],
  ['a list', { kind: 'list', items: [1, null] }, [1, null]],
  ['a value-result length', { kind: 'inout', value: 128, result: 16 }, { value: 128, result: 16 }],
  ['an untouched out-argument', { kind: 'any' }, null],
  [
    'an IPv4 address',
    { family: 'AF_INET', address: '127.0.0.1', port: 80 },
    { family: 'AF_INET', address: '127.0.0.1', port: 80 },
  ],
  [
    'a path',
    { family: 'AF_UNIX', name: bytes('/tmp/x'), isAbstract: false },
    { family: 'AF_UNIX', path: '/tmp/x' },
  ],
  [
    'an abstract name that is no text',
    { family: 'AF_UNIX', name: Uint8Array.of(0xff), isAbstract: true },
    { family: 'AF_UNIX', abstract: { base64: '/w==' } },
  ],
  ['raw bytes', { family: 'raw', bytes: Uint8Array.of(2, 0) }, { family: 'raw', base64: 'AgA=' }],
])('%s', (_name, value, expected) => {
  expect(jsonValue(value)).toEqual(expected);
  expect(JSON.parse(JSON.stringify(jsonValue(value)))).toEqual(expected);
});
