import * as vscode from 'vscode';
import { type Value, isAddress, isData } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import { type Disposable, DisposableStore } from '../../common/lifecycle.js';
import { type PrintStyle, printRecord } from '../../common/notation/printer.js';
import type { PanelRequest } from '../../common/protocol/panel.js';
import type { Playground } from '../../playground/playground.js';
import type { Repeats } from '../../playground/repeats.js';
import { showInformation } from '../notify.js';
import { askAndExport, askAndSaveStream } from '../panel/exportRecords.js';
import type { Panels } from '../panel/panels.js';
import type { Platform } from '../../common/tables/constants.js';
import { platform } from '../platform.js';
import { askAndClear } from './clearRecords.js';
import { exportChoices, modelOf, socketOf } from './recordsInFront.js';
import { targetOf } from './target.js';

/** Payload that goes to the clipboard, at most. */
const maxCopied = 1024 * 1024;

export interface PanelCommandsContext {
  playground: Playground;
  panels: Panels;
  repeats: Repeats;
}

/** The commands of the panel: those that act on its page, and those about a record. */
export class PanelCommands implements Disposable {
  private readonly store = new DisposableStore();

  constructor(private readonly context: PanelCommandsContext) {
    const { panels, playground } = context;
    this.register('open', () => panels.show().request({ kind: 'focusPage' }));
    this.register('showSupportMatrix', () => panels.show().request({ kind: 'showMatrix' }));
    this.forward('togglePause', { kind: 'togglePause' });
    this.forward('pause', { kind: 'togglePause' });
    this.forward('resume', { kind: 'togglePause' });
    this.forward('toggleInspector', { kind: 'toggleInspector' });
    this.forward('showInspector', { kind: 'toggleInspector' });
    this.forward('hideInspector', { kind: 'toggleInspector' });
    this.forward('showLanes', { kind: 'showView', view: 'lanes' });
    this.forward('showTable', { kind: 'showView', view: 'table' });
    this.forward('call', { kind: 'call' });
    this.forward('filter', { kind: 'filter' });
    this.forward('newSocketInPanel', { kind: 'newSocket' });
    this.forward('focusNextRegion', { kind: 'focusRegion', direction: 'next' });
    this.forward('focusPreviousRegion', { kind: 'focusRegion', direction: 'previous' });
    this.forward('cancelSelected', { kind: 'cancel' });
    this.forward('earlierCall', { kind: 'recall', step: 1 });
    this.forward('laterCall', { kind: 'recall', step: -1 });
    this.register('stopRepeat', () => context.repeats.stopAll());
    this.register('clear', async () => {
      if (await askAndClear(playground)) {
        await panels.open?.request({ kind: 'clear' });
      }
    });
    this.register('export', (argument) => this.export(argument));
    this.register('saveStream', (argument) => this.saveStream(argument));
    this.register('copyCall', (argument) => this.withRecord(argument, (seq) => this.copyCall(seq)));
    this.register('copyStrace', (argument) =>
      this.withRecord(argument, (seq) => this.copyCall(seq, 'strace')),
    );
    this.register('copyHex', (argument) => this.withRecord(argument, (seq) => this.copyHex(seq)));
    this.register('copyData', (argument) => this.withRecord(argument, (seq) => this.copyData(seq)));
    this.register('followStream', (argument) =>
      this.withRecord(argument, (seq) => panels.request({ kind: 'followStream', seq })),
    );
    this.register('setTimeReference', (argument) =>
      this.withRecord(argument, (seq) => panels.request({ kind: 'setTimeReference', seq })),
    );
    this.register('saveData', (argument) => this.withRecord(argument, (seq) => this.saveData(seq)));
    // These act on live sockets: a record of a recording is nothing to them.
    this.register('prepareCall', (argument) =>
      this.withRecord(argument, (seq) => this.prepareCall(seq), panels.open),
    );
    this.register('cancelCall', (argument) =>
      this.withRecord(argument, (seq) => playground.cancel(seq), panels.open),
    );
  }

  dispose(): void {
    this.store.dispose();
  }

  private register(name: string, run: (argument: unknown) => unknown): void {
    this.store.add(vscode.commands.registerCommand(`socketPlayground.${name}`, run));
  }

