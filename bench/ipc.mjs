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

/** Calls under way at the same time. */
const pipelined = 256;

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
    const records = await callsASecond(seconds, () => host.readRecords({ from: 1, count: 1 }));
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
      what: 'IPC: records read as packed rows, a second',
      bar: '≥ 3,000,000',
      measured: Math.round(records).toLocaleString('en'),
      isMet: records >= 3_000_000,
    },
  ];
}
