// The product itself: the socket host in its process, with the model's own way to it.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSources } from './modules.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const modulePath = path.join(root, 'dist/socketHost.js');

/** @typedef {import('./programs.mjs').Service} Service */
/** @typedef {import('./programs.mjs').Server} Server */
/**
 * @typedef {typeof import('../src/playground/socketHostProcess.js')
 *   & typeof import('../src/playground/playground.js')
 *   & typeof import('../src/common/rows/packedRows.js')
 *   & typeof import('../src/extension/views/socketTree.js')} Modules
 */

const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;

/** Where records go. @typedef {'off' | 'memory' | 'file'} Recording */

/** The host, driven without the editor. */
export class EngineStarter {
  /**
   * @param {Modules} modules
   * @param {string} temp
   */
  constructor(modules, temp) {
    this.modules = modules;
    this.temp = temp;
    this.started = 0;
  }

  /**
   * Bundles the parent's side as the extension has it.
   * @param {string} temp
   */
  static async load(temp) {
    const modules = /** @type {Modules} */ (
      await loadSources(temp, 'parent', [
        'playground/socketHostProcess',
        'playground/playground',
        'common/rows/packedRows',
        'extension/views/socketTree',
      ])
    );
    return new EngineStarter(modules, temp);
  }

  /** A host that has not been started yet. @param {Recording} recording */
  host(recording) {
    const file = path.join(this.temp, `recording-${this.started++}`);
    return new this.modules.SocketHostProcess(modulePath, () => (recording === 'file' ? { file } : {}));
  }

  /**
   * A server in one automatic act.
   * @param {Service} service
   * @param {Recording} recording
   * @returns {Promise<Server>}
   */
  async start(service, recording) {
    const host = this.host(recording);
    const port = await serve(host, service, recording !== 'off');
    const { status } = host;
    return {
      port,
      pid: status.kind === 'running' ? status.host.pid : 0,
      stop: () => host.end(),
    };
  }
}

/**
 * Makes the calls of a server and lets the host do the rest. Its port.
 * @param {import('../src/playground/socketHostProcess.js').SocketHostProcess} host
 * @param {Service} service
 * @param {boolean} isRecorded
 */
export async function serve(host, service, isRecorded) {
  const isUdp = service === 'datagrams' || service === 'batches';
  const fd = await call(host, 'socket', AF_INET, isUdp ? SOCK_DGRAM : SOCK_STREAM, 0);
  await call(host, 'bind', fd.result, { family: 'AF_INET', address: '127.0.0.1', port: 0 });
  if (!isUdp) {
    await call(host, 'listen', fd.result, 4096);
  }
  const { args } = await call(host, 'getsockname', fd.result);
  const [socketId = 0] = fd.createdIds;
  await host.automate({
    socketId,
    automation: {
      mode: isUdp ? 'echo' : 'accept',
      accepted: isUdp ? null : service === 'discard' ? 'discard' : 'echo',
      isRecorded,
      isBatched: service === 'batches',
    },
  });
  return /** @type {{ port: number }} */ (args[1]).port;
}

/**
 * @param {import('../src/playground/socketHostProcess.js').SocketHostProcess} host
 * @param {import('../src/common/tables/signatures.js').CallName} name
 * @param {import('../src/common/call.js').Value[]} args
 */
async function call(host, name, ...args) {
  const record = await host.call({ call: { name, args } });
  if (record.errno !== null) {
    throw new Error(`${name} failed: ${record.errno}`);
  }
  return record;
}
