import { useRef } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import type { SortKey } from '../../common/protocol/socketHost.js';
import { type ColumnId, columnIds, type SpanMode } from '../state/columns.js';
import type { PanelModel } from '../state/panelModel.js';
import { timeHead } from '../text/times.js';
import { Icon } from './basics.js';
import { usePanel } from './context.js';
import { MenuButton, type MenuItem } from './menu.js';

interface Head {
  id: ColumnId;
  label: string;
  isRight?: boolean;
  /** What a press sorts by; null takes every order back, and it is left out where there is none. */
  sortKey?: SortKey | null;
  menu?: HeadMenu;
}

interface HeadMenu {
  label: string;
  items: MenuItem[];
}

/** Characters that a key makes a column wider or narrower by. */
const step = 1;

/** The heads of the columns: they sort, and their right edges are drawn. */
export function TableHead() {
  const panel = usePanel();
  const row = useRef<HTMLDivElement>(null);
  const buttons = () => [...(row.current?.querySelectorAll<HTMLElement>('.headbtn') ?? [])].filter(isShown);
  const onKeyDown = (event: KeyboardEvent) => {
    const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.code] ?? 0;
    const target = event.target as HTMLElement;
    if (event.isComposing || !target.classList.contains('headbtn')) {
      return;
    }
    const id = target.closest<HTMLElement>('[data-column]')!.dataset['column'] as ColumnId;
    if (event.shiftKey && direction !== 0) {
      widen(panel, row.current!, id, direction * step);
    } else if (event.shiftKey && event.code === 'Home') {
      fit(panel, row.current!, id);
    } else if (!event.shiftKey && direction !== 0) {
      const all = buttons();
      all[(all.indexOf(target) + direction + all.length) % all.length]?.focus();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  // One stop of the Tab key; the arrows go on from there.
  return (
    <div class="tr th" role="row" aria-rowindex={1} ref={row} onKeyDown={onKeyDown}>
      {headsOf(panel).map((head, index) => (
        <HeadCell key={head.id} head={head} index={index} />
      ))}
    </div>
  );
}

function HeadCell({ head, index }: { head: Head; index: number }) {
  const panel = usePanel();
  const { sort } = panel;
  const { id, label, isRight, sortKey, menu } = head;
  const wanted = sort.wanted.value;
  // In the order in which the calls were made they are in the order of their times.
  const isSorted = wanted === null ? sortKey === 'time' : sortKey === wanted.by;
  const order = isSorted ? (wanted?.isDescending ? 'descending' : 'ascending') : undefined;
  const press = () => {
    if (sortKey === null || (sortKey === 'time' && wanted !== null)) {
      sort.set(null);
    } else if (sortKey === 'time') {
      sort.set({ by: sortKey, isDescending: true });
    } else if (sortKey !== undefined) {
      sort.toggle(sortKey);
    }
  };
  const hint = t('Shift+← and Shift+→ change the width, Shift+Home fits it.');
  return (
    <span
      role="columnheader"
      class={`c${index}${isRight ? ' r' : ''}`}
      data-column={id}
      aria-sort={sortKey === undefined ? undefined : (order ?? 'none')}
    >
      <button
        type="button"
        class={`headbtn${sortKey === undefined ? ' still' : ''}`}
        tabIndex={index === 0 ? 0 : -1}
        title={sortKey === undefined ? hint : `${t('Sort by {0}', label)}\n${hint}`}
        onClick={press}
      >
        {label}
        {isSorted && (
          <Icon
            name={
              sort.isBusy.value ? 'loading' : wanted?.isDescending ? 'arrow-small-down' : 'arrow-small-up'
            }
            isSpinning={sort.isBusy.value}
          />
        )}
      </button>
      {menu && <MenuButton class="headmenu" label={menu.label} items={menu.items} />}
      <span class="grip" {...gripHandlers(panel, id)} />
    </span>
  );
}

function headsOf(panel: PanelModel): Head[] {
  const { columns } = panel.view;
  const isTook = columns.spanMode.value === 'took';
  const labels: Record<ColumnId, Omit<Head, 'id'>> = {
    seq: { label: t('#'), isRight: true, sortKey: null },
    time: { label: timeHead(columns), isRight: true, sortKey: 'time', menu: timeMenu(panel) },
    delta: {
      label: isTook ? t('took (s)') : t('delta'),
      isRight: true,
      ...(isTook ? { sortKey: 'took' } : {}),
      menu: spanMenu(panel),
    },
    fd: { label: t('fd'), sortKey: 'fd' },
    call: { label: t('call'), sortKey: 'call' },
    peer: { label: t('peer') },
    len: { label: t('len'), isRight: true, sortKey: 'len' },
    result: { label: t('result'), sortKey: 'result' },
    preview: { label: t('preview') },
  };
  return columnIds.map((id) => ({ id, ...labels[id] }));
}

function timeMenu(panel: PanelModel): HeadMenu {
  const { timeMode, reference, spanMode } = panel.view.columns;
  const isTook = spanMode.value === 'took';
  const item = (mode: typeof timeMode.value, label: string): MenuItem => ({
    id: mode,
    label,
    icon: timeMode.value === mode ? 'check' : 'blank',
    run: () => {
      timeMode.value = mode;
    },
  });
  return {
    label: t('Show times as'),
    items: [
      item('start', t('Seconds since the recording began')),
      item('clock', t('Time of day')),
      item('delta', t('Seconds since the row above')),
      {
        ...item(
          'reference',
          reference.value
            ? t('Seconds since record {0}', reference.value.seq)
            : t('Seconds since a record: choose it in its menu'),
        ),
        isDisabled: reference.value === null,
      },
      {
        id: 'took',
        label: t('Also the seconds that each call took'),
        // Its own column is not there in a narrow table until it is asked for.
        icon: isTook ? 'check' : 'blank',
        run: () => setSpanMode(panel, isTook ? 'delta' : 'took'),
      },
    ],
  };
}

function setSpanMode({ view: { columns }, sort }: PanelModel, mode: SpanMode): void {
  columns.spanMode.value = mode;
  if (mode === 'delta' && sort.wanted.value?.by === 'took') {
    sort.set(null);
  }
}

function spanMenu(panel: PanelModel): HeadMenu {
  const item = (mode: SpanMode, label: string): MenuItem => ({
    id: mode,
    label,
    icon: panel.view.columns.spanMode.value === mode ? 'check' : 'blank',
    run: () => setSpanMode(panel, mode),
  });
  return {
    label: t('Show in this column'),
    items: [item('delta', t('Seconds since the row above')), item('took', t('Seconds that the call took'))],
  };
}

/** Drawing the right edge of a head makes its column wider or narrower; pressing it twice fits the column. */
function gripHandlers(panel: PanelModel, id: ColumnId) {
  return {
    onPointerDown: (event: PointerEvent) => {
      event.preventDefault();
      const grip = event.currentTarget as HTMLElement;
      const row = grip.closest<HTMLElement>('.th')!;
      const cell = grip.parentElement!;
      const start = cell.offsetWidth - event.clientX;
      grip.setPointerCapture(event.pointerId);
      const move = ({ clientX }: PointerEvent) => setWidth(panel, row, id, start + clientX);
      const end = () => {
        grip.removeEventListener('pointermove', move);
        grip.removeEventListener('lostpointercapture', end);
      };
      grip.addEventListener('pointermove', move);
      grip.addEventListener('lostpointercapture', end);
    },
    onDblClick: (event: MouseEvent) => {
      fit(panel, (event.currentTarget as HTMLElement).closest<HTMLElement>('.th')!, id);
    },
  };
}

function widen(panel: PanelModel, row: HTMLElement, id: ColumnId, characters: number): void {
  setWidth(panel, row, id, cellOf(row, id).offsetWidth + characters * characterWidth(row));
}

/** As wide as what can be seen of the column needs. */
function fit(panel: PanelModel, row: HTMLElement, id: ColumnId): void {
  const place = columnIds.indexOf(id);
  const cells = [...row.parentElement!.querySelectorAll<HTMLElement>(`.row > .c${place}`)];
  const button = row.querySelector<HTMLElement>(`.c${place} > .headbtn`)!;
  const widths = [...cells, button].map(contentWidth);
  setWidth(panel, row, id, Math.max(...widths) + padding);
}

/** What `calc(16px + …ch)` of the style sheets leaves beside the characters. */
export const padding = 16;
/** What is left of the last column at least. */
const leastRest = 40;

function setWidth(panel: PanelModel, row: HTMLElement, id: ColumnId, px: number): void {
  const last = [...row.children].filter(isShown).at(-1) as HTMLElement;
  const cell = cellOf(row, id);
  if (cell === last) {
    return;
  }
  const most = cell.offsetWidth + Math.max(0, last.offsetWidth - leastRest);
  panel.view.columns.resize(id, (Math.min(px, most) - padding) / characterWidth(row));
}

function cellOf(row: HTMLElement, id: ColumnId): HTMLElement {
  return row.querySelector<HTMLElement>(`[data-column="${id}"]`)!;
}

function contentWidth(element: HTMLElement): number {
  const range = document.createRange();
  range.selectNodeContents(element);
  return Math.ceil(range.getBoundingClientRect().width);
}

/** Of one character in the font of the rows, in px. */
export function characterWidth(row: HTMLElement, character = '0'): number {
  const ruler = document.createElement('span');
  ruler.textContent = character.repeat(10);
  ruler.style.position = 'absolute';
  ruler.style.font = getComputedStyle(row).font;
  row.append(ruler);
  const width = ruler.getBoundingClientRect().width / 10;
  ruler.remove();
  return width;
}

function isShown(element: Element): boolean {
  return (element as HTMLElement).offsetParent !== null;
}
