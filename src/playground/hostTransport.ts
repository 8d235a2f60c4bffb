import { type ChildProcess, fork } from 'node:child_process';
import { MessageBatch, messagesOf } from '../common/batch.js';
import { Emitter } from '../common/event.js';
import type { Transport } from '../common/rpc.js';

/**
 * A small nursery: the host's busy paths make no garbage, and a large one would be memory that each open socket
 * seems to cost.
 */
const hostArguments = ['--max-semi-space-size=1'];

/** Starts the host's program, with the pipe that it takes its orders from. */
export function forkHost(modulePath: string): ChildProcess {
  return fork(modulePath, [], {
    serialization: 'advanced',
    execArgv: hostArguments,
    env: hostEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}

/** The parent's end of the pipe; closed when the child has ended and what it said has been read. */
export class ChildTransport implements Transport {
  private readonly messages = new Emitter<unknown>();
  private readonly closing = new Emitter<void>();
  readonly onDidReceive = this.messages.event;
  readonly onDidClose = this.closing.event;

  private readonly batch = new MessageBatch((message) => this.post(message));

  constructor(private readonly child: ChildProcess) {
    child.on('message', (posted) => messagesOf(posted).forEach((message) => this.messages.fire(message)));
  }

  send(message: unknown): void {
    this.batch.add(message);
  }

  private post(message: unknown): void {
    if (!this.child.connected) {
      return;
    }
    try {
      this.child.send(message as object, () => {
        // A failure to send is told by the end of the process.
      });
    } catch {
      // What cannot be written as a message is a fault of ours: whoever waits for an answer is not to wait for ever.
      this.closing.fire();
    }
  }

  close(): void {
    this.closing.fire();
    this.messages.dispose();
    this.closing.dispose();
  }
}

/**
 * glibc adapts these to the largest block that was ever given back, and from then on keeps blocks as large as that for
 * itself: memory that each open socket seems to cost.
 */
const fixedThresholds = { MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' };

/**
 * The host takes its orders from the pipe alone: no debugger, no preloaded code, Node where this is Electron. Nor does it
 * speak TLS: a Node that is told of further certificates reads all of them as it starts, which takes longer than the rest.
 */
function hostEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_EXTRA_CA_CERTS: _certificates, ...inherited } = process.env;
  const environment = { ...inherited, ...fixedThresholds };
  return process.versions['electron'] ? { ...environment, ELECTRON_RUN_AS_NODE: '1' } : environment;
}
