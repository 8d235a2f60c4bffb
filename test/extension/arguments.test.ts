import { describe, expect, it } from 'vitest';
import { isData } from '../../src/common/call.js';
import { type Parameter, signatureOf } from '../../src/common/tables/signatures.js';
import { readArgument } from '../../src/extension/commands/arguments.js';

function parameter(name: 'send' | 'connect' | 'listen', key: string): Parameter {
  return signatureOf(name).parameters.find((each) => each.name === key)!;
}

/** The bytes that a typed text stands for. */
function dataOf(text: string): string {
  const reading = readArgument(text, parameter('send', 'buf'));
  if ('message' in reading || !isData(reading.value)) {
    throw new Error(JSON.stringify(reading));
  }
  return Buffer.from(reading.value.bytes).toString('latin1');
}

describe('data as a person types it', () => {
  it.each([
    ['hello\\n', 'hello\n'],
    ['say "hi"', 'say "hi"'],
    ['a\\"b', 'a"b'],
    ['a\\\\b', 'a\\b'],
    ['\\x00\\377', '\0\u00ff'],
    ['', ''],
    ['  "quoted"', 'quoted'],
    ['hex("48 69")', 'Hi'],
    ['base64("SGk=")', 'Hi'],
    ['hexadecimal', 'hexadecimal'],
  ])('%j', (text, bytes) => {
    expect(dataOf(text)).toBe(bytes);
  });

  it.each([
    ['\\xZZ', 1],
    ['ab\\xZZ', 3],
    ['x"" \\xZZ', 5],
    ['hex("123")', 8],
  ])('has the place of the error in %j', (text, column) => {
    expect(readArgument(text, parameter('send', 'buf'))).toMatchObject({ column });
  });
});

describe('addresses and numbers', () => {
  it('keep a host name for its resolution', () => {
    expect(readArgument('localhost:80', parameter('connect', 'addr'))).toMatchObject({
      hostName: { host: 'localhost', port: 80 },
    });
  });

  it.each([
    ['127.0.0.1:65536', 11],
    ['127.0.0.1:-1', 11],
    ['127.0.0.1:1.5', 11],
    ['[::1]:x', 7],
    ['', 1],
  ])('%j is wrong at its column', (text, column) => {
    expect(readArgument(text, parameter('connect', 'addr'))).toMatchObject({ column });
  });

  it('are numbers of the notation', () => {
    expect(readArgument('0x10', parameter('listen', 'backlog'))).toEqual({ value: 16 });
  });
});
