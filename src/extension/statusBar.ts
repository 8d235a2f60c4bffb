import * as vscode from 'vscode';
import { t } from '../common/l10n.js';
import { type Disposable, DisposableStore } from '../common/lifecycle.js';
import type { Playground } from '../playground/playground.js';

/** How many sockets are open; a press opens the panel. Not there without any: who does not use it has nothing to see. */
export class StatusBar implements Disposable {
  private readonly store = new DisposableStore();
  private readonly item = this.store.add(
    vscode.window.createStatusBarItem('socketPlayground.openSockets', vscode.StatusBarAlignment.Left),
  );
  private count = 0;

  constructor(private readonly playground: Playground) {
    this.item.name = t('Socket Playground');
    this.item.command = 'socketPlayground.open';
    this.store.add(playground.onDidChange(() => this.show()));
  }

  /** What it shows; empty while it is hidden. */
  get text(): string {
    return this.count === 0 ? '' : this.item.text;
  }

  dispose(): void {
    this.store.dispose();
  }

  private show(): void {
    const { openCount } = this.playground;
    if (openCount === this.count) {
      return;
    }
    this.count = openCount;
    if (openCount === 0) {
      this.item.hide();
      return;
    }
    const sentence = openCount === 1 ? t('1 open socket') : t('{0} open sockets', openCount);
    this.item.text = `$(plug) ${openCount.toLocaleString(vscode.env.language)}`;
    this.item.tooltip = t('{0}. Opens the Socket Playground.', sentence);
    this.item.accessibilityInformation = { label: sentence };
    this.item.show();
  }
}
