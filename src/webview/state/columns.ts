import { signal } from '@preact/signals';
import type { StoredView } from '../connection.js';

/** The columns from left to right. The place of one is its number in the style sheets. */
export const columnIds = ['seq', 'time', 'delta', 'fd', 'call', 'peer', 'len', 'result', 'preview'] as const;
export type ColumnId = (typeof columnIds)[number];

/** What the time of a record is shown as. */
const timeModes = ['start', 'clock', 'delta', 'reference'] as const;
export type TimeMode = (typeof timeModes)[number];

/** What the third column shows: the time since the row above, or how long the call took. */
export type SpanMode = 'delta' | 'took';

/** Characters; less cannot be read, and more is not needed. */
const [narrowest, widest] = [2, 160];

/** How the columns of the records are set up. */
export class ColumnsModel {
  /** In characters, of those that are not as wide as the style sheets say. */
  readonly widths = signal<Readonly<Partial<Record<ColumnId, number>>>>({});
  readonly timeMode = signal<TimeMode>('start');
  readonly spanMode = signal<SpanMode>('delta');
  /** The record that times are counted from, and when it began. */
  readonly reference = signal<{ seq: number; startNs: number } | null>(null);

  constructor({ columnWidths, timeMode, spanMode }: StoredView) {
    if (typeof columnWidths === 'object') {
      const stored = columnIds.map((id) => [id, columnWidths[id]] as const);
      this.widths.value = Object.fromEntries(stored.filter(([, width]) => isWidth(width)));
    }
    this.timeMode.value = timeModes.find((mode) => mode === timeMode && mode !== 'reference') ?? 'start';
    this.spanMode.value = spanMode === 'took' ? 'took' : 'delta';
  }

  /** What the page keeps over a reload of the window. */
  get stored(): StoredView {
    return {
      columnWidths: this.widths.value,
      timeMode: this.timeMode.value,
      spanMode: this.spanMode.value,
    };
  }

  /** Makes a column so many characters wide; null makes it as wide as at first. */
  resize(id: ColumnId, width: number | null): void {
    const { [id]: _, ...others } = this.widths.peek();
    const rounded =
      width === null ? null : Math.round(10 * Math.min(widest, Math.max(narrowest, width))) / 10;
    this.widths.value = rounded === null ? others : { ...others, [id]: rounded };
  }

  /** Counts times from this record; from the beginning again, where it is the one already. */
  setReference({ seq, startNs }: { seq: number; startNs: number }): void {
    const isSame = this.reference.value?.seq === seq && this.timeMode.value === 'reference';
    this.reference.value = isSame ? null : { seq, startNs };
    this.timeMode.value = isSame ? 'start' : 'reference';
  }
}

function isWidth(width: unknown): boolean {
  return typeof width === 'number' && width >= narrowest && width <= widest;
}
