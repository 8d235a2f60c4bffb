import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type CallRecord, dataValue, isAddress, type Value } from '../../src/common/call.js';
import { type CallRefusal, refusalOf } from '../../src/common/errors.js';
import type { CallRequest, CaptureStart } from '../../src/common/protocol/socketHost.js';
import { unpack } from '../../src/common/rows/packedRows.js';
import type { SocketAddress, SocketId, SocketInfo } from '../../src/common/socket.js';
import { constantValue } from '../../src/common/tables/constants.js';
import type { CallName } from '../../src/common/tables/signatures.js';
import { SocketHostProcess } from '../../src/playground/socketHostProcess.js';
import { type Held, untilTestEnds } from '../support/disposal.js';
import { nextEvent, waitUntil } from '../support/events.js';

export const modulePath = fileURLToPath(new URL('../../dist/socketHost.js', import.meta.url));

/** The number of a constant of Linux. */
export function n(name: string): number {
  const value = constantValue(name, 'linux');
  if (value === undefined) {
    throw new Error(`No constant ${name}.`);
  }
  return value;
}

/** Flags together. */
export function flags(...names: string[]): number {
  return names.reduce((sum, name) => sum | n(name), 0);
}

export const loopback: SocketAddress = { family: 'AF_INET', address: '127.0.0.1', port: 0 };
export const loopback6: SocketAddress = { family: 'AF_INET6', address: '::1', port: 0 };
export const any = { kind: 'any' } as const;

export function data(text: string | Uint8Array): Value {
  return dataValue(typeof text === 'string' ? new TextEncoder().encode(text) : text);
}

export function unixPath(path: string): SocketAddress {
  return { family: 'AF_UNIX', name: new TextEncoder().encode(path), isAbstract: false };
}

export function abstract(name: string): SocketAddress {
  return { family: 'AF_UNIX', name: new TextEncoder().encode(name), isAbstract: true };
}

/** A length that the kernel reads and writes. */
export function inOut(value: number): Value {
  return { kind: 'inout', value, result: null };
}

/** The bytes that a call moved, as text, from its record's preview. */
export function text(record: CallRecord): string {
  const value = record.args[1] as { bytes: Uint8Array };
  return new TextDecoder().decode(value.bytes);
}

/** A call that waits. */
export interface Waiting {
  seq: number;
  returned: Promise<CallRecord>;
}

/** The real host in its process, with calls short enough to read. */
export class TestHost implements Held {
  readonly process: SocketHostProcess;
  /** As the last change told. */
  readonly sockets = new Map<SocketId, SocketInfo>();
  private lastToken = 0;

  constructor(capture: CaptureStart = {}) {
    this.process = new SocketHostProcess(modulePath, () => capture);
    this.process.onDidChange((change) => {
      for (const socket of change.sockets) {
        this.sockets.set(socket.id, socket);
      }
    });
  }

  /** A host until the running test ends. */
  static start(capture?: CaptureStart): TestHost {
    return untilTestEnds(new TestHost(capture));
  }

  get pid(): number {
    const { status } = this.process;
    if (status.kind !== 'running') {
      throw new Error('The host does not run.');
    }
    return status.host.pid;
  }

  /** How many descriptors the host's process holds. */
  get descriptorCount(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  /** A line of `/proc/PID/status`. */
  processStatus(field: string): string {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';
  }

  /** What the host's process has had of the processor so far, in ms. */
  get processorTime(): number {
    const [, after] = /\) (.*)$/.exec(readFileSync(`/proc/${this.pid}/stat`, 'utf8').trim())!;
    const [user, system] = after!.split(' ').slice(11, 13).map(Number);
    return 10 * (user! + system!);
  }

  async readRecords(request: { from: number; count: number }): Promise<CallRecord[]> {
    return unpack(await this.process.readRows(request));
  }

  call(name: CallName, ...args: Value[]): Promise<CallRecord> {
    return this.process.call({ call: { name, args } });
  }

  request(request: CallRequest): Promise<CallRecord> {
    return this.process.call(request);
  }

  /** A call that must succeed; its result. */
  async ok(name: CallName, ...args: Value[]): Promise<number> {
    const record = await this.call(name, ...args);
    if (record.result === null || record.result < 0) {
      throw new Error(`${name} gave ${record.result} ${String(record.errno)} (${record.status}).`);
    }
    return record.result;
  }

  /** A call that must fail; its errno's name. */
  async fails(name: CallName, ...args: Value[]): Promise<string> {
    const record = await this.call(name, ...args);
    if (record.result !== -1) {
      throw new Error(`${name} gave ${record.result} (${record.status}).`);
    }
    return String(record.errno);
  }

  /** A call that must be refused. */
  async refused(name: CallName, ...args: Value[]): Promise<CallRefusal> {
    return this.refusedRequest({ call: { name, args } });
  }

  async refusedRequest(request: CallRequest): Promise<CallRefusal> {
    try {
      await this.process.call(request);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal) {
        return refusal;
      }
      throw error;
    }
    throw new Error(`${request.call.name} was not refused.`);
  }

  /** A call that must wait; resolves when it does. */
  async waits(name: CallName, ...args: Value[]): Promise<Waiting> {
    const token = ++this.lastToken;
    const wait = nextEvent(this.process.onDidWait, (event) => event.token === token, {
      what: `${name} to wait`,
    });
    const returned = this.process.call({ call: { name, args }, token });
    const early = returned.then((record) => {
      throw new Error(`${name} did not wait: ${record.result} ${String(record.errno)}`);
    });
    // It may fail much later, when the host ends.
    early.catch(() => {});
    const { seq } = await Promise.race([wait, early]);
    return { seq, returned };
  }

  /** A stream socket of 127.0.0.1 that listens; its descriptor and address. */
  async listener(backlog = 5): Promise<{ fd: number; address: SocketAddress }> {
    const fd = await this.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    await this.ok('bind', fd, loopback);
    await this.ok('listen', fd, backlog);
    return { fd, address: await this.nameOf(fd) };
  }

  /** Both ends of a TCP connection over loopback. */
  async tcpPair(): Promise<{ client: number; peer: number; server: number }> {
    const { fd: server, address } = await this.listener();
    const client = await this.ok('socket', n('AF_INET'), n('SOCK_STREAM'), 0);
    await this.ok('connect', client, address);
    return { client, server, peer: await this.ok('accept', server) };
  }

  /** Two connected sockets of AF_UNIX. */
  async unixPair(type: string): Promise<{ client: number; peer: number; server: number }> {
    const server = await this.ok('socket', n('AF_UNIX'), n(type), 0);
    await this.ok('bind', server, { family: 'AF_UNIX', name: new Uint8Array(), isAbstract: false });
    await this.ok('listen', server, 5);
    const client = await this.ok('socket', n('AF_UNIX'), n(type), 0);
    await this.ok('connect', client, await this.nameOf(server));
    return { client, server, peer: await this.ok('accept', server) };
  }

  /** The socket's own address. */
  async nameOf(fd: number): Promise<SocketAddress> {
    const { args } = await this.call('getsockname', fd);
    if (!isAddress(args[1])) {
      throw new Error('getsockname gave no address.');
    }
    return args[1];
  }

  /** Resolves when a socket is told of as expected. */
  async until(what: string, holds: (sockets: SocketInfo[]) => boolean): Promise<void> {
    await waitUntil(this.process.onDidChange, () => holds([...this.sockets.values()]), { what });
  }

  dispose(): Promise<void> {
    return this.process.end();
  }
}
