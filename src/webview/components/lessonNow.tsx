import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import { callForm } from '../../common/notation/calls.js';
import type { LessonAttempt, LessonCode, LessonLine, LessonState } from '../../common/protocol/lesson.js';
import { descriptorsText } from '../../common/socketText.js';
import { isCallName } from '../../common/tables/signatures.js';
import {
  differencesText,
  hiddenCall,
  lastLine,
  madeSockets,
  madeText,
  mismatchText,
  primaryAction,
  verdictText,
} from '../state/lesson.js';
import { explanationOf } from '../text/record.js';
import { Icon, Segments } from './basics.js';
import { usePanel } from './context.js';
import { LessonQuestionField } from './lessonQuestion.js';
import { CancelButton } from './waiting.js';

/** What the kernel answered last, the call that comes next, and everything that can be done now. */
export function LessonNow({ state }: { state: LessonState }) {
  const next = state.next === null ? undefined : state.lines[state.next];
  return (
    <div class="lnow">
      {state.obstacle !== null && (
        <p class="lobstacle">
          <Icon name="circle-slash" />
          {state.obstacle}
        </p>
      )}
      <div class="lscroll">
        <Last state={state} />
        {state.phase === 'ready' && next && <Next line={next} index={state.next!} />}
        {state.phase === 'waiting' && <Waiting lines={state.lines} />}
        {state.phase === 'stopped' && (
          <p class="lproblem">{state.problem ?? t('The lesson has ended before its end.')}</p>
        )}
        {state.phase === 'done' && <Score state={state} />}
        {state.attempts.map((attempt, index, all) => {
          const isLast = index === all.length - 1;
          // What was mended since has made no call: it takes no room from the lesson's.
          return (
            (attempt.state !== 'refused' || isLast) && (
              <Attempt key={index} attempt={attempt} isLast={isLast} />
            )
          );
        })}
      </div>
      {state.obstacle === null && <TypedCall next={next} />}
      <Actions state={state} />
    </div>
  );
}

/** The answer to the call before, with what it means and what it says of the prediction. */
function Last({ state }: { state: LessonState }) {
  const line = lastLine(state);
  if (!line || line.state === 'waiting') {
    return null;
  }
  const { question, mismatch, answerNote } = line;
  const verdict = question ? verdictText(question) : undefined;
  return (
    <div class="llast">
      <p>
        <code>
          {madeText(line)} <b>{line.answer}</b>
        </code>
      </p>
      {mismatch && <p class="bad">{mismatchText(mismatch)}</p>}
      {verdict !== undefined && (
        <p class={`lverdict ${question?.verdict ?? ''}`}>
          <Icon name={verdictIcon(question?.verdict)} />
          {verdict}
        </p>
      )}
      <Explanation seq={line.seq} />
      {answerNote !== '' && <p class="dim">{answerNote}</p>}
    </div>
  );
}

function verdictIcon(verdict: string | null | undefined): string {
  return verdict === 'right' ? 'pass-filled' : verdict === 'wrong' ? 'error' : 'info';
}

/** What the answer means, as the records say it. */
function Explanation({ seq }: { seq: number | null }) {
  const { records, steadySockets } = usePanel();
  // A record that is still to be read comes with the next version.
  const record = seq === null || records.version.value < 0 ? undefined : records.get(seq);
  const text = record && explanationOf(record, steadySockets.value);
  return text === undefined ? null : <p class="dim">{text}</p>;
}

function Next({ line, index }: { line: LessonLine; index: number }) {
  const isHiding = usePanel().lesson.isHiding.value;
  return (
    <div class="lnext">
      {line.note !== '' && <p class="prose">{line.note}</p>}
      {line.thread !== null && <p class="dim">{t('Thread {0} makes the next call.', line.thread)}</p>}
      {!isHiding && (
        <p class="lcall">
          <code>{line.call}</code>
        </p>
      )}
      {line.question && <LessonQuestionField key={index} question={line.question} line={index} />}
      {!isHiding && <Code code={line.code} />}
    </div>
  );
}

/** The call in three languages, one of them shown. */
function Code({ code }: { code: readonly LessonCode[] }) {
  const { lesson } = usePanel();
  const shown = code.find(({ language }) => language === lesson.language.value);
  if (!shown) {
    return null;
  }
  return (
    <div class="lcode">
      <Segments<LessonCode['language']>
        label={t('The same call in')}
        isSmall
        value={lesson.language.value}
        choices={[
          { value: 'c', label: 'C' },
          { value: 'python', label: 'Python' },
          { value: 'node', label: 'Node.js' },
        ]}
        onChange={(language) => (lesson.language.value = language)}
      />
      {shown.text !== '' && (
        <pre tabIndex={0} aria-label={t('The call as code')}>
          {shown.text}
        </pre>
      )}
      {shown.remark !== '' && <p class="dim">{shown.remark}</p>}
    </div>
  );
}

/** Who waits, and the way out. */
function Waiting({ lines }: { lines: readonly LessonLine[] }) {
  return (
    <div class="lwaiting">
      <p>
        {t(
          'Every call that was made waits: nothing wakes it but another call. Type one, or cancel the wait.',
        )}
      </p>
      {lines
        .filter(({ state, seq }) => state === 'waiting' && seq !== null)
        .map((line) => (
          <p key={line.seq}>
            <Icon name="loading" isSpinning />
            <code>{madeText(line)}</code>
            <CancelButton seq={line.seq!} />
          </p>
        ))}
    </div>
  );
}

