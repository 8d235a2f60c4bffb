import { t } from '../../common/l10n.js';
import { Icon } from '../components/basics.js';
import { usePanel } from '../components/context.js';

/** The sockets that were open before a lesson or a scenario began, or have no record that fits the filter, in the place of their lanes. */
export function OtherLanes({ count }: { count: number }) {
  const { areOthersShown } = usePanel().lanes.shown;
  if (count === 0) {
    return null;
  }
  const isShown = areOthersShown.value;
  const name = count === 1 ? t('1 other socket') : t('{0} other sockets', count);
  return (
    <button
      type="button"
      class="otherlanes"
      aria-expanded={isShown}
      title={
        isShown
          ? t('Fold the lanes of the sockets that were open before or have no record that fits the filter')
          : t('Show the lanes of the sockets that were open before or have no record that fits the filter')
      }
      onClick={() => (areOthersShown.value = !isShown)}
    >
      <Icon name={isShown ? 'chevron-right' : 'chevron-left'} />
      <span>{name}</span>
    </button>
  );
}
