import type { CallRecord, Value } from '../../common/call.js';
import { isAddress } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import { printCall } from '../../common/notation/printer.js';
import { endpointText } from '../../common/socketText.js';
import type { SocketAddress } from '../../common/socket.js';
import type { TapDirection, TapFaults } from '../../common/tap/faults.js';
import type { SocketTap, TapId, TapInfo, TapRequest } from '../../common/tap/tap.js';
import { errnoMessage } from '../../common/tables/errnos.js';
import { refusal } from '../refusal.js';
import type { Socket } from '../socket.js';
import { family, linux, option, socketType } from '../sys/linux.js';
import { Random } from './random.js';
import type { RelayContext } from './streamRelay.js';
import { TapCalls, type TapHost } from './tapCalls.js';

/** What every kind of tap has: a socket that clients come to, its faults, its end. */
export abstract class Tap {
  protected readonly calls: TapCalls;
  protected faults: TapFaults;
  protected isEnded = false;
  private stopping: Promise<void> | undefined;
  /** The socket that clients come to. */
  protected listener!: Socket;
  private listenAddress!: SocketAddress;
  private connections = 0;

  constructor(
    readonly id: TapId,
    protected readonly host: TapHost,
    protected readonly request: TapRequest,
    private readonly onDidEnd: () => void,
  ) {
    this.calls = new TapCalls(host, endpointText(request.target));
    this.faults = request.faults;
  }

  get info(): TapInfo {
    const { kind, target } = this.request;
    return { id: this.id, kind, listen: this.listenAddress, target, listenerId: this.listener.id };
  }

  /** Makes the listening socket. @throws CallRefusedError where the kernel refuses it. */
  async open(): Promise<void> {
    const { listen, kind } = this.request;
    const listener = await this.socket(listen, 'tap');
    if (!listener) {
      throw refusal(null, t('No socket could be made: the records say why.'));
    }
    this.listener = listener;
    const { fd } = listener;
    if (kind === 'stream' && !listener.file.isUnix) {
      await this.must('setsockopt', [
        fd,
        option.SOL_SOCKET,
        option.SO_REUSEADDR,
        { kind: 'list', items: [1] },
      ]);
    }
    await this.must('bind', [fd, listen]);
    if (kind === 'stream') {
      await this.must('listen', [fd, backlog]);
    }
    const named = (await this.must('getsockname', [fd])).args[1];
    this.listenAddress = isAddress(named) ? named : listen;
    if (isSame(this.listenAddress, this.request.target)) {
      await this.calls.close(listener);
      await this.removeFile();
      throw refusal(null, t('This tap would connect to itself.'));
    }
    this.mark(listener, 'listener', null);
    this.goOn(this.run());
  }

  /** From now on, on all of its connections. */
  setFaults(faults: TapFaults): void {
    this.faults = faults;
    for (const socket of this.sockets()) {
      if (socket.tap) {
        socket.tap = { ...socket.tap, faults };
        this.host.touch(socket.file);
      }
    }
  }

  /** Closes every socket of it, and removes the file that it was bound to. */
  stop(): Promise<void> {
    this.stopping ??= this.closeAll();
    return this.stopping;
  }

  /** Serves clients until the listening socket is closed. */
  protected abstract serve(): Promise<void>;
  protected abstract stopConnections(): Promise<void>;
  protected abstract sockets(): Socket[];

  /** A new socket of the family of an address; null where the kernel refuses. */
  protected async socket(address: SocketAddress, socketName: string): Promise<Socket | null> {
    const domain = familyNumber(address);
    const type = this.request.kind === 'stream' ? socketType.SOCK_STREAM : socketType.SOCK_DGRAM;
    const record = await this.calls.make('socket', [domain, type, 0], { socketName });
    return this.calls.socketMadeBy(record) ?? null;
  }

  protected mark(socket: Socket, side: SocketTap['side'], other: Socket | null): void {
    const { kind, target } = this.request;
    socket.tap = { id: this.id, kind, side, target, otherId: other?.id ?? null, faults: this.faults };
    this.host.touch(socket.file);
  }

  /** What a relay of the next connection works with. */
  protected nextConnection(): { contextOf: (direction: TapDirection) => RelayContext } {
    const number = ++this.connections;
    const contextOf = (direction: TapDirection): RelayContext => {
      let seed: number | undefined;
      let random!: Random;
      return {
        calls: this.calls,
        faults: () => this.faults[direction],
        random: () => {
          if (seed !== this.faults.seed) {
            ({ seed } = this.faults);
            random = new Random([seed, number, direction === 'toServer' ? 1 : 2]);
          }
          return random;
        },
      };
    };
    return { contextOf };
  }

  /** Work that nobody waits for: a fault of ours in it costs this tap, never the host. */
  protected goOn(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    });
  }

  /** A call without which there is no tap. */
  private async must(
    name: 'setsockopt' | 'bind' | 'listen' | 'getsockname',
    args: Value[],
  ): Promise<CallRecord> {
    const { loopbackOnly = false } = this.request;
    try {
      const record = await this.calls.make(name, args, { loopbackOnly });
      if (record.result === 0) {
        return record;
      }
      const errno = String(record.errno);
      const call = printCall(record, { style: 'short', platform: linux.platform });
      throw refusal(null, `${call}: ${errno} (${errnoMessage(errno)})`);
    } catch (error) {
      await this.calls.close(this.listener);
      throw error;
    }
  }

  private async removeFile(): Promise<void> {
    const { listen } = this.request;
    if (listen.family === 'AF_UNIX' && !listen.isAbstract && listen.name.length > 0) {
      await this.calls.make('unlink', [{ kind: 'data', bytes: listen.name, length: listen.name.length }]);
    }
  }

  private async run(): Promise<void> {
    try {
      await this.serve();
    } finally {
      await this.stop();
    }
  }

  private async closeAll(): Promise<void> {
    this.isEnded = true;
    this.onDidEnd();
    await this.stopConnections();
    await this.calls.close(this.listener);
    await this.removeFile();
  }
}

/** Whether who connects there comes here. */
function isSame(listen: SocketAddress, target: SocketAddress): boolean {
  const isAny = 'address' in listen && (listen.address === '0.0.0.0' || listen.address === '::');
  const isSamePort = 'port' in listen && 'port' in target && listen.port === target.port;
  return endpointText(listen) === endpointText(target) || (isAny && isSamePort && isLoopbackHost(target));
}

function isLoopbackHost(target: SocketAddress): boolean {
  return 'address' in target && (target.address === '::1' || target.address.startsWith('127.'));
}

/** As many as the kernel takes by default. */
const backlog = 4096;

function familyNumber(address: SocketAddress): number {
  return address.family === 'AF_INET6'
    ? family.AF_INET6
    : address.family === 'AF_UNIX'
      ? family.AF_UNIX
      : family.AF_INET;
}
