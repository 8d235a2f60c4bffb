import * as vscode from 'vscode';
import type { CallRecord } from '../../common/call.js';
import { CallRefusedError } from '../../common/errors.js';
import { Emitter } from '../../common/event.js';
import { getMessages, t } from '../../common/l10n.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import { joinChanges } from '../../common/protocol/joinChanges.js';
import type {
  AutomateAnswer,
  PanelAutomation,
  PanelCall,
  PanelCallResult,
  PanelEvents,
  PanelMethods,
  PanelRequest,
  PanelState,
  PanelView,
} from '../../common/protocol/panel.js';
import { RpcConnection } from '../../common/rpc.js';
import type { SocketId } from '../../common/socket.js';
import type { SystemSocket } from '../../common/system/systemSocket.js';
import type { Platform } from '../../common/tables/constants.js';
import type { Playground } from '../../playground/playground.js';
import type { Recording } from '../../playground/recording.js';
import type { Repeats } from '../../playground/repeats.js';
import { openBeside } from '../openBeside.js';
import { automationOf } from '../commands/automaticCommands.js';
import type { Calls } from '../commands/calls.js';
import { setContextKey } from '../contextKeys.js';
import { reach } from '../milestones.js';
import { showError } from '../notify.js';
import { interfaceNames } from '../interfaces.js';
import { platform } from '../platform.js';
import type { Lessons } from '../scenarios/lessons.js';
import type { Scenarios } from '../scenarios/scenarios.js';
import type { CallHistory } from './callHistory.js';
import type { ChoiceStore } from './keptChoices.js';
import { panelHtml } from './html.js';
import { checkedHandlers } from './messages.js';
import { WebviewTransport } from './webviewTransport.js';

export const panelViewType = 'socketPlayground.panel';

/** The largest file that becomes the data of a call. */
const maxFileBytes = 64 * 1024 * 1024;

export interface PanelContext {
  extensionUri: vscode.Uri;
  playground: Playground;
  calls: Calls;
  scenarios: Scenarios;
  lessons: Lessons;
  repeats: Repeats;
  history: CallHistory;
  choices: ChoiceStore;
  log: vscode.LogOutputChannel;
  /** The recording that the tab shows; left out for the one with the live sockets. */
  recording?: Recording;
}

/** The tab that the keys are about: the one that was in front last. */
let inFront: vscode.WebviewPanel | undefined;

/** One open editor tab with the panel's page, and this side of the hop to it. */
export class PlaygroundPanel implements Disposable {
  private readonly store = new DisposableStore();
  private readonly disposeEmitter = new Emitter<void>();
  private readonly selectEmitter = this.store.add(new Emitter<SocketId | null>());
  private readonly connection: RpcConnection<never, object, PanelEvents>;
  private readonly watcher;
  /** The socket of the machine that the inspector was asked to show last. */
  private systemSocket: SystemSocket | undefined;
  private readonly markReady: () => void;

  readonly onDidDispose = this.disposeEmitter.event;
  /** The user selected a socket, or a record of it, in the page. */
  readonly onDidSelect = this.selectEmitter.event;
  /** Resolves when the page has loaded and asked for what it shows; never for a tab that is closed before. */
  readonly whenReady: Promise<void>;
  private view = noView;
  /** What is selected in the page. */
  selection: { socketId: SocketId | null; seq: number | null } = { socketId: null, seq: null };

