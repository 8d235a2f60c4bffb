import { computed, signal } from '@preact/signals';
import type { LessonState } from '../../common/protocol/lesson.js';
import type { FilterModel } from './filter.js';

/** The filter that shows a lesson's own records. */
export class LessonFilter {
  /** Empty where there are no others. */
  private readonly text = signal('');

  constructor(private readonly filter: FilterModel) {}

  /** Whether the records are those of the lesson, because of its filter. */
  readonly isShown = computed(() => this.text.value !== '' && this.filter.shown === this.text.value);

  /**
   * Shows a lesson's own records, and those of calls made by hand meanwhile, unless the user looks for something: nothing of
   * what was before it, and nothing that another scenario or a tap does while it is open.
   */
  show(lesson: Pick<LessonState, 'title' | 'since'> | null, isAnew: boolean): void {
    const { shown } = this.filter;
    const before = this.text.peek();
    this.text.value = lesson ? textOf(lesson) : '';
    if (shown === before || (shown === '' && isAnew)) {
      this.filter.set(this.text.peek());
    }
  }
}

function textOf({ title, since }: Pick<LessonState, 'title' | 'since'>): string {
  return `seq > ${since} && (!madeby || madeby == ${JSON.stringify(title)})`;
}
