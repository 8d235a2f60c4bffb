import { unitText } from '../common/optionText.js';
import type { ProcessInfo, SystemSocket } from '../common/system/systemSocket.js';
import {
  endpointTexts,
  netidOf,
  separatorOf,
  stateNames,
  timerText,
} from '../common/system/systemSocketText.js';
import { tcpInfoField, tcpInfoValueName } from '../common/tables/tcpInfo.js';
import { jsonLine, visible } from './visible.js';

export interface TableOptions {
  /** The first column: left out, as ss does, where one kind only is listed. */
  hasNetid: boolean;
  hasHeader: boolean;
  hasProcesses: boolean;
  hasTimers: boolean;
  hasIdentity: boolean;
  hasMemory: boolean;
  hasInfo: boolean;
}

interface Row {
  separator: ':' | ' ';
  cells: string[];
  rest: string;
  below: string;
}

/** The letters of `skmem:(…)`. */
const memoryLetters: readonly [letter: string, field: string][] = [
  ['r', 'RMEM_ALLOC'],
  ['rb', 'RCVBUF'],
  ['t', 'WMEM_ALLOC'],
  ['tb', 'SNDBUF'],
  ['f', 'FWD_ALLOC'],
  ['w', 'WMEM_QUEUED'],
  ['o', 'OPTMEM'],
  ['bl', 'BACKLOG'],
  ['d', 'DROPS'],
];

