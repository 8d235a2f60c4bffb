import { t } from '../../common/l10n.js';
import { usePanel } from './context.js';

/** In the place of records while there are none to show. */
export function NoRecords() {
  const { filter, lesson, lessonFilter } = usePanel();
  const isOwn = lesson.state.value !== null && (!filter.isActive || lessonFilter.isShown.value);
  return (
    <p class="none">
      {filter.isBusy.value
        ? t('Looking…')
        : (filter.problem.value ??
          (isOwn
            ? t('The records of this lesson come here.')
            : filter.isActive
              ? t('No record fits “{0}”.', filter.shown)
              : t('No records yet.')))}
    </p>
  );
}
