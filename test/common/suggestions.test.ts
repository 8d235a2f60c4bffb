import { describe, expect, it } from 'vitest';
import type { CallRecord, Value } from '../../src/common/call.js';
import { printCall } from '../../src/common/notation/printer.js';
import { presetCall, presets } from '../../src/common/presets.js';
import type { SocketInfo } from '../../src/common/socket.js';
import {
  allCalls,
  bytesFor,
  expectedCalls,
  freeCalls,
  specialCalls,
  usualCall,
  waitingForOther,
  waitingLike,
} from '../../src/common/socketCalls.js';
import { suggestNext, type Suggestion } from '../../src/common/suggestions.js';
import { defaultCall, unixAddress } from '../../src/common/usualArguments.js';
import { constantValue } from '../../src/common/tables/constants.js';
import { type CallName, signatures } from '../../src/common/tables/signatures.js';
import { recordOf } from '../support/records.js';
import { socket as socketInfo } from '../support/sockets.js';

const socket = (id: number, more: Partial<SocketInfo> = {}) => socketInfo({ id, fd: id + 20, ...more });

function record(name: CallName, more: Partial<CallRecord> = {}): CallRecord {
  return recordOf(name, [], { fd: 21, socketId: 1, ...more });
}

const port = (number: number) => ({ family: 'AF_INET' as const, address: '127.0.0.1', port: number });
const listener = socket(1, { state: 'listening', role: 'listener', local: port(4000) });
const client = socket(2, { state: 'connected', role: 'client', peerId: 3 });
const accepted = socket(3, { state: 'connected', role: 'accepted', peerId: 2, listenerId: 1 });

function next(made: CallRecord, ...sockets: SocketInfo[]): string | null {
  const context = { sockets: new Map(sockets.map((one) => [one.id, one])), platform: 'linux' as const };
  return text(suggestNext(made, context));
}

function text(suggestion: Suggestion | null): string | null {
  return suggestion && printCall(suggestion.call);
}

