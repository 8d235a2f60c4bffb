import type { Call, CallRecord } from '../call.js';
import type { FramerState } from '../framing/framer.js';
import type { Framing } from '../framing/framing.js';
import type { PackedRows } from '../rows/packedRows.js';
import type { Automation, Named, SocketId, SocketInfo, SocketInspection } from '../socket.js';
import type { PackedChange } from './packedChange.js';
import type { Observation, TraceState } from './trace.js';
import type { TapFaults } from '../tap/faults.js';
import type { TapId, TapInfo, TapRequest } from '../tap/tap.js';
import type { CallQuestion } from '../system/errorFacts.js';
import type {
  EndProcessRequest,
  EndProcessResult,
  CallFacts,
  SystemSocketLook,
  SystemSocketQuestion,
  SystemSocketsAnswer,
  SystemSocketsRequest,
} from '../system/systemSocket.js';

/**
 * The hop between the model (extension host, command line) and the socket host process. Carried by the
 * pipe the child is born with (`fork`, serialization `advanced`).
 */
export interface SocketHostMethods {
  /** The first call on the connection. Ids continue where an earlier host ended. */
  start(options: HostStart): HostInfo;
  /**
   * Makes one system call and resolves with its record once it has returned or was cancelled; rejects with a
   * `CallRefusal` when the kernel was not asked. When it has to wait, `didWait` fires at once and the promise
   * stays open.
   */
  call(request: CallRequest): CallRecord;
  /** Ends a waiting call; false when it no longer waits. The record says `cancelled`. */
  cancel(request: { seq: number }): boolean;
  /** Records in order of `seq`, from `from` on; those already forgotten are left out. */
  readRows(request: { from: number; count: number }): PackedRows;
  /** Captured payload of one record. */
  readData(request: { seq: number; offset: number; length: number }): Uint8Array;
  /**
   * The records that a display filter fits, from `from` on. Answers after a short time with what it has found so far;
   * who wants more asks again from `next` on.
   */
  filterRecords(request: FilterRequest): FilterAnswer;
  /** Lets a filter answer at once, and gives up a sorting. */
  cancelFilter(request: { id: number }): void;
  /**
   * The records that a display filter fits, sorted. Answers after a short time with how far that has come; who wants
   * the rest asks again with the same `id`. One sorting at a time: another one takes the place of an unfinished one.
   */
  sortRecords(request: SortRequest): SortAnswer;
  /** Cuts one direction of a stream into messages. Answers after a short time, as a filter does. */
  frameStream(request: FrameRequest): FrameAnswer;
  /** Counts failures and bytes in groups of `width` records, for an overview. Answers after a short time, as a filter does. */
  surveyRecords(request: SurveyRequest): SurveyAnswer;
  /** Says which sockets a view shows: those are sampled (addresses, TCP state, queues), at most 10 times a second, others never. */
  watch(request: { socketIds: SocketId[] | 'all' }): void;
  /** Asks the kernel about one socket, at most 10 times a second: sooner asked, later answered. Null when it is gone. */
  inspect(request: InspectRequest): SocketInspection | null;
  /** Lets the host make calls by itself from now on, or with null no longer. Rejects with a `CallRefusal` where the socket does not fit. */
  automate(request: AutomateRequest): void;
  /**
   * Listens at one address and passes everything on to another, by calls that are records. Rejects with a `CallRefusal`
   * where it cannot listen.
   */
  startTap(request: TapRequest): TapInfo;
  /** Rejects with a `CallRefusal` where there is no such tap, or the faults make no sense. */
  setTapFaults(request: { id: TapId; faults: TapFaults }): void;
  /** Closes all of its sockets. */
  stopTap(request: { id: TapId }): void;
  /**
   * Asks the kernel which sockets it makes: each probe is one `socket()` and, where it succeeds, one `close()`. They
   * are no records: their answers are all that is left of them.
   */
  probeFamilies(request: ProbeRequest): ProbeResult;
  /** Gives a socket a name for people. */
  rename(request: { socketId: SocketId; name: string | null }): void;
  /** Writes everything that is held into a file, which is replaced where it exists. */
  saveRecording(request: { file: string }): void;
  /** Forgets all records that have ended; sockets and waiting calls stay. */
  clearRecords(): void;
  /** Lists the sockets of the machine; a large answer comes in pages. Looks at nothing by itself. */
  systemSockets(request: SystemSocketsRequest): SystemSocketsAnswer;
  /** Looks at one of them again, with everything that the kernel tells of it. Null when it is gone. */
  lookAtSystemSocket(which: SystemSocketQuestion): SystemSocketLook;
  /**
   * Asks the kernel why a call has just failed: who holds its address, who listens elsewhere; or why what it sent to a group has
   * reached nobody here. Null when there is nothing to tell.
   */
  lookUpFacts(question: CallQuestion): CallFacts | null;
  /** The number of a network interface by its name, as `if_nametoindex(3)` gives it; 0 when there is none. */
  interfaceIndex(request: { name: string }): number;
  /** Sends SIGTERM to a process that holds a socket, if it is still the one that was shown. */
  endProcess(request: EndProcessRequest): EndProcessResult;
  /** Answers at once: the supervisor's heartbeat. */
  ping(): void;
}

