// `npm run bench`: the engine against C, Node and socat, side by side in one run. Prints tables with every bar met or missed.
//   npm run bench                     everything, about eight minutes
//   npm run bench -- udp batches      only these loads
//   npm run bench -- --rounds 3 --seconds 0.5
//   npm run bench -- --write          into docs/BENCHMARKS.md as well
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureEngine, measureOther } from '../bench/connections.mjs';
import { EngineStarter } from '../bench/engine.mjs';
import { measureIpc } from '../bench/ipc.mjs';
import { loads } from '../bench/loads.mjs';
import { measureRecords } from '../bench/records.mjs';
import { measureWindow } from '../bench/window.mjs';
import { compile, pin, runLoad, startC, startNode, startSocat } from '../bench/programs.mjs';
import {
  judgeConnections,
  judgeIpc,
  judgeLoad,
  judgeWindow,
  preface,
  reportBars,
  reportConnections,
  reportIpc,
  reportLoad,
  reportRecords,
  reportWindow,
} from '../bench/report.mjs';
import { rotated } from '../bench/statistics.mjs';
import { readArguments } from './arguments.mjs';
import { build } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @typedef {import('../bench/loads.mjs').Load} Load */
/** @typedef {import('../bench/loads.mjs').Program} Program */
/** @typedef {import('../bench/programs.mjs').Server} Server */
/** @typedef {{ rounds: number, seconds: number, temp: string, starter: EngineStarter }} Run */

/**
 * @param {Run} run
 * @param {Load} load
 * @param {Program} program
 * @returns {Promise<Server>}
 */
function start({ temp, starter }, { service, name }, program) {
  switch (program) {
    case 'c':
      // Batches are compared with what a program does that has none.
      return startC(temp, name === 'batches' ? 'datagrams' : service);
    case 'kept':
      return startC(temp, 'keep');
    case 'node':
      return startNode(service);
    case 'socat':
      return startSocat(service);
    default:
      return starter.start(service, program);
  }
}

/**
 * All rounds of a load. The servers live through them, so that each has been warmed up by the first.
 * @param {Run} run
 * @param {Load} load
 */
async function measureLoad(run, load) {
  /** @type {Map<Program, Server>} */
  const servers = new Map();
  /** @type {import('../bench/report.mjs').Rounds} */
  const rounds = {};
  try {
    for (const program of load.programs) {
      const server = await start(run, load, program);
      servers.set(program, server);
      if (load.isPinned) {
        pin(server.pid);
      }
    }
    for (let round = -1; round < run.rounds; round++) {
      for (const program of rotated(load.programs, round + load.programs.length)) {
        const port = String(servers.get(program)?.port);
        const [kind, ...rest] = load.args(String(round < 0 ? run.seconds / 2 : run.seconds));
        const [figure = NaN] = await runLoad(run.temp, [kind, port, ...rest], { isPinned: load.isPinned });
        if (round >= 0) {
          (rounds[program] ??= []).push(figure);
        }
      }
      tell(load.name, round, run.rounds);
    }
  } finally {
    await Promise.all([...servers.values()].map((server) => server.stop()));
  }
  return rounds;
}

/** @param {Run} run */
async function measureConnections({ rounds, temp, starter }) {
  /** @type {Parameters<typeof reportConnections>[0]} */
  const figures = { c: [], node: [], engine: [] };
  for (let round = 0; round < rounds; round++) {
    for (const program of rotated(/** @type {const} */ (['c', 'node', 'engine']), round)) {
      if (program === 'engine') {
        figures.engine.push(await measureEngine(starter));
      } else {
        figures[program].push(await measureOther(temp, program));
      }
    }
    tell('connections', round, rounds);
  }
  return figures;
}

/**
 * @param {string} name
 * @param {number} round
 * @param {number} rounds
 */
function tell(name, round, rounds) {
  process.stderr.write(`${name}: round ${round + 1} of ${rounds}\n`);
}

/**
 * @param {Run} run
 * @param {readonly string[]} names
 */
async function measure(run, names) {
  const isWanted = (/** @type {string} */ name) => names.length === 0 || names.includes(name);
  /** @type {string[]} */
  const tables = [];
  /** @type {import('../bench/report.mjs').Judgement[]} */
  const judgements = [];
  for (const load of loads.filter(({ name }) => isWanted(name))) {
    const rounds = await measureLoad(run, load);
    tables.push(reportLoad(load, rounds));
    judgements.push(...judgeLoad(load, rounds));
  }
  if (isWanted('connections')) {
    const rounds = await measureConnections({ ...run, rounds: Math.min(run.rounds, 9) });
    tables.push(reportConnections(rounds));
    judgements.push(...judgeConnections(rounds));
  }
  if (isWanted('ipc')) {
    const rounds = [];
    for (let round = 0; round < run.rounds; round++) {
      rounds.push(await measureIpc(run.starter, run.seconds));
      tell('ipc', round, run.rounds);
    }
    tables.push(reportIpc(rounds));
    judgements.push(...judgeIpc(rounds));
  }
  if (isWanted('records')) {
    tables.push(reportRecords(await measureRecords(run.starter)));
  }
  if (isWanted('window')) {
    const figures = await measureWindow(run.temp);
    tables.push(reportWindow(figures));
    judgements.push(...judgeWindow(figures));
  }
  return judgements.length > 0 ? [reportBars(judgements), ...tables] : tables;
}

async function main() {
  const known = [...loads.map(({ name }) => name), 'connections', 'ipc', 'records', 'window'];
  const usage = `Usage: npm run bench -- [--rounds N] [--seconds S] [--write] [LOAD…]

Measures all loads, or these: ${known.join(' ')}.
  --rounds N   How often each is measured; default 9.
  --seconds S  How long each time; default 0.8.
  --write      Writes docs/BENCHMARKS.md.`;
  const { values, positionals } = readArguments(usage, {
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '9' },
      seconds: { type: 'string', default: '0.8' },
      write: { type: 'boolean', default: false },
    },
  });
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(`No load ${unknown.join(', ')}. The loads are ${known.join(' ')}.`);
  }
  const rounds = Number(values.rounds);
  const seconds = Number(values.seconds);
  const [load = 0] = loadavg();
  const temp = await mkdtemp(path.join(tmpdir(), 'socket-playground-bench-'));
  try {
    await build();
    compile(temp);
    const starter = await EngineStarter.load(temp);
    const parts = await measure({ rounds, seconds, temp, starter }, positionals);
    const text = `${[preface({ rounds, seconds, load }), ...parts].join('\n\n')}\n`;
    process.stdout.write(text);
    if (values.write) {
      await writeFile(path.join(root, 'docs/BENCHMARKS.md'), text);
    }
  } finally {
    await rm(temp, { recursive: true, force: true });
  }
}

await main();
