import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { Probe } from '../../src/common/protocol/socketHost.js';
import { familyProbes, protocolProbes } from '../../src/common/supportMatrix.js';
import { errnoNumber } from '../../src/common/tables/errnos.js';
import { loopback, n, TestHost } from './testHost.js';

/** What the kernel says to another program. */
function askWithPython(probes: Probe[]): number[] {
  const program = `
import json, socket, sys
answers = []
for probe in json.load(sys.stdin):
    try:
        socket.socket(probe['domain'], probe['type'], probe['protocol']).close()
        answers.append(0)
    except OSError as error:
        answers.append(error.errno)
print(json.dumps(answers))`;
  const output = execFileSync('python3', ['-c', program], { input: JSON.stringify(probes) });
  return JSON.parse(output.toString()) as number[];
}

describe('probing', () => {
  it('says of each domain, type and protocol what the kernel says to any program', async () => {
    const host = TestHost.start();
    const probes = [...familyProbes(), ...protocolProbes(n('AF_INET')), ...protocolProbes(n('AF_NETLINK'))];
    const { errnos } = await host.process.probeFamilies({ probes });
    const numbers = errnos.map((errno) =>
      typeof errno === 'string' ? errnoNumber(errno, 'linux') : (errno ?? 0),
    );
    expect(numbers).toEqual(askWithPython(probes));
    const tcp = probes.findIndex(({ domain, type }) => domain === n('AF_INET') && type === n('SOCK_STREAM'));
    expect(errnos[tcp]).toBeNull();
    expect(errnos).toContain('EAFNOSUPPORT');
  });

  it('leaves no descriptor, no record, and the numbers of sockets that are made meanwhile as they are', async () => {
    const host = TestHost.start();
    const first = await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    const before = host.descriptorCount;
    const probing = host.process.probeFamilies({
      probes: [...familyProbes(), ...protocolProbes(n('AF_PACKET')), ...familyProbes()],
    });
    expect(await host.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0)).toBe(first + 1);
    expect(await host.ok('bind', first, loopback)).toBe(0);
    await probing;
    expect(host.descriptorCount).toBe(before + 1);
    const records = await host.readRecords({ from: 1, count: 100 });
    expect(records.map(({ name }) => name)).toEqual(['socket', 'socket', 'bind']);
  });

  it('refuses what is no int, and then asks nothing', async () => {
    const host = TestHost.start();
    const probe = { domain: 2, type: 1, protocol: 0 };
    for (const bad of [Number.NaN, 2 ** 32, 0.5]) {
      await expect(
        host.process.probeFamilies({ probes: [probe, { ...probe, protocol: bad }] }),
      ).rejects.toThrow('protocol is a whole number of 32 bits');
    }
    expect((await host.process.probeFamilies({ probes: [probe] })).errnos).toEqual([null]);
  });
});
