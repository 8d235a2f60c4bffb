import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import type { LessonQuestion } from '../../common/protocol/lesson.js';
import { focusLesson } from '../focus.js';
import { usePanel } from './context.js';

/** What the learner thinks that the kernel will say. Asked before the call is made, which answers it. */
export function LessonQuestionField({ question, line }: { question: LessonQuestion; line: number }) {
  const { lesson } = usePanel();
  const id = useId();
  const field = useRef<HTMLFieldSetElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const { text, choices, given } = question;
  useLayoutEffect(() => {
    // What comes back while somebody types is of a moment ago, and would undo what was typed since.
    if (input.current && input.current !== document.activeElement) {
      input.current.value = typeof given === 'string' ? given : '';
    }
  }, [given]);
  // Who goes on with the keyboard comes from the button to the question, and back.
  useLayoutEffect(() => {
    const own = field.current;
    if (document.activeElement?.matches('.lactions [data-focus-first]')) {
      own?.querySelector('input')?.focus();
    }
    return () => {
      if (own?.contains(document.activeElement)) {
        focusLesson();
      }
    };
  }, []);
  const answer = (value: number | string) => lesson.act({ kind: 'answer', line, given: value });
  return (
    <fieldset
      class="lquestion"
      ref={field}
      onKeyDown={(event) => {
        if (event.code === 'Enter' && !event.isComposing && !event.repeat) {
          event.preventDefault();
          if (event.target instanceof HTMLInputElement && event.target.type !== 'radio') {
            answer(event.target.value);
          }
          lesson.goOn();
        }
      }}
    >
      <legend>{t('What happens next?')}</legend>
      <p class="prose" id={id}>
        {text}
      </p>
      {choices.length > 0 ? (
        choices.map((choice, index) => (
          <label class="lchoice" key={index}>
            <input type="radio" name={id} checked={given === index} onChange={() => answer(index)} />
            <span class="prose">{choice}</span>
          </label>
        ))
      ) : (
        <span class="field">
          <input
            ref={input}
            aria-labelledby={id}
            maxLength={1000}
            onInput={(event) => answer(event.currentTarget.value)}
          />
        </span>
      )}
    </fieldset>
  );
}
