import { type Signal, signal } from '@preact/signals';
import { withCall } from '../../common/callHistory.js';
import { t } from '../../common/l10n.js';
import { printCall } from '../../common/notation/printer.js';
import type { PanelCall } from '../../common/protocol/panel.js';
import type { Platform } from '../../common/tables/constants.js';
import type { ComposerModel } from './composer.js';

/** What offering calls again needs of the page around it. */
export interface HistorySurroundings {
  composer: ComposerModel;
  platform(): Platform;
  /** Has a screen reader say it. */
  say(text: string): void;
}

/** The calls made by hand before, to fill the form with again. */
export class CallHistory {
  /** Which of them was filled in last, and what had been done to the form then. */
  private recalled: { at: number; actions: number } | null = null;

  /** The latest first. */
  readonly calls: Signal<readonly PanelCall[]>;

  constructor(
    private readonly page: HistorySurroundings,
    calls: readonly PanelCall[],
  ) {
    this.calls = signal(calls);
  }

  remember(made: PanelCall): void {
    this.calls.value = withCall(this.calls.value, made, this.page.platform());
  }

  /** Fills the form with the call made by hand before the one it shows, or after it. */
  recall(step: 1 | -1): void {
    const { composer } = this.page;
    const calls = this.calls.value;
    // What was chosen or typed since begins at the latest again.
    const at = this.recalled?.actions === composer.actions ? this.recalled.at : -1;
    const next = Math.min(calls.length - 1, Math.max(0, at + step));
    const made = calls[next];
    if (!made || next === at) {
      this.page.say(
        calls.length === 0 ? t('No calls were made by hand yet.') : t('There is no further call.'),
      );
      return;
    }
    composer.reuse(made);
    this.recalled = { at: next, actions: composer.actions };
    this.page.say(printCall(composer.reading.value.call, { style: 'short', platform: this.page.platform() }));
  }
}
