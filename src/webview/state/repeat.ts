import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import { t } from '../../common/l10n.js';
import type { PanelCall } from '../../common/protocol/panel.js';
import {
  repeatLimits,
  type RepeatInfo,
  type RepeatRequest,
  type RepeatStart,
} from '../../common/protocol/repeat.js';
import type { Problem } from '../form/problem.js';
import type { ComposerModel } from './composer.js';
import { keyOf } from './target.js';

/** What repeating a call needs of the page around it. */
export interface RepeatSurroundings {
  composer: ComposerModel;
  start(request: RepeatRequest): Promise<RepeatStart>;
  stop(id: number): void;
  /** Offers the call again. */
  remember(made: PanelCall): void;
  say(text: string): void;
}

/** The fields of how often a call is made again, and what runs. */
export class RepeatModel {
  /** Whether the fields are shown. */
  readonly isOpen = signal(false);
  readonly count = signal('10');
  readonly interval = signal('1000');
  readonly stopsAtError = signal(true);
  /** Why it was not started, for people. */
  readonly refusal = signal<string | null>(null);
  readonly infos = signal<readonly RepeatInfo[]>([]);
  /** What the counter was in the first of a repeated call; null for one without variables. */
  private readonly firstCounters = new Map<number, number | null>();
  /** Those whose end was told, with how many were made: that may be before the page knows that one has started. */
  private readonly ended = new Map<number, RepeatInfo>();
  readonly countProblem: ReadonlySignal<Problem | undefined>;
  readonly intervalProblem: ReadonlySignal<Problem | undefined>;

  constructor(private readonly page: RepeatSurroundings) {
    this.countProblem = computed(() => problemOf(this.count.value, 1, repeatLimits.count));
    this.intervalProblem = computed(() => problemOf(this.interval.value, 0, repeatLimits.intervalMs));
    // It is asked for with one call on one socket: another one is not made so often by the same button.
    const key = computed(() => keyOf(page.composer.name.value, page.composer.target.value));
    effect(() => {
      void key.value;
      this.isOpen.value = false;
      this.refusal.value = null;
    });
  }

  get canStart(): boolean {
    return this.page.composer.isComplete && !this.countProblem.value && !this.intervalProblem.value;
  }

  async start(): Promise<void> {
    const { composer } = this.page;
    if (!this.canStart) {
      composer.showsMissing.value = true;
      return;
    }
    const count = Number(this.count.value);
    this.refusal.value = null;
    const call = { ...composer.request(), isByHand: true };
    const hasVariables = composer.templates.value.length > 0;
    const firstCounter = composer.draw.value.counter;
    const start = await this.page.start({
      call,
      socketId: composer.targetId,
      count,
      intervalMs: Number(this.interval.value),
      stopsAtError: this.stopsAtError.value,
      firstCounter,
    });
    if (start.kind === 'refused') {
      this.refusal.value = start.message;
      this.page.say(start.message);
    } else {
      this.page.remember(call);
      composer.draw.again(hasVariables ? count : 0);
      this.firstCounters.set(start.id, hasVariables ? firstCounter : null);
      this.countMade(start.id);
    }
  }

  stop(id: number): void {
    this.page.stop(id);
  }

  /**
   * Takes over how far they are. What has ended as it should is said and then gone.
   * @param isNews What had ended before the page was there is not said.
   */
  apply(infos: readonly RepeatInfo[], isNews = true): void {
    for (const info of infos) {
      if (info.end !== null && !this.ended.has(info.id)) {
        this.ended.set(info.id, info);
        this.countMade(info.id);
        if (isNews) {
          this.page.say(repeatText(info));
        }
      }
      if (info.end?.kind === 'done' || info.end?.kind === 'stopped') {
        this.page.stop(info.id);
      }
    }
    this.infos.value = infos.filter(({ end }) => end?.kind !== 'done' && end?.kind !== 'stopped');
  }

  /** The counter goes on behind the calls that have begun, where they are fewer than were asked for. */
  private countMade(id: number): void {
    const first = this.firstCounters.get(id);
    const info = this.ended.get(id);
    if (first === undefined || !info) {
      return;
    }
    this.firstCounters.delete(id);
    if (first !== null) {
      this.page.composer.draw.takeBack(first + info.count, first + info.begun);
    }
  }
}

function problemOf(text: string, min: number, max: number): Problem | undefined {
  const isNumber = /^\s*\d{1,15}\s*$/.test(text);
  const value = Number(text);
  return isNumber && value >= min && value <= max
    ? undefined
    : { message: t('A whole number from {0} to {1}.', min, max), offset: null };
}

/** How far a repeated call is, or how it has ended. */
export function repeatText({ name, made, failed, count, end }: RepeatInfo): string {
  switch (end?.kind) {
    case undefined:
      return failed > 0
        ? t('{0}: {1} of {2} made, {3} failed', name, made, count, failed)
        : t('{0}: {1} of {2} made', name, made, count);
    case 'done':
      return t('{0} was made {1} times, {2} failed.', name, made, failed);
    case 'stopped':
      return t('{0} was stopped after {1} of {2}.', name, made, count);
    case 'error':
      return t('{0} has stopped at {1}, after {2} of {3}.', name, end.errno, made, count);
    case 'closed':
      return t('{0} has ended with its socket, after {1} of {2}.', name, made, count);
    case 'problem':
      return t('{0} has stopped after {1} of {2}: {3}', name, made, count, end.message);
  }
}
