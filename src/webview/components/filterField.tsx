import { useSignal, useSignalEffect } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { type Completion, completeFilter } from '../../common/filter/complete.js';
import type { Field } from '../../common/filter/fields.js';
import { t } from '../../common/l10n.js';
import type { PanelModel } from '../state/panelModel.js';
import { Icon, IconButton } from './basics.js';
import { usePanel } from './context.js';

/** The display filter: text with what fits at the caret offered, and its error at its place. */
export function FilterField() {
  const panel = usePanel();
  const { filter } = panel;
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const marks = useRef<HTMLDivElement>(null);
  const items = useSignal<readonly Completion[]>([]);
  /** −1: none is chosen, Enter leaves the text as it is. */
  const chosen = useSignal(-1);
  const hasFocus = useSignal(false);
  const error = filter.errors.value[0];
  const text = filter.text.value;
  const isOpen = hasFocus.value && items.value.length > 0;
  const problem = error ? stillShown(error.message, filter.shown) : filter.problem.value;
  const isOfLesson = panel.lessonFilter.isShown.value && text.trim() === filter.shown;

  useSignalEffect(() => {
    if (input.current && input.current.value !== filter.text.value) {
      input.current.value = filter.text.value;
    }
  });
  useLayoutEffect(() => {
    list.current?.children[chosen.value]?.scrollIntoView({ block: 'nearest' });
  }, [chosen.value]);

  const offer = (isAsked: boolean) => {
    const { value, selectionStart } = input.current!;
    const caret = selectionStart ?? value.length;
    const { items: fitting } = completeFilter(value, caret, (field) => valuesOf(panel, field));
    items.value = isAsked || value.slice(0, caret).trim() !== '' ? fitting : [];
    chosen.value = -1;
  };
  const close = () => {
    items.value = [];
    chosen.value = -1;
  };
  const accept = ({ text: accepted }: Completion) => {
    const element = input.current!;
    const caret = element.selectionStart ?? element.value.length;
    const { range } = completeFilter(element.value, caret);
    element.setRangeText(`${accepted} `, range.from, range.to, 'end');
    filter.set(element.value);
    element.focus();
    offer(true);
  };
  const clear = () => {
    close();
    filter.set('');
  };
  const move = (step: number) => {
    const { length } = items.value;
    chosen.value = chosen.value < 0 ? (step > 0 ? 0 : length - 1) : (chosen.value + step + length) % length;
  };
  const followScroll = () => {
    if (marks.current && input.current) {
      marks.current.scrollLeft = input.current.scrollLeft;
    }
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) {
      return;
    }
    const isStep = event.code === 'ArrowDown' || event.code === 'ArrowUp';
    if (isStep || (event.code === 'Space' && event.ctrlKey)) {
      event.preventDefault();
      if (!isOpen) {
        offer(true);
      } else if (isStep) {
        move(event.code === 'ArrowDown' ? 1 : -1);
      }
    } else if (isOpen && chosen.value >= 0 && (event.code === 'Enter' || event.code === 'Tab')) {
      event.preventDefault();
      accept(items.value[chosen.value]!);
    } else if (event.code === 'Enter') {
      close();
    } else if (event.code === 'Escape') {
      event.preventDefault();
      if (isOpen) {
        close();
      } else if (filter.isBusy.value) {
        filter.stop();
      } else {
        clear();
      }
    }
  };

  return (
    <div class={`field filter${error ? ' invalid' : ''}`}>
      <Icon name={filter.isBusy.value ? 'loading' : 'filter'} isSpinning={filter.isBusy.value} />
      {isOfLesson && (
        <span
          class="filterof"
          title={t(
            'Only what the lesson and you have called since it began is shown. Clear the filter to see all.',
          )}
        >
          <Icon name="mortar-board" />
          <span class="hide-s">{t('Lesson')}</span>
        </span>
      )}
      <span class="filtertext">
        <div class="marks" aria-hidden="true" ref={marks}>
          {error && (
            <>
              {text.slice(0, error.from)}
              <u>{text.slice(error.from, error.to) || ' '}</u>
              {text.slice(error.to)}
            </>
          )}
        </div>
        <input
          ref={input}
          id="filter"
          role="combobox"
          aria-label={t('Show records that fit')}
          aria-autocomplete="list"
          aria-expanded={isOpen}
          aria-controls="filter-items"
          aria-activedescendant={isOpen && chosen.value >= 0 ? `filter-item-${chosen.value}` : undefined}
          aria-invalid={error !== undefined}
          aria-describedby={problem ? 'filter-problem' : undefined}
          placeholder={t('Filter, for example: fd == 7 && len > 100')}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => {
            filter.set(event.currentTarget.value);
            offer(false);
            followScroll();
          }}
          onScroll={followScroll}
          onKeyDown={onKeyDown}
          onFocus={() => (hasFocus.value = true)}
          onBlur={() => {
            hasFocus.value = false;
            close();
          }}
        />
      </span>
      {text !== '' && (
        <IconButton
          icon="close"
          label={isOfLesson ? t('Show all records, not only those of the lesson') : t('Clear the filter')}
          isSmall
          onClick={() => {
            clear();
            input.current?.focus();
          }}
        />
      )}
      <div
        class="filteritems"
        id="filter-items"
        role="listbox"
        aria-label={t('What fits here')}
        ref={list}
        hidden={!isOpen}
      >
        {items.value.map((item, index) => (
          <div
            key={`${item.kind} ${item.text}`}
            id={`filter-item-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen.value}
            onMouseDown={(event) => {
              // The focus stays in the field.
              event.preventDefault();
              accept(item);
            }}
          >
            <span class="mono">{item.text}</span>
            <span class="detail">{item.detail}</span>
          </div>
        ))}
      </div>
      {problem && (
        <p class="filterproblem" id="filter-problem" role="status">
          {problem}
        </p>
      )}
    </div>
  );
}

/** What is wrong with a filter, and what the rows are of meanwhile. */
function stillShown(message: string, shown: string): string {
  return shown === ''
    ? t('{0} All records are still shown.', message)
    : t('{0} The records shown are still those of {1}.', message, shown);
}

/** What the open sockets have for a field. */
function valuesOf(panel: PanelModel, { name }: Field): string[] {
  const sockets = [...panel.steadySockets.value.values()].reverse();
  const known = sockets.map((socket) => {
    switch (name) {
      case 'fd':
        return String(socket.fd);
      case 'socket':
        return socket.name;
      case 'local.port':
      case 'port':
        return socket.local && 'port' in socket.local ? String(socket.local.port) : null;
      case 'remote.port':
        return socket.remote && 'port' in socket.remote ? String(socket.remote.port) : null;
      case 'local.addr':
      case 'addr':
        return socket.local && 'address' in socket.local ? socket.local.address : null;
      case 'remote.addr':
        return socket.remote && 'address' in socket.remote ? socket.remote.address : null;
      default:
        return null;
    }
  });
  return [...new Set(known.filter((value) => value !== null))];
}
