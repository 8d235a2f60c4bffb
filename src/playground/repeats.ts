import { randomFillSync } from 'node:crypto';
import type { Call, CallRecord } from '../common/call.js';
import { TemplatedCall, TemplateError } from '../common/callTemplate.js';
import { Emitter } from '../common/event.js';
import { t } from '../common/l10n.js';
import { type Disposable, DisposableStore } from '../common/lifecycle.js';
import { templateValues } from '../common/payloadTemplate.js';
import type { RepeatEnd, RepeatInfo, RepeatRequest, RepeatStart } from '../common/protocol/repeat.js';
import { isFailure } from '../common/failure.js';
import { type CallOptions, type CallStart, describeFailure } from './callHandle.js';
import type { Playground } from './playground.js';

/** At the same time. */
const maxRunning = 8;
/** How often it is told how far one is, at most. */
const tellMs = 100;

/** How a call is made: it may be refused, or be given up by the user. */
export type MakeCall = (
  call: Call,
  options: CallOptions,
) => Promise<
  | { kind: 'started'; start: CallStart; returned: Promise<CallRecord> }
  | { kind: 'refused'; message: string }
  | { kind: 'dismissed' }
>;

/**
 * Calls that are made again and again: each is a call and a record like one by hand. They go on behind a hidden page
 * and end with their socket.
 */
export class Repeats implements Disposable {
  private readonly store = new DisposableStore();
  private readonly changeEmitter = this.store.add(new Emitter<readonly RepeatInfo[]>());
  private readonly running = new Map<number, Repeat>();
  private nextId = 1;
  private tellTimer: NodeJS.Timeout | undefined;

  /** At most every 100 ms while one runs, and at every end. */
  readonly onDidChange = this.changeEmitter.event;

  constructor(
    private readonly playground: Pick<Playground, 'sockets' | 'cancel' | 'onDidChange' | 'onDidChangeStatus'>,
    private readonly make: MakeCall,
  ) {
    this.store.add(playground.onDidChange(() => this.endWithSockets()));
    this.store.add(playground.onDidChangeStatus(() => this.endWithSockets()));
  }

  /** Those that run, and those that ended by themselves and whose end nobody has taken note of. */
  get all(): readonly RepeatInfo[] {
    return [...this.running.values()].map(({ info }) => info);
  }

  get isRunning(): boolean {
    return this.all.some(({ end }) => end === null);
  }

  start(request: RepeatRequest): RepeatStart {
    if (this.all.filter(({ end }) => end === null).length >= maxRunning) {
      return { kind: 'refused', message: t('{0} calls are repeated already: stop one first.', maxRunning) };
    }
    let call: TemplatedCall;
    try {
      call = new TemplatedCall(request.call.call, request.call.templates ?? []);
    } catch (error) {
      return { kind: 'refused', message: describeFailure(error) };
    }
    // What ended there before is no news any more.
    for (const { info } of this.running.values()) {
      if (info.end !== null && info.socketId === request.socketId) {
        this.running.delete(info.id);
      }
    }
    const id = this.nextId++;
    const repeat = new Repeat(id, request, call, this.make, this.playground, () => this.tell(repeat));
    this.running.set(id, repeat);
    this.endWithSockets();
    void repeat.run();
    this.fire();
    return { kind: 'started', id };
  }

  /** Ends one; of one that has ended by itself takes note. */
  stop(id: number): void {
    const repeat = this.running.get(id);
    if (repeat?.info.end) {
      this.running.delete(id);
      this.fire();
    } else {
      repeat?.finish({ kind: 'stopped' });
    }
  }

  stopAll(): void {
    for (const { info } of this.running.values()) {
      if (info.end === null) {
        this.stop(info.id);
      }
    }
  }

  dispose(): void {
    this.stopAll();
    clearTimeout(this.tellTimer);
    this.store.dispose();
  }

