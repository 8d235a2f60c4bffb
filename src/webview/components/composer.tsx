import { useSignal } from '@preact/signals';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import type { SocketInfo } from '../../common/socket.js';
import { callGroups, expectedCalls, isOpenSocket, offeredCalls } from '../../common/suggestions.js';
import { isFailure } from '../../common/tables/explanations.js';
import { type CallName, type Signature, signatureOf } from '../../common/tables/signatures.js';
import { controlOf, isAdvanced } from '../form/fields.js';
import { socketIcon, socketTone, stateText } from '../../common/socketText.js';
import type { PanelModel } from '../state/panelModel.js';
import { explanationOf } from '../text/record.js';
import { pairText, socketTitle } from '../text/socket.js';
import { callKey, Icon, IconButton, socketContext } from './basics.js';
import { CallText } from './callText.js';
import { usePanel } from './context.js';
import { focusInto, handOverFocus, isTextField } from '../focus.js';
import { CallField, FieldProblem } from './fields.js';
import { LineEndingField, PayloadField } from './payloadField.js';
import { PresetBar } from './presetBar.js';
import { WaitHint } from './waitHint.js';

/** Where the next call is put together: its socket, its arguments, and exactly what will be called. */
export function Composer() {
  const { composer, view } = usePanel();
  const isCollapsed = view.isComposerCollapsed.value;
  return (
    <section
      class="composer"
      aria-label={t('Composer')}
      data-region="composer"
      onKeyDown={(event) => {
        if (event.code === 'Escape' && !event.isComposing && isTextField(event.target as Element)) {
          event.preventDefault();
          focusInto('records');
        }
      }}
    >
      <PresetBar />
      <WaitHint />
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
          </div>
          <CallForm key={composer.name.value} />
          <div class="go">
            <Preview />
            <IconButton
              icon="chevron-down"
              label={t('Fold the form')}
              isExpanded
              onClick={() => (view.isComposerCollapsed.value = true)}
            />
            <CallButton />
          </div>
        </>
      )}
    </section>
  );
}

/** The socket that the call is made on. */
function TargetPicker() {
  const { composer, sockets } = usePanel();
  const id = useId();
  const target = composer.target.value;
  const socket = composer.socket.value;
  const needsTarget = signatureOf(composer.name.value).parameters[0]?.type === 'fd';
  const all = [...sockets.value.values()];
  const ended = all.filter((one) => !isOpenSocket(one)).slice(-10);
  const problem = composer.problems.value.get(0);
  const isShown = needsTarget && (composer.showsMissing.value || composer.refusal.value?.argument === 0);
  return (
    <span
      class={`target s-${socket ? socketTone(socket) : 'none'}`}
      data-vscode-context={socket && socketContext(socket)}
    >
      <span class="select">
        <Icon name={socket ? socketIcon(socket) : 'plug'} />
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
          {target.kind === 'none' && <option value="none">{t('no socket')}</option>}
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
      {isShown && <FieldProblem id={`${id}-problem`} problem={problem} />}
    </span>
  );
}

function socketOption(socket: SocketInfo) {
  return (
    <option key={socket.id} value={String(socket.id)} title={pairText(socket)}>
      {isOpenSocket(socket)
        ? `${socketTitle(socket)}  fd ${socket.fd}`
        : `${socketTitle(socket)}  fd ${socket.fd}, ${stateText(socket)}`}
    </option>
  );
}

/** Calls that are seldom wanted: the first to go where there is little room. */
const rare: ReadonlySet<CallName> = new Set(['getsockname', 'getpeername']);

/** Calls that this state does not expect are dashed: the kernel's answer is worth seeing too. */
function CallButtons() {
  const { composer } = usePanel();
  const isAllShown = useSignal(false);
  const socket = composer.socket.value;
  const isNumber = composer.target.value.kind === 'number';
  const groups = socket ? offeredCalls(socket) : isNumber ? callGroups : [];
  // Of a descriptor that is none of ours nothing is known: no call is more usual than another.
  const expected: ReadonlySet<CallName> = socket ? expectedCalls(socket) : new Set(callGroups.flat());
  const hidden = groups.flat().filter((name) => !expected.has(name) || rare.has(name)).length;
  return (
    <span class={`calls${isAllShown.value ? ' all' : ''}`} role="group" aria-label={t('Calls')}>
      {(groups.length === 0 || composer.name.value === 'socket') && (
        <CallNameButton name="socket" isExpected />
      )}
      {groups.map((group) => (
        <span key={group[0]} class="callgroup">
          <span class="gap" />
          {group.map((name) => (
            <CallNameButton key={name} name={name} isExpected={expected.has(name)} socket={socket} />
          ))}
        </span>
      ))}
      {hidden > 0 && (
        <IconButton
          class="only-m"
          icon="ellipsis"
          label={isAllShown.value ? t('Fewer calls') : t('{0} more calls', hidden)}
          isExpanded={isAllShown.value}
          onClick={() => (isAllShown.value = !isAllShown.value)}
        />
      )}
    </span>
  );
}

