import { signal } from '@preact/signals';
import { t } from '../../common/l10n.js';
import type { Call, CallRecord } from '../../common/call.js';
import type { PanelCall, PanelCallResult, PanelChange } from '../../common/protocol/panel.js';
import type { SocketId, SocketInfo } from '../../common/socket.js';
import { type Suggestion, suggestNext } from '../../common/suggestions.js';
import { reachableAddress, type SuggestionContext } from '../../common/usualArguments.js';
import { constantValue } from '../../common/tables/constants.js';
import { recordAnnouncement } from '../text/record.js';
import type { ComposerModel } from './composer.js';
import type { PresetRun } from './presetRun.js';
import type { RecordModel } from './records.js';

/** What making a call needs of the page around it. */
export interface CallSurroundings {
  composer: ComposerModel;
  records: RecordModel;
  presetRun: PresetRun;
  context(): SuggestionContext;
  perform(request: PanelCall): Promise<PanelCallResult>;
  /** Selects a record. */
  select(seq: number): void;
  /** The form has moved on from what it showed before to what is usual next: the selection goes with it. */
  followForm(before: SocketId | null): void;
  /** Selects the socket that the form shows. */
  showForm(): void;
  /** Whether the user is in the form, or about to press something there. */
  isAtHand(): boolean;
  /** Whether the caret is in what is sent. */
  isWriting(): boolean;
  /** Selects what was sent there: it is sent again, or typed over. */
  selectWritten(): void;
  /** Has a screen reader say it. */
  say(text: string): void;
  /** Offers a call again. */
  remember(made: PanelCall): void;
  report(error: unknown): void;
}

/** What returns so soon is the answer to the press: nobody has read the form since. */
const answerNs = 250e6;

/** Makes calls one at a time and prepares the usual next one from what has come of them. */
export class Calls {
  private readonly toldWaiters: { seq: number; resolve: () => void }[] = [];
  /** Records of all calls made here, which are announced here. */
  readonly made = new Set<number>();
  /** Calls made here that wait. */
  private readonly waits = new Set<number>();
  /** The record of the last call made here: the next one is suggested from it. */
  private lastSeq = 0;
  /** What the user had done to the form when it was made. */
  private lastActions = 0;
  /** A wait that ended while somebody was in the form, or what was sent by who goes on writing: what is usual after it is offered beside it. */
  readonly late = signal<CallRecord | null>(null);

  constructor(private readonly page: CallSurroundings) {}

  /** Makes the call that the form shows; undefined when it was not made. */
  async makeFormCall(): Promise<CallRecord | undefined> {
    const { composer, presetRun } = this.page;
    if (composer.isBusy.value) {
      return undefined;
    }
    if (!composer.isComplete) {
      composer.showsMissing.value = true;
      const [problem] = composer.problems.peek().values();
      this.page.say(t('No call was made. {0}', problem?.message ?? ''));
      return undefined;
    }
    const { actions, shown } = composer;
    const request = { ...composer.request(), isByHand: true };
    const socketName = presetRun.socketNameFor(request.call);
    // Who sends one message after the other stays where they are; the steps of a preset lead on.
    const isSending = this.page.isWriting() || composer.isChosenSend;
    const stays = isSending && presetRun.progress.peek() === null;
    if (!stays) {
      this.leaveLate();
    }
    composer.isBusy.value = true;
    try {
      const record = await this.perform(socketName === undefined ? request : { ...request, socketName });
      if (record) {
        this.page.remember(request);
        composer.commit(shown);
        await this.goOn(record, actions, stays);
      } else {
        // Why it was not made is said in the place of what is usual next.
        this.late.value = null;
      }
      return record;
    } finally {
      composer.isBusy.value = false;
    }
  }

  /** Makes a call beside the form: a switch of the inspector. */
  async make(call: Call): Promise<void> {
    const record = await this.perform({ call });
    if (record) {
      await this.whenTold(record.seq);
      this.page.select(record.seq);
    }
  }

  /** Makes a socket and connects it to a listener of ours: two real calls. */
  async connectClient(listener: SocketInfo): Promise<void> {
    const { actions } = this.page.composer;
    const address = reachableAddress(listener);
    const { platform } = this.page.context();
    const number = (name: SocketInfo['type']) =>
      typeof name === 'string' ? constantValue(name, platform) : name;
    const domain = number(listener.domain);
    const type = number(listener.type);
    if (!address || domain == null || type == null) {
      return;
    }
    const call: Call = { name: 'socket', args: [domain, type, 0] };
    this.leaveLate();
    const made = await this.perform({ call, socketName: 'client' });
    if (!made || made.errno !== null || made.result === null) {
      return;
    }
    const record = await this.perform({ call: { name: 'connect', args: [made.result, address] } });
    if (record) {
      await this.goOn(record, actions);
    }
  }

