import type { ComponentChildren } from 'preact';
import { Icon } from './basics.js';
import { usePanel } from './context.js';

/** A part of the inspector that opens and closes, and is so for the next socket too. */
export function Section(props: {
  /** Names it among the sections, in whatever language the title is. */
  id: string;
  title: string;
  extra?: string;
  extraTitle?: string | undefined;
  /** Default true. */
  isOpenAtFirst?: boolean;
  /** Something else decides for now, and it cannot be closed. */
  isHeldOpen?: boolean;
  children: ComponentChildren;
}) {
  const { id, title, extra, isOpenAtFirst = true, isHeldOpen = false, children } = props;
  const { inspector } = usePanel().view;
  const isOpen = isHeldOpen || inspector.isOpen(id, isOpenAtFirst);
  return (
    <details class="sec" open={isOpen}>
      <summary
        onClick={(event) => {
          // The browser would tell of it later, when the section may be another socket's.
          event.preventDefault();
          if (!isHeldOpen) {
            inspector.toggle(id, isOpenAtFirst);
          }
        }}
      >
        <Icon name="chevron-right" />
        <h3>{title}</h3>
        {extra && (
          <span class="x" title={props.extraTitle}>
            {extra}
          </span>
        )}
      </summary>
      {isOpen && children}
    </details>
  );
}