describe('the usual next call', () => {
  it('leads a server to accept', () => {
    expect(next(record('socket', { createdIds: [1], result: 21 }), socket(1))).toBe('bind(21, 127.0.0.1:0)');
    expect(next(record('bind'), socket(1, { state: 'bound' }))).toBe('listen(21, 128)');
    expect(next(record('listen'), listener)).toBe('accept(21)');
  });

  it('leads a client to the listener that waits', () => {
    const made = record('socket', { createdIds: [2], result: 22 });
    expect(next(made, listener, socket(2))).toBe('connect(22, 127.0.0.1:4000)');
    expect(next(record('connect', { socketId: 2 }), listener, socket(2, { state: 'connected' }))).toBe(
      'send(22, "hello\\n", 6, 0)',
    );
  });

  it('leads to no listener of another protocol, but from TCP to MPTCP', () => {
    const made = record('socket', { createdIds: [2] });
    const over = (protocol: string) => next(made, { ...listener, protocol }, socket(2));
    expect(over('IPPROTO_MPTCP')).toMatch(/^connect\(22, /);
    expect(over('IPPROTO_SCTP')).toMatch(/^bind\(22, /);
  });

  it('reaches a listener on every address by loopback', () => {
    const wild = { ...listener, local: { ...port(4000), address: '0.0.0.0' } };
    expect(next(record('socket', { createdIds: [2] }), wild, socket(2))).toBe('connect(22, 127.0.0.1:4000)');
  });

  it('makes a client while an accept waits', () => {
    const waits = record('accept', { status: 'waiting', result: null });
    expect(next(waits, listener)).toBe('socket(AF_INET, SOCK_STREAM, 0)');
  });

  it('goes to and fro between the ends of a connection', () => {
    expect(next(record('accept', { createdIds: [3], result: 23 }), listener, accepted)).toBe(
      'recv(23, _, 4096, 0)',
    );
    const sent = record('send', { socketId: 2, peerId: 3, result: 6 });
    expect(next(sent, client, accepted)).toBe('recv(23, _, 4096, 0)');
    expect(next(record('recv', { socketId: 3, result: 6 }), client, accepted)).toBe(
      'send(23, "hello\\n", 6, 0)',
    );
  });

  it('receives again where a receive left bytes behind', () => {
    const full = { ...accepted, receiveQueue: 9 };
    const received = (len: number, flags: number, result: number) =>
      next(recordOf('recv', [23, { kind: 'any' }, len, flags], { socketId: 3, result }), client, full);
    expect(received(4, 0, 4)).toBe('recv(23, _, 4096, 0)');
    expect(received(4096, constantValue('MSG_PEEK', 'linux')!, 9)).toBe('recv(23, _, 4096, 0)');
    // The sample may be from before the call.
    expect(received(4096, 0, 9)).toBe('send(23, "hello\\n", 6, 0)');
  });

  it('receives the answer here when the peer is not ours', () => {
    expect(next(record('send', { socketId: 2, result: 6 }), { ...client, peerId: null })).toBe(
      'recv(22, _, 4096, 0)',
    );
  });

  it('closes after the end of file, then shows it to the other end', () => {
    expect(next(record('recv', { socketId: 3, result: 0 }), client, accepted)).toBe('close(23)');
    const closed = { ...accepted, state: 'closed' as const };
    expect(next(record('close', { socketId: 3 }), client, closed)).toBe('recv(22, _, 4096, 0)');
  });

  it('closes the last one that is left, and nothing that is in use', () => {
    const closed = { ...accepted, peerId: null, state: 'closed' as const };
    const waiting = [{ seq: 9, name: 'accept', startNs: 0 }] as SocketInfo['waiting'];
    expect(next(record('close', { socketId: 3 }), closed, { ...listener, waiting: [] })).toBe('close(21)');
    expect(next(record('close', { socketId: 3 }), closed, { ...listener, waiting })).toMatch(/^socket\(/);
    expect(next(record('close', { socketId: 3 }), closed, listener, { ...client, peerId: null })).toMatch(
      /^socket\(/,
    );
  });

  it('asks for the rest after a shutdown of the sending side', () => {
    const half = { ...client, isShutdownWrite: true };
    expect(next(record('shutdown', { socketId: 2 }), half, accepted)).toBe('recv(22, _, 4096, 0)');
  });

  it('answers a datagram to where it came from', () => {
    const receiver = socket(1, { type: 'SOCK_DGRAM', role: 'datagram', state: 'bound', local: port(5000) });
    const args: Value[] = [21, { kind: 'any' }, 4096, 0, port(6000)];
    expect(next(record('recvfrom', { args, result: 6 }), receiver)).toBe(
      'sendto(21, "hello\\n", 6, 0, 127.0.0.1:6000)',
    );
  });

  it('leaves everything else as the user has it', () => {
    expect(next(record('bind', { errno: 'EADDRINUSE', result: -1 }), socket(1))).toBeNull();
    expect(next(record('connect', { errno: 'ECONNREFUSED', result: -1 }), socket(1))).toBeNull();
    expect(next(record('accept', { status: 'cancelled', result: null }), listener)).toBeNull();
    expect(next(record('getsockopt'), client)).toBeNull();
  });

  it('starts anew when nothing is open any more', () => {
    expect(next(record('close'), { ...listener, state: 'closed' })).toBe('socket(AF_INET, SOCK_STREAM, 0)');
  });
});

describe('the next call of other kinds', () => {
  const unix = { domain: 'AF_UNIX', role: 'pair', state: 'connected' } as const;
  const a = socket(1, { ...unix, peerId: 2 });
  const b = socket(2, { ...unix, peerId: 1 });
  const file = { kind: 'pipe', domain: null, type: null, protocol: null, state: 'connected' } as const;
  const reader = socket(1, { ...file, role: 'reader', peerId: 2 });
  const writer = socket(2, { ...file, role: 'writer', peerId: 1 });
  const made = { fd: null, socketId: null };

  it('sends through a pair, and receives a message with a message', () => {
    expect(next(record('socketpair', { ...made, createdIds: [1, 2] }), a, b)).toContain('send(21, ');
    expect(next(record('sendmsg', { result: 1, peerId: 2 }), a, b)).toBe(
      'recvmsg(22, {msg_iov=[{iov_base=_, iov_len=4096}], msg_control=_}, 0)',
    );
  });

  it('uses what arrived over SCM_RIGHTS', () => {
    const received = socket(3, { type: 'SOCK_STREAM', role: 'received', state: 'connected' });
    const arrived = record('recvmsg', { result: 1, fd: 22, socketId: 2, createdIds: [3] });
    expect(next(arrived, a, b, received)).toContain('send(23, ');
    expect(next(arrived, a, b, { ...received, state: 'listening' })).toBe('accept(23)');
    expect(next(record('recvmsg', { result: 1, socketId: 2, fd: 22 }), a, b)).toContain('send(22, ');
  });

  it('writes into a pipe and reads from it', () => {
    expect(next(record('pipe', { ...made, createdIds: [1, 2] }), reader, writer)).toContain('write(22, ');
    expect(next(record('write', { result: 6, fd: 22, socketId: 2, peerId: 1 }), reader, writer)).toBe(
      'read(21, _, 4096)',
    );
    expect(next(record('read', { result: 6 }), reader, writer)).toContain('write(22, ');
    expect(next(record('read', { result: 0 }), reader, { ...writer, state: 'closed' })).toBe('close(21)');
  });

  it('asks the kernel over netlink, and another host by a raw socket', () => {
    const netlink = socket(1, { domain: 'AF_NETLINK', type: 'SOCK_RAW', protocol: 0 });
    expect(next(record('socket', { ...made, createdIds: [1] }), netlink)).toBe('bind(21, netlink:0/0)');
    expect(next(record('bind'), { ...netlink, state: 'bound', role: 'datagram' })).toBe(
      'recvfrom(21, _, 4096, 0)',
    );
    const raw = socket(1, { type: 'SOCK_RAW', protocol: 'IPPROTO_ICMP' });
    expect(next(record('socket', { ...made, createdIds: [1] }), raw)).toMatch(
      /^sendto\(21, "\\10.*", 8, 0, 127\.0\.0\.1:0\)$/,
    );
  });
});

const states = ['open', 'bound', 'listening', 'connecting', 'connected', 'closed'] as const;

describe('expected calls', () => {
  it('depend on the state', () => {
    expect([...expectedCalls(socket(1))]).toContain('bind');
    expect([...expectedCalls(listener)]).toContain('accept');
    expect([...expectedCalls(listener)]).not.toContain('send');
    expect([...expectedCalls(client)]).toContain('send');
    expect([...expectedCalls({ ...client, isShutdownWrite: true })]).not.toContain('send');
    // A bound datagram socket receives from anybody, whatever the call.
    const bound = socket(1, { type: 'SOCK_DGRAM', role: 'datagram', state: 'bound' });
    expect([...expectedCalls(bound)]).toEqual(expect.arrayContaining(['recv', 'recvfrom', 'read']));
    expect([...expectedCalls({ ...client, state: 'closed' })]).toEqual([]);
    expect([...expectedCalls({ ...client, isLost: true })]).toEqual([]);
  });

  it('hold every call of the vocabulary: on a descriptor, or without one', () => {
    const all = [...allCalls().flat(), ...freeCalls()];
    expect(new Set(all)).toEqual(new Set(signatures.keys()));
  });

  it('know which waiting call would take what another one is to get', () => {
    const waits = (name: string) => ({ ...client, waiting: [{ seq: 9, name, startNs: 0 }] });
    expect(waitingLike('recv', waits('recvmsg'))?.seq).toBe(9);
    expect(waitingLike('accept4', waits('accept'))?.seq).toBe(9);
    expect(waitingLike('connect', waits('connect'))?.seq).toBe(9);
    expect(waitingLike('send', waits('recv'))).toBeUndefined();
    expect(waitingLike('close', waits('accept'))).toBeUndefined();
  });

  it('know which waiting call somebody from any program could end', () => {
    const waits = (name: string, more: Partial<SocketInfo>) =>
      waitingForOther(socket(1, { waiting: [{ seq: 9, name, startNs: 0 }], ...more }))?.name;
    const bound = { type: 'SOCK_DGRAM', role: 'datagram', state: 'bound' } as const;
    expect(waits('accept4', { state: 'listening', role: 'listener' })).toBe('accept4');
    expect(waits('recvfrom', bound)).toBe('recvfrom');
    expect(waits('read', { ...bound, domain: 'AF_UNIX' })).toBe('read');
    expect(waits('recv', { state: 'connected', role: 'client' })).toBeUndefined();
    expect(waits('sendto', bound)).toBeUndefined();
    // Nobody sends to these with a port alone.
    expect(waits('recvfrom', { ...bound, type: 'SOCK_RAW', protocol: 'IPPROTO_UDP' })).toBeUndefined();
    expect(waits('recvfrom', { ...bound, protocol: 'IPPROTO_ICMP' })).toBeUndefined();
    expect(waits('recvfrom', { ...bound, domain: 'AF_PACKET' })).toBeUndefined();
  });

  it('stand in the order of a socket’s life, and what is special is so in every state', () => {
    expect(allCalls()[0]).toEqual(['bind', 'listen', 'accept', 'accept4', 'connect']);
    expect(allCalls()[2]).toEqual(['shutdown', 'close']);
    for (const type of ['SOCK_STREAM', 'SOCK_DGRAM']) {
      const special = states.map((state) => [...specialCalls(socket(1, { state, type }))].join());
      expect(new Set(special).size).toBe(1);
    }
  });

  it('are usual by the state, and by what waits in the receive queue', () => {
    const usual = (more: Partial<SocketInfo>) => usualCall({ ...client, ...more });
    expect(usual({ state: 'open' })).toBe('bind');
    expect(usual({ state: 'bound' })).toBe('listen');
    expect(usual({ state: 'bound', type: 'SOCK_DGRAM' })).toBe('recvfrom');
    expect(usual({ state: 'connecting' })).toBe('connect');
    expect(usual({})).toBe('send');
    expect(usual({ receiveQueue: 0 })).toBe('send');
    expect(usual({ receiveQueue: 6 })).toBe('recv');
    expect(usual({ receiveQueue: 6, isShutdownRead: true })).toBe('send');
    expect(usual({ isShutdownWrite: true })).toBe('recv');
    expect(usual({ isShutdownWrite: true, isShutdownRead: true })).toBe('close');
    expect(usual({ kind: 'pipe', role: 'writer' })).toBe('write');
  });

  it('have bytes waiting for them where they receive', () => {
    const waiting = (more: Partial<SocketInfo>) => {
      const full = { ...client, receiveQueue: 6, ...more };
      return allCalls()
        .flat()
        .filter((name) => bytesFor(name, full) > 0);
    };
    expect(waiting({})).toEqual(['recv']);
    expect(waiting({ receiveQueue: 0 })).toEqual([]);
    expect(waiting({ state: 'bound', type: 'SOCK_DGRAM' })).toEqual(['recvfrom']);
    expect(waiting({ kind: 'pipe', role: 'reader' })).toEqual(['read']);
    // They are usual, and the bytes are not for them.
    expect(waiting({ kind: 'pipe', role: 'writer' })).toEqual([]);
    expect(waiting({ isShutdownRead: true })).toEqual([]);
    expect(waiting({ state: 'open', type: 'SOCK_RAW' })).toEqual([]);
  });

  it('are all offered, with those that the state does not expect', () => {
    for (const one of [socket(1), listener, client, socket(4, { type: 'SOCK_DGRAM', state: 'bound' })]) {
      const offered = allCalls().flat();
      expect(offered).toEqual(expect.arrayContaining(['bind', 'listen', 'connect', 'send', 'recv', 'close']));
      const missing = [...expectedCalls(one)].filter((name) => !offered.includes(name));
      expect(missing).toEqual([]);
    }
  });
});

it('has arguments for every call that the host makes', () => {
  const context = { sockets: new Map([[1, listener]]), platform: 'linux' as const };
  const unix = socket(5, { domain: 'AF_UNIX' });
  expect(printCall(defaultCall('bind', unix, context))).toBe('bind(25, unix:/tmp/playground-5.sock)');
  expect(printCall(defaultCall('shutdown', client, context))).toBe('shutdown(22, SHUT_WR)');
  expect(printCall(defaultCall('setsockopt', client, context))).toBe(
    'setsockopt(22, SOL_SOCKET, SO_REUSEADDR, 1)',
  );
  expect(printCall(defaultCall('getsockname', client, context))).toBe('getsockname(22)');
});

describe('a preset', () => {
  const all = presets({ peer: port(4000), path: '/tmp/x.sock' });
  const preset = (id: string) => all.find((one) => one.id === id)!;

  it('has the calls that its name promises', () => {
    expect(all.map(({ id, steps }) => [id, steps.map(({ name }) => name)])).toEqual([
      ['tcpServer', ['socket', 'bind', 'listen', 'accept']],
      ['tcpClient', ['socket', 'connect']],
      ['udpPair', ['socket', 'bind', 'socket', 'sendto']],
      ['unixStream', ['socket', 'bind', 'listen', 'accept']],
      ['unixPair', ['socketpair', 'send', 'recv']],
      ['passDescriptor', ['socketpair', 'socket', 'sendmsg', 'recvmsg']],
      ['pipe', ['pipe', 'write', 'read']],
    ]);
  });

  it('takes what earlier calls made', () => {
    const { steps } = preset('udpPair');
    const a = socket(1, { type: 'SOCK_DGRAM', state: 'bound', local: port(5000) });
    const b = socket(2, { type: 'SOCK_DGRAM' });
    const call = presetCall(steps[3]!, [[a], [], [b]], 'linux');
    expect(call.kind === 'call' && printCall(call.call)).toBe('sendto(22, "hello\\n", 6, 0, 127.0.0.1:5000)');
  });

  it('puts what earlier calls made into structures', () => {
    const pair = [socket(1, { domain: 'AF_UNIX' }), socket(2, { domain: 'AF_UNIX' })];
    const call = presetCall(preset('passDescriptor').steps[2]!, [pair, [socket(3)]], 'linux');
    expect(call.kind === 'call' && printCall(call.call)).toBe(
      'sendmsg(21, {msg_iov=[{iov_base="hello\\n", iov_len=6}], msg_control=[{cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[23]}]}, 0)',
    );
    expect(presetCall(preset('passDescriptor').steps[2]!, [pair, []], 'linux')).toEqual({
      kind: 'gone',
      step: 1,
    });
  });

  it('waits for an address that the kernel has not told', () => {
    const { steps } = preset('udpPair');
    const a = socket(1, { type: 'SOCK_DGRAM', state: 'bound', local: port(0) });
    expect(presetCall(steps[3]!, [[a], [], [socket(2)]], 'linux')).toEqual({
      kind: 'needsAddress',
      socket: a,
    });
  });

  it('ends when a socket it is about has gone', () => {
    const { steps } = preset('tcpServer');
    expect(presetCall(steps[1]!, [[socket(1, { state: 'closed' })]], 'linux')).toEqual({
      kind: 'gone',
      step: 0,
    });
  });

  it('binds a Unix socket to its path', () => {
    const call = presetCall(preset('unixStream').steps[1]!, [[socket(1, { domain: 'AF_UNIX' })]], 'linux');
    expect(call).toMatchObject({ call: { args: [21, unixAddress('/tmp/x.sock')] } });
  });
});
