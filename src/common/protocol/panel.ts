import type { Call, CallRecord } from '../call.js';
import type { CallTemplate } from '../callTemplate.js';
import type { Framing } from '../framing/framing.js';
import type { Replies } from '../replyRules.js';
import type { RecordPage } from '../rows/recordPage.js';
import type { AutomaticMode, SocketAddress, SocketId, SocketInfo, SocketInspection } from '../socket.js';
import type { SystemSocket, SystemSocketLook } from '../system/systemSocket.js';
import type { Platform } from '../tables/constants.js';
import type { TapFaults } from '../tap/faults.js';
import type { TapId, TapInfo } from '../tap/tap.js';
import type {
  FilterAnswer,
  FilterRequest,
  FrameAnswer,
  FrameRequest,
  HostInfo,
  InspectRequest,
  ProbeRequest,
  ProbeResult,
  RecordingInfo,
  SortAnswer,
  SortRequest,
  SurveyAnswer,
  SurveyRequest,
} from './socketHost.js';

import type { TraceState } from './trace.js';
import type { LessonAction, LessonScore, LessonState } from './lesson.js';
import type { RepeatInfo, RepeatRequest, RepeatStart } from './repeat.js';

/**
 * The hop between the panel's page and the extension. Whatever the page sends is validated by the extension.
 * Both sides put their messages through `encodeMessage` and `decodeMessage` of `panelMessage.ts`, because a
 * webview's messages cannot carry bigints and typed arrays over a larger buffer.
 *
 * Keys: Ctrl+Enter (call), Escape (cancel), `/` (filter), N (newSocket), I (toggleInspector), L and T (showView), F (followStream),
 * R (setTimeReference), Ctrl+C on a record and the moves between regions are contributed by the extension and reach the page as `didRequest`;
 * the page does not listen to them itself (VS Code forwards every key, so they would act twice). They depend
 * on what the page says with `setView`. Arrows, Home, End, Enter and Tab belong to the page.
 *
 * Context menus: an element's `data-vscode-context` holds `{"webviewSection": "record", "seq": 1}` or
 * `{"webviewSection": "socket", "socketId": 1}`, each with `"preventDefaultContextMenuItems": true`.
 */
export interface PanelMethods {
  /** The page has loaded: what it needs to draw. */
  ready(): PanelState;
  /**
   * Makes one call; resolves when it has started: with the record when it returned at once, with the waiting record
   * otherwise. `args` are the form's values; `hostName` is resolved first and replaces the host of the address argument.
   */
  call(request: PanelCall): PanelCallResult;
  cancel(request: { seq: number }): boolean;
  /** Makes a call again and again, each time with a record. It goes on behind a hidden page. */
  repeat(request: RepeatRequest): RepeatStart;
  /** Lets the host make calls by itself, as the settings say of its records. */
  automate(request: PanelAutomation): AutomateAnswer;
  /** Ends a repeated call; of one that has ended takes note. */
  stopRepeat(request: { id: number }): void;
  readRecords(request: { from: number; count: number }): RecordPage;
  /** Records that need not follow each other, of those that are kept; others may be among them. */
  readEach(request: { seqs: number[] }): RecordPage[];
  filterRecords(request: FilterRequest): FilterAnswer;
  cancelFilter(request: { id: number }): void;
  sortRecords(request: SortRequest): PanelSortAnswer;
  surveyRecords(request: SurveyRequest): SurveyAnswer;
  frameStream(request: FrameRequest): FrameAnswer;
  readData(request: { seq: number; offset: number; length: number }): Uint8Array;
  /** The sockets that the page shows; empty when it is hidden. */
  watch(request: { socketIds: SocketId[] }): void;
  inspect(request: InspectRequest): SocketInspection | null;
  /** Asks the kernel which sockets it makes, by real calls that are no records. */
  probeFamilies(request: ProbeRequest): ProbeResult;
  /**
   * Asks the kernel about the socket of the machine that the inspector was asked to show, or, as the machine's list has it,
   * about one of ours that others can connect to. Null when it is gone.
   */
  lookAtSystemSocket(which: { key: string } | { socketId: SocketId }): SystemSocketLook;
  rename(request: { socketId: SocketId; name: string | null }): void;
  /** The page's selection, for tree, context keys and commands. */
  select(request: { socketId: SocketId | null; seq: number | null }): void;
  runScenario(request: { id: string }): void;
  /** Opens a lesson call by call. */
  openLesson(request: { id: string }): void;
  /** What the learner does in the open lesson. */
  actOnLesson(action: LessonAction): void;
  openScenario(request: { id: string }): void;
  /** What the page shows and where its focus is, for the `when` clauses of keys and titles: sent on every change. */
  setView(request: PanelView): void;
  /** Starts a fresh socket host after the last one ended. */
  restart(): void;
  copy(request: { text: string }): void;
  /** Asks for a direction of a socket and a file, and writes the bytes there. */
  saveStream(request: { socketId: SocketId }): void;
  /** Opens a text in an editor of its own. */
  openText(request: { text: string; language: string }): void;
  /** Opens the recording of the last window that has ended. */
  openLastRecording(): void;
  /** Ends the program that the tab's trace is of. */
  stopTrace(): void;
  /** Makes a scenario of the records, as the command does. */
  makeScenario(): void;
  /** Leads through the questions of a tap. */
  startTap(): void;
  keepFraming(request: KeptFraming): void;
  keepReplies(request: Replies): void;
  /** Changes what a tap does to what it passes on. */
  setTapFaults(request: { id: TapId; faults: TapFaults }): AutomateAnswer;
  stopTap(request: { id: TapId }): void;
  /** Lets the user choose a file and gives its bytes; null when dismissed. */
  pickFile(): { name: string; bytes: Uint8Array } | null;
}

