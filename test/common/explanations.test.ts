import { describe, expect, it } from 'vitest';
import { type CallRecord, dataValue, type Value } from '../../src/common/call.js';
import type { SocketAddress, SocketInfo } from '../../src/common/socket.js';
import { isFailure } from '../../src/common/failure.js';
import { explain, explainError, hasExplanation } from '../../src/common/tables/explanations.js';
import type { ErrorFacts, SystemSocket } from '../../src/common/system/systemSocket.js';
import type { CallName } from '../../src/common/tables/signatures.js';
import { systemSocket } from './system/support.js';

const tcp: Partial<SocketInfo> = { domain: 'AF_INET', type: 'SOCK_STREAM', state: 'open' };
const address: SocketAddress = { family: 'AF_INET', address: '127.0.0.1', port: 3000 };
const unix: Value = { family: 'AF_UNIX', name: new TextEncoder().encode('/tmp/x.sock'), isAbstract: false };

function say(name: CallName, args: Value[], answer: string | number, socket: Partial<SocketInfo> = tcp) {
  const record: Pick<CallRecord, 'name' | 'args' | 'errno' | 'result' | 'payload'> = {
    name,
    args,
    errno: typeof answer === 'string' ? answer : null,
    result: typeof answer === 'string' ? -1 : answer,
    payload: null,
  };
  return explain({ record, socket: socket as SocketInfo });
}

describe('explain', () => {
  it('names the address that is taken', () => {
    expect(say('bind', [7, address], 'EADDRINUSE')).toContain('127.0.0.1:3000');
    expect(say('bind', [7, unix], 'EADDRINUSE')).toContain('/tmp/x.sock');
  });

  it('advises for an address that is taken by who was found to hold it', () => {
    const held = (
      state?: SystemSocket['state'],
      inode: number | null = 7,
      reuse: ErrorFacts['reuse'] = null,
    ) => {
      const socket = systemSocket({ ...(state && { state }), inode });
      const there = state ? [{ socket, processes: [], moreProcesses: 0, own: null }] : [];
      const facts: ErrorFacts = {
        kind: 'holders',
        address,
        there,
        more: 0,
        elsewhere: [],
        file: null,
        reuse,
        problem: null,
      };
      const record = {
        name: 'bind',
        args: [7, address],
        errno: 'EADDRINUSE',
        result: -1,
        payload: null,
      } as const;
      const { cause, remedy } = explainError({ record: { ...record, args: [...record.args], facts } })!;
      return [cause, remedy];
    };
    expect(held('LISTEN')).toEqual([undefined, 'Close the socket that holds it, or take port 0.']);
    expect(held('TIME_WAIT', null)).toEqual([
      'The side that closed first keeps the port in TIME_WAIT for a minute.',
      'Set SO_REUSEADDR on both sockets before bind, wait until it is over, or take port 0.',
    ]);
    // Its process has closed it already.
    expect(held('FIN_WAIT2', null)).toEqual([
      undefined,
      'Set SO_REUSEADDR on both sockets before bind, wait until it is over, or take port 0.',
    ]);
    // Where the holders are ours.
    expect(held('LISTEN', 7, 'SO_REUSEPORT')[1]).toBe(
      'The kernel accepts it with SO_REUSEPORT set before bind. Else close the socket that holds it, or take port 0.',
    );
    expect(held('LISTEN', 7, 'none')[1]).toBe('Close the socket that holds it, or take port 0.');
    // Nobody was found: both are possible.
    expect(held()[1]).toContain('against TIME_WAIT');
  });

  it('tells a refused connection from a refused datagram', () => {
    expect(say('connect', [7, address], 'ECONNREFUSED')).toBe(
      'Nobody listens on 127.0.0.1:3000: the other side answered the SYN with a reset.',
    );
    expect(
      say('recv', [7, { kind: 'any' }, 100, 0], 'ECONNREFUSED', { ...tcp, type: 'SOCK_DGRAM' }),
    ).toContain('datagram');
  });

  it('does not take a listening socket for a connected one', () => {
    expect(say('connect', [7, address], 'EISCONN')).toBe('The socket is connected already.');
    expect(say('connect', [7, address], 'EISCONN', { ...tcp, state: 'listening' })).toBe(
      'A listening socket cannot connect.',
    );
  });

  it('names the destination of a message', () => {
    const message: Value = { kind: 'struct', fields: [{ name: 'msg_name', value: address }] };
    expect(say('sendmsg', [7, message, 0], 'ENETUNREACH')).toBe(
      'This machine has no route to 127.0.0.1:3000.',
    );
  });

  it('says what a family that is not here is for, and what it needs', () => {
    const record = {
      name: 'socket' as const,
      args: [9, 1, 0],
      errno: 'EAFNOSUPPORT',
      result: -1,
      payload: null,
    };
    expect(explainError({ record })).toEqual({
      meaning: 'This kernel has no AF_X25. X.25, the packet-switched networks of the telephone companies.',
      remedy: expect.stringContaining('CONFIG_X25') as string,
    });
  });

  it('says what a privileged port needs, and only there', () => {
    expect(say('bind', [7, { ...address, port: 80 }], 'EACCES')).toContain('CAP_NET_BIND_SERVICE');
    expect(say('bind', [7, address], 'EACCES')).not.toContain('CAP_NET_BIND_SERVICE');
  });

  it('tells the end of a stream from an empty datagram and from a look into nothing', () => {
    const args: Value[] = [7, dataValue(new Uint8Array()), 100, 0];
    const connected: Partial<SocketInfo> = { ...tcp, state: 'connected', role: 'client' };
    expect(say('recv', args, 0, connected)).toContain('End of file: the peer');
    expect(say('recv', args, 0, { ...connected, state: 'closed' })).toContain('End of file: the peer');
    expect(say('recv', args, 0, { ...connected, isShutdownRead: true })).toContain('End of file: this side');
    expect(say('recv', args, 0, { ...tcp, type: 'SOCK_DGRAM' })).toBe('An empty datagram.');
    expect(say('recv', [7, dataValue(new Uint8Array()), 0, 0], 0, connected)).toBeUndefined();
  });

  it('says how much of a send fitted', () => {
    expect(say('send', [7, dataValue(new Uint8Array(9)), 9, 0], 4)).toBe(
      '4 of 9 bytes fitted into the send queue.',
    );
    expect(say('send', [7, dataValue(new Uint8Array(9)), 9, 0], 9)).toBeUndefined();
  });

  it('leaves an unknown errno without a sentence', () => {
    expect(say('bind', [7, address], 'ENOSUCHERRNO')).toBeUndefined();
    expect(hasExplanation('accept4', 'EMFILE')).toBe(true);
  });

  it('does not call it a failure that a call was not to wait', () => {
    expect(isFailure({ result: -1, errno: 'EAGAIN' })).toBe(false);
    expect(isFailure({ result: -1, errno: 'EINPROGRESS' })).toBe(false);
    expect(isFailure({ result: -1, errno: 'ECONNREFUSED' })).toBe(true);
    expect(isFailure({ result: null, errno: null })).toBe(false);
  });
});
