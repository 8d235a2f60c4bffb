import { t } from '../common/l10n.js';
import { printCall } from '../common/notation/printer.js';
import type { Probe } from '../common/protocol/socketHost.js';
import type { Named } from '../common/socket.js';
import {
  domainNumber,
  familyProbes,
  hasFamily,
  matrixDomains,
  matrixTypes,
  probeCall,
  protocolProbes,
  protocolText,
} from '../common/supportMatrix.js';
import { constantName } from '../common/tables/constants.js';
import { errnoMessage } from '../common/tables/errnos.js';
import { familyOf } from '../common/tables/families.js';
import { Playground } from '../playground/playground.js';
import { SocketHostProcess } from '../playground/socketHostProcess.js';
import { type Command, UsageError } from './command.js';
import type { Terminal } from './terminal.js';

type Answers = ReadonlyMap<Probe, Named | null>;

/** Asks this machine's kernel which sockets it makes. */
export const familiesCommand: Command = {
  name: 'families',
  synopsis: '[OPTION…] [DOMAIN…]',
  summary: () => t('Asks the kernel which sockets it makes: each domain with each type.'),
  options: { json: { type: 'boolean' }, protocols: { type: 'boolean' } },
  help: () => [
    { term: '--protocols', text: t('Ask for each protocol that a domain has a name for, too.') },
    { term: '--json', text: t('Print one JSON object a line for each call.') },
  ],
  notes: () => [
    t('A DOMAIN as AF_INET, inet or 2 stands for its row, with what it is for and what it needs.'),
    t(
      'Each answer is that of a real socket(), closed at once. Asking for a family may make the kernel load its module.',
    ),
  ],
  async run({ terminal, socketHostPath }, operands, values) {
    const named = operands.map(readDomain);
    const domains = named.length > 0 ? named : matrixDomains;
    const host = new SocketHostProcess(socketHostPath);
    const playground = new Playground(host);
    try {
      const answers = await ask(playground, familyProbes(domains));
      const present = domains.filter((domain) => hasFamily(ofDomain(answers, domain).values()));
      const more = values['protocols']
        ? await ask(playground, present.flatMap(protocolProbes))
        : new Map<Probe, Named | null>();
      if (values['json']) {
        printJson(terminal, new Map([...answers, ...more]));
      } else {
        printMatrix(terminal, domains, answers, more, named.length > 0);
      }
      return 0;
    } finally {
      await host.end();
      playground.dispose();
    }
  },
};

function readDomain(operand: string): number {
  const number = domainNumber(operand);
  if (number === undefined) {
    throw new UsageError(t('There is no domain {0}.', JSON.stringify(operand)));
  }
  return number;
}

async function ask(playground: Playground, probes: Probe[]): Promise<Map<Probe, Named | null>> {
  const { errnos } = await playground.probeFamilies({ probes });
  return new Map(probes.map((probe, index) => [probe, errnos[index]!]));
}

function ofDomain(answers: Answers, domain: number): Map<Probe, Named | null> {
  return new Map([...answers].filter(([probe]) => probe.domain === domain));
}

function printJson(terminal: Terminal, answers: Answers): void {
  for (const [probe, errno] of answers) {
    terminal.print(
      JSON.stringify({
        domain: constantName('domain', probe.domain, 'linux') ?? probe.domain,
        type: constantName('socktype', probe.type, 'linux') ?? probe.type,
        protocol: probe.protocol,
        call: callText(probe),
        errno,
      }),
    );
  }
}

function callText(probe: Probe): string {
  return printCall(probeCall(probe), { style: 'short', platform: 'linux' });
}

/** A line for each family and protocol, a column for each type, and what the marks mean. */
function printMatrix(
  terminal: Terminal,
  domains: readonly number[],
  answers: Answers,
  more: Answers,
  isDetailed: boolean,
): void {
  const columns = matrixTypes.map((type) => constantName('socktype', type, 'linux')!.replace('SOCK_', ''));
  const marks = new Marks();
  const rows = domains.flatMap((domain) => [
    { title: domainText(domain), domain, cells: [...ofDomain(answers, domain)] },
    ...protocolRows(ofDomain(more, domain)).map(([protocol, cells]) => ({
      title: `  ${protocolText(domain, protocol)}`,
      domain: null,
      cells,
    })),
  ]);
  const width = Math.max(...rows.map(({ title }) => title.length));
  terminal.print([''.padEnd(width), ...columns].join('  ').trimEnd());
  for (const { title, domain, cells } of rows) {
    const ofType = new Map(cells.map(([{ type }, errno]) => [type, errno]));
    const line = matrixTypes.map((type, index) => {
      const errno = ofType.get(type);
      return (errno === undefined ? '' : marks.of(errno)).padEnd(columns[index]!.length);
    });
    terminal.print([title.padEnd(width), ...line].join('  ').trimEnd());
    const known =
      isDetailed && domain !== null ? familyOf(constantName('domain', domain, 'linux')) : undefined;
    if (known) {
      terminal.print(`    ${known.purpose}`);
      terminal.print(`    ${known.needs}`);
    }
  }
  terminal.print('');
  for (const line of marks.legend()) {
    terminal.print(line);
  }
}

function protocolRows(answers: Answers): [number, [Probe, Named | null][]][] {
  const rows = new Map<number, [Probe, Named | null][]>();
  for (const answer of answers) {
    const { protocol } = answer[0];
    rows.set(protocol, [...(rows.get(protocol) ?? []), answer]);
  }
  return [...rows];
}

function domainText(domain: number): string {
  const name = constantName('domain', domain, 'linux');
  return name === undefined ? String(domain) : `${name} ${domain}`;
}

/** One sign for each answer, so that the matrix fits a terminal. */
class Marks {
  private readonly marks = new Map<Named | null, string>();
  private static readonly usual: Readonly<Record<string, string>> = {
    EAFNOSUPPORT: '-',
    ESOCKTNOSUPPORT: 't',
    EPROTONOSUPPORT: 'p',
    EPERM: '!',
    EACCES: 'a',
  };

  of(errno: Named | null): string {
    let mark = this.marks.get(errno);
    if (mark === undefined) {
      mark = errno === null ? '✓' : (Marks.usual[errno] ?? String(this.marks.size + 1));
      this.marks.set(errno, mark);
    }
    return mark;
  }

  legend(): string[] {
    return [...this.marks].map(([errno, mark]) =>
      errno === null ? `${mark}  ${t('the kernel makes it')}` : `${mark}  ${errno}: ${errnoMessage(errno)}`,
    );
  }
}
