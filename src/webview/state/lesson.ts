import { computed, signal } from '@preact/signals';
import { t } from '../../common/l10n.js';
import type {
  LessonAction,
  LessonAttempt,
  LessonCode,
  LessonLine,
  LessonQuestion,
  LessonState,
} from '../../common/protocol/lesson.js';
import type { SocketInfo } from '../../common/socket.js';
import { isOpenSocket } from '../../common/usualArguments.js';

/** What the lesson needs of the page around it. */
export interface LessonActions {
  act(action: LessonAction): void;
  /** A lesson was opened, or none is open any more. */
  makeRoom(isOpen: boolean): void;
  /**
   * Shows the records of a lesson alone; all of them again for null.
   * @param isAnew It is another lesson, or none: what the user did to the filter was about the one before.
   */
  showOwn(lesson: LessonState | null, isAnew: boolean): void;
  /** Selects a record, so that lanes, table and inspector show it. */
  show(seq: number): void;
  say(text: string): void;
}

const movesOn: ReadonlySet<LessonAction['kind']> = new Set(['step', 'pass', 'runToEnd', 'restart']);

/** The lesson that is open, as the extension tells of it, and what the learner has typed. */
export class LessonModel {
  readonly state = signal<LessonState | null>(null);
  /** What is typed for the next call. */
  readonly draft = signal('');
  /** Something is: it is what is to be called next. */
  readonly isTyping = computed(() => this.draft.value.trim() !== '');
  readonly language = signal<LessonCode['language']>('c');
  /** Calls that come are not shown: the learner types them. A choice for this lesson. */
  readonly isHiding = signal(false);
  /** What was typed last, until it is known what became of it. */
  private typed: string | null = null;
  private shown = 0;
  private unsaid: string[] = [];

  constructor(private readonly actions: LessonActions) {}

  apply(state: LessonState | null): void {
    const before = this.state.peek();
    this.state.value = state;
    const isAnew = state?.id !== before?.id;
    if (isAnew) {
      this.draft.value = '';
      this.isHiding.value = false;
    }
    if ((state === null) !== (before === null)) {
      this.actions.makeRoom(state !== null);
    }
    if (isAnew || state?.since !== before?.since) {
      this.actions.showOwn(state, isAnew);
    }
    if (!state) {
      return;
    }
    this.noteTyped(state);
    this.showLatest(state);
    this.tell(before, state);
  }

  /** What has happened is said at once with what is asked next. */
  private tell(before: LessonState | null, state: LessonState): void {
    if (before?.id !== state.id) {
      this.unsaid = [];
      return;
    }
    this.unsaid.push(...newsOf(before, state, this.isHiding.peek()));
    if (state.phase !== 'running' && this.unsaid.length > 0) {
      this.actions.say(this.unsaid.join(' '));
      this.unsaid = [];
    }
  }

  act(action: LessonAction): void {
    if (movesOn.has(action.kind)) {
      // It was for the call that the lesson now leaves.
      this.draft.value = '';
    }
    this.actions.act(action);
  }

  /** What the one large button does now. */
  goOn(): void {
    const state = this.state.value;
    if (state) {
      this.act({ kind: primaryAction(state) });
    }
  }

  type(): void {
    const text = this.draft.value.trim();
    if (text !== '') {
      this.typed = text;
      this.act({ kind: 'type', text });
    }
  }

  /** What was made is no draft any more; what was refused is there to be mended. */
  private noteTyped({ lines, attempts }: LessonState): void {
    const attempt = attempts.findLast(({ text }) => text === this.typed);
    const isTaken = lines.some(({ typed }) => typed !== null && typed === this.typed);
    if (!isTaken && (!attempt || attempt.state === 'running')) {
      return;
    }
    if (attempt?.state !== 'refused' && this.draft.peek().trim() === this.typed) {
      this.draft.value = '';
    }
    this.typed = null;
  }

  private showLatest({ lines, attempts }: LessonState): void {
    const latest = Math.max(0, ...[...lines, ...attempts].map(({ seq }) => seq ?? 0));
    if (latest > this.shown) {
      this.shown = latest;
      this.actions.show(latest);
    }
  }
}

export function primaryAction({ phase, following }: LessonState): 'step' | 'next' | 'restart' {
  if (phase === 'stopped') {
    return 'restart';
  }
  return phase === 'done' ? (following ? 'next' : 'restart') : 'step';
}

/** The open sockets that the lesson has made: they are closed with it, and where it begins anew. */
export function madeSockets(
  { lines, attempts }: LessonState,
  sockets: ReadonlyMap<number, SocketInfo>,
): SocketInfo[] {
  const made = new Set([...lines, ...attempts].map(({ seq }) => seq));
  return [...sockets.values()].filter((one) => isOpenSocket(one) && made.has(one.openedSeq));
}