/** What {@link SocketHostMethods.filterRecords} is asked. */
export interface FilterRequest {
  /** Chosen by the caller, for `cancelFilter`. */
  id: number;
  /** See `common/filter/parser.ts`; one with errors fits nothing. */
  filter: string;
  from: number;
  /** The last record to look at; all where it is left out. */
  to?: number;
  /** Matches in one answer, at most. */
  count: number;
}

export interface FilterAnswer {
  /** In order. */
  seqs: number[];
  /** The sockets that the calls of these were made on, and those that they made. */
  socketIds: SocketId[];
  /** The first record that was not looked at. */
  next: number;
  /** There is nothing more to look at just now. */
  isDone: boolean;
  /** Why the scan could not go on, for people. */
  problem: string | null;
}

/** What records can be sorted by. `result` puts failed calls first, those with the same error together. */
export type SortKey = 'time' | 'took' | 'fd' | 'call' | 'len' | 'result';

export interface SortRequest {
  /** Chosen by the caller, for `cancelFilter`. */
  id: number;
  /** All records where it is empty. */
  filter: string;
  by: SortKey;
  isDescending: boolean;
}

export interface SortAnswer {
  /** From 0 to 1. */
  progress: number;
  /**
   * The records in order, as float64, once all are sorted; null before. Those without a value are last in either
   * direction, and those with the same one are in order of `seq`.
   */
  seqs: Uint8Array | null;
  /** What they are sorted by, as float64 that rise: of a descending order, the negated values. */
  keys: Uint8Array | null;
  /** Why the scan could not go on, for people. */
  problem: string | null;
}

export interface SurveyRequest {
  from: number;
  /** The last record to look at; all where it is left out. */
  to?: number;
  /** Records in a group. */
  width: number;
  /** Groups in one answer, at most. */
  count: number;
}

export interface SurveyAnswer {
  /** The first group: it begins with record `firstBin * width`. */
  firstBin: number;
  /** Failed calls and bytes moved by group. */
  failures: number[];
  bytes: number[];
  /** Those that have not ended, and so are in no group. */
  waiting: number[];
  /** The first record that was not looked at. */
  next: number;
  /** There is nothing more to look at just now. */
  isDone: boolean;
}

export interface FrameRequest {
  /** The descriptors of one open file: they share its streams. */
  socketIds: SocketId[];
  direction: 'in' | 'out';
  framing: Framing;
  from: number;
  /** Of the answer before; null at the beginning of the stream. */
  state: FramerState | null;
  /** The first that the answers before want looked at again. */
  again: number | null;
}

export interface FrameAnswer {
  /** Four numbers each, as float64: number, start, end, flags. */
  messages: Uint8Array;
  state: FramerState;
  /** The first record that was not looked at. */
  next: number;
  /**
   * Where to begin again when a record from there on has changed: one that waits, or one whose bytes lie behind some
   * that are still to come. Null where that cannot be.
   */
  again: number | null;
  /** There is nothing more to look at just now. */
  isDone: boolean;
}

export interface InspectRequest {
  socketId: SocketId;
  /** The levels whose options are read (`SOL_SOCKET`); none where left out. */
  levels?: string[];
}

export interface AutomateRequest {
  socketId: SocketId;
  automation: Automation | null;
}

/** The arguments of one `socket()`. */
export interface Probe {
  domain: number;
  type: number;
  protocol: number;
}

export interface ProbeRequest {
  probes: Probe[];
}

