import type { CallName } from './tables/signatures.js';
import type { Named, SocketAddress, SocketId } from './socket.js';
import type { CallFacts } from './system/systemSocket.js';

/** Bytes of an argument. In a record `bytes` may be only the beginning; `length` is always the whole. */
export interface DataValue {
  kind: 'data';
  bytes: Uint8Array;
  length: number;
}

/** A structure as strace prints it: `{l_onoff=1, l_linger=0}`. */
export interface StructValue {
  kind: 'struct';
  fields: { name: string; value: Value }[];
}

/** `[a, b]`: an array, or one value behind a pointer (`[0]`, `[4]`). */
export interface ListValue {
  kind: 'list';
  items: Value[];
}

/** A value-result argument: `[128 => 16]` passed 128 and the kernel wrote 16. `result` is null before the call and where it wrote nothing. */
export interface InOutValue {
  kind: 'inout';
  value: number;
  result: number | null;
}

/** `_`: an out-argument of which nothing is said: before the call, and after it where the kernel wrote nothing. */
export interface AnyValue {
  kind: 'any';
}

/**
 * One argument. Constants and flags are the numbers that were passed (the printer names them by the
 * signature's parameter type); null is `NULL`.
 */
export type Value =
  | number
  | bigint
  | null
  | SocketAddress
  | DataValue
  | StructValue
  | ListValue
  | InOutValue
  | AnyValue;

/** How a host name in an address was resolved before the call. */
export interface HostResolution {
  host: string;
  /** All answers in the resolver's order. */
  addresses: string[];
}

/** One call as data. `args` stand in the order of the signature's parameters; trailing ones may be left out. */
export interface Call {
  name: CallName;
  args: Value[];
  resolution?: HostResolution;
}

/** How far a call has come. */
export type CallStatus =
  /** It would sleep: the host waits for readiness. */
  | 'waiting'
  /** The kernel answered. */
  | 'returned'
  /** The user ended the wait: not an answer of the kernel. */
  | 'cancelled'
  /** The host ended before an answer came. */
  | 'lost';

/** Payload that a call moved. The bytes stay in the host until someone looks: `SocketHostMethods.readData`. */
export interface Payload {
  direction: 'in' | 'out';
  /** Bytes moved (of a waiting call: so far). */
  length: number;
  /** How many of them the capture still holds. */
  captured: number;
  /** Position of the first byte in the socket's stream of that direction; null for datagrams and peeks. */
  offset: number | null;
}

/** What the kernel was asked and what it answered. */
export interface CallRecord {
  /** Given when the call starts; never reused. */
  seq: number;
  name: CallName;
  /** As passed, with the out-arguments as the kernel left them. Data is cut to a preview of {@link previewLength} bytes. */
  args: Value[];
  status: CallStatus;
  /** The return value; null while waiting, when cancelled or lost. */
  result: number | null;
  /** `EADDRINUSE`; null when the call did not fail. */
  errno: Named | null;
  /** Monotonic, in nanoseconds since the origin that the parent gave the host. */
  startNs: number;
  /** When it returned or was cancelled; null while waiting, and where a log does not say. */
  endNs: number | null;
  /** True when the call had to wait for readiness. */
  hasWaited: boolean;
  /** The descriptor the call was made on; null for calls without one (`socket`). */
  fd: number | null;
  /** Our socket behind `fd` at that time; null when it is none of ours. */
  socketId: SocketId | null;
  /** Descriptors that the call made: one for `socket`, `accept` and `dup`, two for `socketpair` and `pipe`, those that `recvmsg` received. */
  createdIds: SocketId[];
  /** The other end, where both ends are ours. */
  peerId: SocketId | null;
  payload: Payload | null;
  /** The thread of control of a scenario; null for calls by hand. */
  thread: string | null;
  /** Who made it, for people: a scenario's name; null for calls by hand. */
  madeBy: string | null;
  resolution: HostResolution | null;
  /** What was found on the machine right after it; left out as long as nothing was. Never part of a transcript. */
  facts?: CallFacts;
}

/** Bytes of payload that a record carries by itself. */
export const previewLength = 256;

/**
 * When a call was over, to put records in order: one of which a log does not say it was so before the next one began.
 * Infinity while it waits.
 */
export function endOf({ status, startNs, endNs }: Pick<CallRecord, 'status' | 'startNs' | 'endNs'>): number {
  return endNs ?? (status === 'waiting' ? Infinity : startNs);
}

/** Whether an argument or a result is a socket address. */
export function isAddress(value: Value | undefined): value is SocketAddress {
  return typeof value === 'object' && value !== null && 'family' in value;
}

/** Whether an argument or a result is bytes. */
export function isData(value: Value | undefined): value is DataValue {
  return isOfKind(value, 'data');
}

/** A field of a structure; undefined where there is none, or the value is no structure. */
export function fieldOf(value: Value | undefined, name: string): Value | undefined {
  return isOfKind(value, 'struct') ? value.fields.find((field) => field.name === name)?.value : undefined;
}

/** The items of a list; none where the value is no list. */
export function itemsOf(value: Value | undefined): readonly Value[] {
  return isOfKind(value, 'list') ? value.items : [];
}

/** Whether a value that may be anything is of a kind: `struct`, `list`, `any` … */
export function isOfKind<K extends Extract<Value, { kind: string }>['kind']>(
  value: Value | undefined,
  kind: K,
): value is Extract<Value, { kind: K }> {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
}

/** The whole of the given bytes as an argument. */
export function dataValue(bytes: Uint8Array): DataValue {
  return { kind: 'data', bytes, length: bytes.length };
}
