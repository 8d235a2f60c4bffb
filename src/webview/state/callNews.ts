import type { Signal } from '@preact/signals';
import type { CallRecord } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import type { PanelChange } from '../../common/protocol/panel.js';

/**
 * How long calls are gathered before they are told, how long it is quiet after many of them, and how long what the page has to say
 * besides stands before them, in ms.
 */
const [gatherMs, quietMs, besideMs] = [500, 4000, 3000];
/** Of more calls by hand at once only how many they were is told; more records than that are not read for it. */
const [mostTold, mostRead] = [4, 100];

/** What telling of calls needs of the page around it. */
export interface CallNewsSurroundings {
  /** What a screen reader says, also of what others tell. */
  readonly announcement: Signal<string>;
  /** Whether the page has made the call, which tells of it by itself. */
  isOwn(seq: number): boolean;
  load(seq: number): Promise<CallRecord | undefined>;
  /** A record as a sentence. */
  sentenceOf(record: CallRecord): string;
}

/** Tells who cannot see them of the calls that were made beside the form: each of the tree's, and how many an automatic mode made. */
export class CallNews {
  private readonly untold = { from: Infinity, to: 0 };
  /** Calls that were told of as waiting, and those of them that have ended. */
  private readonly waits = new Set<number>();
  private readonly ended = new Set<number>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private quietUntil = 0;
  private said = '';
  /** When something was said last, by whomever. */
  private saidAt = 0;

  constructor(private readonly page: CallNewsSurroundings) {
    page.announcement.subscribe(() => {
      this.saidAt = Date.now();
    });
  }

  /**
   * A change has been told.
   * @param lastTold The last record that was told before it.
   */
  follow({ lastSeq, changedSeqs }: Pick<PanelChange, 'lastSeq' | 'changedSeqs'>, lastTold: number): void {
    if (lastSeq > lastTold) {
      this.untold.from = Math.min(this.untold.from, lastTold + 1);
      this.untold.to = lastSeq;
    }
    for (const seq of changedSeqs) {
      if (this.waits.delete(seq)) {
        this.ended.add(seq);
      }
    }
    if (this.untold.to > 0 || this.ended.size > 0) {
      this.tellIn(Math.max(gatherMs, this.quietUntil - Date.now()));
    }
  }

  private tellIn(ms: number): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const isOwn = this.page.announcement.peek() === this.said;
      const rest = isOwn ? 0 : this.saidAt + besideMs - Date.now();
      if (rest > 0) {
        this.tellIn(rest);
      } else {
        void this.tell();
      }
    }, ms);
  }

  private async tell(): Promise<void> {
    const { from, to } = this.untold;
    Object.assign(this.untold, { from: Infinity, to: 0 });
    const count = Math.max(0, to - from + 1);
    if (count > mostRead) {
      this.sayMany(t('New records: {0}, up to record {1}.', count, to));
      if (this.ended.size > 0) {
        this.tellIn(quietMs);
      }
      return;
    }
    const seqs = [...this.ended, ...Array.from({ length: count }, (_, index) => from + index)];
    this.ended.clear();
    const read = await Promise.all(
      seqs.filter((seq) => !this.page.isOwn(seq)).map((seq) => this.page.load(seq).catch(() => undefined)),
    );
    const records = read.filter((record) => record !== undefined);
    const byHand = records.filter(({ madeBy }) => madeBy === null);
    const automatic = records.filter(({ madeBy }) => madeBy?.startsWith('auto-'));
    for (const { seq, status } of byHand) {
      if (status === 'waiting') {
        this.waits.add(seq);
      }
    }
    const told =
      byHand.length > mostTold
        ? [t('New records: {0}, up to record {1}.', byHand.length, byHand.at(-1)!.seq)]
        : byHand.map((record) => this.page.sentenceOf(record));
    if (automatic.length > 0) {
      const last = automatic.at(-1)!;
      this.sayMany(
        [...told, t('Automatic calls: {0}, up to record {1}.', automatic.length, last.seq)].join(' '),
      );
    } else if (told.length > 0) {
      this.say(told.join(' '));
    }
  }

  /** Who listens to the next ones has time for this. */
  private sayMany(text: string): void {
    this.quietUntil = Date.now() + quietMs;
    this.say(text);
  }

  private say(text: string): void {
    this.said = text;
    this.page.announcement.value = text;
  }
}
