import { Icon } from './basics.js';

/** The mark of a record that a tap has disturbed; `text` names the faults, and `short` says no more than that. */
export function Injected({ text, short, isHidden }: { text: string; short?: string; isHidden?: boolean }) {
  return (
    <span class="injected" title={text} aria-hidden={isHidden && 'true'}>
      <Icon name="debug-alt-small" />
      <span class={short === undefined ? undefined : 'long'}>{text}</span>
      {short !== undefined && <span class="short">{short}</span>}
    </span>
  );
}
