import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import { IconButton } from './basics.js';
import { usePanel } from './context.js';

/** With little height these lines are one, where they would be more. */
const little = '(max-height: 480px)';
/** So narrow that one of them takes two, as in the style sheet. */
const narrow = '(max-width: 640px)';

/** What goes on beside the form, each with what can be done about it; folded, all of it is one line that says what it is. */
export function Strips({ children }: { children: ComponentChildren }) {
  const { areStripsFolded } = usePanel().view;
  const element = useRef<HTMLDivElement>(null);
  const count = useSignal(0);
  const isTooHigh = useSignal(false);
  /** Somebody wants to see all of them all the same, until there is room again. */
  const isOpened = useSignal(false);
  useLayoutEffect(() => {
    const own = element.current!;
    const queries = [matchMedia(little), matchMedia(narrow)];
    const look = () => {
      const [isLow, isNarrow] = queries.map(({ matches }) => matches);
      count.value = own.querySelectorAll(':scope > .strip').length;
      isTooHigh.value = isLow! && count.value > (isNarrow ? 0 : 1);
      isOpened.value &&= isTooHigh.value;
    };
    const observer = new MutationObserver(look);
    observer.observe(own, { childList: true });
    queries.forEach((query) => query.addEventListener('change', look));
    look();
    return () => {
      observer.disconnect();
      queries.forEach((query) => query.removeEventListener('change', look));
    };
  }, []);
  const isFolded = isTooHigh.value ? !isOpened.value : areStripsFolded.value;
  useLayoutEffect(() => {
    if (isOpened.value) {
      element.current!.scrollIntoView({ block: 'nearest' });
    }
  }, [isOpened.value]);
  return (
    <div ref={element} class={`strips${isFolded ? ' folded' : ''}`}>
      {children}
      {isFolded && count.value > 1 && <span class="count">{count.value}</span>}
      <IconButton
        icon={isFolded ? 'chevron-up' : 'chevron-down'}
        label={isFolded ? t('Show what can be done about it') : t('Fold these lines into one')}
        isSmall
        isExpanded={!isFolded}
        class="fold"
        onClick={() => (isTooHigh.value ? (isOpened.value = isFolded) : (areStripsFolded.value = !isFolded))}
      />
    </div>
  );
}
