import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseScenario } from '../../../src/common/notation/parser.js';
import { printCall } from '../../../src/common/notation/printer.js';
import { filledCall } from './support.js';

/** What strace 6.1 printed of a program that made every kind of call. */
const lines = readFileSync(new URL('recording.strace', import.meta.url), 'utf8')
  .trim()
  .split('\n');

/** strace knows what our records do not hold: pointers, names of unknown numbers, the rest of some structures. */
const known: readonly [RegExp, string][] = [
  [/0x7f[0-9a-f]{10}(?=, \[|, \d+, )/g, '_'],
  [/0x7f[0-9a-f]{10}(?=\))/g, '_'],
  [/0x[0-9a-f]+ \/\* \S+ \*\//g, 'NUMBER'],
  [/nl_pad=0x53b0, /g, ''],
  [/, sll_hatype=ARPHRD_NETROM, sll_pkttype=PACKET_HOST, sll_halen=0/g, ''],
  [/ = 1 \(\[\{fd=13, revents=POLLOUT\}\]\)/g, ''],
  [/_IOC\(_IOC_NONE, 0x12, 0x34, 0\)/g, '0x1234'],
  [/SOCK_CLOEXEC\|0x4b/g, '524363'],
];

describe('a line of strace', () => {
  it('may name a number in several ways', () => {
    const { diagnostics, statements } = parseScenario(
      'vsock = socket(AF_VSOCK, SOCK_STREAM, 0)\nioctl(vsock, SIOCATMARK or SIOCOTHER, [0]) = 0',
    );
    expect(diagnostics).toEqual([]);
    expect(statements[1]).toMatchObject({ args: [{}, { kind: 'constant', name: 'SIOCATMARK' }, {}] });
  });

  it('is read, and printed again as strace printed it', async () => {
    const others: string[] = [];
    for (const line of lines) {
      const scenario = parseScenario(line);
      expect(scenario.diagnostics, line).toEqual([]);
      const [statement] = scenario.statements;
      if (
        statement?.kind !== 'call' ||
        !line.startsWith(`${statement.name}(`) ||
        statement.name === 'recvmsg'
      ) {
        others.push(line.replace(/\(.*/, ''));
        continue;
      }
      const written = known.reduce(
        (text, [pattern, replacement]) => text.replace(pattern, replacement),
        line.slice(0, statement.result!.range.start).trimEnd(),
      );
      const printed = printCall(await filledCall(statement), { style: 'strace' });
      const numbers = written.includes('NUMBER')
        ? printed.replace(/\b(255|1234|7|99|4294967295|0x2f)(?=[,)])/, 'NUMBER')
        : printed;
      expect(numbers).toBe(written);
    }
    // A pointer to a value that strace did not print; calls of another name; a structure that is passed back.
    expect(others).toEqual(['recvmsg', 'writev', 'readv', 'setsockopt']);
    expect(lines.length).toBeGreaterThan(150);
  });
});
