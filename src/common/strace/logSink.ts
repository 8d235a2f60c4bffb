import type { CallRecord } from '../call.js';
import type { ObservedSocket } from './observedSocket.js';

/** What becomes of a log. */
export interface LogSink {
  /** A call has begun. It is told of again when it has returned. */
  didBegin(record: CallRecord): void;
  /** @param data What the log has of the bytes that the call moved. */
  didEnd(record: CallRecord, data: Uint8Array | null): void;
  didChange(socket: ObservedSocket): void;
}
