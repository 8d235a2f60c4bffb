import type { ComponentChildren } from 'preact';
import { Icon } from './basics.js';

/** A part of the inspector that opens and closes. */
export function Section(props: {
  title: string;
  extra?: string;
  /** Left out, it is open at first and keeps its state by itself. */
  isOpen?: boolean;
  onToggle?: (isOpen: boolean) => void;
  children: ComponentChildren;
}) {
  const { title, extra, isOpen = true, onToggle, children } = props;
  return (
    <details class="sec" open={isOpen} onToggle={(event) => onToggle?.(event.currentTarget.open)}>
      <summary>
        <Icon name="chevron-right" />
        <h3>{title}</h3>
        {extra && <span class="x">{extra}</span>}
      </summary>
      {children}
    </details>
  );
}