  /**
   * A change has been told.
   * @param lastTold The last record that was told before it.
   */
  follow({ lastSeq, changedSeqs }: PanelChange, lastTold: number): void {
    const changed = new Set(changedSeqs);
    for (const seq of this.waits) {
      if (changed.has(seq) || (seq > lastTold && seq <= lastSeq)) {
        void this.followReturn(seq);
      }
    }
    for (const waiter of this.toldWaiters.splice(0)) {
      if (waiter.seq <= lastSeq) {
        waiter.resolve();
      } else {
        this.toldWaiters.push(waiter);
      }
    }
  }

  /** What is usual after the wait that ended while somebody was in the form; undefined where the user has gone on. */
  lateSuggestion(): Suggestion | undefined {
    const record = this.late.value;
    return record && this.isFree() ? (suggestNext(record, this.page.context()) ?? undefined) : undefined;
  }

  /** Goes on from that wait: the user has left the form, or asks for it. */
  async goOnLate(): Promise<void> {
    const record = this.late.peek();
    if (record && !this.page.composer.isBusy.value) {
      this.late.value = null;
      await this.prepareNext(record);
    }
  }

  /** The user goes on otherwise, and a preset that awaited it has ended with that. */
  private leaveLate(): void {
    const record = this.late.peek();
    const { presetRun } = this.page;
    this.late.value = null;
    if (record && presetRun.progress.peek()?.waitingSeq === record.seq) {
      presetRun.stop();
    }
  }

  /** The host has ended: nothing more will be told of what it was asked. */
  giveUp(): void {
    this.late.value = null;
    for (const waiter of this.toldWaiters.splice(0)) {
      waiter.resolve();
    }
  }

  private async perform(request: PanelCall): Promise<CallRecord | undefined> {
    const { records, composer } = this.page;
    try {
      const result = await this.page.perform(request);
      switch (result.kind) {
        case 'record':
          records.put(result.record);
          this.made.add(result.record.seq);
          // Its socket is named as the call has made it, not as what it was before.
          void this.whenTold(result.record.seq).then(() => this.announce(result.record));
          return result.record;
        case 'refused':
          composer.refuse(result.argument, result.message);
          this.page.say(result.message);
          return undefined;
        case 'dismissed':
          return undefined;
      }
    } catch (error) {
      this.page.report(error);
      return undefined;
    }
  }

  /** Shows a call that was made, and prepares the next one from what has come of it. */
  private async goOn(record: CallRecord, actions: number, stays = false): Promise<void> {
    const { seq } = record;
    this.lastSeq = seq;
    this.lastActions = actions;
    if (record.status === 'waiting') {
      this.waits.add(seq);
    }
    await this.whenTold(seq);
    this.page.select(seq);
    // A wait may have ended before its beginning was told.
    const current = (await this.load(seq)) ?? record;
    if (record.status === 'waiting' && current.status !== 'waiting') {
      if (!this.waits.delete(seq)) {
        return;
      }
      this.announce(current);
    }
    const hasSucceeded = current.status === 'returned' && current.errno === null;
    // Who has left the form meanwhile finds the next call there.
    if (stays && hasSucceeded && this.isFree() && this.page.isAtHand()) {
      this.late.value = current;
      this.page.selectWritten();
    } else {
      this.late.value = null;
      await this.prepareNext(current);
      if (this.isFree()) {
        this.page.showForm();
      }
    }
  }

  /** A wait has ended: goes on from it unless the user has gone on by themselves. */
  private async followReturn(seq: number): Promise<void> {
    const record = await this.load(seq);
    if (!record || record.status === 'waiting' || !this.waits.delete(seq)) {
      return;
    }
    this.announce(record);
    const { composer, presetRun } = this.page;
    presetRun.followLeft(record);
    const isAwaited = presetRun.progress.value?.waitingSeq === seq;
    const isElsewhere = presetRun.progress.value !== null && !isAwaited;
    if (isElsewhere || (!isAwaited && (seq !== this.lastSeq || composer.isBusy.value))) {
      return;
    }
    // What has failed stays in the form anyway.
    const hasSucceeded = record.status === 'returned' && record.errno === null;
    if (hasSucceeded && this.page.isAtHand() && (record.endNs ?? 0) - record.startNs > answerNs) {
      this.late.value = record;
    } else {
      await this.prepareNext(record);
    }
  }

  private async prepareNext(record: CallRecord): Promise<void> {
    const { composer, presetRun } = this.page;
    const before = composer.targetId;
    if (!(await presetRun.follow(record))) {
      const next = suggestNext(record, this.page.context());
      if (next && this.isFree()) {
        composer.suggest(next.call, next.socketId);
      }
    }
    this.page.followForm(before);
  }

  /** The user has done nothing to the form since the last call. */
  private isFree(): boolean {
    return this.page.composer.actions === this.lastActions;
  }

  /** Resolves when the sockets show what the call of this record did. */
  private whenTold(seq: number): Promise<void> {
    return seq <= this.page.records.lastSeq
      ? Promise.resolve()
      : new Promise((resolve) => this.toldWaiters.push({ seq, resolve }));
  }

  private load(seq: number): Promise<CallRecord | undefined> {
    return this.page.records.load(seq).catch(() => undefined);
  }

  private announce(record: CallRecord): void {
    this.page.say(recordAnnouncement(record, this.page.context().sockets));
  }
}
