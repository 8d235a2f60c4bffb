// The pipe between the model and the socket host.
import { performance } from 'node:perf_hooks';
import { median } from './statistics.mjs';

/**
 * Each a second.
 * @typedef {object} IpcFigures
 * @property {number} pings
 * @property {number} calls
 * @property {number} rows As they cross.
 * @property {number} records As objects.
 */

/** Calls under way at the same time, and records that are asked for at once. */
const pipelined = 256;
const pageSize = 1000;
/** See `src/common/rows/rowLayout.ts`. */
const rowHeaderSize = 24;

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
 * @param {(request: { from: number, count: number }) => Promise<number>} read How many records it read.
 */
async function recordsASecond(seconds, read) {
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < seconds * 1000) {
    const froms = [1, 2, 3, 4].map((page) => page * pageSize);
    const pages = await Promise.all(froms.map((from) => read({ from, count: pageSize })));
    count += pages.reduce((sum, each) => sum + each, 0);
  }
  return count / ((performance.now() - start) / 1000);
}

/**
 * By their headers: nothing else of them is looked at.
 * @param {import('../src/common/rows/packedRows.js').PackedRows} rows
 */
function countRows({ bytes }) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let count = 0;
  for (let at = 0; at < bytes.length; at += rowHeaderSize + ((view.getUint32(at, true) + 7) & ~7)) {
    count++;
  }
  return count;
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
    const rows = await recordsASecond(seconds, async (request) => countRows(await host.readRows(request)));
    const records = await recordsASecond(
      seconds,
      async (request) => starter.modules.unpack(await host.readRows(request)).length,
    );
    return { pings, calls, rows, records };
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
  const rows = median(rounds.map((figures) => figures.rows));
  return [
    {
      what: 'IPC: pipelined requests a second',
      bar: '≥ 200,000',
      measured: Math.round(pings).toLocaleString('en'),
      isMet: pings >= 200_000,
    },
    {
      what: 'IPC: packed records, a second',
      bar: '≥ 3,000,000',
      measured: Math.round(rows).toLocaleString('en'),
      isMet: rows >= 3_000_000,
    },
  ];
}
