import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { formatScenario } from '../../../src/common/notation/format.js';
import { parseScenario } from '../../../src/common/notation/parser.js';

const page = readFileSync(new URL('../../../docs/notation.md', import.meta.url), 'utf8');

it('shows scenarios that can be read', () => {
  const examples = [...page.matchAll(/```sockets\n([\s\S]*?)```/g)].map((match) => match[1]!);
  expect(examples).toHaveLength(4);
  for (const example of examples) {
    expect(parseScenario(example).diagnostics, example).toEqual([]);
    expect(formatScenario(example)).toBe(example);
  }
});

it('shows values that can be read', () => {
  const rows = [
    ...page.matchAll(
      /^\| (address|other families|address as strace prints it|another call's address|data|structure) \| (.*) \|$/gm,
    ),
  ];
  expect(rows).toHaveLength(6);
  for (const [, what, cell] of rows) {
    for (const [, code] of cell!.matchAll(/`([^`]+)`/g)) {
      const value = code!.replaceAll('\\|', '|');
      const isEscapes = value.startsWith('\\');
      const line = {
        data: `send(s, ${isEscapes ? `"${value.replaceAll(' ', '')}"` : value})`,
        structure: `setsockopt(s, SOL_SOCKET, SO_LINGER, ${value})`,
        "another call's address": value.endsWith('.port') ? `listen(s, ${value})` : `bind(s, ${value})`,
      }[what!];
      const text = `s = socket(AF_INET, SOCK_STREAM)\n${line ?? `bind(s, ${value})`}\n`;
      expect(parseScenario(text).diagnostics, text).toEqual([]);
    }
  }
});

it('shows results that can be read', () => {
  const rows = [...page.matchAll(/^\| `(= [^`]+)` \|/gm)].map((match) => match[1]!.replaceAll('\\|', '|'));
  expect(rows).toHaveLength(7);
  for (const result of rows) {
    expect(parseScenario(`close(1) ${result}`).diagnostics, result).toEqual([]);
  }
});
