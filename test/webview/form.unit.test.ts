import { describe, expect, it } from 'vitest';
import { type Call, dataValue, type Value } from '../../src/common/call.js';
import { printCall } from '../../src/common/notation/printer.js';
import { constantValue } from '../../src/common/tables/constants.js';
import { controlLayout } from '../../src/common/tables/controlMessages.js';
import { sentControls } from '../../src/common/tables/sentControl.js';
import type { CallName } from '../../src/common/tables/signatures.js';
import { type Draft, emptyDraft } from '../../src/webview/form/fields.js';
import { emptyPayload, pastedDigits } from '../../src/webview/form/payload.js';
import { convertedAddress, splitAddress } from '../../src/webview/form/address.js';
import type { AddressDraft, AddressKind } from '../../src/webview/form/addressKinds.js';
import {
  type ControlDraft,
  controlFlags,
  controlKind,
  emptyControl,
  usualControl,
} from '../../src/webview/form/control.js';
import { draftOf, readForm } from '../../src/webview/form/readForm.js';

function read(name: CallName, texts: Record<number, string>, more: Partial<Draft> = {}) {
  return readForm(name, { ...emptyDraft, texts, ...more }, { target: 21, platform: 'linux' });
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

  it('places what is wrong with long digits where they are pasted, and what was wrong before in the field', async () => {
    const draft = { ...emptyPayload, mode: 'hex' as const, hex: 'ad zz' };
    const paste = (start: number, more: string, turn = async () => true) =>
      pastedDigits(draft, 'hex', `${'4f'.repeat(200_000)}${more}`, { start, end: 5 }, turn);
    expect(await paste(5, '')).toMatchObject({ problem: expect.stringMatching(/^Column 4: z/) as string });
    expect(await paste(3, 'x')).toMatchObject({
      problem: expect.stringMatching(/^Column 400001: x/) as string,
    });
    // It is read in turns, and no further than somebody waits for it.
    let turns = 0;
    expect(await paste(3, '', async () => ++turns < 3)).toBeUndefined();
    expect(turns).toBe(3);
  });

  it('tells what is wrong with the payload', () => {
    const payload = { ...emptyPayload, mode: 'hex' as const, hex: 'de a' };
    expect(read('send', {}, { payload }).problems.get(1)).toMatchObject({ offset: 3 });
  });

  it('needs a socket', () => {
    const { problems } = readForm('accept', emptyDraft, { target: null, platform: 'linux' });
    expect(problems.get(0)?.message).toBe('Choose a socket.');
  });
});

const any: Value = { kind: 'any' };
const peer: Value = { family: 'AF_INET', address: '127.0.0.1', port: 9 };
const text = (inside: string) => dataValue(new TextEncoder().encode(inside));
const list = (...items: Value[]): Value => ({ kind: 'list', items });
const struct = (fields: Record<string, Value>): Value => ({
  kind: 'struct',
  fields: Object.entries(fields).map(([name, value]) => ({ name, value })),
});
const iov = (...parts: string[]) =>
  list(...parts.map((part) => struct({ iov_base: text(part), iov_len: text(part).length })));
const control = (level: string, type: string, data: Value) =>
  struct({
    cmsg_level: constantValue(level, 'linux')!,
    cmsg_type: constantValue(type, 'linux')!,
    cmsg_data: data,
  });

describe('a record in the form', () => {
  it('loses what the kernel wrote and keeps what was passed', () => {
    const received = struct({
      msg_name: peer,
      msg_iov: list(struct({ iov_base: text('x'), iov_len: 4096 })),
      msg_control: list(control('SOL_SOCKET', 'SCM_RIGHTS', list(25))),
      msg_controllen: { kind: 'inout', value: 64, result: 24 },
      msg_flags: 0,
    });
    const draft = draftOf({ name: 'recvmsg', args: [21, received, 0] }, 'linux');
    expect(printCall(readForm('recvmsg', draft, { target: 21, platform: 'linux' }).call)).toBe(
      'recvmsg(21, {msg_name=_, msg_iov=[{iov_base=_, iov_len=4096}], msg_control=_, msg_controllen=[64]}, 0)',
    );
  });
});

