import { useEffect } from 'preact/hooks';
import { lostHostText } from '../../common/hostText.js';
import { t } from '../../common/l10n.js';
import type { ShownRecording } from '../../common/protocol/panel.js';
import { programFilter } from '../../common/strace/programs.js';
import type { TraceState } from '../../common/protocol/trace.js';
import { sizeText } from '../../common/socketText.js';
import { formatCount } from '../text/format.js';
import { lossText } from '../text/losses.js';
import { observationSentences } from '../text/observation.js';
import { Icon, IconButton } from './basics.js';
import { usePanel } from './context.js';

/** What the user must know before the next call: the host is gone, cannot run here, or something failed. */
export function Banners() {
  const panel = usePanel();
  const status = panel.status.value;
  const fault = panel.fault.value;
  return (
    <div class="banners">
      {status.kind === 'lost' && (
        <div class="banner error" role="alert">
          <Icon name="error" />
          <span>{lostHostText(status)}</span>
          <button type="button" class="btn" onClick={() => panel.forget(panel.remote.restart())}>
            {t('Restart now')}
          </button>
        </div>
      )}
      {status.kind === 'unsupported' && (
        <div class="banner error" role="alert">
          <Icon name="circle-slash" />
          <span>{status.reason}</span>
        </div>
      )}
      {panel.recording && (
        <div class="banner" role="status">
          <Icon name={panel.recording.observed ? 'eye' : 'history'} />
          <span>{recordingText(panel.recording, panel.trace.value)}</span>
          {panel.trace.value && <TraceActions {...panel.trace.value} />}
        </div>
      )}
      {panel.isRestored.value && (
        <div class="banner" role="status">
          <Icon name="info" />
          <span>
            {t('The window was reloaded. The sockets ended with the window; nothing was opened again.')}
          </span>
          <button type="button" class="btn" onClick={() => panel.forget(panel.remote.openLastRecording())}>
            {t('Open the last recording')}
          </button>
          <IconButton
            icon="close"
            label={t('Dismiss')}
            isSmall
            onClick={() => (panel.isRestored.value = false)}
          />
        </div>
      )}
      <LossBanner />
      {fault !== null && (
        <div class="banner error" role="alert">
          <Icon name="warning" />
          <span>{fault}</span>
          <IconButton icon="close" label={t('Dismiss')} isSmall onClick={() => (panel.fault.value = null)} />
        </div>
      )}
    </div>
  );
}

/** What can be done with a trace. */
function TraceActions({ progress, programs }: Pick<TraceState, 'progress' | 'programs'>) {
  const panel = usePanel();
  return (
    <>
      {programs.length > 1 && <ProgramChoice programs={programs} />}
      {progress === 'live' && (
        <button type="button" class="btn" onClick={() => panel.forget(panel.remote.stopTrace())}>
          <Icon name="debug-stop" />
          {t('Stop')}
        </button>
      )}
      <button type="button" class="btn" onClick={() => panel.forget(panel.remote.makeScenario())}>
        {t('Make Scenario')}
      </button>
    </>
  );
}

/** A shell and what it starts make calls of their own before the program that was meant: a filter shows one's alone. */
function ProgramChoice({ programs }: Pick<TraceState, 'programs'>) {
  const { filter } = usePanel();
  return (
    <div class="select">
      <select
        aria-label={t('Programs whose calls are shown')}
        value={programs.find((name) => programFilter(name) === filter.shown) ?? ''}
        onChange={({ currentTarget: { value } }) => filter.set(value === '' ? '' : programFilter(value))}
      >
        <option value="">{t('All programs')}</option>
        {programs.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <Icon name="chevron-down" />
    </div>
  );
}

/** What is no longer held. Its numbers change with every record: they are told to a screen reader once. */
function LossBanner() {
  const { records, view } = usePanel();
  const text = lossText(records.losses.value);
  const hasLoss = text !== undefined;
  useEffect(() => {
    if (hasLoss) {
      view.announcement.value = text;
    }
  }, [hasLoss]);
  if (!hasLoss || view.isLossDismissed.value) {
    return null;
  }
  return (
    <section class="banner loss" aria-label={t('Dropped records')}>
      <Icon name="warning" />
      <span>{text}</span>
      <IconButton
        icon="close"
        label={t('Dismiss')}
        isSmall
        onClick={() => (view.isLossDismissed.value = true)}
      />
    </section>
  );
}

/** What is shown, and what of it is missing. */
function recordingText(recording: ShownRecording, trace: TraceState | null): string {
  const { name, created, missing, damagedBytes, observed } = recording;
  const begun = new Date(created).toLocaleString(document.documentElement.lang);
  const sentences = [
    ...(observed
      ? observationSentences(observed, trace)
      : [
          name === null
            ? t('The records of an earlier window, from {0} on. They are read only.', begun)
            : t('Recording {0}, begun {1}. It is read only.', name, begun),
        ]),
    missing === 0
      ? ''
      : t('{0} records are missing: they were dropped, or not written.', formatCount(missing)),
    damagedBytes === 0 ? '' : t('{0} of the file could not be read.', sizeText(damagedBytes)),
  ];
  return sentences.filter(Boolean).join(' ');
}
