// The pipe between the model and the socket host.
import { performance } from 'node:perf_hooks';
import { median } from './statistics.mjs';

/**
 * Each a second.
 * @typedef {object} IpcFigures
 * @property {number} pings
 * @property {number} calls
 * @property {number} records
 */

/** Calls under way at the same time, and records that are asked for at once. */
const pipelined = 256;
const pageSize = 256;

/**
 * @param {number} seconds
 * @param {() => Promise<unknown>} call
 * @returns {Promise<number>} Calls a second.
 */
async function callsASecond(seconds, call) {
  const end = performance.now() + seconds * 1000;
  const start = performance.now();
  let count = 0;
  while (performance.now() < end) {
    await Promise.all(Array.from({ length: pipelined }, call));
    count += pipelined;
  }
  return count / ((performance.now() - start) / 1000);
}

/**
 * Reads pages of records, a few under way at a time.
 * @param {number} seconds
 * @param {import('../src/playground/socketHostProcess.js').SocketHostProcess} host
 */
async function recordsASecond(seconds, host) {
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < seconds * 1000) {
    const froms = [1, 2, 3, 4].map((page) => page * pageSize);
    const pages = await Promise.all(froms.map((from) => host.readRecords({ from, count: pageSize })));
    count += pages.flat().length;
  }
  return count / ((performance.now() - start) / 1000);
}

/**
 * @param {import('./engine.mjs').EngineStarter} starter
 * @param {number} seconds
 * @returns {Promise<IpcFigures>}
 */
export async function measureIpc(starter, seconds) {
  const host = starter.host('off');
  try {
    await host.start();
    const pings = await callsASecond(seconds, () => host.ping());
    const { result: fd } = await host.call({ call: { name: 'socket', args: [2, 1, 0] } });
    const calls = await callsASecond(seconds, () => host.call({ call: { name: 'getsockname', args: [fd] } }));
    const records = await recordsASecond(seconds, host);
    return { pings, calls, records };
  } finally {
    await host.end();
  }
}

/**
 * @param {IpcFigures[]} rounds
 * @returns {import('./report.mjs').Judgement[]}
 */
export function ipcBars(rounds) {
  const pings = median(rounds.map((figures) => figures.pings));
  const records = median(rounds.map((figures) => figures.records));
  return [
    {
      what: 'IPC: pipelined requests a second',
      bar: '≥ 200,000',
      measured: Math.round(pings).toLocaleString('en'),
      isMet: pings >= 200_000,
    },
    {
      what: 'IPC: records read, a second',
      bar: '≥ 3,000,000',
      measured: Math.round(records).toLocaleString('en'),
      isMet: records >= 3_000_000,
    },
  ];
}
