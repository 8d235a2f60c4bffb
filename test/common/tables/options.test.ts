import { afterEach, describe, expect, it } from 'vitest';
import { dataValue, type Value } from '../../../src/common/call.js';
import { setMessages } from '../../../src/common/l10n.js';
import { printValue } from '../../../src/common/notation/printer.js';
import { optionSentences, readingText } from '../../../src/common/optionText.js';
import { constantValue, names } from '../../../src/common/tables/constants.js';
import { optionLevels } from '../../../src/common/tables/optionLevels.js';
import type { OptionLayout } from '../../../src/common/tables/optionLayouts.js';
import {
  decodeOption,
  decodeTcpInfo,
  encodeOption,
  findOption,
  listOptions,
  OptionValueError,
  optionValueName,
  pointeeOf,
} from '../../../src/common/tables/options.js';
import { tcpInfoFields, tcpInfoValueName } from '../../../src/common/tables/tcpInfo.js';

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

  it.each(['linux', 'darwin', 'win32'] as const)('of %s have one number each in their level', (platform) => {
    const seen = new Map<string, string>();
    for (const { level, name } of listOptions(platform)) {
      const key = `${level} ${constantValue(name, platform)}`;
      expect(`${name} ${seen.get(key)}`).toBe(`${name} undefined`);
      seen.set(key, name);
    }
  });

  it('are all that the headers of Linux name, in each of their levels', () => {
    for (const level of optionLevels()) {
      const number = constantValue(level, 'linux')!;
      const missing = names('optname', 'linux', number).filter(
        (name) => !findOption(number, constantValue(name, 'linux')!, 'linux'),
      );
      expect(missing, level).toEqual([]);
    }
    for (const { level, name } of listOptions('linux')) {
      expect(optionLevels(), name).toContain(level);
    }
  });

  it('say what the kernel makes of a value, what it needs, and what its numbers are called', () => {
    const receiveBuffer = findOption(1, 8, 'linux')!;
    expect(optionSentences(receiveBuffer)).toContain('doubles');
    expect(optionSentences(findOption(1, 36, 'linux')!)).toContain('Setting it needs CAP_NET_ADMIN.');
    for (const option of listOptions('linux')) {
      expect(optionSentences(option), option.name).toMatch(/\.$/);
    }
    // What needs a privilege for some values only names it there, and not once more for all.
    const asked = listOptions('linux').filter(({ needs }) => needs !== undefined);
    expect(asked.length).toBeGreaterThan(10);
    expect(
      asked
        .map(optionSentences)
        .filter((text) => text.split('CAP_').length !== 2 || / the privilege/i.test(text)),
    ).toEqual([]);
    const read = (level: number, optname: number, value: number, domain?: number) =>
      optionValueName(findOption(level, optname, 'linux')!, value, 'linux', domain);
    expect(read(1, 3, 1)).toBe('SOCK_STREAM');
    expect(read(1, 38, 6, 2)).toBe('IPPROTO_TCP');
    expect(read(1, 38, 4, 16)).toBe('NETLINK_SOCK_DIAG');
    expect(read(1, 4, 111)).toBe('ECONNREFUSED');
    expect(read(1, 72, 3)).toBe('SOCK_SNDBUF_LOCK|SOCK_RCVBUF_LOCK');
    expect(read(0, 10, 2)).toBe('IP_PMTUDISC_DO');
    expect(read(6, 1, 1)).toBeUndefined();
  });

  it('are read by people', () => {
    const reading = { name: '', text: '1', value: 1, meaning: null, errno: null };
    expect(readingText(reuse, reading)).toBe('on');
    expect(readingText(reuse, { ...reading, text: '2', value: 2 })).toBe('2');
    expect(readingText(findOption(1, 3, 'linux')!, { ...reading, meaning: 'SOCK_STREAM' })).toBe(
      'SOCK_STREAM (1)',
    );
    expect(readingText(findOption(1, 8, 'linux')!, { ...reading, value: 4096 })).toBe('4096 bytes');
    expect(readingText(linger, { ...reading, text: '{l_onoff=0, l_linger=0}', value: null })).toBe(
      '{l_onoff=0, l_linger=0}',
    );
    expect(readingText(reuse, { ...reading, text: null, value: null, errno: 'ENOPROTOOPT' })).toBe(
      'ENOPROTOOPT',
    );
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
    [
      'a group of any family',
      findOption(0, 42, 'linux'),
      struct({ gr_interface: 1, gr_group: { family: 'AF_INET', address: '224.0.0.1', port: 5 } }),
      `0100000000000000${'02000005e0000001'.padEnd(256, '0')}`,
    ],
    [
      'a membership of a packet socket',
      findOption(263, 1, 'linux'),
      struct({ mr_ifindex: 1, mr_type: 1 }),
      '01000000010000000000000000000000',
    ],
  ])('that is %s has its bytes', (_what, option, value, bytes) => {
    expect(encodeOption(option, value)).toEqual(hex(bytes));
  });

  it('of another kind has none', () => {
    expect(() => encodeOption(reuse, null)).toThrow(OptionValueError);
    expect(() => encodeOption(reuse, { kind: 'any' })).toThrow(OptionValueError);
    expect(() => encodeOption(linger, struct({ l_onof: 1 }))).toThrow('The structure has no field l_onof.');
    expect(() => encodeOption(undefined, struct({ l_onoff: 1, tv_sec: 1 }))).toThrow(OptionValueError);
  });

  it.each([1.5, NaN, Infinity])('that is %s has none', (value) => {
    const message = `${value} is no whole number.`;
    expect(() => encodeOption(reuse, value)).toThrow(message);
    expect(() => encodeOption(rate, value)).toThrow(message);
    expect(() => encodeOption(linger, struct({ l_onoff: value }))).toThrow(message);
    expect(() => encodeOption(undefined, { kind: 'list', items: [value] })).toThrow(message);
  });

  it.each<[OptionLayout, string, Value]>([
    ['int', '4294967296', 2 ** 32],
    ['ints', '-2147483649', { kind: 'list', items: [1, -(2 ** 31) - 1] }],
    ['u16', '65536', 65536],
    ['u16', '-1', -1],
    ['u64', '18446744073709551616', 2n ** 64n],
  ])('of the layout %s does not lose bits, as %s would', (layout, number, value) => {
    expect(() => encodeOption({ layout }, value)).toThrow(`${number} does not fit here: from `);
  });

  it('does not fit into a smaller field', () => {
    const packets = findOption(263, 1, 'linux');
    expect(() => encodeOption(packets, struct({ mr_type: 65536 }))).toThrow(
      '65536 does not fit the 16 bits of the field mr_type.',
    );
    expect(() => encodeOption(linger, struct({ l_linger: 2n ** 32n }))).toThrow('l_linger');
    expect(() => encodeOption({ layout: 'timeval' }, struct({ tv_sec: 2n ** 63n }))).toThrow('tv_sec');
    expect(() => encodeOption(membership, struct({ imr_multiaddr: dataValue(hex('0102030405')) }))).toThrow(
      'The field imr_multiaddr has 4 bytes, not 5.',
    );
  });

  it('may point to a filter, which has bytes of its own', () => {
    const filter = findOption(1, 26, 'linux');
    const accept = struct({ code: 6, jt: 0, jf: 0, k: 0x40000 });
    const program = struct({ len: 1, filter: { kind: 'list', items: [accept] } });
    expect(encodeOption(filter, program)).toEqual(hex('01000000000000000000000000000000'));
    expect(pointeeOf(filter, program)).toEqual({ offset: 8, bytes: hex('0600000000000400') });
    expect(pointeeOf(linger, struct({ l_onoff: 1 }))).toBeUndefined();
    expect(decodeOption(filter, hex('0600000000000400'))).toEqual({ kind: 'list', items: [accept] });
    const wrong = struct({ filter: { kind: 'list', items: [struct({ codes: 6 })] } });
    expect(() => pointeeOf(filter, wrong)).toThrow('The structure has no field codes.');
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
    expect(whole.fields).toMatchObject({
      tcpi_state: 1,
      tcpi_snd_wscale: 10,
      tcpi_rcv_wscale: 7,
      tcpi_rtt: 12345,
      tcpi_bytes_acked: 77,
      tcpi_snd_wnd: 65535,
    });
    expect(decodeTcpInfo(bytes.subarray(0, 72))).toMatchObject({
      fields: { tcpi_rtt: 12345 },
      rest: hex(''),
    });
    const cut = decodeTcpInfo(bytes.subarray(0, 71));
    expect(Object.keys(cut.fields)).not.toContain('tcpi_rtt');
    expect(cut.rest).toEqual(hex('393000'));
    expect(decodeTcpInfo(new Uint8Array(0))).toEqual({ fields: {}, rest: hex('') });
  });

  it('keeps what a newer kernel adds as bytes, and prints it', () => {
    const known = tcpInfoFields().length;
    const { fields, rest } = decodeTcpInfo(new Uint8Array(400).fill(7, 396));
    expect(Object.keys(fields)).toHaveLength(known);
    expect(rest.subarray(-4)).toEqual(hex('07070707'));
    const printed = printValue(decodeOption(findOption(6, 11, 'linux'), new Uint8Array(400).fill(7, 396)));
    expect(printed).toMatch(/^\{tcpi_state=0, .*rest="(\\0)+\\7\\7\\7\\7"\}$/);
  });

  it('has a sentence for every field, and names for the numbers that have them', () => {
    for (const { name, description } of tcpInfoFields()) {
      expect(description, name).toMatch(/\.$/);
    }
    expect(tcpInfoValueName('tcpi_state', 10, 'linux')).toBe('TCP_LISTEN');
    expect(tcpInfoValueName('tcpi_ca_state', 0, 'linux')).toBe('TCP_CA_Open');
    expect(tcpInfoValueName('tcpi_options', 7, 'linux')).toBe(
      'TCPI_OPT_TIMESTAMPS|TCPI_OPT_SACK|TCPI_OPT_WSCALE',
    );
    expect(tcpInfoValueName('tcpi_rtt', 1, 'linux')).toBeUndefined();
  });
});
