import { t } from '../../common/l10n.js';
import { numberedTitle } from '../../common/socketText.js';
import { repeatText } from '../state/repeat.js';
import { Check, Icon, IconButton } from './basics.js';
import { LabelledField } from './combo.js';
import { usePanel } from './context.js';
import { FieldProblem } from './fieldProblem.js';

/** How often the call of the form is made again, and how fast. */
export function RepeatFields() {
  const panel = usePanel();
  const { repeat, composer } = panel;
  if (!repeat.isOpen.value) {
    return null;
  }
  const refusal = repeat.refusal.value;
  return (
    <div class="repeatrow" role="group" aria-label={t('Repeat')}>
      <LabelledField
        width="short"
        inputMode="numeric"
        label={t('times')}
        value={repeat.count.value}
        problem={repeat.countProblem.value}
        onInput={(text) => (repeat.count.value = text)}
      />
      <LabelledField
        width="short"
        inputMode="numeric"
        label={t('interval in ms')}
        value={repeat.interval.value}
        problem={repeat.intervalProblem.value}
        onInput={(text) => (repeat.interval.value = text)}
      />
      <Check
        label={t('stop at an error')}
        isWord
        isChecked={repeat.stopsAtError.value}
        onChange={(stops) => (repeat.stopsAtError.value = stops)}
      />
      {composer.templates.value.length > 0 && (
        <span class="dim">{t('Each draws its own values; the preview shows the first counter.')}</span>
      )}
      <span class="grow" />
      <button
        type="button"
        class="btn"
        aria-disabled={!repeat.canStart}
        onClick={() => panel.forget(repeat.start())}
      >
        <Icon name="sync" />
        {t('Repeat')}
      </button>
      {refusal !== null && <FieldProblem id="repeat-refusal" problem={{ message: refusal, offset: null }} />}
    </div>
  );
}

/** The calls that are repeated now, each with a way to stop it; and those that stopped for a reason. */
export function RepeatStrips() {
  const { repeat, steadySockets } = usePanel();
  return (
    <>
      {repeat.infos.value.map((info) => {
        const socket = info.socketId === null ? undefined : steadySockets.value.get(info.socketId);
        return (
          <div class="strip repeat" role="group" aria-label={t('A repeated call')} key={info.id}>
            <Icon name={info.end ? 'warning' : info.isWaiting ? 'loading' : 'sync'} isSpinning={!info.end} />
            {socket && <b>{numberedTitle(socket)}</b>}
            <span>{repeatText(info)}</span>
            {info.isWaiting && <span class="dim hide-s">{t('this one waits')}</span>}
            <span class="grow" />
            {info.end ? (
              <IconButton icon="close" label={t('Close')} isSmall onClick={() => repeat.stop(info.id)} />
            ) : (
              <button type="button" class="btn" onClick={() => repeat.stop(info.id)}>
                <Icon name="debug-stop" />
                {t('Stop')}
              </button>
            )}
          </div>
        );
      })}
    </>
  );
}
