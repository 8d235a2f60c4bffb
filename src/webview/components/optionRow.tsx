import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Value } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import { parseValueText } from '../../common/notation/fieldParser.js';
import { optionSentences, readingText } from '../../common/optionText.js';
import type { OptionReading, SocketInfo } from '../../common/socket.js';
import { constantValue } from '../../common/tables/constants.js';
import type { SocketOption } from '../../common/tables/options.js';
import { hasSameParts, memo } from '../memo.js';
import { IconButton } from './basics.js';
import { usePanel } from './context.js';

interface OptionProps {
  socket: SocketInfo;
  option: SocketOption;
  reading: OptionReading;
  onDidSet: () => void;
}

/** One option: its value, its sentence while it has the focus, and a way to set it by a real call. */
export const OptionRow = memo(
  drawOption,
  (before, after) =>
    before.socket.fd === after.socket.fd &&
    before.option === after.option &&
    // The kernel is asked again and again, and says the same.
    hasSameParts(before.reading, after.reading),
);

function drawOption(props: OptionProps) {
  const { socket, option, reading, onDidSet } = props;
  const panel = usePanel();
  const platform = panel.platform.value;
  /** What is being typed. */
  const draft = useSignal<string | null>(null);
  const problem = useSignal<string | null>(null);
  const [level, optname] = [option.level, option.name].map((name) => constantValue(name, platform) ?? 0);
  const canSet = option.canSet && reading.text !== null;
  const isOn = reading.value !== 0;
  const text = readingText(option, reading);
  const id = `${option.level}-${option.name}`;

  const set = (value: Value) => {
    draft.value = null;
    const args = [socket.fd, level!, optname!, value];
    panel.forget(panel.calls.make({ name: 'setsockopt', args }).finally(onDidSet));
  };
  const setDraft = () => {
    const parsed = parseValueText(draft.value ?? '', 'optval', {
      platform,
      level: level!,
      optname: optname!,
    });
    if ('value' in parsed) {
      set(parsed.value);
    } else {
      problem.value = parsed.message;
    }
  };

  return (
    <div class="option">
      <div class="opt" title={optionSentences(option)}>
        <button type="button" class="name" aria-describedby={`${id}-why`}>
          {option.name}
        </button>
        {draft.value === null ? (
          <span class={reading.text === null ? 'v err' : 'v'} title={text}>
            {text}
          </span>
        ) : (
          <ValueField
            label={t('The value of {0}', option.name)}
            text={draft.value}
            problemId={problem.value === null ? null : `${id}-problem`}
            onInput={(typed) => {
              draft.value = typed;
              problem.value = null;
            }}
            onEnter={setDraft}
            onEscape={() => (draft.value = null)}
          />
        )}
        {canSet && option.layout === 'bool' && (
          <button
            type="button"
            class="switch"
            role="switch"
            aria-checked={isOn}
            aria-label={option.name}
            aria-describedby={`${id}-why`}
            onClick={() => set(isOn ? 0 : 1)}
          />
        )}
        {canSet && option.layout !== 'bool' && draft.value === null && (
          <IconButton
            icon="edit"
            label={t('Set {0}', option.name)}
            isSmall
            onClick={() => {
              draft.value = reading.text;
              problem.value = null;
            }}
          />
        )}
        {draft.value !== null && (
          <IconButton icon="check" label={t('Set {0}', option.name)} isSmall onClick={setDraft} />
        )}
      </div>
      <p class="problem" id={`${id}-problem`} role="alert" hidden={problem.value === null}>
        {problem.value}
      </p>
      <p class="why" id={`${id}-why`}>
        {optionSentences(option)}
      </p>
    </div>
  );
}

/** A field that takes the focus when it appears. */
function ValueField(props: {
  label: string;
  text: string;
  problemId: string | null;
  onInput: (text: string) => void;
  onEnter: () => void;
  onEscape: () => void;
}) {
  const { label, text, problemId, onInput, onEnter, onEscape } = props;
  const input = useRef<HTMLInputElement>(null);
  // At once, not after the paint: what is typed next belongs here.
  useLayoutEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);
  return (
    <span class={problemId === null ? 'field' : 'field invalid'}>
      <input
        ref={input}
        aria-label={label}
        aria-invalid={problemId !== null}
        aria-describedby={problemId ?? undefined}
        spellcheck={false}
        value={text}
        onInput={(event) => onInput(event.currentTarget.value)}
        onKeyDown={(event) => {
          const act = { Enter: onEnter, Escape: onEscape }[event.code];
          if (act && !event.isComposing) {
            event.preventDefault();
            event.stopPropagation();
            act();
          }
        }}
      />
    </span>
  );
}
