import { t } from '../../common/l10n.js';
import { usePanel } from './context.js';

/** A word that is looked for as text, where failed calls are meant. */
const askedForFailures = /^(?:fail|failed|failure|err|error|errors)$/i;

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
              ? askedForFailures.test(filter.shown)
                ? t('No record fits “{0}”. Failed calls are those with “{1}”.', filter.shown, 'errno')
                : t('No record fits “{0}”.', filter.shown)
              : t('No records yet.')))}
    </p>
  );
}
