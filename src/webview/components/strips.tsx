import type { ComponentChildren } from 'preact';
import { t } from '../../common/l10n.js';
import { IconButton } from './basics.js';
import { usePanel } from './context.js';

/** What goes on beside the form, each with what can be done about it; folded, all of it is one line that says what it is. */
export function Strips({ children }: { children: ComponentChildren }) {
  const { areStripsFolded } = usePanel().view;
  const isFolded = areStripsFolded.value;
  return (
    <div class={`strips${isFolded ? ' folded' : ''}`}>
      {children}
      <IconButton
        icon={isFolded ? 'chevron-up' : 'chevron-down'}
        label={isFolded ? t('Show what can be done about it') : t('Fold these lines into one')}
        isSmall
        isExpanded={!isFolded}
        class="fold"
        onClick={() => (areStripsFolded.value = !isFolded)}
      />
    </div>
  );
}
