import { Fragment } from 'preact';
import { useId, useRef } from 'preact/hooks';
import { Icon } from './basics.js';

export interface MenuItem {
  id: string;
  label: string;
  icon?: string;
  /** In the small print on the right. */
  detail?: string;
  title?: string;
  isDisabled?: boolean;
  /** A line above this item. */
  startsGroup?: boolean;
  /** The title of the group that begins with this item. */
  heading?: string;
  run: () => void;
}

/** A button that opens a menu below it, or above where there is more room. The menu closes on Escape, on a choice and on a press elsewhere. */
export function MenuButton(props: {
  label: string;
  icon?: string;
  text?: string;
  class: string;
  items: readonly MenuItem[];
  emptyText?: string;
}) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);

  const enabled = () => [...(menu.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
  const place = () => {
    const anchor = button.current!.getBoundingClientRect();
    const { style } = menu.current!;
    style.maxHeight = '';
    const { offsetWidth, offsetHeight } = menu.current!;
    style.left = `${Math.max(4, Math.min(anchor.left, window.innerWidth - offsetWidth - 4))}px`;
    const below = window.innerHeight - anchor.bottom - 12;
    // Where there is more room above, it opens upwards.
    const isAbove = offsetHeight > below && anchor.top - 12 > below;
    const height = Math.min(offsetHeight, isAbove ? anchor.top - 12 : below);
    style.top = `${isAbove ? anchor.top - 3 - height : anchor.bottom + 3}px`;
    style.maxHeight = `${isAbove ? anchor.top - 12 : below}px`;
  };
  const onToggle = (event: Pick<ToggleEvent, 'newState'>) => {
    const isOpen = event.newState === 'open';
    button.current?.setAttribute('aria-expanded', String(isOpen));
    if (isOpen) {
      place();
      enabled()[0]?.focus();
    }
  };
  const close = () => {
    menu.current?.hidePopover();
    button.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) {
      return;
    }
    const items = enabled();
    const at = items.indexOf(document.activeElement as HTMLElement);
    const target = {
      ArrowDown: items[(at + 1) % items.length],
      ArrowUp: items[(at - 1 + items.length) % items.length],
      Home: items[0],
      End: items.at(-1),
    }[event.code];
    if (target) {
      event.preventDefault();
      target.focus();
    } else if (event.code === 'Tab') {
      menu.current?.hidePopover();
    }
  };

  return (
    <>
      <button
        ref={button}
        type="button"
        class={props.class}
        aria-label={props.label}
        title={props.label}
        aria-haspopup="menu"
        aria-expanded="false"
        popovertarget={id}
      >
        {props.icon && <Icon name={props.icon} />}
        {props.text && <span class="hide-s">{props.text}</span>}
        <Icon name="chevron-down" />
      </button>
      <div
        ref={menu}
        id={id}
        popover="auto"
        class="popmenu"
        role="menu"
        aria-label={props.label}
        onToggle={onToggle}
        onKeyDown={onKeyDown}
      >
        {props.items.length === 0 && <div class="mi none">{props.emptyText}</div>}
        {props.items.map((item) => (
          <Fragment key={item.id}>
            {item.heading !== undefined && (
              <div class="mh" role="presentation">
                {item.heading}
              </div>
            )}
            <button
              type="button"
              role="menuitem"
              class={`mi${item.startsGroup ? ' group' : ''}`}
              tabIndex={-1}
              title={item.title}
              aria-disabled={item.isDisabled}
              onClick={() => {
                if (!item.isDisabled) {
                  close();
                  item.run();
                }
              }}
            >
              {item.icon && <Icon name={item.icon} />}
              <span>{item.label}</span>
              {item.detail && <span class="d">{item.detail}</span>}
            </button>
          </Fragment>
        ))}
      </div>
    </>
  );
}
