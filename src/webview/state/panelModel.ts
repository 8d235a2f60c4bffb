import { batch, computed, type ReadonlySignal, signal } from '@preact/signals';
import type { TraceState } from '../../common/protocol/trace.js';
import { RemoteError } from '../../common/errors.js';
import type { Event } from '../../common/event.js';
import { setMessages, t } from '../../common/l10n.js';
import type {
  HostStatus,
  PanelChange,
  PanelRequest,
  PanelState,
  ShownRecording,
  ScenarioSummary,
} from '../../common/protocol/panel.js';
import { ByteRibbon } from '../../common/ribbon/byteRibbon.js';
import { recordsOf } from '../../common/rows/recordPage.js';
import type { SocketId } from '../../common/socket.js';
import type { SuggestionContext } from '../../common/usualArguments.js';
import type { Platform } from '../../common/tables/constants.js';
import type { PanelConnection, StoredView } from '../connection.js';
import { LanesModel } from '../lanes/lanesModel.js';
import { acceptedCounts, acceptQueues } from './acceptQueue.js';
import type { AutomaticModel } from './automatic.js';
import { CallNews } from './callNews.js';
import type { Calls } from './calls.js';
import { recordAnnouncement } from '../text/record.js';
import type { ComposerModel } from './composer.js';
import type { FilterModel } from './filter.js';
import { FormModels } from './formModels.js';
import type { FramingModel } from './framing.js';
import type { SocketErrors } from './socketErrors.js';
import { SocketMirror } from './socketMirror.js';
import { LessonModel } from './lesson.js';
import { FilterKeys } from '../filterKeys.js';
import type { LaneStates } from './laneStates.js';
import { LessonFilter } from './lessonFilter.js';
import type { CallHistory } from './history.js';
import { MatrixModel } from './matrix.js';
import type { PresetRun } from './presetRun.js';
import type { OverviewModel } from './overview.js';
import { RecordReaders } from './recordReaders.js';
import { RecordModel } from './records.js';
import type { Selection } from './selection.js';
import { Senders } from './senders.js';
import type { SortModel } from './sorting.js';
import type { RepeatModel } from './repeat.js';
import { Streams } from './streams.js';
import type { TapModel } from './tap.js';
import { originsOf } from '../text/payloadMarks.js';
import { ViewModel } from './view.js';
import { VisitedStates } from './visitedStates.js';
import { WatchedSockets } from './watched.js';

/** The page's mirror of what the extension tells, and its ways to ask for more. Components only draw it. */
export class PanelModel {
  /** Counts the changes of sockets. */
  socketsVersion = 0;
  readonly status = signal<HostStatus>({ kind: 'idle' });
  /** Null while they are being looked for. */
  readonly scenarios = signal<readonly ScenarioSummary[] | null>(null);
  readonly platform = signal<Platform>('linux');
  originTime = 0;
  /** The time 0 of records by the page's own clock, in ms: nobody sets that. */
  private origin = 0;
  /** The network interfaces of the machine on which the calls are made. */
  readonly interfaces: readonly string[];
  /** The page came back after a reload of the window, and nothing was done since. */
  readonly isRestored = signal(false);
  /** What is shown is a recording: nothing can be called. */
  readonly recording: ShownRecording | null;
  /** How far the log of strace is read that is shown; null for anything else. */
  readonly trace = signal<TraceState | null>(null);
  /** What went wrong between the page and the extension, for people. */
  readonly fault = signal<string | null>(null);
  /** The user asked for the first call although there are no records, or there are some. */
  readonly isEmpty: ReadonlySignal<boolean>;

  readonly view: ViewModel;
  readonly records: RecordModel;
  private readonly mirror: SocketMirror;
  /** Which call received the bytes of which other call, of the records that are here. */
  readonly ribbon: ByteRibbon;
  readonly lanes: LanesModel;
  private readonly senders = new Senders();
  private readonly readers: RecordReaders;
  readonly filter: FilterModel;
  readonly sort: SortModel;
  readonly overview: OverviewModel;
  readonly framing: FramingModel;
  readonly errors: SocketErrors;
  readonly laneStates: LaneStates;
  readonly visited: VisitedStates;
  readonly streams: Streams;
  readonly watched: WatchedSockets;
  readonly form: FormModels;
  readonly composer: ComposerModel;
  readonly presetRun: PresetRun;
  readonly filterKeys = new FilterKeys(() => {
    this.matrix.close();
    document.getElementById('filter')?.focus();
  });
  readonly calls: Calls;
  /** Null until what was called before is known, which is no news. */
  private readonly callNews: CallNews | null = null;
  readonly repeat: RepeatModel;
  readonly automatic: AutomaticModel;
  readonly tap: TapModel;
  readonly history: CallHistory;
  readonly selection: Selection;
  readonly matrix: MatrixModel;
  readonly lesson: LessonModel;
  readonly lessonFilter: LessonFilter;

