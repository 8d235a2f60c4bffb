import { describe, expect, it } from 'vitest';
import { matrixDomains, matrixTypes } from '../../src/common/supportMatrix.js';
import { cli, hasOrdinaryUser } from './commandLine.js';

interface Answer {
  domain: string;
  type: string;
  protocol: number;
  call: string;
  errno: string | null;
}

const parse = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer);

describe('families', () => {
  it('asks for every domain and type', async () => {
    const { status, stdout, stderr } = await cli(['families', '--json']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const answers = parse(stdout);
    expect(answers).toHaveLength(matrixDomains.length * matrixTypes.length);
    expect(answers).toContainEqual({
      domain: 'AF_INET',
      type: 'SOCK_STREAM',
      protocol: 0,
      call: 'socket(AF_INET, SOCK_STREAM, 0)',
      errno: null,
    });
    expect(answers).toContainEqual({
      domain: 'AF_ASH',
      type: 'SOCK_RAW',
      protocol: 0,
      call: 'socket(AF_ASH, SOCK_RAW, 0)',
      errno: 'EAFNOSUPPORT',
    });
  });

  it('tells of the domains that are named, in any spelling, what they are for and what they need', async () => {
    const { status, stdout } = await cli(['families', 'PF_UNIX', 'ash', '99']);
    expect(status).toBe(0);
    expect(stdout).toBe(
      [
        '           STREAM  DGRAM  RAW  RDM  SEQPACKET  DCCP  PACKET',
        'AF_UNIX 1  ✓       ✓      ✓    t    ✓          t     t',
        '    Talk between programs of one machine, by a path or an abstract name.',
        '    It needs a kernel built with CONFIG_UNIX, or the module unix for this kernel.',
        'AF_ASH 18  -       -      -    -    -          -     -',
        '    Kept for Ash, a network that never came.',
        '    Linux has its number only: no kernel makes sockets of it.',
        '99         -       -      -    -    -          -     -',
        '',
        '✓  the kernel makes it',
        't  ESOCKTNOSUPPORT: Socket type not supported',
        '-  EAFNOSUPPORT: Address family not supported by protocol',
        '',
      ].join('\n'),
    );
  });

  it('asks for the protocols of a domain', async () => {
    const { stdout } = await cli(['families', '--protocols', '--json', 'netlink', 'AF_ASH']);
    const calls = parse(stdout).map(({ call, errno }) => `${call} ${errno ?? 'ok'}`);
    expect(calls).toContain('socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG) ok');
    expect(calls).toContain('socket(AF_NETLINK, SOCK_RAW, NETLINK_UNUSED) EPROTONOSUPPORT');
    expect(calls.filter((call) => call.includes('AF_ASH'))).toHaveLength(matrixTypes.length);
  });

  it.runIf(hasOrdinaryUser)('gives the kernel’s answer to who has no privilege', async () => {
    const { stdout } = await cli(['families', '--json', 'packet'], { isOrdinaryUser: true });
    expect(parse(stdout).find(({ type }) => type === 'SOCK_RAW')?.errno).toBe('EPERM');
  });

  it('refuses what is no domain', async () => {
    const { status, stderr } = await cli(['families', 'AF_NOTHING']);
    expect(status).toBe(2);
    expect(stderr).toContain('There is no domain "AF_NOTHING".');
  });
});
