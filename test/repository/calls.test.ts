import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { callHelp } from '../../src/common/language/callHelp.js';
import { type ConstantGroup, constantValue, names } from '../../src/common/tables/constants.js';
import { errnosOf } from '../../src/common/tables/explanations.js';
import { type CallName, type Parameter, signatures } from '../../src/common/tables/signatures.js';

const root = path.resolve(import.meta.dirname, '../..');

describe('docs/calls.md', () => {
  it('is made from the tables of the parser; vitest -u writes it', async () => {
    await expect(documentText()).toMatchFileSnapshot(path.join(root, 'docs/calls.md'));
  });
});

const calls = [...signatures.values()];

/** The constants that an argument may be, but those that have a page of their own. */
const groups: readonly { title: string; group: ConstantGroup }[] = [
  { title: 'Flags of socket and accept4', group: 'sockflags' },
  { title: 'Flags of the calls that send and receive', group: 'msgflags' },
  { title: 'How of shutdown', group: 'how' },
  { title: 'Commands of fcntl', group: 'fcntlcmd' },
  { title: 'Flags of F_SETFD', group: 'fdflags' },
  { title: 'Flags of F_SETFL', group: 'openflags' },
  { title: 'Requests of ioctl', group: 'ioctlrequest' },
  { title: 'Events of poll', group: 'pollevents' },
];

function documentText(): string {
  return [
    '# The calls of the notation',
    '',
    'Made from the tables that the parser uses. [The notation](notation.md) tells how values, addresses, messages and',
    'expectations are written, [families](families.md) lists domains, types and protocols, [options](options.md) the options of',
    'sockets. Arguments in brackets may be left out at the end.',
    '',
    row('call', 'what it does', 'result', 'may wait'),
    row('---', '---', '---', '---'),
    ...calls.map(({ name, parameters, canWait }) =>
      row(
        code(`${name}(${argumentsText(parameters)})`),
        callHelp[name].summary(),
        callHelp[name].result(),
        canWait ? 'yes' : '',
      ),
    ),
    row(code('sleep(seconds)'), 'No call: the thread waits.', '', 'yes'),
    row(code('timeout(seconds)'), 'No call: limits the thread’s later calls.', '', ''),
    '',
    '## Errors that are explained',
    '',
    row('call', 'errors'),
    row('---', '---'),
    ...calls.map(({ name }) => row(code(name), errnosText(name))),
    '',
    '## Constants',
    '',
    'As on Linux.',
    ...groups.flatMap(({ title, group }) => [
      '',
      `### ${title}`,
      '',
      names(group, 'linux')
        .map((name) => `${code(name)} ${constantValue(name, 'linux')}`)
        .join(', '),
    ]),
    '',
  ].join('\n');
}

/** `sockfd, buf[, len[, flags]]` */
function argumentsText(parameters: readonly Parameter[]): string {
  const optional = parameters.filter(({ isOptional }) => isOptional).length;
  const text = parameters
    .map(({ name, isOptional }, index) => `${isOptional ? '[' : ''}${index > 0 ? ', ' : ''}${name}`)
    .join('');
  return text + ']'.repeat(optional);
}

function errnosText(name: CallName): string {
  return errnosOf(name).map(code).join(', ');
}

const code = (text: string) => `\`${text}\``;
const row = (...cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
