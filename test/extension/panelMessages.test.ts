import { describe, expect, it, vi } from 'vitest';
import {
  decodeMessage,
  encodeMessage,
  packMessage,
  unpackMessage,
} from '../../src/common/protocol/panelMessage.js';
import type { PanelMethods } from '../../src/common/protocol/panel.js';
import { checkedHandlers, InvalidMessageError, panelSchemas } from '../../src/extension/panel/messages.js';

const called = vi.fn<(method: string, argument: unknown) => void>();
const handlers = Object.fromEntries(
  Object.keys(panelSchemas).map((method) => [method, (argument: unknown) => called(method, argument)]),
) as unknown as Parameters<typeof checkedHandlers>[0];

function send(method: keyof PanelMethods, argument?: unknown): void {
  called.mockClear();
  checkedHandlers(handlers)[method]!(argument as never);
}

const bytes = new Uint8Array([1, 2, 3]);
const struct = (fields: Record<string, unknown>) => ({
  kind: 'struct',
  fields: Object.entries(fields).map(([name, value]) => ({ name, value })),
});
const list = (...items: unknown[]) => ({ kind: 'list', items });

const template = { argument: 1, part: null, source: { mode: 'text', text: '{{time}}', ending: 'LF' } };
const rule = { kind: 'regex', pattern: '^a', reply: '$0' };
const repeat = {
  call: {
    call: { name: 'send', args: [21, { kind: 'data', bytes, length: 3 }, 3, 0] },
    templates: [template],
  },
  socketId: 3,
  count: 10,
  intervalMs: 0,
  stopsAtError: true,
  firstCounter: 1,
};

/** A list in a list in a list. */
function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) {
    value = list(value);
  }
  return value;
}

