import { describe, expect, test } from 'vitest';
import type { SocketAddress } from '../../../src/common/socket.js';
import { parseSocketFilter } from '../../../src/common/system/socketFilter.js';
import { SocketFilterError } from '../../../src/common/system/socketFilterWords.js';
import { systemSocket } from './support.js';

const inet = (address: string, port: number): SocketAddress =>
  address.includes(':') ? { family: 'AF_INET6', address, port } : { family: 'AF_INET', address, port };

const sockets = {
  web: systemSocket({ state: 'LISTEN', local: inet('0.0.0.0', 80), holders: [{ pid: 1, fd: 3 }], uid: 33 }),
  client: systemSocket({
    local: inet('127.0.0.1', 51234),
    remote: inet('127.0.0.1', 80),
    mark: 42,
    inode: 9,
  }),
  mapped: systemSocket({
    domain: 'AF_INET6',
    local: inet('::ffff:127.0.0.1', 80),
    remote: inet('::ffff:10.1.2.3', 51234),
  }),
  old: systemSocket({ state: 'TIME_WAIT', local: inet('::1', 443), remote: inet('::1', 5000), inode: null }),
  dns: systemSocket({ kind: 'udp', state: 'CLOSE', local: inet('127.0.0.53', 53), device: 'lo' }),
  bound: systemSocket({ state: 'BOUND_INACTIVE', local: inet('127.0.0.1', 3000) }),
  unix: systemSocket({
    kind: 'unix',
    domain: 'AF_UNIX',
    local: { family: 'AF_UNIX', name: new TextEncoder().encode('/run/x.sock'), isAbstract: false },
  }),
};

const names = new Map([[1, { name: 'nginx' }]]);

function matching(filter: string): string[] {
  const { matches } = parseSocketFilter(filter);
  return Object.entries(sockets).flatMap(([name, socket]) =>
    matches(socket, (pid) => names.get(pid)) ? [name] : [],
  );
}

describe('a filter', () => {
  test.each([
    ['', ['web', 'client', 'mapped', 'old', 'dns', 'bound', 'unix']],
    ['state listening', ['web']],
    ['state listening state time-wait', ['web', 'old']],
    ['state all exclude established exclude closed', ['web', 'old']],
    ['state bound-inactive', ['bound']],
    ['exclude established', ['web', 'old', 'dns']],
    ['sport = :80', ['web', 'mapped']],
    ['sport :80', ['web', 'mapped']],
    ['sport == 80', ['web', 'mapped']],
    ['sport eq 80', ['web', 'mapped']],
    ['dport 80', ['client']],
    ['sport > :1024', ['client', 'bound']],
    ['sport ge 443 and sport lt 3000', ['old']],
    ['sport != :80', ['client', 'old', 'dns', 'bound']],
    ['dst 127.0.0.1', ['client']],
    ['dst 127.0.0.1:80', ['client']],
    ['dst 10.0.0.0/8', ['mapped']],
    ['src 127.0.0.0/8', ['client', 'mapped', 'dns', 'bound']],
    ['src 127.0.0.0/25', ['client', 'mapped', 'dns', 'bound']],
    ['src 127.0.0.32/27', ['dns']],
    ['src ::1', ['old']],
    ['src [::1]:443', ['old']],
    ['src *:80', ['web', 'mapped']],
    ['not src 127.0.0.0/8', ['web', 'old', 'unix']],
    ['src != 127.0.0.0/8', ['web', 'old', 'unix']],
    [':80', ['web', 'client', 'mapped']],
    ['80', ['web', 'client', 'mapped']],
    ['state listening 80', ['web']],
    ['::1', ['old']],
    ['127.0.0.1:51234', ['client']],
    ['src 127.0.0.53%lo:53', ['dns']],
    ['src *%lo', ['dns']],
    ['src [127.0.0.53%lo]:53', ['dns']],
    ['src 127.0.0.53%eth0:53', []],
    ['src [::1]%lo:443', []],
    ['/run/*', ['unix']],
    ['src unix:/run/?.sock', ['unix']],
    ['dev = lo', ['dns']],
    ['fwmark = 0x2a', ['client']],
    ['uid = 33', ['web']],
    ['inode 9', ['client']],
    ['pid = 1', ['web']],
    ['process nginx', ['web']],
    ['process ngi*', ['web']],
    ['( sport :80 or sport :443 ) and not state listening', ['mapped', 'old']],
    ['(sport=:80||sport=:443)&&!state listening', ['mapped', 'old']],
    ['sport :443 | sport :53', ['old', 'dns']],
    ['sport :80 dst 10.1.2.3', ['mapped']],
  ])('%s', (filter, expected) => {
    expect(matching(filter)).toEqual(expected);
  });

  test.each([
    ['state', 'a state is missing.', 5],
    ['state nowhere', 'nowhere is no state.', 6],
    ['sport =', 'a port is missing.', 7],
    ['sport = :http', ':http is no port: a port is a number.', 8],
    ['sport = :80 and', 'a condition is missing.', 15],
    ['dst localhost', 'localhost is no address', 4],
    ['dst 127.0.0.1/33', '127.0.0.1/33 is no address', 4],
    ['( sport 80', 'The bracket is not closed.', 0],
    ['sport 80 )', ') has no meaning here.', 9],
    ['whatever', 'whatever is no condition.', 0],
    ['pid x', 'x is no number.', 4],
    ['constructor', 'constructor is no condition.', 0],
    ['state constructor', 'constructor is no state.', 6],
    ['('.repeat(100_000), 'at most', 500],
  ])('refuses %s', (filter, message, offset) => {
    let thrown: unknown;
    try {
      parseSocketFilter(filter);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(SocketFilterError);
    expect((thrown as SocketFilterError).message).toContain(message);
    expect((thrown as SocketFilterError).offset).toBe(offset);
  });

  test('says whether it needs the holders', () => {
    expect(parseSocketFilter('sport 80').needsOwners).toBe(false);
    expect(parseSocketFilter('sport 80 or process x').needsOwners).toBe(true);
  });
});
