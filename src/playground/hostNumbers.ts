import type { CallRecord } from '../common/call.js';
import type { HostChange, SocketHostEvents } from '../common/protocol/socketHost.js';

/** The numbers of calls and sockets, which go on from host to host: what one that has ended gave is never given again. */
export class HostNumbers {
  private nextSocketId = 1;
  private nextSeq = 1;
  /** Calls that the host was asked for and has not answered, and the numbers of those that it has told of. */
  private openCalls = 0;
  private readonly waitingSeqs = new Set<number>();

  /** Where a host begins that is started now. */
  get first(): { firstSocketId: number; firstSeq: number } {
    return { firstSocketId: this.nextSocketId, firstSeq: this.nextSeq };
  }

  /** Takes over what a call was given, and counts it as long as it is not answered. */
  async during(call: Promise<CallRecord>): Promise<CallRecord> {
    this.openCalls++;
    const record = await call.finally(() => this.openCalls--);
    this.noteSeq(record.seq);
    this.waitingSeqs.delete(record.seq);
    this.nextSocketId = Math.max(this.nextSocketId, ...record.createdIds.map((id) => id + 1));
    return record;
  }

  noteWait({ token, seq }: SocketHostEvents['didWait']): void {
    this.noteSeq(seq);
    // What waits without a token is a call of an automatic mode or a tap, which nobody asked for.
    if (token !== null) {
      this.waitingSeqs.add(seq);
    }
  }

  noteChange({ lastSeq, sockets }: HostChange): void {
    this.noteSeq(lastSeq);
    for (const { id } of sockets) {
      this.nextSocketId = Math.max(this.nextSocketId, id + 1);
    }
  }

  /** The host has ended: calls that nothing was told of may have had numbers too. */
  noteLoss(): void {
    this.nextSeq += this.openCalls - this.waitingSeqs.size;
    this.waitingSeqs.clear();
  }

  private noteSeq(seq: number): void {
    this.nextSeq = Math.max(this.nextSeq, seq + 1);
  }
}