  /** @param isRestored The tab was there before the window was reloaded. */
  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly context: PanelContext,
    private readonly isRestored: boolean,
  ) {
    const { playground, scenarios, log } = context;
    let markReady!: () => void;
    this.whenReady = new Promise((resolve) => {
      markReady = resolve;
    });
    this.markReady = markReady;
    const folder = vscode.Uri.joinPath(context.extensionUri, 'dist', 'webview');
    panel.iconPath = {
      light: vscode.Uri.joinPath(context.extensionUri, 'media', 'panel-light.svg'),
      dark: vscode.Uri.joinPath(context.extensionUri, 'media', 'panel-dark.svg'),
    };
    panel.webview.options = { enableScripts: true, localResourceRoots: [folder] };
    this.watcher = this.store.add(playground.createWatcher());
    const onFault = (error: unknown) => log.warn(t('A message of the panel was refused: {0}', String(error)));
    const transport = this.store.add(new WebviewTransport(panel, onFault));
    this.connection = this.store.add(
      new RpcConnection<never, object, PanelEvents>(transport, checkedHandlers(this.handlers()), onFault),
    );
    this.store.add(
      playground.onDidChange((change) => this.connection.firePaced('didChange', change, joinChanges)),
    );
    this.store.add(playground.onDidChangeStatus((status) => this.connection.fire('didChangeStatus', status)));
    this.store.add(
      scenarios.onDidChange(() =>
        this.connection.fire('didChangeScenarios', { scenarios: scenarios.summaries() }),
      ),
    );
    if (!context.recording) {
      const { lessons } = context;
      this.store.add(
        lessons.onDidChange(() => this.connection.fire('didChangeLesson', { lesson: lessons.state })),
      );
    }
    this.store.add(
      context.repeats.onDidChange((repeats) => this.connection.fire('didChangeRepeats', { repeats })),
    );
    if (context.recording) {
      this.store.add(
        context.recording.onDidChangeTrace((state) => this.connection.fire('didChangeTrace', state)),
      );
    }
    panel.onDidChangeViewState(() => this.tellViewInFront());
    panel.onDidDispose(() => {
      if (inFront === panel) {
        inFront = undefined;
        tellView(noView);
      }
      this.store.dispose();
      this.disposeEmitter.fire();
    });
    panel.webview.html = panelHtml(panel.webview, folder);
  }

  /** The model whose records it shows. */
  get playground(): Playground {
    return this.context.playground;
  }

  /** That of the machine on which its records were made. */
  get platform(): Platform {
    return this.context.recording?.info.host.platform ?? platform;
  }

  /** The display filter that the page shows; empty for none. */
  get filter(): string {
    return this.view.filter;
  }

  reveal(preserveFocus: boolean): void {
    this.panel.reveal(undefined, preserveFocus);
  }

  /** Whether the tab is in front. */
  get isVisible(): boolean {
    return this.panel.visible;
  }

  /** Asks the page to do something; waits until it has loaded. */
  async request(request: PanelRequest): Promise<void> {
    if (request.kind === 'inspectSystem') {
      this.systemSocket = request.socket;
    }
    await this.whenReady;
    this.connection.fire('didRequest', request);
  }

  dispose(): void {
    this.panel.dispose();
  }

  private handlers(): { [K in keyof PanelMethods]: (...args: Parameters<PanelMethods[K]>) => unknown } {
    const { playground, scenarios } = this.context;
    return {
      ready: () => this.ready(),
      call: (request) => this.call(request),
      cancel: ({ seq }) => playground.cancel(seq),
      repeat: (request) => {
        this.context.history.add(request.call);
        return this.context.repeats.start(request);
      },
      automate: (request) => this.automate(request),
      stopRepeat: ({ id }) => this.context.repeats.stop(id),
      readRecords: ({ from, count }) => playground.readPage(from, count),
      readEach: ({ seqs }) => playground.readEach(seqs),
      filterRecords: (request) => playground.filterRecords(request),
      cancelFilter: ({ id }) => playground.cancelFilter(id),
      sortRecords: (request) => playground.sortRecords(request),
      frameStream: (request) => playground.frameStream(request),
      surveyRecords: (request) => playground.surveyRecords(request),
      readData: ({ seq, offset, length }) => playground.readData(seq, offset, length),
      watch: ({ socketIds }) => this.watcher.watch(socketIds),
      inspect: ({ socketId, levels }) => playground.inspect(socketId, levels),
      probeFamilies: (request) => playground.probeFamilies(request),
      lookAtSystemSocket: (which) => {
        const { systemSocket: socket } = this;
        return 'socketId' in which
          ? playground.system.look(which)
          : socket?.key === which.key
            ? playground.system.look({ socket })
            : null;
      },
      rename: ({ socketId, name }) => playground.rename(socketId, name),
      select: (selection) => {
        this.selection = selection;
        this.selectEmitter.fire(selection.socketId);
      },
      setView: (view) => {
        this.view = view;
        this.context.choices.keepMode(view.mode);
        this.tellViewInFront();
      },
      // The page does not wait for the end of a run: its records and the scenario's state tell of it.
      runScenario: ({ id }) => {
        void scenarios.run(id);
      },
      openScenario: ({ id }) => scenarios.open(id),
      openLesson: async ({ id }) => {
        await this.context.lessons.open(id);
      },
      // What it comes to is told by the lesson's state; the page shows a fault.
      actOnLesson: (action) => this.context.lessons.act(action),
      restart: () => playground.restart(),
      copy: ({ text }) => vscode.env.clipboard.writeText(text),
      saveStream: ({ socketId }) =>
        vscode.commands.executeCommand('socketPlayground.saveStream', { socketId }),
      openText: ({ text, language }) => openBeside(language, text),
      pickFile: () => pickFile(),
      stopTrace: () =>
        void vscode.commands.executeCommand('socketPlayground.stopTrace', {
          file: this.context.recording?.file,
        }),
      makeScenario: () => void vscode.commands.executeCommand('socketPlayground.makeScenario'),
      startTap: () => void vscode.commands.executeCommand('socketPlayground.tap'),
      keepFraming: (kept) => {
        // The ids of a recording's sockets are of its own window.
        if (!this.context.recording || typeof kept.of === 'string') {
          this.context.choices.keepFraming(kept);
        }
      },
      keepReplies: (replies) => this.context.choices.keepReplies(replies),
      setTapFaults: ({ id, faults }) => answered(playground.setTapFaults(id, faults)),
      stopTap: ({ id }) => playground.stopTap(id),
      openLastRecording: () => vscode.commands.executeCommand('socketPlayground.openLastRecording'),
    };
  }

  /** The keys are of the tab in front: one behind it must not change them. */
  private tellViewInFront(): void {
    if (this.panel.active) {
      inFront = this.panel;
      tellView(this.view);
    }
  }

  private ready(): PanelState {
    const { playground, scenarios, lessons, repeats, history, recording } = this.context;
    if (!recording) {
      reach('didOpenPanel');
    }
    // What it is told of next is what changes from then on.
    this.connection.restartPaced('didChange');
    // The answer to this request is on its way before what waits for the page.
    setImmediate(this.markReady);
    return {
      ...playground.snapshot(),
      status: playground.status,
      scenarios: scenarios.summaries(),
      lesson: recording ? null : lessons.state,
      repeats: repeats.all,
      history: history.calls,
      choices: this.context.choices.kept(!recording),
      platform: this.platform,
      interfaces: interfaceNames(),
      originTime: playground.originTime,
      messages: { ...getMessages() },
      language: vscode.env.language,
      isTrusted: vscode.workspace.isTrusted,
      isRestored: this.isRestored,
      trace: recording?.trace ?? null,
      recording: recording ? { file: recording.file, name: recording.name, ...recording.info } : null,
    };
  }

  private async automate({ socketId, mode, replies }: PanelAutomation): Promise<AutomateAnswer> {
    const { playground } = this.context;
    const socket = playground.sockets.get(socketId);
    if (!socket) {
      return { kind: 'refused', message: t('The socket is closed.') };
    }
    return answered(playground.automate(socketId, mode && automationOf(socket, mode, replies)));
  }

  private async call(request: PanelCall): Promise<PanelCallResult> {
    const { call, hostName, socketName, isByHand } = request;
    const { playground, calls, history } = this.context;
    const outcome = await calls.make(call, {
      ...(hostName ? { hostName } : {}),
      ...(socketName === undefined ? {} : { socketName }),
    });
    if (outcome.kind !== 'started') {
      return outcome;
    }
    if (isByHand) {
      history.add(request);
    }
    const { start, returned } = outcome;
    const record: CallRecord | undefined =
      start.kind === 'returned' ? start.record : await playground.readRecord(start.seq);
    // A wait may have ended while its record was read, and a cleared one can no longer be read.
    return { kind: 'record', record: record ?? (await returned) };
  }
}

