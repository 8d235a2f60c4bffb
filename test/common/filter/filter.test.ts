import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CallRecord } from '../../../src/common/call.js';
import { sortNumber } from '../../../src/common/filter/order.js';
import type { FilterRow } from '../../../src/common/filter/row.js';
import { completeFilter } from '../../../src/common/filter/complete.js';
import { testFor } from '../../../src/common/filter/evaluate.js';
import { fields } from '../../../src/common/filter/fields.js';
import { setMessages } from '../../../src/common/l10n.js';
import { parseFilter } from '../../../src/common/filter/parser.js';
import { RecordRow } from '../../../src/common/filter/row.js';
import type { SocketInfo } from '../../../src/common/socket.js';
import { encodeUtf8 } from '../../../src/common/utf8.js';
import { recordOf } from '../../support/records.js';
import { socket as socketInfo } from '../../support/sockets.js';

const socket = socketInfo({
  id: 3,
  fd: 7,
  name: 'server',
  role: 'accepted',
  state: 'connected',
  tcpState: 'ESTABLISHED',
  local: { family: 'AF_INET', address: '127.0.0.1', port: 80 },
  remote: { family: 'AF_INET', address: '127.0.0.1', port: 51240 },
  listenerId: 2,
  peerId: 9,
  receiveQueue: 0,
  sendQueue: 0,
  openedSeq: 4,
});

function receivedWith(more: Partial<CallRecord>): CallRecord {
  return recordOf('recv', [7, { kind: 'any' }, 100, 0], {
    seq: 12,
    result: 14,
    startNs: 3_700_000_000,
    endNs: 3_750_000_000,
    hasWaited: true,
    fd: 7,
    socketId: 3,
    peerId: 9,
    payload: { direction: 'in', length: 14, captured: 14, offset: 0 },
    thread: 'client',
    madeBy: 'echo.sockets',
    ...more,
  });
}

function fits(filter: string, more: Partial<CallRecord> = {}, info: Partial<SocketInfo> = {}): boolean {
  const record = receivedWith(more);
  const row = new RecordRow(record, {
    socketOf: () => ({ ...socket, ...info }),
    dataOf: ({ payload }) => (payload ? encodeUtf8('GET / HTTP/1.1') : new Uint8Array()),
    decode: (data) => String.fromCharCode(...data),
    textOf: ({ name, errno }) => `#12 fd 7 server ${name}(7, 100, 0) = ${String(errno ?? 14)}`.toLowerCase(),
  });
  const test = testFor(filter);
  expect(parseFilter(filter).errors).toEqual([]);
  return test === null || test!(row);
}

it('compares no time that was not measured, and sorts it behind the others', () => {
  expect([
    fits('took < 1s'),
    fits('took < 1s', { endNs: receivedWith({}).startNs }),
    fits('took < 1s', { endNs: null }),
  ]).toEqual([true, false, false]);
  const numbers = [true, false].map((isDescending) =>
    [5, 9, null].map((endNs) => sortNumber({ startNs: 5, endNs } as FilterRow, 'took', isDescending)),
  );
  expect(numbers).toEqual([
    [Infinity, -4, Infinity],
    [Infinity, 4, Infinity],
  ]);
});

const failed = { result: -1, errno: 'ECONNREFUSED', payload: null } as const;

