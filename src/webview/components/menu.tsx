import { Fragment } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { t } from '../../common/l10n.js';
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

/** Of so many items one is found by typing rather than by reading all. */
const manyItems = 20;

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

  const [looked, setLooked] = useState('');
  const hasFilter = props.items.length > manyItems;
  const items = itemsWith(props.items, hasFilter ? looked : '');

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
      (menu.current?.querySelector('input') ?? enabled()[0])?.focus();
    } else {
      setLooked('');
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
    const all = enabled();
    const isInField = event.target instanceof HTMLInputElement;
    const at = all.indexOf(document.activeElement as HTMLElement);
    const target = {
      ArrowDown: all[(at + 1) % all.length],
      ArrowUp: at <= 0 ? all.at(-1) : all[at - 1],
      Home: isInField ? undefined : all[0],
      End: isInField ? undefined : all.at(-1),
    }[event.code];
    if (target) {
      event.preventDefault();
      target.focus();
    } else if (isInField && (event.code === 'Enter' || event.code === 'NumpadEnter')) {
      event.preventDefault();
      // The key that opened the menu may still be held down.
      if (!event.repeat) {
        all[0]?.click();
      }
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
        role="group"
        onToggle={onToggle}
        onKeyDown={onKeyDown}
      >
        {hasFilter && (
          <span class="field">
            <input
              value={looked}
              placeholder={t('Type a word of it')}
              aria-label={t('Look for: {0}', props.label)}
              spellcheck={false}
              autocomplete="off"
              onInput={(event) => setLooked(event.currentTarget.value)}
            />
          </span>
        )}
        {items.length === 0 && (
          <div class="mi none">{looked === '' ? props.emptyText : t('Nothing of that name.')}</div>
        )}
        <div role="menu" aria-label={props.label}>
          {items.map((item) => (
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
      </div>
    </>
  );
}

/** The items that have all words in what is shown of them, or in the title of their group, which stays above the first of them. */
function itemsWith(items: readonly MenuItem[], looked: string): readonly MenuItem[] {
  const words = looked
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) {
    return items;
  }
  const found: MenuItem[] = [];
  let group: string | undefined;
  let shown: string | undefined;
  for (const { heading, ...item } of items) {
    group = heading ?? group;
    const text = [group, item.label, item.title].join(' ').toLowerCase();
    if (words.every((word) => text.includes(word))) {
      found.push(group === shown || group === undefined ? item : { ...item, heading: group });
      shown = group;
    }
  }
  return found;
}
