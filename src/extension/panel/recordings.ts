import path from 'node:path';
import * as v from 'valibot';
import * as vscode from 'vscode';
import { CallRefusedError } from '../../common/errors.js';
import { Emitter } from '../../common/event.js';
import { t } from '../../common/l10n.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import type { TraceOpening } from '../../common/protocol/trace.js';
import { Playground } from '../../playground/playground.js';
import { Recording } from '../../playground/recording.js';
import { recordingExtension, type RecordingFolder } from '../../playground/recordingFolder.js';
import { Calls } from '../commands/calls.js';
import { showError, showInformation } from '../notify.js';
import type { Panels } from './panels.js';
import { type PanelContext, PlaygroundPanel } from './playgroundPanel.js';

const recordingViewType = 'socketPlayground.recording';

export interface RecordingsContext extends PanelContext {
  panels: Panels;
  folder: RecordingFolder;
  /** The host's program, which reads recordings too. */
  hostPath: string;
  /** Writes what the live host holds into a file. */
  save(file: string): Promise<void>;
}

/** Characters of a command in the title of a tab. */
const mostTitle = 32;

/** A log of strace, and what it is of, for people. */
export type TraceSource = Omit<TraceOpening, 'messages'>;

interface OpenTab {
  panel: PlaygroundPanel;
  tab: vscode.WebviewPanel;
  recording: Recording;
}

/** What the page keeps of what it shows. */
const storedTab = v.object({
  recording: v.optional(v.string()),
  trace: v.optional(v.object({ file: v.string(), of: v.string() })),
});

/** Saved recordings, and those of windows that have ended: each in a tab of its own, read only. */
export class Recordings implements Disposable {
  private readonly store = new DisposableStore();
  private readonly open = new Map<string, OpenTab>();
  private readonly closeEmitter = this.store.add(new Emitter<string>());

  /** A tab was closed; the file that it showed. */
  readonly onDidClose = this.closeEmitter.event;

  constructor(private readonly context: RecordingsContext) {
    const commands: Record<string, (argument?: unknown) => Promise<void>> = {
      saveRecording: () => this.save(),
      openRecording: (argument) => this.choose(argument),
      openLastRecording: () => this.openLast(),
      openStraceLog: (argument) => this.chooseLog(argument),
    };
    for (const [name, run] of Object.entries(commands)) {
      this.store.add(vscode.commands.registerCommand(`socketPlayground.${name}`, run));
    }
    this.store.add(
      vscode.window.registerWebviewPanelSerializer(recordingViewType, {
        deserializeWebviewPanel: (tab, state) => this.restore(tab, state),
      }),
    );
    this.store.add({ dispose: () => [...this.open.values()].forEach(({ panel }) => panel.dispose()) });
  }

  dispose(): void {
    this.store.dispose();
  }

  /** Opens a file in a tab, or shows the tab that it is open in. */
  async show(file: string): Promise<void> {
    await this.showRecords(file, (hostPath) => Recording.open(hostPath, file));
  }

  /** Opens a log of strace in a tab, or shows the tab that it is open in. Undefined where it cannot be opened. */
  showTrace(trace: TraceSource, column?: vscode.ViewColumn): Promise<Recording | undefined> {
    return this.showRecords(trace.file, (hostPath) => Recording.openTrace(hostPath, trace), column);
  }

  /** Nothing more is written to a log: the rest is read. */
  async endTrace(file: string): Promise<void> {
    // A process that has ended reads nothing more; its tab says so.
    await this.open
      .get(file)
      ?.recording.endTrace()
      .catch(() => {});
  }

  /** The file that the tab in front shows. */
  get front(): string | undefined {
    return [...this.open.values()].find(({ tab }) => tab.active)?.recording.file;
  }

  private async showRecords(
    file: string,
    open: (hostPath: string) => Promise<Recording>,
    column = vscode.ViewColumn.Active,
  ): Promise<Recording | undefined> {
    const known = this.open.get(file);
    if (known) {
      known.tab.reveal();
      return known.recording;
    }
    const recording = await this.read(file, open);
    if (recording) {
      const { observed } = recording.info;
      const title = recording.name ?? t('Earlier Window');
      const tab = vscode.window.createWebviewPanel(
        recordingViewType,
        observed ? t('{0} (strace)', shortened(title)) : title,
        column,
        { retainContextWhenHidden: true },
      );
      await this.adopt(tab, recording);
    }
    return recording;
  }

