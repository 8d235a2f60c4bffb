import { useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import type { LessonLine, LessonState } from '../../common/protocol/lesson.js';
import { descriptorsText } from '../../common/socketText.js';
import { Icon, IconButton } from './basics.js';
import { usePanel } from './context.js';
import { MenuButton } from './menu.js';
import { focusWithPage, regionOf } from '../focus.js';
import { hiddenCall, madeSockets, madeText } from '../state/lesson.js';
import { LessonNow } from './lessonNow.js';

/** The open lesson beside the records that it makes: its text, its calls, and the one that comes next. */
export function LessonView() {
  const state = usePanel().lesson.state.value;
  return state && <OpenLesson key={state.id} state={state} />;
}

function OpenLesson({ state }: { state: LessonState }) {
  const { lesson } = usePanel();
  const isHiding = lesson.isHiding.value;
  // Who works with the keyboard goes on in the next lesson, or in the records when there is none.
  useLayoutEffect(
    () => () => {
      if (regionOf(document.activeElement) === 'lesson') {
        requestAnimationFrame(focusWithPage);
      }
    },
    [],
  );
  return (
    <section class="lesson" aria-label={t('Lesson')} data-region="lesson">
      <header class="lhead">
        <Icon name="mortar-board" />
        <h2 class="prose">{state.title}</h2>
        <IconButton
          icon={isHiding ? 'eye-closed' : 'eye'}
          label={isHiding ? t('Show the calls that come') : t('Hide the calls that come, to type them')}
          isPressed={isHiding}
          onClick={() => (lesson.isHiding.value = !isHiding)}
        />
        <IconButton
          icon="go-to-file"
          label={t('Open the file of the lesson')}
          onClick={() => lesson.act({ kind: 'openFile' })}
        />
        <CloseButton state={state} />
      </header>
      <Course state={state} isHiding={isHiding} />
      <LessonNow state={state} />
    </section>
  );
}

/** What it closes is said before: a lesson with open sockets leaves the choice. */
function CloseButton({ state }: { state: LessonState }) {
  const { lesson, steadySockets } = usePanel();
  const own = madeSockets(state, steadySockets.value);
  const label = t('Close the lesson');
  const close = () => lesson.act({ kind: 'close' });
  return own.length === 0 ? (
    <IconButton icon="close" label={label} onClick={close} />
  ) : (
    <MenuButton
      label={label}
      icon="close"
      class="ibtn wide"
      items={[
        {
          id: 'close',
          label: t('Close the lesson and its sockets'),
          detail: descriptorsText(own),
          run: close,
        },
        {
          id: 'leave',
          label: t('Close the lesson, keep its sockets'),
          run: () => lesson.act({ kind: 'leave' }),
        },
      ]}
    />
  );
}

/** What the lesson says, and all its calls. */
function Course({ state, isHiding }: { state: LessonState; isHiding: boolean }) {
  const body = useRef<HTMLDivElement>(null);
  const { next, lines, phase, attempts } = state;
  const isAtStart = phase === 'ready' && next === 0;
  useLayoutEffect(() => {
    if (isAtStart) {
      body.current?.scrollTo({ top: 0 });
    } else {
      const shown = body.current?.querySelectorAll('[aria-current], .lline.last, .lafter') ?? [];
      // With nothing left to do that is what the lesson says at its end.
      const at = phase === 'done' ? shown.length - 1 : 0;
      shown[at]?.scrollIntoView({ block: 'nearest' });
    }
  }, [next, phase, isAtStart, attempts.length]);
  return (
    <div class="lbody" ref={body} tabIndex={0} role="group" aria-label={t('The lesson and its calls')}>
      {state.group !== null && <p class="lgroup prose">{state.group}</p>}
      {state.description !== '' && <p class="ldescription prose">{state.description}</p>}
      {state.before !== '' && <p class="lbefore prose">{state.before}</p>}
      <ol class="llines">
        {lines.map((line, index) => (
          <Line
            key={index}
            line={line}
            isNext={index === next}
            isLast={index === lines.length - 1}
            isHidden={isHiding && line.state === 'coming'}
          />
        ))}
      </ol>
      {phase === 'done' && state.after !== '' && <p class="lafter prose">{state.after}</p>}
    </div>
  );
}

function Line(props: { line: LessonLine; isNext: boolean; isLast: boolean; isHidden: boolean }) {
  const panel = usePanel();
  const { line, isNext, isLast, isHidden } = props;
  const { seq, thread, call, answer, state, mismatch } = line;
  const { icon, words } = lookOf(line, isNext);
  // Those behind the next one are not told of.
  const text = !isHidden ? madeText(line) : isNext ? hiddenCall(call) : '…';
  const content = (
    <>
      <Icon name={icon} isSpinning={state === 'waiting'} />
      <span class="sr">{words}</span>
      <code>
        {thread !== null && <span class="lthread">{thread}</span>}
        {text}
        {answer !== '' && <span class={mismatch ? 'lanswer bad' : 'lanswer'}> {answer}</span>}
      </code>
    </>
  );
  return (
    <li
      class={`lline ${state}${isNext ? ' next' : ''}${isLast ? ' last' : ''}${mismatch ? ' bad' : ''}`}
      aria-current={isNext ? 'step' : undefined}
    >
      {seq === null ? (
        <span class="lcallrow">{content}</span>
      ) : (
        <button
          type="button"
          class="lcallrow"
          title={t('Select record {0}', seq)}
          onClick={() => panel.selectRecord(seq)}
        >
          {content}
        </button>
      )}
    </li>
  );
}

function lookOf({ state, mismatch }: LessonLine, isNext: boolean): { icon: string; words: string } {
  switch (state) {
    case 'coming':
    case 'running':
      return isNext ? { icon: 'arrow-right', words: t('next') } : { icon: 'circle-small', words: '' };
    case 'waiting':
      return { icon: 'loading', words: t('waits') };
    case 'passed':
      return { icon: 'debug-step-over', words: t('passed over') };
    case 'cancelled':
      return { icon: 'circle-slash', words: t('cancelled') };
    case 'made':
      return mismatch
        ? { icon: 'warning', words: t('answered otherwise') }
        : { icon: 'check', words: t('made') };
  }
}
