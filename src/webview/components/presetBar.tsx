import type { ComponentChildren } from 'preact';
import { t } from '../../common/l10n.js';
import type { Preset } from '../../common/presets.js';
import { Icon, IconButton } from './basics.js';
import { usePanel } from './context.js';

/** A preset on its way: which of its calls is next, and the way to make all that are left. Or one that was left. */
export function PresetBar() {
  const panel = usePanel();
  const progress = panel.presetRun.progress.value;
  const left = panel.presetRun.left.value;
  if (!progress) {
    return (
      left && (
        <Bar preset={left.preset}>
          <span class="grow" />
          <Left />
        </Bar>
      )
    );
  }
  const { preset, step, isRunningAll } = progress;
  return (
    <Bar preset={preset}>
      <ol>
        {preset.steps.map(({ name }, index) => (
          <li
            key={index}
            class={index < step ? 'done' : index === step ? 'next' : ''}
            aria-current={index === step ? 'step' : undefined}
          >
            {index < step && <Icon name="check" />}
            {name}
          </li>
        ))}
      </ol>
      <span class="grow" />
      <Left />
      <span class="lbl num hide-s">{t('{0} of {1}', step + 1, preset.steps.length)}</span>
      <button
        type="button"
        class="btn"
        disabled={isRunningAll}
        onClick={() => panel.forget(panel.presetRun.runAll())}
      >
        <Icon name="run-all" />
        {t('Run all')}
      </button>
    </Bar>
  );
}

function Bar({ preset, children }: { preset: Preset; children: ComponentChildren }) {
  const panel = usePanel();
  return (
    <div class="strip preset" role="group" aria-label={preset.title}>
      <Icon name={preset.icon} />
      <b>{preset.title}</b>
      {children}
      <IconButton icon="close" label={t('Leave the preset')} isSmall onClick={() => panel.presetRun.stop()} />
    </div>
  );
}

/** The preset that was left for another one before its end, with the way back to it. */
function Left() {
  const panel = usePanel();
  const left = panel.presetRun.left.value;
  if (!left) {
    return null;
  }
  const { preset, step } = left;
  return (
    <>
      <span class="dim">
        {t('{0} is left at call {1} of {2}.', preset.title, step + 1, preset.steps.length)}
      </span>
      <button type="button" class="btn" onClick={() => panel.forget(panel.presetRun.goBack())}>
        {t('Back to it')}
      </button>
    </>
  );
}
