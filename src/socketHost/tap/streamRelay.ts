import type { DirectionFaults } from '../../common/tap/faults.js';
import type { Socket } from '../socket.js';
import type { Random } from './random.js';
import { blockSize, type TapCalls } from './tapCalls.js';

/** Bytes that a delay or a collection holds at most: then receiving stops, as it does at once without either. */
const heldAtMost = 1 << 20;

/** How a direction has ended. */
export type RelayEnd =
  /** The source sends nothing more, and that was passed on. */
  | 'finished'
  /** One of the two was reset, or is gone. */
  | 'broken'
  /** A fault asks for both to be reset. */
  | 'reset';

/** What is to be sent. */
interface Piece {
  bytes: Uint8Array;
  /** When, by the host's clock in ms. */
  due: number;
  injected: readonly string[];
}

export interface RelayContext {
  calls: TapCalls;
  random: () => Random;
  /** As they are now. */
  faults: () => DirectionFaults;
}

/**
 * One direction of a stream: receives here and sends there, one call after the other. Without a delay the next bytes are
 * received when the last ones are sent, so that a slow reader is felt by the sender through the kernel's own buffers.
 */
export class StreamRelay {
  private readonly pieces: Piece[] = [];
  private held = 0;
  /** What a collection has so far, and when it ends. */
  private collected: Uint8Array[] = [];
  private collectedUntil: number | null = null;
  /** What has cut the end of it short. */
  private collectedCut: readonly string[] = [];
  private lastDue = 0;
  /** Bytes that have been received, or sent on: places for faults. */
  private received = 0;
  private nextCut: number | null = null;
  private isSourceOver = false;
  private isCutOff = false;
  private isEnded = false;
  private isSentAtOnce = false;
  private timer: NodeJS.Timeout | undefined;
  private wake: () => void = () => {};
  private room: () => void = () => {};

  constructor(
    private readonly from: Socket,
    private readonly to: Socket,
    private readonly context: RelayContext,
  ) {}

  /** Runs until the direction is over. */
  async run(): Promise<RelayEnd> {
    const sending = this.sendAll();
    const receiving = this.receiveAll();
    const first = await Promise.race([sending, receiving]);
    if (first !== 'finished') {
      this.stop();
      return first;
    }
    return sending;
  }

  /** Nothing is sent any more. */
  stop(): void {
    this.isEnded = true;
    clearTimeout(this.timer);
    this.wake();
    this.room();
  }

  private async receiveAll(): Promise<RelayEnd> {
    const { calls } = this.context;
    while (!this.isEnded) {
      const received = await calls.receive(this.from, 'recv', (bytes) => this.judge(bytes));
      if (!received || received.record.result === null || received.record.errno !== null) {
        return 'broken';
      }
      const { bytes } = received;
      if (bytes.length === 0) {
        break;
      }
      const isReset = this.take(bytes);
      await this.untilThereIsRoom();
      if (isReset) {
        await this.untilAllIsSent();
        return 'reset';
      }
    }
    this.isSourceOver = true;
    this.collectedUntil = this.collectedUntil === null ? null : 0;
    this.wake();
    return 'finished';
  }

  /** What the record of the bytes says: of them, something may go no further. */
  private judge({ length }: Uint8Array): readonly string[] {
    const { 'half-close': cutAt = Infinity, reset: resetAt = Infinity } = this.context.faults();
    const end = this.received + length;
    if (length > 0 && (this.isCutOff || (end > cutAt && cutAt <= resetAt))) {
      return ['half-close'];
    }
    return end > resetAt ? ['reset'] : [];
  }

  /** Takes what was received on its way. Whether a fault resets the connections now. */
  private take(bytes: Uint8Array): boolean {
    const faults = this.context.faults();
    const { 'half-close': cutAt = Infinity, reset: resetAt = Infinity } = faults;
    const before = this.received;
    const lost = this.judge(bytes);
    this.received += bytes.length;
    const kept = this.isCutOff ? 0 : Math.max(0, Math.min(bytes.length, Math.min(cutAt, resetAt) - before));
    if (kept > 0) {
      this.collect(bytes.subarray(0, kept), kept < bytes.length ? lost : [], faults);
    }
    const isReset = this.received >= resetAt;
    if (this.received >= cutAt && cutAt < resetAt) {
      this.cutOff();
    }
    return isReset;
  }

  /** Nothing that comes later goes on. */
  private cutOff(): void {
    this.isCutOff = true;
    this.wake();
  }

  /** @param cut What has cut the end of the bytes short. */
  private collect(bytes: Uint8Array, cut: readonly string[], faults: DirectionFaults): void {
    this.held += bytes.length;
    if (faults.coalesce === undefined && this.collected.length === 0) {
      this.add(bytes, [], faults, cut);
      return;
    }
    this.collected.push(bytes);
    this.collectedCut = cut;
    this.collectedUntil ??= performance.now() + (faults.coalesce ?? 0);
    this.wake();
  }

