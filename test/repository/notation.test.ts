import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Field, fields } from '../../src/common/filter/fields.js';
import { operatorsOf } from '../../src/common/filter/parser.js';
import { readSocketAddress } from '../../src/common/notation/addresses.js';
import type { AddressNode, Expression, Outcome } from '../../src/common/notation/ast.js';
import { literalEnvironment } from '../../src/common/notation/evaluate.js';
import { parseExpression } from '../../src/common/notation/fieldParser.js';
import { formatScenario } from '../../src/common/notation/format.js';
import { parseLesson } from '../../src/common/notation/lesson.js';
import { parseScenario } from '../../src/common/notation/parser.js';
import { printAddress } from '../../src/common/notation/printer.js';
import {
  type addressFamilies,
  dataFunctions,
  escapes,
  lessonMarks,
  needs,
  pauses,
  precedence,
  resultPlatforms,
  rewrittenCalls,
  valueFunctions,
} from '../../src/common/notation/vocabulary.js';
import { signatures } from '../../src/common/tables/signatures.js';

const root = path.resolve(import.meta.dirname, '../..');
const template = readFileSync(path.join(import.meta.dirname, 'notation.template.md'), 'utf8');

/** Ways to write something, and what they mean. */
interface Entry {
  forms: readonly string[];
  text: string;
}

const values: Record<Exclude<Expression['kind'], 'error'>, Entry> = {
  variable: {
    forms: ['server'],
    text: 'begins with a lower-case letter: the descriptor that a call returned, a number, an address (`addr = getsockname(s)`); two of `socketpair` and `pipe`; all threads share it',
  },
  constant: {
    forms: ['AF_INET', 'MSG_PEEK', 'EAGAIN'],
    text: 'begins with an upper-case letter: the kernel’s; `PF_INET` is `AF_INET`',
  },
  number: { forms: ['10', '0x1f', '017'], text: 'decimal, hexadecimal, octal' },
  operation: { forms: ['8*1024', 'SOCK_STREAM|SOCK_NONBLOCK'], text: 'see [operators](#operators)' },
  negative: { forms: ['-1', '~0'], text: 'negative; all bits turned over' },
  data: { forms: ['"GET /\\r\\n"', 'hex("de ad")', '"abc"...'], text: 'see [data](#data)' },
  repeat: { forms: ['"a" * 65536'], text: 'the same data several times' },
  address: { forms: ['127.0.0.1:4000'], text: 'see [addresses](#addresses)' },
  call: {
    forms: ['getsockname(s)', 'getpeername(s)'],
    text: 'the address that the call gives, which is really made',
  },
  member: { forms: ['getsockname(s).port'], text: 'the port of an address' },
  struct: {
    forms: ['{l_onoff=1, l_linger=0}', '{tv_sec=0, tv_usec=100000}'],
    text: 'a structure, by the names of its fields; those that are left out are empty',
  },
  list: { forms: ['[1]', '[{fd=3, events=POLLIN}]'], text: 'what a pointer points to, or a list' },
  inout: { forms: ['[128 => 16]'], text: 'a value that is passed, and the one that the kernel writes there' },
  function: { forms: ['htons(80)'], text: 'see [functions](#functions)' },
  any: { forms: ['_'], text: 'takes what comes, also inside an address: `127.0.0.1:_`' },
  null: { forms: ['NULL'], text: 'a null pointer' },
  blank: { forms: ['___'], text: 'is for a learner to fill; as the name of a call or a result too' },
};

