import type { CallRecord } from '../call.js';
import type { ObservedSocket } from './observedSocket.js';
import type { Thread } from './processes.js';
import type { StraceResult } from './result.js';
import type { StraceField } from './values.js';

/** A call that has begun: its record has its number. */
export interface Begun {
  record: CallRecord;
  /** Null for one that makes a socket. */
  socket: ObservedSocket | null;
}

/** A call that has returned. */
export interface ReturnedCall {
  thread: Thread;
  /** As strace prints it. */
  name: string;
  args: readonly StraceField[];
  result: StraceResult;
  startNs: number;
  /** Null where the log does not say. */
  endNs: number | null;
  /** It stood in the kernel while others went on. */
  wasSplit: boolean;
  begun: Begun | null;
}
