import { useComputed } from '@preact/signals';
import { useId } from 'preact/hooks';
import { type CallRecord, isAddress, isOfKind, type Value } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import { printCall } from '../../common/notation/printer.js';
import type { SocketInfo } from '../../common/socket.js';
import { expectedCalls, waitingLike } from '../../common/socketCalls.js';
import { isOpenSocket } from '../../common/usualArguments.js';
import { isFailure } from '../../common/failure.js';
import { type CallName, parameterIndex, signatureOf } from '../../common/tables/signatures.js';
import { socketIcon, socketTone, stateText } from '../../common/socketText.js';
import type { Platform } from '../../common/tables/constants.js';
import type { FormReading } from '../form/readForm.js';
import type { ComposerModel } from '../state/composer.js';
import type { PanelModel } from '../state/panelModel.js';
import { explanationOf } from '../text/record.js';
import { pairText, socketTitle } from '../../common/socketText.js';
import { AutomaticMenu, AutomaticStrip } from './automaticBar.js';
import { callKey, Icon, IconButton, socketContext } from './basics.js';
import { CallButtons, CallPicker } from './callButtons.js';
import { CallForm } from './callForm.js';
import { CallText, shownData } from './callText.js';
import { usePanel } from './context.js';
import { Elsewhere } from './elsewhere.js';
import { focusForm, focusInto, isTextField } from '../focus.js';
import { FieldProblem } from './fieldProblem.js';
import { HistoryMenu } from './historyMenu.js';
import { PresetBar } from './presetBar.js';
import { ReplyEditor } from './replyEditor.js';
import { RepeatFields, RepeatStrips } from './repeatFields.js';
import { Strips } from './strips.js';
import { TapEditor, TapStrip } from './tapEditor.js';
import { isSecond, LateHint, NextButton, OwnWaitHint, useNextLabel, WaitHint } from './waitHint.js';

/** Where the next call is put together: its socket, its arguments, and exactly what will be called. */
export function Composer() {
  const panel = usePanel();
  const { automatic, composer, repeat, tap, view } = panel;
  const edited = automatic.edited.value;
  const tapped = tap.edited.value;
  const isCollapsed = view.isComposerCollapsed.value;
  // Once it is drawn where the focus has gone: what came while somebody was here is made good.
  const followLeft = () => requestAnimationFrame(() => panel.form.followLeft());
  return (
    <section
      class="composer"
      aria-label={t('Form of the call')}
      data-region="composer"
      onPointerLeave={followLeft}
      onFocusOut={followLeft}
      onKeyDown={(event) => {
        if (event.code === 'Escape' && !event.isComposing && isTextField(event.target as Element)) {
          event.preventDefault();
          focusInto('records');
        }
      }}
    >
      <PresetBar />
      <Strips>
        <WaitHint />
        <OwnWaitHint />
        <LateHint />
        <RepeatStrips />
        <AutomaticStrip />
        <TapStrip />
      </Strips>
      <Elsewhere />
      {isCollapsed ? (
        <div class="minicomposer">
          <TargetPicker />
          <CallPicker />
          <Preview />
          <IconButton
            icon="chevron-up"
            label={t('Show the form')}
            isExpanded={false}
            onClick={() => (view.isComposerCollapsed.value = false)}
          />
          <CallButton />
        </div>
      ) : (
        <>
          <div class="callbar">
            <TargetPicker />
            <CallButtons />
            <span class="grow" />
            <AutomaticMenu />
          </div>
          {edited ? (
            <ReplyEditor key={edited.id} socket={edited} />
          ) : tapped ? (
            <TapEditor key={tapped.id} socket={tapped} />
          ) : (
            <div class="making">
              <CallForm key={composer.name.value} />
              <RepeatFields />
              <div class="go">
                <Preview />
                <HistoryMenu />
                <IconButton
                  icon="sync"
                  label={t('Repeat: make the call several times')}
                  text={t('Repeat')}
                  isExpanded={repeat.isOpen.value}
                  onClick={() => (repeat.isOpen.value = !repeat.isOpen.value)}
                />
                <IconButton
                  icon="chevron-down"
                  label={t('Fold the form')}
                  isExpanded
                  onClick={() => (view.isComposerCollapsed.value = true)}
                />
                <CallButton />
              </div>
            </div>
          )}
        </>
      )}
    </section>
  );
}

