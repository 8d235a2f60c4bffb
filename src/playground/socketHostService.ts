import type { CallRecord } from '../common/call.js';
import { ConnectionClosedError } from '../common/errors.js';
import type { Event } from '../common/event.js';
import type { Disposable } from '../common/lifecycle.js';
import type { HostStatus } from '../common/protocol/panel.js';
import type {
  AutomateRequest,
  CallRequest,
  FilterAnswer,
  FilterRequest,
  FrameAnswer,
  FrameRequest,
  HostChange,
  HostInfo,
  InspectRequest,
  ProbeRequest,
  ProbeResult,
  RecordingInfo,
  SocketHostEvents,
  SortAnswer,
  SortRequest,
  SurveyAnswer,
  SurveyRequest,
} from '../common/protocol/socketHost.js';
import type { PackedRows } from '../common/rows/packedRows.js';
import type { SocketId, SocketInspection } from '../common/socket.js';
import type { TapFaults } from '../common/tap/faults.js';
import type { TapId, TapInfo, TapRequest } from '../common/tap/tap.js';
import type { CallQuestion } from '../common/system/errorFacts.js';
import type {
  EndProcessRequest,
  EndProcessResult,
  CallFacts,
  SystemSocketLook,
  SystemSocketQuestion,
  SystemSocketsAnswer,
  SystemSocketsRequest,
} from '../common/system/systemSocket.js';

/**
 * The socket host as the model sees it: its methods as promises, its events, and whether it lives.
 * `SocketHostProcess` is the real one, supervised in a child process.
 */
export interface SocketHostService extends Disposable {
  readonly status: HostStatus;
  readonly onDidChangeStatus: Event<HostStatus>;
  readonly onDidWait: Event<SocketHostEvents['didWait']>;
  readonly onDidChange: Event<HostChange>;
  /** CLOCK_MONOTONIC when the first host was started: the times of records of every host of this service count from it. */
  readonly originNs: bigint;
  /** Starts the host if it does not run; a call does so by itself. */
  start(): Promise<HostInfo>;
  /** Starts it also where it has ended so often that calls no longer do: a person has asked for it. */
  restart(): Promise<HostInfo>;
  call(request: CallRequest): Promise<CallRecord>;
  cancel(request: { seq: number }): Promise<boolean>;
  readRows(request: { from: number; count: number }): Promise<PackedRows>;
  readData(request: { seq: number; offset: number; length: number }): Promise<Uint8Array>;
  filterRecords(request: FilterRequest): Promise<FilterAnswer>;
  cancelFilter(request: { id: number }): Promise<void>;
  sortRecords(request: SortRequest): Promise<SortAnswer>;
  surveyRecords(request: SurveyRequest): Promise<SurveyAnswer>;
  frameStream(request: FrameRequest): Promise<FrameAnswer>;
  watch(request: { socketIds: SocketId[] | 'all' }): Promise<void>;
  inspect(request: InspectRequest): Promise<SocketInspection | null>;
  automate(request: AutomateRequest): Promise<void>;
  /** Starts the host if it does not run. */
  startTap(request: TapRequest): Promise<TapInfo>;
  setTapFaults(request: { id: TapId; faults: TapFaults }): Promise<void>;
  stopTap(request: { id: TapId }): Promise<void>;
  /** Starts the host if it does not run. */
  probeFamilies(request: ProbeRequest): Promise<ProbeResult>;
  rename(request: { socketId: SocketId; name: string | null }): Promise<void>;
  saveRecording(request: { file: string }): Promise<void>;
  /** What the host that has ended last had written; null where that is nothing that could be read. */
  reopen?(): Promise<RecordedRecords | null>;
  clearRecords(): Promise<void>;
  systemSockets(request: SystemSocketsRequest): Promise<SystemSocketsAnswer>;
  lookAtSystemSocket(request: SystemSocketQuestion): Promise<SystemSocketLook>;
  lookUpFacts(question: CallQuestion): Promise<CallFacts | null>;
  interfaceIndex(request: { name: string }): Promise<number>;
  endProcess(request: EndProcessRequest): Promise<EndProcessResult>;
  /** Answers after everything that the host has sent before. */
  ping(): Promise<void>;
}

/** The records of a host that has ended. */
export interface RecordedRecords extends Disposable {
  readonly info: RecordingInfo;
  readRows(request: { from: number; count: number }): Promise<PackedRows>;
  readData(request: { seq: number; offset: number; length: number }): Promise<Uint8Array>;
  filterRecords(request: FilterRequest): Promise<FilterAnswer>;
  cancelFilter(request: { id: number }): Promise<void>;
  sortRecords(request: SortRequest): Promise<SortAnswer>;
  surveyRecords(request: SurveyRequest): Promise<SurveyAnswer>;
  frameStream(request: FrameRequest): Promise<FrameAnswer>;
}

/** What the host answers; where it ends before, `otherwise`: its end is told by the status. */
export async function whileAlive<T>(answer: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ConnectionClosedError) {
      return otherwise;
    }
    throw error;
  }
}

/**
 * What the clock said at the origin of record times, in ms since 1970.
 * @param originNs See {@link SocketHostService.originNs}.
 */
export function originTimeOf(originNs: bigint): number {
  return Date.now() - Number(process.hrtime.bigint() - originNs) / 1e6;
}
