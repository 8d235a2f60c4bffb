import { readdirSync, readFileSync } from 'node:fs';
import type { Call, CallRecord, Value } from '../../src/common/call.js';
import { type CallRefusal, refusalOf } from '../../src/common/errors.js';
import type { SocketId, SocketInfo } from '../../src/common/socket.js';
import type { CallName } from '../../src/common/tables/signatures.js';
import { SocketHostProcess } from '../../src/playground/socketHostProcess.js';

/** What has been found. */
export class Finding extends Error {
  override readonly name = 'Finding';
}

/** How a call has ended. */
export type Answer =
  | { kind: 'returned'; record: CallRecord }
  | { kind: 'refused'; refusal: CallRefusal }
  | { kind: 'fault'; error: unknown };

/** A call on its way. */
export interface MadeCall {
  call: Call;
  /** Given when it has waited. */
  seq: number | null;
  answer: Promise<Answer>;
}

/** In ms. Whatever takes longer hangs. */
const patience = 20_000;
/** Descriptors that the host opens for itself later, at most. */
const mostRaised = 3;

/** A real host, and what it has told. */
export class FuzzHost {
  readonly process: SocketHostProcess;
  readonly told = new Map<SocketId, SocketInfo>();
  private readonly waits = new Map<number, (seq: number) => void>();
  private lastToken = 0;
  private startPid = 0;
  /** The host's own descriptors. */
  private own = new Set<number>();
  private raisedFrom = Infinity;
  private raised = 0;

  private constructor(modulePath: string) {
    this.process = new SocketHostProcess(modulePath);
    this.process.onDidChange(({ sockets }) => sockets.forEach((socket) => this.told.set(socket.id, socket)));
    this.process.onDidWait(({ token, seq }) => this.waits.get(token ?? -1)?.(seq));
  }

  static async start(modulePath: string): Promise<FuzzHost> {
    const host = new FuzzHost(modulePath);
    ({ pid: host.startPid } = await host.process.start());
    host.own = new Set(host.readDescriptors());
    host.raisedFrom = Math.max(...host.own) - 512;
    await host.warmUp();
    return host;
  }

  get pid(): number {
    return this.startPid;
  }

  /** Descriptors of the process that were not there at its start. */
  get descriptors(): number[] {
    return this.readDescriptors().filter((fd) => !this.own.has(fd));
  }

  /**
   * The host opens a few of its own when it first needs them, at the top of the range: they stay. Nothing waits now,
   * for which it would have more.
   */
  keepOwn(): void {
    const raised = this.descriptors.filter((fd) => fd >= this.raisedFrom);
    raised.slice(0, mostRaised - this.raised).forEach((fd) => this.own.add(fd));
    this.raised += raised.length;
  }

  /** The flags that the kernel has for a descriptor, as open(2) takes them. */
  flagsOf(fd: number): number {
    const info = readFileSync(`/proc/${this.pid}/fdinfo/${fd}`, 'utf8');
    return parseInt(/^flags:\s*([0-7]+)$/m.exec(info)?.[1] ?? 'x', 8);
  }

  /** Makes a call. Resolves when it has returned, was refused, or waits. */
  async make(call: Call): Promise<MadeCall> {
    const token = ++this.lastToken;
    const made: MadeCall = {
      call,
      seq: null,
      answer: this.process.call({ call, token, loopbackOnly: true }).then(
        (record): Answer => ({ kind: 'returned', record }),
        (error: unknown): Answer => {
          const refusal = refusalOf(error);
          return refusal ? { kind: 'refused', refusal } : { kind: 'fault', error };
        },
      ),
    };
    const waits = new Promise<void>((resolve) => {
      this.waits.set(token, (seq) => {
        made.seq = seq;
        resolve();
      });
    });
    await inTime(Promise.race([made.answer, waits]), `${call.name} neither to return nor to wait`);
    this.waits.delete(token);
    return made;
  }

  async end(): Promise<void> {
    await this.process.end();
  }

  /** Looks at a Unix socket once, for which the host opens a descriptor of its own. */
  private async warmUp(): Promise<void> {
    const call = (name: CallName, ...args: Value[]) => this.process.call({ call: { name, args } });
    const { result, createdIds } = await call('socket', 1, 1, 0);
    await call('bind', result, { family: 'AF_UNIX', name: new Uint8Array(), isAbstract: false });
    await call('listen', result, 1);
    await this.process.inspect({ socketId: createdIds[0]! });
    await call('close', result);
    this.keepOwn();
    await this.process.clearRecords();
  }

  private readDescriptors(): number[] {
    return readdirSync(`/proc/${this.pid}/fd`).map(Number);
  }
}

export async function inTime<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Finding(`Waited ${patience} ms for ${what}.`)), patience);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
