// The programs that are measured: how each is started, and how it ends.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));

/**
 * A server that has been started.
 * @typedef {object} Server
 * @property {number} port
 * @property {number} pid The process that serves.
 * @property {() => Promise<void>} stop
 */

/** @typedef {'discard' | 'keep' | 'echo' | 'datagrams' | 'batches'} Service Only the C program keeps. */

/**
 * Compiles the C programs.
 * @param {string} temp
 */
export function compile(temp) {
  for (const name of ['server', 'load']) {
    execFileSync('gcc', ['-O2', '-o', path.join(temp, name), path.join(folder, 'c', `${name}.c`)]);
  }
}

/**
 * Starts a program and reads the port that it prints.
 * @param {string} command
 * @param {string[]} args
 * @param {{ output?: 'stdout' | 'stderr', pattern?: RegExp }} [reading]
 * @returns {Promise<Server>}
 */
export async function startServer(command, args, { output = 'stdout', pattern = /^(\d+)\n/ } = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  let text = '';
  /** @type {number} */
  const port = await new Promise((/** @type {(port: number) => void} */ resolve, reject) => {
    child.on('error', reject);
    child.on('exit', () => reject(new Error(`${command} ended: ${text}`)));
    child[output].setEncoding('utf8').on('data', (chunk) => {
      text = text.length < 10_000 ? text + chunk : text;
      const match = pattern.exec(text);
      if (match) {
        resolve(Number(match[1]));
      }
    });
  });
  return {
    port,
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/**
 * The C program with epoll.
 * @param {string} temp
 * @param {Service} service
 */
export function startC(temp, service) {
  /** @type {Record<Service, string[]>} */
  const args = {
    discard: ['tcp', 'discard'],
    keep: ['tcp', 'keep'],
    echo: ['tcp', 'echo'],
    datagrams: ['udp', 'recvfrom'],
    batches: ['udp', 'recvmmsg'],
  };
  return startServer(path.join(temp, 'server'), args[service]);
}

/**
 * Node's net and dgram.
 * @param {Service} service
 */
export function startNode(service) {
  const args = service === 'datagrams' || service === 'batches' ? ['udp', 'echo'] : ['tcp', service];
  return startServer(process.execPath, [path.join(folder, 'nodeServer.mjs'), ...args]);
}

/** @param {Service} service */
export function startSocat(service) {
  const listen = 'TCP4-LISTEN:0,bind=127.0.0.1,fork,backlog=4096';
  const args = service === 'discard' ? ['-u', listen, 'OPEN:/dev/null'] : [listen, 'PIPE'];
  return startServer('socat', ['-d', '-d', ...args], {
    output: 'stderr',
    pattern: /listening on .*:(\d+)/,
  });
}

/**
 * Runs the load and gives the numbers of its line.
 * @param {string} temp
 * @param {string[]} args
 * @param {{ isPinned?: boolean }} [options] Pinned: on the first CPU only.
 * @returns {Promise<number[]>}
 */
export async function runLoad(temp, args, { isPinned = false } = {}) {
  const command = isPinned ? ['taskset', '-c', '0', path.join(temp, 'load')] : [path.join(temp, 'load')];
  const child = spawn(command[0] ?? '', [...command.slice(1), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  }
  await once(child, 'close');
  if (child.exitCode !== 0) {
    throw new Error(`The load ${args.join(' ')} failed: ${text}`);
  }
  return text.trim().split(' ').map(Number);
}

/**
 * Sends datagrams to a port until it is stopped.
 * @param {string} temp
 * @param {number} port
 * @param {number} rate Datagrams a second.
 */
export function startDatagrams(temp, port, rate) {
  const child = spawn(path.join(temp, 'load'), ['steady', String(port), '600', String(rate)], {
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  return {
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/**
 * Keeps all threads of a process on the first CPU.
 * @param {number} pid
 */
export function pin(pid) {
  execFileSync('taskset', ['-a', '-c', '-p', '0', String(pid)], { stdio: 'ignore' });
}
