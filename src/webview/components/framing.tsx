import { useLayoutEffect, useRef } from 'preact/hooks';
import type { CallRecord } from '../../common/call.js';
import { type Framing, mostBefore, mostLength } from '../../common/framing/framing.js';
import { t } from '../../common/l10n.js';
import { mostMessages } from '../state/framing.js';
import { formatCount } from '../text/format.js';
import { framesSentences, framingText, lengthText } from '../text/frames.js';
import { Check } from './basics.js';
import { usePanel } from './context.js';
import { MenuButton, type MenuItem } from './menu.js';

const widths = [1, 2, 4] as const;

/** What a socket's stream can be made of. */
function choices(): { label: string; framing: Framing | null; startsGroup?: boolean }[] {
  const line = (ending: 'LF' | 'CRLF'): Framing => ({ kind: 'line', ending });
  return [
    { label: framingText(null), framing: null },
    { label: framingText(line('LF')), framing: line('LF'), startsGroup: true },
    { label: framingText(line('CRLF')), framing: line('CRLF') },
    { label: t('Fixed length…'), framing: { kind: 'fixed', length: 16 }, startsGroup: true },
    ...widths.flatMap((width) =>
      (width === 1 ? [false] : [false, true]).map((isLittleEndian) => ({
        label: lengthText(width, isLittleEndian),
        framing: { kind: 'length' as const, width, isLittleEndian, before: 0, isWhole: false },
        startsGroup: width === 1,
      })),
    ),
  ];
}

function isLike(one: Framing | null, other: Framing | null): boolean {
  if (one?.kind === 'line' && other?.kind === 'line') {
    return one.ending === other.ending;
  }
  if (one?.kind === 'length' && other?.kind === 'length') {
    return one.width === other.width && one.isLittleEndian === other.isLittleEndian;
  }
  return one?.kind === other?.kind;
}

/** Chooses what the stream of a record's socket is made of. */
export function FramingMenu({ record }: { record: CallRecord }) {
  const { framing } = usePanel();
  const { socketId, payload } = record;
  if (socketId === null || payload?.offset == null) {
    return null;
  }
  const chosen = framing.version.value >= 0 ? framing.of(socketId) : null;
  const items: MenuItem[] = choices().map((choice) => ({
    id: choice.label,
    label: choice.label,
    icon: isLike(choice.framing, chosen) ? 'check' : 'blank',
    startsGroup: choice.startsGroup === true,
    run: () => framing.choose(socketId, choice.framing),
  }));
  const text = chosen ? framingText(chosen) : t('Framing');
  return (
    <MenuButton
      class="btn sm"
      icon="list-selection"
      label={t('Messages of this stream: {0}', text)}
      text={text}
      items={items}
    />
  );
}

/** What the messages of a record are, and the numbers of a framing that has some. */
export function FramingBar({ record }: { record: CallRecord }) {
  const { framing } = usePanel();
  const { socketId } = record;
  const chosen = framing.version.value >= 0 ? framing.of(socketId) : null;
  if (socketId === null || record.payload?.offset == null || !chosen) {
    return null;
  }
  const frames = framing.framesOf(record);
  const isBeyond = framing.isBeyond(record);
  return (
    <div class="framing">
      <FramingNumbers framing={chosen} onChange={(changed) => framing.choose(socketId, changed)} />
      {frames &&
        framesSentences(frames).map((text) => (
          <span key={text} class="dim">
            {text}
          </span>
        ))}
      {isBeyond && (
        <span class="dim">
          {t('Only the first {0} messages of a stream are marked.', formatCount(mostMessages))}
        </span>
      )}
    </div>
  );
}

function FramingNumbers({ framing, onChange }: { framing: Framing; onChange: (framing: Framing) => void }) {
  switch (framing.kind) {
    case 'line':
      return null;
    case 'fixed':
      return (
        <NumberInput
          label={t('Bytes of a message')}
          value={framing.length}
          least={1}
          most={mostLength}
          onChange={(length) => onChange({ kind: 'fixed', length })}
        />
      );
    case 'length':
      return (
        <>
          <NumberInput
            label={t('Bytes before the length')}
            value={framing.before}
            least={0}
            most={mostBefore}
            onChange={(before) => onChange({ ...framing, before })}
          />
          <Check
            label={t('It counts the whole message')}
            isWord
            isChecked={framing.isWhole}
            onChange={(isWhole) => onChange({ ...framing, isWhole })}
          />
        </>
      );
  }
}

/** Takes effect as soon as it is a number that can be. */
function NumberInput(props: {
  label: string;
  value: number;
  least: number;
  most: number;
  onChange: (value: number) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    // What is being typed stays as it is.
    if (document.activeElement !== input.current) {
      input.current!.value = String(props.value);
    }
  }, [props.value]);
  return (
    <label class="num">
      {props.label}
      <input
        ref={input}
        class="field"
        type="number"
        min={props.least}
        max={props.most}
        onInput={(event) => {
          const value = event.currentTarget.valueAsNumber;
          const isPossible = Number.isInteger(value) && value >= props.least && value <= props.most;
          event.currentTarget.setAttribute('aria-invalid', String(!isPossible));
          if (isPossible) {
            props.onChange(value);
          }
        }}
      />
    </label>
  );
}
