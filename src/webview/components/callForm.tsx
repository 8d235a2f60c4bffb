import { t } from '../../common/l10n.js';
import { specialCalls } from '../../common/socketCalls.js';
import { type Parameter, type Signature, signatureOf } from '../../common/tables/signatures.js';
import { type ControlKind, controlOf, isAdvanced } from '../form/fields.js';
import { hasHiddenFields } from './addressField.js';
import { IconButton } from './basics.js';
import { usePanel } from './context.js';
import { ControlMessages } from './controlFields.js';
import { CallField } from './fields.js';
import { MessageParts } from './messageFields.js';
import { LineEndingField, PayloadField } from './payloadField.js';

/** The fields of one call, made from its signature. */
export function CallForm() {
  const panel = usePanel();
  const { composer } = panel;
  const signature: Signature = signatureOf(composer.name.value);
  const { parameters } = signature;
  const { texts } = composer.draft.value;
  const { args } = composer.reading.value.call;
  const controls = parameters.map((parameter) => controlOf(parameter, args, panel.platform.value));
  const isHidden = (index: number) =>
    isAdvanced(signature, index) && !composer.showsAdvanced.value && (texts[index] ?? '') === '';
  const isField = (control: ControlKind) => !['none', 'target', 'payload'].includes(control);
  const hasMore = controls.some(
    (control, index) =>
      (isField(control) && isHidden(index)) ||
      ((control === 'address' || control === 'message') &&
        !composer.showsAdvanced.value &&
        hasHiddenFields(composer.address(index))),
  );
  const message = controls.indexOf('message');
  const socket = composer.socket.value;
  const sends = controls.includes('payload') || message >= 0 ? ' sends' : '';
  const addressed = socket && !specialCalls(socket).has('sendto') ? ' of-datagrams' : '';
  return (
    <div
      class={`form${sends}${addressed}`}
      role="group"
      aria-label={composer.name.value}
      onKeyDown={(event) => {
        const isPlain = !event.isComposing && !event.ctrlKey && !event.metaKey && !event.altKey;
        const isInput = event.target instanceof HTMLInputElement && event.target.type !== 'checkbox';
        if (isPlain && isInput && (event.code === 'Enter' || event.code === 'NumpadEnter')) {
          event.preventDefault();
          panel.forget(panel.calls.makeFormCall());
        }
      }}
    >
      <Payload parameters={parameters} controls={controls} />
      <div class="fieldrow">
        <LineEnding controls={controls} />
        {parameters.map((parameter, index) =>
          isField(controls[index]!) && !isHidden(index) ? (
            <CallField key={parameter.name} parameter={parameter} index={index} />
          ) : null,
        )}
        {hasMore && (
          <IconButton
            icon="settings"
            label={t('More fields, which are seldom set')}
            onClick={() => (composer.showsAdvanced.value = true)}
          />
        )}
        {!controls.some((control) => isField(control) || control === 'payload') && (
          <p class="dim noargs">{t('This call has no other arguments.')}</p>
        )}
      </div>
      {message >= 0 && <ControlMessages index={message} />}
    </div>
  );
}

/** The bytes to send: one field, or the buffers of a message. */
function Payload(props: { parameters: readonly Parameter[]; controls: readonly ControlKind[] }) {
  const { composer } = usePanel();
  const index = props.controls.indexOf('payload');
  if (index >= 0) {
    return (
      <PayloadField
        name={props.parameters[index]!.name}
        draft={composer.draft.value.payload}
        onChange={(payload) => composer.change({ payload })}
      />
    );
  }
  return props.controls.includes('message') ? <MessageParts /> : null;
}

function LineEnding({ controls }: { controls: readonly ControlKind[] }) {
  const { composer } = usePanel();
  const { payload, message } = composer.draft.value;
  if (controls.includes('payload')) {
    return <LineEndingField draft={payload} onChange={(draft) => composer.change({ payload: draft })} />;
  }
  // The buffers of one message end their lines alike.
  const text = message.parts.find(({ mode }) => mode === 'text');
  return controls.includes('message') && text ? (
    <LineEndingField
      draft={text}
      onChange={({ ending }) =>
        composer.change({
          message: { ...message, parts: message.parts.map((part) => ({ ...part, ending })) },
        })
      }
    />
  ) : null;
}