function Score({ state }: { state: LessonState }) {
  const { right, asked } = state.score;
  return (
    <p class="lscore">
      <Icon name="pass-filled" />
      {asked === 0
        ? t('All calls are made.')
        : t('All calls are made. You predicted {0} of {1}.', right, asked)}
    </p>
  );
}

/** A call that the learner typed, and what the kernel said to it. */
function Attempt({ attempt, isLast }: { attempt: LessonAttempt; isLast: boolean }) {
  const { lesson } = usePanel();
  const own = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => own.current?.scrollIntoView({ block: 'nearest' }), [attempt.state]);
  const { text, state, answer, message, seq } = attempt;
  const differences = differencesText(attempt, lesson.isHiding.value);
  return (
    <div class={`lattempt ${state}`} ref={own}>
      <p>
        <Icon
          name={state === 'refused' ? 'error' : state === 'waiting' ? 'loading' : 'terminal'}
          isSpinning={state === 'waiting'}
        />
        <code>
          {text} <b>{answer}</b>
        </code>
        {state === 'waiting' && seq !== null && <CancelButton seq={seq} />}
      </p>
      {message !== null && <p class="bad">{message}</p>}
      <Explanation seq={seq} />
      {differences.length > 0 && <p>{[t('It is not the lesson’s call.'), ...differences].join(' ')}</p>}
      {state === 'made' && isLast && (
        <p class="dim">{t('Try another, make the lesson’s, or go on without it.')}</p>
      )}
    </div>
  );
}

/** Where the learner types the call, and how calls are written there. */
function TypedCall({ next }: { next: LessonLine | undefined }) {
  const { lesson } = usePanel();
  const id = useId();
  return (
    <form
      class="ltyped"
      onSubmit={(event) => {
        event.preventDefault();
        lesson.type();
      }}
    >
      <label for={id}>{t('Type the call yourself')}</label>
      <span class="field">
        <input
          id={id}
          value={lesson.draft.value}
          placeholder={next && formHint(next.call)}
          spellcheck={false}
          autocomplete="off"
          maxLength={10_000}
          onInput={(event) => (lesson.draft.value = event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.code === 'Enter' && event.isComposing) {
              event.stopPropagation();
            }
          }}
        />
      </span>
      <button
        type="submit"
        class={lesson.isTyping.value ? 'btn primary' : 'btn'}
        aria-disabled={!lesson.isTyping.value}
      >
        {t('Call It')}
      </button>
    </form>
  );
}

function formHint(call: string): string | undefined {
  const name = hiddenCall(call).replace('(…)', '');
  return isCallName(name) ? t('As in C: {0}', callForm(name)) : undefined;
}

function Actions({ state }: { state: LessonState }) {
  const { composer, lesson, steadySockets } = usePanel();
  const made = madeSockets(state, steadySockets.value);
  const closes =
    made.length > 0 ? t('Closes the sockets of the lesson: {0}', descriptorsText(made)) : undefined;
  const { phase, next, attempts } = state;
  const isOver = phase === 'done' || phase === 'stopped';
  const isIdle = phase !== 'ready' && !isOver;
  const isBlocked = state.obstacle !== null && !isOver;
  const hasBegun = isOver || next !== 0 || attempts.length > 0;
  return (
    <div class="lactions">
      <button
        type="button"
        class={lesson.isTyping.value ? 'btn' : 'btn primary'}
        data-focus-first
        title={primaryAction(state) === 'restart' ? closes : undefined}
        aria-disabled={isIdle || isBlocked}
        onKeyDown={(event) => {
          // A key that is held down makes one call.
          if (event.repeat) {
            event.preventDefault();
          }
        }}
        onClick={() => {
          if (!isIdle && !isBlocked) {
            lesson.goOn();
          }
        }}
      >
        {primaryText(state, lesson.isTyping.value || composer.isTouched.value)}
      </button>
      {!isOver && (
        <button
          type="button"
          class="btn"
          aria-disabled={isBlocked}
          onClick={() => !isBlocked && lesson.act({ kind: 'runToEnd' })}
        >
          {t('Run to the End')}
        </button>
      )}
      {primaryAction(state) !== 'restart' && (
        // There from the start, so that the buttons stay where they are.
        <button
          type="button"
          class="btn"
          title={closes}
          aria-disabled={!hasBegun}
          onClick={() => hasBegun && lesson.act({ kind: 'restart' })}
        >
          {t('Back to the Start')}
        </button>
      )}
      {phase === 'ready' && attempts.some((attempt) => attempt.state === 'made') && (
        <button type="button" class="btn" onClick={() => lesson.act({ kind: 'pass' })}>
          {t('Go On Without It')}
        </button>
      )}
    </div>
  );
}

/** @param isOther Whether another call is typed, here or in the form of the call. */
function primaryText(state: LessonState, isOther: boolean): string {
  switch (primaryAction(state)) {
    case 'step':
      return isOther ? t('Make the Lesson’s Call') : t('Make This Call');
    case 'next':
      return t('Next Lesson: {0}', state.following?.title ?? '');
    case 'restart':
      return t('Back to the Start');
  }
}
