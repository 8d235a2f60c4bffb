/** Longer than VS Code needs to answer a key, in ms. */
const answerMs = 1000;

/**
 * The keys of the filter: VS Code hears them, and what they do is for the user to choose there. Its answer comes with a delay in
 * which the next keys would be commands, so the filter has the focus at once. It gives it back where no answer comes: the key does
 * something else, or nothing. From then on it waits for the answer.
 */
export class FilterKeys {
  private readonly unanswered = new Set<string>();
  private last: string | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** @param open Gives the filter the focus. */
  constructor(private readonly open: () => void) {}

  /** A key was pressed, for which VS Code may ask to open the filter. */
  press(event: KeyboardEvent): void {
    const name = `${isPlain(event) ? '' : 'Ctrl+'}${event.key}`;
    this.last = name;
    clearTimeout(this.timer);
    if (this.unanswered.has(name)) {
      return;
    }
    event.preventDefault();
    const before = document.activeElement;
    this.open();
    const field = document.activeElement;
    const text = textOf(field);
    this.timer = setTimeout(() => {
      this.unanswered.add(name);
      // What has been typed meanwhile was meant for it.
      if (document.hasFocus() && document.activeElement === field && textOf(field) === text) {
        (before instanceof HTMLElement && before.isConnected ? before : document.body).focus();
      }
    }, answerMs);
  }

  /** VS Code has asked to open the filter, maybe because of the last key. */
  answer(): void {
    clearTimeout(this.timer);
    this.unanswered.delete(this.last ?? '');
    this.open();
  }
}

/** `/` where nothing is typed, and the key that finds something elsewhere: Ctrl+F, on macOS ⌘F. */
export function isFilterKey(event: KeyboardEvent, isInField: boolean): boolean {
  const { key, keyCode, ctrlKey, metaKey, altKey, shiftKey } = event;
  // The letter of the layout, or where that has other letters the one in its place.
  if (keyCode === 70 && !altKey && !shiftKey) {
    return navigator.platform.startsWith('Mac') ? metaKey && !ctrlKey : ctrlKey && !metaKey;
  }
  return key === '/' && !isInField && isPlain(event);
}

function isPlain({ ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  return !ctrlKey && !metaKey && !altKey;
}

function textOf(element: Element | null): string | undefined {
  return element instanceof HTMLInputElement ? element.value : undefined;
}