function CallNameButton(props: { name: CallName; isExpected: boolean; socket?: SocketInfo | undefined }) {
  const { name, isExpected, socket } = props;
  const { composer } = usePanel();
  return (
    <button
      type="button"
      class={`cb${isExpected ? '' : ' off'}${rare.has(name) ? ' rare' : ''}`}
      aria-pressed={composer.name.value === name}
      title={
        isExpected || !socket
          ? undefined
          : t('Not expected in {0}. Call it to see what the kernel says.', stateText(socket))
      }
      onClick={() => composer.choose(name)}
    >
      {name}
    </button>
  );
}

/** The calls as a list, where there is no room for buttons. */
function CallPicker() {
  const { composer } = usePanel();
  const socket = composer.socket.value;
  const isNumber = composer.target.value.kind === 'number';
  const calls: CallName[] = [
    'socket',
    ...(socket ? offeredCalls(socket) : isNumber ? callGroups : []).flat(),
  ];
  return (
    <span class="select">
      <select
        aria-label={t('Call')}
        value={composer.name.value}
        onChange={(event) => composer.choose(event.currentTarget.value as CallName)}
      >
        {calls.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      <Icon name="chevron-down" />
    </span>
  );
}

/** The fields of one call, made from its signature. */
export function CallForm() {
  const panel = usePanel();
  const { composer } = panel;
  const showsMore = useSignal(false);
  const form = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => handOverFocus(form.current!), []);
  const signature: Signature = signatureOf(composer.name.value);
  const { parameters } = signature;
  const { texts } = composer.draft.value;
  const shown = parameters.map((_, index) => isShown(signature, index, texts[index], showsMore.value));
  const hasMore = parameters.some(
    (parameter, index) => isAdvanced(signature, index) && controlOf(parameter) === 'text' && !shown[index],
  );
  const payload = parameters.findIndex((parameter) => controlOf(parameter) === 'payload');
  return (
    <div
      ref={form}
      class={payload >= 0 ? 'form sends' : 'form'}
      role="group"
      aria-label={composer.name.value}
      onKeyDown={(event) => {
        const isPlain = !event.isComposing && !event.ctrlKey && !event.metaKey && !event.altKey;
        const isField = event.target instanceof HTMLInputElement && event.target.type !== 'checkbox';
        if (isPlain && isField && (event.code === 'Enter' || event.code === 'NumpadEnter')) {
          event.preventDefault();
          panel.forget(panel.calls.makeFormCall());
        }
      }}
    >
      {payload >= 0 && <PayloadField name={parameters[payload]!.name} />}
      <div class="fieldrow">
        {payload >= 0 && <LineEndingField />}
        {parameters.map((parameter, index) =>
          shown[index] ? <CallField key={parameter.name} parameter={parameter} index={index} /> : null,
        )}
        {hasMore && (
          <IconButton
            icon="settings"
            label={t('Lengths: normally those of the data and of the address')}
            onClick={() => (showsMore.value = true)}
          />
        )}
        {parameters.length === 1 && <p class="dim noargs">{t('This call has no other arguments.')}</p>}
      </div>
    </div>
  );
}

function isShown(signature: Signature, index: number, text: string | undefined, showsMore: boolean): boolean {
  const control = controlOf(signature.parameters[index]!);
  if (control === 'none' || control === 'target' || control === 'payload') {
    return false;
  }
  return !isAdvanced(signature, index) || showsMore || (text ?? '') !== '';
}

/** Exactly what will be called. */
export function Preview() {
  const panel = usePanel();
  const { composer } = panel;
  const { call, hostName } = composer.reading.value;
  const refusal = composer.refusal.value;
  const problem = [...composer.problems.value.values()][0];
  const failure = lastFailure(panel);
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
      <span class={`hint${refusal || failure || (problem && !composer.isComplete) ? ' bad' : ''}`}>
        {refusal?.message ??
          failure ??
          (composer.isComplete ? hintOf(call.name, composer.socket.value) : problem?.message)}
      </span>
    </div>
  );
}

/** What went wrong when this call was made just now; undefined once the form was changed. */
function lastFailure({ composer, records, view, sockets }: PanelModel): string | undefined {
  // A record that is still to be read comes with the next version.
  const record = records.version.value < 0 ? undefined : records.get(view.selectedSeq.value ?? 0);
  return record &&
    !composer.isTouched.value &&
    record.name === composer.name.value &&
    record.socketId === (composer.socket.value?.id ?? null) &&
    isFailure(record)
    ? explanationOf(record, sockets.value)
    : undefined;
}

/** What the call answers, or what is particular about calling it now. */
function hintOf(name: CallName, socket: SocketInfo | undefined): string {
  if (socket && name !== 'socket') {
    if (socket.isLost) {
      return t('This socket was lost with its host.');
    }
    if (!isOpenSocket(socket)) {
      return t('This descriptor is closed: the number may belong to another socket now.');
    }
    if (socket.tcpState === 'CLOSE_WAIT' && (name === 'send' || name === 'sendto')) {
      return t('The peer sent FIN: you may still send.');
    }
    if (!expectedCalls(socket).has(name)) {
      return t('Not expected in {0}.', stateText(socket));
    }
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
  return (
    <button
      type="button"
      class="btn primary callbtn"
      aria-disabled={!panel.composer.isComplete}
      aria-busy={panel.composer.isBusy.value}
      onClick={() => panel.forget(panel.calls.makeFormCall())}
    >
      <span>{t('Call')}</span>
      <span class="key">{callKey}</span>
    </button>
  );
}