describe('a display filter', () => {
  it.each([
    'fd==7',
    'fd = 7',
    'fd==7 && len>10 && (errno || call==recv)',
    'fd == 0x7',
    'fd != 8',
    'fd in {5 7}',
    'fd in 5..9',
    'call in {send, recv}',
    '!(call == send)',
    'not call==send',
    'call == send or call == recv',
    'len >= 14 and len <= 14',
    'result == 14',
    '!errno',
    'waited',
    'waited == true',
    'data',
    'data contains "GET"',
    'data contains GET',
    'data contains "\\x48TTP"',
    'data matches /GET|POST/',
    'data matches /^get \\//i',
    'data == "GET / HTTP/1.1"',
    'data != "GET"',
    'time > 3.5',
    'time in 1..4',
    'time < 4s && time > 3600ms',
    'took in 49ms..51ms',
    'local.port==80',
    'port in {80 443}',
    'port == 51240',
    'remote.addr==127.0.0.1',
    'addr in 127.0.0.0/8',
    'remote.addr != 10.0.0.1',
    'local == "127.0.0.1:80"',
    'remote contains 51240',
    'peer',
    'peer == 9',
    'socket=="server"',
    'socket matches /^ser/',
    'state == ESTABLISHED',
    'state == connected && state != listening',
    'protocol == tcp',
    'direction == in',
    'offset == 0 && offset < 14',
    'status == returned',
    'thread == client',
    'madeby contains echo',
    'seq >= 12',
    'recv',
    'RECV server',
    '"recv(7, 100"',
    '',
    '   ',
  ])('%s fits', (filter) => {
    expect(fits(filter)).toBe(true);
  });

  it.each([
    'fd==8',
    'errno',
    'call == send',
    'len < 14',
    'data contains "POST"',
    'time in 4..5',
    'local.port == 81',
    'addr in 10.0.0.0/8',
    'thread == server',
    'send',
    'recv ECONNREFUSED',
    'fd==7 send',
    '!waited',
    'state in {listening closed}',
  ])('%s does not fit', (filter) => {
    expect(fits(filter)).toBe(false);
  });

  it('compares what a record does not have with nothing', () => {
    expect(fits('len == 0', failed)).toBe(false);
    expect(fits('len != 5', failed)).toBe(false);
    expect(fits('errno', failed)).toBe(true);
    expect(fits('errno == ECONNREFUSED', failed)).toBe(true);
    expect(fits('errno in {EPIPE econnrefused}', failed)).toBe(true);
    expect(fits('errno != EPIPE', failed)).toBe(true);
    expect(fits('data matches /./', failed)).toBe(false);
    expect(fits('remote.port == 80', {}, { remote: null })).toBe(false);
    expect(fits('remote', {}, { remote: null })).toBe(false);
  });

  it('binds && closer than ||, and ! closest', () => {
    expect(fits('call==send || fd==7 && len==14')).toBe(true);
    expect(fits('call==recv || fd==8 && len==0')).toBe(true);
    expect(fits('!call==recv || !fd==7')).toBe(false);
  });
});

describe('what a filter says of errors', () => {
  it.each([
    ['fd ==', 4, 5, 'value is missing'],
    ['fd == x', 6, 7, 'number is expected'],
    ['fd contains 7', 3, 11, 'fd knows'],
    ['(fd == 7', 0, 1, 'bracket is not closed'],
    ['fd == 7)', 7, 8, 'close'],
    ['fd == 7 &&', 9, 10, 'condition is missing'],
    ['&& fd == 7', 0, 2, 'condition is missing'],
    ['fdd == 7', 0, 3, 'Did you mean fd?'],
    ['zzzzzz == 7', 0, 6, 'no field zzzzzz'],
    ['call == sned', 8, 12, 'Did you mean send?'],
    ['errno == ECONREFUSED', 9, 20, 'Did you mean ECONNREFUSED?'],
    ['data matches /(/', 13, 16, 'Unterminated group'],
    ['data matches /a/q', 13, 17, 'flags'],
    ['data matches /a', 13, 15, 'not closed'],
    ['data contains "GET', 14, 18, 'not closed'],
    ['time in 5..1', 8, 12, 'range is empty'],
    ['time in 5..', 10, 11, 'end of the range'],
    ['time == 1..2', 8, 12, 'A range goes with in'],
    ['time > 5h', 7, 9, 'seconds'],
    ['fd in {}', 6, 7, 'set is empty'],
    ['fd in {5 6', 6, 7, 'set is not closed'],
    ['addr in 10.0.0.0/64', 8, 19, 'no network'],
    ['waited == maybe', 10, 15, 'true or false'],
    ['fd == 7 & len == 4', 8, 9, 'Write &&'],
  ])('%s', (filter, from, to, message) => {
    const { expression, errors } = parseFilter(filter);
    expect(expression).toBeNull();
    expect(errors[0]).toMatchObject({ from, message: expect.stringContaining(message) as unknown });
    expect(errors[0]!.to).toBe(to);
  });

  it('tells of several at once', () => {
    const { errors } = parseFilter('fd == x && len > y || call == nobody');
    expect(errors.map(({ from, to }) => [from, to])).toEqual([
      [6, 7],
      [17, 18],
      [30, 36],
    ]);
  });

  it('refuses what nobody types', () => {
    expect(parseFilter('('.repeat(1500)).errors).not.toEqual([]);
    expect(parseFilter('!'.repeat(1500)).errors).not.toEqual([]);
    expect(parseFilter('a'.repeat(5000)).errors).toHaveLength(1);
  });
});

