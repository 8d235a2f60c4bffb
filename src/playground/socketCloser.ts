import type { Call, CallRecord } from '../common/call.js';
import { CallRefusedError } from '../common/errors.js';
import type { SocketId, SocketInfo } from '../common/socket.js';
import type { TapId } from '../common/tap/tap.js';
import type { CallHandle, CallOptions } from './callHandle.js';
import type { CallsUnderWay } from './callsUnderWay.js';
import { isOpen } from './socketBook.js';

/** What closing needs of the model around it. */
export interface CloserSurroundings {
  readonly sockets: ReadonlyMap<SocketId, SocketInfo>;
  call(call: Call, options: CallOptions): CallHandle;
  cancel(seq: number): Promise<boolean>;
  stopTap(id: TapId): Promise<void>;
  whenAllKnown(): Promise<void>;
}

/** Closes sockets, each once: a second close of the number may meet another socket. */
export class SocketCloser {
  private readonly closing = new Set<SocketId>();

  constructor(
    private readonly model: CloserSurroundings,
    private readonly calls: CallsUnderWay,
  ) {}

  /** See `Playground.close`. */
  async close(socketIds: Iterable<SocketId>, options: CallOptions): Promise<CallRecord[]> {
    await this.model.whenAllKnown();
    const sockets = [...socketIds]
      .map((id) => this.model.sockets.get(id))
      .filter((socket): socket is SocketInfo => socket !== undefined && isOpen(socket))
      .filter(({ id }) => !this.closing.has(id))
      .sort((a, b) => b.id - a.id);
    sockets.forEach(({ id }) => this.closing.add(id));
    // A tap closes its sockets itself, as soon as what waits on them ends.
    const taps = new Set(sockets.flatMap(({ tap }) => (tap?.side === 'listener' ? [tap.id] : [])));
    const others = sockets.filter(({ tap }) => tap === undefined);
    const ending = sockets.filter(({ tap }) => tap === undefined || !taps.has(tap.id));
    try {
      await Promise.all([...taps].map((id) => this.model.stopTap(id).catch(unlessRefused)));
      await Promise.all(
        ending.flatMap((socket) => this.calls.waitsOn(socket).map((seq) => this.model.cancel(seq))),
      );
      const calls = others.map(({ fd }) => this.model.call({ name: 'close', args: [fd] }, options).returned);
      await Promise.allSettled(calls);
      return await Promise.all(calls);
    } finally {
      void this.model.whenAllKnown().then(() => sockets.forEach(({ id }) => this.closing.delete(id)));
    }
  }
}

/** A tap that has ended closes its sockets by itself. */
function unlessRefused(error: unknown): void {
  if (!(error instanceof CallRefusedError)) {
    throw error;
  }
}