const addresses: Record<AddressNode['form']['family'], Entry> = {
  AF_INET: {
    forms: ['127.0.0.1:4000', '127.0.0.2:(getsockname(s).port)'],
    text: 'IPv4; 0 lets the kernel choose the port',
  },
  AF_INET6: {
    forms: ['[::1]:4000', '[fe80::1%lo]:4000'],
    text: 'IPv6, with the interface where it is needed',
  },
  host: {
    forms: ['"localhost":80'],
    text: 'a name, which is looked up before the call: the first address of the socket’s family is taken',
  },
  AF_UNIX: {
    forms: ['unix:/tmp/x.sock', 'unix:"/tmp/a b"', 'unix:@abstract'],
    text: 'a path, in quotes where it has blanks; an abstract name',
  },
  AF_NETLINK: { forms: ['netlink:0/0'], text: 'process and groups' },
  AF_PACKET: { forms: ['packet:lo/ETH_P_ALL'], text: 'interface and protocol' },
  AF_VSOCK: { forms: ['vsock:2:1024'], text: 'machine and port' },
  AF_CAN: { forms: ['can:vcan0'], text: 'interface' },
  raw: { forms: ['raw:hex("02 00 0f a0")'], text: 'any bytes, as the kernel gets them' },
};

/** The family that each word before `:` makes. */
const familyOf: Record<(typeof addressFamilies)[number], AddressNode['form']['family']> = {
  unix: 'AF_UNIX',
  netlink: 'AF_NETLINK',
  packet: 'AF_PACKET',
  vsock: 'AF_VSOCK',
  can: 'AF_CAN',
  raw: 'raw',
};

const outcomes: Record<Outcome['kind'], Entry> = {
  value: {
    forms: ['= 14', '= O_RDWR|O_NONBLOCK'],
    text: 'that number; of a call that returns a descriptor, only that it succeeds',
  },
  error: { forms: ['= -1 EADDRINUSE', '= -1'], text: 'that error; without a name any' },
  range: { forms: ['= 1..4096'], text: 'a range, both ends included' },
  any: { forms: ['= ?'], text: 'anything' },
  blank: { forms: ['= ___', '= -1 ___'], text: 'a blank for a learner' },
};

const functionTexts: Record<keyof typeof valueFunctions, Entry> = {
  htons: { forms: ['htons(80)'], text: '16 bits in the order of the network' },
  htonl: { forms: ['htonl(1)'], text: '32 bits in the order of the network' },
  ntohs: { forms: ['ntohs(80)'], text: 'the way back' },
  ntohl: { forms: ['ntohl(1)'], text: 'the way back' },
  inet_addr: { forms: ['inet_addr("127.0.0.1")'], text: 'the bytes of an IPv4 address' },
  inet_pton: {
    forms: ['inet_pton(AF_INET6, "::1", &sin6_addr)'],
    text: 'the bytes of an address, in a structure for the field that it names',
  },
  if_nametoindex: {
    forms: ['if_nametoindex("lo")'],
    text: 'the number of the interface, as strace prints it',
  },
  _IOC: {
    forms: ['_IOC(_IOC_READ, 0x54, 0x1b, 4)'],
    text: 'an `ioctl` request without a name: direction, type, number, size',
  },
  BPF_STMT: {
    forms: ['BPF_STMT(BPF_RET|BPF_K, 0)'],
    text: 'an instruction of a filter: code and number',
  },
  BPF_JUMP: {
    forms: ['BPF_JUMP(BPF_JMP|BPF_JEQ|BPF_K, 6, 0, 1)'],
    text: 'one that jumps: code, number, and how many instructions are passed over where it is so and where it is not',
  },
};

const dataTexts: Record<(typeof dataFunctions)[number], Entry> = {
  hex: { forms: ['hex("de ad be ef")'], text: 'hexadecimal digits, with blanks anywhere' },
  base64: { forms: ['base64("3q2+7w==")'], text: 'Base64' },
  file: { forms: ['file("payload.bin")'], text: 'a file, beside the scenario' },
};

const pauseTexts: Record<(typeof pauses)[number], Entry> = {
  sleep: { forms: ['sleep(0.2)'], text: 'no call: the thread waits so many seconds' },
  timeout: {
    forms: ['timeout(2)'],
    text: 'no call: so long, in seconds, each later call of the thread may wait; 10 where nothing is said',
  },
};

