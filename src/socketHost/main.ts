import { readFileSync } from 'node:fs';
import { machine, release } from 'node:os';
import { Emitter } from '../common/event.js';
import { setMessages, t } from '../common/l10n.js';
import type {
  HostInfo,
  HostStart,
  SocketHostEvents,
  SocketHostMethods,
} from '../common/protocol/socketHost.js';
import { type Handlers, RpcConnection, type Transport } from '../common/rpc.js';
import { refusal } from './refusal.js';
import type { SocketHost } from './socketHost.js';
import { systemOf } from './sys/system.js';

/** The pipe that the process was born with. */
class ParentTransport implements Transport {
  private readonly messages = new Emitter<unknown>();
  private readonly closing = new Emitter<void>();
  readonly onDidReceive = this.messages.event;
  readonly onDidClose = this.closing.event;

  constructor() {
    process.on('message', (message) => this.messages.fire(message));
    process.on('disconnect', () => this.closing.fire());
  }

  send(message: unknown): void {
    process.send?.(message, undefined, undefined, () => {
      // A parent that is gone is told by `disconnect`.
    });
  }
}

const CAP_NET_RAW = 13n;

/** Whether the process has CAP_NET_RAW. */
function mayUseRawSockets(): boolean {
  const effective = /^CapEff:\s+([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return effective !== undefined && ((BigInt(`0x${effective}`) >> CAP_NET_RAW) & 1n) === 1n;
}

/** Waits for the parent's first call and serves it from then on. */
class Server {
  private host: SocketHost | undefined;
  private readonly connection: RpcConnection<object, object, SocketHostEvents>;

  constructor(transport: Transport) {
    const handlers: Handlers<SocketHostMethods> = {
      start: (options) => this.start(options),
      call: (request) => this.running.call(request),
      cancel: (request) => this.running.cancel(request),
      readRecords: (request) => this.running.readRecords(request),
      readData: (request) => this.running.readData(request),
      watch: (request) => this.running.watch(request),
      inspect: (request) => this.running.inspect(request),
      automate: (request) => this.running.automate(request),
      rename: (request) => this.running.rename(request),
      clearRecords: () => this.running.clearRecords(),
      systemSockets: (request) => this.running.systemSockets(request),
      lookAtSystemSocket: (request) => this.running.lookAtSystemSocket(request),
      endProcess: (request) => this.running.endProcess(request),
      ping: () => {},
    };
    this.connection = new RpcConnection(transport, { ...handlers }, (error) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    });
  }

  /** Ends the process. The kernel closes what is still open. */
  end(): never {
    const { isLingering = false } = this.host?.end() ?? {};
    if (isLingering) {
      // `exit` would wait for the thread that lingers.
      process.kill(process.pid, 'SIGKILL');
    }
    process.exit(0);
  }

  private get running(): SocketHost {
    if (!this.host) {
      throw new Error('The socket host has not been started.');
    }
    return this.host;
  }

  private async start(options: HostStart): Promise<HostInfo> {
    setMessages(options.messages);
    const system = systemOf(process.platform);
    if (!system?.isSupported) {
      throw refusal(null, t('The socket host does not run on {0} yet.', process.platform), 'unsupported');
    }
    // The native library is loaded here, so that its absence can be told.
    const { SocketHost } = await loadHost();
    this.host = new SocketHost(options, (name, value) => this.connection.fire(name, value));
    return {
      pid: process.pid,
      platform: system.platform,
      kernel: `${release()} ${machine()}`,
      isRoot: mayUseRawSockets(),
    };
  }
}

async function loadHost() {
  try {
    return await import('./socketHost.js');
  } catch (error) {
    const { message } = error as Error;
    throw refusal(null, t('The native library could not be loaded: {0}', message), 'unsupported');
  }
}

const server = new Server(new ParentTransport());
process.on('disconnect', () => server.end());
process.on('SIGTERM', () => server.end());
// The terminal sends these to the whole group; the parent decides and closes the pipe.
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
