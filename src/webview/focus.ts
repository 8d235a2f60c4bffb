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
  requestAnimationFrame(() => formField()?.focus());
}

function formField(): HTMLElement | null {
  return (
    document.querySelector<HTMLElement>(
      '.form :is(textarea, input:not([type=checkbox]), select:not(.kind select))',
    ) ?? document.querySelector<HTMLElement>('.callbtn')
  );
}

/** Chooses the call whose button has the focus; false where that is shown already, or none has it. */
export function chooseFocusedCall(): boolean {
  const button = document.activeElement;
  if (!(button instanceof HTMLElement) || !button.matches('.cb[aria-pressed=false]')) {
    return false;
  }
  button.click();
  return true;
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

/** What had the focus last, and what it lay in, the innermost first. */
let trail: readonly Element[] = [];

/**
 * Keeps the focus in the page: the window takes it from the element that has it when it gives it to something else, and
 * it goes with an element that is drawn no more. Returns what ends it.
 */
export function keepFocus(): () => void {
  const ended = new AbortController();
  document.addEventListener(
    'focusin',
    ({ target }) => {
      const path: Element[] = [];
      for (let one = target instanceof Element ? target : null; one; one = one.parentElement) {
        path.push(one);
      }
      trail = path;
      // An element goes with a child of one that it lies in: what else changes in the page is none of this.
      observer.disconnect();
      path.slice(1).forEach((one) => observer.observe(one, { childList: true }));
    },
    { signal: ended.signal },
  );
  window.addEventListener('focus', focusWithPage, { signal: ended.signal });
  const observer = new MutationObserver(() => {
    // A record that is scrolled out of sight is not drawn either: nobody shall be taken back to it.
    if (trail[0]?.isConnected === false && !hasFocus() && document.hasFocus() && lastRegion() !== 'records') {
      focusWithPage();
    }
  });
  return () => {
    ended.abort();
    observer.disconnect();
  };
}

/** The region that the focus was in last, as far as it is still there. */
function lastRegion(): PanelRegion | null {
  return trail
    .map((one) => (one as HTMLElement).dataset['region'])
    .find((name) => name !== undefined) as PanelRegion | null;
}

function hasFocus(): boolean {
  return document.activeElement !== null && document.activeElement !== document.body;
}

/**
 * The focus is nowhere in the page, where keys shall act at once: it goes to where it was, to what has taken that place,
 * to the lesson, the records, or the first call.
 */
export function focusWithPage(): void {
  const goTo = (element: Element | null | undefined) => {
    if (element instanceof HTMLElement && !hasFocus()) {
      element.focus();
    }
  };
  const [last] = trail;
  goTo(last?.isConnected ? last : null);
  // Of buttons that are one stop of the Tab key, the one that is it now.
  const group = trail.find(
    (one) => one.isConnected && one.matches('[role=toolbar], [role=radiogroup], [role=tablist]'),
  );
  goTo(group?.querySelector('[tabindex="0"]'));
  const region = lastRegion();
  goTo(region === 'composer' ? formField() : null);
  if (!hasFocus()) {
    void ([region, 'lesson', 'records', 'composer'] as const).find((name) => name && focusInto(name));
  }
}

function regionElement(name: PanelRegion): HTMLElement | null {
  return document.querySelector(`[data-region=${name}]`);
}
