import { useComputed } from '@preact/signals';
import { t } from '../../common/l10n.js';
import { IconButton } from '../components/basics.js';
import { usePanel } from '../components/context.js';
import { Injected } from '../components/injected.js';
import { focusInstead } from '../focus.js';

/** What each mark of the lanes means: one thing each. */
export function Legend() {
  const { view, steadySockets } = usePanel();
  const { isLegendHidden } = view;
  const hasTap = useComputed(() => [...steadySockets.value.values()].some(({ tap }) => tap)).value;
  if (isLegendHidden.value) {
    return null;
  }
  return (
    <div class="lanelegend" role="note" aria-label={t('Legend')}>
      <span>
        <svg width="9" height="9" aria-hidden="true">
          <circle class="node s-open" cx="4.5" cy="4.5" r="3.5" />
        </svg>
        <span class="mark">recv</span>
        {t('a call: double-click for its details')}
      </span>
      <span>
        <svg width="6" height="11" aria-hidden="true">
          <path class="life s-open" d="M3 0V11" />
        </svg>
        {t('an open socket')}
      </span>
      <span>
        <svg width="6" height="11" aria-hidden="true">
          <path class="life s-listen" d="M3 0V11" />
        </svg>
        {t('one that listens')}
      </span>
      <span>
        <svg width="6" height="11" aria-hidden="true">
          <path class="held" d="M3 0V11" />
        </svg>
        {t('waits for an answer')}
      </span>
      <span>
        <svg width="22" height="9" aria-hidden="true">
          <path class="wire bytes s-data" d="M0 4.5H22" />
        </svg>
        {t('bytes')}
      </span>
      <span>
        <svg width="6" height="11" aria-hidden="true">
          <rect class="qbar" x="1" width="4" height="11" />
        </svg>
        <span class="rq">
          <span class="sg">abc</span>
        </span>
        {t('bytes that wait for recv')}
      </span>
      <span
        title={t(
          'Inferred from the calls of both ends, or told by the kernel when it was asked. Nothing was captured.',
        )}
      >
        <svg width="32" height="9" aria-hidden="true">
          <circle class="kernel s-fg" cx="4.5" cy="4.5" r="3" />
          <path class="wire handshake s-fg" d="M10 4.5H32" />
        </svg>
        {t('done by the kernel, inferred')}
      </span>
      {hasTap && (
        <span>
          <Injected text={t('injected')} />
          {t('a fault that a tap has made')}
        </span>
      )}
      <IconButton
        icon="close"
        label={t('Hide the legend')}
        isSmall
        onClick={() => {
          isLegendHidden.value = true;
          focusInstead('.showlegend');
        }}
      />
    </div>
  );
}
