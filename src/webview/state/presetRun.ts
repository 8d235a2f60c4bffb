import { signal } from '@preact/signals';
import type { Call, CallRecord } from '../../common/call.js';
import { type Preset, presetCall } from '../../common/presets.js';
import type { SocketId, SocketInfo } from '../../common/socket.js';
import type { Platform } from '../../common/tables/constants.js';
import { type CallName, parameterIndex } from '../../common/tables/signatures.js';
import { isOpenSocket } from '../../common/usualArguments.js';

/** A preset on its way: which call is next, and what the calls before it made. */
export interface PresetProgress {
  preset: Preset;
  /** The step whose call is next. */
  step: number;
  made: readonly (readonly SocketId[])[];
  /** The step's call waits; the next step comes when it has returned. */
  waitingSeq: number | null;
  /** All that is left is made without further presses. */
  isRunningAll: boolean;
}

/** What a preset needs of the page around it. */
export interface PresetActions {
  socket(id: SocketId): SocketInfo | undefined;
  platform(): Platform;
  /** Resolves when the socket has an address that can be reached; false when none came in time. */
  whenReachable(id: SocketId): Promise<boolean>;
  fill(call: Call): void;
  /** The call that the form shows. */
  shown(): CallName;
  /** Makes the call that the form shows; undefined when it was not made. */
  makeCall(): Promise<CallRecord | undefined>;
}

/** Leads through the calls of a preset, one a press or all at once. */
export class PresetRun {
  readonly progress = signal<PresetProgress | null>(null);
  /** The one that another was begun before the end of. */
  readonly left = signal<PresetProgress | null>(null);

  constructor(private readonly actions: PresetActions) {}

  /** Shows the preset's first call in the form; nothing is called. */
  async start(preset: Preset): Promise<void> {
    if (this.progress.peek()?.made.length) {
      this.leave();
    }
    this.progress.value = { preset, step: 0, made: [], waitingSeq: null, isRunningAll: false };
    await this.prepare();
  }

  /** The user goes another way. */
  stop(): void {
    this.progress.value = null;
    this.left.value = null;
  }

  /** There is nothing more to lead through: the one that was left before is still there to go back to. */
  private end(): void {
    this.progress.value = null;
  }

  /** Goes on with the preset that was left for this one, which is left in turn unless it has ended. */
  async goBack(): Promise<void> {
    const { left } = this;
    const before = left.peek();
    if (before) {
      this.leave();
      this.progress.value = before;
      await this.prepare();
    }
  }

  private leave(): void {
    const progress = this.progress.peek();
    this.left.value = progress && { ...progress, isRunningAll: false };
  }

  /** The name for the socket that the next call makes, when it is this preset's. */
  socketNameFor(call: Call): string | undefined {
    const step = this.currentStep();
    return step?.name === call.name ? step.socketName : undefined;
  }

  /** The call that is next on a socket, where the preset that is on its way made it. */
  nextOn(id: SocketId): CallName | undefined {
    return this.progress.value?.made.flat().includes(id) ? this.currentStep()?.name : undefined;
  }

  /** Makes all calls that are left; stops at one that fails or waits. */
  async runAll(): Promise<void> {
    this.change({ isRunningAll: true });
    const step = this.currentStep();
    if (step && this.actions.shown() !== step.name) {
      await this.prepare();
    }
    while (this.progress.value?.isRunningAll) {
      const { step } = this.progress.value;
      const record = await this.actions.makeCall();
      const progress = this.progress.peek();
      if (!record || progress?.step === step) {
        this.change({ isRunningAll: false });
      }
    }
  }

  /** A preset ends with a socket that it made. */
  followSockets(): void {
    if (this.isOver(this.left.peek())) {
      this.left.value = null;
    }
    if (this.isOver(this.progress.peek())) {
      this.end();
    }
  }

  private isOver(progress: PresetProgress | null): boolean {
    const made = progress?.made.flat() ?? [];
    return made.some((id) => {
      const socket = this.actions.socket(id);
      return !socket || !isOpenSocket(socket);
    });
  }

  /**
   * Goes on when the record is the step's: to the next step when it succeeded. True when the form was filled
   * or the preset has ended with this record.
   */
  async follow(record: CallRecord): Promise<boolean> {
    const progress = this.progress.value;
    const current = this.currentStep();
    if (!progress || !current) {
      this.followLeft(record);
      return false;
    }
    const isOwn = isOn(progress, record);
    if (current.name !== record.name || (parameterIndex(current.name, 'fd') >= 0 && !isOwn)) {
      if (isOwn) {
        await this.prepare();
      } else {
        this.stop();
      }
      return isOwn;
    }
    if (record.status === 'waiting') {
      if (progress.step === progress.preset.steps.length - 1 && record.name !== 'connect') {
        // What is left is to wait for somebody else, which needs no guidance; a connect may still fail.
        this.end();
        return false;
      }
      this.change({ waitingSeq: record.seq });
      return true;
    }
    const next = behind(progress, record);
    if (next === null) {
      this.end();
      return false;
    }
    this.progress.value = next;
    if (next.step === progress.step) {
      return false;
    }
    await this.prepare();
    return true;
  }

  /** A wait has ended, or the user has made a call without guidance: maybe that of the preset which was left. */
  followLeft(record: CallRecord): void {
    const left = this.left.peek();
    if (!left) {
      return;
    }
    const isNext = left.preset.steps[left.step]?.name === record.name && isOn(left, record);
    if (left.waitingSeq === record.seq || isNext) {
      this.left.value =
        record.status === 'waiting' ? { ...left, waitingSeq: record.seq } : behind(left, record);
    }
  }

  private currentStep() {
    const progress = this.progress.value;
    return progress?.preset.steps[progress.step];
  }

  private async prepare(): Promise<void> {
    const progress = this.progress.value;
    const step = this.currentStep();
    if (!progress || !step) {
      return;
    }
    const sockets = () =>
      progress.made.map((ids) =>
        ids.map((id) => this.actions.socket(id)).filter((socket) => socket !== undefined),
      );
    let prepared = presetCall(step, sockets(), this.actions.platform());
    if (prepared.kind === 'needsAddress' && (await this.actions.whenReachable(prepared.socket.id))) {
      prepared = presetCall(step, sockets(), this.actions.platform());
    }
    const current = this.progress.peek();
    if (current?.preset !== progress.preset || current.step !== progress.step) {
      return;
    }
    if (prepared.kind === 'call') {
      this.actions.fill(prepared.call);
    } else {
      this.end();
    }
  }

  private change(change: Partial<PresetProgress>): void {
    if (this.progress.value) {
      this.progress.value = { ...this.progress.value, ...change };
    }
  }
}

/** The record's call was made on a socket of the preset. */
function isOn({ made }: PresetProgress, { socketId }: CallRecord): boolean {
  return socketId !== null && made.flat().includes(socketId);
}

/** How far a preset is when its step's call has ended; null behind its last one. */
function behind(progress: PresetProgress, { status, errno, createdIds }: CallRecord): PresetProgress | null {
  if (status !== 'returned' || errno !== null) {
    return { ...progress, waitingSeq: null };
  }
  const step = progress.step + 1;
  const made = [...progress.made, createdIds];
  return step === progress.preset.steps.length ? null : { ...progress, made, step, waitingSeq: null };
}