describe('what is wrong with a part', () => {
  const problemsOf = (name: CallName, draft: Partial<Draft>) =>
    [...readForm(name, { ...emptyDraft, ...draft }, { target: 21, platform: 'linux' }).problems].map(
      ([key, { message, offset }]) => [key, offset, message] as const,
    );

  it('is told at the field of an address', () => {
    const at = (kind: AddressKind, fields: Record<string, string>) =>
      problemsOf('bind', { addresses: { 1: { kind, fields } } })[0]?.slice(0, 2);
    expect(at('AF_INET', { address: '1.2.3', port: '1' })).toEqual(['1.address', null]);
    expect(at('AF_INET', { address: '127.0.0.1', port: '70000' })).toEqual(['1.port', null]);
    expect(at('AF_INET6', { address: '127.0.0.1', port: '1' })).toEqual(['1.address', null]);
    expect(at('AF_INET6', { address: '::1', port: '1', flowinfo: 'x' })).toEqual(['1.flowinfo', null]);
    expect(at('unixPath', { path: 'ab\\q' })).toEqual(['1.path', 2]);
    expect(at('unixPath', { path: 'x'.repeat(109) })).toEqual(['1.path', null]);
    expect(at('AF_NETLINK', { pid: '0', groups: '-1' })).toEqual(['1.groups', null]);
    expect(at('AF_PACKET', { interface: 'lo', protocol: 'ETH_P_NONE' })).toEqual(['1.protocol', null]);
    expect(at('AF_PACKET', { protocol: '3' })).toEqual(['1.interface', null]);
    expect(at('AF_VSOCK', { cid: 'HERE', port: '1' })).toEqual(['1.cid', null]);
    expect(at('raw', { hex: '02 0' })).toEqual(['1.hex', 3]);
  });

  it('is told at the part of a message', () => {
    const message = {
      parts: [emptyPayload, { ...emptyPayload, mode: 'hex' as const, hex: 'a' }],
      control: [
        { ...emptyControl, descriptors: [] },
        { ...emptyControl, descriptors: ['22', 'x'] },
        { ...emptyControl, type: 'SCM_CREDENTIALS', credentials: { pid: '1', uid: '', gid: '0' } },
        { ...emptyControl, level: 'IPPROTO_IP', type: 'IP_TTL', data: '{' },
        { ...emptyControl, level: 'NO', type: '1', data: '1' },
      ],
    };
    const addresses = { 1: { kind: 'AF_INET' as const, fields: { address: '127.0.0.1', port: '-' } } };
    expect(problemsOf('sendmsg', { message, addresses }).map(([key]) => key)).toEqual([
      '1.port',
      '1.iov.1',
      '1.control.0.data',
      '1.control.1.data.1',
      '1.control.2.uid',
      '1.control.3.data',
      '1.control.4.level',
    ]);
  });

  it('is told at the field of a structure', () => {
    const texts = (request: string) => ({ 1: request });
    const at = (name: CallName, request: string, fields: Record<string, string>) =>
      problemsOf(name, { texts: texts(request), structs: { 2: fields } }).map(([key]) => key);
    expect(at('fcntl', 'F_SETLK', { l_type: 'F_WRLCK', l_whence: 'SEEK_NONE', l_len: '"x"' })).toEqual([
      '2.l_whence',
      '2.l_len',
    ]);
    expect(at('ioctl', 'SIOCGIFCONF', { ifc_len: '40', ifc_buf: '1' })).toEqual(['2.ifc_buf']);
    const control = { ...emptyControl, level: 'IPPROTO_IP', type: 'IP_PKTINFO' };
    const struct = { ipi_ifindex: 'lo', ipi_spec_dst: '127.1', ipi_addr: '' };
    const message = { parts: [emptyPayload], control: [{ ...control, struct }] };
    expect(problemsOf('sendmsg', { message }).map(([key]) => key)).toEqual([
      '1.control.0.ipi_ifindex',
      '1.control.0.ipi_spec_dst',
    ]);
  });

  it('is told at a length, and at a descriptor to poll', () => {
    const room = { lengths: ['10', '-1'], takesName: false, controlLength: 'x' };
    expect(problemsOf('recvmsg', { room }).map(([key]) => key)).toEqual(['1.iov.1', '1.controllen']);
    const fds = [
      { fd: '-1', events: 1 },
      { fd: 's', events: 1 },
    ];
    expect(problemsOf('poll', { fds }).map(([key]) => key)).toEqual(['0.fds.1']);
  });
});

