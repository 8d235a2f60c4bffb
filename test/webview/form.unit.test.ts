import { describe, expect, it } from 'vitest';
import { type Call, dataValue, type Value } from '../../src/common/call.js';
import { printCall } from '../../src/common/notation/printer.js';
import { constantValue } from '../../src/common/tables/constants.js';
import type { CallName } from '../../src/common/tables/signatures.js';
import { type Draft, emptyDraft, emptyPayload } from '../../src/webview/form/fields.js';
import { draftOf, readForm } from '../../src/webview/form/readForm.js';

function read(name: CallName, texts: Record<number, string>, more: Partial<Draft> = {}) {
  return readForm(name, 21, { ...emptyDraft, texts, ...more }, 'linux');
}

function callOf(name: CallName, texts: Record<number, string>, more: Partial<Draft> = {}): string {
  const { call, problems } = read(name, texts, more);
  expect([...problems]).toEqual([]);
  return printCall(call);
}

describe('the form', () => {
  it('makes a call of names and numbers', () => {
    expect(callOf('socket', { 0: 'AF_INET6', 1: 'SOCK_DGRAM|SOCK_NONBLOCK', 2: '0' })).toBe(
      'socket(AF_INET6, SOCK_DGRAM|SOCK_NONBLOCK, 0)',
    );
    expect(callOf('listen', { 1: '5' })).toBe('listen(21, 5)');
    expect(callOf('setsockopt', { 1: 'SOL_SOCKET', 2: 'SO_REUSEADDR', 3: '1' })).toBe(
      'setsockopt(21, SOL_SOCKET, SO_REUSEADDR, 1)',
    );
  });

  it('leaves out what is optional and empty', () => {
    expect(read('accept', {}).call.args).toEqual([21]);
    expect(read('sendto', {}, { payload: { ...emptyPayload, text: 'a' } }).call.args).toHaveLength(4);
    expect(callOf('bind', { 1: '127.0.0.1:0' })).toBe('bind(21, 127.0.0.1:0)');
  });

  it('fills in the length of the data, unless it is given', () => {
    const payload = { ...emptyPayload, text: 'ok\n' };
    expect(callOf('send', {}, { payload })).toBe(String.raw`send(21, "ok\n", 3, 0)`);
    expect(callOf('send', { 2: '2' }, { payload })).toBe(String.raw`send(21, "ok\n", 2, 0)`);
  });

  it('holds flags as bits', () => {
    const flags = { 3: constantValue('MSG_PEEK', 'linux')! | constantValue('MSG_DONTWAIT', 'linux')! };
    expect(callOf('recv', { 2: '16' }, { flags })).toContain('MSG_PEEK|MSG_DONTWAIT');
  });

  it('resolves a host name before the call', () => {
    const reading = read('connect', { 1: 'localhost:8080' });
    expect(reading.hostName).toEqual({ host: 'localhost', port: 8080 });
    expect([...reading.problems]).toEqual([]);
  });

  it.each<[CallName, Record<number, string>, number]>([
    ['bind', { 1: '127.0.0.1:65536' }, 1],
    ['bind', { 1: '127.0.0.1:' }, 1],
    ['bind', { 1: '1.2.3:80' }, 1],
    ['bind', {}, 1],
    ['listen', { 1: '1.5' }, 1],
    ['socket', { 0: 'AF_NOTHING', 1: 'SOCK_STREAM' }, 0],
    ['recv', {}, 2],
  ])('says which field of %s(%j) is wrong', (name, texts, index) => {
    expect([...read(name, texts).problems.keys()]).toEqual([index]);
  });

  it('tells the column of a wrong port', () => {
    expect(read('bind', { 1: '127.0.0.1:65536' }).problems.get(1)).toMatchObject({ offset: 10 });
  });

  it('tells what is wrong with the payload', () => {
    const payload = { ...emptyPayload, mode: 'hex' as const, hex: 'de a' };
    expect(read('send', {}, { payload }).problems.get(1)).toMatchObject({ offset: 3 });
  });

  it('needs a socket', () => {
    const { problems } = readForm('accept', null, emptyDraft, 'linux');
    expect(problems.get(0)?.message).toBe('Choose a socket.');
  });
});

describe('a call in the form', () => {
  const number = (name: string) => constantValue(name, 'linux')!;
  it.each<[CallName, Value[]]>([
    ['socket', [number('AF_INET'), number('SOCK_STREAM') | number('SOCK_NONBLOCK'), number('IPPROTO_TCP')]],
    ['bind', [21, { family: 'AF_INET6', address: '::1', port: 4000 }]],
    ['connect', [21, { family: 'AF_UNIX', name: new TextEncoder().encode('/tmp/a b'), isAbstract: false }]],
    ['send', [21, dataValue(Uint8Array.of(0xff, 0)), 2, number('MSG_NOSIGNAL')]],
    ['send', [21, dataValue(new TextEncoder().encode('a\\"b\r\n')), 3, 0]],
    ['recvfrom', [21, { kind: 'any' }, 4096, 0]],
    ['shutdown', [21, number('SHUT_RDWR')]],
    ['getsockopt', [21, number('IPPROTO_TCP'), number('TCP_NODELAY')]],
    ['setsockopt', [21, number('SOL_SOCKET'), number('SO_KEEPALIVE'), 1]],
    ['getsockopt', [21, 12345, 54321]],
  ])('of %s reads back as it was', (name, args) => {
    const call: Call = { name, args };
    const reading = readForm(name, 21, draftOf(call, 'linux'), 'linux');
    expect([...reading.problems]).toEqual([]);
    expect(printCall(reading.call)).toBe(printCall(call));
  });
});
