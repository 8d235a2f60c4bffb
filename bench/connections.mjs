// Ten thousand open connections: how fast they are accepted, what they cost, and what the editor's side feels of it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from './engine.mjs';
import { startC, startNode } from './programs.mjs';
import { median, medianRatio } from './statistics.mjs';

export const connectionCount = 10_000;
/** Opened and closed before, so that what a program allocates once is not counted to the connections. */
const warmUpCount = 1000;
const idleMs = 1500;
/** As in the tree: a frame. */
const frameMs = 16;

/**
 * @typedef {object} ConnectionFigures
 * @property {number} accepts A second.
 * @property {number} memory Bytes of resident memory a connection.
 * @property {number} idleCpu Share of one CPU while nothing happens.
 */

/**
 * What the editor's side shows of it.
 * @typedef {object} ParentFigures
 * @property {number} longestHoldMs The longest time that its event loop was held.
 * @property {number} listed Sockets in the model.
 * @property {number} shown Rows of the tree for accepted sockets.
 * @property {number} more How many the last row says there are more.
 * @property {number} leaked Descriptors more than before, once all are closed.
 */

/** The load, held open until it is told to end. */
class OpenConnections {
  /**
   * @param {string} temp
   * @param {number} port
   * @param {number} count
   */
  constructor(temp, port, count) {
    this.child = spawn(path.join(temp, 'load'), ['connections', String(port), String(count)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
  }

  /** How many were accepted a second. */
  async opened() {
    return new Promise((/** @type {(accepts: number) => void} */ resolve) => {
      this.child.stdout
        .setEncoding('utf8')
        .once('data', (/** @type {string} */ line) => resolve(Number(line)));
    });
  }

  async close() {
    const ended = once(this.child, 'close');
    this.child.stdin.end('\n');
    await ended;
  }
}

/** @param {number} pid */
function residentBytes(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1024;
}

/**
 * CPU time of all threads in seconds. The scheduler counts nanoseconds; the ticks of `stat` are two thirds of a percent of
 * the time that is measured here.
 * @param {number} pid
 */
function cpuSeconds(pid) {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => {
    const [running = 0] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8')
      .split(' ')
      .map(Number);
    return sum + running / 1e9;
  }, 0);
}

/**
 * Not at once: to list ten thousand would hold the event loop, whose holds are measured.
 * @param {number} pid
 */
async function descriptorCount(pid) {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

/**
 * @param {string} temp
 * @param {import('./programs.mjs').Server} server
 * @param {() => Promise<void>} [whileOpen]
 * @returns {Promise<ConnectionFigures>}
 */
async function measure(temp, { port, pid }, whileOpen = async () => {}) {
  const warmUp = new OpenConnections(temp, port, warmUpCount);
  await warmUp.opened();
  const descriptors = (await descriptorCount(pid)) - warmUpCount;
  await warmUp.close();
  await untilClosed(pid, descriptors);
  const before = residentBytes(pid);
  const connections = new OpenConnections(temp, port, connectionCount);
  const accepts = await connections.opened();
  await whileOpen();
  const memory = (residentBytes(pid) - before) / connectionCount;
  const cpuBefore = cpuSeconds(pid);
  await sleep(idleMs);
  const idleCpu = (cpuSeconds(pid) - cpuBefore) / (idleMs / 1000);
  await connections.close();
  await untilClosed(pid, descriptors);
  return { accepts, memory, idleCpu };
}

/**
 * @param {number} pid
 * @param {number} count
 */
async function untilClosed(pid, count) {
  for (let i = 0; i < 600 && (await descriptorCount(pid)) > count; i++) {
    await sleep(50);
  }
}

/**
 * One round of each program; each is started anew, because memory is not given back.
 * @param {string} temp
 * @param {'c' | 'node'} program
 */
export async function measureOther(temp, program) {
  const server = await (program === 'c' ? startC(temp, 'echo') : startNode('echo'));
  try {
    return await measure(temp, server);
  } finally {
    await server.stop();
  }
}

/**
 * The engine, with the model and the tree of the extension in this process, as it is while the view is open.
 * @param {import('./engine.mjs').EngineStarter} starter
 * @returns {Promise<ConnectionFigures & ParentFigures>}
 */
export async function measureEngine(starter) {
  const { Playground, SocketTree } = starter.modules;
  const host = starter.host('memory');
  const playground = new Playground(host);
  const tree = new SocketTree();
  const watcher = playground.createWatcher();
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  /** @type {Set<number>} */
  const dirty = new Set();
  const update = () => {
    timer = undefined;
    tree.update(playground.sockets, dirty);
    dirty.clear();
    watcher.watch([...tree.shownIds()]);
  };
  playground.onDidChange(({ sockets, removed }) => {
    sockets.forEach(({ id }) => dirty.add(id));
    removed.forEach((id) => dirty.add(id));
    timer ??= setTimeout(update, frameMs);
  });
  const delay = monitorEventLoopDelay({ resolution: 5 });
  try {
    const port = await serve(host, 'echo', true);
    const { status } = host;
    const pid = status.kind === 'running' ? status.host.pid : 0;
    const before = await descriptorCount(pid);
    let shown = 0;
    let more = 0;
    let listed = 0;
    delay.enable();
    const figures = await measure(starter.temp, { port, pid, stop: async () => {} }, async () => {
      while (playground.openCount <= connectionCount) {
        await sleep(frameMs);
      }
      await sleep(500);
      listed = playground.openCount - 1;
      const [group] = tree.roots;
      const [listener] = group ? tree.children(group) : [];
      const rows = listener ? tree.children(listener) : [];
      shown = rows.filter(({ kind }) => kind === 'socket').length;
      more = listener ? tree.hiddenCount(listener.key) : 0;
    });
    delay.disable();
    const leaked = (await descriptorCount(pid)) - before;
    return { ...figures, longestHoldMs: delay.max / 1e6, listed, shown, more, leaked };
  } finally {
    clearTimeout(timer);
    playground.dispose();
    await host.end();
  }
}

/**
 * @param {{ node: ConnectionFigures[], engine: (ConnectionFigures & ParentFigures)[] }} rounds
 * @returns {import('./report.mjs').Judgement[]}
 */
export function bars({ node, engine }) {
  const accepts = medianRatio(
    engine.map(({ accepts }) => accepts),
    node.map(({ accepts }) => accepts),
  );
  const memory = median(engine.map(({ memory }) => memory));
  const idleCpu = median(engine.map(({ idleCpu }) => idleCpu));
  const longestHoldMs = Math.max(...engine.map(({ longestHoldMs }) => longestHoldMs));
  const listed = Math.min(...engine.map(({ listed }) => listed));
  const leaked = Math.max(...engine.map(({ leaked }) => leaked));
  return [
    {
      what: '10,000 connections: accepts, engine to Node',
      bar: '≥ 1.05',
      measured: accepts.toFixed(2),
      isMet: accepts >= 1.05,
    },
    {
      what: '10,000 connections: bytes of RSS of the host a connection',
      bar: '≤ 800',
      measured: memory.toFixed(0),
      isMet: memory <= 800,
    },
    {
      what: '10,000 connections: CPU of the host while idle',
      bar: '< 1 %',
      measured: `${(100 * idleCpu).toFixed(1)} %`,
      isMet: idleCpu < 0.01,
    },
    {
      what: '10,000 connections: longest hold of the event loop of model and tree',
      bar: '≤ 50 ms',
      measured: `${longestHoldMs.toFixed(0)} ms`,
      isMet: longestHoldMs <= 50,
    },
    {
      what: '10,000 connections: listed, and descriptors left open',
      bar: '10000, 0',
      measured: `${listed}, ${leaked}`,
      isMet: listed === connectionCount && leaked === 0,
    },
  ];
}
