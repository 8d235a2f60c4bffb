/** @typedef {import('./programs.mjs').Service} Service */
/** @typedef {'c' | 'kept' | 'node' | 'socat' | 'off' | 'memory' | 'file'} Program */

/**
 * A bar: the median of one program's ratios to another one's.
 * @typedef {object} Bar
 * @property {Program} program
 * @property {Program} to
 * @property {number} atLeast
 */

/**
 * What one column of the table measures.
 * @typedef {object} Load
 * @property {string} name For the command line.
 * @property {string} title
 * @property {string} unit
 * @property {number} divisor From the load's number to the unit.
 * @property {Service} service
 * @property {(seconds: string) => [kind: string, ...rest: string[]]} args The port comes second.
 * @property {boolean} isPinned Server and load share one CPU.
 * @property {Program[]} programs
 * @property {Bar[]} bars
 */

/** @type {Record<Program, string>} */
export const programTitles = {
  c: 'C, epoll',
  kept: 'C, epoll, the last 64 MiB kept',
  node: 'Node',
  socat: 'socat',
  off: 'engine',
  memory: 'engine, recorded in memory',
  file: 'engine, recorded to a file',
};

/** @type {Program[]} */
const tcpPrograms = ['c', 'node', 'socat', 'off', 'memory', 'file'];
/** @type {Program[]} */
const udpPrograms = ['c', 'node', 'off', 'memory', 'file'];

/**
 * @param {Program} program
 * @param {Program} to
 * @param {number} atLeast
 * @returns {Bar}
 */
const bar = (program, to, atLeast) => ({ program, to, atLeast });

/** @type {Load[]} */
export const loads = [
  {
    name: 'bulk',
    title: 'Bulk: one connection, blocks of 64 KiB, discarded',
    unit: 'MB/s',
    divisor: 1e6,
    service: 'discard',
    args: (seconds) => ['bulk', seconds],
    isPinned: false,
    programs: ['c', 'kept', 'node', 'socat', 'off', 'memory', 'file'],
    bars: [
      bar('off', 'c', 0.9),
      bar('off', 'node', 1),
      bar('file', 'node', 0.85),
      bar('memory', 'off', 0.8),
      bar('file', 'off', 0.65),
    ],
  },
  {
    name: 'pingpong',
    title: 'Ping-pong: one connection, 64 bytes, server and client on the same CPU',
    unit: 'round trips/s',
    divisor: 1,
    service: 'echo',
    args: (seconds) => ['pingpong', seconds],
    isPinned: true,
    programs: tcpPrograms,
    bars: [bar('off', 'c', 0.85), bar('off', 'node', 1.05), bar('file', 'node', 1), bar('file', 'off', 0.95)],
  },
  {
    name: 'hundred',
    title: '100 connections, 64 bytes',
    unit: 'messages/s',
    divisor: 1,
    service: 'echo',
    args: (seconds) => ['messages', seconds, '100'],
    isPinned: false,
    programs: tcpPrograms,
    bars: [bar('off', 'c', 0.9), bar('off', 'node', 1.4), bar('file', 'node', 1.25), bar('file', 'off', 0.9)],
  },
  {
    name: 'thousand',
    title: '1,000 connections, 64 bytes',
    unit: 'messages/s',
    divisor: 1,
    service: 'echo',
    args: (seconds) => ['messages', seconds, '1000'],
    isPinned: false,
    programs: tcpPrograms,
    bars: [bar('off', 'node', 1.7), bar('file', 'off', 0.9)],
  },
  {
    name: 'udp',
    title: 'UDP: 64 bytes, 64 datagrams under way',
    unit: 'datagrams/s',
    divisor: 1,
    service: 'datagrams',
    args: (seconds) => ['datagrams', seconds],
    isPinned: false,
    programs: udpPrograms,
    bars: [bar('off', 'c', 0.85), bar('off', 'node', 1.8), bar('file', 'off', 0.9)],
  },
  {
    name: 'batches',
    title: 'UDP in batches: recvmmsg and sendmmsg, C with recvfrom and sendto',
    unit: 'datagrams/s',
    divisor: 1,
    service: 'batches',
    args: (seconds) => ['datagrams', seconds],
    isPinned: false,
    programs: ['c', 'off', 'memory', 'file'],
    bars: [bar('off', 'c', 1)],
  },
];
