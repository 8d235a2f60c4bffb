import { t } from '../../common/l10n.js';
import { presets } from '../../common/presets.js';
import type { ScenarioSummary } from '../../common/protocol/panel.js';
import { descriptorsText } from '../../common/socketText.js';
import { isOpenSocket } from '../../common/usualArguments.js';
import type { FilterModel } from '../state/filter.js';
import type { PanelModel } from '../state/panelModel.js';
import { formatCount } from '../text/format.js';
import { droppedText, lossText } from '../text/losses.js';
import { focusMatrix } from '../focus.js';
import { fillNewSocket } from '../requests.js';
import type { ViewMode } from '../../common/protocol/panel.js';
import { Icon, Segments } from './basics.js';
import { usePanel } from './context.js';
import { FilterField } from './filterField.js';
import { ObservedBadge } from './observedBadge.js';
import { MenuButton, type MenuItem } from './menu.js';

/** What people start with, with addresses that suit what is open. */
export function currentPresets(panel: PanelModel) {
  const listener = [...panel.steadySockets.value.values()]
    .reverse()
    .find(({ state, domain, isLost }) => state === 'listening' && domain === 'AF_INET' && !isLost);
  const peer = listener?.local ?? { family: 'AF_INET' as const, address: '127.0.0.1', port: 8080 };
  const path = `/tmp/playground-${panel.records.lastSeq + 1}.sock`;
  return presets({ peer, path });
}

export function scenarioIcon({ state, isLesson, score }: ScenarioSummary): string {
  switch (state) {
    case 'idle':
      return score ? 'pass-filled' : isLesson ? 'mortar-board' : 'play-circle';
    case 'running':
      return 'loading';
    case 'passed':
      return 'pass';
    case 'failed':
      return 'error';
  }
}

export function scenarioState({ state }: ScenarioSummary): string | undefined {
  switch (state) {
    case 'idle':
      return undefined;
    case 'running':
      return t('running');
    case 'passed':
      return t('passed');
    case 'failed':
      return t('failed');
  }
}

export function callCountText(count: number): string {
  return count === 1 ? t('1 call') : t('{0} calls', count);
}

/** What stands beside a scenario: how it stands, or what it closes where it runs once more. */
function scenarioDetail(
  { steadySockets }: PanelModel,
  scenario: ScenarioSummary,
): Pick<MenuItem, 'detail' | 'title'> {
  const { state, callCount, obstacle, description, made } = scenario;
  const open = made
    .map((id) => steadySockets.value.get(id))
    .filter((socket) => socket !== undefined)
    .filter(isOpenSocket);
  if (state === 'running' || open.length === 0) {
    return { detail: scenarioState(scenario) ?? callCountText(callCount), title: obstacle ?? description };
  }
  return {
    detail: t('closes {0}', descriptorsText(open, 3)),
    title: t('Closes the sockets of its last run: {0}', descriptorsText(open)),
  };
}

/** In the place of the scenarios where there are none to show. */
export function noScenariosText({ scenarios }: PanelModel): string {
  return scenarios.value === null ? t('Looking for scenarios…') : t('There are no scenarios.');
}

export function Toolbar() {
  const panel = usePanel();
  return (
    <header class="topbar">
      <div class="toolbar" role="toolbar" aria-label={t('Socket Playground')} data-region="toolbar">
        {!panel.recording && <Starters />}
        {panel.recording?.observed && <ObservedBadge observation={panel.recording.observed} />}
        <ViewSwitch />
        <FilterField />
        <Count />
      </div>
    </header>
  );
}

function ViewSwitch() {
  const { view, matrix } = usePanel();
  return (
    <Segments<ViewMode>
      label={t('View')}
      value={view.mode.value}
      choices={[
        {
          value: 'lanes',
          label: t('Lanes'),
          icon: 'type-hierarchy-sub',
          title: t('Lanes: a column for each socket'),
        },
        { value: 'table', label: t('Table'), icon: 'list-flat', title: t('Table: a row for each record') },
      ]}
      onChange={(mode) => {
        matrix.close();
        view.mode.value = mode;
      }}
    />
  );
}

/** What makes calls. */
function Starters() {
  const panel = usePanel();
  const newSocket = () => fillNewSocket(panel);
  const presetItems: MenuItem[] = currentPresets(panel).map((preset, index) => ({
    id: preset.id,
    icon: preset.icon,
    label: preset.title,
    detail: preset.steps.map(({ name }) => name).join(', '),
    // The commands of the same name make all of their calls at once.
    ...(index === 0 ? { heading: t('Step by step') } : {}),
    run: () => panel.forget(panel.presetRun.start(preset)),
  }));
  const scenarioItems: MenuItem[] = (panel.scenarios.value ?? []).map((scenario, index, all) => ({
    id: scenario.id,
    icon: scenarioIcon(scenario),
    label: scenario.title,
    ...scenarioDetail(panel, scenario),
    isDisabled: scenario.state === 'running' || scenario.obstacle !== null,
    ...(scenario.group === (all[index - 1]?.group ?? null)
      ? {}
      : { heading: scenario.group ?? t('Workspace') }),
    run: () => panel.forget(panel.remote.runScenario({ id: scenario.id })),
  }));
  return (
    <>
      <span class="split">
        <button type="button" class="btn primary" onClick={newSocket} data-focus-first>
          <Icon name="add" />
          <span>{t('Socket')}</span>
        </button>
        <MenuButton
          class="btn primary"
          label={t('Start with…')}
          items={[
            ...presetItems,
            {
              id: 'choose',
              icon: 'edit',
              label: t('Choose domain, type, protocol…'),
              startsGroup: true,
              run: newSocket,
            },
            {
              id: 'tap',
              icon: 'debug-alt-small',
              label: t('Tap a server…'),
              detail: t('relay and record'),
              run: () => panel.forget(panel.remote.startTap()),
            },
            {
              id: 'matrix',
              icon: 'table',
              label: t('What does this kernel have?'),
              detail: t('support matrix'),
              run: () => {
                panel.matrix.open();
                focusMatrix();
              },
            },
          ]}
        />
      </span>
      <MenuButton
        class="btn"
        icon="run-all"
        label={t('Run scenario')}
        text={t('Run scenario')}
        items={scenarioItems}
        emptyText={noScenariosText(panel)}
      />
      <span class="sep hide-xs" />
    </>
  );
}

function Count() {
  const { records, filter } = usePanel();
  const total = records.count.value;
  const isFiltered = filter.version.value >= 0 && filter.isActive;
  const text = isFiltered
    ? filteredText(filter, total)
    : total === 0
      ? t('no records')
      : total === 1
        ? t('1 record')
        : t('{0} records', formatCount(total));
  const losses = records.losses.value;
  const dropped = droppedText(losses);
  const whole = dropped === '' ? text : t('{0}, dropped: {1}', text, dropped);
  return (
    <span class="rec num" title={lossText(losses) ?? whole}>
      {whole}
    </span>
  );
}

/** `1,284 of 48,112`; while it is being looked through, how far that is. */
function filteredText(filter: FilterModel, total: number): string {
  const text = t('{0} of {1}', formatCount(filter.count), formatCount(total));
  const percent = `${Math.floor(100 * filter.progress)} %`;
  if (filter.isStopped.value) {
    return t('{0}, stopped at {1}', text, percent);
  }
  return filter.isBusy.value && filter.progress < 1 ? `${text} · ${percent}` : text;
}
