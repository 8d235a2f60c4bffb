import { useEffect, useState } from 'preact/hooks';
import type { CallRecord } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import { formatAge } from '../text/format.js';
import { Icon } from './basics.js';
import { usePanel } from './context.js';

/** How long a call has been waiting, and the button that ends the wait where that is ours to end. */
export function Waiting(props: {
  record: CallRecord;
  class: string;
  /** Around the age, where there is the room for words. */
  words?: (age: string) => string;
  /** Only the age: the look of what it stands in says that it is a wait. */
  isBrief?: boolean;
  /** A label beside it says the same. */
  isHidden?: boolean;
  /** Whether Tab comes to the button: it stands in what is selected. */
  isTabStop: boolean;
}) {
  const panel = usePanel();
  const { record, words, isBrief = false } = props;
  const [time, setTime] = useState(panel.now);
  useEffect(() => {
    const timer = setInterval(() => setTime(panel.now()), 100);
    return () => clearInterval(timer);
  }, [panel]);
  const age = formatAge(time - record.startNs, isBrief);
  return (
    <span class={props.class}>
      {!isBrief && <Icon name="loading" isSpinning />}
      <span class="num" aria-hidden={props.isHidden ? 'true' : undefined}>
        {words && !isBrief ? words(age) : age}
      </span>
      {!panel.recording && (
        <button
          type="button"
          class="ibtn sm"
          tabIndex={props.isTabStop ? 0 : -1}
          title={t('Cancel the waiting call')}
          aria-label={t('Cancel the waiting call')}
          onMouseDown={(event) => event.stopPropagation()}
          onClick={() => panel.forget(panel.cancel(record.seq))}
        >
          <Icon name="close" />
        </button>
      )}
    </span>
  );
}

/** Ends a wait where there is the room for a word. */
export function CancelButton({ seq, onCancel }: { seq: number; onCancel?: () => void }) {
  const panel = usePanel();
  return (
    <button
      type="button"
      class="btn"
      onClick={() => {
        panel.forget(panel.cancel(seq));
        onCancel?.();
      }}
    >
      {t('Cancel')}
    </button>
  );
}
