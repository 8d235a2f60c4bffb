import { t } from '../../common/l10n.js';
import type { ScenarioSummary } from '../../common/protocol/panel.js';
import { Icon } from './basics.js';
import { CallForm } from './callForm.js';
import { CallButton, Preview } from './composer.js';
import { usePanel } from './context.js';
import { PresetBar } from './presetBar.js';
import { callCountText, currentPresets, noScenariosText, scenarioIcon, scenarioState } from './toolbar.js';

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
            <h2>{t('Start step by step with')}</h2>
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
            <h2>{t('Or take a lesson')}</h2>
            <ScenarioGroups />
            {!panel.scenarios.value?.length && <p class="dim">{noScenariosText(panel)}</p>}
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

/** The first group is open: the whole course would be longer than the page. */
function ScenarioGroups() {
  const scenarios = usePanel().scenarios.value ?? [];
  const groups = [...new Set(scenarios.map(({ group }) => group))];
  return groups.map((group, index) => {
    const items = scenarios
      .filter((scenario) => scenario.group === group)
      .map((scenario) => <ScenarioItem key={scenario.id} scenario={scenario} />);
    return groups.length === 1 ? (
      items
    ) : (
      <details key={group ?? ''} class="startgroup" open={index === 0}>
        <summary class="prose">{group ?? t('Workspace')}</summary>
        {items}
      </details>
    );
  });
}

function ScenarioItem({ scenario }: { scenario: ScenarioSummary }) {
  const panel = usePanel();
  return (
    <StartItem
      icon={scenarioIcon(scenario)}
      title={scenario.title}
      text={scenario.obstacle ?? scenario.description}
      detail={scenarioState(scenario) ?? scoreText(scenario) ?? callCountText(scenario.callCount)}
      isDisabled={scenario.obstacle !== null}
      onClick={() =>
        panel.forget(
          scenario.isLesson
            ? panel.remote.openLesson({ id: scenario.id })
            : panel.remote.runScenario({ id: scenario.id }),
        )
      }
    />
  );
}

/** Of a lesson that was gone through. */
function scoreText({ score }: ScenarioSummary): string | undefined {
  return score ? t('done') : undefined;
}

function StartItem(props: {
  icon: string;
  title: string;
  text: string;
  detail: string;
  isDisabled?: boolean;
  onClick: () => void;
}) {
  return (
    <button type="button" class="startitem" disabled={props.isDisabled} onClick={props.onClick}>
      <Icon name={props.icon} />
      <span class="grow">
        <span class="n prose">{props.title}</span>
        <span class="d prose">{props.text}</span>
      </span>
      <span class="m num">{props.detail}</span>
    </button>
  );
}