const needTexts: Record<(typeof needs)[number], string> = {
  root: 'run as root',
  'not root': 'not run as root',
  linux: 'Linux',
  darwin: 'macOS',
  win32: 'Windows',
  ipv6: '`::1` on the loopback interface',
};

const markTexts: Record<(typeof lessonMarks)[number], string> = {
  before: 'to read before the first call; goes on in the comment lines below, up to a gap',
  after: 'to read at the end',
  predict: 'a question about the next call; `# [x]` below is its right choice, `# [ ]` the others',
  check: 'a call with the result that an exercise has at its end',
};

const sections: Record<string, () => string> = {
  statements: () =>
    table(
      ['line', 'what it does'],
      [
        [
          code('name = call(arguments) = result'),
          `makes one of the calls ${[...signatures.keys()].map(code).join(', ')}`,
        ],
        ...pauses.map((name) => entryRow(pauseTexts[name])),
        [code('[client] call(…)'), 'the same in a thread of its own, see [threads](#threads)'],
        [code('# text'), 'a comment, also behind a call'],
      ],
    ),
  values: () => table(['value', 'what it is'], Object.values(values).map(entryRow)),
  data: () =>
    table(
      ['written', 'bytes'],
      [
        [
          Object.keys(escapes)
            .map((letter) => code(`\\${letter}`))
            .join(' '),
          Object.values(escapes).join(', '),
        ],
        [code('\\x41'), 'one or two hexadecimal digits'],
        [`${code('\\0')} ${code('\\101')}`, 'one to three octal digits'],
        ...dataFunctions.map((name) => entryRow(dataTexts[name])),
        [code('"abc"...'), 'as strace cuts it: expects this beginning, and cannot be sent'],
      ],
    ),
  addresses: () =>
    table(
      ['written', 'what it is', 'as strace prints it'],
      Object.values(addresses).map((entry) => [...entryRow(entry), straceForm(entry.forms[0]!)]),
    ),
  operators: () =>
    table(
      ['operators', 'example'],
      [
        [[code('-'), code('~')].join(' '), code('~SOCK_NONBLOCK')],
        ...precedence
          .toReversed()
          .map((level) => [
            level.map(code).join(' '),
            level.map((operator) => code(operatorExamples[operator])).join(' '),
          ]),
      ],
    ),
  functions: () =>
    table(
      ['function', 'what it gives'],
      Object.keys(valueFunctions).map((name) => entryRow(functionTexts[name as keyof typeof valueFunctions])),
    ),
  results: () =>
    table(
      ['result', 'meaning'],
      [
        ...Object.values(outcomes).map(entryRow),
        [code('= -1 EACCES | 3'), 'either'],
        [
          code('= 0 ; darwin: = -1 EINVAL'),
          `what another platform answers: ${resultPlatforms.map(code).join(', ')}; each run looks at its own`,
        ],
        [
          code('= 0 <0.04..0.9>'),
          'the call took so many seconds; a single figure is what strace measured, and not compared',
        ],
      ],
    ),
  comments: () =>
    table(
      ['comment', 'meaning'],
      [
        [
          code('# needs: linux, root'),
          `elsewhere the file is skipped, and that is said: ${needs.map((need) => `${code(need)} (${needTexts[need]})`).join(', ')}`,
        ],
        ...lessonMarks.map((mark) => [code(`# ${mark}: …`), markTexts[mark]]),
        [code('# key'), 'behind a call: the line without which the lesson would not be one'],
        [
          code('# at once'),
          'behind a call: who goes through the lesson makes it together with the call above',
        ],
      ],
    ),
  rewritten: () => rewrittenCalls.map(code).join(', '),
  fields: () =>
    table(
      ['field', 'what it is', 'compared by', 'values'],
      fields.map((field) => [code(field.name), field.description(), operators(field), valuesOf(field)]),
    ),
};

