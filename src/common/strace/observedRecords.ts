import type { CallRecord, Value } from '../call.js';
import { type CallName, signatureOf } from '../tables/signatures.js';
import { argumentValue, numberOf, preview } from './arguments.js';
import { isNowConnected } from './effects.js';
import type { LogSink } from './logSink.js';
import { observerOf } from '../observed.js';
import type { ObservedSocket } from './observedSocket.js';
import { isBesideStream, payloadOf, plainArguments, type PrintedData, printedData } from './payload.js';
import type { Thread } from './processes.js';
import type { ReturnedCall } from './returned.js';
import type { StraceField } from './values.js';

/** A call that takes longer has waited. */
const waitNs = 1e6;
const MSG_DONTWAIT = 0x40;
const any: Value = { kind: 'any' };

/** The calls of a log as records, in the order in which they began. */
export class ObservedRecords {
  private nextNumber = 1;

  constructor(private readonly sink: LogSink) {}

  /** The number of the next record. */
  get nextSeq(): number {
    return this.nextNumber;
  }

  /** The record is whole: it is told of. */
  finish(
    record: CallRecord,
    { result, endNs, startNs, wasSplit }: ReturnedCall,
    socket: ObservedSocket | null,
    data: PrintedData | null = null,
  ): void {
    const { value, errno } = result;
    record.status = value === null ? 'lost' : 'returned';
    record.result = value === null ? null : errno === null ? value : -1;
    record.errno = value === null ? null : errno;
    record.endNs = endNs;
    // A send that stood in the kernel beside others was at work; what receives has waited.
    const hasStood = (endNs !== null && endNs - startNs >= waitNs) || (wasSplit && data?.direction !== 'out');
    record.hasWaited =
      hasStood && value !== null && signatureOf(record.name).canWait && !returnsAtOnce(record, socket, data);
    let bytes: Uint8Array | null = null;
    if (socket && data && record.result !== null && record.result >= 0) {
      const { file } = socket;
      const { direction } = data;
      const isIn = direction === 'in';
      const isBeside = isBesideStream(data.flags);
      const offset = !file.isStream || isBeside ? null : isIn ? file.bytesReceived : file.bytesSent;
      const moved = payloadOf(data, record.result, offset);
      record.payload = moved.payload;
      ({ bytes } = moved);
      if (!isIn) {
        file.bytesSent += moved.payload.length;
      } else if (!isBeside) {
        file.bytesReceived += moved.payload.length;
      }
      if (moved.payload.length > 0) {
        isNowConnected(file);
      }
    }
    if (socket) {
      this.endWait(socket, record);
      socket.file.descriptors.forEach((each) => each.isClosed || this.sink.didChange(each));
    }
    this.sink.didEnd(record, bytes);
  }

  /** A call has ended that its socket may have waited for. */
  endWait(socket: ObservedSocket, { seq }: CallRecord): void {
    const at = socket.waiting.findIndex((each) => each.seq === seq);
    if (at >= 0) {
      socket.waiting.splice(at, 1);
      this.sink.didChange(socket);
    }
  }

  /** A record of a call that has begun. */
  begin(
    as: CallName,
    printed: string,
    thread: Thread,
    startNs: number,
    socket: ObservedSocket | null,
  ): CallRecord {
    return {
      seq: this.nextNumber++,
      name: as,
      args: [],
      status: 'waiting',
      result: null,
      errno: null,
      startNs,
      endNs: null,
      hasWaited: false,
      fd: socket?.fd ?? null,
      socketId: socket?.id ?? null,
      createdIds: [],
      peerId: null,
      payload: null,
      thread: thread.label,
      madeBy: observerOf(as, printed),
      resolution: null,
    };
  }

  /** The arguments as a record has them. */
  argumentsOf(
    as: CallName,
    printed: string,
    args: readonly StraceField[],
    result: number | null,
    data: PrintedData | null = printedData(printed, args),
  ): Value[] {
    const fd = numberOf(args[0]?.value) ?? -1;
    if ((as === 'read' || as === 'write') && data) {
      return plainArguments(fd, data, result);
    }
    return signatureOf(as)
      .parameters.slice(0, Math.max(args.length, 1))
      .map(({ type }, index) => {
        const value = args[index]?.value;
        if (type === 'data' && data) {
          return preview(data.bytes, data.requested ?? data.bytes.length);
        }
        if (type === 'buffer' && data) {
          return (result ?? -1) < 0
            ? any
            : preview(
                data.bytes.subarray(0, Math.max(result!, 0)),
                Math.min(result!, data.requested ?? result!),
              );
        }
        return argumentValue(value, type);
      });
  }
}

/** Whether a call waits for nothing: what takes long then is work, or another thread's turn. */
function returnsAtOnce(
  { name, args }: CallRecord,
  socket: ObservedSocket | null,
  data: PrintedData | null,
): boolean {
  return name === 'poll'
    ? args[2] === 0
    : socket?.file.isNonBlocking === true || ((data?.flags ?? 0) & MSG_DONTWAIT) !== 0;
}
