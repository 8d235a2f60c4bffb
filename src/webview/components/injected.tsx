import { Icon } from './basics.js';

/** The mark of a record that a tap has disturbed; `text` names the faults. */
export function Injected({ text, maxWidth }: { text: string; maxWidth?: number }) {
  return (
    <span
      class="injected"
      title={text}
      aria-hidden={maxWidth === undefined ? undefined : 'true'}
      style={maxWidth === undefined ? undefined : { maxWidth: `${maxWidth}px` }}
    >
      <Icon name="debug-alt-small" />
      <span>{text}</span>
    </span>
  );
}