  private endWithSockets(): void {
    for (const repeat of this.running.values()) {
      const { socketId, end } = repeat.info;
      const socket = socketId === null ? undefined : this.playground.sockets.get(socketId);
      if (end === null && socketId !== null && (!socket || socket.isLost || socket.state === 'closed')) {
        repeat.finish({ kind: 'closed' });
      }
    }
  }

  private tell({ info }: Repeat): void {
    if (info.end !== null) {
      this.fire();
    } else {
      this.tellTimer ??= setTimeout(() => this.fire(), tellMs);
    }
  }

  private fire(): void {
    clearTimeout(this.tellTimer);
    this.tellTimer = undefined;
    this.changeEmitter.fire(this.all);
  }
}

/** One call that is repeated. */
class Repeat {
  info: RepeatInfo;
  private pause: { timer: NodeJS.Timeout; resolve: () => void } | undefined;
  /** The record of a repetition that waits. */
  private waitingSeq: number | null = null;

  constructor(
    id: number,
    private readonly request: RepeatRequest,
    private readonly call: TemplatedCall,
    private readonly make: MakeCall,
    private readonly playground: Pick<Playground, 'cancel'>,
    private readonly tell: () => void,
  ) {
    const { socketId, count, intervalMs } = request;
    const { name } = request.call.call;
    const begin = { begun: 0, made: 0, failed: 0, isWaiting: false, end: null };
    this.info = { id, name, socketId, count, intervalMs, ...begin };
  }

  async run(): Promise<void> {
    const { count, intervalMs } = this.request;
    try {
      for (let made = 0; made < count && this.info.end === null; made++) {
        const startedAt = performance.now();
        await this.once(made);
        const rest = intervalMs - (performance.now() - startedAt);
        if (made + 1 < count && rest > 0 && this.info.end === null) {
          await this.sleep(rest);
        }
      }
      this.finish({ kind: 'done' });
    } catch (error) {
      const message = error instanceof TemplateError ? error.message : describeFailure(error);
      this.finish({ kind: 'problem', message });
    }
  }

  /** The first end counts. A repetition that waits is cancelled. */
  finish(end: RepeatEnd): void {
    if (this.info.end !== null) {
      return;
    }
    this.change({ end, isWaiting: false });
    if (this.waitingSeq !== null) {
      void this.playground.cancel(this.waitingSeq);
    }
    clearTimeout(this.pause?.timer);
    this.pause?.resolve();
  }

  private async once(made: number): Promise<void> {
    const { request } = this;
    const { hostName } = request.call;
    const values = templateValues(request.firstCounter + made, Date.now(), (room) => randomFillSync(room));
    const call = this.call.fill(values);
    this.change({ begun: made + 1 });
    const outcome = await this.make(call, {
      ...(hostName ? { hostName } : {}),
      ...(request.socketId === null ? {} : { socketId: request.socketId }),
      madeBy: 'repeat',
    });
    if (outcome.kind !== 'started') {
      this.change({ begun: made });
      this.finish(
        outcome.kind === 'refused' ? { kind: 'problem', message: outcome.message } : { kind: 'stopped' },
      );
      return;
    }
    const { start, returned } = outcome;
    if (start.kind === 'waiting') {
      this.waitingSeq = start.seq;
      if (this.info.end === null) {
        this.change({ isWaiting: true });
      } else {
        void this.playground.cancel(start.seq);
      }
    }
    const record = await returned;
    this.waitingSeq = null;
    this.didReturn(record);
  }

  private didReturn(record: CallRecord): void {
    const { made, failed } = this.info;
    const hasFailed = isFailure(record);
    this.change({
      made: made + (record.status === 'returned' ? 1 : 0),
      failed: failed + (hasFailed ? 1 : 0),
      isWaiting: false,
    });
    if (hasFailed && this.request.stopsAtError) {
      this.finish({ kind: 'error', errno: record.errno ?? '' });
    } else if (record.status !== 'returned') {
      this.finish({ kind: 'stopped' });
    }
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.pause = { timer: setTimeout(resolve, ms), resolve };
    });
  }

  private change(change: Partial<RepeatInfo>): void {
    this.info = { ...this.info, ...change };
    this.tell();
  }
}
