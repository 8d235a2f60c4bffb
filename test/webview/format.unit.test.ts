import { expect, it, onTestFinished } from 'vitest';
import korean from '../../l10n/bundle.l10n.ko.json' with { type: 'json' };
import {
  type CallRecord,
  type CallStatus,
  dataValue,
  type Payload,
  type Value,
} from '../../src/common/call.js';
import { setMessages, t } from '../../src/common/l10n.js';
import { peerText } from '../../src/common/recordText.js';
import type { SocketAddress, SocketInfo } from '../../src/common/socket.js';
import type { CallName } from '../../src/common/tables/signatures.js';
import {
  formatAge,
  formatDuration,
  formatPlace,
  formatTook,
  shortTime,
} from '../../src/webview/text/format.js';
import { explanationOf } from '../../src/webview/text/record.js';
import { lostText, tightSize, waitingText } from '../../src/webview/text/socket.js';
import { laterText, tookText } from '../../src/webview/text/times.js';
import { makerText } from '../../src/common/socketText.js';
import { tapMaker } from '../../src/common/tap/maker.js';
import { socket } from '../support/sockets.js';

it('tells in few letters how much waits, in the head of a narrow lane', () => {
  expect([4, 999, 1536, 125 * 1024, 3 * 1024 ** 2].map(tightSize)).toEqual([
    '4 B',
    '999 B',
    '1.5K',
    '125K',
    '3.0M',
  ]);
});

it('tells in words what has been received and what waits, in as few letters as the head has room for', () => {
  expect([waitingText(0, 14), waitingText(3, 1), waitingText(125 * 1024, 1536)]).toEqual([
    '0, 14 B wait',
    '3, 1 B waits',
    '125K, 1.5K wait',
  ]);
});

it('tells in words who made a record', () => {
  expect(['auto-echo', 'auto-accept', 'repeat', 'five-clients.sockets', 'auto-x'].map(makerText)).toEqual([
    'automatic echo',
    'automatic accept',
    'Repeat',
    'five-clients.sockets',
    'auto-x',
  ]);
  // A scenario may have a name that begins like a tap's.
  const makers = ['tap 127.0.0.1:80', tapMaker('[::1]:80', ['delay 20 ms', 'slice']), 'tap it.sockets'];
  expect(makers.map(makerText)).toEqual([
    'tap to 127.0.0.1:80',
    'tap to [::1]:80; injected: delay 20 ms, slice',
    'tap it.sockets',
  ]);
  setMessages(korean);
  onTestFinished(() => setMessages({}));
  expect(makerText(tapMaker('127.0.0.1:80', ['slice']))).toBe('127.0.0.1:80으로 가는 중계; 주입: slice');
});

it('tells hundredths in the gutter of the lanes, however long ago the records began', () => {
  const times = [0.001, 9.876, 10.08, 99.96, 701.354, 54_321];
  expect(times.map((seconds) => shortTime(seconds * 1e9))).toEqual([
    '0.00',
    '9.88',
    '10.08',
    '99.96',
    '701.35',
    '54321.00',
  ]);
});

it('tells no duration that was not measured, and none as zero', () => {
  expect([400, 18_000, 41e6].map(formatDuration)).toEqual(['< 1 µs', '0.018 ms', '41 ms']);
  expect(formatTook(7000, 25_000)).toBe('0.018 ms');
  // What was fetched with others was told when it had ended.
  expect(formatTook(7000, 7000)).toBe('not measured');
  const inTable = (endNs: number | null) => tookText({ startNs: 7000, endNs } as CallRecord);
  expect([25_000, 7400, 7000, null].map(inTable)).toEqual(['0.000018', '< 1 µs', 'not measured', '']);
});

it('tells seconds and minutes with the units of the language, to which its particles fit', () => {
  const times = [3.14e9, 125e9];
  const said = () => times.flatMap((ns) => [formatAge(ns), formatAge(ns, true), formatDuration(ns)]);
  expect(said()).toEqual(['3.1 s', '3 s', '3.14 s', '2 min 5 s', '2 min', '2 min 5 s']);
  setMessages(korean);
  onTestFinished(() => setMessages({}));
  expect(said()).toEqual(['3.1초', '3초', '3.14초', '2분 5초', '2분', '2분 5초']);
  expect(t('waiting {0}', formatAge(3.14e9))).toBe('3.1초째 기다림');
});

it('names the first and the last byte', () => {
  expect([formatPlace(0, 10), formatPlace(10, 1)]).toEqual(['bytes 0 to 9', 'byte 10']);
});