  constructor(
    private readonly connection: PanelConnection,
    state: PanelState,
    stored: StoredView,
  ) {
    setMessages(state.messages);
    this.interfaces = state.interfaces;
    this.isRestored.value = state.isRestored;
    this.recording = state.recording;
    this.trace.value = state.trace;
    const { mode } = state.choices;
    // A tab that was closed and is opened again shows the records as it did.
    this.view = new ViewModel({ ...(mode && { mode }), ...stored });
    this.ribbon = new ByteRibbon(() => this.sockets.peek());
    this.lanes = new LanesModel({
      sockets: () => this.sockets.peek(),
      record: (seq) => this.records.get(seq),
      ribbon: this.ribbon,
      // The lanes of a lesson are chosen by what it makes, with what that is connected to.
      fitting: () => (this.lessonFilter.isShown.value ? null : this.filter.socketIds),
    });
    this.records = new RecordModel(
      {
        read: async (request) => recordsOf(await this.remote.readRecords(request)),
        readEach: async (request) => (await this.remote.readEach(request)).flatMap(recordsOf),
      },
      [this.ribbon, this.lanes, this.senders],
      () => this.view.selectedSeq.peek(),
      (seq) => {
        const record = this.records.get(seq);
        return record ? originsOf(record, this.ribbon).map((origin) => origin.seq) : [];
      },
    );
    this.mirror = new SocketMirror(this.records.frame);
    this.readers = new RecordReaders({
      range: this.records,
      sockets: () => this.sockets.peek(),
      load: (seqs) => this.records.loadEach(seqs),
      remote: this.remote,
      forget: (request) => this.forget(request),
      framings: state.choices.framings,
    });
    ({
      filter: this.filter,
      sort: this.sort,
      framing: this.framing,
      overview: this.overview,
      errors: this.errors,
      laneStates: this.laneStates,
    } = this.readers);
    this.visited = new VisitedStates({
      range: this.records,
      sockets: () => this.sockets.peek(),
      find: (request) => this.remote.filterRecords(request),
      load: (seq) => this.records.load(seq),
    });
    this.streams = new Streams({
      range: this.records,
      view: this.view,
      filter: this.filter,
      ribbon: this.ribbon,
      socket: (id) => this.steadySockets.value.get(id),
      copiesOf: (id) => this.lanes.history.copiesOf(id),
      find: (request) => this.remote.filterRecords(request),
      load: (seq) => this.records.load(seq),
      loadEach: (seqs) => this.records.loadEach(seqs),
      readData: (request) => this.remote.readData(request),
    });
    this.watched = new WatchedSockets({
      sockets: this.steadySockets,
      others: () => {
        const target = this.composer.target.value;
        const looked = [this.view.selectedSocketId.value, target.kind === 'socket' ? target.id : null];
        return [
          ...(this.presetRun.progress.value?.made.flat() ?? []),
          ...looked,
          // What one end waits for lies at the other.
          ...looked.map((id) => this.steadySockets.value.get(id ?? -1)?.peerId ?? null),
        ];
      },
      watch: (socketIds) => this.forget(this.remote.watch({ socketIds })),
    });
    this.matrix = new MatrixModel(
      (request) => this.remote.probeFamilies(request),
      (error) => this.report(error),
    );
    const say = (text: string) => {
      this.view.announcement.value = text;
    };
    this.form = new FormModels(
      {
        view: this.view,
        records: this.records,
        sockets: this.sockets,
        steadySockets: this.steadySockets,
        platform: () => this.platform.value,
        context: () => this.context(),
        remote: this.remote,
        begin: () => {
          this.isRestored.value = false;
          this.fault.value = null;
        },
        showRecords: () => this.matrix.close(),
        say,
        forget: (request) => this.forget(request),
        report: (error) => this.report(error),
      },
      state,
    );
    ({
      composer: this.composer,
      presetRun: this.presetRun,
      selection: this.selection,
      history: this.history,
      calls: this.calls,
      automatic: this.automatic,
      tap: this.tap,
      repeat: this.repeat,
    } = this.form);
    this.lessonFilter = new LessonFilter(this.filter);
    this.lesson = new LessonModel({
      act: (action) => this.forget(this.remote.actOnLesson(action)),
      makeRoom: (isOpen) => this.view.makeRoomForLesson(isOpen),
      showOwn: (lesson, isAnew) => {
        this.lessonFilter.show(lesson, isAnew);
        this.lanes.shown.begin(
          lesson?.since ?? 0,
          (seq) => this.lessonFilter.isShown.value && this.filter.leavesOut(seq),
        );
        if (lesson) {
          this.selection.clear();
          this.presetRun.stop();
        }
      },
      show: (seq) => this.selectRecord(seq),
      say,
    });
    this.isEmpty = computed(() => this.records.count.value === 0 && this.steadySockets.value.size === 0);

    connection.on('didChange')((change) => this.apply(change));
    connection.on('didChangeStatus')((status) => this.setStatus(status));
    connection.on('didChangeScenarios')(({ scenarios }) => {
      // A recording has none of what it makes, and an open lesson stays what is looked at.
      const isElsewhere = this.recording !== null || this.lesson.state.peek() !== null;
      if (!isElsewhere && isRunning(scenarios) && !isRunning(this.scenarios.value)) {
        this.lanes.shown.begin(this.records.lastSeq);
      }
      this.scenarios.value = scenarios;
    });
    connection.on('didChangeTrace')((trace) => (this.trace.value = trace));
    connection.on('didChangeLesson')(({ lesson }) => this.lesson.apply(lesson));
    connection.on('didChangeRepeats')(({ repeats }) => this.repeat.apply(repeats));
    this.platform.value = state.platform;
    this.repeat.apply(state.repeats, false);
    this.setStatus(state.status);
    this.setOrigin(state.originTime);
    this.scenarios.value = state.scenarios;
    this.composer.reset();
    this.apply(state);
    this.callNews = new CallNews({
      announcement: this.view.announcement,
      isOwn: (seq) => this.calls.made.has(seq),
      load: (seq) => this.records.load(seq),
      sentenceOf: (record) => recordAnnouncement(record, this.steadySockets.value),
    });
    // With the records that are there: its filter hides none that is new.
    this.lesson.apply(state.lesson);
    this.view.publish(
      () => this.filter.shown,
      (view) => this.forget(this.remote.setView(view)),
    );
    this.watched.publish();
  }