/** Lines in the columns of ss(8). */
export function socketTable(
  sockets: readonly SystemSocket[],
  processes: readonly ProcessInfo[],
  options: TableOptions,
): string[] {
  const names = new Map(processes.map(({ pid, name }) => [pid, name]));
  const rows = sockets.map((socket) => rowOf(socket, names, options));
  const head: Row = {
    separator: ':',
    cells: ['Netid', 'State', 'Recv-Q', 'Send-Q', 'Local Address', 'Port', 'Peer Address', 'Port'],
    rest: options.hasProcesses ? 'Process' : '',
    below: '',
  };
  const all = options.hasHeader ? [head, ...rows] : rows;
  const widths = head.cells.map((_, column) =>
    all.reduce((width, { cells }) => Math.max(width, cells[column]!.length), 0),
  );
  return all.flatMap(({ separator, cells, rest, below }) => {
    const [netid, state, receive, send, local, localPort, peer, peerPort] = cells.map((cell, column) =>
      [4, 6].includes(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
    );
    const line = [
      state,
      receive,
      send,
      `${local}${separator}${localPort}`,
      `${peer}${separator}${peerPort}`,
      rest,
    ];
    const text = (options.hasNetid ? [netid, ...line] : line).join(' ').trimEnd();
    return (below === '' ? [text] : [text, below]).map(
      (line, index) => (index === 0 ? '' : '\t ') + visible(line),
    );
  });
}

function rowOf(socket: SystemSocket, names: ReadonlyMap<number, string>, options: TableOptions): Row {
  const { local, remote } = endpointTexts(socket);
  const rest = [
    options.hasProcesses ? usersOf(socket, names) : '',
    options.hasTimers && socket.timer ? `timer:(${timerText(socket.timer)})` : '',
    options.hasIdentity ? identityOf(socket) : '',
  ];
  const below = [options.hasMemory ? memoryOf(socket) : '', options.hasInfo ? infoOf(socket) : ''];
  return {
    separator: separatorOf(socket),
    cells: [
      netidOf(socket),
      stateNames[socket.state],
      String(socket.receiveQueue ?? '-'),
      String(socket.sendQueue ?? '-'),
      local.address,
      local.port,
      remote.address,
      remote.port,
    ],
    rest: rest.filter((text) => text !== '').join(' '),
    below: below.filter((text) => text !== '').join(' '),
  };
}

function usersOf({ holders }: SystemSocket, names: ReadonlyMap<number, string>): string {
  const users = holders.map(({ pid, fd }) => `("${names.get(pid) ?? '?'}",pid=${pid},fd=${fd})`);
  return users.length === 0 ? '' : `users:(${users.join(',')})`;
}

function identityOf({ uid, inode, cookie, mark, cgroup, isV6Only, device }: SystemSocket): string {
  return [
    uid === null ? '' : `uid:${uid}`,
    inode === null ? '' : `ino:${inode}`,
    cookie === null ? '' : `sk:${cookie.toString(16)}`,
    mark === null || mark === 0 ? '' : `fwmark:0x${mark.toString(16)}`,
    cgroup === null ? '' : `cgroup:${cgroup}`,
    isV6Only === null ? '' : `v6only:${isV6Only ? 1 : 0}`,
    device === null ? '' : `dev:${device}`,
  ]
    .filter((text) => text !== '')
    .join(' ');
}

function memoryOf({ details }: SystemSocket): string {
  const memory = details?.memory ?? {};
  const parts = memoryLetters.flatMap(([letter, field]) =>
    memory[field] === undefined ? [] : [`${letter}${memory[field]}`],
  );
  return parts.length === 0 ? '' : `skmem:(${parts.join(',')})`;
}

/** What is not 0, by the names of `struct tcp_info` without `tcpi_`, with units. */
function infoOf({ details }: SystemSocket): string {
  if (!details) {
    return '';
  }
  const { congestion, congestionInfo, tcpInfo, tos, trafficClass } = details;
  const fields = Object.entries(tcpInfo ?? {}).filter(([, value]) => Number(value) !== 0);
  return [
    congestion ?? '',
    ...fields.map(([name, value]) => {
      const unit = tcpInfoField(name)?.unit;
      const text = tcpInfoValueName(name, value, 'linux') ?? `${value}${unit ? unitText(unit) : ''}`;
      return `${name.replace('tcpi_', '')}:${text}`;
    }),
    ...Object.entries(congestionInfo).map(([name, value]) => `${name}:${value}`),
    tos === null || tos === 0 ? '' : `tos:0x${tos.toString(16)}`,
    trafficClass === null || trafficClass === 0 ? '' : `class:0x${trafficClass.toString(16)}`,
  ]
    .filter((text) => text !== '')
    .join(' ');
}

/** One socket as a line of JSON. What the kernel did not tell is null. */
export function socketJson(socket: SystemSocket, processes: readonly ProcessInfo[]): string {
  const { local, remote } = endpointTexts(socket);
  const { details } = socket;
  const number = (value: bigint | number | null) => (typeof value === 'bigint' ? String(value) : value);
  return jsonLine({
    netid: netidOf(socket),
    domain: socket.domain,
    type: socket.type,
    protocol: socket.protocol,
    state: stateNames[socket.state],
    recvQ: socket.receiveQueue,
    sendQ: socket.sendQueue,
    local: local.address,
    localPort: local.port,
    peer: remote.address,
    peerPort: remote.port,
    interface: socket.device,
    inode: socket.inode,
    peerInode: socket.peerInode,
    cookie: number(socket.cookie),
    uid: socket.uid,
    mark: socket.mark,
    cgroup: number(socket.cgroup),
    v6only: socket.isV6Only,
    shutdown: socket.shutdown,
    timer: socket.timer,
    processes: socket.holders.map(({ pid, fd }) => {
      const info = processes.find((candidate) => candidate.pid === pid);
      return {
        name: info?.name ?? null,
        pid,
        fd,
        commandLine: info?.commandLine ?? null,
        directory: info?.directory ?? null,
        startTime: info?.startTime == null ? null : new Date(info.startTime).toISOString(),
        uid: info?.uid ?? null,
        role: info?.role ?? null,
      };
    }),
    congestion: details?.congestion ?? null,
    memory: details && Object.keys(details.memory).length > 0 ? details.memory : null,
    tcpInfo: details?.tcpInfo
      ? Object.fromEntries(Object.entries(details.tcpInfo).map(([name, value]) => [name, number(value)]))
      : null,
  });
}