/** What the host said to something that it may refuse. */
async function answered(act: Promise<unknown>): Promise<AutomateAnswer> {
  try {
    await act;
    return { kind: 'done' };
  } catch (error) {
    if (error instanceof CallRefusedError) {
      return { kind: 'refused', message: error.message };
    }
    throw error;
  }
}

/** While no page has ever told. */
const noView: PanelView = {
  isPaused: false,
  isInspectorVisible: false,
  region: null,
  isEditing: false,
  filter: '',
  mode: 'lanes',
};

/** Keeps the keys of the manifest's `when` clauses that are about the page in front. */
function tellView({ isPaused, isInspectorVisible, region, isEditing }: PanelView): void {
  setContextKey('isPaused', isPaused);
  setContextKey('isInspectorVisible', isInspectorVisible);
  setContextKey('region', region ?? '');
  setContextKey('isEditing', isEditing);
}

async function pickFile(): Promise<{ name: string; bytes: Uint8Array } | null> {
  const [uri] =
    (await vscode.window.showOpenDialog({ title: t('Data to send'), openLabel: t('Use as Data') })) ?? [];
  if (!uri) {
    return null;
  }
  const { size } = await vscode.workspace.fs.stat(uri);
  if (size > maxFileBytes) {
    void showError(t('The file has {0} bytes; a call takes at most {1}.', size, maxFileBytes));
    return null;
  }
  return {
    name: uri.path.slice(uri.path.lastIndexOf('/') + 1),
    bytes: await vscode.workspace.fs.readFile(uri),
  };
}
