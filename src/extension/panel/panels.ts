import * as vscode from 'vscode';
import { Emitter } from '../../common/event.js';
import { t } from '../../common/l10n.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import type { PanelRequest } from '../../common/protocol/panel.js';
import type { SocketId } from '../../common/socket.js';
import { type PanelContext, panelViewType, PlaygroundPanel } from './playgroundPanel.js';

/** The panel's editor tab: at most one, opened on request, restored with the window. */
export class Panels implements Disposable {
  private readonly store = new DisposableStore();
  private readonly selectEmitter = this.store.add(new Emitter<SocketId>());
  private current: PlaygroundPanel | undefined;
  /** A tab with a recording, while it is in front. */
  private recording: PlaygroundPanel | undefined;

  /** The user selected a socket in the page. */
  readonly onDidSelect = this.selectEmitter.event;

  constructor(private readonly context: PanelContext) {
    this.store.add(
      vscode.window.registerWebviewPanelSerializer(panelViewType, {
        deserializeWebviewPanel: (panel) => {
          this.adopt(panel, true);
          return Promise.resolve();
        },
      }),
    );
    this.store.add({ dispose: () => this.current?.dispose() });
  }

  /** The open tab. */
  get open(): PlaygroundPanel | undefined {
    return this.current;
  }

  /** The tab that commands are about: a recording's while it is in front. */
  get front(): PlaygroundPanel | undefined {
    return this.recording ?? this.current;
  }

  /** A tab with a recording has come to the front, or is not there any more. */
  setFront(panel: PlaygroundPanel, isFront: boolean): void {
    if (isFront) {
      this.recording = panel;
    } else if (this.recording === panel) {
      this.recording = undefined;
    }
  }

  /** Opens the tab beside the editor that has the focus, and leaves the focus there; an open tab stays as it is. */
  showBeside(): void {
    if (!this.current) {
      this.create({ viewColumn: vscode.ViewColumn.Beside, preserveFocus: true });
    }
  }

  /** Opens the tab, or shows the open one. */
  show({ preserveFocus = false } = {}): PlaygroundPanel {
    if (this.current) {
      this.current.reveal(preserveFocus);
      return this.current;
    }
    return this.create({ viewColumn: vscode.ViewColumn.Active, preserveFocus });
  }

  private create(place: { viewColumn: vscode.ViewColumn; preserveFocus: boolean }): PlaygroundPanel {
    const title = t('Socket Playground');
    const panel = vscode.window.createWebviewPanel(panelViewType, title, place, {
      retainContextWhenHidden: true,
    });
    return this.adopt(panel, false);
  }

  /** Selects a socket in the page, where it is open and another one is selected. */
  select(socketId: SocketId): void {
    if (this.current && this.current.selection.socketId !== socketId) {
      this.current.selection = { socketId, seq: null };
      void this.current.request({ kind: 'select', socketId, seq: null });
    }
  }

  /** Has the page do something, where it is open. */
  async request(request: PanelRequest): Promise<void> {
    await this.front?.request(request);
  }

  dispose(): void {
    this.store.dispose();
  }

  private adopt(panel: vscode.WebviewPanel, isRestored: boolean): PlaygroundPanel {
    this.current?.dispose();
    const opened = new PlaygroundPanel(panel, this.context, isRestored);
    this.current = opened;
    opened.onDidSelect((socketId) => {
      if (socketId !== null) {
        this.selectEmitter.fire(socketId);
      }
    });
    opened.onDidDispose(() => {
      if (this.current === opened) {
        this.current = undefined;
      }
    });
    return opened;
  }
}
