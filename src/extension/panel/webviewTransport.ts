import type * as vscode from 'vscode';
import { Emitter } from '../../common/event.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import { packMessage, unpackMessage } from '../../common/protocol/panelMessage.js';
import type { Transport } from '../../common/rpc.js';

/** The messages of one webview, until it is closed. */
export class WebviewTransport implements Transport, Disposable {
  private readonly store = new DisposableStore();
  private readonly receiveEmitter = this.store.add(new Emitter<unknown>());
  private readonly closeEmitter = this.store.add(new Emitter<void>());

  readonly onDidReceive = this.receiveEmitter.event;
  readonly onDidClose = this.closeEmitter.event;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    onFault: (error: unknown) => void,
  ) {
    this.store.add(
      panel.webview.onDidReceiveMessage((message: unknown) => {
        try {
          this.receiveEmitter.fire(unpackMessage(message));
        } catch (error) {
          onFault(error);
        }
      }),
    );
    this.store.add(
      panel.onDidDispose(() => {
        this.closeEmitter.fire();
        this.dispose();
      }),
    );
  }

  send(message: unknown): void {
    // VS Code's own method, not the DOM's.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    void this.panel.webview.postMessage(packMessage(message));
  }

  dispose(): void {
    this.store.dispose();
  }
}
