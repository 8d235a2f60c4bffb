import { t } from '../../common/l10n.js';
import { Icon } from './basics.js';
import { CallButton, CallForm, Preview } from './composer.js';
import { usePanel } from './context.js';
import { PresetBar } from './presetBar.js';
import { callCountText, currentPresets, scenarioIcon, scenarioState } from './toolbar.js';

/** The page before the first call: the first call itself, and good ways to begin. */
export function EmptyState() {
  const panel = usePanel();
  return (
    <main class="empty">
      <div class="wrap">
        <h1>{t('Socket Playground')}</h1>
        <p class="sub">
          {t(
            'Every button here makes one real system call on this machine. You see the exact call, what the kernel answered, and the state the socket is in afterwards.',
          )}
        </p>
        <section class="first" aria-label={t('First call')} data-region="composer">
          <PresetBar />
          <CallForm key={panel.composer.name.value} />
          <div class="go">
            <Preview />
            <CallButton />
          </div>
        </section>
        <div class="cols">
          <section>
            <h2>{t('Start with')}</h2>
            {currentPresets(panel).map((preset) => (
              <StartItem
                key={preset.id}
                icon={preset.icon}
                title={preset.title}
                text={preset.description}
                detail={callCountText(preset.steps.length)}
                onClick={() => panel.forget(panel.presetRun.start(preset))}
              />
            ))}
          </section>
          <section>
            <h2>{t('Or run a scenario')}</h2>
            {panel.scenarios.value.map((scenario) => (
              <StartItem
                key={scenario.id}
                icon={scenarioIcon(scenario)}
                title={scenario.title}
                text={scenario.description}
                detail={scenarioState(scenario) ?? callCountText(scenario.callCount)}
                onClick={() => panel.forget(panel.remote.runScenario({ id: scenario.id }))}
              />
            ))}
            {panel.scenarios.value.length === 0 && <p class="dim">{t('There are no scenarios.')}</p>}
          </section>
        </div>
        <div class="facts3">
          <div>
            <b>{t('Calls may block')}</b>
            {t(
              'accept() and recv() wait like in a program. You can cancel them, and the rest of the panel stays usable.',
            )}
          </div>
          <div>
            <b>{t('Calls may fail')}</b>
            {t('Nothing is hidden or forbidden. An error is a record too, with its errno and what it means.')}
          </div>
          <div>
            <b>{t('Loopback by default')}</b>
            {t('Addresses other than 127.0.0.1 and ::1 ask for confirmation once per session.')}
          </div>
        </div>
      </div>
    </main>
  );
}

function StartItem(props: {
  icon: string;
  title: string;
  text: string;
  detail: string;
  onClick: () => void;
}) {
  return (
    <button type="button" class="startitem" onClick={props.onClick}>
      <Icon name={props.icon} />
      <span class="grow">
        <span class="n">{props.title}</span>
        <span class="d">{props.text}</span>
      </span>
      <span class="m num">{props.detail}</span>
    </button>
  );
}
