import { t } from '../common/l10n.js';
import { parseSocketFilter } from '../common/system/socketFilter.js';
import { connectedStates, SocketFilterError } from '../common/system/socketFilterWords.js';
import {
  type SystemSocket,
  type SystemSocketKind,
  type SystemSocketLook,
  type SystemSocketProblem,
  type SystemSocketsAnswer,
  systemSocketKinds,
} from '../common/system/systemSocket.js';
import { SocketHostProcess } from '../playground/socketHostProcess.js';
import { SystemSockets } from '../playground/systemSockets.js';
import { type Command, type OptionValues, UsageError } from './command.js';
import { portReport } from './portReport.js';
import { socketJson, socketTable, type TableOptions } from './socketTable.js';
import type { Terminal } from './terminal.js';
import { visible } from './visible.js';

/** Of a question whose answer is: nobody. */
const nobodyStatus = 1;

const internetKinds: readonly SystemSocketKind[] = ['tcp', 'mptcp', 'sctp', 'udp', 'udplite', 'raw'];

/** Options that choose what is listed. */
const kindOptions: Readonly<Record<string, SystemSocketKind>> = {
  tcp: 'tcp',
  udp: 'udp',
  unix: 'unix',
  raw: 'raw',
  sctp: 'sctp',
  mptcp: 'mptcp',
  packet: 'packet',
  netlink: 'netlink',
  vsock: 'vsock',
  udplite: 'udplite',
};

const flag = (short?: string) => ({ type: 'boolean' as const, ...(short ? { short } : {}) });

/** The sockets of the machine, in the columns and with the letters of ss(8). */
export const socketsCommand: Command = {
  name: 'sockets',
  synopsis: '[OPTION…] [FILTER…]',
  summary: () => t('Lists the sockets of this machine as ss does, or tells who uses a port (:3000).'),
  options: {
    tcp: flag('t'),
    udp: flag('u'),
    unix: flag('x'),
    raw: flag('w'),
    sctp: flag('S'),
    mptcp: flag('M'),
    packet: flag('0'),
    netlink: flag(),
    vsock: flag(),
    udplite: flag(),
    all: flag('a'),
    listening: flag('l'),
    'bound-inactive': flag('B'),
    ipv4: flag('4'),
    ipv6: flag('6'),
    numeric: flag('n'),
    processes: flag('p'),
    options: flag('o'),
    extended: flag('e'),
    memory: flag('m'),
    info: flag('i'),
    'no-header': flag('H'),
    json: flag(),
  },
  help: () => [
    { term: '-t -u -x -w', text: t('TCP, UDP, Unix, raw sockets; all kinds where none is said.') },
    { term: '-S -M -0', text: t('SCTP, MPTCP, packet sockets; also --netlink, --vsock, --udplite.') },
    { term: '-4 -6', text: t('Of IPv4, of IPv6.') },
    { term: '-a, -l', text: t('In every state; only those that listen or wait for datagrams.') },
    { term: '-B', text: t('TCP sockets that are bound and neither listen nor are connected, too.') },
    { term: '-p', text: t('The processes that hold them.') },
    { term: '-o -e -m -i', text: t('Timers; user, inode and cookie; memory; everything of TCP_INFO.') },
    { term: '-n, -H', text: t('Numbers in place of names, which is always so; no header.') },
    { term: '--json', text: t('Print one JSON object a line for each socket.') },
  ],
  notes: () => [
    t(
      'A filter is one of ss: state established; sport = :80; dst 127.0.0.0/8; ( a or b ) and not c. Besides there are pid, process, uid, inode, and :3000 for the port of either end.',
    ),
    t(
      ':3000 alone tells who uses that port: process, command line, directory and start time. Exit status 1: nobody.',
    ),
  ],

  async run({ terminal, socketHostPath }, operands, values) {
    const host = new SocketHostProcess(socketHostPath);
    const system = new SystemSockets(host);
    try {
      const port = portOf(operands, values);
      return port === undefined
        ? await list(system, operands.join(' '), values, terminal)
        : await tellPort(system, port, terminal);
    } finally {
      system.dispose();
      await host.end();
    }
  },
};

/** `:3000` or `3000` alone. */
function portOf(operands: readonly string[], values: OptionValues): number | undefined {
  const [only = ''] = operands;
  const isAlone = operands.length === 1 && Object.keys(values).length === 0;
  const port = isAlone && /^:?\d+$/.test(only) ? Number(only.replace(':', '')) : undefined;
  if (port !== undefined && port > 65_535) {
    throw new UsageError(t('{0} is no port: the highest is 65535.', only));
  }
  return port;
}

