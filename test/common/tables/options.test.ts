import { afterEach, describe, expect, it } from 'vitest';
import { dataValue, type Value } from '../../../src/common/call.js';
import { setMessages } from '../../../src/common/l10n.js';
import {
  decodeOption,
  decodeTcpInfo,
  encodeOption,
  findOption,
  listOptions,
  OptionValueError,
} from '../../../src/common/tables/options.js';

afterEach(() => setMessages({}));

const hex = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
const struct = (fields: Record<string, Value>): Value => ({
  kind: 'struct',
  fields: Object.entries(fields).map(([name, value]) => ({ name, value })),
});
const linger = findOption(1, 13, 'linux')!;
const timeout = findOption(1, 20, 'linux')!;
const reuse = findOption(1, 2, 'linux')!;
const rate = findOption(1, 47, 'linux')!;
const membership = findOption(0, 35, 'linux')!;
const membership6 = findOption(41, 20, 'linux')!;
const congestion = findOption(6, 13, 'linux')!;

describe('options', () => {
  it('are found by their numbers, and have a sentence', () => {
    expect(reuse).toMatchObject({
      level: 'SOL_SOCKET',
      name: 'SO_REUSEADDR',
      layout: 'bool',
      canGet: true,
      canSet: true,
    });
    expect(findOption(0xffff, 4, 'darwin')?.name).toBe('SO_REUSEADDR');
    expect(findOption(1, 255, 'linux')).toBeUndefined();
    expect(listOptions('linux', 17).every(({ level }) => level === 'IPPROTO_UDP')).toBe(true);
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      for (const { description, name } of listOptions(platform)) {
        expect(description, name).toMatch(/^[A-Z].*\.$/s);
      }
    }
  });

  it('have the layout of their platform', () => {
    expect(findOption(0xffff, 0x1006, 'win32')).toMatchObject({
      name: 'SO_RCVTIMEO',
      layout: 'int',
      unit: 'ms',
    });
    expect(findOption(0xffff, 0x1006, 'win32')!.description).toBe(timeout.description);
    expect(findOption(0xffff, 0x1006, 'darwin')).toMatchObject({ layout: 'timeval' });
  });

  it('speak the language of the moment', () => {
    const english = reuse.description;
    setMessages({ [english]: '번역' });
    expect(reuse.description).toBe('번역');
  });
});

