import type { PanelRegion } from '../common/protocol/panel.js';

const regions: readonly PanelRegion[] = ['toolbar', 'lesson', 'records', 'detail', 'composer', 'inspector'];

/** A field in which plain keys are text. */
export function isTextField(element: Element): boolean {
  return (
    element instanceof HTMLTextAreaElement ||
    element instanceof HTMLSelectElement ||
    (element instanceof HTMLInputElement && !['checkbox', 'radio', 'button'].includes(element.type))
  );
}

/** The region that an element lies in. */
export function regionOf(element: Element | null): PanelRegion | null {
  return (element?.closest<HTMLElement>('[data-region]')?.dataset['region'] ?? null) as PanelRegion | null;
}

/** The region in which the pointer was moved last. */
let pointedRegion: PanelRegion | null = null;

/** Notes where the pointer is moved. Returns what ends it. */
export function followPointer(): () => void {
  const ended = new AbortController();
  const point = ({ target }: Event) => (pointedRegion = target instanceof Element ? regionOf(target) : null);
  document.addEventListener('pointermove', point, { signal: ended.signal });
  document.addEventListener('pointerdown', point, { signal: ended.signal });
  document.documentElement.addEventListener('pointerleave', () => (pointedRegion = null), {
    signal: ended.signal,
  });
  return () => ended.abort();
}

/**
 * Whether somebody is in a region, or may be about to press something in it: not where the region has only come to lie
 * below a pointer that rests, as the page does that opens below a press.
 */
export function isAtHand(name: PanelRegion): boolean {
  const region = regionElement(name);
  const hasFocus = document.hasFocus() && region?.contains(document.activeElement) === true;
  return hasFocus || (pointedRegion === name && region?.matches(':hover') === true);
}

/** Moves the focus to the part of a region that it was last in, or to its beginning; false when the page does not show it. */
export function focusInto(name: PanelRegion): boolean {
  const region = regionElement(name);
  const target =
    region?.querySelector<HTMLElement>(':is([role=row], [role=gridcell])[tabindex="0"]') ??
    region?.querySelector<HTMLElement>('[data-focus-first]') ??
    region?.querySelector<HTMLElement>('button, select, input, textarea, [tabindex="0"]');
  target?.focus();
  return target !== undefined && target !== null;
}

/** Moves the focus to the next or previous region that the page shows. */
export function focusRegion(direction: 'next' | 'previous', current: PanelRegion | null): void {
  const present = regions.filter((name) => regionElement(name) !== null);
  const step = direction === 'next' ? 1 : -1;
  const at = current === null ? (direction === 'next' ? -1 : 0) : present.indexOf(current);
  const next = present[(at + step + present.length) % present.length];
  if (next) {
    focusInto(next);
  }
}

/** Moves the focus to the first field of the call's form, once it is drawn. */
export function focusForm(): void {
  requestAnimationFrame(() => {
    const field = document.querySelector<HTMLElement>(
      '.form :is(textarea, input:not([type=checkbox]), select:not(.kind select))',
    );
    (field ?? document.querySelector<HTMLElement>('.callbtn'))?.focus();
  });
}

/** The text of the payload that the caret is in. */
export function writtenText(): HTMLTextAreaElement | null {
  const { activeElement } = document;
  return activeElement instanceof HTMLTextAreaElement && regionOf(activeElement) === 'composer'
    ? activeElement
    : null;
}

/** Selects a text up to its last line end: what is typed takes its place, and is sent with that end too. */
export function selectText(text: HTMLTextAreaElement | null): void {
  text?.setSelectionRange(0, text.value.length - (text.value.endsWith('\n') ? 1 : 0));
}

/** Moves the focus to what takes the place of a button that goes with its press, once it is drawn. */
export function focusInstead(selector: string): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(selector)?.focus());
}

/** Moves the focus into the support matrix, once it is drawn. */
export function focusMatrix(): void {
  requestAnimationFrame(() => {
    document.querySelector<HTMLElement>('.matrix [tabindex="0"]')?.focus();
  });
}

/** Moves the focus to what goes on in the open lesson, once it is drawn. */
export function focusLesson(): void {
  requestAnimationFrame(() => focusInto('lesson'));
}

/** The page got the focus as a whole: keys shall act at once, so it goes to the lesson, the records, or the first call. */
export function focusWithPage(): void {
  if (document.activeElement === null || document.activeElement === document.body) {
    void (focusInto('lesson') || focusInto('records') || focusInto('composer'));
  }
}

function regionElement(name: PanelRegion): HTMLElement | null {
  return document.querySelector(`[data-region=${name}]`);
}

let isHandedOver = false;

/**
 * Gives a form the focus that went with the form before it, so that who works with the keyboard goes on in the next
 * call. Returns what is to be called when this one goes.
 */
export function handOverFocus(form: HTMLElement): () => void {
  if (isHandedOver && document.activeElement === document.body) {
    const field = form.querySelector<HTMLElement>('textarea, input, select:not(.kind select)');
    (field ?? document.querySelector<HTMLElement>('.callbtn'))?.focus();
  }
  return () => {
    isHandedOver = regionOf(document.activeElement) === 'composer';
  };
}