/** The socket that the call is made on. */
function TargetPicker() {
  const { composer, steadySockets } = usePanel();
  const id = useId();
  const target = composer.target.value;
  const socket = composer.socket.value;
  const all = [...steadySockets.value.values()];
  const ended = all
    .filter((one) => !isOpenSocket(one))
    .filter((one, index, { length }) => index >= length - 10 || one === socket);
  const problem = composer.problems.value.get(0);
  return (
    <span
      class={`target s-${socket ? socketTone(socket) : 'none'}`}
      data-vscode-context={socket && socketContext(socket)}
    >
      <span class="select">
        <Icon name={socket ? socketIcon(socket) : 'circle-outline'} />
        <select
          id={id}
          aria-label={t('Socket')}
          aria-describedby={`${id}-problem`}
          data-focus-first
          value={target.kind === 'socket' ? String(target.id) : target.kind}
          onChange={(event) => {
            const { value } = event.currentTarget;
            composer.chooseTarget(
              value === 'number'
                ? { kind: 'number', text: String(socket?.fd ?? '') }
                : value === 'none'
                  ? { kind: 'none' }
                  : { kind: 'socket', id: Number(value) },
            );
          }}
        >
          <option value="none">{t('no socket')}</option>
          {all.filter(isOpenSocket).map(socketOption)}
          {ended.length > 0 && <hr />}
          {ended.map(socketOption)}
          <hr />
          <option value="number">{t('Another descriptor…')}</option>
        </select>
        <Icon name="chevron-down" />
      </span>
      {target.kind === 'number' && (
        <span class="field fdnumber">
          <input
            aria-label={t('Descriptor')}
            value={target.text}
            inputMode="numeric"
            onInput={(event) => composer.chooseTarget({ kind: 'number', text: event.currentTarget.value })}
          />
        </span>
      )}
      {tellsTarget(composer) && <FieldProblem id={`${id}-problem`} problem={problem} />}
    </span>
  );
}

/** Whether what is wrong with the socket stands below it: where nobody has tried, or the call was refused, the preview says it. */
function tellsTarget({ name, showsMissing, refusal }: ComposerModel): boolean {
  return parameterIndex(name.value, 'fd') >= 0 && showsMissing.value && refusal.value === null;
}

function socketOption(socket: SocketInfo) {
  return (
    <option key={socket.id} value={String(socket.id)} title={pairText(socket)}>
      {isOpenSocket(socket)
        ? `fd ${socket.fd}  ${socketTitle(socket)}`
        : // Closed ones share names and numbers: the record that made it is its own.
          `fd ${socket.fd}  ${socketTitle(socket)}, ${stateText(socket)}, #${socket.openedSeq}`}
    </option>
  );
}

/** Exactly what will be called. */
export function Preview() {
  const panel = usePanel();
  const { composer } = panel;
  const { call, hostName } = composer.reading.value;
  const refusal = composer.refusal.value;
  const problem = untoldProblem(panel);
  // Asked with every record that comes, and drawn when it is another.
  const failure = useComputed(() => lastFailure(panel)).value;
  const now = hintOfNow(call.name, composer.socket.value);
  const isBad = refusal || failure || problem;
  const { late } = panel.calls;
  const next = useNextLabel();
  const isOfClosed = isOnClosed(composer);
  return (
    <div class={`preview${refusal ? ' refused' : ''}`} aria-label={t('The exact call')} role="group">
      {composer.isComplete ? (
        <CallText call={call} platform={panel.platform.value} hostName={hostName} />
      ) : (
        <span class="call">
          <span class="t-call">{call.name}</span>
          <span class="t-punctuation">(…)</span>
        </span>
      )}
      {next !== undefined && late.value?.hasWaited === false ? (
        <NextButton class="link hint next" label={next} />
      ) : (
        <span class={`hint${isBad ? ' bad' : now === undefined ? '' : ' now'}`}>
          {refusal?.message ??
            failure ??
            (composer.isPasting ? t('Reading…') : composer.isComplete ? (now ?? hintOf(call.name)) : problem)}
        </span>
      )}
      {isOfClosed && (
        <button
          type="button"
          class="link"
          onClick={() => {
            panel.presetRun.stop();
            composer.choose('socket');
            focusForm();
          }}
        >
          {t('New socket')}
        </button>
      )}
    </div>
  );
}

