// A million records: written by real traffic, looked through by filters, and scrolled through in the page.
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { serve } from './engine.mjs';
import { measurePage } from './page.mjs';
import { runLoad } from './programs.mjs';

const wanted = 1_000_000;

/** Each is looked for in all records, from the first request to the last answer. */
export const filters = [
  'fd == 7',
  'len > 100 && call == send',
  'data contains "GET"',
  'data matches /GE[T]/',
  'recv EAGAIN',
];

/** @typedef {import('./page.mjs').PageFigures} PageFigures */

/**
 * @typedef {object} HostFigures
 * @property {number} records
 * @property {number} missing Dropped, of all.
 * @property {number} recorded Records a second, while the traffic went.
 * @property {number[]} filterMs In the order of {@link filters}.
 * @property {number} hostBytes Resident, of the socket host.
 * @property {number} modelBytes Of heap, by which the process of the model has grown.
 */

/** @typedef {HostFigures & { table: PageFigures, lanes: PageFigures }} RecordFigures */

/**
 * @param {import('./engine.mjs').EngineStarter} starter
 * @returns {Promise<RecordFigures>}
 */
export async function measureRecords(starter) {
  const host = starter.host('file');
  const heap = usedHeap();
  const playground = new starter.modules.Playground(host);
  try {
    await playground.start();
    const port = await serve(host, 'echo', true);
    const start = performance.now();
    while (playground.lastSeq < wanted) {
      await runLoad(starter.temp, ['messages', String(port), '1', '100']);
    }
    const seconds = (performance.now() - start) / 1000;
    const records = playground.lastSeq;
    const filterMs = [];
    for (const filter of filters) {
      filterMs.push(await timeFilter(playground, filter));
    }
    const { pid } = /** @type {{ host: { pid: number } }} */ (host.status).host;
    const hostBytes = residentBytes(pid);
    const modelBytes = usedHeap() - heap;
    const echoPort = await serve(host, 'datagrams', true);
    const table = await measurePage(starter.temp, playground, 'table', echoPort);
    const lanes = await measurePage(starter.temp, playground, 'lanes', echoPort);
    const missing = playground.snapshot().droppedRecords;
    return { records, missing, recorded: records / seconds, filterMs, hostBytes, modelBytes, table, lanes };
  } finally {
    playground.dispose();
    await host.end();
  }
}

/**
 * Asks as the page does.
 * @param {import('../src/playground/playground.js').Playground} playground
 * @param {string} filter
 */
async function timeFilter(playground, filter) {
  const start = performance.now();
  for (let from = 1, isDone = false; !isDone;) {
    ({ next: from, isDone } = await playground.filterRecords({ id: 1, filter, from, count: 20_000 }));
  }
  return performance.now() - start;
}

/** @param {number} pid */
function residentBytes(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
}

/** What this process still needs. */
function usedHeap() {
  setFlagsFromString('--expose-gc');
  const gc = /** @type {() => void} */ (runInNewContext('gc'));
  gc();
  return process.memoryUsage().heapUsed;
}