it('has in the column of the peer no address of the socket itself', () => {
  const at = (port: number): SocketAddress => ({ family: 'AF_INET', address: '127.0.0.1', port });
  const told = (name: CallName, args: Value[], remote: SocketAddress | null = null) => {
    const record = { name, args, socketId: 1, errno: null } as unknown as CallRecord;
    return peerText(record, new Map([[1, { local: at(80), remote, role: 'client' } as SocketInfo]]));
  };
  expect(told('bind', [3, at(0)])).toBe('');
  expect(told('listen', [3, 5])).toBe('');
  expect(told('getsockname', [3, at(80)], at(9))).toBe('');
  expect(told('sendto', [3, dataValue(new Uint8Array(1)), 1, 0, at(9)])).toBe('→ 127.0.0.1:9');
  expect(told('recv', [3, null, 1, 0], at(9))).toBe('127.0.0.1:80 → :9');
});

it('blames the host for a missing answer only where the call was made here', () => {
  const said = (madeBy: string | null) =>
    explanationOf({ name: 'accept', status: 'lost', madeBy } as CallRecord, new Map());
  expect(said(null)).toBe('The socket host ended before the kernel answered.');
  expect(said('strace')).toBe('The log does not say that this call returned.');
  expect(said('strace: accept4')).toBe('The log does not say that this call returned.');
});

it('says of a wait that was ended how much of it the kernel had done', () => {
  const said = (
    name: CallName,
    payload: Partial<Payload> | null,
    args: Value[],
    status: CallStatus = 'cancelled',
  ) => explanationOf({ name, args, payload, status, result: null, madeBy: null } as CallRecord, new Map());
  const part = { length: 40_960 };
  const sent = { ...dataValue(new Uint8Array(1)), length: 65_536 };
  const message = (length: number): Value => ({
    kind: 'struct',
    fields: [
      {
        name: 'msg_iov',
        value: { kind: 'list', items: [{ kind: 'struct', fields: [{ name: 'iov_len', value: length }] }] },
      },
    ],
  });
  const taken = '40960 of 65536 bytes taken when the wait was ended.';
  expect(said('send', { ...part, direction: 'out' }, [3, sent, 65_536, 0])).toBe(taken);
  expect(said('sendmsg', { ...part, direction: 'out' }, [3, message(65_536), 0])).toBe(taken);
  const given = '40960 of 65536 bytes given when the wait was ended.';
  expect(said('recv', { ...part, direction: 'in' }, [3, sent, 65_536, 0x100])).toBe(given);
  expect(said('recvmsg', { ...part, direction: 'in' }, [3, message(65_536), 0x100])).toBe(given);
  expect([
    said('send', { ...part, direction: 'out' }, [3, sent, 65_536, 0], 'lost'),
    said('recv', { ...part, direction: 'in' }, [3, sent, 65_536, 0x100], 'lost'),
  ]).toEqual([
    '40960 of 65536 bytes taken when the socket host ended.',
    '40960 of 65536 bytes given when the socket host ended.',
  ]);
  const told = { ...part, captured: 0 };
  expect([
    said('send', { ...told, direction: 'out' }, [3, sent, 65_536, 0], 'lost'),
    said('recv', { ...told, direction: 'in' }, [3, sent, 65_536, 0x100], 'lost'),
  ]).toEqual([
    'At least 40960 of 65536 bytes taken when the socket host ended.',
    'At least 40960 of 65536 bytes given when the socket host ended.',
  ]);
  const nothing = 'The wait was ended before the kernel answered.';
  expect(said('send', { direction: 'out', length: 0 }, [3, sent, 65_536, 0])).toBe(nothing);
  expect(said('accept', null, [3])).toBe(nothing);
});

it('says of a call that waited how long after its time it returned', () => {
  const call = (hasWaited: boolean, endNs: number | null) =>
    laterText({ hasWaited, startNs: 1e9, endNs } as CallRecord);
  expect(call(true, 2.51e9)).toBe('+1.51 s');
  expect([call(true, null), call(true, 1.001e9), call(false, 2.51e9)]).toEqual(['', '', '']);
});

it('says when a socket was lost, where that is known', () => {
  expect(lostText(socket({ isLost: true, lost: { seq: 7, ns: 12.3456e9 } }))).toBe(
    'This socket ended with its host at 12.3456 s, after record 7. Nothing can be asked of it any more.',
  );
  expect(lostText(socket({ isLost: true }))).toBe(
    'This socket ended with its host. Nothing can be asked of it any more.',
  );
});