async function tellPort(system: SystemSockets, port: number, terminal: Terminal): Promise<number> {
  const { holders, answer } = await system.whoUses(port);
  const looks = new Map<string, SystemSocketLook>();
  for (const socket of holders.flatMap(({ sockets }) => sockets)) {
    if (socket.state === 'LISTEN' && socket.receiveQueue !== 0 && !looks.has(socket.key)) {
      looks.set(socket.key, await system.look({ socket }));
    }
  }
  for (const line of portReport(port, holders, looks)) {
    terminal.print(visible(line));
  }
  warnOfProblems(answer, [], terminal);
  return holders.length === 0 ? nobodyStatus : 0;
}

async function list(
  system: SystemSockets,
  filter: string,
  values: OptionValues,
  terminal: Terminal,
): Promise<number> {
  const hasStates = checkFilter(filter);
  const kinds = kindsOf(values);
  const domains = (['AF_INET', 'AF_INET6'] as const).filter(
    (domain) => values[domain === 'AF_INET' ? 'ipv4' : 'ipv6'] === true,
  );
  const isJson = values['json'] === true;
  const [onlyKind] = kinds?.length === 1 ? kinds : [];
  const table: TableOptions = {
    hasNetid: onlyKind === undefined || onlyKind === 'unix' || onlyKind === 'packet',
    hasHeader: values['no-header'] !== true,
    hasProcesses: values['processes'] === true,
    hasTimers: values['options'] === true,
    hasIdentity: values['extended'] === true,
    hasMemory: values['memory'] === true,
    hasInfo: values['info'] === true,
  };
  const answer = await system.list({
    ...(kinds ? { kinds } : {}),
    ...(domains.length > 0 ? { domains } : {}),
    ...(filter === '' ? {} : { filter }),
    withOwners: isJson || table.hasProcesses,
    withDetails: isJson || table.hasMemory || table.hasInfo,
  });
  const sockets = hasStates ? answer.sockets : answer.sockets.filter((socket) => isListed(socket, values));
  const lines = isJson
    ? sockets.map((socket) => socketJson(socket, answer.processes))
    : socketTable(sockets, answer.processes, table);
  for (const line of lines) {
    terminal.print(line);
  }
  warnOfProblems(answer, kinds ?? [], terminal);
  return 0;
}

/** Whether it says states itself. @throws {UsageError} */
function checkFilter(text: string): boolean {
  try {
    return parseSocketFilter(text).states !== null;
  } catch (error) {
    if (error instanceof SocketFilterError) {
      throw new UsageError(t('{0} (character {1} of the filter)', error.message, error.offset + 1));
    }
    throw error;
  }
}

/** Undefined for all. */
function kindsOf(values: OptionValues): SystemSocketKind[] | undefined {
  const kinds = Object.entries(kindOptions).flatMap(([name, kind]) => (values[name] === true ? [kind] : []));
  if (kinds.length > 0) {
    return kinds;
  }
  return values['ipv4'] === true || values['ipv6'] === true ? [...internetKinds] : undefined;
}

/** What ss lists: connections, with `-l` what waits for them, with `-a` both. */
function isListed({ state, kind }: SystemSocket, values: OptionValues): boolean {
  if (state === 'BOUND_INACTIVE') {
    return values['bound-inactive'] === true;
  }
  if (values['all'] === true) {
    return true;
  }
  if (values['listening'] === true) {
    return state === 'LISTEN' || state === 'CLOSE';
  }
  return connectedStates.includes(state) || kind === 'netlink' || kind === 'packet';
}

/** A kind that was not asked for by name is not missed. */
function warnOfProblems(
  { problems, isInterrupted }: SystemSocketsAnswer,
  asked: readonly SystemSocketKind[],
  terminal: Terminal,
): void {
  const told = problems.filter(({ kind, errno }) => errno !== 'ENOENT' || asked.includes(kind));
  for (const kind of systemSocketKinds) {
    const problem = told.find((candidate) => candidate.kind === kind);
    if (problem) {
      terminal.warn(problemText(problem));
    }
  }
  if (isInterrupted) {
    terminal.warn(t('Sockets came and went while the kernel listed them: one may be missing.'));
  }
}

function problemText({ kind, errno }: SystemSocketProblem): string {
  return errno === 'ENOENT'
    ? t('This kernel does not list {0} sockets, or its module is not loaded ({1}).', kind, errno)
    : t('The kernel does not list {0} sockets here: {1}.', kind, String(errno));
}
