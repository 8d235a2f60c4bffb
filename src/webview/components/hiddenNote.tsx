import { t } from '../../common/l10n.js';
import { formatCount } from '../text/format.js';
import { Icon } from './basics.js';
import { usePanel } from './context.js';

/** Says that records have come since the filter was set which it does not show: whoever made them looks for them. */
export function HiddenNote() {
  const { filter } = usePanel();
  const hidden = filter.version.value >= 0 ? filter.hiddenNew : 0;
  if (!filter.isActive || hidden === 0) {
    return null;
  }
  return (
    <p class="sortnote hiddennote">
      <Icon name="filter" />
      {hidden === 1
        ? t('1 new record does not fit the filter.')
        : t('{0} new records do not fit the filter.', formatCount(hidden))}
      <button type="button" class="btn" onClick={() => filter.set('')}>
        {t('Clear the filter')}
      </button>
    </p>
  );
}