describe('what the page may send', () => {
  it.each<[keyof PanelMethods, unknown]>([
    ['ready', undefined],
    ['call', { call: { name: 'socket', args: [2, 1, 0] } }],
    ['call', { call: { name: 'bind', args: [21, { family: 'AF_INET', address: '127.0.0.1', port: 0 }] } }],
    ['call', { call: { name: 'bind', args: [21, { family: 'AF_UNIX', name: bytes, isAbstract: false }] } }],
    ['call', { call: { name: 'send', args: [21, { kind: 'data', bytes, length: 3 }, 3, 0x4000] } }],
    ['call', { call: { name: 'recv', args: [21, { kind: 'any' }, 4096] } }],
    [
      'call',
      {
        call: {
          name: 'setsockopt',
          args: [21, 1, 13, { kind: 'struct', fields: [{ name: 'l_onoff', value: 1 }] }],
        },
      },
    ],
    ['call', { call: { name: 'getsockopt', args: [21, 1, 4, null, { kind: 'list', items: [4] }] } }],
    [
      'call',
      { call: { name: 'connect', args: [21] }, hostName: { host: 'localhost', port: 80 }, socketName: 'a' },
    ],
    [
      'call',
      {
        call: {
          name: 'sendmsg',
          args: [
            21,
            struct({
              msg_name: { family: 'AF_NETLINK', pid: 0, groups: 0 },
              msg_iov: list(
                ...Array.from({ length: 1025 }, () =>
                  struct({ iov_base: { kind: 'data', bytes, length: 3 } }),
                ),
              ),
              msg_control: list(
                struct({ cmsg_level: 1, cmsg_type: 2, cmsg_data: struct({ pid: 1, uid: 0, gid: 0 }) }),
              ),
            }),
            0,
          ],
        },
        socketName: 'a',
      },
    ],
    ['call', { call: { name: 'poll', args: [list(struct({ fd: 21, events: 1 })), 1, -1] } }],
    ['call', { call: { name: 'socket', args: [2, 1, 0] }, templates: [template], isByHand: true }],
    ['repeat', repeat],
    ['openLesson', { id: 'file:///a.sockets' }],
    ['actOnLesson', { kind: 'step' }],
    ['actOnLesson', { kind: 'answer', line: 3, given: 1 }],
    ['actOnLesson', { kind: 'answer', line: 3, given: 'EAGAIN' }],
    ['actOnLesson', { kind: 'type', text: 'close(a)' }],
    ['repeat', { ...repeat, socketId: null, count: 1_000_000, intervalMs: 86_400_000 }],
    ['stopRepeat', { id: 1 }],
    ['automate', { socketId: 3, mode: null }],
    ['keepFraming', { of: '127.0.0.1:80', framing: { kind: 'fixed', length: 8 } }],
    ['keepFraming', { of: 7, framing: null }],
    ['setTapFaults', { id: 1, faults: { seed: 7, toServer: { delay: 20 }, toClient: { 'half-close': 3 } } }],
    ['automate', { socketId: 3, mode: 'echo' }],
    ['automate', { socketId: 3, mode: 'reply', replies: { unit: 'line', rules: [rule] } }],
    ['select', { socketId: null, seq: 4 }],
    ['rename', { socketId: 3, name: null }],
    [
      'setView',
      {
        isPaused: false,
        isInspectorVisible: true,
        region: 'records',
        isEditing: false,
        filter: 'len > 3',
        mode: 'table',
      },
    ],
  ])('%s %j', (method, argument) => {
    send(method, argument);
    expect(called).toHaveBeenCalledWith(method, argument);
  });

  it.each<[keyof PanelMethods, unknown]>([
    ['ready', { extra: 1 }],
    ['call', undefined],
    ['call', { call: { name: 'execve', args: [] } }],
    ['call', { call: { name: '__proto__', args: [] } }],
    ['call', { call: { name: 'socket', args: 'AF_INET' } }],
    ['call', { call: { name: 'socket', args: [{ kind: 'exec' }] } }],
    ['call', { call: { name: 'bind', args: [21, { family: 'AF_INET', address: 1, port: 0 }] } }],
    ['call', { call: { name: 'socket', args: Array.from({ length: 11 }, () => 0) } }],
    ['call', { call: { name: 'connect', args: [21] }, hostName: { host: 'localhost', port: 65_536 } }],
    ['call', { call: { name: 'connect', args: [21] }, hostName: { host: '', port: 1 } }],
    ['call', { call: { name: 'connect', args: [21] }, isTrusted: true }],
    ['call', { call: { name: 'ioctl', args: [21, 1, nested(40)] } }],
    ['call', { call: { name: 'ioctl', args: [21, 1, list(...Array.from({ length: 2001 }, () => 1))] } }],
    ['call', { call: { name: 'sendmsg', args: [21, struct({ msg_iov: { kind: 'list', items: 5 } })] } }],
    ['call', { call: { name: 'sendmsg', args: [21, { kind: 'struct', fields: [{ name: 5, value: 1 }] }] } }],
    ['call', { call: { name: 'pipe', args: [] }, socketName: ['a', 'b'] }],
    ['call', { call: { name: 'socket', args: [2, 1, 0] }, templates: [{ ...template, argument: 10 }] }],
    ['call', { call: { name: 'socket', args: [2, 1, 0] }, templates: [{ ...template, source: '{{time}}' }] }],
    ['repeat', { ...repeat, count: 0 }],
    ['repeat', { ...repeat, count: 1_000_001 }],
    ['repeat', { ...repeat, count: 1.5 }],
    ['repeat', { ...repeat, intervalMs: -1 }],
    ['repeat', { ...repeat, intervalMs: 86_400_001 }],
    ['repeat', { ...repeat, firstCounter: Number.NaN }],
    ['repeat', { ...repeat, call: { call: { name: 'execve', args: [] } } }],
    ['stopRepeat', { id: 0 }],
    ['automate', { socketId: 3, mode: 'erase' }],
    ['keepFraming', { of: 7.5, framing: null }],
    ['setTapFaults', { id: 1, faults: { seed: 7, toServer: { wait: 20 }, toClient: {} } }],
    ['setTapFaults', { id: 1, faults: { seed: 7, toServer: { delay: 'long' }, toClient: {} } }],
    ['automate', { socketId: 0, mode: 'echo' }],
    ['automate', { socketId: 3, mode: 'reply', replies: { unit: 'word', rules: [rule] } }],
    [
      'automate',
      { socketId: 3, mode: 'reply', replies: { unit: 'line', rules: [{ ...rule, kind: 'eval' }] } },
    ],
    [
      'automate',
      {
        socketId: 3,
        mode: 'reply',
        replies: { unit: 'line', rules: Array.from({ length: 51 }, () => rule) },
      },
    ],
    [
      'automate',
      {
        socketId: 3,
        mode: 'reply',
        replies: { unit: 'line', rules: [{ ...rule, pattern: 'x'.repeat(1001) }] },
      },
    ],
    [
      'automate',
      {
        socketId: 3,
        mode: 'reply',
        replies: { unit: 'line', rules: [{ ...rule, reply: 'x'.repeat(16_385) }] },
      },
    ],
    ['cancel', { seq: 0 }],
    ['cancel', { seq: 1.5 }],
    ['readRecords', { from: 1, count: 1e9 }],
    ['readData', { seq: 1, offset: -1, length: 1 }],
    ['readData', { seq: 1, offset: 0, length: Number.NaN }],
    ['watch', { socketIds: ['1'] }],
    ['rename', { socketId: 1, name: 'x'.repeat(101) }],
    [
      'setView',
      { isPaused: false, isInspectorVisible: true, region: '*', isEditing: false, filter: '', mode: 'lanes' },
    ],
    ['copy', { text: 5 }],
    ['probeFamilies', { probes: [{ domain: 2, type: 1, protocol: 2 ** 40 }] }],
    ['probeFamilies', { probes: [{ domain: 2, type: 1 }] }],
    ['runScenario', { id: 5 }],
    ['actOnLesson', { kind: 'jump' }],
    ['actOnLesson', { kind: 'answer', line: -1, given: 1 }],
    ['actOnLesson', { kind: 'answer', line: 3, given: null }],
    ['actOnLesson', { kind: 'type', text: '' }],
    ['actOnLesson', { kind: 'type', text: 'x'.repeat(10_001) }],
  ])('is not %s %j: nothing happens', (method, argument) => {
    expect(() => send(method, argument)).toThrow(InvalidMessageError);
    expect(called).not.toHaveBeenCalled();
  });

  it('is not nested without end, nor larger than any call', () => {
    const deep = { call: { name: 'ioctl', args: [21, 1, nested(100_000)] } };
    expect(() => send('call', decodeMessage(deep))).toThrow(InvalidMessageError);
    const large = new Uint8Array(40 * 1024 * 1024);
    const parts = [large, large].map((part) =>
      struct({ iov_base: { kind: 'data', bytes: part, length: part.length } }),
    );
    const message = { call: { name: 'sendmsg', args: [21, struct({ msg_iov: list(...parts) })] } };
    expect(() => send('call', message)).toThrow(InvalidMessageError);
    expect(called).not.toHaveBeenCalled();
  });

  it('has a schema for every method', () => {
    expect(Object.keys(panelSchemas).sort()).toMatchInlineSnapshot(`
      [
        "actOnLesson",
        "automate",
        "call",
        "cancel",
        "cancelFilter",
        "copy",
        "filterRecords",
        "frameStream",
        "inspect",
        "keepFraming",
        "keepReplies",
        "lookAtSystemSocket",
        "makeScenario",
        "openLastRecording",
        "openLesson",
        "openScenario",
        "openText",
        "pickFile",
        "probeFamilies",
        "readData",
        "readEach",
        "readRecords",
        "ready",
        "rename",
        "repeat",
        "restart",
        "runScenario",
        "saveStream",
        "select",
        "setTapFaults",
        "setView",
        "sortRecords",
        "startTap",
        "stopRepeat",
        "stopTap",
        "stopTrace",
        "surveyRecords",
        "watch",
      ]
    `);
  });
});