  /** Saves what the tab in front shows, else what the live host holds. */
  private async save(): Promise<void> {
    const shown = [...this.open.values()].find(({ tab }) => tab.active)?.recording;
    if (!shown && this.context.playground.status.kind !== 'running') {
      void showInformation(t('There is nothing to save: the socket host does not run.'));
      return;
    }
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    const uri = await vscode.window.showSaveDialog({
      title: t('Save Recording'),
      filters: { [t('Recordings')]: [recordingExtension.slice(1)] },
      ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, `recording${recordingExtension}`) } : {}),
    });
    if (!uri) {
      return;
    }
    try {
      await (shown?.saveRecording({ file: uri.fsPath }) ?? this.context.save(uri.fsPath));
    } catch (error) {
      void showError(t('The recording could not be saved: {0}', (error as Error).message));
      return;
    }
    const open = t('Open Recording');
    if ((await showInformation(t('Saved {0}.', path.basename(uri.fsPath)), open)) === open) {
      await this.show(uri.fsPath);
    }
  }

  private async choose(argument: unknown): Promise<void> {
    if (argument instanceof vscode.Uri) {
      return this.show(argument.fsPath);
    }
    const [uri] =
      (await vscode.window.showOpenDialog({
        title: t('Open Recording'),
        filters: { [t('Recordings')]: [recordingExtension.slice(1)], [t('All files')]: ['*'] },
      })) ?? [];
    return uri && this.show(uri.fsPath);
  }

  private async chooseLog(argument: unknown): Promise<void> {
    const [chosen] =
      argument instanceof vscode.Uri
        ? [argument]
        : ((await vscode.window.showOpenDialog({ title: t('Open strace Log') })) ?? []);
    if (chosen) {
      const file = chosen.fsPath;
      await this.showTrace({ file, of: path.basename(file), isLive: false });
    }
  }

  private async openLast(): Promise<void> {
    const found = await this.context.folder.ofLastWindow();
    const items = found.map(({ file, created }) => ({
      label: t('From {0} on', new Date(created).toLocaleString(vscode.env.language)),
      file,
    }));
    const last = items.at(-1);
    if (!last) {
      void showInformation(t('There is no recording of an earlier window.'));
      return;
    }
    const choice =
      items.length === 1
        ? last
        : await vscode.window.showQuickPick(items.reverse(), {
            title: t('Open the Last Recording'),
            placeHolder: t('The socket host of that window was started anew: each has a recording.'),
            ignoreFocusOut: true,
          });
    await (choice && this.show(choice.file));
  }

  private async restore(tab: vscode.WebviewPanel, state: unknown): Promise<void> {
    const { trace, recording: file } = v.is(storedTab, state) ? state : {};
    const recording = trace
      ? await this.read(trace.file, (hostPath) => Recording.openTrace(hostPath, { ...trace, isLive: false }))
      : file === undefined
        ? undefined
        : await this.read(file, (hostPath) => Recording.open(hostPath, file));
    if (recording) {
      await this.adopt(tab, recording);
    } else {
      tab.dispose();
    }
  }

  private async read(
    file: string,
    open: (hostPath: string) => Promise<Recording>,
  ): Promise<Recording | undefined> {
    try {
      return await open(this.context.hostPath);
    } catch (error) {
      const reason = error instanceof CallRefusedError ? error.refusal.message : (error as Error).message;
      void showError(t('{0} cannot be opened: {1}', path.basename(file), reason));
      return undefined;
    }
  }

  private async adopt(tab: vscode.WebviewPanel, recording: Recording): Promise<void> {
    const { panels } = this.context;
    const playground = new Playground(recording);
    await playground.start();
    const calls = new Calls(playground);
    const panel = new PlaygroundPanel(tab, { ...this.context, playground, calls, recording }, false);
    this.open.set(recording.file, { panel, tab, recording });
    const follow = () => panels.setFront(panel, tab.active);
    tab.onDidChangeViewState(follow);
    follow();
    panel.onDidDispose(() => {
      this.open.delete(recording.file);
      this.closeEmitter.fire(recording.file);
      panels.setFront(panel, false);
      playground.dispose();
    });
  }
}

/** A tab has little room for a command. */
function shortened(title: string): string {
  return title.length <= mostTitle ? title : `${title.slice(0, mostTitle - 1)}…`;
}
