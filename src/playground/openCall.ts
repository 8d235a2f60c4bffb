import type { Call, CallRecord, Payload } from '../common/call.js';
import type { SocketInfo } from '../common/socket.js';
import { parameterIndex } from '../common/tables/signatures.js';
import type { CallOptions } from './callHandle.js';

/** A call on its way. */
export interface OpenCall {
  call: Call;
  options: CallOptions;
  seq: number | null;
  waitingSinceNs: number | null;
  /** Whether a change has told of its end before it answered. */
  isTold: boolean;
  /** Its record once the host has ended. */
  lost: CallRecord | null;
  onDidWait(seq: number): void;
}

/** The record of a call whose host ended while it waited. */
export function lostRecord(
  open: OpenCall,
  seq: number,
  sockets: Iterable<SocketInfo>,
  now: number,
): CallRecord {
  const fdIndex = parameterIndex(open.call.name, 'fd');
  const fd = fdIndex < 0 ? undefined : open.call.args[fdIndex];
  const socket = [...sockets].find(({ waiting }) => waiting.some((waiting) => waiting.seq === seq));
  const { startNs, moved } = socket?.waiting.find((waiting) => waiting.seq === seq) ?? {};
  return {
    seq,
    name: open.call.name,
    args: open.call.args,
    status: 'lost',
    result: null,
    errno: null,
    startNs: startNs ?? open.waitingSinceNs ?? now,
    endNs: null,
    hasWaited: true,
    fd: typeof fd === 'number' ? fd : null,
    socketId: socket?.id ?? null,
    createdIds: [],
    peerId: null,
    payload: moved === undefined ? null : payloadOf(open.call, moved),
    thread: open.options.thread ?? null,
    madeBy: open.options.madeBy ?? null,
    resolution: open.call.resolution ?? null,
  };
}

/** Of the bytes themselves the host had kept all: they are gone with it. */
function payloadOf({ name }: Call, length: number): Payload {
  const isOut = Math.max(parameterIndex(name, 'data'), parameterIndex(name, 'msghdr')) >= 0;
  return { direction: isOut ? 'out' : 'in', length, captured: 0, offset: null };
}
