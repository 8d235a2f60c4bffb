import * as vscode from 'vscode';
import type { CallRecord } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import type { Disposable } from '../../common/lifecycle.js';
import { printRecord } from '../../common/notation/printer.js';
import { subjectThen } from '../../common/recordText.js';
import { isFailure } from '../../common/failure.js';
import { explain } from '../../common/tables/explanations.js';
import { describeFailure } from '../../playground/callHandle.js';
import type { Playground } from '../../playground/playground.js';
import { escapeIcons } from '../icons.js';
import { showError, showWarning } from '../notify.js';
import type { Panels } from '../panel/panels.js';
import { platform } from '../platform.js';
import type { CallOutcome } from './calls.js';

/** How long a result stays in the status bar, in ms. */
const resultTime = 8000;

/** Bytes of data in a text, at most. VS Code cuts what is longer than two fifths of the window, at the end: the result. */
const mostData = { statusBar: 16, message: 60 } as const;

/** Tells of the results of calls that were made outside the panel: in the status bar, failures as a message. */
export class Reporter implements Disposable {
  private readonly subscription: Disposable;
  /** The result that the status bar shows. */
  private shown: { seq: number; message: Disposable } | undefined;

  constructor(
    private readonly playground: Playground,
    private readonly panels: Panels,
  ) {
    // What a person has called since is the latest result, and the panel shows it.
    this.subscription = playground.onDidReturn(({ seq, madeBy }) => {
      if (madeBy === null && this.shown?.seq !== seq) {
        this.shown?.message.dispose();
      }
    });
  }

  dispose(): void {
    this.subscription.dispose();
    this.shown?.message.dispose();
  }

  /** Tells what a call has come to, and later how its wait ended. */
  report(outcome: CallOutcome & { kind: 'started' }): void {
    if (outcome.start.kind === 'returned') {
      this.tell(outcome.start.record);
      return;
    }
    void this.follow(outcome.start.seq, outcome.returned);
  }

  /** Shows a record in the panel. */
  async show(seq: number, socketId: number | null): Promise<void> {
    this.panels.show();
    await this.panels.request({ kind: 'select', socketId, seq });
  }

  private async follow(seq: number, returned: Promise<CallRecord>): Promise<void> {
    const record = await this.playground.readRecord(seq);
    const end = returned.catch((error: unknown) => error);
    if (record?.status === 'waiting') {
      vscode.window.setStatusBarMessage(`$(sync~spin) ${escapeIcons(text(record, mostData.statusBar))}`, end);
    }
    const result = await end;
    if (result instanceof Error) {
      void showError(describeFailure(result));
    } else {
      this.tell(result as CallRecord);
    }
  }

  private tell(record: CallRecord): void {
    const hasFailed = isFailure(record);
    const icon = hasFailed ? 'error' : record.status === 'cancelled' ? 'circle-slash' : 'check';
    this.shown?.message.dispose();
    const shown = escapeIcons(text(record, mostData.statusBar));
    const message = vscode.window.setStatusBarMessage(`$(${icon}) ${shown}`, resultTime);
    this.shown = { seq: record.seq, message };
    if (hasFailed && !this.panels.open?.isVisible) {
      void this.tellFailure(record);
    }
  }

  /** The message waits for what can be found out about the failure; the status bar has told of it. */
  private async tellFailure(failed: CallRecord): Promise<void> {
    const record = await this.playground.facts.whenFound(failed);
    const explanation = explain({ record, socket: subjectThen(record, this.playground.sockets) });
    const show = t('Show in Playground');
    const said = text(record, mostData.message);
    const message = explanation === undefined ? said : `${said}. ${explanation}`;
    if ((await showWarning(message, show)) === show) {
      await this.show(record.seq, record.socketId);
    }
  }
}

function text(record: CallRecord, maxData: number): string {
  return printRecord(record, { style: 'short', platform, maxData });
}