  get remote() {
    return this.connection.remote;
  }

  /** The sockets as they were told of last. */
  get sockets(): SocketMirror['all'] {
    return this.mirror.all;
  }

  /** The same for whatever shows no bytes: it changes when a socket is another, not with all that it moves. */
  get steadySockets(): SocketMirror['steady'] {
    return this.mirror.steady;
  }

  /** The same with what they have moved, as they are drawn: at most once a frame. */
  get drawnSockets(): SocketMirror['drawn'] {
    return this.mirror.drawn;
  }

  /** A command of VS Code that acts on the page. */
  get onDidRequest(): Event<PanelRequest> {
    return this.connection.on('didRequest');
  }

  /** How many connections each listener has accepted that are still known. */
  readonly acceptedCounts = computed(() => acceptedCounts(this.steadySockets.value));

  /** Who waits to be accepted, by both ends. */
  readonly acceptQueues = computed(() => acceptQueues(this.steadySockets.value));

  /** Nanoseconds since the origin of record times. */
  readonly now = (): number => (performance.now() - this.origin) * 1e6;

  context(): SuggestionContext {
    return {
      sockets: this.steadySockets.value,
      platform: this.platform.value,
      senderTo: (id) => this.senders.of(id),
    };
  }

  selectRecord(seq: number | null): void {
    this.forget(this.selection.selectRecord(seq));
  }

  selectSocket(socketId: SocketId | null): void {
    this.selection.selectSocket(socketId);
  }

  async cancel(seq: number): Promise<void> {
    try {
      await this.remote.cancel({ seq });
    } catch (error) {
      this.report(error);
    }
  }

  copy(text: string): void {
    this.forget(this.remote.copy({ text }));
    this.view.announcement.value = t('Copied.');
  }

  /** For requests of which only the failure matters. */
  forget(request: Promise<unknown>): void {
    request.catch((error: unknown) => this.report(error));
  }

  /** Shows the records from their beginning: the store was cleared. */
  clear(): void {
    this.selection.clearRecord();
    this.view.isDetailVisible.value = false;
    this.view.streamId.value = null;
    this.records.reset();
    this.readers.clear();
  }

  private apply(joined: PanelChange): void {
    const change = { ...joined, changedSeqs: this.records.changedBy(joined) };
    const told = this.records.lastSeq;
    let areOthers = false;
    const known = this.sockets.peek();
    const identified = this.filter.isActive ? this.mirror.firstOfIdentified(change) : Infinity;
    batch(() => {
      if (change.sockets.length > 0 || change.removed.length > 0) {
        areOthers = this.mirror.apply(change);
        this.socketsVersion++;
      }
      this.lanes.follow(change, this.now());
      this.records.apply(change);
      this.selection.follow(change.firstSeq);
    });
    this.composer.kept.forget(change.removed);
    if (change.sockets.some(({ id, tap }) => tap && !known.has(id))) {
      this.presetRun.stop();
    }
    if (areOthers) {
      this.presetRun.followSockets();
      this.form.followSockets();
    }
    this.readers.update(change.changedSeqs, identified);
    this.calls.follow(change, told);
    this.callNews?.follow(change, told);
  }

  /** It has just been told: a clock that is set afterwards changes nothing in how long things last. */
  private setOrigin(originTime: number): void {
    this.originTime = originTime;
    this.origin = performance.now() - (Date.now() - originTime);
  }

  private setStatus(status: HostStatus): void {
    this.status.value = status;
    if (status.kind === 'running') {
      this.platform.value = status.host.platform;
      this.setOrigin(status.originTime);
    } else if (status.kind === 'lost') {
      this.presetRun.stop();
      this.calls.giveUp();
    }
  }

  private report(error: unknown): void {
    this.fault.value = error instanceof RemoteError || error instanceof Error ? error.message : String(error);
  }
}

function isRunning(scenarios: readonly ScenarioSummary[] | null): boolean {
  return scenarios?.some(({ state }) => state === 'running') === true;
}