describe('a control message that is sent', () => {
  const draft = (level: string, type: string, data = ''): ControlDraft => ({
    ...emptyControl,
    level,
    type,
    data,
  });

  it('has fields for what the kernel takes there, and begins with a value that can be sent', () => {
    const begun = (control: ControlDraft) =>
      readForm(
        'sendmsg',
        { ...emptyDraft, message: { parts: [emptyPayload], control: [control] } },
        { target: 21, platform: 'linux' },
      );
    const kinds = new Map<string, string>();
    for (const { level, type, usual, description } of sentControls('linux')) {
      const one = draft(level, type, usual);
      kinds.set(type, controlKind(one, 'linux'));
      expect(description, type).toMatch(/\.$/);
      // What it begins with can be sent, and comes back to the same field.
      const { call, problems } = begun(one);
      const needsMore = usual === '' && kinds.get(type) !== 'struct';
      expect(problems.size > 0, type).toBe(needsMore);
      const again = draftOf(call, 'linux').message.control.map((each) => controlKind(each, 'linux'));
      expect(again, type).toEqual(needsMore ? [] : [kinds.get(type)]);
    }
    expect(Object.fromEntries(kinds)).toEqual({
      SCM_RIGHTS: 'descriptors',
      SCM_CREDENTIALS: 'credentials',
      SO_TIMESTAMPING: 'flags',
      SCM_TS_OPT_ID: 'number',
      SCM_TXTIME: 'number',
      SO_PRIORITY: 'number',
      SO_MARK: 'number',
      IP_TOS: 'number',
      IP_TTL: 'number',
      IP_PKTINFO: 'struct',
      IPV6_TCLASS: 'number',
      IPV6_HOPLIMIT: 'number',
      IPV6_PKTINFO: 'struct',
      IPV6_DONTFRAG: 'number',
      UDP_SEGMENT: 'number',
    });
    expect(controlKind(draft('SOL_TLS', 'TLS_SET_RECORD_TYPE'), 'linux')).toBe('value');
    const flags = draft('SOL_SOCKET', 'SO_TIMESTAMPING', 'SOF_TIMESTAMPING_TX_SCHED|SOF_TIMESTAMPING_TX_ACK');
    expect(controlFlags(flags, 'linux')).toBe(0x300);
    expect(sentControls('darwin').map(({ type }) => type)).not.toContain('SO_TIMESTAMPING');
  });

  it('shows the number of one that was sent, as it stands in its record', () => {
    const sent = (level: string, type: string, data: Value) => {
      const [cmsg_level, cmsg_type] = [constantValue(level, 'linux')!, constantValue(type, 'linux')!];
      const fields = Object.entries({ cmsg_len: 20, cmsg_level, cmsg_type, cmsg_data: data });
      const control = { kind: 'struct' as const, fields: fields.map(([name, value]) => ({ name, value })) };
      const message: Value = {
        kind: 'struct',
        fields: [{ name: 'msg_control', value: { kind: 'list', items: [control] } }],
      };
      return draftOf({ name: 'sendmsg', args: [21, message, 0] }, 'linux').message.control[0]!;
    };
    const bytes = dataValue(Uint8Array.of(2, 1, 0, 0));
    expect(controlFlags(sent('SOL_SOCKET', 'SO_TIMESTAMPING', bytes), 'linux')).toBe(0x102);
    expect(sent('IPPROTO_IP', 'IP_TTL', { kind: 'list', items: [64] }).data).toBe('64');
    const layouts = sentControls('linux').map(({ level, type }) =>
      controlLayout(constantValue(level, 'linux')!, constantValue(type, 'linux')!, 'linux'),
    );
    expect(layouts).not.toContain('bytes');
  });

  it('begins with one of the family of the socket', () => {
    const begun = (domain: 'AF_UNIX' | 'AF_INET' | 'AF_INET6', type: 'SOCK_STREAM' | 'SOCK_DGRAM') =>
      usualControl({ domain, type });
    expect(begun('AF_UNIX', 'SOCK_STREAM').type).toBe('SCM_RIGHTS');
    expect(usualControl(undefined).type).toBe('SCM_RIGHTS');
    expect(begun('AF_INET', 'SOCK_DGRAM')).toMatchObject({ level: 'IPPROTO_IP', type: 'IP_TOS', data: '16' });
    expect(begun('AF_INET6', 'SOCK_DGRAM')).toMatchObject({ level: 'IPPROTO_IPV6', type: 'IPV6_TCLASS' });
    // The kernel looks at no others on a stream.
    expect(begun('AF_INET', 'SOCK_STREAM')).toMatchObject({ type: 'SO_TIMESTAMPING' });
    expect(begun('AF_INET6', 'SOCK_STREAM').data).toBe('SOF_TIMESTAMPING_TX_SOFTWARE');
  });
});