describe('an option value', () => {
  it.each<[string, Parameters<typeof encodeOption>[0], Value, string]>([
    ['an int', reuse, 1, '01000000'],
    ['a negative int', reuse, -2, 'feffffff'],
    ['an int beyond 2^31', reuse, 4294967040, '00ffffff'],
    ['an int modulo 2^32', reuse, 2 ** 32 + 5, '05000000'],
    ['a 64-bit number', rate, 2n ** 64n - 1n, 'ffffffffffffffff'],
    ['a list', undefined, { kind: 'list', items: [1, 2] }, '0100000002000000'],
    ['data', congestion, dataValue(hex('6275')), '6275'],
    ['a structure', linger, struct({ l_onoff: 1, l_linger: 300 }), '010000002c010000'],
    ['a structure with a field left out', linger, struct({ l_onoff: 1 }), '0100000000000000'],
    ['a time', timeout, struct({ tv_sec: 1, tv_usec: 500 }), '0100000000000000f401000000000000'],
    ['a negative time', timeout, struct({ tv_sec: -1 }), 'ffffffffffffffff0000000000000000'],
    [
      'a membership in its short form',
      membership,
      struct({ imr_multiaddr: dataValue(hex('e0000001')), imr_interface: dataValue(hex('7f000001')) }),
      'e00000017f000001',
    ],
    [
      'a membership in its long form',
      membership,
      struct({
        imr_multiaddr: dataValue(hex('e0000001')),
        imr_address: dataValue(hex('7f000001')),
        imr_ifindex: 1,
      }),
      'e00000017f00000101000000',
    ],
    [
      'an IPv6 membership',
      membership6,
      struct({ ipv6mr_multiaddr: dataValue(hex('ff020000000000000000000000000001')), ipv6mr_interface: 2 }),
      'ff02000000000000000000000000000102000000',
    ],
    ['an address as a number', undefined, struct({ s_addr: 0x7f000001 }), '7f000001'],
  ])('that is %s has its bytes', (_what, option, value, bytes) => {
    expect(encodeOption(option, value)).toEqual(hex(bytes));
  });

  it('of another kind has none', () => {
    expect(() => encodeOption(reuse, null)).toThrow(OptionValueError);
    expect(() => encodeOption(reuse, { kind: 'any' })).toThrow(OptionValueError);
    expect(() => encodeOption(linger, struct({ l_onof: 1 }))).toThrow('The structure has no field l_onof.');
  });

  it.each<[string, Parameters<typeof encodeOption>[0], string, Value]>([
    ['an int', reuse, 'ffffffff', { kind: 'list', items: [-1] }],
    ['an int of an unknown option', undefined, '05000000', { kind: 'list', items: [5] }],
    ['a structure', linger, '010000002c010000', struct({ l_onoff: 1, l_linger: 300 })],
    ['a time', timeout, 'ffffffffffffffff0000000000000000', struct({ tv_sec: -1, tv_usec: 0 })],
    [
      'credentials of nobody',
      findOption(1, 17, 'linux'),
      '00000000ffffffffffffffff',
      struct({ pid: 0, uid: -1, gid: -1 }),
    ],
    ['a large 64-bit number', rate, 'ffffffffffffffff', { kind: 'list', items: [2n ** 64n - 1n] }],
    ['a small 64-bit number', rate, '0001000000000000', { kind: 'list', items: [256] }],
    ['a name', congestion, '6275626963000000', dataValue(hex('6275626963000000'))],
    ['an int that was cut', reuse, '01', dataValue(hex('01'))],
    ['a structure that was cut', linger, '01000000', dataValue(hex('01000000'))],
    ['nothing', reuse, '', dataValue(hex(''))],
  ])('is read as %s', (_what, option, bytes, value) => {
    expect(decodeOption(option, hex(bytes))).toEqual(value);
  });

  it('goes back and forth for every option, from a view into a larger buffer too', () => {
    const buffer = Uint8Array.from({ length: 64 }, (_, index) => index * 37);
    for (const option of listOptions('linux').filter(({ layout }) => layout !== 'tcp_info')) {
      for (const length of [0, 1, 4, 8, 12, 16, 20]) {
        const bytes = buffer.subarray(3, 3 + length);
        expect(encodeOption(option, decodeOption(option, bytes)), `${option.name} ${length}`).toEqual(
          bytes.slice(),
        );
      }
    }
  });
});

describe('tcp_info', () => {
  it('is as many fields as the bytes hold', () => {
    const bytes = new Uint8Array(284);
    const view = new DataView(bytes.buffer);
    view.setUint8(0, 1);
    view.setUint8(6, 0x7a);
    view.setUint32(68, 12345, true);
    view.setBigUint64(120, 77n, true);
    view.setUint32(228, 65535, true);
    const whole = decodeTcpInfo(bytes);
    expect(whole).toMatchObject({
      tcpi_state: 1,
      tcpi_snd_wscale: 10,
      tcpi_rcv_wscale: 7,
      tcpi_rtt: 12345,
      tcpi_bytes_acked: 77,
      tcpi_snd_wnd: 65535,
    });
    expect(Object.keys(decodeTcpInfo(bytes.subarray(0, 72)))).toContain('tcpi_rtt');
    expect(Object.keys(decodeTcpInfo(bytes.subarray(0, 71)))).not.toContain('tcpi_rtt');
    expect(decodeTcpInfo(new Uint8Array(0))).toEqual({});
  });
});