describe('encodeMessage', () => {
  it('carries bigints and parts of buffers', () => {
    const pool = Buffer.from('0123456789');
    const message = { a: [1n, -(2n ** 63n)], b: pool.subarray(2, 4), c: null, d: [{ e: 'x' }] };
    const encoded = encodeMessage(message) as { b: Uint8Array };
    expect(encoded.b.constructor).toBe(Uint8Array);
    expect(encoded.b.buffer.byteLength).toBe(2);
    expect(JSON.stringify({ ...encoded, b: 0 })).toBe(
      '{"a":[{"$bigint":"1"},{"$bigint":"-9223372036854775808"}],"b":0,"c":null,"d":[{"e":"x"}]}',
    );
    expect(decodeMessage(encoded)).toEqual({ ...message, b: new Uint8Array([0x32, 0x33]) });
  });

  it('copies nothing that can go as it is', () => {
    const message = { records: [{ seq: 1, data: new Uint8Array(4) }] };
    expect(encodeMessage(message)).toBe(message);
    expect(decodeMessage(message)).toBe(message);
  });

  it('leaves tags alone that are none', () => {
    const message = { $bigint: 'eval' };
    expect(decodeMessage(message)).toBe(message);
  });

  it('survives boxes in boxes', () => {
    let message: unknown = { $bigint: '7' };
    for (let depth = 0; depth < 100_000; depth++) {
      message = [message];
    }
    expect(decodeMessage(message) === message).toBe(true);
    expect(decodeMessage([[{ $bigint: '7' }]])).toEqual([[7n]]);
  });
});

describe('packMessage', () => {
  const arraysOf = (value: unknown): Uint8Array[] =>
    value instanceof Uint8Array
      ? [value]
      : typeof value === 'object' && value !== null
        ? Object.values(value).flatMap(arraysOf)
        : [];

  it('sends all bytes of a message in one array: VS Code loses a message that has more than 255', () => {
    const records = Array.from({ length: 300 }, (_, seq) => ({
      seq,
      args: [5n, { kind: 'data', bytes: new Uint8Array(seq % 7).fill(seq) }],
    }));
    const packed = packMessage({ id: 1, result: records });
    const [all, ...others] = arraysOf(packed);
    expect(others).toEqual([]);
    expect(all!.byteLength).toBe(all!.buffer.byteLength);
    const unpacked = unpackMessage(packed) as { result: unknown };
    expect(unpacked).toEqual({ id: 1, result: records });
    // A page of records is one buffer, not one more for each record that the page of the panel reads.
    expect(new Set(arraysOf(unpacked.result).map(({ buffer }) => buffer))).toEqual(new Set([all!.buffer]));
  });

  it('leaves a message with one array as it is', () => {
    const message = { bytes: new Uint8Array([1, 2]), text: 'x' };
    expect(packMessage(message)).toBe(message);
    expect(unpackMessage(message)).toBe(message);
  });

  it('takes nothing for packed that is not', () => {
    const $packed = new Uint8Array(4);
    const odd = [
      { $at: 2, $length: 3 },
      { $at: -1, $length: 1 },
      { $at: 0.5, $length: 1 },
      { $at: '0' },
      null,
    ];
    expect(unpackMessage({ $message: odd, $packed })).toEqual(odd);
    for (const value of [{ $message: 1 }, { $message: 1, $packed: [1] }, { $packed }, null, 7]) {
      expect(unpackMessage(value)).toEqual(value);
    }
  });
});