describe('a whole address in the first field', () => {
  const inet = { kind: 'AF_INET', fields: { port: '1' } } as const;
  it.each<[string, AddressDraft, AddressDraft | undefined]>([
    ['127.0.0.1', inet, undefined],
    ['127.0.0.1:', inet, { kind: 'AF_INET', fields: { address: '127.0.0.1', port: '1' } }],
    ['localhost:80', inet, { kind: 'AF_INET', fields: { address: 'localhost', port: '80' } }],
    ['[::1]:80', inet, { kind: 'AF_INET6', fields: { address: '::1', port: '80' } }],
    ['::1', { kind: 'AF_INET6', fields: {} }, undefined],
    ['[fe80::1%lo]:80', inet, { kind: 'AF_INET6', fields: { address: 'fe80::1', scope: 'lo', port: '80' } }],
    ['unix:/tmp/x', inet, { kind: 'unixPath', fields: { path: '/tmp/x' } }],
    ['unix:@x', inet, { kind: 'unixAbstract', fields: { name: 'x' } }],
    ['vsock:1:5', inet, { kind: 'AF_VSOCK', fields: { cid: 'VMADDR_CID_LOCAL', port: '5' } }],
    ['netlink:', inet, undefined],
    ['127.0.0.1:80', { kind: 'text', fields: {} }, undefined],
  ])('%s', (input, draft, expected) => {
    expect(splitAddress(input, draft, 'linux')).toEqual(expected);
  });

  it('keeps what it can when the kind changes', () => {
    const loopback = { kind: 'AF_INET', fields: { address: '127.0.0.1', port: '80' } } as const;
    expect(convertedAddress(loopback, 'text', 'linux').fields).toEqual({ text: '127.0.0.1:80' });
    expect(convertedAddress(loopback, 'AF_INET6', 'linux').fields).toEqual({ address: '::1', port: '80' });
    expect(
      convertedAddress({ kind: 'text', fields: { text: '[::1]:5' } }, 'AF_INET6', 'linux').fields,
    ).toEqual({
      address: '::1',
      port: '5',
    });
    expect(convertedAddress(loopback, 'AF_VSOCK', 'linux').fields).toEqual({ port: '80' });
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
    ['socket', [number('AF_PACKET'), number('SOCK_RAW'), 0x0300]],
    ['bind', [21, { family: 'AF_NETLINK', pid: 7, groups: 0x11 }]],
    ['bind', [21, { family: 'AF_PACKET', interface: 'lo', protocol: 'ETH_P_ALL' }]],
    ['bind', [21, { family: 'AF_VSOCK', cid: 1, port: 0xffffffff }]],
    ['bind', [21, { family: 'AF_VSOCK', cid: 77, port: 5 }]],
    ['bind', [21, { family: 'AF_CAN', interface: 'vcan0' }]],
    ['bind', [21, { family: 'AF_UNIX', name: new Uint8Array(0), isAbstract: false }]],
    ['bind', [21, { family: 'AF_UNIX', name: Uint8Array.of(0x61, 0xff, 0x22, 0x5c), isAbstract: true }]],
    ['connect', [21, { family: 'AF_INET6', address: 'fe80::1', port: 80, scopeId: 'lo', flowinfo: 5 }]],
    ['connect', [21, { family: 'raw', bytes: Uint8Array.of(2, 0, 0xff) }]],
    ['connect', [21, null]],
    ['write', [21, text('hi'), 2]],
    ['read', [21, any, 100]],
    ['dup', [21]],
    ['pipe', []],
    ['socketpair', [number('AF_UNIX'), number('SOCK_DGRAM'), 0]],
    ['unlink', [text('/tmp/a "b"\\')]],
    ['fcntl', [21, number('F_GETFL')]],
    ['fcntl', [21, number('F_SETFL'), number('O_NONBLOCK')]],
    ['fcntl', [21, number('F_SETFD'), 1]],
    ['fcntl', [21, number('F_DUPFD'), 100]],
    ['fcntl', [21, number('F_SETLK'), struct({ l_type: number('F_WRLCK'), l_whence: 1, l_len: 10 })]],
    ['fcntl', [21, number('F_GETLK'), struct({ l_type: 0, l_start: 2 ** 40 })]],
    ['fcntl', [21, number('F_SETOWN_EX'), struct({ type: 1, pid: 0 })]],
    ['fcntl', [21, number('F_GETOWN_EX')]],
    ['ioctl', [21, number('SIOCGIFADDR'), struct({ ifr_name: text('lo') })]],
    ['ioctl', [21, number('SIOCGIFADDR'), struct({ ifr_name: text('a "b"') })]],
    ['ioctl', [21, number('SIOCGIFNAME'), struct({ ifr_ifindex: 1 })]],
    ['ioctl', [21, number('SIOCGIFCONF'), struct({ ifc_len: 40 })]],
    ['ioctl', [21, number('SIOCGIFCONF'), struct({ ifc_len: 0, ifc_buf: null })]],
    ['ioctl', [21, number('FIONREAD')]],
    ['ioctl', [21, number('FIONBIO'), list(1)]],
    ['ioctl', [21, 0x1234, list(7)]],
    ['poll', [list(struct({ fd: 21, events: number('POLLIN') | number('POLLOUT') })), 1, -1]],
    ['sendmsg', [21, struct({ msg_iov: iov('hello', '\0') }), 0]],
    ['sendmsg', [21, struct({ msg_name: peer, msg_iov: iov('x') }), number('MSG_NOSIGNAL')]],
    [
      'sendmsg',
      [
        21,
        struct({
          msg_iov: iov('x'),
          msg_control: list(
            control('SOL_SOCKET', 'SCM_RIGHTS', list(22, 23)),
            control('SOL_SOCKET', 'SCM_CREDENTIALS', struct({ pid: 1, uid: 0, gid: 0 })),
            control('IPPROTO_IP', 'IP_TTL', 5),
            control(
              'IPPROTO_IP',
              'IP_PKTINFO',
              struct({ ipi_ifindex: 1, ipi_spec_dst: dataValue(Uint8Array.of(127, 0, 0, 2)) }),
            ),
            control('IPPROTO_IPV6', 'IPV6_PKTINFO', struct({ ipi6_addr: dataValue(new Uint8Array(16)) })),
          ),
        }),
        0,
      ],
    ],
    ['recvmsg', [21, struct({ msg_iov: list(struct({ iov_base: any, iov_len: 10 })) }), 0]],
    [
      'recvmsg',
      [
        21,
        struct({
          msg_name: any,
          msg_iov: list(struct({ iov_base: any, iov_len: 10 }), struct({ iov_base: any, iov_len: 20 })),
          msg_control: any,
          msg_controllen: { kind: 'inout', value: 16, result: null },
        }),
        number('MSG_DONTWAIT'),
      ],
    ],
  ])('of %s reads back as it was', (name, args) => {
    const call: Call = { name, args };
    const reading = readForm(name, draftOf(call, 'linux'), { target: 21, platform: 'linux' });
    expect([...reading.problems]).toEqual([]);
    expect(printCall(reading.call)).toBe(printCall(call));
  });
});