  /** Ends a collection whose time has come, or that is large enough. */
  private release(): void {
    const size = this.collected.reduce((sum, { length }) => sum + length, 0);
    const isOver = this.isSourceOver || this.isCutOff || size >= blockSize;
    if (this.collectedUntil === null || (!isOver && performance.now() < this.collectedUntil)) {
      return;
    }
    const whole = Buffer.concat(this.collected);
    this.collected = [];
    this.collectedUntil = null;
    this.add(whole, ['coalesce'], this.context.faults(), this.collectedCut);
  }

  private add(
    bytes: Uint8Array,
    injected: readonly string[],
    faults: DirectionFaults,
    cut: readonly string[],
  ): void {
    for (const { piece, isCut } of this.cut(bytes, faults)) {
      const delay = this.delayOf(faults);
      this.lastDue = Math.max(this.lastDue, performance.now() + delay);
      const marks = [...injected, ...(isCut ? ['slice'] : []), ...(delay > 0 ? [`delay ${delay} ms`] : [])];
      this.pieces.push({ bytes: piece, due: this.lastDue, injected: marks });
    }
    const last = this.pieces.at(-1);
    if (last) {
      last.injected = [...last.injected, ...cut];
    }
    this.wake();
  }

  private delayOf({ delay = 0, jitter = 0 }: DirectionFaults): number {
    return delay + (jitter > 0 ? this.context.random().upTo(jitter) : 0);
  }

  /** Cut at random places of the stream: the same ones however the bytes came. */
  private *cut(
    bytes: Uint8Array,
    { slice }: DirectionFaults,
  ): Generator<{ piece: Uint8Array; isCut: boolean }> {
    if (slice === undefined) {
      this.nextCut = null;
      yield { piece: bytes, isCut: false };
      return;
    }
    for (let at = 0; at < bytes.length;) {
      this.nextCut ??= 1 + this.context.random().upTo(slice - 1);
      const length = Math.min(this.nextCut, bytes.length - at);
      this.nextCut = length === this.nextCut ? null : this.nextCut - length;
      yield { piece: bytes.subarray(at, at + length), isCut: true };
      at += length;
    }
  }

  private async sendAll(): Promise<RelayEnd> {
    const { calls } = this.context;
    while (!this.isEnded) {
      this.release();
      const [piece] = this.pieces;
      if (!piece) {
        if (this.collectedUntil === null && (this.isSourceOver || this.isCutOff)) {
          break;
        }
        await this.sleepUntil(this.collectedUntil);
        continue;
      }
      if (piece.due > performance.now()) {
        await this.sleepUntil(piece.due);
        continue;
      }
      this.pieces.shift();
      if (piece.injected.includes('slice') && !this.isSentAtOnce) {
        this.isSentAtOnce = true;
        await calls.sendAtOnce(this.to, ['slice']);
      }
      const record = await calls.send(this.to, piece.bytes, piece.injected);
      if (record?.result !== piece.bytes.length) {
        return 'broken';
      }
      this.held -= piece.bytes.length;
      this.room();
    }
    if (this.isEnded) {
      return 'broken';
    }
    await calls.shutDown(this.to, this.isCutOff && !this.isSourceOver ? ['half-close'] : []);
    return this.isSourceOver ? 'finished' : this.untilSourceIsOver();
  }

  /** After a half-close that was injected the source may go on for long. */
  private async untilSourceIsOver(): Promise<RelayEnd> {
    while (!this.isEnded && !this.isSourceOver) {
      await this.sleepUntil(null);
    }
    return this.isEnded ? 'broken' : 'finished';
  }

  /** Until the time comes, or something else has happened. */
  private async sleepUntil(time: number | null): Promise<void> {
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      if (time !== null) {
        this.timer = setTimeout(resolve, Math.max(0, time - performance.now()));
      }
    });
    clearTimeout(this.timer);
    this.wake = () => {};
  }

  private async untilThereIsRoom(): Promise<void> {
    const { delay = 0, jitter = 0, coalesce = 0 } = this.context.faults();
    const largest = delay + jitter + coalesce > 0 ? heldAtMost : 0;
    while (!this.isEnded && this.held > largest) {
      await this.untilSomethingIsSent();
    }
  }

  private async untilAllIsSent(): Promise<void> {
    while (!this.isEnded && this.held > 0) {
      await this.untilSomethingIsSent();
    }
  }

  private async untilSomethingIsSent(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.room = resolve;
    });
    this.room = () => {};
  }
}
