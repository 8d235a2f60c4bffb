import { t } from '../../common/l10n.js';
import { formatCount } from '../text/format.js';
import type { Origin } from '../text/payloadMarks.js';
import { usePanel } from './context.js';

/** Entries that are shown. */
const most = 12;

/** Which calls sent or received the bytes that are underlined above. */
export function OriginLegend({ origins }: { origins: readonly Origin[] }) {
  const panel = usePanel();
  if (origins.length === 0) {
    return null;
  }
  return (
    <p class="origins">
      {origins.slice(0, most).map(({ seq, from, length, isSender, className }) => {
        const bytes = formatCount(length);
        return (
          <button
            key={from}
            type="button"
            class={`link ${className}`}
            onClick={() => panel.selectRecord(seq)}
          >
            {isSender ? t('from #{0} ({1} B)', seq, bytes) : t('to #{0} ({1} B)', seq, bytes)}
          </button>
        );
      })}
      {origins.length > most && (
        <span class="dim">{t('and {0} more', formatCount(origins.length - most))}</span>
      )}
    </p>
  );
}
