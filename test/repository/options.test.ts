import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { accessText } from '../../src/common/optionText.js';
import { constantName, constantValue } from '../../src/common/tables/constants.js';
import { layoutOf } from '../../src/common/tables/optionLayouts.js';
import { optionLevels } from '../../src/common/tables/optionLevels.js';
import { listOptions, type SocketOption } from '../../src/common/tables/options.js';
import { tcpInfoFields } from '../../src/common/tables/tcpInfo.js';

const root = path.resolve(import.meta.dirname, '../..');

const ofLevel = (level: string) => listOptions('linux').filter((option) => option.level === level);

describe('docs/options.md', () => {
  it('is made from the table; vitest -u writes it', async () => {
    await expect(documentText()).toMatchFileSnapshot(path.join(root, 'docs/options.md'));
  });
});

function documentText(): string {
  return [
    '# Socket options of Linux',
    'Made from the tables in `src/common/tables/optionRows`. Numbers are the kernel’s; *unit* is that of the value; *effect* is',
    'what the kernel makes of the value that is set. `socket-playground options NAME` tells the same; the inspector reads them of',
    'a socket, sets them and compares two sockets.',
    '',
    '![The options of a connection in the inspector, compared with those of its listener](images/options.png)',
    ...optionLevels().flatMap((level) => [
      '',
      `## ${level} (${constantValue(level, 'linux')})`,
      '',
      '| option | number | type | unit | access | what it is | effect | needs |',
      '|---|---|---|---|---|---|---|---|',
      ...ofLevel(level).map(optionRow),
    ]),
    '',
    '## TCP_INFO',
    '',
    'The fields of `struct tcp_info`, as many as the kernel gives; a newer kernel’s further bytes are shown as bytes.',
    '',
    '| field | unit | what it is |',
    '|---|---|---|',
    ...tcpInfoFields().map(({ name, unit, description }) => tableRow(`\`${name}\``, unit ?? '', description)),
    '',
  ].join('\n');
}

function optionRow(option: SocketOption): string {
  return tableRow(
    `\`${option.name}\``,
    String(constantValue(option.name, 'linux')),
    layoutOf(option.layout).type,
    option.unit ?? '',
    accessText(option),
    option.description,
    option.effect ?? '',
    option.needs ?? '',
  );
}

const tableRow = (...cells: string[]) =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

/** Where the kernel's headers define the options of a level. */
const headers: Readonly<Record<string, string>> = {
  SOL_SOCKET: 'asm-generic/socket.h',
  IPPROTO_IP: 'linux/in.h',
  IPPROTO_IPV6: 'linux/in6.h',
  IPPROTO_TCP: 'linux/tcp.h',
  IPPROTO_UDP: 'linux/udp.h',
  SOL_PACKET: 'linux/if_packet.h',
  SOL_NETLINK: 'linux/netlink.h',
  AF_VSOCK: 'linux/vm_sockets.h',
};

const present = Object.entries(headers).filter(([, file]) => existsSync(`/usr/include/${file}`));

describe.skipIf(present.length === 0)('the kernel’s headers', () => {
  it.each(present)('agree on the numbers of %s', (level, file) => {
    const text = readFileSync(`/usr/include/${file}`, 'utf8');
    const defined = new Map(
      [...text.matchAll(/^#define\s+([A-Z]\w+)\s+(\d+|0x[\da-f]+)\b/gim)].map(([, name, value]) => [
        name!,
        Number(value),
      ]),
    );
    const ours = ofLevel(level).map(({ name }) => [name, constantValue(name, 'linux')] as const);
    const shared = ours.filter(([name]) => defined.has(name));
    expect(shared.length).toBeGreaterThan(3);
    expect(shared).toEqual(shared.map(([name]) => [name, defined.get(name)]));
  });

  it.runIf(existsSync(`/usr/include/${headers['SOL_SOCKET']}`))(
    'name no option of SOL_SOCKET that is not here',
    () => {
      const text = readFileSync(`/usr/include/${headers['SOL_SOCKET']}`, 'utf8');
      const level = constantValue('SOL_SOCKET', 'linux');
      const missing = [...text.matchAll(/^#define\s+(SO_\w+)\s+(\d+)\b/gm)].filter(
        ([, , value]) => constantName('optname', Number(value), 'linux', level) === undefined,
      );
      expect(missing.map(([line]) => line)).toEqual([]);
    },
  );
});
