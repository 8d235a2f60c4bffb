import { type CallRecord, dataValue, isAddress, type Value } from '../../common/call.js';
import type { CallRequest } from '../../common/protocol/socketHost.js';
import type { SocketAddress } from '../../common/socket.js';
import { tapMaker } from '../../common/tap/maker.js';
import type { CallName } from '../../common/tables/signatures.js';
import { ArgumentReader } from '../argumentReader.js';
import type { CallContext } from '../calls/context.js';
import { ReceiveCall } from '../calls/receive.js';
import type { HostCall } from '../hostCall.js';
import type { Socket } from '../socket.js';
import { option, shutdownHow } from '../sys/linux.js';

/** The length that a tap's receiving calls pass: the largest datagram fits. */
export const blockSize = 64 * 1024;

/** What taps need of the host. */
export interface TapHost extends CallContext {
  call(request: CallRequest): Promise<CallRecord>;
  /** Makes a call that was made up elsewhere, with a record like any other. */
  start(call: HostCall, name: CallName, madeBy: string): Promise<CallRecord>;
}

/** What came with a receiving call. */
export interface Received {
  record: CallRecord;
  bytes: Uint8Array;
}

/** What a tap does with what it has just received, told in the record: the faults that it injects. */
export type Judge = (bytes: Uint8Array, from: SocketAddress | null) => readonly string[];

/** A `recv(2)` or `recvfrom(2)` whose bytes the tap takes along before anything else can be received. */
class TapReceive extends ReceiveCall {
  taken = new Uint8Array();

  constructor(
    reader: ArgumentReader,
    context: CallContext,
    form: 'recv' | 'recvfrom',
    private readonly makerOf: (bytes: Uint8Array, from: SocketAddress | null) => string,
  ) {
    super(reader, context, form);
  }

  override settle(result: number): void {
    super.settle(result);
    if (result >= 0) {
      this.taken = this.payload()?.bytes.slice() ?? new Uint8Array();
      this.madeBy = this.makerOf(this.taken, this.source);
    }
  }

  /** Where a datagram came from; null where nothing tells. */
  get source(): SocketAddress | null {
    const address = this.args[4];
    return isAddress(address) ? address : null;
  }
}

/** The calls of one tap: each a real one with a record that says who made it. A call on a socket that is closed is none. */
export class TapCalls {
  constructor(
    readonly host: TapHost,
    private readonly name: string,
  ) {}

  make(name: CallName, args: Value[], options: Partial<CallRequest> & { injected?: readonly string[] } = {}) {
    const { injected = [], ...request } = options;
    return this.host.call({ call: { name, args }, madeBy: tapMaker(this.name, injected), ...request });
  }

  /** The socket that a call has just made. */
  socketMadeBy({ createdIds: [id] }: CallRecord): Socket | undefined {
    return id === undefined ? undefined : this.host.socketOfId(id);
  }

  async receive(socket: Socket, form: 'recv' | 'recvfrom', judge: Judge): Promise<Received | undefined> {
    if (socket.isClosed) {
      return undefined;
    }
    const any = { kind: 'any' } as const;
    const args = [socket.fd, any, blockSize, 0, ...(form === 'recvfrom' ? [any] : [])];
    const reader = new ArgumentReader({ name: form, args }, false);
    const call = new TapReceive(reader, this.host, form, (bytes, from) =>
      tapMaker(this.name, judge(bytes, from)),
    );
    const record = await this.host.start(call, form, tapMaker(this.name));
    return { record, bytes: call.taken };
  }

  /** Sends all of it; undefined when the socket is closed. */
  async send(
    socket: Socket,
    bytes: Uint8Array,
    injected: readonly string[],
  ): Promise<CallRecord | undefined> {
    return socket.isClosed
      ? undefined
      : this.make('send', [socket.fd, dataValue(bytes), bytes.length, 0], { injected });
  }

  async sendTo(socket: Socket, bytes: Uint8Array, to: SocketAddress, injected: readonly string[]) {
    return socket.isClosed
      ? undefined
      : this.make('sendto', [socket.fd, dataValue(bytes), bytes.length, 0, to], { injected });
  }

  async shutDown(socket: Socket, injected: readonly string[] = []): Promise<void> {
    if (!socket.isClosed) {
      await this.make('shutdown', [socket.fd, shutdownHow.SHUT_WR], { injected });
    }
  }

  /** Ends calls that wait on it, and closes it: its own are due to a fault as the close is. */
  async close(socket: Socket, injected: readonly string[] = []): Promise<void> {
    if (!socket.isClosed) {
      for (const waiting of socket.waitingCalls) {
        if (waiting.record.madeBy === tapMaker(this.name)) {
          waiting.call.madeBy = tapMaker(this.name, injected);
        }
        waiting.cancel();
      }
      await this.make('close', [socket.fd], { injected });
    }
  }

  /** Closes it so that the other end is reset: SO_LINGER with no time. Unix sockets have no reset of their own. */
  async reset(socket: Socket, injected: readonly string[] = []): Promise<void> {
    if (!socket.isClosed && socket.file.isTcp) {
      const linger: Value = {
        kind: 'struct',
        fields: [
          { name: 'l_onoff', value: 1 },
          { name: 'l_linger', value: 0 },
        ],
      };
      await this.make('setsockopt', [socket.fd, option.SOL_SOCKET, option.SO_LINGER, linger], { injected });
    }
    await this.close(socket, injected);
  }

  /** Lets small pieces go out by themselves. */
  async sendAtOnce(socket: Socket, injected: readonly string[]): Promise<void> {
    if (!socket.isClosed && socket.file.isTcp) {
      const on: Value = { kind: 'list', items: [1] };
      await this.make('setsockopt', [socket.fd, option.IPPROTO_TCP, option.TCP_NODELAY, on], { injected });
    }
  }
}
