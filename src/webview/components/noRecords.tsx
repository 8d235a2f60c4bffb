import { t } from '../../common/l10n.js';
import { focusInstead } from '../focus.js';
import { usePanel } from './context.js';

/** A word that is looked for as text, where failed calls are meant. */
const askedForFailures = /^(?:fail|failed|failure|err|error|errors)$/i;

/** In the place of records while there are none to show. */
export function NoRecords() {
  const { filter, lesson, lessonFilter } = usePanel();
  const isOwn = lesson.state.value !== null && (!filter.isActive || lessonFilter.isShown.value);
  const isMissed = !filter.isBusy.value && filter.problem.value === null && !isOwn && filter.isActive;
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
      {isMissed && askedForFailures.test(filter.shown) && (
        <button
          type="button"
          class="link"
          onClick={() => {
            filter.set('errno');
            focusInstead('#filter');
          }}
        >
          {t('Show the failed calls')}
        </button>
      )}
    </p>
  );
}
