import { t } from '../../common/l10n.js';
import { formatCount } from '../text/format.js';
import { Icon } from './basics.js';
import { usePanel } from './context.js';

/** How far a sorting has come, and what is not in the order that is shown. */
export function SortNote() {
  const { sort, records, filter } = usePanel();
  const order = sort.wanted.value;
  if (order === null) {
    return null;
  }
  if (sort.problem.value !== null) {
    return <p class="sortnote">{sort.problem.value}</p>;
  }
  if (sort.isBusy.value && (!sort.isSorted.value || sort.progress.value > 0)) {
    return (
      <p class="sortnote">
        {t('Sorting… {0} %', Math.floor(100 * sort.progress.value))}
        <button type="button" class="btn" onClick={() => sort.set(null)}>
          {t('Stop')}
        </button>
      </p>
    );
  }
  const total = filter.version.value >= 0 && filter.isActive ? filter.count : records.count.value;
  const newer = total - sort.count;
  if (!sort.isSorted.value || (newer <= 0 && !sort.hasChanged.value)) {
    return null;
  }
  return (
    <p class="sortnote">
      {newer <= 0
        ? t('Some records have changed since they were sorted.')
        : newer === 1
          ? t('1 newer record is not in this order.')
          : t('{0} newer records are not in this order.', formatCount(newer))}
      <button type="button" class="btn" onClick={() => sort.restart()}>
        <Icon name="refresh" />
        {t('Sort again')}
      </button>
    </p>
  );
}