/** Whether the call can be made, and is nothing to go on with: the number of its socket may be another's. */
function isOnClosed({ name, socket }: ComposerModel): boolean {
  return socket.value !== undefined && !isOpenSocket(socket.value) && parameterIndex(name.value, 'fd') >= 0;
}

/** What keeps the call from being made, where no field says so below itself. */
function untoldProblem({ composer, view }: PanelModel): string | undefined {
  const [first] = composer.problems.value;
  if (!first || composer.isComplete) {
    return undefined;
  }
  const [field, { message, isMissing }] = first;
  const isUntold =
    field === 0
      ? !tellsTarget(composer)
      : view.isComposerCollapsed.value || (isMissing && !composer.showsMissing.value);
  return isUntold ? message : undefined;
}

/** What went wrong when this call was made just now; undefined once the form was changed. */
function lastFailure({ composer, platform, records, view, steadySockets }: PanelModel): string | undefined {
  // A record that is still to be read comes with the next version.
  const record = records.version.value < 0 ? undefined : records.get(view.selectedSeq.value ?? 0);
  return record &&
    !composer.isTouched.value &&
    record.name === composer.name.value &&
    record.socketId === (composer.socket.value?.id ?? null) &&
    isFailure(record) &&
    isOf(record, composer.reading.value, platform.value)
    ? explanationOf(record, steadySockets.value)
    : undefined;
}

/** Whether a record is of the very call that the form shows: the same name on the same socket may be about another address. */
function isOf(record: CallRecord, { call, hostName }: FormReading, platform: Platform): boolean {
  const print = (args: Value[]) =>
    printCall({ name: call.name, args }, { style: 'short', platform, maxData: shownData });
  // What the kernel fills in, and what a name stands for, is known only afterwards.
  const isOpen = (value: Value) => isOfKind(value, 'any') || (hostName && isAddress(value));
  const made = call.args.map((value, index) => (isOpen(value) ? value : (record.args[index] ?? value)));
  return print(call.args) === print(made);
}

/** What is particular about making the call now. */
function hintOfNow(name: CallName, socket: SocketInfo | undefined): string | undefined {
  if (socket && parameterIndex(name, 'fd') >= 0) {
    if (socket.isLost) {
      return t('This socket was lost with its host.');
    }
    if (!isOpenSocket(socket)) {
      return t('This descriptor is closed: the number may belong to another socket now.');
    }
    if (socket.tcpState === 'CLOSE_WAIT' && (name === 'send' || name === 'sendto')) {
      return t('The peer sent FIN: you may still send.');
    }
    const waiting = waitingLike(name, socket);
    if (waiting) {
      return t('{0} waits on this socket already: this would be a second call.', waiting.name);
    }
    if (!expectedCalls(socket).has(name)) {
      return t('Unusual in state {0}.', stateText(socket));
    }
  }
  return undefined;
}

/** What the call answers. */
function hintOf(name: CallName): string {
  if (name === 'poll') {
    return t('returns how many descriptors are ready, or -1 and errno');
  }
  switch (signatureOf(name).returns) {
    case 'fd':
      return t('returns a file descriptor, or -1 and errno');
    case 'count':
      return t('returns the number of bytes, or -1 and errno');
    case 'zero':
      return t('returns 0, or -1 and errno');
    case 'value':
      return t('returns a value, or -1 and errno');
  }
}

export function CallButton() {
  const panel = usePanel();
  const { composer } = panel;
  const isAgain = isSecond(composer);
  return (
    <button
      type="button"
      class={`btn callbtn${isAgain || isOnClosed(composer) ? '' : ' primary'}`}
      aria-disabled={!panel.composer.isComplete}
      aria-busy={panel.composer.isBusy.value}
      onClick={() => panel.forget(panel.calls.makeFormCall())}
    >
      <span>{isAgain ? t('Call again') : t('Call')}</span>
      <span class="key">{callKey}</span>
    </button>
  );
}