/** Without what the records are sorted by. */
export type PanelSortAnswer = Omit<SortAnswer, 'keys'>;

/** What the page shows and where its focus is. */
export interface PanelView {
  /** Follow mode is off because the user paused it. */
  isPaused: boolean;
  isInspectorVisible: boolean;
  region: PanelRegion | null;
  /** The focus is in a field that takes text: plain keys belong to it. */
  isEditing: boolean;
  /** The display filter that the records fit; empty for none. */
  filter: string;
  mode: ViewMode;
}

/** How the records are shown: a lane for each socket, or a row for each record. */
export type ViewMode = 'lanes' | 'table';

export type PanelRegion = 'toolbar' | 'lesson' | 'records' | 'composer' | 'inspector' | 'detail';

/** A call as the form has it. */
export interface PanelCall {
  call: Call;
  /** A host name to resolve for the call's address argument, with its port. */
  hostName?: { host: string; port: number };
  /** A name for the socket that the call makes; an open socket's gets a number behind it. */
  socketName?: string;
  /** What its data was written as, where that holds variables: for the history, and to make it again with others. */
  templates?: CallTemplate[];
  /** It was made by hand: the history offers it again. */
  isByHand?: boolean;
}

/** An automatic mode to begin or to end. */
export interface PanelAutomation {
  socketId: SocketId;
  /** Of a listener: that of the sockets it accepts. Null ends the mode. */
  mode: AutomaticMode | null;
  /** Of `reply`. */
  replies?: Replies;
}

export type AutomateAnswer = { kind: 'done' } | { kind: 'refused'; message: string };

export type PanelCallResult =
  | { kind: 'record'; record: CallRecord }
  /** Refused before the kernel was asked: `argument` is the index of the form's field. */
  | { kind: 'refused'; argument: number | null; message: string }
  /** The user said no to an address that others can reach. */
  | { kind: 'dismissed' };

/** What the extension tells the page unasked. */
export interface PanelEvents {
  /** At most once a frame, and no faster than the page takes it: what comes meanwhile is put together. */
  didChange: PanelChange;
  didChangeStatus: HostStatus;
  didChangeScenarios: { scenarios: ScenarioSummary[] | null };
  /** Null when none is open any more. */
  didChangeLesson: { lesson: LessonState | null };
  /** Those that run, and those whose end nobody has taken note of. */
  didChangeRepeats: { repeats: readonly RepeatInfo[] };
  /** How far a log of strace is read. */
  didChangeTrace: TraceState;
  /** A command of VS Code that acts on the page. */
  didRequest: PanelRequest;
}

/** What has changed in the model since the change before. */
export interface PanelChange {
  sockets: SocketInfo[];
  /** What was told of some of them before, and never came to the page, where the kernel said another state of them then. */
  passed?: SocketInfo[];
  /** Ids that are forgotten. */
  removed: SocketId[];
  firstSeq: number;
  lastSeq: number;
  changedSeqs: number[];
  /** Every record from this one on may have changed as well: so many have that not each is told. */
  changedFrom?: number;
  /** The new and the changed records themselves, where they are few. */
  pages?: RecordPage[];
  /** What the record store had to drop so far. */
  droppedBytes: number;
  droppedRecords: number;
  /** Why the recording's file is not written (any more); null while all is well. */
  recordingFault: string | null;
}

