import { computed, signal } from '@preact/signals';
import type { FilterModel } from './filter.js';

/** The filter that shows a lesson's own records. */
export class LessonFilter {
  /** Empty where there are no others. */
  private readonly text = signal('');

  constructor(private readonly filter: FilterModel) {}

  /** Whether the records are those of the lesson, because of its filter. */
  readonly isShown = computed(() => this.text.value !== '' && this.filter.shown === this.text.value);

  /** Shows a lesson's own records, unless the user looks for something, and nothing of what was before it. */
  showSince(seq: number | null, isAnew: boolean): void {
    const { shown } = this.filter;
    const before = this.text.peek();
    this.text.value = seq === null || seq === 0 ? '' : `seq > ${seq}`;
    if (shown === before || (shown === '' && isAnew)) {
      this.filter.set(this.text.peek());
    }
  }
}