/** What the kernel said to the probes. */
export interface ProbeResult {
  /** In the order of the probes; null where the kernel made a socket. */
  errnos: (Named | null)[];
  /** From the first `socket()` to the last `close()`. */
  tookMs: number;
}

/** What a host begins with. */
export interface HostStart {
  firstSocketId: SocketId;
  firstSeq: number;
  /** `process.hrtime.bigint()` (CLOCK_MONOTONIC) that record times count from. */
  originNs: bigint;
  /** Translations for the host's own sentences. */
  messages: Record<string, string>;
  capture?: CaptureStart;
}

/** Where and how much is recorded. */
export interface CaptureStart {
  /** Bytes of records and payload in memory and in the file; the host's defaults where they are left out. */
  memory?: number;
  disk?: number;
  /** The file that is written behind; none where it is left out. Its folder is made where it does not exist. */
  file?: string;
}

/** What a host says of itself. */
export interface HostInfo {
  pid: number;
  platform: 'linux' | 'darwin' | 'win32';
  /** `uname -r` and the machine, for people. */
  kernel: string;
  /** Whether the process may do what needs CAP_NET_RAW and the like. */
  isRoot: boolean;
}

/** One call to make: for whom, and on what terms. */
export interface CallRequest {
  call: Call;
  thread?: string;
  madeBy?: string;
  /** A name for the socket that the call makes; several for one that makes several. An open socket's gets a number behind it. */
  socketName?: string | string[];
  /** Sockets get just these names, also where others have them: a text goes on using them. */
  isNameFixed?: boolean;
  /** Refuse where the descriptor is another socket's by now, or nobody's. */
  socketId?: SocketId;
  /** Refuse addresses that are not on this machine's loopback. */
  loopbackOnly?: boolean;
  /** Chosen by the caller, returned in `didWait`, so that a wait can be told before the record is known. */
  token?: number;
}

/** What a host tells unasked. */
export interface SocketHostEvents {
  /** Not batched: a call would sleep from now on. */
  didWait: { token: number | null; seq: number };
  /** What has changed, at most once a frame (16 ms). */
  didChange: PackedChange;
  /** How far a log of strace is read; only from a host that reads one. */
  didChangeTrace: TraceState;
}

/** The counters of one socket. */
export type SocketTraffic = Pick<SocketInfo, 'id' | 'bytesReceived' | 'bytesSent' | 'unrecordedCalls'>;

/** What has changed since the change before; of the first one, everything. */
export interface HostChange {
  /** Sockets that are new or have changed, whole. A closed one comes once more with state `closed`. */
  sockets: SocketInfo[];
  /** The first and last `seq` the store holds; `lastSeq` is 0 before the first record. */
  firstSeq: number;
  lastSeq: number;
  /**
   * How much automatic modes have moved on the sockets that a view shows, at most 10 times a second: these have not
   * changed otherwise. Left out where nothing moved.
   */
  traffic?: SocketTraffic[];
  /** Records whose wait has ended since the previous change, those told of for the first time too. */
  changedSeqs: number[];
  /** The new and the changed records themselves where they are few: who shows them need not ask. */
  rows?: PackedRows[];
  /** Payload bytes the capture had to drop so far, and records. */
  droppedBytes: number;
  droppedRecords: number;
  /** The same by socket, since the previous change. */
  drops: SocketDrops[];
  /** Why the recording's file is not written (any more), for people; null while all is well. */
  recordingFault: string | null;
}

/** What is gone of a socket's. */
interface SocketDrops {
  socketId: SocketId;
  records: number;
  bytes: number;
}

/**
 * Serves a recording in the place of a live host: the same methods, but that nothing is called, changed or watched.
 * The first `didChange` tells everything.
 */
export interface RecordingMethods {
  /** The first call on the connection. Rejects with a `CallRefusal` where the file cannot be read. */
  openRecording(options: { file: string; messages: Record<string, string> }): RecordingInfo;
}

/** What a recording says of itself. */
export interface RecordingInfo {
  /** In ms since 1970. */
  created: number;
  /** The clock's time at record time 0, in ms since 1970. */
  originTime: number;
  host: HostInfo;
  /** Records that there are. */
  records: number;
  /** Numbers of records between the first and the last that are not there: dropped, waiting or not written. */
  missing: number;
  /** Bytes that could not be read. */
  damagedBytes: number;
  /** Who has observed the calls; null where they were made here. */
  observed: Observation | null;
}