/** Everything that the page needs to draw from nothing. */
export interface PanelState extends PanelChange {
  status: HostStatus;
  /** Null while they are being looked for. */
  scenarios: ScenarioSummary[] | null;
  /** The one that is open. */
  lesson: LessonState | null;
  repeats: readonly RepeatInfo[];
  /** Calls made by hand before, the latest first. */
  history: readonly PanelCall[];
  choices: KeptChoices;
  /** Where the calls are made: the page needs its constants before the first call. */
  platform: Platform;
  /** Names of the network interfaces of that machine, for addresses that hold one. */
  interfaces: string[];
  /** The clock's time at record time 0, in ms since 1970. */
  originTime: number;
  /** Translations for the page. */
  messages: Record<string, string>;
  language: string;
  isTrusted: boolean;
  /** True when the page was restored after the window was reloaded: its sockets ended with the window. */
  isRestored: boolean;
  /** What is shown is a recording: nothing can be called. */
  recording: ShownRecording | null;
  /** How far the log of strace is read that is shown; null for anything else. */
  trace: TraceState | null;
}

/** What the page keeps for the workspace: it outlives the tab. */
export interface KeptChoices {
  /** The latest last. */
  framings: readonly KeptFraming[];
  /** The rules of the reply mode as they were edited last: nothing replies by them until a person says so. */
  replies: Replies | null;
  /** How the records were shown last; null where nothing was opened yet. */
  mode: ViewMode | null;
}

/** What streams are cut into messages by: those of a server's address, or of a socket of this window. */
export interface KeptFraming {
  of: string | SocketId;
  /** Null takes it back. */
  framing: Framing | null;
}

/** The recording that a tab shows. */
export interface ShownRecording extends RecordingInfo {
  file: string;
  /** Null for one of an earlier window, whose name says nothing to people. */
  name: string | null;
}

/** How the socket host is. */
export type HostStatus =
  | { kind: 'idle' }
  | {
      kind: 'running';
      host: HostInfo;
      /** See {@link PanelState.originTime}; it is not known before the first host starts. */
      originTime: number;
    }
  /** The host ended by itself: its sockets are lost. `reason` is for people. */
  | { kind: 'lost'; reason: string; /** The next call asks before it starts another. */ isGivenUp?: boolean }
  | { kind: 'unsupported'; reason: string };

/** A scenario as lists tell of it. */
export interface ScenarioSummary {
  /** Stable: a built-in file's name or a workspace URI. */
  id: string;
  title: string;
  description: string;
  /** Its group in a course. */
  group: string | null;
  /** Why it does not run on this machine, or by this user. */
  obstacle: string | null;
  callCount: number;
  state: 'idle' | 'running' | 'passed' | 'failed';
  /** What its last run has made: those that are still open are closed where it runs from its start. */
  made: readonly SocketId[];
  /** It says something to a learner: it is opened call by call. */
  isLesson: boolean;
  /** What the user's predictions were worth; null for what was never gone through. */
  score: LessonScore | null;
}

export type PanelRequest =
  | { kind: 'newSocket' }
  | { kind: 'focusComposer' }
  /** Fills the form with the call that was made by hand so many calls before, or after, the one it shows. */
  | { kind: 'recall'; step: 1 | -1 }
  | { kind: 'focusRegion'; direction: 'next' | 'previous' }
  | { kind: 'prepare'; call: Call }
  /** Shows a socket of the machine in the inspector, read only. */
  | { kind: 'inspectSystem'; socket: SystemSocket }
  /** Leads through the calls of a client that connects there. */
  | { kind: 'connectTo'; address: SocketAddress; type: string }
  | { kind: 'select'; socketId: SocketId | null; seq: number | null }
  /** Shows the connection of a record: its records, and its bytes in order. */
  | { kind: 'followStream'; seq: number }
  /** Counts times from a record; from the beginning again where it is the one already. */
  | { kind: 'setTimeReference'; seq: number }
  | { kind: 'showView'; view: 'lanes' | 'table' }
  /** Shows the rules by which a socket replies. */
  | { kind: 'editReplies'; socketId: SocketId }
  /** A tap was started: selects where it listens, and says so. */
  | { kind: 'showTap'; tap: TapInfo }
  /** Shows the faults of the tap that listens at a socket. */
  | { kind: 'editTapFaults'; socketId: SocketId }
  | { kind: 'togglePause' }
  | { kind: 'toggleInspector' }
  | { kind: 'showInspector' }
  | { kind: 'showMatrix' }
  /** Moves the focus into the open lesson. */
  | { kind: 'focusLesson' }
  /** Where the focus is nowhere in the page, so that its keys act. */
  | { kind: 'focusPage' }
  | { kind: 'clear' }
  | { kind: 'call' }
  | { kind: 'cancel' }
  | { kind: 'filter' };
