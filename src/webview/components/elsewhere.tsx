import { t } from '../../common/l10n.js';
import { socketTitle } from '../../common/socketText.js';
import { isOpenSocket } from '../../common/usualArguments.js';
import { focusForm } from '../focus.js';
import { usePanel } from './context.js';

/** That the call would go to another socket than the one that is marked as selected, why, and how it would go there. */
export function Elsewhere() {
  const { automatic, composer, presetRun, selection, tap } = usePanel();
  const selected = selection.beside();
  const socket = composer.socket.value;
  if (!selected || !socket || automatic.edited.value || tap.edited.value) {
    return null;
  }
  const place = `${socketTitle(socket)} fd ${socket.fd}`;
  return (
    <div class="strip elsewhere" role="group" aria-label={t('The form is on another socket')}>
      <span class="what">
        {composer.isTouched.value
          ? t('The form stays on {0}: it has what you typed.', place)
          : presetRun.progress.value
            ? t('The form stays on {0}: the preset goes on there.', place)
            : t('The form is on {0}.', place)}
      </span>
      <span class="grow" />
      {isOpenSocket(selected) && (
        <button
          type="button"
          class="btn"
          onClick={() => {
            presetRun.stop();
            composer.chooseTarget({ kind: 'socket', id: selected.id });
            focusForm();
          }}
        >
          {t('Use fd {0}', selected.fd)}
        </button>
      )}
    </div>
  );
}
