import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { protocolsOf, protocolText } from '../../src/common/supportMatrix.js';
import { constantValue } from '../../src/common/tables/constants.js';
import { families } from '../../src/common/tables/families.js';
import { ianaProtocols } from '../../src/common/tables/protocolNumbers.js';
import { socketTypeFlags, socketTypes } from '../../src/common/tables/socketTypes.js';

const root = path.resolve(import.meta.dirname, '../..');

describe('docs/families.md', () => {
  it('is made from the tables; vitest -u writes it', async () => {
    await expect(documentText()).toMatchFileSnapshot(path.join(root, 'docs/families.md'));
  });
});

const number = (name: string) => constantValue(name, 'linux')!;

function documentText(): string {
  return [
    '# Domains, types and protocols of Linux',
    'Made from the tables in `src/common/tables`. Each `AF_` name may be written `PF_`. What this machine’s kernel makes of them is',
    'asked by *Sockets: Show Support Matrix* and by `socket-playground families`, each time with a real `socket()`.',
    '',
    '![The support matrix in the panel](images/support-matrix.png)',
    '',
    '## Domains',
    '',
    '| domain | number | what it is for | what must be there |',
    '|---|---|---|---|',
    ...families.map(({ name, purpose, needs }) => row(`\`${name}\``, String(number(name)), purpose, needs)),
    '',
    '## Types',
    '',
    '| type | number | what it is |',
    '|---|---|---|',
    ...socketTypes.map(({ name, description }) => row(`\`${name}\``, String(number(name)), description)),
    ...socketTypeFlags.map(({ name, description }) =>
      row(`\`${name}\``, `0x${number(name).toString(16)}`, description),
    ),
    '',
    '## Protocols',
    '',
    'Those that have a name in the kernel’s headers. `AF_PACKET` takes any kind of Ethernet frames, as `htons(ETH_P_ALL)`.',
    '',
    '| domain | protocols |',
    '|---|---|',
    ...families
      .map(({ name }) => [name, protocolsOf(number(name))] as const)
      .filter(([, protocols]) => protocols.length > 1)
      .map(([name, protocols]) =>
        row(
          `\`${name}\``,
          protocols
            .map((protocol) => protocolText(number(name), protocol))
            .filter((text) => text !== '0')
            .join(', '),
        ),
      ),
    '',
    'Of `AF_INET` and `AF_INET6` IANA’s names are understood too, with `_` for what is no letter or digit (`IPV6_ICMP`):',
    `${ianaProtocols.map(({ keyword, number: value }) => `${keyword} ${value}`).join(', ')}, MPTCP 262.`,
    '',
  ].join('\n');
}

const row = (...cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