  private forward(name: string, request: PanelRequest): void {
    this.register(name, () => this.context.panels.request(request));
  }

  /** The model of the tab in front. */
  private get playground(): Playground {
    const { panels, playground } = this.context;
    return panels.front?.playground ?? playground;
  }

  /** The one on which the records in front were made. */
  private get platform(): Platform {
    return this.context.panels.front?.platform ?? platform;
  }

  /** The record of the context menu, else the selected one. */
  private async withRecord(
    argument: unknown,
    run: (seq: number) => unknown,
    panel = this.context.panels.front,
  ): Promise<void> {
    const seq = targetOf(argument).seq ?? panel?.selection.seq;
    if (seq === undefined || seq === null) {
      void showInformation(t('No record is selected.'));
      return;
    }
    await run(seq);
  }

  /** The records of the tab in front, the filter that it shows, and the socket of the menu, else the selected one. */
  private async export(argument: unknown): Promise<void> {
    await askAndExport(modelOf(argument, this.context), exportChoices(argument, this.context));
  }

  private async saveStream(argument: unknown): Promise<void> {
    const socket = socketOf(argument, this.context);
    if (!socket) {
      void showInformation(t('No socket is selected.'));
      return;
    }
    await askAndSaveStream(modelOf(argument, this.context), socket);
  }

  private async copyCall(seq: number, style: PrintStyle = 'short'): Promise<void> {
    const record = await this.playground.readRecord(seq);
    if (record) {
      await vscode.env.clipboard.writeText(printRecord(record, { style, platform: this.platform }));
    }
  }

  private copyData(seq: number): Promise<void> {
    return this.copyBytes(seq, (bytes) => new TextDecoder().decode(bytes));
  }

  private copyHex(seq: number): Promise<void> {
    return this.copyBytes(seq, (bytes) =>
      Buffer.from(bytes)
        .toString('hex')
        .replaceAll(/(..)(?=.)/g, '$1 '),
    );
  }

  private async copyBytes(seq: number, textOf: (bytes: Uint8Array) => string): Promise<void> {
    const bytes = await this.playground.readData(seq, 0, maxCopied);
    if (bytes.length === 0) {
      void showInformation(t('This call moved no data, or it is no longer kept.'));
      return;
    }
    await vscode.env.clipboard.writeText(textOf(bytes));
  }

  private async saveData(seq: number): Promise<void> {
    const { playground } = this;
    const record = await playground.readRecord(seq);
    const length = record?.payload?.captured ?? 0;
    if (length === 0) {
      void showInformation(t('This call moved no data, or it is no longer kept.'));
      return;
    }
    const uri = await vscode.window.showSaveDialog({ title: t('Save Data of Record {0}', seq) });
    if (uri) {
      await vscode.workspace.fs.writeFile(uri, await playground.readData(seq, 0, length));
    }
  }

  /** Puts a call back into the composer, with all of its data. */
  private async prepareCall(seq: number): Promise<void> {
    const { playground, panels } = this.context;
    const record = await playground.readRecord(seq);
    if (!record) {
      return;
    }
    const isSent = record.payload?.direction === 'out';
    const bytes = isSent ? await playground.readData(seq, 0, record.payload!.captured) : new Uint8Array();
    const args = wholeData(record.args, bytes);
    const panel = panels.show();
    await panel.request({ kind: 'prepare', call: { name: record.name, args } });
  }
}

/** Arguments whose data is cut to a preview, with what the capture holds of the call's payload in its place. */
function wholeData(args: readonly Value[], payload: Uint8Array): Value[] {
  let offset = 0;
  const whole = (value: Value): Value => {
    if (isData(value)) {
      const bytes = payload.subarray(offset, offset + value.length);
      offset += value.length;
      return value.bytes.length < value.length && bytes.length > value.bytes.length
        ? { kind: 'data', bytes: bytes.slice(), length: bytes.length }
        : value;
    }
    if (typeof value !== 'object' || value === null || isAddress(value)) {
      return value;
    }
    switch (value.kind) {
      case 'list':
        return { kind: 'list', items: value.items.map(whole) };
      case 'struct':
        return {
          kind: 'struct',
          fields: value.fields.map((field) => ({ name: field.name, value: whole(field.value) })),
        };
      default:
        return value;
    }
  };
  return args.map(whole);
}