const operatorExamples: Record<(typeof precedence)[number][number], string> = {
  '*': '8*1024',
  '+': 'n + 1',
  '-': 'n - 1',
  '<<': '1 << 4',
  '>>': '256 >> 4',
  '&': 'flags & 0xff',
  '|': 'MSG_PEEK|MSG_DONTWAIT',
};

describe('docs/notation.md', () => {
  it('is made from the tables of the parser; vitest -u writes it', async () => {
    const named = [...template.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name!);
    expect(named.sort()).toEqual(Object.keys(sections).sort());
    const page = template.replace(/\{\{(\w+)\}\}/g, (_whole, name: string) => sections[name]!());
    await expect(page).toMatchFileSnapshot(path.join(root, 'docs/notation.md'));
  });

  it('shows scenarios that can be read', () => {
    const examples = [...template.matchAll(/```sockets\n([\s\S]*?)```/g)].map((match) => match[1]!);
    expect(examples).toHaveLength(4);
    for (const example of examples) {
      expect(parseScenario(example).diagnostics, example).toEqual([]);
      expect(formatScenario(example)).toBe(example);
    }
  });
});

describe('what its tables show is read as they say', () => {
  it.each(Object.entries(values))('%s', (kind, { forms }) => {
    expect(forms.map((form) => parseExpression(form))).toEqual(
      forms.map(() => expect.objectContaining({ kind }) as unknown),
    );
  });

  it.each(Object.entries(addresses))('%s', (family, { forms }) => {
    for (const form of forms) {
      expect(parseExpression(form)).toMatchObject({ kind: 'address', form: { family } });
    }
  });

  it.each(Object.entries(familyOf))('%s:', (word, family) => {
    expect(addresses[family].forms[0]).toMatch(new RegExp(`^${word}:`));
  });

  it.each([...Object.values(functionTexts), ...Object.values(dataTexts)])('$forms', ({ forms }) => {
    expect(forms.map((form) => parseExpression(form))).not.toContainEqual(
      expect.objectContaining({ message: expect.any(String) as string }),
    );
  });

  it.each(Object.values(operatorExamples))('%s', (example) => {
    expect(parseExpression(example)).toMatchObject({ kind: 'operation' });
  });

  it.each(Object.entries(outcomes))('= %s', (kind, { forms }) => {
    for (const form of forms) {
      const { statements, diagnostics } = parseScenario(`close(1) ${form}`);
      expect(diagnostics).toEqual([]);
      expect(statements[0]).toMatchObject({ result: { outcomes: [{ kind }] } });
    }
  });

  it('needs, marks and pauses', () => {
    expect(parseScenario(`# needs: ${needs.join(', ')}\nclose(1)\n`).needs).toEqual(needs);
    for (const mark of lessonMarks) {
      const text = `# ${mark}: close(1) = 0\nclose(1)\n`;
      expect(parseLesson(parseScenario(text)).problems).toEqual([]);
      expect(parseScenario(text).title).toBe('');
    }
    for (const { forms } of Object.values(pauseTexts)) {
      expect(parseScenario(forms.join('\n')).statements.map(({ kind }) => kind)).toHaveLength(forms.length);
    }
  });
});

function straceForm(form: string): string {
  const node = parseExpression(form);
  if (!('kind' in node) || node.kind !== 'address' || node.form.family === 'host') {
    return '';
  }
  const address = readSocketAddress(node, literalEnvironment('linux', false));
  return code(printAddress(address, 'strace'));
}

function operators({ type }: Field): string {
  return operatorsOf[type].map(code).join(' ');
}

/** Those that are few. */
function valuesOf(field: Field): string {
  const words = field.values?.() ?? [];
  return words.length <= 20 ? words.map(code).join(' ') : '';
}

function entryRow({ forms, text }: Entry): string[] {
  return [forms.map(code).join(' '), text];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
}

function code(text: string): string {
  return text.includes('`') ? text : `\`${text}\``;
}