/** The line whose call was made last. */
export function lastLine({ lines }: LessonState): LessonLine | undefined {
  return lines
    .filter(({ seq, state }) => seq !== null && state !== 'coming')
    .reduce<LessonLine | undefined>((last, line) => (last && last.seq! > line.seq! ? last : line), undefined);
}

/** A call as it was made, with what the kernel wrote where that is as the lesson says. */
export function madeText({ typed, call, written, state, mismatch }: LessonLine): string {
  return typed ?? (state === 'made' && !mismatch ? written : call);
}

/** Of a call that is to be typed its name. */
export function hiddenCall(call: string): string {
  return call.replace(/\(.*\)$/, '(…)').replace(/^.*= /, '');
}

export function verdictText({ verdict, given, choices, right }: LessonQuestion): string | undefined {
  const said = typeof given === 'number' ? choices[given] : given;
  switch (verdict) {
    case null:
      return undefined;
    case 'right':
      return t('You predicted it: {0}', said ?? '');
    case 'wrong':
      return t('You predicted: {0}. It is: {1}', said ?? '', choices[right ?? -1] ?? '');
    case 'open':
      if (right !== null) {
        return t('It is: {0}', choices[right] ?? '');
      }
      if (said === null || said === undefined) {
        return undefined;
      }
      // A free answer may say in other words what the kernel has said.
      return choices.length === 0
        ? t('You predicted: {0}', said)
        : t('You predicted: {0}. The kernel did not answer as the lesson says, so it does not count.', said);
  }
}

export function mismatchText({ expected, got }: NonNullable<LessonLine['mismatch']>): string {
  return t('The lesson expects {0}, and the kernel said {1}.', expected, got);
}

/** What of a call is not as in the lesson's; who is to type that one is not told how it reads. */
export function differencesText({ differences }: LessonAttempt, isHiding: boolean): string[] {
  const hidden = differences.flatMap(({ parameter }) => parameter ?? []);
  if (isHiding && hidden.length > 0) {
    return [t('Not as in the lesson: {0}.', hidden.join(', '))];
  }
  return differences.map(({ parameter, lesson, own }) =>
    parameter === null
      ? t('The lesson calls {0} here.', lesson)
      : t('{0} is {1}, and {2} in the lesson.', parameter, own, lesson),
  );
}

/** What a screen reader says of a change: what was answered, then what is asked next. */
function newsOf(before: LessonState, state: LessonState, isHiding: boolean): string[] {
  // The file may have been changed before it was opened anew.
  const changed = state.lines.filter(
    ({ state: now }, index) =>
      now !== before.lines[index]?.state && ['made', 'waiting', 'cancelled'].includes(now),
  );
  const tried = state.attempts.filter(
    (attempt, index) => attempt.state !== 'running' && attempt.state !== before.attempts[index]?.state,
  );
  const parts = [
    ...(changed.length > 3
      ? [t('{0} calls were made.', changed.length)]
      : changed.flatMap((line) => [lineNews(line), line.question ? (verdictText(line.question) ?? '') : ''])),
    ...tried.map((attempt) => attemptNews(attempt, isHiding)),
  ];
  if (state.phase !== before.phase || state.next !== before.next) {
    parts.push(phaseNews(state, isHiding));
  }
  return parts.filter((part) => part !== '');
}

function lineNews(line: LessonLine): string {
  const { state, answer, mismatch } = line;
  if (state === 'waiting') {
    return t('{0} waits.', madeText(line));
  }
  if (state === 'cancelled') {
    return t('{0} was cancelled.', madeText(line));
  }
  return [`${madeText(line)} ${answer}.`, mismatch ? mismatchText(mismatch) : ''].join(' ').trim();
}

function attemptNews(attempt: LessonAttempt, isHiding: boolean): string {
  const { text, state, answer, message } = attempt;
  switch (state) {
    case 'refused':
      return message ?? '';
    case 'waiting':
      return t('{0} waits.', text);
    case 'cancelled':
      return t('{0} was cancelled.', text);
    default:
      return [`${text} ${answer}.`, message ?? '', ...differencesText(attempt, isHiding)]
        .filter((part) => part !== '')
        .join(' ');
  }
}

function phaseNews(state: LessonState, isHiding: boolean): string {
  const next = state.next === null ? undefined : state.lines[state.next];
  switch (state.phase) {
    case 'ready':
      return next?.question
        ? [t('What happens next? {0}', next.question.text), ...next.question.choices].join(' ')
        : t('Next: {0}', isHiding ? hiddenCall(next?.call ?? '') : (next?.call ?? ''));
    case 'waiting':
      return t('Every call that was made waits.');
    case 'done':
      return [t('All calls are made.'), state.after].join(' ');
    case 'stopped':
      return state.problem ?? t('The lesson has ended before its end.');
    case 'running':
      return '';
  }
}
