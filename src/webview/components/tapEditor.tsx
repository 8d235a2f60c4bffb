import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import { endpointText } from '../../common/socketText.js';
import { type FaultRow, printFaults, type TapDirection } from '../../common/tap/faults.js';
import { listenerOf, rowsOf, type TapListener, tapSentence } from '../state/tap.js';
import { callKey, Icon, IconButton } from './basics.js';
import { LabelledField } from './combo.js';
import { usePanel } from './context.js';
import { FieldProblem } from './fieldProblem.js';

/** The tap that the composer's socket is of, or the selected one: where its clients connect to, and what disturbs them. */
export function TapStrip() {
  const panel = usePanel();
  const sockets = panel.steadySockets.value;
  // A form that was begun stays where it is when a tap is started.
  const selected = sockets.get(panel.view.selectedSocketId.value ?? -1);
  const socket = listenerOf(panel.composer.socket.value, sockets) ?? listenerOf(selected, sockets);
  if (!socket?.local) {
    return null;
  }
  const address = endpointText(socket.local);
  const faults = printFaults(socket.tap.faults);
  return (
    <div class="strip tap" role="group" aria-label={t('Tap')}>
      <Icon name="debug-alt-small" />
      <span class="what">{tapSentence(socket.local, socket.tap.target)}</span>
      <button type="button" class="btn" onClick={() => panel.copy(address)}>
        <Icon name="copy" />
        {t('Copy the address')}
      </button>
      {faults !== '' && <code>{faults}</code>}
      <span class="grow" />
      <button type="button" class="btn" onClick={() => panel.form.editTapFaults(socket.id)}>
        <Icon name="edit" />
        {t('Faults')}
      </button>
      <button
        type="button"
        class="btn"
        onClick={() => panel.forget(panel.remote.stopTap({ id: socket.tap.id }))}
      >
        <Icon name="debug-stop" />
        {t('Stop')}
      </button>
    </div>
  );
}

/** What a tap does to what it passes on, in the place of a call's form. */
export function TapEditor({ socket }: { socket: TapListener }) {
  const panel = usePanel();
  const { tap } = panel;
  const root = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => root.current?.querySelector('input')?.focus(), []);
  const { faults } = tap;
  const problem = tap.refusal.value ?? [...tap.problems.value.values()][0]?.message;
  const used = printFaults(socket.tap.faults);
  const shown = faults ? printFaults(faults) : '';
  return (
    <div
      class="tapform"
      role="group"
      aria-label={t('Faults of the tap')}
      ref={root}
      onKeyDown={(event) => {
        const isEnter = event.code === 'Enter' || event.code === 'NumpadEnter';
        const isPlain = !event.isComposing && !event.ctrlKey && !event.metaKey && !event.altKey;
        if (isEnter && isPlain && event.target instanceof HTMLInputElement) {
          event.preventDefault();
          panel.forget(tap.apply());
        }
      }}
    >
      <div class="colhead">
        <b>{t('Faults of the tap')}</b>
        <span class="dim">{endpointText(socket.tap.target)}</span>
        <span class="grow" />
        <IconButton icon="close" label={t('Close the faults')} isSmall onClick={() => tap.close()} />
      </div>
      <div class="faults">
        <span class="lbl" />
        <span class="lbl">{t('to the server')}</span>
        <span class="lbl">{t('to the client')}</span>
        {rowsOf(socket).map((row) => (
          <FaultFields key={row.name} row={row} />
        ))}
      </div>
      <div class="rulesend">
        <LabelledField
          label="seed"
          width="short"
          inputMode="numeric"
          value={tap.text('seed')}
          problem={tap.problems.value.get('seed')}
          onInput={(text) => tap.change('seed', text)}
        />
        <span class="dim">{t('What is random is the same for the same seed.')}</span>
      </div>
      <div class="go">
        <div class="preview" role="group" aria-label={t('What the tap does')}>
          <span class="call">{shown}</span>
          <span class={`hint${problem === undefined ? '' : ' bad'}`}>
            {problem ??
              (shown === ''
                ? t('Everything is passed on as it comes.')
                : shown === used
                  ? t('These faults are on.')
                  : '')}
          </span>
        </div>
        <button type="button" class="btn" onClick={() => tap.clear()}>
          <Icon name="circle-slash" />
          {t('All off')}
        </button>
        <button
          type="button"
          class="btn primary callbtn"
          aria-disabled={faults === null}
          onClick={() => panel.forget(tap.apply())}
        >
          <span>{t('Use these faults')}</span>
          <span class="key">{callKey}</span>
        </button>
      </div>
    </div>
  );
}

/** One fault: a field a direction, with what it does. */
function FaultFields({ row }: { row: FaultRow }) {
  const { tap } = usePanel();
  const id = useId();
  const { name, unit } = row;
  const problem = (direction: TapDirection) => tap.problems.value.get(`${direction}.${name}`);
  const field = (direction: TapDirection, label: string) => (
    <span class={`field${problem(direction) ? ' invalid' : ''}`}>
      <input
        aria-label={label}
        value={tap.text(`${direction}.${name}`)}
        placeholder={t('off')}
        inputMode="numeric"
        autocomplete="off"
        aria-invalid={problem(direction) !== undefined}
        aria-describedby={`${id}-about ${id}-${direction}`}
        onInput={(event) => tap.change(`${direction}.${name}`, event.currentTarget.value)}
      />
      <span class="unit">{unit === 'bytes' ? t('bytes') : unit}</span>
    </span>
  );
  return (
    <>
      <span class="mono">{name}</span>
      {field('toServer', t('{0} to the server', name))}
      {field('toClient', t('{0} to the client', name))}
      <span class="dim about" id={`${id}-about`}>
        {row.description()}
      </span>
      {(['toServer', 'toClient'] as const).map((direction) => (
        <FieldProblem key={direction} id={`${id}-${direction}`} problem={problem(direction)} />
      ))}
    </>
  );
}
