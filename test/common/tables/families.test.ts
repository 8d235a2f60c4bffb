import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseValueText } from '../../../src/common/notation/parser.js';
import {
  domainNumber,
  familyProbes,
  matrixDomains,
  matrixTypes,
  protocolProbes,
  protocolsOf,
  protocolText,
  usualProtocol,
} from '../../../src/common/supportMatrix.js';
import { constantName, constantValue, names } from '../../../src/common/tables/constants.js';
import { families, familyOf } from '../../../src/common/tables/families.js';
import { ianaKeyword, ianaNumber, ianaProtocols } from '../../../src/common/tables/protocolNumbers.js';
import { socketTypeFlags, socketTypeOf, socketTypes } from '../../../src/common/tables/socketTypes.js';

const n = (name: string) => constantValue(name, 'linux')!;

describe('families', () => {
  it('are those of the constants, in their order, each with what it is for and what it needs', () => {
    expect(families.map(({ name }) => name)).toEqual(names('domain', 'linux'));
    expect(matrixDomains).toEqual(families.map((_, number) => number));
    for (const { name, purpose, needs } of families) {
      expect(purpose, name).toMatch(/^[A-Z].*\.$/);
      expect(needs, name).toMatch(/^[A-Z].*\.$/);
      expect(familyOf(name)?.name).toBe(name);
    }
    expect(familyOf('AF_NOTHING')).toBeUndefined();
    expect(familyOf(99)).toBeUndefined();
  });

  it('go by each of their names and by number', () => {
    for (const name of ['AF_INET6', 'PF_INET6', 'pf_inet6', 'inet6', '10']) {
      expect(domainNumber(name), name).toBe(10);
    }
    expect(domainNumber('local')).toBe(1);
    expect(domainNumber('decnet')).toBe(12);
    expect(domainNumber('nothing')).toBeUndefined();
    expect(domainNumber('')).toBeUndefined();
  });

  const header = '/usr/include/x86_64-linux-gnu/bits/socket.h';
  it.runIf(existsSync(header))('are all that the C library’s header has', () => {
    const defined = [...readFileSync(header, 'utf8').matchAll(/^#define\s+(PF_\w+)\s+(\d+)/gm)];
    expect(defined.length).toBeGreaterThan(40);
    for (const [, name, number] of defined.filter((one) => one[1] !== 'PF_MAX')) {
      expect(constantValue(name!, 'linux'), name).toBe(Number(number));
      expect(constantName('domain', Number(number), 'linux'), name).toBeDefined();
    }
  });
});

describe('types', () => {
  it('are those of the constants, each with a sentence', () => {
    expect(socketTypes.map(({ name }) => name)).toEqual(names('socktype', 'linux'));
    expect(socketTypeFlags.map(({ name }) => name).sort()).toEqual([...names('sockflags', 'linux')].sort());
    for (const { name, description } of [...socketTypes, ...socketTypeFlags]) {
      expect(description, name).toMatch(/^[A-Z].*\.$/);
      expect(socketTypeOf(name)?.name).toBe(name);
    }
  });
});

describe('protocols', () => {
  it('have the numbers of IANA’s list', () => {
    expect(ianaProtocols.map(({ number }) => number)).toEqual(
      [...new Set(ianaProtocols.map(({ number }) => number))].sort((a, b) => a - b),
    );
    for (const { keyword, number } of ianaProtocols) {
      expect(ianaNumber(keyword), keyword).toBe(number);
      expect(ianaKeyword(number)).toBe(keyword);
    }
    expect(ianaNumber('ospf')).toBeUndefined();
    expect(ianaKeyword(61)).toBeUndefined();
  });

  it.runIf(existsSync('/etc/protocols'))('agree with this machine’s list', () => {
    // Where the system's file goes its own way: names of its own, and one number that IANA gave to another.
    const own = new Set(['ip', 'ipencap', 'ospf', 'rspf']);
    const lines = readFileSync('/etc/protocols', 'utf8').matchAll(/^([a-z0-9][\w.-]*)\s+(\d+)/gm);
    const found = [...lines].filter(([, name]) => !own.has(name!));
    expect(found.length).toBeGreaterThan(30);
    expect(found.map(([, name]) => [name, ianaNumber(name!)])).toEqual(
      found.map(([, name, number]) => [name, Number(number)]),
    );
  });

  it('are written by IANA’s name where the Internet’s are meant', () => {
    const read = (text: string) => parseValueText(text, 'protocol', { platform: 'linux' });
    expect(read('ICMP')).toEqual({ value: 1 });
    expect(read('IPV6_ICMP')).toEqual({ value: 58 });
    expect(read('OSPFIGP')).toEqual({ value: 89 });
    expect(read('MPTCP')).toEqual({ value: n('IPPROTO_MPTCP') });
    expect(read('IPPROTO_SCTP')).toEqual({ value: 132 });
    expect(read('ICMB')).toHaveProperty('message', 'There is no constant ICMB.');
  });

  it('of a family are its own, 0 first', () => {
    expect(protocolsOf(n('AF_UNIX'))).toEqual([0]);
    expect(protocolsOf(n('AF_CAN')).map((protocol) => protocolText(n('AF_CAN'), protocol))).toContain(
      'CAN_BCM 2',
    );
    expect(protocolsOf(n('AF_PACKET')).map((protocol) => protocolText(n('AF_PACKET'), protocol))).toEqual(
      expect.arrayContaining(['0', 'htons(ETH_P_ALL)', 'htons(ETH_P_ARP)']),
    );
    expect(protocolsOf(99)).toEqual([0]);
    expect(usualProtocol(n('AF_INET'), n('SOCK_RAW'))).toBe(n('IPPROTO_ICMP'));
    expect(usualProtocol(n('AF_INET'), n('SOCK_STREAM'))).toBe(0);
  });

  it('are asked for once each', () => {
    for (const probes of [familyProbes(), protocolProbes(n('AF_INET')), protocolProbes(n('AF_PACKET'))]) {
      const keys = probes.map(({ domain, type, protocol }) => `${domain} ${type} ${protocol}`);
      expect(new Set(keys).size).toBe(keys.length);
    }
    expect(familyProbes()).toHaveLength(matrixDomains.length * matrixTypes.length);
  });
});
