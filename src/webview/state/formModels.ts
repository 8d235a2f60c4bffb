import type { ReadonlySignal } from '@preact/signals';
import type { PanelCall, PanelMethods, PanelState } from '../../common/protocol/panel.js';
import type { Remote } from '../../common/rpc.js';
import type { SocketId, SocketInfo } from '../../common/socket.js';
import type { Platform } from '../../common/tables/constants.js';
import type { SuggestionContext } from '../../common/usualArguments.js';
import { isAtHand, selectText, writtenText } from '../focus.js';
import { AutomaticModel } from './automatic.js';
import { Calls } from './calls.js';
import { ComposerModel } from './composer.js';
import { CallHistory } from './history.js';
import { PresetRun } from './presetRun.js';
import { whenReachable } from './reachable.js';
import type { RecordModel } from './records.js';
import { RepeatModel } from './repeat.js';
import { Selection } from './selection.js';
import { TapModel } from './tap.js';
import type { ViewModel } from './view.js';

type Sockets = ReadonlySignal<ReadonlyMap<SocketId, SocketInfo>>;

/** What the form needs of the page around it. */
export interface FormContext {
  view: ViewModel;
  records: RecordModel;
  sockets: Sockets;
  /** The same: it changes when a socket is another, not with all that it moves. */
  steadySockets: Sockets;
  platform: () => Platform;
  context: () => SuggestionContext;
  remote: Pick<
    Remote<PanelMethods>,
    'call' | 'select' | 'automate' | 'keepReplies' | 'setTapFaults' | 'repeat' | 'stopRepeat'
  >;
  /** A call is about to be made: what was said of the last one is over. */
  begin: () => void;
  /** A call has been made: that is what is looked for now. */
  showRecords: () => void;
  /** Has a screen reader say it. */
  say: (text: string) => void;
  /** For requests of which only the failure matters. */
  forget: (request: Promise<unknown>) => void;
  report: (error: unknown) => void;
}

/** What makes calls: the form, all that fills it, and what goes on by itself; and what is selected, which moves with it. */
export class FormModels {
  readonly composer: ComposerModel;
  readonly presetRun: PresetRun;
  readonly selection: Selection;
  readonly history: CallHistory;
  readonly calls: Calls;
  readonly automatic: AutomaticModel;
  readonly tap: TapModel;
  readonly repeat: RepeatModel;
  private readonly forget: FormContext['forget'];

  constructor(
    { view, records, sockets, steadySockets, platform, context, remote, ...page }: FormContext,
    { history, choices }: Pick<PanelState, 'history' | 'choices'>,
  ) {
    const { say, forget } = page;
    this.forget = forget;
    this.composer = new ComposerModel(steadySockets, context);
    this.presetRun = new PresetRun({
      socket: (id) => sockets.value.get(id),
      platform,
      whenReachable: (id) => whenReachable(() => sockets.value.get(id)),
      fill: (call) => this.composer.prepare(call, null),
      shown: () => this.composer.name.peek(),
      makeCall: () => this.calls.makeFormCall(),
    });
    const { composer, presetRun } = this;
    this.selection = new Selection({
      sockets,
      view,
      records,
      composer,
      presetRun,
      tell: (selected) => forget(remote.select(selected)),
    });
    this.history = new CallHistory({ composer, platform, say }, history);
    const remember = (made: PanelCall) => this.history.remember(made);
    this.calls = new Calls({
      composer,
      records,
      presetRun,
      context,
      perform: (request) => {
        page.begin();
        return remote.call(request);
      },
      select: (seq) => {
        page.showRecords();
        // Its form already shows the next one.
        this.selection.markRecord(seq);
      },
      followForm: (before) => this.selection.followForm(before),
      showForm: () => this.selection.showForm(),
      isAtHand: () => isAtHand('composer'),
      isWriting: () => composer.sendsPayload && writtenText() !== null,
      selectWritten: () => selectText(writtenText()),
      say,
      remember,
      report: page.report,
    });
    const target = () => composer.socket.value;
    const socket = (id: SocketId) => steadySockets.value.get(id);
    this.automatic = new AutomaticModel(
      {
        socket,
        target,
        automate: (request) => remote.automate(request),
        keep: (replies) => forget(remote.keepReplies(replies)),
        say,
      },
      choices.replies,
    );
    this.tap = new TapModel({ socket, target, setFaults: (request) => remote.setTapFaults(request), say });
    this.repeat = new RepeatModel({
      composer,
      start: (request) => remote.repeat(request),
      stop: (id) => forget(remote.stopRepeat({ id })),
      remember,
      say,
    });
  }

  /** Shows the faults of a tap in the place of the form, or of the rules of replies. */
  editTapFaults(socketId: SocketId): void {
    this.composer.chooseTarget({ kind: 'socket', id: socketId });
    this.automatic.close();
    this.tap.edit(socketId);
  }

  /** The user has left the composer: what came meanwhile is made good. */
  followLeft(): void {
    this.followSockets();
    // Who looks at a record finds the form as it was, and what is usual next still beside it.
    if (!isAtHand('composer') && !isAtHand('records') && !isAtHand('detail')) {
      this.forget(this.calls.goOnLate());
    }
  }

  /** There are other sockets; a preset on its way has the form. */
  followSockets(): void {
    const before = this.composer.targetId;
    this.composer.followSockets(isAtHand('composer') || this.presetRun.progress.peek() !== null);
    this.selection.followForm(before);
  }
}
