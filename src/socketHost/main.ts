import { readFileSync } from 'node:fs';
import { machine, release } from 'node:os';
import { MessageBatch, messagesOf } from '../common/batch.js';
import { Emitter } from '../common/event.js';
import { fileErrorText } from '../common/fileError.js';
import { setMessages, t } from '../common/l10n.js';
import type {
  HostInfo,
  HostStart,
  RecordingInfo,
  RecordingMethods,
  SocketHostEvents,
  SocketHostMethods,
} from '../common/protocol/socketHost.js';
import type { TraceMethods, TraceOpening } from '../common/protocol/trace.js';
import { type Handlers, RpcConnection, type Transport } from '../common/rpc.js';
import { RecordingHost } from './recordingHost.js';
import { refusal } from './refusal.js';
import type { SocketHost } from './socketHost.js';
import type { TraceHost } from './traceHost.js';
import { systemOf } from './sys/system.js';

/** The pipe that the process was born with. */
class ParentTransport implements Transport {
  private readonly messages = new Emitter<unknown>();
  private readonly closing = new Emitter<void>();
  readonly onDidReceive = this.messages.event;
  readonly onDidClose = this.closing.event;
  private readonly batch = new MessageBatch((message) => this.post(message));

  constructor() {
    process.on('message', (posted) => messagesOf(posted).forEach((message) => this.messages.fire(message)));
    process.on('disconnect', () => this.closing.fire());
  }

  send(message: unknown): void {
    this.batch.add(message);
  }

  private post(message: unknown): void {
    try {
      process.send?.(message, undefined, undefined, () => {
        // A parent that is gone is told by `disconnect`.
      });
    } catch (error) {
      process.stderr.write(`${String(error)}\n`);
      this.closing.fire();
    }
  }
}

const CAP_NET_RAW = 13n;

/** Whether the process has CAP_NET_RAW. */
function mayUseRawSockets(): boolean {
  const effective = /^CapEff:\s+([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return effective !== undefined && ((BigInt(`0x${effective}`) >> CAP_NET_RAW) & 1n) === 1n;
}

/** The turn of the loop that has not come yet, where somebody waits for it: the same for all who do. */
let nextTurn: Promise<void> | null = null;

/** Resolves when what is ready by now has been served. */
function turn(): Promise<void> {
  nextTurn ??= new Promise((resolve) => {
    setImmediate(() => {
      nextTurn = null;
      resolve();
    });
  });
  return nextTurn;
}

/** Waits for the parent's first call and serves it from then on. */
class Server {
  private host: SocketHost | RecordingHost | TraceHost | undefined;
  private trace: TraceHost | undefined;
  private ending: Promise<never> | undefined;
  private readonly connection: RpcConnection<object, object, SocketHostEvents>;

  constructor(transport: Transport) {
    const handlers: Handlers<SocketHostMethods & RecordingMethods & TraceMethods> = {
      openRecording: (options) => this.openRecording(options),
      openTrace: (options) => this.openTrace(options),
      endTrace: () => this.trace?.endTrace(),
      start: (options) => this.start(options),
      call: (request) => this.live.call(request),
      cancel: (request) => this.live.cancel(request),
      readRows: (request) => this.running.readRows(request),
      readData: (request) => this.running.readData(request),
      filterRecords: (request) => this.running.filterRecords(request),
      cancelFilter: (request) => this.running.cancelFilter(request),
      sortRecords: (request) => this.running.sortRecords(request),
      frameStream: (request) => this.running.frameStream(request),
      surveyRecords: (request) => this.running.surveyRecords(request),
      watch: (request) => this.live.watch(request),
      inspect: (request) => this.live.inspect(request),
      automate: (request) => this.live.automate(request),
      startTap: (request) => this.live.startTap(request),
      setTapFaults: (request) => this.live.setTapFaults(request),
      stopTap: (request) => this.live.stopTap(request),
      probeFamilies: (request) => this.live.probeFamilies(request),
      rename: (request) => this.live.rename(request),
      saveRecording: (request) => this.running.saveRecording(request),
      clearRecords: () => this.live.clearRecords(),
      systemSockets: (request) => this.live.systemSockets(request),
      lookAtSystemSocket: (request) => this.live.lookAtSystemSocket(request),
      lookUpFacts: (question) => this.live.lookUpFacts(question),
      interfaceIndex: (request) => this.live.interfaceIndex(request),
      endProcess: (request) => this.live.endProcess(request),
      // What had become ready with the question in the same turn is answered before it.
      ping: () => turn(),
    };
    this.connection = new RpcConnection(transport, { ...handlers }, (error) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    });
  }

  /** Ends the process. The kernel closes what is still open. */
  end(): void {
    this.ending ??= this.endProcess();
  }

  private async endProcess(): Promise<never> {
    const { isLingering = false } = (await this.host?.end()) ?? {};
    if (isLingering) {
      // `exit` would wait for the thread that lingers.
      process.kill(process.pid, 'SIGKILL');
    }
    process.exit(0);
  }

  /** The host that makes calls. */
  private get live(): SocketHost {
    const { running } = this;
    if (running instanceof RecordingHost || running === this.trace) {
      throw refusal(null, t('A recording is read only: no call can be made in it.'));
    }
    return running as SocketHost;
  }

  private get running(): SocketHost | RecordingHost | TraceHost {
    if (!this.host) {
      throw new Error('The socket host has not been started.');
    }
    return this.host;
  }

  private async start(options: HostStart): Promise<HostInfo> {
    setMessages(options.messages);
    const system = systemOf(process.platform);
    if (!system?.isSupported) {
      throw refusal(
        null,
        t(
          'The socket host runs on Linux only, and this is {0}. Open the folder in WSL, in a container or over SSH.',
          process.platform,
        ),
        'unsupported',
      );
    }
    // The native library is loaded here, so that its absence can be told.
    const { SocketHost } = await loaded(() => import('./socketHost.js'));
    const info: HostInfo = {
      pid: process.pid,
      platform: system.platform,
      kernel: `${release()} ${machine()}`,
      isRoot: mayUseRawSockets(),
    };
    this.host = new SocketHost(options, info, (name, value) => this.connection.fire(name, value));
    return info;
  }

  /** The process serves a recording instead of making calls. */
  private openRecording({
    file,
    messages,
  }: {
    file: string;
    messages: Record<string, string>;
  }): RecordingInfo {
    setMessages(messages);
    try {
      this.host = new RecordingHost(file, (name, value) => this.connection.fire(name, value));
    } catch (error) {
      throw refusal(null, fileErrorText(error as Error));
    }
    return this.host.info;
  }

  /** The process serves a log of strace instead of making calls. */
  private async openTrace(options: TraceOpening): Promise<RecordingInfo> {
    setMessages(options.messages);
    // Its store is that of a live host, which needs the native library.
    const { TraceHost: Host } = await loaded(() => import('./traceHost.js'));
    try {
      this.trace = await Host.open(options, (name, value) => this.connection.fire(name, value));
    } catch (error) {
      throw refusal(null, fileErrorText(error as Error));
    }
    this.host = this.trace;
    return this.trace.info;
  }
}

/** Loads a module that needs the native library. */
async function loaded<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { message } = error as Error;
    throw refusal(
      null,
      t(
        'The native library for {0} could not be loaded. Install the package of the extension for this platform. {1}',
        `${process.platform} ${process.arch}`,
        message,
      ),
      'unsupported',
    );
  }
}

const server = new Server(new ParentTransport());
process.on('disconnect', () => server.end());
process.on('SIGTERM', () => server.end());
// The terminal sends these to the whole group; the parent decides and closes the pipe.
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
