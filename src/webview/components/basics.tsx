import { t } from '../../common/l10n.js';
import { menuWords } from '../../common/menuWords.js';
import type { SocketInfo } from '../../common/socket.js';
import { socketIcon, socketTone, stateText } from '../../common/socketText.js';

/** A codicon. It says nothing to a screen reader: the words beside it, or its button's label, do. */
export function Icon({ name, isSpinning = false }: { name: string; isSpinning?: boolean }) {
  return <i class={`codicon codicon-${name}${isSpinning ? ' spin' : ''}`} aria-hidden="true" />;
}

/** A button that is only an icon. */
export function IconButton(props: {
  icon: string;
  label: string;
  /** Shown beside the icon where there is room. */
  text?: string;
  onClick: () => void;
  isSmall?: boolean;
  isPressed?: boolean;
  isExpanded?: boolean;
  class?: string;
}) {
  return (
    <button
      type="button"
      class={`ibtn${props.isSmall ? ' sm' : ''}${props.text === undefined ? '' : ' wide'} ${props.class ?? ''}`}
      title={props.label}
      aria-label={props.label}
      aria-pressed={props.isPressed}
      aria-expanded={props.isExpanded}
      onClick={props.onClick}
    >
      <Icon name={props.icon} />
      {props.text !== undefined && <span class="hide-s">{props.text}</span>}
    </button>
  );
}

/** The state of a socket: the colour is in the dot and the tint, the word stays foreground. */
export function StatePill({ socket }: { socket: SocketInfo }) {
  return <span class={`pill s-${socketTone(socket)}`}>{stateText(socket)}</span>;
}

/** A socket's icon in the colour of its state. */
export function SocketIcon({ socket }: { socket: SocketInfo }) {
  return (
    <span class={`sicon s-${socketTone(socket)}`}>
      <Icon name={socketIcon(socket)} />
    </span>
  );
}

export interface Choice<T extends string> {
  value: T;
  label: string;
  /** Stands before the label, and alone where there is little room. */
  icon?: string;
  /** Shown on hover. */
  title?: string;
}

/** A few choices side by side, one of them taken. Arrows move and choose, as in a group of radio buttons. */
export function Segments<T extends string>(props: {
  label: string;
  choices: readonly Choice<T>[];
  value: T;
  onChange: (value: T) => void;
  isSmall?: boolean;
}) {
  const { choices, value, onChange } = props;
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.code];
    if (step === undefined || event.isComposing) {
      return;
    }
    event.preventDefault();
    const at = choices.findIndex((choice) => choice.value === value);
    const next = choices[(at + step + choices.length) % choices.length]!;
    onChange(next.value);
    const group = event.currentTarget as HTMLElement;
    group.querySelector<HTMLElement>(`[data-value="${next.value}"]`)?.focus();
  };
  return (
    <div
      class={`seg${props.isSmall ? ' sm' : ''}`}
      role="radiogroup"
      aria-label={props.label}
      onKeyDown={onKeyDown}
    >
      {choices.map((choice) => (
        <button
          key={choice.value}
          type="button"
          role="radio"
          aria-checked={choice.value === value}
          tabIndex={choice.value === value ? 0 : -1}
          data-value={choice.value}
          title={choice.title}
          aria-label={choice.icon === undefined ? undefined : choice.label}
          onClick={() => onChange(choice.value)}
        >
          {choice.icon !== undefined && <Icon name={choice.icon} />}
          <span class={choice.icon === undefined ? undefined : 'hide-s'}>{choice.label}</span>
        </button>
      ))}
    </div>
  );
}

/** A button that copies a text. */
export function CopyButton({ onCopy, label = t('Copy') }: { onCopy: () => void; label?: string }) {
  return <IconButton icon="copy" label={label} onClick={onCopy} isSmall />;
}

export function Check(props: {
  label: string;
  isChecked: boolean;
  onChange: (isChecked: boolean) => void;
  title?: string;
  /** The label is a word of a language, not a name of the API. */
  isWord?: boolean;
}) {
  return (
    <label class="check" title={props.title}>
      <input
        type="checkbox"
        checked={props.isChecked}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      <span class={props.isWord ? undefined : 'mono'}>{props.label}</span>
    </label>
  );
}

/** The key that makes the call, as this platform writes it. */
export const callKey = /Mac/.test(navigator.platform) ? '⌘⏎' : 'Ctrl+Enter';

/** What the context menu of a socket is about, for VS Code. */
export function socketContext(socket: SocketInfo): string {
  return JSON.stringify({
    webviewSection: 'socket',
    socketId: socket.id,
    socketWords: menuWords(socket),
    preventDefaultContextMenuItems: true,
  });
}