describe('any text', () => {
  const piece = fc.oneof(
    fc.constantFrom(...fields.map(({ name }) => name)),
    fc.constantFrom('==', '!=', '<', '>', '&&', '||', '!', '(', ')', '{', '}', ',', '..', 'in', 'contains'),
    fc.constantFrom('matches', '/a/', '"x"', "'", '"', '/', '7', '1..2', 'send', 'EPIPE', '127.0.0.1', '&'),
    fc.string({ unit: 'binary', maxLength: 6 }),
  );
  const anyText = fc.oneof(
    fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(' ')),
    fc.string({ unit: 'grapheme', maxLength: 30 }),
  );

  it('is a filter or has errors whose places are in it, and never throws', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { expression, errors } = parseFilter(text);
        expect(errors.every(({ from, to }) => from >= 0 && from <= to && to <= text.length)).toBe(true);
        expect(errors.length === 0 || expression === null).toBe(true);
        const test = testFor(text);
        if (test) {
          test(
            new RecordRow(receivedWith({}), {
              socketOf: () => socket,
              dataOf: () => new Uint8Array([1, 2, 255]),
              decode: () => 'abc',
              textOf: () => 'text',
            }),
          );
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('is offered only what replaces a part of it', () => {
    fc.assert(
      fc.property(anyText, fc.nat(40), (text, place) => {
        const caret = Math.min(place, text.length);
        const { range } = completeFilter(text, caret);
        expect(range.from <= range.to && range.to === caret).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('what is offered', () => {
  const offered = (text: string, values: string[] = []) =>
    completeFilter(text, text.length, () => values).items.map((item) => item.text);

  it.each([
    ['', ['fd', 'call', 'len']],
    ['lo', ['local', 'local.addr', 'local.port']],
    ['fd ', ['==', '!=', '<']],
    ['data c', ['contains']],
    ['call == re', ['recv', 'recvfrom', 'recvmsg']],
    ['errno == ECONNREF', ['ECONNREFUSED']],
    ['call in {send re', ['recv', 'recvfrom', 'recvmsg']],
    ['fd == 7 ', ['&&', '||']],
    ['fd == 7 && le', ['len']],
    ['(', ['fd', 'call', 'len']],
    // By what it means, where nothing has such a name.
    ['fail', ['errno']],
    ['len > 3 && seco', ['time', 'took']],
  ])('after %s', (text, first) => {
    expect(offered(text).slice(0, first.length)).toEqual(first);
  });

  it.each([
    ['socket == "', ['server', '"a b"']],
    ['socket == "ser', ['server']],
    ["socket in {server 'a", ['"a b"']],
    ['data contains "fd', []],
    ['"se', []],
    ['data matches /se', []],
    // Closed, the condition is whole.
    ['socket == "server" ', ['&&', '||']],
    ['data matches /se/ ', ['&&', '||']],
  ])('inside quotes is a value or nothing: %s', (text, expected) => {
    expect(offered(text, text.startsWith('socket') ? ['server', 'a b'] : [])).toEqual(expected);
  });

  it('takes the place of the quote that is open', () => {
    expect(completeFilter('socket == "ser', 14, () => ['server']).range).toEqual({ from: 10, to: 14 });
  });

  it('is found by what it means in Korean, too, of which two syllables are a word', () => {
    onTestFinished(() => setMessages({}));
    setMessages({
      'The error of a failed call; alone it fits every failed call.': '실패한 호출의 오류입니다.',
    });
    expect([offered('실패'), offered('호')]).toEqual([['errno'], []]);
  });

  it('are the values that there are', () => {
    expect(offered('socket == ', ['my server', 'client'])).toEqual(['"my server"', 'client']);
  });

  // What is whole, what no value can be, and a value of which only its field is told.
  it.each(['fd == 7 && waited', 'data == fail', 'errno == fail'])('is nothing after %s', (text) => {
    expect(offered(text)).toEqual([]);
  });
});
